package app

import (
	"bufio"
	"html"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/kit/lang"
)

// Whole procedures through the officers' pages: every field that is filled in stands on the form that the page shows, and
// nothing else is sent. What a country calls its steps is in the scripts.
func TestFormsOfDesks(t *testing.T) {
	t.Parallel()
	scripts, err := filepath.Glob("testdata/forms/*.txt")
	if err != nil || len(scripts) < 2 {
		t.Fatalf("%d scripts, %v", len(scripts), err)
	}
	for _, script := range scripts {
		name := strings.TrimSuffix(filepath.Base(script), ".txt")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			newWorkers(t, name).play(script)
		})
	}
}

// workers are people at the console, each in their seat, with what a script calls the files it opened.
type workers struct {
	t       *testing.T
	h       *house
	c       *clock
	inside  http.Handler
	cookies map[string]string
	files   map[string]act.ID
	file    act.ID
	line    int
}

func newWorkers(t *testing.T, packed string) *workers {
	t.Helper()
	c := newClock()
	p := plan{folder: t.TempDir(), pack: packed, serve: true, legal: c.now, process: c.now, dice: newSeeded("house"), log: testLog(t)}
	if packed != "xx" {
		p.origin = demoOrigin
	}
	h, err := build(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		err := h.shut()
		if err != nil {
			t.Error(err)
		}
	})
	w := &workers{t: t, h: h, c: c, cookies: map[string]string{}, files: map[string]act.ID{}}
	h.words = h.words.Report(func(x lang.Trouble) { t.Errorf("line %d: %s %s: %s", w.line, x.Lang, x.Key, x.What) })
	fronts, err := h.fronts(&Config{Language: lang.English})
	if err != nil {
		t.Fatal(err)
	}
	w.inside = fronts.console
	return w
}

func (w *workers) fatalf(format string, args ...any) {
	w.t.Helper()
	w.t.Fatalf("line "+strconv.Itoa(w.line)+": "+format, args...)
}

// command is one line of a script, with the fields that follow it.
type command struct {
	line  int
	words []string
	said  string // after "says"
	with  [][2]string
}

func (w *workers) play(script string) {
	w.t.Helper()
	f, err := os.Open(script)
	if err != nil {
		w.t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	var all []command
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		text := lines.Text()
		if field, is := strings.CutPrefix(text, "  "); is && len(all) > 0 {
			name, value, _ := strings.Cut(field, " ")
			last := &all[len(all)-1]
			last.with = append(last.with, [2]string{name, value})
			continue
		}
		text, said, _ := strings.Cut(text, " says ")
		words := strings.Fields(text)
		if len(words) > 0 && words[0] != "#" {
			all = append(all, command{line: n, words: words, said: said})
		}
	}
	for i := range all {
		w.line = all[i].line
		w.do(&all[i])
	}
	w.h.checkpoint(w.t)
	if r := w.h.verify(w.t); len(r.Problems) > 0 {
		w.t.Fatalf("%+v", r.Problems)
	}
}

// do carries out a line: `new SORT PROTOCOL STEP by SEAT as NAME`, `do PROTOCOL STEP by SEAT`, `fail PROTOCOL STEP by SEAT says
// WORDS`, `see SEAT WORDS`, `hidden SEAT WORDS`, `open NAME`, `wait DAYS`.
func (w *workers) do(c *command) {
	w.t.Helper()
	switch words := c.words; words[0] {
	case "new":
		at := "/new/" + words[1]
		code, to, body := w.send(words[5], at, at, words[2], words[3], c.with)
		if code != http.StatusSeeOther {
			w.fatalf("%d\n%s", code, errorsOf(body))
		}
		w.opened(to, words[7])
	case "do", "fail":
		at := "/file/" + w.file.String()
		code, _, body := w.send(words[4], at, at+"/do", words[1], words[2], c.with)
		if words[0] == "do" && code != http.StatusSeeOther {
			w.fatalf("%d\n%s", code, errorsOf(body))
		}
		if words[0] == "fail" && (code != http.StatusUnprocessableEntity || !strings.Contains(html.UnescapeString(body), c.said)) {
			w.fatalf("%d, want a slip: %s\n%s", code, c.said, errorsOf(body))
		}
	case "see", "hidden":
		text := strings.Join(words[2:], " ")
		page := plainText(w.page(words[1], "/file/"+w.file.String()))
		if strings.Contains(page, text) != (words[0] == "see") {
			w.fatalf("%s %q on\n%s", words[0], text, page)
		}
	case "open":
		w.file = w.files[words[1]]
	case "wait":
		days, err := strconv.Atoi(words[1])
		if err != nil {
			w.fatalf("%v", err)
		}
		w.c.move(time.Duration(days) * 24 * time.Hour)
		clear(w.cookies) // nobody's session lasts that long
		_, err = w.h.clerk.Tick(w.t.Context())
		if err != nil {
			w.fatalf("%v", err)
		}
	default:
		w.fatalf("%q is no word of a script", words[0])
	}
}

func (w *workers) opened(to, name string) {
	w.t.Helper()
	text, _, _ := strings.Cut(strings.TrimPrefix(to, "/file/"), "?")
	id, err := act.ParseID(text)
	if err != nil {
		w.fatalf("it leads to %s", to)
	}
	w.file, w.files[name] = id, id
}

func (w *workers) page(seat, path string) string {
	w.t.Helper()
	if w.cookies[seat] == "" {
		w.cookies[seat] = comeIn(w.t, w.h, w.inside, seat)
	}
	got := askConsole(w.t, w.inside, "GET", path+"?lang=en", "", w.cookies[seat])
	if got.Code != http.StatusOK {
		w.fatalf("%s at %s: %d\n%s", seat, path, got.Code, errorsOf(got.Body.String()))
	}
	return got.Body.String()
}

var (
	hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)
	tag         = regexp.MustCompile(`(?s)<style.*?</style>|<[^>]*>|[\x{2066}-\x{2069}]`)
	spaces      = regexp.MustCompile(`\s+`)
	oneError    = regexp.MustCompile(`(?s)<a href="#f-[^>]*>.*?</a>|<h1.*?</h1>|class="error.*?</p>`)
)

// plainText is what somebody reads of a page.
func plainText(page string) string {
	return spaces.ReplaceAllString(html.UnescapeString(tag.ReplaceAllString(page, " ")), " ")
}

// errorsOf is what a page says is wrong.
func errorsOf(page string) string {
	return plainText(strings.Join(oneError.FindAllString(page, -1), "\n"))
}

// send fills in the form of a step, as the page shows it, and sends it.
func (w *workers) send(seat, at, to, protocol, step string, with [][2]string) (code int, location, body string) {
	w.t.Helper()
	page := w.page(seat, at)
	form, values := "", url.Values{}
	for _, part := range strings.Split(page, "<form")[1:] {
		part, _, _ = strings.Cut(part, "</form>")
		hidden := url.Values{}
		for _, x := range hiddenField.FindAllStringSubmatch(part, -1) {
			hidden.Set(x[1], html.UnescapeString(x[2]))
		}
		if hidden.Get("protocol") == protocol && hidden.Get("step") == step && strings.Contains(part, `action="`+to+`"`) {
			form, values = part, hidden
		}
	}
	if form == "" {
		w.fatalf("%s finds no form for %s of %s at %s:\n%s", seat, step, protocol, at, plainText(page))
	}
	for _, x := range with {
		if !strings.Contains(form, `name="`+x[0]+`"`) {
			w.fatalf("the form of %s asks no %s:\n%s", step, x[0], form)
		}
		values.Set(x[0], w.value(x[1]))
	}
	got := askConsole(w.t, w.inside, "POST", to+"?lang=en", values.Encode(), w.cookies[seat])
	return got.Code, got.Header().Get("Location"), got.Body.String()
}

var fromToday = regexp.MustCompile(`^([+-]\d+)d(T\d\d:\d\d)?$`)

// value writes what a script says as a browser sends it: @NAME is a file, +3d a day, \n a new line.
func (w *workers) value(text string) string {
	w.t.Helper()
	if name, is := strings.CutPrefix(text, "@"); is {
		id, known := w.files[name]
		if !known {
			w.fatalf("nothing is called %s", name)
		}
		return id.String()
	}
	if x := fromToday.FindStringSubmatch(text); x != nil {
		days, _ := strconv.Atoi(x[1])
		return w.c.now().In(w.h.zone()).AddDate(0, 0, days).Format(time.DateOnly) + x[2]
	}
	return strings.ReplaceAll(text, `\n`, "\n")
}
