package check

import (
	"slices"

	"sanad/internal/law/gate"
	"sanad/internal/law/protocol"
)

// closings finds what a procedure can be closed over. Nothing can be done in it afterwards, so that a measure nobody was told of
// stays unpublished, and one that holds others back can't be lifted any more. A fine or a warning is done once: it stays what it
// is when the procedure ends.
func (x *exploration) closings(r *Report, s *protocol.Step) {
	lifted := x.done(func(y *protocol.Step) bool { return y.Lifts == s.ID })
	told := x.done(func(y *protocol.Step) bool { return x.publishes(y, s) })
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
			story, end := x.story(x.d.exists(bad, x.inputs))
			x.finding(r, kind, s.ID, mv.name, append(story, x.event(mv, end, x.image(mv, end))))
		}
		// One that nobody can publish, or lift, at all was found already.
		if told != none {
			over(Silent, told)
		}
		if imposed(s).Grave() && lifted != none {
			over(Left, x.d.or(lifted, x.expired(s)))
		}
	}
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
			return y != nil && y.Lifts == s.ID
		})
		if ends && from != nil && (from.ID == s.ID || from.Kind == kindExecuted) {
			out = x.d.or(out, x.happened(k.Lapses))
		}
	}
	longest := x.pack.Parameter("rung-" + s.ID + "-longest")
	for _, t := range x.times {
		if longest != nil && t.c.Op == gate.Elapsed && t.c.Step == s.ID && t.c.Rule == longest.Value.Code() {
			out = x.d.or(out, x.d.and(x.happened(s.ID), x.d.is(t.v)))
		}
	}
	return out
}
