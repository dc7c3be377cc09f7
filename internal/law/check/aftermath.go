package check

import (
	"slices"

	"sanad/internal/law/protocol"
)

// aftermath looks at what can follow a measure: that it is published, that a remedy is lodged and a court rules on it, that it
// is lifted. None of it is left out for a light measure: a formal notice too stands in the register and opens the way to what
// comes after it, and every measure has its inverse.
func (x *exploration) aftermath(r *Report, mv *move) {
	s := mv.step
	made := x.image(mv, x.reach)
	if made == none {
		return
	}
	after := func(kind Kind, does func(*protocol.Step) bool, leads func(set) set) bool {
		can, steps := none, []string(nil)
		for i := range x.moves {
			if y := &x.moves[i]; y.step != nil && does(y.step) {
				can, steps = x.d.or(can, y.guard), append(steps, y.name)
			}
		}
		lost := x.d.less(made, leads(can))
		if lost != none {
			story, _ := x.story(lost)
			x.finding(r, kind, s.ID, "", gone(story, steps))
		}
		return lost == none
	}
	if s.Publishes == "" {
		x.finding(r, Unpublished, s.ID, "", nil)
	} else {
		after(Unpublished, func(y *protocol.Step) bool { return x.publishes(y, s) }, x.leadsTo)
	}
	switch {
	case s.Remedy == "" || len(x.pack.Remedies) > 0 && x.pack.RemedyRule(s.Remedy) == "":
		x.finding(r, NoRemedy, s.ID, s.Remedy, nil)
	case x.has(x.p, kindAppealed):
		_ = after(NoRemedy, func(y *protocol.Step) bool { return y.Kind == kindAppealed }, x.leadsTo) &&
			after(NoReview, func(y *protocol.Step) bool { return y.Kind == kindReviewed && x.courtly(y.By) }, x.leadsTo)
	case !x.elsewhere(kindAppealed, x.anybody):
		x.finding(r, NoRemedy, s.ID, s.Remedy, nil)
	case !x.elsewhere(kindReviewed, x.courtly):
		x.finding(r, NoReview, s.ID, "", nil)
	}
	after(NoLift, func(y *protocol.Step) bool { return y.Lifts == s.Of() && x.freely(y) }, func(can set) set {
		return x.leadsToBy(can, func(mv *move) bool { return mv.step == nil || x.freely(mv.step) })
	})
}

// publishes reports whether a step tells the public of a measure: what only some may read is not published.
func (x *exploration) publishes(y, measure *protocol.Step) bool {
	return x.public(y.Audience.Compartments) && len(y.Audience.Add) == 0 && (y.Move == "publish" || y.Kind == kindEntered) && (y.Publishes == measure.Publishes || y.Publishes == "")
}

// freely reports whether a step, on the way to a lifting or the lifting itself, waits for nothing that whoever bears the
// measure must do first, and is not left to those who carry it out: no gate, not the finding that somebody complied, committed
// or paid, and somebody else who may do it.
func (x *exploration) freely(y *protocol.Step) bool {
	if len(y.Gates) > 0 || slices.Contains([]string{kindComplied, kindCommitted, kindPaid}, y.Kind) {
		return false
	}
	return slices.ContainsFunc(y.By, func(role string) bool {
		return x.held(role, x.variant) && !slices.ContainsFunc(x.p.Steps, func(s protocol.Step) bool { return s.Kind == kindExecuted && slices.Contains(s.By, role) })
	})
}

// has reports whether a step of a protocol emits a kind.
func (c *checker) has(p *protocol.Protocol, kind string) bool {
	return slices.ContainsFunc(p.Steps, func(s protocol.Step) bool { return s.Kind == kind })
}

// elsewhere reports whether a kind is emitted in another protocol of the same sort of file, by roles that are as wanted.
func (m *model) elsewhere(kind string, by func(roles []string) bool) bool {
	return slices.ContainsFunc(m.pack.Protocols, func(p protocol.Protocol) bool {
		return p.Sort == m.p.Sort && p.ID != m.p.ID && slices.ContainsFunc(p.Steps, func(s protocol.Step) bool { return s.Kind == kind && by(s.By) })
	})
}

// anybody reports whether somebody holds one of some roles.
func (x *exploration) anybody(roles []string) bool {
	return slices.ContainsFunc(roles, func(role string) bool { return x.held(role, x.variant) })
}
