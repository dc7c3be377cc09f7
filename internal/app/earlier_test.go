package app

import (
	"errors"
	"slices"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

// blockedBy lists the keys of what blocks a command.
func blockedBy(t *testing.T, err error) []string {
	t.Helper()
	var r *protocol.Refusal
	if fault.CodeOf(err) != fault.ClosedGate || !errors.As(err, &r) {
		t.Fatalf("not refused by the law: %v", err)
	}
	var out []string
	for _, b := range r.Blocks {
		out = append(out, b.Key)
	}
	return out
}

// A step may be dated back to when it happened, and never before what it rests on: a receipt dated before its letter would make the
// platform late. A procedure is never older than its file.
func TestNothingBeforeWhatItFollows(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		o := newDesks(t, url, "xx")
		began := act.InstantOf(o.c.now())
		opened := o.view("xx-officer-1").Acts[0]
		if opened.Effective > began {
			t.Fatalf("the case opened at %s, after %s", opened.Effective, began)
		}
		o.c.move(72 * time.Hour)
		// The first step of a procedure.
		early := o.routine("xx-envoy-1", "xx.demand", "draw_up")
		early.Act.Shown, early.Act.Effective = opened.ID, opened.Effective.Add(-time.Millisecond)
		_, err := o.try(early)
		if got := blockedBy(t, err); !slices.Equal(got, []string{"law.block.began"}) {
			t.Errorf("a procedure before its file is refused for %v", got)
		}
		// One that is shown by a paper recorded later than it happened.
		o.do("xx-envoy-1", "xx.demand", "draw_up", o.prepared(), oneAccount)
		o.do("xx-envoy-1", "xx.demand", "hold_data", o.held(), oneAccount)
		o.c.move(24 * time.Hour)
		sent := o.must(o.routine("xx-envoy-1", "xx.demand", "dispatch")).Acts[0]
		o.c.move(24 * time.Hour)
		arrival := func(at act.Instant) clerk.Command {
			cmd := o.routine("xx-scribe-1", "xx.demand", "note_arrival")
			cmd.Act.Shown, cmd.Act.Effective = sent.ID, at
			return cmd
		}
		_, err = o.try(arrival(sent.Effective.Add(-time.Millisecond)))
		if got := blockedBy(t, err); !slices.Equal(got, []string{"law.block.earlier"}) {
			t.Errorf("a receipt before its letter is refused for %v", got)
		}
		done := o.must(arrival(sent.Effective)).Acts[0]
		if done.Effective != sent.Effective {
			t.Errorf("it arrived at %s, want %s", done.Effective, sent.Effective)
		}
		// Another procedure of the file, as of the instant at which the file began.
		delete(o.runs, "xx.demand")
		late := o.routine("xx-envoy-1", "xx.demand", "draw_up")
		late.Act.Shown, late.Act.Effective = sent.ID, opened.Effective
		o.must(late)
	})
}

// What opens a file of its own is not older than what is shown for it: there is nothing else it could rest on.
func TestNoFileBeforeItsProof(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		o := newDesks(t, url, "xx")
		proof := o.view("xx-officer-1").Acts[0]
		o.c.move(72 * time.Hour)
		open := func(at act.Instant) error {
			cmd := o.command("xx-officer-1", "xx.case", "open", map[string]act.Value{"situation": act.OfCode("contact"), "minor": act.OfBool(false)}, `{"text":"harmless words for a test"}`)
			cmd.File, cmd.Procedure, cmd.Of, cmd.Seen = act.ID{}, act.ID{}, "case", 0
			cmd.Act.Shown, cmd.Act.Effective = proof.ID, at
			_, err := o.h.clerk.Do(t.Context(), cmd)
			return err
		}
		if got := blockedBy(t, open(proof.Effective.Add(-time.Millisecond))); !slices.Equal(got, []string{"law.block.began"}) {
			t.Errorf("a file before its proof is refused for %v", got)
		}
		if err := open(proof.Effective); err != nil {
			t.Errorf("a file as of its proof: %v", err)
		}
	})
}
