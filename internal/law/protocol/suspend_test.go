package protocol

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sanad/internal/act"
)

// ticks is a law of time in which a rule named nK gives K instants, and suspensions add theirs.
type ticks struct{ calendar string }

func length(rule string) (act.Instant, error) {
	if len(rule) < 2 || rule[0] != 'n' {
		return 0, errors.New("no such rule")
	}
	n := act.Instant(0)
	for _, c := range rule[1:] {
		n = 10*n + act.Instant(c-'0')
	}
	return n, nil
}

// Due gives one instant more under the calendar in which a holiday is announced.
func (t ticks) Due(rule string, start act.Instant) (act.Instant, error) {
	n, err := length(rule)
	if t.calendar == "c@2" {
		n++
	}
	return start + n, err
}

func (t ticks) DueOf(rule string, start act.Instant, l Ledger) (act.Instant, error) {
	due, err := t.Due(rule, start)
	for _, m := range l.More {
		more, _ := length(m.Rule)
		due += more
	}
	for _, s := range l.Spans { // in their order in the tests, and apart from one another
		switch {
		case s.From >= due || s.To <= start:
		case s.To == Never:
			return 0, ErrStill
		default:
			due += s.To - max(start, s.From)
		}
	}
	return due, err
}

func (ticks) Follows(_ string, due act.Instant) act.Instant { return due }
func (t ticks) Calendar() string                            { return t.calendar }
func (ticks) DayStart(day time.Time) act.Instant            { return act.InstantOf(day) }

// hand plays a protocol on the engine, and folds what the clerk would write.
type hand struct {
	t   *testing.T
	e   *Engine
	s   State
	now act.Instant
}

var run = act.ID{6}

func newHand(t *testing.T, steps ...Step) *hand {
	t.Helper()
	return &hand{t: t, e: engineOf(t, "c@1", steps), now: 1}
}

func engineOf(t *testing.T, calendar string, steps []Step) *Engine {
	t.Helper()
	for i := range steps {
		steps[i].By = []string{"r"}
	}
	e, err := New(&Law{Version: "t@1", Time: ticks{calendar}, Elsewhere: map[string]bool{"k": true}, Protocols: []Protocol{{ID: "p", Version: 1, Sort: "case", Steps: steps}}})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func (h *hand) fold(e *act.Envelope) {
	h.t.Helper()
	e.ID, e.File, e.Of, e.Audience, e.Thread, e.Pos = act.ID{1, byte(h.s.Acts + 1)}, act.ID{9}, "case", act.ID{2}, act.ID{3}, h.s.Acts
	if e.Effective == 0 {
		e.Effective = h.now
	}
	err := h.s.Fold(e)
	if err != nil {
		h.t.Fatal(err)
	}
	// Whatever is folded survives being stored.
	again, err := ParseState(h.s.AppendBinary(nil))
	if err != nil {
		h.t.Fatal(err)
	}
	if diff := cmp.Diff(&h.s, again, sameState...); diff != "" {
		h.t.Fatalf("stored and read again: %s", diff)
	}
}

// do does a step at an instant, as of effective where it is not zero, and returns the act's facts.
func (h *hand) do(at act.Instant, step string, effective act.Instant) act.Facts {
	h.t.Helper()
	h.now = at
	q := Question{State: &h.s, Sort: "case", Now: at, Effective: effective, Roles: []string{"r"}, Audience: func([]string) act.ID { return act.ID{2} }}
	place := Place{Protocol: "p", Step: step}
	if h.s.Acts > 0 {
		place.Run = run
	}
	g, err := h.e.Allow(q, place)
	if err != nil {
		h.t.Fatal(err)
	}
	h.fold(&act.Envelope{
		Kind: "k", Version: 1, Effective: effective, Procedure: &act.Procedure{ID: run, Protocol: "p", Version: 1, Step: step},
		Deadlines: g.Deadlines, Facts: g.Facts,
	})
	for _, r := range h.e.Shifted(&h.s) {
		h.recomputed(&r)
	}
	return g.Facts
}

func (h *hand) recomputed(r *Recomputed) {
	h.t.Helper()
	d, facts := r.Envelope(h.e.law.Time.Calendar())
	h.fold(&act.Envelope{Kind: act.DeadlineRecomputed, Version: 1, Cites: []act.ID{r.By}, Deadlines: []act.Deadline{d}, Facts: facts})
}

// lapse records what ran out by an instant.
func (h *hand) lapse(at act.Instant) []string {
	h.t.Helper()
	h.now = at
	var out []string
	for _, r := range h.e.Lapses(&h.s, at) {
		out = append(out, r.Lapses)
		e := &act.Envelope{
			Kind: act.DeadlineLapsed, Version: 2, Effective: r.Due, Cites: []act.ID{r.By},
			Procedure: &act.Procedure{ID: run, Protocol: "p", Version: 1, Step: r.Lapses},
		}
		e.Deadlines, e.Facts = h.e.Lapse(&h.s, &r)
		h.fold(e)
	}
	for _, r := range h.e.Shifted(&h.s) {
		h.recomputed(&r)
	}
	return out
}

// due returns when a clock runs out: 0 where it does not run.
func (h *hand) due(name string) act.Instant {
	for _, r := range h.e.Running(&h.s) {
		if r.Name == name {
			if (r.Still != nil) != (r.Due == Never) {
				h.t.Errorf("%s stands still: %v, and is due %d", name, r.Still, r.Due)
			}
			return r.Due
		}
	}
	return 0
}

func (h *hand) is(name string, want act.Instant) {
	h.t.Helper()
	if got := h.due(name); got != want {
		h.t.Errorf("at %d %s is due %d, want %d", h.now, name, got, want)
	}
}

// answer is the clock of these tests: ten instants from notify, met by reply.
func answer() []Step {
	return []Step{
		{ID: "deliver", Kind: "k", Deadlines: []Deadline{{Name: "answer", Rule: "n10", MetBy: []string{"reply"}, Lapses: "silent"}}},
		{ID: "reply", Kind: "k", After: After{All: []string{"deliver"}}},
		{ID: "stay", Kind: "k", After: After{All: []string{"deliver"}}, Repeat: true, Suspends: []string{"answer"}, Deadlines: []Deadline{
			{Name: "ruling", Rule: "n50", MetBy: []string{"rule"}, Lapses: "no_ruling", Resumes: []string{"stay"}},
		}},
		{ID: "rule", Kind: "k", After: After{All: []string{"stay"}}, Repeat: true, Resumes: []string{"stay"}},
		{ID: "ask", Kind: "k", After: After{All: []string{"deliver"}}, Suspends: []string{"answer"}},
		{ID: "supply", Kind: "k", After: After{All: []string{"ask"}}, Resumes: []string{"ask"}},
		{ID: "allow_more", Kind: "k", After: After{All: []string{"deliver"}}, Extends: &Extends{Deadlines: []string{"answer"}, Rule: "n5"}},
	}
}

func TestAClockStandsStill(t *testing.T) {
	t.Parallel()
	t.Run("from the effective instant on, until it is lifted", func(t *testing.T) {
		t.Parallel()
		h := newHand(t, answer()...)
		h.do(100, "deliver", 0)
		h.is("answer", 110)
		facts := h.do(106, "stay", 104) // it counts from when it was decided
		if v, _ := facts.Get(FactSuspends); len(v.Codes()) != 1 || v.Codes()[0] != "deliver/n10" {
			t.Errorf("the act says %v", facts)
		}
		h.is("answer", Never)
		if got := h.lapse(130); got != nil {
			t.Errorf("%v lapsed while it stood still", got)
		}
		h.do(134, "rule", 0)
		h.is("answer", 140)
		if c := h.s.Run(run).clock("deliver", "n10"); c.Due != 140 || c.Moved {
			t.Errorf("the recorded instant is %d, moved %t", c.Due, c.Moved)
		}
		if got := h.lapse(150); len(got) != 1 || got[0] != "silent" {
			t.Errorf("%v lapsed", got)
		}
	})
	t.Run("under two decisions until both are lifted", func(t *testing.T) {
		t.Parallel()
		h := newHand(t, answer()...)
		h.do(100, "deliver", 0)
		h.do(102, "stay", 0)
		h.do(104, "rule", 0)
		h.is("answer", 112)
		h.do(105, "ask", 0)
		h.do(106, "stay", 0)
		h.do(107, "supply", 0)
		h.is("answer", Never)
		h.do(109, "rule", 0)
		if h.due("answer") == Never || h.due("answer") == 0 {
			t.Error("the clock still stands still")
		}
	})
	t.Run("and meeting it meanwhile is in time", func(t *testing.T) {
		t.Parallel()
		h := newHand(t, answer()...)
		h.do(100, "deliver", 0)
		h.do(104, "stay", 0)
		h.do(130, "reply", 0)
		h.do(131, "rule", 0)
		h.is("answer", 0)
	})
	t.Run("not where it ran out before", func(t *testing.T) {
		t.Parallel()
		h := newHand(t, answer()...)
		h.do(100, "deliver", 0)
		if facts := h.do(111, "stay", 0); facts != nil {
			t.Errorf("a clock that ran out was stopped: %v", facts)
		}
		if got := h.lapse(112); len(got) != 1 {
			t.Errorf("%v lapsed", got)
		}
	})
	t.Run("until the time of the suspension itself is over", func(t *testing.T) {
		t.Parallel()
		h := newHand(t, answer()...)
		h.do(100, "deliver", 0)
		h.do(104, "stay", 0)
		if got := h.lapse(170); len(got) != 1 || got[0] != "no_ruling" {
			t.Fatalf("%v lapsed", got)
		}
		h.is("answer", 160) // six were left when it stopped, and it ran again from 154 on
		if got := h.lapse(171); len(got) != 1 || got[0] != "silent" {
			t.Errorf("%v lapsed", got)
		}
	})
	t.Run("lifted before it began it never stopped anything", func(t *testing.T) {
		t.Parallel()
		h := newHand(t, answer()...)
		h.do(100, "deliver", 0)
		h.do(106, "stay", 105)
		q := Question{State: &h.s, Now: 107, Roles: []string{"r"}, Audience: func([]string) act.ID { return act.ID{2} }}
		place := Place{Protocol: "p", Run: run, Step: "rule"}
		g, err := h.e.Allow(q, place)
		if err != nil {
			t.Fatal(err)
		}
		q.Effective = 103
		_, err = h.e.Allow(q, place)
		if err == nil {
			t.Error("it can be lifted as of before it began")
		}
		// What was recorded all the same, under another law, means what it says.
		h.now = 107
		h.fold(&act.Envelope{Kind: "k", Version: 1, Effective: 103, Procedure: &act.Procedure{ID: run, Protocol: "p", Version: 1, Step: "rule"}, Facts: g.Facts})
		for _, r := range h.e.Shifted(&h.s) {
			h.recomputed(&r)
		}
		h.is("answer", 110)
	})
}

func TestMoreTime(t *testing.T) {
	t.Parallel()
	h := newHand(t, answer()...)
	h.do(100, "deliver", 0)
	facts := h.do(103, "allow_more", 0)
	if v, _ := facts.Get(FactMore); v.Code() != "n5" {
		t.Errorf("the act says %v", facts)
	}
	h.is("answer", 115)
	h.do(104, "stay", 0)
	h.do(108, "rule", 0)
	h.is("answer", 119)
	_, err := h.e.Allow(Question{State: &h.s, Now: 109, Roles: []string{"r"}, Audience: func([]string) act.ID { return act.ID{2} }}, Place{Protocol: "p", Run: run, Step: "allow_more"})
	if err == nil {
		t.Error("more time was given twice")
	}
}

// A letter whose receipt nobody recorded is presumed received once the time of the presumption is over; what the party has to
// answer runs from then. Where receipt or refusal is recorded, it runs from that.
func TestPresumedReceipt(t *testing.T) {
	t.Parallel()
	steps := func() []Step {
		return []Step{
			{ID: "send", Kind: "k", Deadlines: []Deadline{{Name: "receipt", Rule: "n8", MetBy: []string{"received", "refused"}, Lapses: "presumed", Starts: []string{"answer"}}}},
			{ID: "received", Kind: "k", After: After{All: []string{"send"}, None: []string{"refused", "presumed"}}, Deadlines: []Deadline{
				{Name: "answer", Rule: "n10", MetBy: []string{"reply"}, Lapses: "silent"},
			}},
			{ID: "refused", Kind: "k", After: After{All: []string{"send"}, None: []string{"received", "presumed"}}, Deadlines: []Deadline{
				{Name: "answer_refused", Rule: "n10", MetBy: []string{"reply"}, Lapses: "silent_refused"},
			}},
			{ID: "reply", Kind: "k", After: After{Any: []string{"received", "refused", "presumed"}}},
		}
	}
	for _, c := range []struct {
		name  string
		start func(*hand)
		clock string
		due   act.Instant
		lapse string
	}{
		{"nobody acknowledged", func(h *hand) { h.lapse(120) }, "answer", 118, "silent"},
		{"received before that was recorded", func(h *hand) { h.do(106, "received", 103) }, "answer", 113, "silent"},
		{"refused", func(h *hand) { h.do(104, "refused", 0) }, "answer_refused", 114, "silent_refused"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := newHand(t, steps()...)
			h.do(100, "send", 0)
			c.start(h)
			h.is(c.clock, c.due)
			h.is("receipt", 0)
			got := h.lapse(130)
			if len(got) != 1 || got[0] != c.lapse {
				t.Errorf("%v lapsed, want %s", got, c.lapse)
			}
		})
	}
}

// Once a holiday is announced, every open clock is due at another instant, and that is recorded once.
func TestRecompute(t *testing.T) {
	t.Parallel()
	h := newHand(t, answer()...)
	h.do(100, "deliver", 0)
	before := h.s.Run(run).Events
	h.e = engineOf(t, "c@2", answer())
	moved := h.e.Recompute(&h.s)
	if len(moved) != 1 || moved[0].Was != 110 || moved[0].Due != 111 {
		t.Fatalf("moved: %+v", moved)
	}
	h.recomputed(&moved[0])
	c := h.s.Run(run).clock("deliver", "n10")
	if c.Due != 111 || c.Calendar != "c@2" || len(h.s.Run(run).Events) != len(before) || len(h.s.Facts) != 0 {
		t.Errorf("recomputing did more than that: %+v", c)
	}
	if again := h.e.Recompute(&h.s); again != nil {
		t.Errorf("moved twice: %+v", again)
	}
	for name, wrong := range map[string]func(*act.Envelope){
		"another clock": func(e *act.Envelope) { e.Deadlines[0].Rule = "n5" },
		"another start": func(e *act.Envelope) { e.Deadlines[0].Start++ },
		"no clock":      func(e *act.Envelope) { e.Deadlines = nil },
		"a step": func(e *act.Envelope) {
			e.Procedure = &act.Procedure{ID: run, Protocol: "p", Version: 1, Step: "deliver"}
		},
	} {
		d, facts := moved[0].Envelope("c@3")
		e := &act.Envelope{
			ID: act.ID{1, 99}, File: act.ID{9}, Of: "case", Audience: act.ID{2}, Thread: act.ID{3}, Pos: h.s.Acts, Kind: act.DeadlineRecomputed, Version: 1,
			Deadlines: []act.Deadline{d}, Facts: facts,
		}
		wrong(e)
		if h.s.Fold(e) == nil {
			t.Errorf("an act that recomputes %s was folded", name)
		}
	}
}

// What was done in time, as far as anybody knew then, stays done in time when a calendar gives less time than was thought.
func TestDoneInTimeStaysSo(t *testing.T) {
	t.Parallel()
	h := newHand(t, answer()...)
	h.e = engineOf(t, "c@2", answer())
	h.do(100, "deliver", 0)
	h.do(110, "reply", 0)
	h.e = engineOf(t, "c@1", answer())
	h.is("answer", 0)
	if got := h.lapse(200); got != nil {
		t.Errorf("%v lapsed", got)
	}
}
