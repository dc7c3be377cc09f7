package protocol

import (
	"testing"

	"sanad/internal/act"
	"sanad/internal/law/gate"
)

// A clock that stands still when its run goes on under another version stands still there too, ends by the act that ends it
// there, and somebody's time is not shortened by it.
func TestMigrateWhileStill(t *testing.T) {
	t.Parallel()
	law := amended()
	for i := range law.Protocols {
		p := &law.Protocols[i]
		p.Steps = append(p.Steps,
			Step{ID: "stay", Kind: "held", By: []string{"r"}, After: After{All: []string{"open"}}, Suspends: []string{"answer"}},
			Step{ID: "unbind", Kind: "lifted", By: []string{"r"}, After: After{All: []string{"stay"}}, Resumes: []string{"stay"}})
	}
	// The second version calls the stay another name.
	second := &law.Protocols[1]
	second.Renames["stay"] = "halt"
	n := len(second.Steps)
	second.Steps[n-2].ID = "halt"
	second.Steps[n-1].After, second.Steps[n-1].Resumes = After{All: []string{"halt"}}, []string{"halt"}

	b := newBench(t, law, "2026-06-28")
	b.still("open")
	b.now = day("2026-06-30")
	b.still("keep") // the authority's own duty is done
	b.still("stay")
	b.now = day("2026-07-05")
	running := b.engine.Running(&b.state)
	if len(running) != 1 || running[0].Name != "answer" || running[0].Due != Never {
		t.Fatalf("before: %+v", running)
	}
	b.migrate(2)
	running = b.engine.Running(&b.state)
	if len(running) != 1 || running[0].Due != Never || running[0].Still == nil || running[0].Still.Step != "halt" {
		t.Fatalf("after: %+v", running)
	}
	b.now = day("2026-07-10")
	b.still("unbind")
	// Ten days from 28 June, ten of them still: 18 July, and not 12 July, as the four days of the second version would have it.
	running = b.engine.Running(&b.state)
	if got := b.dues()["answer"]; got != "2026-07-18 mute" {
		t.Errorf("answer is due %s", got)
	}
	for _, r := range running {
		if r.Name == "answer" && (r.Rule != "four" || r.Kept != "ten") {
			t.Errorf("the clock runs under %q, kept %q", r.Rule, r.Kept)
		}
	}
	// What is due is recorded, and a state read back says the same.
	moved := b.engine.Shifted(&b.state)
	if len(moved) != 1 || moved[0].Due != day("2026-07-18") {
		t.Fatalf("to record: %+v", moved)
	}
	deadline, facts := moved[0].Envelope("days@1")
	b.fold(&act.Envelope{Kind: act.DeadlineRecomputed, Facts: facts, Deadlines: []act.Deadline{deadline}})
	back, err := ParseState(b.state.AppendBinary(nil))
	if err != nil {
		t.Fatal(err)
	}
	b.state = *back
	if got := b.dues()["answer"]; got != "2026-07-18 mute" || len(b.engine.Recompute(&b.state)) != 0 {
		t.Errorf("recorded, answer is due %s, to recompute %+v", got, b.engine.Recompute(&b.state))
	}
	// And back: ten days, ten of them still, whatever was recorded meanwhile.
	b.migrate(1)
	if got := b.dues()["answer"]; got != "2026-07-18 silent" {
		t.Errorf("back, answer is due %s", got)
	}
	waits := &env{engine: b.engine, q: &Question{State: &b.state}, run: b.state.Run(b.run), everything: true}
	if got, err := waits.After(&gate.Condition{Rule: "ten", Step: "ask"}, gate.Held{}, day("2026-06-28")); err != nil || got.End != day("2026-07-18") {
		t.Errorf("a gate waits until %s, %v", got.End, err)
	}
}

// still does a step together with what the engine says of clocks.
func (b *bench) still(step string) {
	b.Helper()
	g, err := b.engine.Allow(b.question("r"), b.place(step))
	if err != nil {
		b.Fatal(err)
	}
	b.fold(&act.Envelope{Kind: g.Kind, Facts: g.Facts, Deadlines: g.Deadlines, Procedure: &act.Procedure{ID: b.run, Protocol: "p", Version: g.Version, Step: step}})
}
