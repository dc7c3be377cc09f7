package protocol

import (
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/law/gate"
)

// What one procedure finds in another: about the same, done since its day was said, with days to run, not closed, and not hidden.
func TestElsewhereAsksOneOpenProcedure(t *testing.T) {
	t.Parallel()
	found := gate.Gate{ID: "g-kept", Version: 1, Test: gate.Condition{
		ID: "kept", Op: gate.Elsewhere, On: []string{"about"}, There: gate.Elsewhen{Protocol: "keep", Step: "send", Until: "until"},
	}}
	by := []string{"r"}
	eng, err := New(&Law{Version: "t@1", Time: flat{}, Gates: []gate.Gate{found}, Protocols: []Protocol{
		{ID: "keep", Version: 1, Sort: "case", Many: true, Steps: []Step{
			{ID: "order", Kind: "ordered", By: by, Repeat: true},
			{ID: "send", Kind: "sent", By: by, Repeat: true, After: After{All: []string{"order"}}},
			{ID: "release", Kind: "released", By: by, After: After{All: []string{"order"}}, Closes: true},
		}},
		{ID: "ask", Version: 1, Sort: "case", Many: true, Steps: []Step{
			{ID: "draw", Kind: "drawn", By: by},
			{ID: "go", Kind: "went", By: by, After: After{All: []string{"draw"}}, Gates: []string{"g-kept"}},
		}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	ahead, over := map[string]act.Value{"until": act.OfDate(now.AddDate(0, 0, 1))}, map[string]act.Value{"until": act.OfDate(now)}
	about := func(word string, more map[string]act.Value) map[string]act.Value {
		out := map[string]act.Value{"about": act.OfCode(word)}
		for k, v := range more {
			out[k] = v
		}
		return out
	}
	type done struct {
		run   byte
		step  string
		facts map[string]act.Value
	}
	for _, c := range []struct {
		name   string
		acts   []done
		hidden bool
		opens  bool
	}{
		{name: "nothing was ordered"},
		{name: "ordered, not sent", acts: []done{{1, "order", about("a", ahead)}}},
		{name: "sent", acts: []done{{1, "order", about("a", ahead)}, {1, "send", nil}}, opens: true},
		{name: "sent to another", acts: []done{{1, "order", about("b", ahead)}, {1, "send", nil}}},
		{name: "its days are over", acts: []done{{1, "order", about("a", over)}, {1, "send", nil}}},
		{name: "released", acts: []done{{1, "order", about("a", ahead)}, {1, "send", nil}, {1, "release", nil}}},
		{name: "prolonged, not sent again", acts: []done{{1, "order", about("a", over)}, {1, "send", nil}, {1, "order", about("a", ahead)}}},
		{name: "prolonged and sent again", acts: []done{{1, "order", about("a", over)}, {1, "send", nil}, {1, "order", about("a", ahead)}, {1, "send", nil}}, opens: true},
		{name: "one was sent to another, one not sent", acts: []done{{1, "order", about("b", ahead)}, {1, "send", nil}, {2, "order", about("a", ahead)}}},
		{name: "one released, one runs", acts: []done{{1, "order", about("a", ahead)}, {1, "send", nil}, {1, "release", nil}, {2, "order", about("a", ahead)}, {2, "send", nil}}, opens: true},
		{name: "hidden", acts: []done{{1, "order", about("a", ahead)}, {1, "send", nil}}, hidden: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var s State
			pos := map[byte]int64{}
			fold := func(audience byte, run act.ID, protocol, step string, facts map[string]act.Value) {
				t.Helper()
				e := &act.Envelope{
					ID: act.ID{audience, byte(pos[audience] + 1)}, File: act.ID{9}, Of: "case", Audience: act.ID{audience}, Thread: act.ID{3, audience}, Pos: pos[audience], Kind: "x", Version: 1,
					Effective: act.InstantOf(now.Add(-time.Hour)), Procedure: &act.Procedure{ID: run, Protocol: protocol, Version: 1, Step: step}, Facts: act.NewFacts(facts),
				}
				err := s.Fold(e)
				if err != nil {
					t.Fatal(err)
				}
				pos[audience]++
			}
			fold(2, act.ID{7}, "ask", "draw", about("a", nil))
			for _, a := range c.acts {
				audience := byte(2)
				if c.hidden {
					audience = 4
				}
				fold(audience, act.ID{6, a.run}, "keep", a.step, a.facts)
			}
			_, err := eng.Allow(Question{State: &s, Sort: "case", Now: act.InstantOf(now), Roles: by, Audience: func([]string) act.ID { return act.ID{2} }}, Place{Protocol: "ask", Run: act.ID{7}, Step: "go"})
			if (err == nil) != c.opens {
				t.Errorf("it opens: %t, want %t (%v)", err == nil, c.opens, err)
			}
		})
	}
}
