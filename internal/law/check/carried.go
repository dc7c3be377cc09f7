package check

import (
	"slices"

	"sanad/internal/law/protocol"
)

// What others carry out is told to whoever bears it, and published, before it is; and those others are told when it is over.

// passes reports whether a letter asks those who carry a measure out to do so.
func (x *exploration) passes(y, measure *protocol.Step) bool {
	return y.Move == "send" && y.Letter == measure.Letter && x.carriedOut(y)
}

// untold finds a letter by which an order is passed on before it was published, or before it was sent to whoever bears it.
func (x *exploration) untold(r *Report, s *protocol.Step) {
	if !imposed(s).Grave() {
		return
	}
	public := x.done(func(y *protocol.Step) bool { return x.publishes(y, s) && x.follows(y, s.ID) })
	sent := x.done(func(y *protocol.Step) bool {
		return y.Move == "send" && y.Letter == s.Letter && !x.carriedOut(y) && x.follows(y, s.ID)
	})
	for i := range x.moves {
		mv := &x.moves[i]
		if mv.step == nil || !x.passes(mv.step, s) || !x.follows(mv.step, s.ID) {
			continue
		}
		x.without(r, mv, Hidden, public, s.ID)
		if sent != none {
			x.without(r, mv, Hidden, sent, s.ID)
		}
	}
}

// released finds an order that was passed on, and after whose lifting no letter reaches those who carry it out.
func (x *exploration) released(r *Report, s *protocol.Step) {
	if !imposed(s).Grave() || s.Renews != "" {
		return
	}
	passed := x.done(func(y *protocol.Step) bool { return x.passes(y, s) })
	if passed == none {
		return
	}
	over := x.done(func(y *protocol.Step) bool { return y.Lifts == s.ID })
	for i := range s.Deadlines {
		over = x.d.or(over, x.happened(s.Deadlines[i].Lapses))
	}
	tells, told, letters := none, none, []string(nil)
	for i := range x.moves {
		y := x.moves[i].step
		if y == nil || y.Move != "send" || !x.carriedOut(y) || x.passes(y, s) {
			continue
		}
		tells, letters = x.d.or(tells, x.moves[i].guard), append(letters, y.ID)
		if x.d.less(x.d.and(x.reach, x.happened(y.ID)), over) == none { // it says that it is over, and not that it rests meanwhile
			told = x.d.or(told, x.happened(y.ID))
		}
	}
	way := x.d.or(told, x.leadsTo(tells))
	for i := range x.moves {
		mv := &x.moves[i]
		if mv.step == nil || mv.step.Lifts != s.ID {
			continue
		}
		lost := x.d.less(x.image(mv, x.d.and(x.reach, passed)), way)
		if lost != none {
			story, _ := x.story(lost)
			x.finding(r, NoRelease, s.ID, mv.name, gone(story, letters))
		}
	}
}

// contestable finds a measure against which the remedy is taken away while the time there is for it still runs: by a closing, or by
// anything that was done meanwhile. What was lifted, or has ended, needs none any more.
func (x *exploration) contestable(r *Report, s *protocol.Step) {
	over := x.d.or(x.done(func(y *protocol.Step) bool { return y.Lifts == s.Of() }), x.expired(s))
	for i := range x.clocks {
		k := &x.clocks[i]
		from := x.p.Step(k.step)
		if !x.metBy(k.Deadline, kindAppealed) || from == nil || !x.follows(from, s.ID) {
			continue
		}
		can, lodged, appeals := none, none, []string(nil)
		for j := range x.moves {
			if y := x.moves[j].step; y != nil && y.Kind == kindAppealed && slices.Contains(k.MetBy, y.ID) {
				can, lodged, appeals = x.d.or(can, x.moves[j].guard), x.d.or(lodged, x.happened(y.ID)), append(appeals, y.ID)
			}
		}
		runs := x.d.less(x.d.and(x.reach, x.happened(k.step)), x.d.or(x.d.is(k.met), x.lapsed(k), lodged, over))
		bad := x.d.less(runs, can)
		if bad == none {
			continue
		}
		story, _ := x.story(bad)
		x.finding(r, NoRemedy, s.ID, k.Name, gone(story, appeals))
	}
}
