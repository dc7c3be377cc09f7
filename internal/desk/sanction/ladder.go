package sanction

import (
	"sanad/internal/act"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

// Standings of a rung in the picture of where a procedure stands.
const (
	RungDone    = "done"    // it was decided
	RungNext    = "next"    // it may be decided now
	RungBlocked = "blocked" // it is the first that was not decided, and something is missing
	RungLater   = "later"   // another comes before it
)

// Rung is one rung of the picture.
type Rung struct {
	Word  string               // of the pack's list rungs; also the step that decides it
	Kind  protocol.MeasureKind // "" where the step imposes nothing
	State string
	Act   act.ID             // that decided it, where somebody who looks may read it
	At    act.Instant        // when
	Due   []protocol.Running // clocks that run before it, or because of it
	Lacks []protocol.Block   // what is still missing, the viewer's role set aside
}

// Ladder is the picture of one procedure as the viewer of a file may see it: its rungs in the pack's order. It is pure. Nil where
// the viewer sees no such run, or its protocol has no rungs.
func (l *Law) Ladder(view *clerk.View, run act.ID) []Rung {
	name, version := "", 0
	done := map[string]clerk.Recorded{}
	for _, a := range view.Acts {
		if a.Procedure == nil || a.Procedure.ID != run {
			continue
		}
		name, version = a.Procedure.Protocol, a.Procedure.Version
		if a.Kind == KindDecided {
			done[a.Procedure.Step] = a
		}
	}
	p := l.engine.Protocol(name, version)
	if name == "" || p == nil {
		return nil
	}
	moves := map[string]*protocol.Move{}
	for i := range view.Moves {
		if m := &view.Moves[i]; m.Run == run {
			moves[m.Place.Step] = m
		}
	}
	var out []Rung
	first := true
	for i := range p.Steps {
		s := &p.Steps[i]
		if s.Kind != KindDecided {
			continue
		}
		r := Rung{Word: s.ID}
		if s.Measure != nil {
			r.Kind = s.Measure.Kind
		}
		a, decided := done[s.ID]
		switch {
		case decided:
			r.State, r.Act, r.At = RungDone, a.ID, a.Effective
		case first:
			r.State = RungBlocked
			first = false
			r.wait(moves[s.ID])
		default:
			r.State = RungLater
			r.wait(moves[s.ID])
		}
		for _, c := range view.Running {
			if c.Place.Run == run && c.Place.Step == s.ID {
				r.Due = append(r.Due, c)
			}
		}
		out = append(out, r)
	}
	return out
}

// wait tells what a rung still lacks. That the viewer performs another role is no lack of the procedure's.
func (r *Rung) wait(m *protocol.Move) {
	if m == nil {
		return // the procedure is closed: nothing more comes
	}
	for _, b := range m.Blocks {
		if b.Why != protocol.WhyRole {
			r.Lacks = append(r.Lacks, b)
		}
	}
	if len(r.Lacks) == 0 && r.State == RungBlocked {
		r.State = RungNext
	}
	r.Due = append(r.Due, m.Due...)
}
