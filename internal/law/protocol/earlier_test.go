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
	e, err := New(&Law{Version: "t@1", Time: flat{}, Protocols: []Protocol{{ID: "p", Version: 1, Sort: "case", Many: true, Steps: steps}}})
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
