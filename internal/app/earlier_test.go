package app

import (
	"errors"
	"slices"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/law/protocol"
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
		// The first step of a procedure, which goes by the law of its facts.
		early := o.routine("xx-tribune-1", "xx.ladder", "accuse")
		early.Act.Shown, early.Act.Effective = opened.ID, opened.Effective.Add(-time.Millisecond)
		_, err := o.try(early)
		if got := blockedBy(t, err); !slices.Equal(got, []string{"law.block.began"}) {
			t.Errorf("a procedure before its file is refused for %v", got)
		}
		early.Act.Effective = opened.Effective
		o.must(early)
		// What is drawn up is drawn up now.
		drawn := o.command("xx-envoy-1", "xx.demand", "draw_up", o.prepared(), oneAccount)
		drawn.Act.Shown, drawn.Act.Effective = opened.ID, opened.Effective
		_, err = o.try(drawn)
		if got := blockedBy(t, err); !slices.Equal(got, []string{"law.block.here"}) {
			t.Errorf("a request drawn up three days ago is refused for %v", got)
		}
		// One that happened elsewhere, and is shown by a paper recorded since.
		o.do("xx-envoy-1", "xx.demand", "draw_up", o.prepared(), oneAccount)
		o.do("xx-envoy-1", "xx.demand", "hold_data", o.held(), oneAccount)
		o.step("xx-envoy-1", "xx.demand", "post_hold")
		o.c.move(24 * time.Hour)
		letter := o.routine("xx-envoy-1", "xx.demand", "dispatch")
		before := dated(letter, opened.Effective, opened.ID)
		_, err = o.try(before)
		if got := blockedBy(t, err); !slices.Equal(got, []string{"law.block.here"}) {
			t.Errorf("a letter dated back is refused for %v", got)
		}
		sent := o.must(letter).Acts[0]
		o.c.move(time.Hour)
		since := o.step("xx-ombudsman-1", "xx.demand", "doubt").Acts[0]
		o.c.move(23 * time.Hour)
		arrival := func(at act.Instant, shown act.ID) error {
			_, err := o.try(dated(o.routine("xx-scribe-1", "xx.demand", "note_arrival"), at, shown))
			return err
		}
		if got := blockedBy(t, arrival(sent.Effective.Add(-time.Millisecond), since.ID)); !slices.Equal(got, []string{"law.block.earlier"}) {
			t.Errorf("a receipt before its letter is refused for %v", got)
		}
		// What is shown must be able to show it.
		var elsewhere act.ID
		for _, elsewhere = range o.enrolled { // any of the platforms
		}
		for name, c := range map[string]struct {
			at    act.Instant
			shown act.ID
			want  string
		}{
			"shown by its own letter":         {sent.Effective, sent.ID, "error.effective_answered"},
			"shown by what was there before":  {sent.Effective, opened.ID, "error.effective_before"},
			"shown by what came too early":    {since.Recorded.Add(time.Millisecond), since.ID, "error.effective_before"},
			"shown by an act of another file": {sent.Effective, elsewhere, "error.effective_file"},
			"shown by nothing":                {sent.Effective, act.ID{}, "error.effective_proof"},
			"shown by an act that never was":  {sent.Effective, act.ID{7}, "error.cites_unknown"},
		} {
			err := arrival(c.at, c.shown)
			if e := fault.Of(err); e == nil || e.Key != c.want || fault.CodeOf(err) != fault.Invalid {
				t.Errorf("%s: %v, want %s", name, err, c.want)
			}
		}
		if err := arrival(sent.Effective, since.ID); err != nil {
			t.Fatal(err)
		}
		acts := o.view("xx-envoy-1").Acts
		if done := acts[len(acts)-1]; done.Effective != sent.Effective || done.Shown != since.ID {
			t.Errorf("it arrived at %s, want %s", done.Effective, sent.Effective)
		}
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
