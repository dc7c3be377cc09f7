package protocol

import (
	"errors"
	"testing"

	"sanad/internal/act"
)

// A decision is dated no earlier than the last of the signatures it rests on, of those that count for it. Of a signature of which nobody
// noted when it was given, no date is later.
func TestHasty(t *testing.T) {
	t.Parallel()
	e, err := New(&Law{Version: "t@1", Time: flat{}, Protocols: []Protocol{{ID: "p", Version: 1, Sort: "case", Many: true, Steps: []Step{
		{ID: "pen", Kind: KindDrafted, Move: "draft", By: []string{"r"}, Repeat: true},
		{ID: "hand", Kind: KindSigned, Move: "sign", Draft: "pen", By: []string{"r"}, Repeat: true, After: After{All: []string{"pen"}}},
		{ID: "decide", Kind: "k", By: []string{"r"}, After: After{All: []string{"hand"}}, Signatures: &Signatures{Draft: "pen", Count: 2, Roles: []string{"r", "judge"}}},
	}}}})
	if err != nil {
		t.Fatal(err)
	}
	content := []act.Commit{{Name: CommitContent, Sum: [32]byte{4}}}
	var s State
	fold := func(x *act.Envelope, step string, at act.Instant) {
		t.Helper()
		x.ID, x.File, x.Of, x.Audience, x.Thread, x.Version = act.ID{1, byte(s.Acts)}, act.ID{9}, "case", act.ID{2}, act.ID{3}, 1
		x.Pos, x.Effective, x.Commits, x.Mandate = s.Acts, at, content, act.ID{5, byte(s.Acts)}
		x.Procedure = &act.Procedure{ID: run, Protocol: "p", Version: 1, Step: step}
		err := s.Fold(x)
		if err != nil {
			t.Fatal(err)
		}
	}
	fold(&act.Envelope{Kind: KindDrafted}, "pen", 10)
	for i, x := range []struct {
		role string
		at   act.Instant
	}{{"r", 30}, {"judge", 20}, {"clerk", 35}} { // the last counts for nothing, and the first was recorded before the second
		fold(&act.Envelope{Kind: KindSigned, Cites: []act.ID{{1, 0}}, Facts: act.NewFacts(map[string]act.Value{
			FactPerson: act.OfID(act.ID{6, byte(i)}), FactRole: act.OfCode(x.role),
		})}, "hand", x.at)
	}
	at := func(when act.Instant) string {
		q := Question{State: &s, Now: 40, Effective: when, Roles: []string{"r"}, Audience: func([]string) act.ID { return act.ID{2} }}
		_, err := e.Allow(q, Place{Protocol: "p", Run: run, Step: "decide"})
		var r *Refusal
		if errors.As(err, &r) {
			return r.Blocks[len(r.Blocks)-1].Key
		}
		if err != nil {
			t.Fatal(err)
		}
		return ""
	}
	for when, want := range map[act.Instant]string{21: "law.block.hasty", 29: "law.block.hasty", 30: "", 34: "", 40: "", 0: ""} {
		if got := at(when); got != want {
			t.Errorf("as of %d: %q, want %q", when, got, want)
		}
	}
	s.Drafts[0].Signatures[1].At = Never
	for when, want := range map[act.Instant]string{34: "law.block.earlier", 40: "", 0: ""} {
		if got := at(when); got != want {
			t.Errorf("as of %d, where one is not dated: %q, want %q", when, got, want)
		}
	}
}
