package check

import (
	"slices"

	"sanad/internal/law/protocol"
)

// A remedy does not lie in the hands of those it is against: whoever decided may record an appeal, and may not be the only one who can.

// captive finds a measure against which, once whoever bears it was told, nobody can lodge an appeal but with the help of the institution
// that decided it: it records the appeal itself, or does first what the appeal waits for. What is closed, was lifted or has ended needs none
// any more; that an appeal can be lodged at all, and while the time for it runs, is asked besides.
func (x *exploration) captive(r *Report, s *protocol.Step) {
	if !x.has(x.p, kindAppealed) || len(x.p.Notification(s.ID)) == 0 {
		return
	}
	others := x.besides(s)
	can, any, lodged := none, none, none
	for i := range x.moves {
		if y := &x.moves[i]; y.step != nil && y.step.Kind == kindAppealed {
			any, lodged = x.d.or(any, y.guard), x.d.or(lodged, x.happened(y.name))
			if others(y) {
				can = x.d.or(can, y.guard)
			}
		}
	}
	switch {
	case any == none: // nobody can lodge one, which is found as what it is
		return
	case can == none:
		x.finding(r, Captive, s.ID, "", nil)
		return
	}
	over := x.d.or(x.closed, lodged, x.expired(s), x.done(func(y *protocol.Step) bool { return y.Lifts == s.Of() }))
	lost := x.d.less(x.d.and(x.reach, x.told(s)), x.d.or(over, can))
	if lost != none { // not at once, but perhaps later
		lost = x.d.and(x.d.less(lost, x.leadsToBy(can, others)), x.leadsTo(any))
	}
	if lost != none {
		story, _ := x.story(lost)
		x.finding(r, Captive, s.ID, "", story)
	}
}

// besides tells of the moves that nobody of the institution which decides a measure has to make: others may, or time does.
func (x *exploration) besides(s *protocol.Step) func(*move) bool {
	var own []string
	for _, role := range s.By {
		own = append(own, x.institution(role, x.variant))
	}
	return func(y *move) bool {
		return y.step == nil || slices.ContainsFunc(y.step.By, func(role string) bool {
			of := x.institution(role, x.variant)
			return of != "" && !slices.Contains(own, of)
		})
	}
}

// rulings finds a step that records what a court ruled on an appeal, or that nobody appealed, and that is not the court's.
func (x *exploration) rulings(r *Report) {
	if !slices.ContainsFunc(x.p.Steps, func(s protocol.Step) bool { return imposes(&s) }) {
		return
	}
	for i := range x.p.Steps {
		if s := &x.p.Steps[i]; s.Kind == kindReviewed && !x.courtly(s.By) {
			x.finding(r, Captive, s.ID, s.Kind, nil)
		}
	}
}
