package protocol

import (
	"errors"
	"slices"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/law/gate"
)

// ladder is two procedures of a file: what the first notifies starts a clock, what the second does waits for the same time, and for
// time that is nobody's clock.
type ladder struct {
	*testing.T
	e *Engine
	s State
}

const dayLong = act.Instant(24 * time.Hour / time.Microsecond)

// dayLaw counts a rule named nK as K days.
type dayLaw struct{ ticks }

func (d dayLaw) Due(rule string, start act.Instant) (act.Instant, error) {
	n, err := length(rule)
	return start + n*dayLong, err
}

func (d dayLaw) DueOf(rule string, start act.Instant, l Ledger) (act.Instant, error) {
	n, err := length(rule)
	if err != nil {
		return 0, err
	}
	due := start + n*dayLong
	for _, m := range l.More {
		more, _ := length(m.Rule)
		due += more * dayLong
	}
	for _, s := range l.Spans {
		switch {
		case s.From >= due || s.To <= start:
		case s.To == Never:
			return 0, ErrStill
		default:
			due += s.To - max(start, s.From)
		}
	}
	return due, nil
}

func newLadder(t *testing.T) *ladder {
	t.Helper()
	elapsed := func(id, rule, fact string) gate.Gate {
		return gate.Gate{ID: id, Version: 1, Test: gate.Condition{ID: "time", Op: gate.Elapsed, Rule: rule, Fact: fact}}
	}
	r := []string{"r"}
	after := func(steps ...string) After { return After{All: steps} }
	first := []Step{
		{ID: "decide", Kind: "k", By: r},
		{ID: "tell", Kind: KindSent, Move: "send", By: r, After: after("decide"), Notifies: "decide", Deadlines: []Deadline{{Name: "answer", Rule: "n10", MetBy: []string{"done"}, Lapses: "late"}}},
		{ID: "halt", Kind: KindSuspended, By: r, After: after("tell"), Suspends: []string{"answer"}, Sets: map[string]string{FactStay: StayStanding}},
		{ID: "go_on", Kind: KindResumed, By: r, After: after("halt"), Resumes: []string{"halt"}, Sets: map[string]string{FactStay: StayEnded}},
		{ID: "more", Kind: KindExtended, By: r, After: after("tell"), Extends: &Extends{Deadlines: []string{"answer"}, Rule: "n5"}},
		{ID: "again", Kind: "k", By: r, After: after("tell")},
		{ID: "done", Kind: "k", By: r, After: after("tell")},
	}
	next := []Step{
		{ID: "same", Kind: "k", By: r, Gates: []string{"g-same"}},
		{ID: "other", Kind: "k", By: r, Gates: []string{"g-other"}},
	}
	e, err := New(&Law{
		Version: "t@1", Time: dayLaw{ticks{"c@1"}}, Gates: []gate.Gate{elapsed("g-same", "n10", FactNotifiedOn), elapsed("g-other", "n20", FactNotifiedOn)},
		Protocols: []Protocol{{ID: "first", Version: 1, Sort: "case", Steps: first}, {ID: "next", Version: 1, Sort: "case", Steps: next}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return &ladder{T: t, e: e}
}

func (l *ladder) question(day int) Question {
	return Question{State: &l.s, Sort: "case", Now: act.Instant(day) * dayLong, Roles: []string{"r"}, Audience: func([]string) act.ID { return act.ID{2} }}
}

func (l *ladder) do(day int, step string, says ...act.Fact) {
	l.Helper()
	at := Place{Protocol: "first", Step: step}
	if l.s.Acts > 0 {
		at.Run = act.ID{6}
	}
	q := l.question(day)
	g, err := l.e.Allow(q, at)
	if err != nil {
		l.Fatal(err)
	}
	facts := map[string]act.Value{}
	for _, f := range slices.Concat(g.Facts, says) {
		facts[f.Name] = f.Value
	}
	err = l.s.Fold(&act.Envelope{
		ID: act.ID{1, byte(l.s.Acts + 1)}, File: act.ID{9}, Of: "case", Audience: act.ID{2}, Thread: act.ID{3}, Pos: l.s.Acts, Kind: g.Kind, Version: 1, Effective: q.Now,
		Procedure: &act.Procedure{ID: act.ID{6}, Protocol: "first", Version: 1, Step: step}, Deadlines: g.Deadlines, Facts: act.NewFacts(facts),
	})
	if err != nil {
		l.Fatal(err)
	}
}

// opens says on which day a step of the other procedure opens, 0 where on none of the next hundred, and what kept it closed before.
func (l *ladder) opens(step string, from int) (day int, why Block) {
	l.Helper()
	for day = from; day < from+100; day++ {
		_, err := l.e.Allow(l.question(day), Place{Protocol: "next", Step: step})
		var refused *Refusal
		if !errors.As(err, &refused) {
			return day, why
		}
		why = refused.Blocks[0]
	}
	return 0, why
}

// What the next measure waits for is the clock of the one before: it stands still with it, and has the time that was given to it. Where
// the time is nobody's clock, it stands still while a court stays what it is counted from, also when no clock was left to stop.
func TestTimeOfAnotherProcedure(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		course      func(*ladder)
		same, other int
		key         string
	}{
		{"nothing happened", func(*ladder) {}, 10, 20, "gate.g-same.time"},
		{"stayed for thirty days", func(l *ladder) { l.do(4, "halt"); l.do(34, "go_on") }, 40, 50, "law.block.stood_still"},
		{"stayed still", func(l *ladder) { l.do(4, "halt") }, 0, 0, "law.block.stands_still"},
		{"given five days more", func(l *ladder) { l.do(4, "more") }, 15, 20, "gate.g-same.time"},
		{"stayed when the time had run", func(l *ladder) { l.do(12, "halt"); l.do(32, "go_on") }, 32, 40, ""},
		{"done in time, and stayed then", func(l *ladder) { l.do(4, "done"); l.do(5, "halt"); l.do(9, "go_on") }, 10, 24, "gate.g-same.time"},
		// A lifting of what came after says again which day it was.
		{"said again", func(l *ladder) {
			l.do(4, "halt")
			l.do(6, "again", act.Fact{Name: FactNotifiedOn, Value: act.OfDate(time.Unix(0, 0).UTC())})
			l.do(34, "go_on")
		}, 40, 50, "law.block.stood_still"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := newLadder(t)
			l.do(0, "decide")
			l.do(0, "tell")
			c.course(l)
			from := max(1, int(l.s.Procedures[0].Events[len(l.s.Procedures[0].Events)-1].Last/dayLong))
			same, why := l.opens("same", from)
			other, _ := l.opens("other", from)
			if same != c.same || other != c.other || why.Key != c.key {
				t.Errorf("the clock's time opens on day %d, want %d; other time on day %d, want %d; closed before by %q, want %q", same, c.same, other, c.other, why.Key, c.key)
			}
		})
	}
}

// Whoever may not read of a clock gets no answer from it, and time that nobody may tell opens nothing.
func TestTimeOfAnotherProcedureHidden(t *testing.T) {
	t.Parallel()
	l := newLadder(t)
	l.do(0, "decide")
	l.do(0, "tell")
	l.s.Threads = append(l.s.Threads, Thread{Audience: act.ID{5}, ID: act.ID{4}})
	l.s.Procedures[0].Clocks[0].Thread = 1
	if day, why := l.opens("same", 1); day != 0 || why.Outcome != gate.IsUnknown.String() {
		t.Errorf("it opens on day %d, closed before by %+v", day, why)
	}
}
