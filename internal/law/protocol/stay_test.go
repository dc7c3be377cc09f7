package protocol

import (
	"errors"
	"testing"

	"sanad/internal/act"
	"sanad/internal/law/gate"
)

// A stay that one procedure tells of is not over because another one's is; and what counts in a procedure alone opens none beside it.
func TestNowhereAsksEveryProcedure(t *testing.T) {
	t.Parallel()
	free := gate.Gate{ID: "g-free", Version: 1, Test: gate.Condition{ID: "free", Op: gate.Nowhere, Fact: "stay", Words: []string{"standing"}}}
	ruled := gate.Gate{ID: "g-ruled", Version: 1, Test: gate.Condition{ID: "judged", Op: gate.In, Fact: "appeal", Words: []string{"kept"}}}
	steps := []Step{{ID: "rule", Kind: "judged", By: []string{"r"}, Repeat: true}, {ID: "finish", Kind: "ended", By: []string{"r"}, After: After{All: []string{"rule"}}, Gates: []string{"g-ruled"}}}
	law := &Law{
		Version: "t@1", Time: flat{}, Gates: []gate.Gate{free, ruled}, OfRun: map[string]bool{"appeal": true},
		Protocols: []Protocol{
			{ID: "first", Version: 1, Sort: "case", Steps: steps},
			{ID: "second", Version: 1, Sort: "case", Steps: steps},
			{ID: "next", Version: 1, Sort: "case", Steps: []Step{{ID: "go", Kind: "went", By: []string{"r"}, Gates: []string{"g-free"}}}},
		},
	}
	eng, err := New(law)
	if err != nil {
		t.Fatal(err)
	}
	var s State
	pos := int64(0)
	fold := func(run byte, protocol, stay, appeal string) {
		t.Helper()
		err := s.Fold(&act.Envelope{
			ID: act.ID{1, byte(pos + 1)}, File: act.ID{9}, Of: "case", Audience: act.ID{2}, Thread: act.ID{3}, Pos: pos, Kind: "x", Version: 1, Effective: act.Instant(pos + 1),
			Procedure: &act.Procedure{ID: act.ID{6, run}, Protocol: protocol, Version: 1, Step: "rule"},
			Facts:     act.NewFacts(map[string]act.Value{"stay": act.OfCode(stay), "appeal": act.OfCode(appeal)}),
		})
		if err != nil {
			t.Fatal(err)
		}
		pos++
	}
	ask := func(at Place) error {
		_, err := eng.Allow(Question{State: &s, Sort: "case", Now: 100, Roles: []string{"r"}, Audience: func([]string) act.ID { return act.ID{2} }}, at)
		return err
	}
	next := func() error { return ask(Place{Protocol: "next", Step: "go"}) }
	if next() == nil {
		t.Error("it opens while nobody said whether anything is stayed")
	}
	fold(1, "first", "standing", "held")
	fold(2, "second", "ended", "kept")
	var refusal *Refusal
	if err := next(); !errors.As(err, &refusal) || refusal.Blocks[0].Key != "law.block.stayed" || refusal.Blocks[0].Args[0].Value.String() != act.OfInstant(1).String() {
		t.Errorf("while one of two is stayed: %v", err)
	}
	if ask(Place{Protocol: "first", Run: act.ID{6, 1}, Step: "finish"}) == nil {
		t.Error("a judgment on one decision closes the procedure of another")
	}
	if err := ask(Place{Protocol: "second", Run: act.ID{6, 2}, Step: "finish"}); err != nil {
		t.Error(err)
	}
	fold(1, "first", "ended", "kept")
	if err := next(); err != nil {
		t.Error(err)
	}
}
