package console_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestQueue(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.enter("officer")
	h.enter("trainee")
	h.play([]scenario{{name: "empty", who: "officer", method: "GET", url: "/queue", status: 200, has: []string{"Nothing is waiting."}, hasNot: []string{"<table"}}})
	first := h.receive("yes", "one")
	h.legal.move(26 * time.Hour)
	second := h.receive("no", "two")
	rows := func(role string) string {
		return h.ask(role, "GET", "/queue", "").body
	}
	body := rows("officer")
	one, two := strings.Index(body, first.String()), strings.Index(body, second.String())
	if one < 0 || two < one {
		t.Errorf("the file whose clock runs out first is not on top: %d, %d\n%s", one, two, body)
	}
	h.play([]scenario{
		{name: "two", who: "officer", method: "GET", url: "/queue", status: 200, has: []string{
			"2 files are waiting", "days left", "last day: Monday 9 March 2026", "Acknowledge", "Officer", "Five working days to acknowledge a notice", "Notice Act, article", "Notice received", "Blackmail with images", "Your turn", `<progress max="100"`,
		}, hasNot: []string{"overdue", "More of the list", "Back to the top"}},
		{name: "what a trainee may not read is not there", who: "trainee", method: "GET", url: "/queue", status: 200, has: []string{second.String(), "1 file is waiting"}, hasNot: []string{first.String(), "Your turn"}},
		{name: "places that are none", who: "officer", method: "GET", url: "/queue?after=c-x-y&sort=nothing", status: 200, has: []string{first.String()}},
		{name: "in French", who: "officer", method: "GET", url: "/queue?lang=fr", status: 200, has: []string{`<html lang="fr" dir="ltr">`, "À faire", "Accuser réception"}},
		{name: "in Arabic", who: "officer", method: "GET", url: "/queue?lang=ar", status: 200, has: []string{`<html lang="ar" dir="rtl">`, "ما ينبغي إنجازه"}},
		{name: "one sort", who: "officer", method: "GET", url: "/queue?sort=case", status: 200, has: []string{"Nothing is waiting."}, hasNot: []string{first.String()}},
		{name: "one's own", who: "officer", method: "GET", url: "/queue?mine=1", status: 200, has: []string{first.String(), second.String(), "Your turn"}},
		{name: "nobody's but others'", who: "trainee", method: "GET", url: "/queue?mine=1", status: 200, has: []string{"Nothing is waiting."}},
		{name: "the first page leads here", who: "officer", method: "GET", url: "/", status: 303, to: "/queue"},
	})
	h.legal.move(7 * 24 * time.Hour) // the second has an hour of its fifth day left
	h.play([]scenario{{name: "late", who: "officer", method: "GET", url: "/queue", status: 200, has: []string{"overdue", `class="left late"`, "Your turn"}}})
	// Recorded or not, what ran out stays on top until it is done.
	_, err := h.clerk.Tick(t.Context())
	must(t, err)
	h.play([]scenario{{name: "late, and recorded", who: "officer", method: "GET", url: "/queue", status: 200, has: []string{first.String(), "overdue", "Acknowledge", "Five working days"}}})
	h.perform("officer", first, "acknowledge")
	h.perform("officer", second, "acknowledge")
	h.play([]scenario{{name: "done, if late", who: "officer", method: "GET", url: "/queue", status: 200, has: []string{first.String(), second.String(), "No deadline"}, hasNot: []string{"overdue"}}})
	h.perform("officer", second, "close", "fact.outcome", "unfounded", "body", "nothing more")
	h.play([]scenario{{name: "closed", who: "officer", method: "GET", url: "/queue", status: 200, has: []string{first.String()}, hasNot: []string{second.String()}}})
}

// A queue of many pages holds every file once, whatever its pages.
func TestQueuePages(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.enter("officer")
	all := map[string]int{}
	for i := range 90 {
		file := h.receive("no", "a notice")
		all[file.String()] = 0
		if i%3 == 0 {
			h.perform("officer", file, "acknowledge") // it waits without a clock
		}
		h.legal.move(time.Second)
	}
	pages, url := 0, "/queue"
	for url != "" {
		body := h.ask("officer", "GET", url, "").body
		pages++
		for file := range all {
			all[file] += strings.Count(body, `href="/file/`+file+`"`)
		}
		_, rest, more := strings.Cut(body, `href="/queue?after=`)
		url = ""
		if more {
			at, _, _ := strings.Cut(rest, `"`)
			url = "/queue?after=" + at
		}
	}
	if pages != 3 {
		t.Errorf("%d pages", pages)
	}
	for file, n := range all {
		if n != 1 {
			t.Errorf("file %s stands %d times", file, n)
		}
	}
}

// One deadline changed in a copy of the pack moves the date on the queue and on the page of the file, and nothing else is told
// to anybody.
func TestDeadlineIsThePacks(t *testing.T) {
	t.Parallel()
	copied := filepath.Join(t.TempDir(), "xx")
	must(t, os.CopyFS(copied, os.DirFS("testdata/xx")))
	rules := filepath.Join(copied, "rules.yaml")
	b, err := os.ReadFile(rules)
	must(t, err)
	changed := strings.Replace(string(b), "{id: acknowledge, count: 5,", "{id: acknowledge, count: 2,", 1)
	if changed == string(b) {
		t.Fatal("the rule is not there")
	}
	must(t, os.WriteFile(rules, []byte(changed), 0o600))
	for law, want := range map[fs.FS]struct{ due, not string }{
		os.DirFS("testdata/xx"): {"last day: Monday 9 March 2026", "last day: Wednesday 4 March 2026"},
		os.DirFS(copied):        {"last day: Wednesday 4 March 2026", "last day: Monday 9 March 2026"},
	} {
		h := newHouseUnder(t, "", law)
		h.enter("officer")
		file := h.receive("no", "a notice")
		for _, url := range []string{"/queue", "/file/" + file.String()} {
			h.play([]scenario{{name: url, who: "officer", method: "GET", url: url, status: 200, has: []string{want.due}, hasNot: []string{want.not}}})
		}
		h.play([]scenario{{name: "why", who: "officer", method: "GET", url: "/file/" + file.String(), status: 200, has: []string{
			"How this deadline is computed", `<ol class="trace">`, "Calendar applied:", "Starting point:", "Notice Act, article 2",
		}}})
	}
}
