package check

import (
	"slices"

	"sanad/internal/law/gate"
	"sanad/internal/law/protocol"
)

// A court that annuls a measure takes away what the next one rests on, and at once: whoever lost need not lift anything first.

// listAnnuls are the rulings by which a court annuls a measure. A pack without them annuls none.
const listAnnuls = "appeal_annuls"

// noted lists how a step changes a fact that tells what stands and was notified; false where it is a fact like any other. The engine says
// it of a notification, and the desk of a lifting: what stands then is not what was lifted.
func (m *model) noted(s *protocol.Step, f *fact, vars set) (out []change, is bool) {
	made := m.p.Step(s.Notifies)
	switch {
	case !slices.Contains([]string{protocol.FactNotified, protocol.FactNotifiedOn, protocol.FactNoticedOn, protocol.FactObligedOn}, f.name):
		return nil, false
	case s.Lifts != "" && f.name == protocol.FactNotified:
		return []change{{[]way{{all, vars, m.d.less(f.known, f.says(s.Lifts))}}, !m.pack.Has(listRungs, nothing)}}, true
	case s.Lifts != "" || s.Kind == kindReviewed:
		return nil, false
	case made == nil || made.Renews != "",
		f.name == protocol.FactNoticedOn && (made.Measure == nil || made.Measure.Kind != protocol.FormalNotice),
		f.name == protocol.FactObligedOn && made.Measure != nil:
		return nil, true
	case f.name == protocol.FactNotified:
		gone := m.done(func(y *protocol.Step) bool { return y.Lifts == made.ID })
		return []change{{ways: []way{{m.d.not(gone), vars, f.says(made.Of())}, {gone, all, all}}}}, true
	default:
		return []change{{ways: []way{{all, vars, f.known}}}}, true
	}
}

// nothing is the word of the rungs that stands where no measure does.
const nothing = "none"

// annuls reports whether a step may record that a court annulled a measure: where some step starts the time to unwind it, that one.
func (m *model) annuls(y, made *protocol.Step) bool {
	unwinds := func(s *protocol.Step) bool { return m.p.Unwinds(s, made.ID) }
	if slices.ContainsFunc(m.p.Steps, func(s protocol.Step) bool { return unwinds(&s) }) {
		return unwinds(y)
	}
	return y.Kind == kindReviewed
}

// outlived finds what is graver than a measure, or makes it last longer, and can still be decided in its run after a court annulled it,
// nothing graver standing. That the court takes this back is not looked at: then the measure stands again.
func (x *exploration) outlived(r *Report, s *protocol.Step) {
	if len(x.pack.Words(listAnnuls)) == 0 || s.Renews != "" {
		return
	}
	alone := x.d.and(x.reach, x.happened(s.ID))
	var next []*move
	for i := range x.moves {
		y := &x.moves[i]
		if y.step == nil || !imposes(y.step) || y.step.ID == s.ID {
			continue
		}
		if y.step.Renews == "" && !x.lighter(y.step, s) {
			alone = x.d.less(alone, x.happened(y.step.ID))
		}
		if y.step.Renews == s.ID || y.step.Renews == "" && x.lighter(s, y.step) {
			next = append(next, y)
		}
	}
	void := x.void(s, alone)
	if next = slices.DeleteFunc(next, func(y *move) bool { return x.barred(y, s) }); len(next) == 0 || void == none {
		return
	}
	for before := none; before != void; {
		before = void
		for i := range x.moves {
			y := &x.moves[i]
			if y.step != nil && imposes(y.step) {
				continue
			}
			void = x.d.or(void, x.d.less(x.image(y, void), x.stands(s)))
		}
	}
	for _, y := range next {
		bad := x.d.and(void, y.full)
		if bad == none || x.complicit(y.step, bad) {
			continue
		}
		x.finding(r, Outlived, y.name, s.ID, x.storyOf(y, bad, x.d.not(void)))
	}
}

// complicit reports whether a block is decided in case B alone, which rests on nothing before it.
func (x *exploration) complicit(s *protocol.Step, at set) bool {
	return imposed(s).Kind == protocol.HostBlock && x.d.less(at, x.complicity()) == none
}

// void is where a court has just annulled a measure. Where gates ask what stands and rulings say it, that is something else then.
func (x *exploration) void(s *protocol.Step, alone set) set {
	out := none
	for i := range x.moves {
		if y := &x.moves[i]; y.step != nil && x.annuls(y.step, s) {
			out = x.d.or(out, x.image(y, alone))
		}
	}
	if words := codes(x.pack.Words(listAnnuls)); x.facts[factAppeal] != nil {
		out = x.d.and(out, x.among(factAppeal, words...))
	}
	return x.d.less(out, x.stands(s))
}

// factAppeal is what a court ruled on an appeal.
const factAppeal = "appeal"

// stands is where a measure is known to stand although a court annulled it, which no ruling says that says what stands.
func (x *exploration) stands(s *protocol.Step) set {
	f, said := x.facts[protocol.FactNotified], x.declared(protocol.FactNotified)
	if f == nil || said == nil || !slices.Contains(said.SaidBy, kindReviewed) {
		return none
	}
	return f.says(s.ID)
}

// barred reports whether no annulment of a measure leaves a step open, whatever else is done: its order says so.
func (x *exploration) barred(y *move, s *protocol.Step) bool {
	for i := range x.p.Steps {
		z := &x.p.Steps[i]
		if x.annuls(z, s) && x.d.and(y.guard, x.happened(z.ID)) != none {
			return false
		}
	}
	return true
}

// unsaid finds a gate that asks which rung stands, where what ends one need not say so: a ruling that annuls it, or its lifting.
func (c *checker) unsaid(p *protocol.Protocol, s *protocol.Step, found found) {
	for _, kind := range []string{kindReviewed, kindLifted} {
		if kind == kindReviewed && len(c.pack.Words(listAnnuls)) == 0 || !c.emitted(p.Sort, kind) {
			continue
		}
		for _, g := range c.gates(s) {
			g.Test.Walk(func(k *gate.Condition) {
				f := c.declared(k.Fact)
				stands := (k.Fact == protocol.FactNotified || k.Fact == protocol.FactRung) && asks(k)
				if stands && f != nil && !slices.Contains(f.SaidBy, kind) {
					found(Outlived, g.ID, "")
				}
			})
		}
	}
}

// emitted reports whether some step in files of a sort emits a kind.
func (c *checker) emitted(sort, kind string) bool {
	return slices.ContainsFunc(c.pack.Protocols, func(p protocol.Protocol) bool { return p.Sort == sort && c.has(&p, kind) })
}
