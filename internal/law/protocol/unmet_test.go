package protocol

import "testing"

// A lapse is moot when every step that would answer it is excluded by what was done.
func TestMoot(t *testing.T) {
	t.Parallel()
	d := Deadline{Name: "answer", Lapses: "late", MetBy: []string{"answer"}}
	p := &Protocol{Steps: []Step{
		{ID: "ask", Deadlines: []Deadline{d}},
		{ID: "answer", After: After{All: []string{"ask"}, None: []string{"call_back"}}},
		{ID: "remind", After: After{All: []string{"late"}, None: []string{"call_back", "give_up"}}},
		{ID: "call_back"},
		{ID: "give_up"},
		{ID: "close", Closes: true},
	}}
	for step, want := range map[string]bool{"ask": false, "give_up": false, "call_back": true} {
		if got := p.Moot(&p.Steps[0].Deadlines[0], func(id string) bool { return id == step }); got != want {
			t.Errorf("after %s: moot is %v", step, got)
		}
	}
	if got := p.Settles("call_back"); len(got) != 1 || got[0] != "late" {
		t.Errorf("calling back settles %v", got)
	}
	if got := p.Settles("give_up"); len(got) != 0 {
		t.Errorf("giving up settles %v", got)
	}
}
