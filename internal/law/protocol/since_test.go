package protocol

import (
	"testing"

	"sanad/internal/act"
	"sanad/internal/law/gate"
)

// What is said for one measure justifies no other: neither the next one of the same run, nor one of another run.
func TestWhatIsSaidForOneMeasure(t *testing.T) {
	t.Parallel()
	isTrue := func(name string) gate.Gate {
		return gate.Gate{ID: "g-" + name, Version: 1, Test: gate.Condition{ID: name, Op: gate.Eq, Fact: name, Value: act.OfBool(true)}}
	}
	measure := &Measure{Kind: Warning, Target: Addressee, Executor: Authority}
	basis := []gate.Basis{{Text: "act", Article: "1"}}
	from := act.Instant(0)
	steps := []Step{
		{ID: "ponder", Kind: "weighed", By: []string{"r"}, Repeat: true},
		{ID: "decide", Kind: "decided", By: []string{"r"}, After: After{All: []string{"ponder"}}, Repeat: true, Gates: []string{"g-reasons", "g-lasts"}, Measure: measure, Basis: basis},
	}
	eng, err := New(&Law{
		Version: "t@1", Time: flat{}, Gates: []gate.Gate{isTrue("reasons"), isTrue("lasts")},
		Texts: []Text{{ID: "act", Status: gate.InForce, Verified: true, From: &from}},
		OfRun: map[string]bool{"reasons": true}, Since: map[string]bool{"reasons": true, "lasts": true},
		Protocols: []Protocol{{ID: "one", Version: 1, Sort: "case", Steps: steps}, {ID: "two", Version: 1, Sort: "case", Steps: steps}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var s State
	yes := act.OfBool(true)
	runs := map[string]act.ID{"one": {6, 1}, "two": {6, 2}}
	fold := func(protocol, step string, said ...string) {
		t.Helper()
		facts := map[string]act.Value{}
		for _, name := range said {
			facts[name] = yes
		}
		err := s.Fold(&act.Envelope{
			ID: act.ID{1, byte(s.Acts)}, File: act.ID{9}, Of: "case", Audience: act.ID{2}, Thread: act.ID{3}, Pos: s.Acts, Kind: "x", Version: 1,
			Procedure: &act.Procedure{ID: runs[protocol], Protocol: protocol, Version: 1, Step: step}, Facts: act.NewFacts(facts),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	open := func(protocol string, want bool, why string) {
		t.Helper()
		q := Question{State: &s, Now: 10, Roles: []string{"r"}, Audience: func([]string) act.ID { return act.ID{2} }}
		_, err := eng.Allow(q, Place{Protocol: protocol, Run: runs[protocol], Step: "decide"})
		if (err == nil) != want {
			t.Errorf("%s: %v", why, err)
		}
	}
	fold("one", "ponder", "reasons", "lasts")
	fold("two", "ponder")
	open("one", true, "all was said")
	open("two", false, "the reasons are those of another run")
	fold("one", "decide")
	open("one", false, "both were said for the measure before")
	fold("two", "ponder", "reasons")
	open("two", false, "that it persists was found before a measure of another run")
	fold("one", "ponder", "lasts")
	open("two", true, "it persists, in whichever run that is found")
	open("one", false, "no reasons were given since")
	fold("one", "ponder", "reasons")
	open("one", true, "all was said again")
	fold("two", "decide")
	open("one", false, "a measure of another run was decided since it was found to persist")
	fold("two", "ponder", "lasts")
	open("one", true, "the reasons stand until a measure of their own run")
}
