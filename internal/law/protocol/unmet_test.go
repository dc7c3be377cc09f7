package protocol

import "testing"

// A lapse is moot when every step that would answer it is excluded by what was done.
func TestMoot(t *testing.T) {
	t.Parallel()
	d := Deadline{Name: "reply", Lapses: "late", MetBy: []string{"reply"}}
	p := &Protocol{Steps: []Step{
		{ID: "ask", Deadlines: []Deadline{d}},
		{ID: "reply", After: After{All: []string{"ask"}, None: []string{"take_back"}}},
		{ID: "nudge", After: After{All: []string{"late"}, None: []string{"take_back", "let_be"}}},
		{ID: "take_back"},
		{ID: "let_be"},
		{ID: "close", Closes: true},
	}}
	for step, want := range map[string]bool{"ask": false, "let_be": false, "take_back": true} {
		if got := p.Moot(&p.Steps[0].Deadlines[0], func(id string) bool { return id == step }); got != want {
			t.Errorf("after %s: moot is %v", step, got)
		}
	}
	if got := p.Settles("take_back"); len(got) != 1 || got[0] != "late" {
		t.Errorf("calling back settles %v", got)
	}
	if got := p.Settles("let_be"); len(got) != 0 {
		t.Errorf("giving up settles %v", got)
	}
}
