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

	open bool // its step, or the one that opens its procedure, is among what may be asked
	now  bool // its step may be done now
}

// Ladder is the picture of a case as its viewer may see it: every rung of the pack, in the order of its list, whether the pack
// leads them all in one procedure or each in its own. It is pure. Nil where no procedure with rungs applies to the file.
func (l *Law) Ladder(view *clerk.View) []Rung {
	done := map[string]clerk.Recorded{}
	for _, a := range view.Acts {
		if a.Kind == KindDecided && a.Procedure != nil {
			done[a.Procedure.Step] = a
		}
	}
	var out []Rung
	for _, word := range l.order {
		p, s := l.decides(view, word)
		if s == nil {
			continue
		}
		r := Rung{Word: word}
		if s.Measure != nil {
			r.Kind = s.Measure.Kind
		}
		a, decided := done[word]
		if decided {
			r.State, r.Act, r.At = RungDone, a.ID, a.Effective
		} else {
			r.State = RungLater
			r.wait(view, p, s)
		}
		for _, c := range view.Running {
			if c.Place.Protocol == p.ID && c.Place.Step == word {
				r.Due = append(r.Due, c)
			}
		}
		out = append(out, r)
	}
	first(out)
	return out
}

// decides finds the step that decides a rung: in a protocol that runs in the file, of the version that runs; else in the newest
// of the first protocol that has it.
func (l *Law) decides(view *clerk.View, word string) (*protocol.Protocol, *protocol.Step) {
	var first *protocol.Protocol
	for _, id := range l.protocols {
		version, runs := 0, false
		for _, a := range view.Acts {
			if a.Procedure != nil && a.Procedure.Protocol == id {
				version, runs = a.Procedure.Version, true
			}
		}
		p := l.engine.Protocol(id, version)
		if p == nil || p.Sort != view.Sort || p.Step(word) == nil || p.Step(word).Kind != KindDecided {
			continue
		}
		if runs {
			return p, p.Step(word)
		}
		if first == nil {
			first = p
		}
	}
	if first == nil {
		return nil, nil
	}
	return first, first.Step(word)
}

// wait tells what a rung still lacks: what blocks its step or, where its procedure is not open yet, what blocks opening it.
func (r *Rung) wait(view *clerk.View, p *protocol.Protocol, s *protocol.Step) {
	var at *protocol.Move
	for i := range view.Moves {
		m := &view.Moves[i]
		if m.Protocol != p.ID {
			continue
		}
		if m.Place.Step == s.ID {
			at = m
			break
		}
		if m.Run.IsZero() && at == nil {
			at = m
		}
	}
	if at == nil {
		return // its procedure is closed: nothing more comes
	}
	r.open = true
	for _, b := range at.Blocks {
		if b.Why != protocol.WhyRole { // that the viewer performs another role is no lack of the procedure's
			r.Lacks = append(r.Lacks, b)
		}
	}
	if at.Place.Step == s.ID {
		r.now = len(r.Lacks) == 0
		r.Due = append(r.Due, at.Due...)
	}
}

// first says which of the rungs not decided yet comes now: the first that is still to come after the last one decided.
func first(rungs []Rung) {
	from := 0
	for i := range rungs {
		if rungs[i].State == RungDone {
			from = i + 1
		}
	}
	told := false
	for i := range rungs {
		r := &rungs[i]
		switch {
		case r.State == RungDone:
		case r.now:
			r.State = RungNext
		case i >= from && r.open && !told:
			r.State = RungBlocked
			told = true
		}
	}
}
