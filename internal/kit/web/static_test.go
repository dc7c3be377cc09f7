package web

import (
	"fmt"
	"io/fs"
	"math"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"sanad/internal/kit/lang"
	"sanad/locales"
)

func benchPages(tb testing.TB) (*lang.Messages, *Pages) {
	tb.Helper()
	m, err := lang.Load(locales.Files)
	if err != nil {
		tb.Fatal(err)
	}
	pages, err := NewPages(m)
	if err != nil {
		tb.Fatal(err)
	}
	return m, pages
}

func sheet(t *testing.T) string {
	t.Helper()
	b, err := fs.ReadFile(static, "static/sanad.css")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestStatic(t *testing.T) {
	t.Parallel()
	var got error
	h := Static(record(&got))
	address, err := asset("sanad.css")
	if err != nil {
		t.Fatal(err)
	}
	resp := ask(Headers()(h), "GET", address, "")
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "text/css; charset=utf-8" || !strings.Contains(resp.Header.Get("Cache-Control"), "immutable") {
		t.Errorf("%d %v", resp.StatusCode, resp.Header)
	}
	if n := len(resp.Body); n == 0 || n > 20<<10 {
		t.Errorf("the sheet has %d bytes", n)
	}
	for accepts, packed := range map[string]bool{
		"": false, "br": false, "gzip": true, "deflate, GZIP;q=0.5, br": true, "gzip;q=0": false, "gzip; q=0.0": false, "x-gzipped": false, "gzip;q=1.0": true,
	} {
		again := ask(Headers()(h), "GET", address, "", "Accept-Encoding", accepts)
		if is := again.Header.Get("Content-Encoding") == "gzip"; is != packed || again.Header.Get("Vary") == "" {
			t.Errorf("%q: packed %v", accepts, is)
		}
		if packed && (len(again.Body) > len(resp.Body)/2 || again.Header.Get("ETag") == resp.Header.Get("ETag")) {
			t.Errorf("%q: %d of %d bytes, under %s", accepts, len(again.Body), len(resp.Body), again.Header.Get("ETag"))
		}
		if !packed && again.Body != resp.Body {
			t.Errorf("%q: another sheet", accepts)
		}
	}
	for _, bad := range []string{"/static/sanad.css", "/static/", "/static/../static.go", "/static/sanad.000000000000.css"} {
		if ask(h, "GET", bad, "").StatusCode != http.StatusTeapot {
			t.Errorf("%s was served", bad)
		}
	}
	if _, err := asset("none.css"); err == nil {
		t.Error("a file that is not there has an address")
	}
}

// Text is readable at 7:1 and lines that matter at 3:1, on paper and on sheets, in light and dark; and the light
// colours for old browsers are those of light-dark().
func TestContrast(t *testing.T) {
	t.Parallel()
	css := sheet(t)
	pair := regexp.MustCompile(`--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);`)
	light, dark := map[string]string{}, map[string]string{}
	for _, m := range pair.FindAllStringSubmatch(css, -1) {
		light[m[1]], dark[m[1]] = m[2], m[3]
		if !strings.Contains(css, fmt.Sprintf("--%s: %s;", m[1], m[2])) {
			t.Errorf("old browsers get another --%s", m[1])
		}
	}
	if n := strings.Count(css, "light-dark("); n != len(light)+1 {
		t.Fatalf("%d colours were read of %d", len(light), n-1)
	}
	for name, scheme := range map[string]map[string]string{"light": light, "dark": dark} {
		for _, ground := range []string{"paper", "sheet"} {
			for ink, least := range map[string]float64{"ink": 7, "quiet": 7, "accent": 7, "warn": 7, "danger": 7, "edge": 3} {
				if got := contrast(t, scheme[ink], scheme[ground]); got < least {
					t.Errorf("%s: %s on %s is %.2f:1, want %.0f:1", name, ink, ground, got, least)
				}
			}
		}
		if got := contrast(t, scheme["on-accent"], scheme["accent"]); got < 7 {
			t.Errorf("%s: buttons are %.2f:1", name, got)
		}
	}
}

// contrast is WCAG's ratio of two colours.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	light := func(hex string) float64 {
		sum := 0.0
		for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
			n, err := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
			if err != nil {
				t.Fatal(err)
			}
			c := float64(n) / 255
			if c <= 0.04045 {
				c /= 12.92
			} else {
				c = math.Pow((c+0.055)/1.055, 2.4)
			}
			sum += weight * c
		}
		return sum
	}
	x, y := light(a), light(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// Fonts are this server's own, under addresses that change with them, and small: the two an Arabic page may ask for and the
// sheet leave half of its 60 KB to the page.
func TestFonts(t *testing.T) {
	t.Parallel()
	sent := string(assets["sanad.css"].content)
	named := regexp.MustCompile(`url\("([^"]+)"\)`).FindAllStringSubmatch(sent, -1)
	if len(named) != 3 {
		t.Fatalf("%d fonts", len(named))
	}
	var got error
	h := Static(record(&got))
	arabic := len(sent)
	for _, n := range named {
		resp := ask(Headers()(h), "GET", n[1], "")
		if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "font/woff2" || !strings.HasPrefix(resp.Body, "wOF2") {
			t.Errorf("%s: %d %v", n[1], resp.StatusCode, resp.Header)
		}
		if strings.Contains(n[1], "naskh") {
			arabic += len(resp.Body)
		}
	}
	if arabic > 44<<10 {
		t.Errorf("the sheet and the Arabic fonts have %d bytes", arabic)
	}
	if _, err := fs.Stat(static, "static/OFL.txt"); err != nil {
		t.Error("the fonts go with their licence")
	}
}

// The sheet serves both directions and fetches nothing from elsewhere.
func TestSheet(t *testing.T) {
	t.Parallel()
	css := sheet(t)
	for what, never := range map[string]string{
		"a side by name":       `(?:^|[\s;{-])(?:left|right|top|bottom)\s*:|(?:margin|padding|border)-(?:left|right|top|bottom)|(?:float|text-align|clear):\s*(?:left|right)`,
		"width or height":      `[\s;{](?:min-|max-)?(?:width|height)\s*:\s`,
		"something fetched":    `url\([^"]|url\("[^"]*[/:]|@import`, // but the fonts that stand beside it
		"a gradient":           `gradient|box-shadow`,
		"something that moves": `(?:animation|transition):\s*[^n\s]`,
		"space off the grid":   `(?:margin|padding|gap)[a-z-]*:[^;]*\b(?:1|2|3|5|6|7|9|10|11|13|14|15)px`,
	} {
		if found := regexp.MustCompile(never).FindString(regexp.MustCompile(`\((?:min|max)-width: \d+px\)`).ReplaceAllString(css, "")); found != "" {
			t.Errorf("%s: %q", what, found)
		}
	}
	if strings.Count(css, "{") != strings.Count(css, "}") {
		t.Error("braces do not match")
	}
	for _, must := range []string{"prefers-reduced-motion", ":focus-visible", "color-scheme: light dark", "forced-colors", "@media print"} {
		if !strings.Contains(css, must) {
			t.Errorf("it lacks %s", must)
		}
	}
}
