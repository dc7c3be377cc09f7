package app

import (
	"context"
	"encoding/json"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/kit/lang"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
	"sanad/packs"
)

// otherCalendar writes the invented country's pack into a folder, with a day off on a date and a new version of its calendar.
func otherCalendar(t testing.TB, version, dayOff string) string {
	t.Helper()
	files, err := packs.Open("xx")
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(t.TempDir(), "xx")
	err = os.CopyFS(folder, files)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(folder, "calendar.yaml")
	b, err := fs.ReadFile(files, "calendar.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(b), `version: "1"`, `version: "`+version+`"`, 1)
	text = strings.Replace(text, "dated:\n", `dated:
  - {id: decreed, name: moon-feast, date: "`+dayOff+`", status: announced, source: ["a communiqué invented for this test"]}
`, 1)
	err = os.WriteFile(name, []byte(text), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

// under builds a house on a folder under another pack.
func under(t testing.TB, folder, url, packed string, c *clock) *house {
	t.Helper()
	h, err := build(t.Context(), plan{folder: folder, url: url, pack: packed, legal: c.now, process: c.now, dice: newSeeded("other"), log: testLog(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.shut() })
	return h
}

// A day off is decreed while notices wait: each open deadline that it moves is recorded anew, once, whatever cuts the work
// short and whoever else does it; what lapsed stays lapsed, and what was met stays met.
func TestDayOffMovesOpenDeadlines(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		c := newClock() // a Monday: five working days to acknowledge, until the next
		folder := t.TempDir()
		h := testHouse(t, folder, url, c)
		lapsed := newPlayer(t, h, c)
		lapsed.receive(yes())
		c.move(10 * 24 * time.Hour)
		lapsed.tick()
		met := newPlayer(t, h, c)
		met.receive(yes())
		met.do("xx-officer-1", "acknowledge", nil, nil)
		const open = 9
		var waiting []*player
		for range open {
			p := newPlayer(t, h, c)
			p.receive(yes())
			waiting = append(waiting, p)
		}
		before := waiting[0].view("xx-officer-1").Running[0].Due
		day := c.now().AddDate(0, 0, 1).Format(time.DateOnly)
		one, two := under(t, folder, url, otherCalendar(t, "2", day), c), under(t, folder, url, otherCalendar(t, "2", day), c)
		would, err := one.moving(t.Context())
		if err != nil || len(would.Moving) != open || would.Files != open || would.Calendar != "xx@2" || would.Moving[0].Deadline != "acknowledgement" {
			t.Fatalf("%+v %v", would, err)
		}
		// The work was cut short after one file.
		done, err := one.clerk.Do(t.Context(), clerk.Command{File: waiting[0].file, Kind: act.DeadlineRecomputed})
		if err != nil || len(done.Acts) != 1 {
			t.Fatalf("%+v %v", done, err)
		}
		var n [2]int
		var both sync.WaitGroup
		for i, h := range []*house{one, two} {
			both.Go(func() {
				var err error
				n[i], err = h.clerk.Recompute(context.Background())
				if err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
		if n[0]+n[1] != open-1 {
			t.Fatalf("%v of %d deadlines moved", n, open-1)
		}
		again, err := one.clerk.Recompute(t.Context())
		if err != nil || again != 0 {
			t.Fatalf("%d moved again, %v", again, err)
		}
		for _, p := range waiting {
			p.h = one
			v := p.view("xx-officer-1")
			a := v.Acts[len(v.Acts)-1]
			was, _ := a.Facts.Get(protocol.FactWas)
			old, _ := was.Instant()
			if a.Kind != act.DeadlineRecomputed || !a.Mandate.IsZero() || a.Procedure != nil || !slices.Equal(a.Cites, []act.ID{v.Acts[0].ID}) || a.Thread != v.Acts[0].Thread ||
				len(a.Deadlines) != 1 || a.Deadlines[0].Calendar != "xx@2" || a.Deadlines[0].Due <= old || a.Deadlines[0].Start != v.Acts[0].Effective {
				t.Fatalf("%+v", a)
			}
			if len(v.Running) != 1 || v.Running[0].Due != a.Deadlines[0].Due || v.Running[0].Due <= before {
				t.Fatalf("%+v", v.Running)
			}
		}
		for _, p := range []*player{lapsed, met} {
			p.h = one
			if v := p.view("xx-officer-1"); slices.ContainsFunc(v.Acts, func(a clerk.Recorded) bool {
				return a.Kind == act.DeadlineRecomputed && len(a.Cites) == 1 && a.Cites[0] == v.Acts[0].ID
			}) {
				t.Errorf("a clock that had lapsed or was met was computed again")
			}
		}
		one.sound(t)
		// It lapses when it is due now, not when it was.
		c.move(time.Duration(before-act.InstantOf(c.now())) * time.Microsecond)
		if n := waiting[0].tick(); n != 0 {
			t.Errorf("%d lapsed when they would have before", n)
		}
		c.move(24 * time.Hour)
		if n := waiting[0].tick(); n != open {
			t.Errorf("%d lapsed of %d", n, open)
		}
	})
}

// A clock stands still from an act to another: nothing lapses meanwhile, and its readers see since when and by what. What an act
// says of clocks is the engine's to say, whatever was asked.
func TestAClockThatStandsStill(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		o := newDesks(t, url, "xx")
		o.drawn(nil)
		o.step("xx-envoy-1", "xx.demand", "dispatch")
		lying := map[string]act.Value{protocol.FactSuspends: act.OfCodes("dispatch/reply", "draw_up/dispatch"), protocol.FactResumes: act.OfCodes("doubt")}
		done := o.do("xx-ombudsman-1", "xx.demand", "doubt", lying, harmless)
		if v, _ := done.Acts[0].Facts.Get(protocol.FactSuspends); !slices.Equal(v.Codes(), []string{"dispatch/reply"}) || len(done.Acts[0].Facts) != 1 {
			t.Fatalf("%+v", done.Acts[0].Facts)
		}
		reply := func() *protocol.Running {
			for _, r := range o.view("xx-envoy-1").Running {
				if r.Name == "reply" {
					return &r
				}
			}
			return nil
		}
		if r := reply(); r == nil || r.Still == nil || r.Still.By != done.Acts[0].ID {
			t.Fatalf("%+v", r)
		}
		o.c.move(9 * 24 * time.Hour) // the reply would have been due, the doubt may last a day more
		o.tick()
		if r := reply(); r == nil || r.Still == nil {
			t.Fatalf("%+v", r)
		}
		pages(t, o, map[string][]string{"en": {"Suspended", "Stands still since", "Doubt what is asked", "not lifted", "Act no. "}, "fr": {"Suspendu depuis le"}, "ar": {"موقوف"}})
		said, err := o.h.explain(t.Context(), o.file.String(), "xx-envoy-1", "en")
		if err != nil || !strings.Contains(said, "suspended since") {
			t.Fatalf("%s %v", said, err)
		}
		done = o.do("xx-envoy-1", "xx.demand", "clear_up", nil, harmless)
		if len(done.Acts) != 2 || done.Acts[1].Kind != act.DeadlineRecomputed {
			t.Fatalf("%+v", done.Acts)
		}
		if r := reply(); r == nil || r.Still != nil || r.Due != done.Acts[1].Deadlines[0].Due {
			t.Fatalf("%+v", r)
		}
		done = o.do("xx-envoy-1", "xx.demand", "indulge", nil, harmless)
		if len(done.Acts) != 2 || done.Acts[1].Kind != act.DeadlineRecomputed {
			t.Fatalf("%+v", done.Acts)
		}
		pages(t, o, map[string][]string{"en": {"Suspension lifted", "Deadline computed again", "Three more working days", "Too late from, now", "Deadlines given more time"}})
		o.c.move(60 * 24 * time.Hour)
		o.tick()
		if r := reply(); r != nil {
			t.Fatalf("it did not lapse: %+v", r)
		}
		o.h.checkpoint(t)
		if r := o.h.verify(t); len(r.Problems) > 0 {
			t.Fatalf("%+v", r.Problems)
		}
	})
}

// pages asks for the queue and the file in some languages, and wants words on one of them.
func pages(t *testing.T, o *desks, want map[string][]string) {
	t.Helper()
	o.h.words = o.h.words.Report(func(x lang.Trouble) { t.Errorf("%s %s: %s", x.Lang, x.Key, x.What) })
	fronts, err := o.h.fronts(&Config{Language: lang.French})
	if err != nil {
		t.Fatal(err)
	}
	cookie := comeIn(t, o.h, fronts.console, "xx-envoy-1")
	for l, words := range want {
		var all strings.Builder
		for _, path := range []string{"/queue", "/file/" + o.file.String()} {
			w := askConsole(t, fronts.console, "GET", path+"?lang="+l, "", cookie)
			if w.Code != http.StatusOK {
				t.Fatalf("%s: %d\n%s", path, w.Code, w.Body)
			}
			all.WriteString(w.Body.String())
		}
		for _, word := range words {
			if !strings.Contains(all.String(), word) {
				t.Errorf("in %s no page says %q", l, word)
			}
		}
		if strings.Contains(all.String(), "9999") {
			t.Errorf("in %s a page shows a day that never comes", l)
		}
	}
}

func TestCalendarCheckCommand(t *testing.T) {
	t.Parallel()
	c := newClock()
	folder := t.TempDir()
	h, err := build(t.Context(), plan{folder: folder, pack: "xx", serve: true, legal: c.now, process: c.now, dice: newSeeded("house"), log: testLog(t)})
	if err != nil {
		t.Fatal(err)
	}
	newPlayer(t, h, c).receive(yes())
	if err := h.shut(); err != nil {
		t.Fatal(err)
	}
	other := otherCalendar(t, "2", "2026-03-05")
	for _, l := range []string{"en", "fr", "ar"} {
		out, errs, code := runMain(t, c, "calendar", "check", "--data", folder, "--pack", other, "--lang", l)
		if code != ExitGood || !strings.Contains(out, "xx@2") || strings.Count(out, "\n- ") != 1 {
			t.Errorf("%s: %d %s %s", l, code, out, errs)
		}
	}
	out, errs, code := runMain(t, c, "calendar", "check", "--data", folder, "--pack", other, "--json")
	var answer movingAnswer
	if err := json.Unmarshal([]byte(out), &answer); err != nil || code != ExitGood || len(answer.Moving) != 1 || !answer.Moving[0].To.After(answer.Moving[0].From) {
		t.Errorf("%d %s %s %v", code, out, errs, err)
	}
	out, _, code = runMain(t, c, "calendar", "check", "--data", folder, "--pack", "xx", "--json")
	if code != ExitGood || !strings.Contains(out, `"moving":[]`) {
		t.Errorf("under the same calendar: %d %s", code, out)
	}
}

// runMain runs a command of the program.
func runMain(t *testing.T, c *clock, args ...string) (out, errs string, code int) {
	t.Helper()
	var o, e strings.Builder
	code = Main{}.Run(t.Context(), args, Env{Stdout: &o, Stderr: &e, Getenv: func(string) string { return "" }, Now: c.now, Dice: newSeeded("command")})
	return o.String(), e.String(), code
}
