package check

import (
	"slices"

	"sanad/internal/law/gate"
	"sanad/internal/law/protocol"
)

// closings finds what a procedure can be closed over. Nothing can be done in it afterwards, so that a measure nobody was told of
// stays unpublished, one that holds others back can't be lifted any more, and no payment of a fine is recorded any more. A warning is done
// once: it stays what it is when the procedure ends.
func (x *exploration) closings(r *Report, s *protocol.Step) {
	lifted := x.done(func(y *protocol.Step) bool { return y.Lifts == s.Of() })
	told := x.done(func(y *protocol.Step) bool { return x.publishes(y, s) && (s.Renews == "" || x.follows(y, s.ID)) })
	for i := range x.moves {
		mv := &x.moves[i]
		if mv.step == nil || !mv.step.Closes {
			continue
		}
		over := func(kind Kind, ok set) {
			bad := x.d.less(x.d.and(x.reach, mv.full, x.happened(s.ID)), ok)
			if bad == none {
				return
			}
			x.finding(r, kind, s.ID, mv.name, x.storyOf(mv, bad, ok))
		}
		// One that nobody can publish, or lift, or that nobody is told of, was found already.
		if told != none {
			over(Silent, told)
		}
		if settled := x.settled(s); imposed(s).Kind == protocol.Fine && s.Renews == "" && (settled != none || len(x.p.Notification(s.ID)) > 0) {
			over(Owed, x.d.or(lifted, settled))
		}
		if imposed(s).Grave() && lifted != none {
			over(Left, x.d.or(lifted, x.expired(s)))
		}
	}
}

// settled is where a fine is paid, or ended by what else meets the time to pay it: an annulment that has it lifted in time, or whoever
// complies late where the pack lets that be enough.
func (x *exploration) settled(s *protocol.Step) set {
	out := none
	for _, from := range append(x.p.Notification(s.ID), s) {
		for i := range from.Deadlines {
			d := &from.Deadlines[i]
			if x.metBy(d, kindPaid) {
				out = x.d.or(out, x.done(func(y *protocol.Step) bool { return slices.Contains(d.MetBy, y.ID) }))
			}
		}
	}
	return out
}

// expired is where the time of a measure is over: the clock that its lifting meets ran out, or a gate made sure that the longest
// time it may last has passed.
func (x *exploration) expired(s *protocol.Step) set {
	out := none
	for i := range x.clocks {
		k := &x.clocks[i]
		from := x.p.Step(k.step)
		ends := slices.ContainsFunc(k.MetBy, func(id string) bool {
			y := x.p.Step(id)
			return y != nil && y.Lifts == s.Of()
		})
		if ends && from != nil && (from.ID == s.Of() || from.Kind == kindExecuted) {
			out = x.d.or(out, x.happened(k.Lapses))
		}
	}
	longest := x.pack.Parameter("rung-" + s.Of() + "-longest")
	for _, t := range x.times {
		if longest != nil && t.c.Op == gate.Elapsed && t.c.Step == s.Of() && t.c.Rule == longest.Value.Code() {
			out = x.d.or(out, x.d.and(x.happened(s.Of()), x.d.is(t.v)))
		}
	}
	return out
}

// passedOn finds a letter by which somebody is to carry a measure out, and that can leave once the measure was lifted or its time is
// over: what nobody may ask for any more must not be asked for.
func (x *exploration) passedOn(r *Report, s *protocol.Step) {
	over := x.done(func(y *protocol.Step) bool { return y.Lifts == s.Of() })
	made := x.p.Step(s.Of())
	if !imposed(s).Grave() || made == nil {
		return
	}
	for i := range made.Deadlines {
		over = x.d.or(over, x.happened(made.Deadlines[i].Lapses))
	}
	for i := range x.moves {
		mv := &x.moves[i]
		if mv.step == nil || mv.step.Move != "send" || mv.step.Letter != s.Letter || !x.carriedOut(mv.step) {
			continue
		}
		bad := x.d.and(x.reach, mv.full, x.happened(s.ID), over)
		if bad == none {
			continue
		}
		x.finding(r, Stale, mv.name, s.ID, x.storyOf(mv, bad, x.d.not(over)))
	}
}

// carriedOut reports whether what a letter asks for is met by a report on its execution.
func (x *exploration) carriedOut(y *protocol.Step) bool {
	return slices.ContainsFunc(y.Deadlines, func(d protocol.Deadline) bool { return x.metBy(&d, kindExecuted) })
}
