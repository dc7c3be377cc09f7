package check

import (
	"slices"

	"sanad/internal/law/gate"
	"sanad/internal/law/protocol"
)

// factImposed is the day of a decision, from which nobody's time counts.
const factImposed = "imposed_on"

// told is where whoever bears what a step decided was notified of it, in this run.
func (x *exploration) told(made *protocol.Step) set {
	return x.done(func(y *protocol.Step) bool { return y.Notifies == made.ID })
}

// notified finds what may be done with a measure of which nobody was told: it is published, or something graver is decided. Where
// other procedures decided what is lighter, it must be known which of that was notified last.
func (x *exploration) notified(r *Report, mv *move) {
	s := mv.step
	made := x.image(mv, x.reach)
	if made == none {
		return
	}
	if len(x.p.Notification(s.ID)) == 0 {
		x.finding(r, Unnotified, s.ID, "", nil)
		return
	}
	unaware := x.d.less(x.d.and(x.reach, x.happened(s.ID)), x.told(s))
	for i := range x.moves {
		y := &x.moves[i]
		switch {
		case y.step == nil:
		case x.publishes(y.step, s) && (s.Renews == "" || x.follows(y.step, s.ID)): // one may publish several: then the first of them at least
			x.against(r, Unnotified, s.ID, y, x.d.less(unaware, x.anyTold(s)))
		case imposes(y.step) && y.step.Renews == "" && s.Renews == "" && x.lighter(s, y.step):
			x.against(r, Unnotified, s.ID, y, unaware)
		}
	}
}

// anyTold is where something that is published as a measure is was notified.
func (x *exploration) anyTold(s *protocol.Step) set {
	out := none
	for i := range x.p.Steps {
		if y := &x.p.Steps[i]; imposes(y) && y.Publishes == s.Publishes && (y.Renews == "") == (s.Renews == "") {
			out = x.d.or(out, x.told(y))
		}
	}
	return out
}

// against finds something to be done in some states, which a measure should not come to.
func (x *exploration) against(r *Report, kind Kind, measure string, mv *move, bad set) {
	ok := x.d.not(bad)
	bad = x.d.and(bad, mv.full)
	if bad == none {
		return
	}
	x.finding(r, kind, measure, mv.name, x.storyOf(mv, bad, ok))
}

// climbs finds a rung that other procedures lead to, and that is decided though nobody knows what was notified. A notice and a warning
// may be the first thing that happens to somebody, and case B rests on nothing before it.
func (x *exploration) climbs(s *protocol.Step, need func(Kind, set, string)) {
	kind := imposed(s).Kind
	inRun := slices.ContainsFunc(x.p.Steps, func(y protocol.Step) bool { return imposes(&y) && x.lighter(&y, s) })
	if s.Renews != "" || inRun || x.lightest(s) || kind == protocol.Warning || kind == protocol.FormalNotice {
		return
	}
	known := x.known(protocol.FactNotified)
	if kind == protocol.HostBlock {
		known = x.d.or(known, x.complicity())
	}
	need(Unnotified, known, protocol.FactNotified)
}

// counted finds a gate that asks what was decided before and not what was notified, or counts from the decision alone. Of what the same run
// decided, the time there was is that of its own clocks.
func (c *checker) counted(p *protocol.Protocol, s *protocol.Step, found found) {
	for _, g := range c.gates(s) {
		var decided, told, since bool
		own := true
		g.Test.Walk(func(k *gate.Condition) {
			elapsed := k.Op == gate.Elapsed
			decided = decided || k.Fact == protocol.FactRung || k.Fact == protocol.FactNotified || k.Fact == factImposed
			told = told || k.Fact == protocol.FactNotified && asks(k)
			own = own && (k.Fact != protocol.FactNotified || !asks(k) || decidedIn(p, k))
			since = since || elapsed && slices.Contains([]string{protocol.FactNotifiedOn, protocol.FactNoticedOn, protocol.FactObligedOn}, k.Fact)
		})
		if decided && (!told || !since && !own) {
			found(Unnotified, g.ID, "")
		}
	}
}

// decidedIn reports whether every rung that a condition names is decided by a step of a protocol.
func decidedIn(p *protocol.Protocol, k *gate.Condition) bool {
	rungs := slices.Clone(k.Words)
	if word := k.Value.Code(); word != "" {
		rungs = append(rungs, word)
	}
	return len(rungs) > 0 && !slices.ContainsFunc(rungs, func(word string) bool { return p.Step(word) == nil })
}

// asksAgain finds a gate that stands before a party is invited to be heard, and not before the measure that the invitation leads to: what
// changed in between would change nothing.
func (x *exploration) asksAgain(r *Report, s *protocol.Step) {
	for i := range x.p.Steps {
		y := &x.p.Steps[i]
		hears := y.Move == "send" && slices.ContainsFunc(y.Deadlines, func(d protocol.Deadline) bool { return x.metBy(&d, kindHeard) })
		if !hears || !x.follows(s, y.ID) || s.Renews != "" && !x.follows(y, s.Renews) {
			continue
		}
		for _, id := range y.Gates {
			if !slices.Contains(s.Gates, id) {
				x.finding(r, Unasked, s.ID, id, nil)
			}
		}
	}
}

// freed finds a clock of whoever bears a measure that goes on when the measure is gone: to comply, to pay or to appeal, though it was
// lifted, or annulled by a ruling that starts the clock of its unwinding.
func (c *checker) freed(p *protocol.Protocol, s *protocol.Step, found found) {
	if !imposes(s) {
		return
	}
	var ends []string
	for i := range p.Steps {
		y := &p.Steps[i]
		if y.Lifts == s.Of() || p.Unwinds(y, s.Of()) {
			ends = append(ends, y.ID)
		}
	}
	for _, from := range append(p.Notification(s.ID), s) {
		for _, d := range from.Deadlines {
			theirs := slices.ContainsFunc(d.MetBy, func(id string) bool {
				y := p.Step(id)
				return y != nil && slices.Contains([]string{kindComplied, kindPaid, kindAppealed}, y.Kind)
			})
			if theirs && slices.ContainsFunc(ends, func(id string) bool { return !slices.Contains(d.MetBy, id) }) {
				found(Bound, d.Name, "")
			}
		}
	}
}
