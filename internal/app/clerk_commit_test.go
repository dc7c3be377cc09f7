package app

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"testing"

	"sanad/internal/act"
	"sanad/internal/archive/store/storetest"
	"sanad/internal/desk/notice"
	"sanad/internal/kit/fault"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
	"sanad/internal/office/parties"
)

// Two commands decided on the same view of a file: the first is done, the second hears what changed, though both wait for one
// commit.
func TestSameViewTwiceInACommit(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		c := newClock()
		h := testHouse(t, t.TempDir(), url, c)
		p := newPlayer(t, h, c)
		p.receive(yes())
		before := tally(t, h)
		_, errs := atOnce(t, h, p.command("xx-officer-1", "acknowledge", nil, nil), p.command("xx-officer-2", "acknowledge", nil, nil))
		var changed clerk.Changed
		if errs[0] != nil || fault.CodeOf(errs[1]) != fault.Conflict || !errors.As(errs[1], &changed) || !slices.Equal(changed, clerk.Changed{notice.KindAcknowledged}) {
			t.Fatalf("%v, changed %v", errs, changed)
		}
		after := tally(t, h)
		if after["act"] != before["act"]+1 || after["hash"] != before["hash"]+1 {
			t.Fatalf("%v became %v", before, after)
		}
		h.sound(t)
	})
}

// What a desk gets wrong, or the database refuses, is one command's failure: the others of its commit are done all the same,
// those among them that open a file.
func TestOneCommandFails(t *testing.T) {
	t.Parallel()
	failing := map[string]func(t *testing.T, h *house){
		"the desk panics": func(_ *testing.T, h *house) {
			h.clerk.Deciders[notice.KindAcknowledged] = func(*protocol.State, *clerk.Command, act.Instant) ([]act.Act, error) {
				panic("a mistake of the desk")
			}
		},
		"the desk fails": func(_ *testing.T, h *house) {
			h.clerk.Deciders[notice.KindAcknowledged] = func(*protocol.State, *clerk.Command, act.Instant) ([]act.Act, error) {
				return nil, errors.New("a mistake of the desk")
			}
		},
		"the database refuses": func(t *testing.T, h *house) {
			// One code twice: the second row of notice violates what is unique.
			_, err := h.clerk.Do(t.Context(), newNotice(h, 250))
			if err != nil {
				t.Fatal(err)
			}
		},
	}
	onBoth(t, func(t *testing.T, url string) {
		for _, name := range slices.Sorted(maps.Keys(failing)) {
			c := newClock()
			if url != "" {
				url = storetest.Postgres(t) // each its own
			}
			h := testHouse(t, t.TempDir(), url, c)
			p := newPlayer(t, h, c)
			p.receive(yes())
			failing[name](t, h)
			bad := p.command("xx-officer-1", "acknowledge", nil, nil)
			if name == "the database refuses" {
				bad = newNotice(h, 250)
			}
			before := tally(t, h)
			done, errs := atOnce(t, h, newNotice(h, 1), bad, newNotice(h, 2))
			if errs[0] != nil || errs[2] != nil || fault.CodeOf(errs[1]) != fault.Unavailable {
				t.Fatalf("%s: %v", name, errs)
			}
			if done[0].File == done[2].File || done[0].File.IsZero() {
				t.Fatalf("%s: files %s and %s", name, done[0].File, done[2].File)
			}
			after := tally(t, h)
			if after["act"] != before["act"]+2 || after["state"] != before["state"]+2 || after["notice"] != before["notice"]+2 {
				t.Fatalf("%s: %v became %v", name, before, after)
			}
			delete(h.clerk.Deciders, notice.KindAcknowledged)
			p.do("xx-officer-1", "acknowledge", nil, nil) // the clerk still works
			h.checkpoint(t)
			if r := h.verify(t); len(r.Problems) > 0 {
				t.Fatalf("%s: %+v", name, r.Problems)
			}
		}
	})
}

// Who is dismissed does nothing more, not even in the commit in which that is recorded.
func TestDismissedInTheSameCommit(t *testing.T) {
	t.Parallel()
	c := newClock()
	h := testHouse(t, t.TempDir(), "", c)
	p := newPlayer(t, h, c)
	p.receive(yes())
	officer := p.seat("xx-officer-2")
	p.do("xx-officer-2", "acknowledge", nil, nil) // remembered as somebody who may
	keeper := p.seat(parties.SeatKeeper)
	seen, err := h.clerk.View(t.Context(), keeper, officer)
	if err != nil {
		t.Fatal(err)
	}
	end := parties.EndMandate(officer, seen.Seen)
	end.Mandate = keeper
	_, errs := atOnce(t, h, end, p.command("xx-officer-2", "assess", p.assessment(), []byte(plainBody)), p.command("xx-officer-1", "assess", p.assessment(), []byte(plainBody)))
	if errs[0] != nil || fault.CodeOf(errs[1]) != fault.Forbidden || errs[2] != nil {
		t.Fatal(errs)
	}
}

// While many wait, many share a commit: what stands in for the benchmark of 32 clients.
func TestManyShareACommit(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		const clients, each = 32, 8
		h := testHouse(t, t.TempDir(), url, newClock())
		before := tally(t, h)
		var all sync.WaitGroup
		for i := range clients {
			all.Go(func() {
				for j := range each {
					_, err := h.clerk.Do(context.Background(), newNotice(h, byte(i*each+j)))
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		after := tally(t, h)
		commits, acts := after["hash"]-before["hash"], after["act"]-before["act"] // a commit writes one row of hashes
		if acts != clients*each || acts < 4*commits {
			t.Fatalf("%d acts in %d commits", acts, commits)
		}
	})
}

// A commit costs the same statements for two commands as for thirty.
func TestStatementsDoNotGrow(t *testing.T) {
	t.Parallel()
	folder, url, c := t.TempDir(), storetest.Postgres(t), newClock()
	line := newLine(t, url)
	h := testHouse(t, folder, line.url, c)
	// Another process writes in between, so that nothing this one has at hand serves.
	other, err := build(t.Context(), plan{folder: folder, url: url, pack: "xx", serve: true, legal: c.now, process: c.now, dice: newSeeded("other"), log: testLog(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.shut() })
	code := byte(0)
	count := func(n int) (received, assessed int64) {
		var notices, assess []clerk.Command
		for range n {
			code++
			notices = append(notices, newNotice(h, code))
		}
		statements := func(cmds []clerk.Command) ([]*clerk.Done, int64) {
			before := line.statements.Load()
			done, errs := atOnce(t, h, cmds...)
			if err := errors.Join(errs...); err != nil {
				t.Fatal(err)
			}
			return done, line.statements.Load() - before
		}
		done, received := statements(notices)
		p := newPlayer(t, other, c)
		for _, d := range done {
			p.file, p.run = d.File, d.Acts[0].Procedure.ID
			p.do("xx-officer-1", "acknowledge", nil, nil)
			cmd := p.command("xx-officer-1", "assess", p.assessment(), []byte(plainBody))
			cmd.Act.Cites = []act.ID{d.Acts[0].ID}
			assess = append(assess, cmd)
		}
		_, assessed = statements(assess)
		return received, assessed
	}
	count(1) // makes what is made once
	count(1) // and remembers it
	fewReceived, fewAssessed := count(2)
	manyReceived, manyAssessed := count(30)
	t.Logf("statements of a commit: %d and %d received, %d and %d assessed", fewReceived, manyReceived, fewAssessed, manyAssessed)
	if fewReceived == 0 || fewAssessed == 0 || fewReceived != manyReceived || fewAssessed != manyAssessed {
		t.Fatal("a larger commit takes more statements")
	}
}

// When the line to the database breaks during a commit, the clerk finds out what became of it: an act that is there is not
// recorded twice, and one that is not is not acknowledged.
func TestLineBreaksDuringCommit(t *testing.T) {
	t.Parallel()
	line := newLine(t, storetest.Postgres(t))
	h := testHouse(t, t.TempDir(), line.url, newClock())
	before := tally(t, h)
	line.cut.Store(cutAnswer)
	done, err := h.clerk.Do(t.Context(), newNotice(h, 1))
	if err != nil || done.File.IsZero() || line.cut.Load() != 0 {
		t.Fatalf("%+v %v", done, err)
	}
	line.cut.Store(cutCommit)
	_, err = h.clerk.Do(t.Context(), newNotice(h, 2))
	if fault.CodeOf(err) != fault.Unavailable || line.cut.Load() != 0 {
		t.Fatal(err)
	}
	after := tally(t, h)
	if after["act"] != before["act"]+1 || after["notice"] != before["notice"]+1 {
		t.Fatalf("%v became %v", before, after)
	}
	_, err = h.clerk.Do(t.Context(), newNotice(h, 2))
	if err != nil {
		t.Fatal(err)
	}
	h.sound(t)
}
