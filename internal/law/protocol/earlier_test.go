package protocol

import (
	"errors"
	"slices"
	"testing"

	"sanad/internal/act"
)

// What a step rests on happened before it, also where it is dated back; a date before tells nobody when a hidden act happened.
func TestEarlier(t *testing.T) {
	t.Parallel()
	steps := []Step{
		{ID: "ask", Kind: "k", Repeat: true},
		{ID: "urge", Kind: "k", After: After{All: []string{"ask"}}},
		{ID: "secret", Kind: "k", After: After{All: []string{"ask"}}, Audience: Audience{Compartments: []string{"secret"}}},
		{ID: "both", Kind: "k", After: After{All: []string{"ask", "urge"}}},
		{ID: "either", Kind: "k", After: After{Any: []string{"ask", "urge", "never"}}},
		{ID: "late", Kind: "k", After: After{Any: []string{"urge", "secret"}}},
		{ID: "blind", Kind: "k", After: After{All: []string{"secret"}}},
	}
	for i := range steps {
		steps[i].By = []string{"r"}
	}
	e, err := New(&Law{Version: "t@1", Time: flat{}, Elsewhere: map[string]bool{"k": true}, Protocols: []Protocol{{ID: "p", Version: 1, Sort: "case", Many: true, Steps: steps}}})
	if err != nil {
		t.Fatal(err)
	}
	open, secret := act.ID{2}, act.ID{7}
	var s State
	fold := func(audience act.ID, pos int64, step string, at act.Instant) {
		t.Helper()
		err := s.Fold(&act.Envelope{
			ID: act.ID{1, byte(s.Acts)}, File: act.ID{9}, Of: "case", Audience: audience, Thread: act.ID{3, audience[0]}, Pos: pos, Kind: "k", Version: 1,
			Effective: at, Procedure: &act.Procedure{ID: run, Protocol: "p", Version: 1, Step: step},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	fold(open, 0, "ask", 10)
	fold(open, 1, "urge", 20)
	fold(secret, 0, "secret", 15)
	fold(open, 2, "ask", 30) // again: what follows may follow the first
	for _, c := range []struct {
		name, step string
		at, since  act.Instant
		want       string
	}{
		{"after all it follows", "both", 20, 0, ""},
		{"before one of them", "both", 19, 0, "law.block.earlier"},
		{"after one of several, the first time it happened", "either", 10, 0, ""},
		{"before each of them", "either", 9, 0, "law.block.earlier"},
		{"after a hidden one that happened before", "late", 19, 0, "law.block.earlier"},
		{"after the other", "late", 20, 0, ""},
		{"before what is hidden", "blind", 14, 0, "law.block.earlier"},
		{"after what is hidden, which tells nothing", "blind", 39, 0, "law.block.earlier"},
		{"now, whatever is hidden", "blind", 40, 0, ""},
		{"without a date", "blind", 0, 0, ""},
		{"opening before the file", "ask", 4, 5, "law.block.began"},
		{"opening with the file", "ask", 5, 5, ""},
		{"opening now, where the file began now", "ask", 40, 41, ""},
	} {
		q := Question{
			State: &s, Now: 40, Effective: c.at, Since: c.since, Roles: []string{"r"},
			Audience: func(codes []string) act.ID {
				if slices.Contains(codes, "secret") {
					return secret
				}
				return open
			},
			Reads: func(have, want act.ID) bool { return have == secret && want == open },
		}
		place := Place{Protocol: "p", Run: run, Step: c.step}
		if c.since != 0 {
			place.Run = act.ID{}
		}
		_, err := e.Allow(q, place)
		var r *Refusal
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (!errors.As(err, &r) || len(r.Blocks) != 1 || r.Blocks[0].Key != c.want):
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
}

// What is done by being recorded takes no earlier date, and a kind that nobody declared is closed.
func TestToldLate(t *testing.T) {
	t.Parallel()
	l := &Law{Elsewhere: map[string]bool{"k": true, KindHeard: true}, Duties: map[string]bool{"ours": true}}
	clock := func(rule string) []Deadline { return []Deadline{{Name: "clock", Rule: rule}} }
	later := After{All: []string{"before"}}
	for name, c := range map[string]struct {
		step Step
		want bool
	}{
		"what happened elsewhere":            {Step{Kind: "k"}, true},
		"a hearing":                          {Step{Kind: KindHeard, Move: "hear"}, true},
		"a wait for what began elsewhere":    {Step{Kind: KindWaiting, Move: "wait", Elsewhere: true}, true},
		"a wait":                             {Step{Kind: KindWaiting, Move: "wait"}, false},
		"a letter":                           {Step{Kind: KindSent, Move: "send"}, false},
		"a letter that the pack words not":   {Step{Kind: KindSent, Move: "send", Served: "courier"}, false},
		"a kind nobody declared":             {Step{Kind: "new"}, false},
		"what starts the authority's time":   {Step{Kind: "k", Deadlines: clock("ours")}, true},
		"what opens on somebody's time":      {Step{Kind: "k", Deadlines: clock("theirs")}, false},
		"a receipt, and somebody's time":     {Step{Kind: "k", After: later, Deadlines: clock("theirs")}, true},
		"what several signed":                {Step{Kind: "k", Signatures: &Signatures{Draft: "pen", Count: 1}}, false},
		"what is handed over":                {Step{Kind: "k", Handoff: "r"}, false},
		"what lets somebody's time run on":   {Step{Kind: "k", Resumes: []string{"halt"}}, false},
		"what gives somebody's time a pause": {Step{Kind: "k", Suspends: []string{"reply"}}, true},
	} {
		if got := l.ToldLate(&c.step); got != c.want {
			t.Errorf("%s: %t, want %t", name, got, c.want)
		}
	}
}

// A hearing is held after the invitation and after the time to speak began, and until that time is over nobody can be said to have stayed
// away, whatever date is given to that.
func TestHearing(t *testing.T) {
	t.Parallel()
	heard := func(yes bool) act.Facts { return act.NewFacts(map[string]act.Value{FactHeard: act.OfBool(yes)}) }
	speak := []Deadline{{Name: "speak", Rule: "n40", MetBy: []string{"hear"}, Lapses: "silence"}}
	steps := []Step{
		{ID: "invite", Kind: KindSent, Move: "send"},
		{ID: "arrive", Kind: "k", After: After{All: []string{"invite"}}, Deadlines: speak},
		{ID: "hear", Kind: KindHeard, Move: "hear", After: After{All: []string{"invite"}}},
	}
	for i := range steps {
		steps[i].By = []string{"r"}
	}
	e, err := New(&Law{
		Version: "t@1", Time: ticks{"c@1"}, Elsewhere: map[string]bool{"k": true, KindHeard: true},
		Protocols: []Protocol{{ID: "p", Version: 1, Sort: "case", Steps: steps}},
	})
	if err != nil {
		t.Fatal(err)
	}
	open := act.ID{2}
	var s State
	fold := func(step string, at act.Instant, clocks ...act.Deadline) {
		t.Helper()
		err := s.Fold(&act.Envelope{
			ID: act.ID{1, byte(s.Acts)}, File: act.ID{9}, Of: "case", Audience: open, Thread: act.ID{3}, Pos: s.Acts, Kind: "k", Version: 1,
			Effective: at, Procedure: &act.Procedure{ID: run, Protocol: "p", Version: 1, Step: step}, Deadlines: clocks,
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	fold("invite", 10)
	fold("arrive", 20, act.Deadline{Rule: "n40", Start: 20, Due: 60, Calendar: "c@1"})
	try := func(name string, at, now act.Instant, yes bool, want string) {
		t.Helper()
		q := Question{State: &s, Now: now, Effective: at, Roles: []string{"r"}, Proposed: heard(yes), Audience: func([]string) act.ID { return open }}
		_, err := e.Allow(q, Place{Protocol: "p", Run: run, Step: "hear"})
		var r *Refusal
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case want != "" && (!errors.As(err, &r) || r.Blocks[0].Key != want):
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
	try("before the invitation", 9, 90, true, "law.block.earlier")
	try("as they are invited", 10, 90, true, "law.block.earlier")
	try("before it arrived", 15, 90, true, "law.block.earlier")
	try("as it arrives", 20, 90, true, "law.block.earlier")
	try("heard, while there is time", 21, 90, true, "")
	try("heard now, while there is time", 0, 30, true, "")
	try("not heard, while there is time", 0, 59, false, "law.block.silent_until")
	try("not heard, dated while there was time", 59, 90, false, "law.block.silent_until")
	try("not heard, as the time is over", 60, 90, false, "")
	try("not heard, and the time is over", 0, 90, false, "")
	s.Procedures[0].Clocks[0].Spans = []Span{{Step: "halt", From: 30, To: Never}}
	try("not heard, while the time stands still", 0, 90, false, "law.block.silent")
	try("heard, while the time stands still", 0, 90, true, "")
}
