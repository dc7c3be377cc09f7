package app

import (
	"errors"
	"slices"
	"testing"

	"sanad/internal/act"
	"sanad/internal/archive/store/storetest"
	"sanad/internal/desk/register"
	"sanad/internal/desk/registry"
	"sanad/internal/kit/fault"
	"sanad/internal/law/gate"
	"sanad/internal/law/protocol"
	"sanad/internal/office/access"
	"sanad/internal/office/cases"
	"sanad/internal/office/clerk"
)

// abroad is a house in which closing a case rests on what the platform's file and the register say.
type abroad struct {
	*player
	register act.ID
	officer  act.ID
}

const (
	gateFact   = "represented" // of a platform
	standsFact = "frozen"      // of the register
)

// lookAbroad gives a house gates that ask outside the file, and files to ask.
func lookAbroad(t *testing.T, h *house, c *clock) *abroad {
	t.Helper()
	law := *h.clerk.Engine.Law()
	known := func(id, fact string, is bool) gate.Gate {
		return gate.Gate{ID: id, Version: 1, Test: gate.Condition{ID: "asked", Op: gate.Eq, Fact: fact, Value: act.OfBool(is)}}
	}
	law.Gates = append(slices.Clone(law.Gates), known("T-01", gateFact, true), known("T-02", standsFact, false))
	law.Protocols = slices.Clone(law.Protocols)
	for i := range law.Protocols {
		p := &law.Protocols[i]
		if p.ID != "xx.case" {
			continue
		}
		p.Steps = slices.Clone(p.Steps)
		shut := p.Step("shut")
		shut.Gates, shut.Audience = []string{"T-01", "T-02"}, protocol.Audience{Compartments: []string{"handling"}}
	}
	engine, err := protocol.New(&law)
	if err != nil {
		t.Fatal(err)
	}
	a := &abroad{player: newPlayer(t, h, c)}
	h.clerk.Engine = engine
	h.clerk.Outside, h.clerk.Points = []string{gateFact, standsFact}, []string{"platform"}
	h.clerk.Standing = func() act.ID { return a.register }
	for _, kind := range []string{register.KindOpened, register.KindFrozen, register.KindThawed, registry.KindEnrolled, registry.KindAppointed, registry.KindEnded} {
		h.clerk.Plain[kind] = clerk.Plain{Compartments: []string{access.Public}}
		delete(h.clerk.Deciders, kind)
	}
	h.clerk.Projectors = nil // what is recorded here is as no desk would have it
	a.officer = a.seat("xx-officer-1")
	return a
}

// say records a plain act and returns its file.
func (a *abroad) say(file act.ID, sort, kind string, facts map[string]act.Value, body []byte, add ...string) act.ID {
	a.t.Helper()
	done, err := a.h.clerk.Do(a.t.Context(), clerk.Command{
		Mandate: a.officer, File: file, Of: sort, Kind: kind, Seen: act.MaxInt, Act: act.Act{Facts: act.NewFacts(facts), Body: body, Add: add},
	})
	if err != nil {
		a.t.Fatal(err)
	}
	return done.File
}

func (a *abroad) platform() act.ID {
	return a.say(act.ID{}, registry.Sort, registry.KindEnrolled, nil, []byte("{}"))
}

func (a *abroad) represented(platform act.ID, is bool, add ...string) {
	kind, facts := registry.KindEnded, map[string]act.Value{gateFact: act.OfBool(is)}
	if is {
		kind = registry.KindAppointed
		facts["binds_parent"], facts["receives_acts"] = act.OfBool(true), act.OfBool(true)
	}
	a.say(platform, registry.Sort, kind, facts, []byte("{}"), add...)
}

func (a *abroad) frozen(is bool) {
	kind := register.KindThawed
	if is {
		kind = register.KindFrozen
	}
	a.say(a.register, register.Sort, kind, map[string]act.Value{standsFact: act.OfBool(is)}, []byte("{}"))
}

// open opens a case about a platform. Where a minor is concerned, not everyone who reads of its end reads of its beginning.
func (a *abroad) open(platform act.ID, minor bool) {
	a.t.Helper()
	facts := map[string]act.Value{"situation": act.OfCode("contact"), "minor": act.OfBool(minor)}
	if !platform.IsZero() {
		facts["platform"] = act.OfID(platform)
	}
	done, err := a.h.clerk.Do(a.t.Context(), clerk.Command{
		Mandate: a.officer, Of: cases.Sort, Protocol: "xx.case", Step: "open", Act: act.Act{Facts: act.NewFacts(facts), Body: []byte("{}")},
	})
	if err != nil {
		a.t.Fatal(err)
	}
	a.file, a.run = done.File, done.Acts[0].Procedure.ID
}

func (a *abroad) shut() clerk.Command {
	return clerk.Command{
		Mandate: a.officer, File: a.file, Protocol: "xx.case", Procedure: a.run, Step: "shut", Seen: act.MaxInt,
		Act: act.Act{Facts: act.NewFacts(map[string]act.Value{"outcome": act.OfCode("unfounded")}), Body: []byte("{}")},
	}
}

// blocked lists the gates that keep a case open, as the page says and as the step itself does, which must agree.
func (a *abroad) blocked() (gates []string) {
	a.t.Helper()
	byGate := func(blocks []protocol.Block) (out []string) {
		for _, b := range blocks {
			if b.Why != protocol.WhyGate {
				a.t.Fatalf("blocked by %+v", b)
			}
			out = append(out, b.Gate+" "+b.Outcome)
		}
		return out
	}
	v, err := a.h.clerk.View(a.t.Context(), a.officer, a.file)
	if err != nil {
		a.t.Fatal(err)
	}
	i := slices.IndexFunc(v.Moves, func(m protocol.Move) bool { return m.Place.Step == "shut" })
	shown := byGate(v.Moves[i].Blocks)
	before := tally(a.t, a.h)
	_, err = a.h.clerk.Do(a.t.Context(), a.shut())
	var r *protocol.Refusal
	if !errors.As(err, &r) {
		a.t.Fatalf("the case was closed, or: %v; the page says %v", err, shown)
	}
	if after := tally(a.t, a.h); after["act"] != before["act"] {
		a.t.Fatal("a refused step left something")
	}
	done := byGate(r.Blocks)
	if !slices.Equal(shown, done) {
		a.t.Fatalf("the page says %v, the step %v", shown, done)
	}
	return done
}

func (a *abroad) want(want ...string) {
	a.t.Helper()
	if got := a.blocked(); !slices.Equal(got, want) {
		a.t.Errorf("blocked by %v, want %v", got, want)
	}
}

func TestFactsFromOutside(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		c := newClock()
		h := testHouse(t, t.TempDir(), url, c)
		a := lookAbroad(t, h, c)
		one, two := a.platform(), a.platform()
		a.open(one, false)
		a.want("T-01 unknown", "T-02 unknown") // nothing stands, and the platform says nothing
		a.register = a.say(act.ID{}, register.Sort, register.KindOpened, nil, nil)
		a.want("T-01 unknown", "T-02 unknown")
		a.frozen(true)
		a.want("T-01 unknown", "T-02 fails")
		a.frozen(false)
		a.want("T-01 unknown")
		a.represented(two, true)
		a.want("T-01 unknown") // another's representative
		a.represented(one, false)
		a.want("T-01 fails")
		a.represented(one, true, "wall.p") // not in the public thread: as if nobody had said it
		a.want("T-01 fails")
		a.represented(one, true)
		v, err := h.clerk.View(t.Context(), a.officer, one)
		if err != nil {
			t.Fatal(err)
		}
		said := v.Acts[len(v.Acts)-1].ID
		done, err := h.clerk.Do(t.Context(), a.shut())
		if err != nil {
			t.Fatal(err)
		}
		answers := done.Acts[0].Gates
		if len(answers) != 2 || !answers[0].Open || len(answers[0].Saw) != 1 || answers[0].Saw[0].From != said {
			t.Fatalf("%+v", answers)
		}
		// A pointer that the readers of the act may not know leads nowhere, even where what stands for all would answer.
		a.open(one, true)
		a.want("T-01 unknown", "T-02 unknown")
		// A case that points nowhere has what stands for all, and no more.
		a.open(act.ID{}, false)
		a.want("T-01 unknown")
		// One that points to what is no file.
		a.open(act.ID{9}, false)
		a.want("T-01 unknown")
		h.sound(t)
	})
}

// What changed outside in the same commit, before the step, counts; what changes after does not.
func TestOutsideInTheSameCommit(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		c := newClock()
		h := testHouse(t, t.TempDir(), url, c)
		a := lookAbroad(t, h, c)
		a.register = a.say(act.ID{}, register.Sort, register.KindOpened, nil, nil)
		a.frozen(false)
		platform := a.platform()
		a.represented(platform, true)
		ended := clerk.Command{
			Mandate: a.officer, File: platform, Kind: registry.KindEnded, Seen: act.MaxInt,
			Act: act.Act{Facts: act.NewFacts(map[string]act.Value{gateFact: act.OfBool(false)}), Body: []byte("{}")},
		}
		a.open(platform, false)
		first := a.shut()
		a.open(platform, false)
		_, errs := atOnce(t, h, first, ended, a.shut())
		if errs[0] != nil || errs[1] != nil || fault.CodeOf(errs[2]) != fault.ClosedGate {
			t.Fatal(errs)
		}
	})
}

// Asking outside costs a commit the same statements for two steps as for thirty, each about a platform of its own.
func TestOutsideStatementsDoNotGrow(t *testing.T) {
	t.Parallel()
	folder, url, c := t.TempDir(), storetest.Postgres(t), newClock()
	line := newLine(t, url)
	h := testHouse(t, folder, line.url, c)
	other, err := build(t.Context(), plan{folder: folder, url: url, pack: "xx", serve: true, legal: c.now, process: c.now, dice: newSeeded("other"), log: testLog(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.shut() })
	here, there := lookAbroad(t, h, c), lookAbroad(t, other, c)
	there.register = there.say(act.ID{}, register.Sort, register.KindOpened, nil, nil)
	here.register = there.register
	there.frozen(false)
	count := func(n int) int64 {
		var cmds []clerk.Command
		for range n {
			platform := there.platform()
			there.represented(platform, true)
			there.open(platform, false) // in the other process, so that nothing is at hand in this one
			cmds = append(cmds, there.shut())
		}
		before := line.statements.Load()
		_, errs := atOnce(t, h, cmds...)
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		return line.statements.Load() - before
	}
	count(1)
	count(1)
	few, many := count(2), count(30)
	t.Logf("statements of a commit: %d and %d", few, many)
	if few == 0 || few != many {
		t.Fatal("a larger commit takes more statements")
	}
	// And a view asks once for all that it points to.
	there.open(there.platform(), false)
	view := func() int64 {
		before := line.statements.Load()
		_, err := h.clerk.View(t.Context(), there.officer, there.file)
		if err != nil {
			t.Fatal(err)
		}
		return line.statements.Load() - before
	}
	view()
	with := view()
	h.clerk.Outside = nil
	without := view()
	if with-without > 2 {
		t.Errorf("a view takes %d statements, and %d where nothing is asked outside", with, without)
	}
}
