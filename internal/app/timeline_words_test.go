package app

import (
	"html"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"sanad/internal/act"
	"sanad/internal/kit/lang"
)

var (
	oneAct   = regexp.MustCompile(`(?s)<h3>(.*?)</h3>(.*?)(?:<h3>|</ol>)`)
	oneFact  = regexp.MustCompile(`(?s)<dt[^>]*>(.*?)</dt>\s*<dd[^>]*>(.*?)</dd>`)
	lineEnds = regexp.MustCompile(`<br>|</p>`)
	aHint    = regexp.MustCompile(`<p class="hint".*?</p>`) // which may show how a date is typed
	rawDate  = regexp.MustCompile(`.{0,30}\b[12][0-9]{3}-[01][0-9].{0,30}`)
	element  = regexp.MustCompile(`<[^>]*>`)
	aCode    = regexp.MustCompile(`^[a-z][a-z0-9_-]*$`)
)

// No fact of an act of the story, and no part of what an act says, is shown as a bare code where the law has a word for it, and no
// date as machines write it: in no language, and to nobody who reads it.
func TestTimelineSpeaks(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("short: it plays three months of the story")
	}
	env := Env{Stdout: t.Output(), Stderr: t.Output(), Getenv: func(string) string { return "" }, Now: newClock().now, Dice: newSeeded("words")}
	c := &Config{Pack: shortStory(t, "2025-01-15T17:00:00Z"), Data: filepath.Join(t.TempDir(), "demo"), Language: lang.French}
	d, err := openDemo(t.Context(), c, env, nil)
	if err == nil {
		t.Cleanup(func() { _ = d.shut() })
		err = d.play(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	fronts, err := d.fronts(c)
	if err != nil {
		t.Fatal(err)
	}
	files, kinds := map[act.ID]bool{}, map[string]bool{}
	for from := int64(0); ; from += 500 {
		some, err := d.recorded(t.Context(), from, 500)
		if err != nil {
			t.Fatal(err)
		}
		for i := range some {
			if !kinds[some[i].Kind] || some[i].Of != "notice" { // of notices, those that show a kind first
				files[some[i].File], kinds[some[i].Kind] = true, true
			}
		}
		if len(some) < 500 {
			break
		}
	}
	shown := 0
	for _, role := range []string{"officer", "registrar", "coordinator", "watch", "judge"} {
		cookie := comeIn(t, d.house, fronts.console, seatOf(t, d.pack, []string{role}))
		for file := range files {
			for _, l := range []string{"ar", "fr", "en"} {
				for skip := 0; skip < 300; skip += 30 {
					w := askConsole(t, fronts.console, "GET", "/file/"+file.String()+"?lang="+l+"&skip="+strconv.Itoa(skip), "", cookie)
					if w.Code != http.StatusOK {
						break
					}
					body := w.Body.String()
					_, timeline, _ := strings.Cut(body, `<h2 id="timeline">`)
					shown += d.speaks(t, l, timeline)
					if raw := rawDate.FindString(element.ReplaceAllString(aHint.ReplaceAllString(body, ""), "")); raw != "" {
						t.Errorf("%s: a date is said as %s", l, raw)
					}
					if !strings.Contains(timeline, "skip="+strconv.Itoa(skip+30)) {
						break
					}
				}
			}
		}
	}
	if shown < 500 {
		t.Fatalf("only %d facts were shown", shown)
	}
}

// speaks wants no bare code on a timeline, and counts what is said there.
func (d *demo) speaks(t *testing.T, language, timeline string) (shown int) {
	t.Helper()
	plain := func(s string) string {
		return strings.Trim(html.UnescapeString(element.ReplaceAllString(s, "")), " \n\u2066\u2067\u2068\u2069")
	}
	for _, a := range oneAct.FindAllStringSubmatch(strings.ReplaceAll(timeline, "<h3>", "</ol><h3>"), -1) {
		for _, f := range oneFact.FindAllStringSubmatch(a[2], -1) {
			for _, line := range lineEnds.Split(f[2], -1) {
				shown++
				said, _, _ := strings.Cut(plain(line), " · ")
				if aCode.MatchString(said) && d.hasWord(said) {
					t.Errorf("%s: %s: %s says %q", language, plain(a[1]), plain(f[1]), plain(line))
				}
			}
		}
	}
	return shown
}

// hasWord reports whether the law has another word for a code: a word of a list, a legal text, or a language.
func (d *demo) hasWord(code string) bool {
	if d.pack.Text(code) != nil || slices.Contains(lang.All(), lang.Lang(code)) {
		return true
	}
	messages, err := d.messages()
	if err != nil {
		return false
	}
	for _, list := range d.pack.Lists() {
		if d.pack.Has(list, code) {
			if key := "list." + list + "." + code; messages.For(lang.French).Has(key) && messages.For(lang.French).Text(key, nil) != code {
				return true
			}
		}
	}
	return false
}
