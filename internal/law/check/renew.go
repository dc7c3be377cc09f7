package check

import (
	"slices"

	"sanad/internal/law/gate"
	"sanad/internal/law/protocol"
)

// listStays are the rulings by which a court stays a measure.
const listStays = "appeal_stays"

// escalates finds a measure that can be taken while a court stays one before it. Only in case B is nothing before it that it rests on.
func (x *exploration) escalates(s *protocol.Step, need func(Kind, set, string)) {
	if !x.canStay() || x.lightest(s) {
		return
	}
	runs := x.outsideOf(protocol.FactStay, []string{protocol.StayStanding})
	if imposed(s).Kind == protocol.HostBlock {
		runs = x.d.or(runs, x.complicity())
	}
	need(NoPause, runs, protocol.FactStay)
}

// canStay reports whether a court can stay a measure in files of the protocol's sort: by a ruling, or by a step that says so.
func (m *model) canStay() bool {
	return slices.ContainsFunc(m.pack.Protocols, func(p protocol.Protocol) bool {
		return p.Sort == m.p.Sort && slices.ContainsFunc(p.Steps, func(s protocol.Step) bool {
			return s.Kind == kindReviewed && len(m.pack.Words(listStays)) > 0 || s.Sets[protocol.FactStay] == protocol.StayStanding
		})
	})
}

// renews finds a measure that is prolonged as its making could not be: without a court that ruled since, or anybody heard since;
// for longer than the pack lets the measure last; again and again; or by a clock at whose end the measure does not end.
func (x *exploration) renews(r *Report, s *protocol.Step, need func(Kind, set, string)) {
	if s.Renews == "" {
		return
	}
	ruled := x.done(func(y *protocol.Step) bool { return y.Kind == kindRuled && x.courtly(y.By) && x.follows(y, s.Renews) })
	if !x.courtly([]string{s.Decides}) {
		ruled = none
	}
	need(NoRenewal, ruled, kindRuled)
	need(NoRenewal, x.listenedSince(s.Renews), kindHeard)
	if s.Repeat {
		x.finding(r, NoRenewal, s.ID, "repeat", nil)
	}
	if longest := x.pack.Parameter("rung-" + s.Renews + "-longest"); s.Extends != nil && longest != nil && s.Extends.Rule != longest.Value.Code() {
		x.finding(r, NoRenewal, s.ID, s.Extends.Rule, nil)
	}
	for _, end := range x.p.Ends(s) {
		if !slices.ContainsFunc(end.MetBy, func(id string) bool { y := x.p.Step(id); return y != nil && y.Lifts == s.Renews }) {
			x.finding(r, NoRenewal, s.ID, end.Name, nil)
		}
	}
}

// follows reports whether a step is never done before another one was.
func (x *exploration) follows(y *protocol.Step, made string) bool {
	return x.d.less(x.d.and(x.reach, x.happened(y.ID)), x.happened(made)) == none
}

// listenedSince is where the party was heard anew, after a measure was made: the time it was given since to speak is over, or it
// was heard where nothing asks whether anybody spoke.
func (x *exploration) listenedSince(made string) set {
	out := none
	if !x.gatesAsk(factHeard) {
		out = x.done(func(y *protocol.Step) bool { return y.Kind == kindHeard && x.follows(y, made) })
	}
	for _, t := range x.times {
		s := x.p.Step(t.c.Step)
		if t.c.Op == gate.Elapsed && s != nil && x.enoughFor(kindHeard, t.c.Rule) && x.follows(s, made) &&
			slices.ContainsFunc(s.Deadlines, func(d protocol.Deadline) bool { return d.Rule == t.c.Rule && x.metBy(&d, kindHeard) }) {
			out = x.d.or(out, x.d.and(x.happened(s.ID), x.d.is(t.v)))
		}
	}
	for i := range x.clocks {
		k := &x.clocks[i]
		if s := x.p.Step(k.step); s != nil && x.metBy(k.Deadline, kindHeard) && x.enoughFor(kindHeard, k.Rule) && x.follows(s, made) {
			out = x.d.or(out, x.happened(k.Lapses))
		}
	}
	return out
}

// prolongs reports whether a step renews the measure of the step that starts a clock, by giving that clock more time.
func (m *model) prolongs(step string, k *clock) bool {
	s := m.p.Step(step)
	return s != nil && s.Renews == k.step && s.Extends != nil && slices.Contains(s.Extends.Deadlines, k.Name)
}

// prolonged reports whether some step renews a measure by giving a deadline of the step that made it more time.
func (m *model) prolonged(step string, d *protocol.Deadline) bool {
	return slices.ContainsFunc(m.p.Steps, func(s protocol.Step) bool { return m.prolongs(s.ID, &clock{step: step, Deadline: d}) })
}

func (m *model) renewed(k *clock) bool { return m.prolonged(k.step, k.Deadline) }

// lasts is where the measure that a step prolongs has not ended: none of the clocks at whose end it does was met or ran out. What
// ran out and is not recorded yet is told by something that came too late, or by a gate that waited as long.
func (m *model) lasts(s *protocol.Step) set {
	out := none
	for _, end := range m.p.Ends(s) {
		for i := range m.clocks {
			k := &m.clocks[i]
			if k.step != s.Renews || k.Name != end.Name {
				continue
			}
			on := m.d.less(m.happened(k.step), m.d.or(m.lapsed(k), m.d.is(k.met), m.d.is(k.past)))
			for _, name := range sortedKeys(m.times) {
				if t := m.times[name]; t.c.Op == gate.Elapsed && t.c.Step == k.step && t.c.Rule == k.Rule {
					on = m.d.less(on, m.d.is(t.v))
				}
			}
			if out == none {
				out = all
			}
			out = m.d.and(out, on)
		}
	}
	return out
}

// says is the set in which a fact has a word.
func (f *fact) says(word string) set {
	at := -1
	for i := 1; i < len(f.classes); i++ {
		switch c := &f.classes[i]; {
		case slices.Contains(c.words, word):
			return f.sets[i]
		case slices.Contains(c.words, anyOther):
			at = i
		}
	}
	if at < 0 {
		return none
	}
	return f.sets[at]
}
