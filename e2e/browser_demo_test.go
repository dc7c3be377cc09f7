package e2e

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// demonstrate plays the story to its end and then opens its doors: portal and console on one.
func demonstrate(t *testing.T) (s *server, dir string) {
	t.Helper()
	dir = t.TempDir()
	played := command(t, nil, "demo", "--data", dir, "--headless", "--json")
	out, err := played.CombinedOutput()
	if err != nil {
		t.Fatalf("the story: %v\n%s", err, out)
	}
	s = &server{t: t, cmd: command(t, nil, "demo", "--data", dir, "--listen", "127.0.0.1:0"), stderr: &heard{}, ended: make(chan struct{})}
	s.cmd.Stderr = s.stderr
	said, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	err = s.cmd.Start()
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(said)
	line, err := lines.ReadString('\n')
	go func() {
		_, _ = io.Copy(io.Discard, lines) // it ends when the process does
		s.err = s.cmd.Wait()
		close(s.ended)
	}()
	t.Cleanup(func() {
		_ = s.cmd.Process.Kill() // it may be gone already
		<-s.ended
	})
	address, ok := strings.CutPrefix(strings.TrimSpace(line), "demo ")
	if err != nil || !ok {
		t.Fatalf("the demonstration said %q, %v: %s", line, err, s.stderr)
	}
	s.public, s.console = address, address
	s.written()
	return s, dir
}

// written waits until the register was written to a file, as it is soon after a start.
func (s *server) written() {
	s.t.Helper()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for late := time.After(patience); fetch(s.t, s.public+"/register/dump").status != http.StatusOK; {
		select {
		case <-again.C:
		case <-late:
			s.t.Fatalf("no file of the register: %s", s.stderr)
		}
	}
}

// enterDemo comes in by the demonstration's own door; nobody for "".
func (b *tab) enterDemo(s *server, seat string) {
	b.t.Helper()
	if seat == "" {
		return
	}
	b.visit(200, s.public+"/demo")
	b.press(200, fmt.Sprintf(`button[name=seat][value=%q]`, seat))
}

// Anyone reads the register, and checks offline what they took home.
func walkRegister(b *tab, s *server, key string) {
	b.t.Helper()
	b.visit(200, s.public+"/register")
	b.judged(true)
	dump := b.download(`a[href="/register/dump"]`)
	code, out, errs := run(b.t, "verify", dump, "--key", key)
	if code != 0 || !strings.Contains(out, "proves nothing") {
		b.fatal("the register that was downloaded: exit %d\n%s%s", code, out, errs)
	}
	b.visit(200, s.public+"/register")
	b.going(200, "an entry", chromedp.Click(chromedp.CSS(`main table a[href^="/register/"]`)))
	b.judged(true)
	proof := b.download(`ol.timeline li:first-child a[href$="/proof"]`)
	code, out, errs = run(b.t, "verify", proof, "--key", key)
	if code != 0 || !strings.Contains(out, "register.entered") {
		b.fatal("the proof of an entry: exit %d\n%s%s", code, out, errs)
	}
	for _, path := range []string{"/api/v1/register", "/api/v1/checkpoint", "/api/openapi.json"} {
		b.visit(200, s.public+path)
	}
	b.quiet()
}

// The clock moves through the same code as time does.
func walkClock(b *tab, s *server) {
	b.t.Helper()
	b.visit(200, s.public+"/demo")
	b.judged(false)
	b.going(200, "anybody", chromedp.Click(chromedp.CSS(`button[name=seat]`)))
	for _, by := range []string{"hour", "day", "next"} {
		before := b.text(`.clockbar p`)
		b.press(200, fmt.Sprintf(`.clockbar button[value=%s]`, by))
		if at := eval[string](b, `location.pathname`); at != "/queue" {
			b.fatal("the clock leads to %s", at)
		}
		if now := b.text(`.clockbar p`); now == before {
			b.fatal("%s: the clock still says %q", by, now)
		}
	}
	b.judged(false)
}

// sight is a page that somebody of the story looks at.
type sight struct {
	name, seat, path string
	portal           bool
}

var (
	seatsOnPage = regexp.MustCompile(`name="seat" value="([^"]+)"`)
	filesOnPage = regexp.MustCompile(`href="(/file/[a-z2-7]{26})"`)
	entries     = regexp.MustCompile(`href="(/register/[a-z2-7]{26})"`)
	enrolled    = regexp.MustCompile(`href="(/platforms/[a-z2-7]{26})"`)
)

// Names of sights that pictures are made of.
const (
	sawQueue  = "a queue with a clock"
	sawClock  = "a clock on a file"
	sawLadder = "a ladder"
)

// wanted are things to see inside, each once, wherever in the story they are found: what a page must hold, and which page
// that leads to ("" for the page itself).
var wanted = []struct {
	name string
	page *regexp.Regexp
	to   bool // the sight is the address that was found, not the page
}{
	{sawQueue, regexp.MustCompile(`<tr class="mine">\s*<td[^>]*>\s*<div class="left`), false},
	{"a notice", regexp.MustCompile(`aria-labelledby="joining"`), false},
	{sawClock, regexp.MustCompile(`<div class="sheet clock">`), false},
	{sawLadder, regexp.MustCompile(`<figure class="ladder">`), false},
	{"a letter", regexp.MustCompile(`href="(/file/[a-z2-7]{26}/letter/[a-z2-7]{26})"`), true},
	{"the watch desk", regexp.MustCompile(`<a href="(/watch)"`), true},
	{"a new file", regexp.MustCompile(`<a href="(/new/[a-z]+)"`), true},
	{"a file that is closed", regexp.MustCompile(`<li class="machine">`), false},
}

// sightsOf finds, going through the story's people in turn, a page for each thing that is wanted.
func sightsOf(t *testing.T, s *server) []sight {
	t.Helper()
	get := func(c *http.Client, path string) string {
		t.Helper()
		r, err := c.Get(s.public + path)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close() //nolint:errcheck // only read
		b, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	anyone := &http.Client{Timeout: 30 * time.Second}
	out := []sight{{path: "/", portal: true}, {path: "/child", portal: true}, {path: "/follow", portal: true}, {path: "/register", portal: true}, {path: "/platforms", portal: true}, {path: "/demo"}}
	for _, kind := range []struct {
		list  string
		links *regexp.Regexp
	}{{"/register", entries}, {"/platforms", enrolled}} {
		found := kind.links.FindAllStringSubmatch(get(anyone, kind.list), 2)
		if len(found) < 2 {
			t.Fatalf("the story leaves %d in %s", len(found), kind.list)
		}
		out = append(out, sight{path: found[0][1], portal: true}, sight{path: found[1][1], portal: true})
	}
	seen := map[string]bool{}
	look := func(seat, path, page string) {
		for _, w := range wanted {
			m := w.page.FindStringSubmatch(page)
			if m == nil || seen[w.name] {
				continue
			}
			seen[w.name] = true
			if w.to {
				path = m[1]
			}
			if !slices.ContainsFunc(out, func(o sight) bool { return o.path == path && o.seat == seat }) {
				out = append(out, sight{name: w.name, seat: seat, path: path})
			}
			if w.to {
				return // of one page one sight at a time, so that each has its own address
			}
		}
	}
	for _, m := range seatsOnPage.FindAllStringSubmatch(get(anyone, "/demo"), -1) {
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		c := &http.Client{Jar: jar, Timeout: 30 * time.Second}
		r, err := c.PostForm(s.public+"/demo/enter", url.Values{"seat": {m[1]}})
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Body.Close()
		for _, list := range []string{"/queue", "/queue?mine=1", "/queue?sort=case", "/queue?sort=notice", "/queue?sort=platform"} {
			page := get(c, list)
			look(m[1], list, page)
			for _, f := range filesOnPage.FindAllStringSubmatch(page, 8) {
				look(m[1], f[1], get(c, f[1]))
			}
			if len(seen) == len(wanted) {
				return out
			}
		}
	}
	for _, w := range wanted {
		if !seen[w.name] {
			t.Errorf("nobody in the story sees %s", w.name)
		}
	}
	return out
}
