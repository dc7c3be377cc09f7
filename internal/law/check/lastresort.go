package check

import (
	"slices"

	"sanad/internal/law/gate"
	"sanad/internal/law/legaltime"
	"sanad/internal/law/protocol"
)

// cases is where one of the cases stands in which a host may be blocked.
func (x *exploration) cases(s *protocol.Step) set {
	admitted := x.pack.Words(listCases)
	if admitted == nil {
		admitted = []string{CaseStubborn, CaseComplicity}
	}
	out := none
	for _, word := range admitted {
		switch word {
		case CaseStubborn:
			out = x.d.or(out, x.stubborn())
		case CaseComplicity:
			out = x.d.or(out, x.complicity())
		case CaseDanger:
			out = x.d.or(out, x.danger(s))
		}
	}
	return out
}

// stubborn is case A. What other procedures of the file did is known by what their acts say: the day on which the notice was notified,
// that a fine is final. A notice and a fine of this run count once they were notified.
func (x *exploration) stubborn() set {
	told := func(kind protocol.MeasureKind) set {
		return x.done(func(y *protocol.Step) bool {
			s := x.p.Step(y.Notifies)
			return s != nil && s.Measure != nil && s.Measure.Kind == kind
		})
	}
	noticed := x.d.or(told(protocol.FormalNotice), x.known(protocol.FactNoticedOn))
	fined := x.d.or(told(protocol.Fine), x.isTrue("fine_final"))
	long := none
	for _, t := range x.times {
		if t.c.Op != gate.Elapsed || !x.long(t.c.Rule) {
			continue
		}
		from := none
		switch s := x.p.Step(t.c.Step); {
		case t.c.Fact == protocol.FactNoticedOn, t.c.Fact == protocol.FactObligedOn: // from which of them the months run is the choice of the pack
			from = x.known(t.c.Fact)
		case s != nil && s.Notifies != "" && imposed(x.p.Step(s.Notifies)).Kind == protocol.FormalNotice:
			from = x.happened(s.ID)
		}
		long = x.d.or(long, x.d.and(from, x.d.is(t.v)))
	}
	return x.d.and(noticed, fined, long, x.isFalse("evolution"))
}

// factInsufficient is that stopping payments would not be enough, without which no host is blocked while payments still flow.
const factInsufficient = "payment_insufficient"

// found finds a block that rests on that although others than a court say it.
func (x *exploration) found(r *Report, s *protocol.Step) {
	f := x.declared(factInsufficient)
	asked := slices.ContainsFunc(x.gates(s), func(g *gate.Gate) bool { return decidedBy(g, factInsufficient) })
	if f == nil || !asked {
		return
	}
	for _, p := range x.pack.Protocols {
		for _, y := range p.Steps {
			if p.Sort == x.p.Sort && slices.Contains(f.SaidBy, y.Kind) && !x.courtly(y.By) {
				x.finding(r, NoDecider, s.ID, factInsufficient, nil)
				return
			}
		}
	}
}

// long reports whether a rule of time gives eighteen months or more, however they fall.
func (x *exploration) long(id string) bool {
	const months = 18
	return x.lasts(id, months*31, months*31, months)
}

// lasts reports whether a rule of time gives so many days, working days or months at least.
func (x *exploration) lasts(id string, days, working, months int) bool {
	r := x.pack.Rule(id)
	if r == nil {
		return false
	}
	switch r.Mode {
	case legaltime.Years:
		return r.Count*12 >= months
	case legaltime.Months, legaltime.MonthsFrancs, legaltime.MonthsFrancs1964:
		return r.Count >= months
	case legaltime.WorkingDays:
		return r.Count >= working
	case legaltime.Hours:
		return r.Count >= days*24
	default:
		return r.Count >= days
	}
}

// complicity is case B. That the platform takes part is for a court to find, and no leave given since makes up for it.
func (x *exploration) complicity() set {
	for _, p := range x.pack.Protocols {
		for _, s := range p.Steps {
			if s.Kind == kindFacilitation && p.Sort == x.p.Sort && !x.courtly(s.By) {
				return none
			}
		}
	}
	return x.d.and(x.isTrue("active"), x.atLeast("alerts", leastAlerts), x.isTrue("refused_change"))
}

// danger is the case of a life in danger. It is short: the longest time that the measure may last is five weeks at most.
func (x *exploration) danger(s *protocol.Step) set {
	longest := x.pack.Parameter("rung-" + s.Of() + "-longest")
	if longest == nil {
		return none
	}
	r := x.pack.Rule(longest.Value.Code())
	const weeks = 5
	if r == nil || !(r.Mode == legaltime.Days && r.Count <= weeks*7 || r.Mode == legaltime.Hours && r.Count <= weeks*7*24) {
		return none
	}
	return x.d.and(x.among("situation", codes(x.pack.Words(listDanger))...), x.granted(), x.isFalse("evolution"))
}
