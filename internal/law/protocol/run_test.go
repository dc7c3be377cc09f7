package protocol

import (
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/law/gate"
)

// flat is a law in which no time passes.
type flat struct{}

func (flat) Due(_ string, start act.Instant) (act.Instant, error) { return start + 1, nil }

func (flat) DueOf(_ string, start act.Instant, _ Ledger) (act.Instant, error) {
	return start + 1, nil
}

func (flat) Follows(_ string, due act.Instant) act.Instant { return due }
func (flat) Calendar() string                              { return "flat@1" }
func (flat) DayStart(day time.Time) act.Instant            { return act.InstantOf(day) }

// A judge's leave for one request opens no other: what is said in one of several runs is about that run only, while what a
// protocol of one run says is about the whole file.
func TestFactsOfARunStayInIt(t *testing.T) {
	t.Parallel()
	leave := gate.Gate{ID: "g-leave", Version: 1, Test: gate.Condition{ID: "leave", Op: gate.Eq, Fact: "leave", Value: act.OfBool(true)}}
	scope := gate.Gate{ID: "g-scope", Version: 1, Test: gate.Condition{ID: "scope", Op: gate.Eq, Fact: "scope", Value: act.OfBool(true)}}
	law := &Law{
		Version: "t@1", Time: flat{}, Gates: []gate.Gate{leave, scope},
		Protocols: []Protocol{
			{ID: "whole", Version: 1, Sort: "case", Steps: []Step{{ID: "open", Kind: "case.opened", By: []string{"r"}}}},
			{ID: "ask", Version: 1, Sort: "case", Many: true, Steps: []Step{
				{ID: "draw_up", Kind: "prepared", By: []string{"r"}},
				{ID: "send", Kind: "sent", By: []string{"r"}, After: After{All: []string{"draw_up"}}, Gates: []string{"g-leave", "g-scope"}},
			}},
		},
	}
	eng, err := New(law)
	if err != nil {
		t.Fatal(err)
	}
	var s State
	pos := int64(0)
	fold := func(run byte, protocol, step string, facts map[string]act.Value) {
		t.Helper()
		err := s.Fold(&act.Envelope{
			ID: act.ID{1, byte(pos)}, File: act.ID{9}, Of: "case", Audience: act.ID{2}, Thread: act.ID{3}, Pos: pos, Kind: "x", Version: 1,
			Procedure: &act.Procedure{ID: act.ID{6, run}, Protocol: protocol, Version: 1, Step: step}, Facts: act.NewFacts(facts),
		})
		if err != nil {
			t.Fatal(err)
		}
		pos++
	}
	yes, no := act.OfBool(true), act.OfBool(false)
	fold(1, "whole", "open", map[string]act.Value{"scope": yes})
	fold(2, "ask", "draw_up", map[string]act.Value{"leave": yes})
	fold(3, "ask", "draw_up", map[string]act.Value{"leave": no})
	fold(4, "ask", "draw_up", nil)
	open := func(run byte) bool {
		q := Question{State: &s, Now: 10, Roles: []string{"r"}, Audience: func([]string) act.ID { return act.ID{2} }}
		_, err := eng.Allow(q, Place{Protocol: "ask", Run: act.ID{6, run}, Step: "send"})
		return err == nil
	}
	for run, want := range map[byte]bool{2: true, 3: false, 4: false} {
		if open(run) != want {
			t.Errorf("run %d may send: %t, want %t", run, !want, want)
		}
	}
	fold(1, "whole", "open", map[string]act.Value{"scope": no})
	if open(2) {
		t.Error("a fact of the whole file was not heard in a run")
	}
}
