package console

import (
	"testing"

	"sanad/internal/law/protocol"
)

// Many blocked steps are told by what blocks them; what a condition holds up stays in the open, and few are not folded at all.
func TestFold(t *testing.T) {
	t.Parallel()
	move := func(why ...protocol.Why) blockedMove {
		m := &protocol.Move{}
		for _, w := range why {
			m.Blocks = append(m.Blocks, protocol.Block{Why: w})
		}
		return blockedMove{group: shutBy(m)}
	}
	few := []blockedMove{
		move(protocol.WhyGate), move(protocol.WhyRole, protocol.WhyGate), move(protocol.WhyLaw), move(protocol.WhyRole), move(protocol.WhyOrder, protocol.WhyRole),
		move(protocol.WhyGate, protocol.WhySignatures), move(protocol.WhyOrder, protocol.WhyAfter), move(protocol.WhyDraft),
	}
	open, groups := foldShut(few)
	if len(open) != mostShut || groups != nil {
		t.Fatalf("%d steps: %d in the open, %v", len(few), len(open), groups)
	}
	open, groups = foldShut(append(few, move(protocol.WhyOver)))
	if len(open) != 3 || len(groups) != 3 {
		t.Fatalf("%d in the open, %v", len(open), groups)
	}
	for i, want := range []struct {
		key string
		n   int
	}{{shutOrder, 3}, {shutOthers, 1}, {shutOver, 2}} {
		if groups[i].Key != want.key || len(groups[i].Moves) != want.n {
			t.Errorf("group %d: %s with %d steps, want %s with %d", i, groups[i].Key, len(groups[i].Moves), want.key, want.n)
		}
	}
}
