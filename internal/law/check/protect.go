package check

import (
	"slices"

	"sanad/internal/act"
	"sanad/internal/law/gate"
	"sanad/internal/law/protocol"
)

// Kinds of act that say what protects whoever a measure is aimed at. They are the program's own.
const (
	kindHeard        = protocol.KindHeard
	kindOpened       = "procedure.opened"
	kindRuled        = "court.ruled"
	kindSeized       = "court.seized"
	kindOpinion      = "opinion.received"
	kindFacilitation = "facilitation.found"
	kindDecided      = "measure.decided"
	kindAppealed     = "appeal.lodged"
	kindReviewed     = protocol.KindReviewed
	kindLifted       = "measure.lifted"
	kindComplied     = "compliance.found"
	kindWeighed      = "measure.weighed"
	kindCommitted    = "commitments.accepted"
	kindPaid         = "payment.recorded"
	kindPrepared     = "request.prepared"
	kindMeasured     = "audience.measured"
	kindContested    = "count.contested"
	kindEntered      = "register.entered"
	kindExecuted     = "execution.reported"
	kindPreserved    = "preservation.ordered"
	kindFailure      = "failure.found"
	kindReported     = "failure.reported"
	kindInformed     = "person.informed"
)

// Lists by which a pack may say what its words mean. Each is optional.
const (
	listInScope      = "in_scope"      // situations a procedure may be about
	listAims         = "lawful_aims"   // aims a measure may have
	listGrants       = "rulings_grant" // rulings by which a court gives leave
	listCourts       = "courts"        // institutions that are courts, or as independent
	listCoordinators = "coordinators"  // roles that coordinate and decide nothing
	listCases        = "block_cases"   // when a host may be blocked: words of Cases
	listDanger       = "life_threats"  // situations in which a life is in danger

	listAgeDuties    = "age_duties"         // obligations to know how old people are
	listAgeChecks    = "age_checks"         // checks, all of which a measure for such an obligation needs
	listChildDuties  = "child_duties"       // obligations for which the child is weighed whatever the measure
	listOpenData     = "open_data"          // kinds of data that may be asked for without a court's leave
	listIncitement   = "incitement_aims"    // aims that rest on somebody inciting
	listInciteChecks = "incitement_factors" // checks, all of which a measure with such an aim needs
)

// grants are the rulings that give leave where the pack does not list them.
var grants = []string{"granted", "granted_in_part"}

// The cases in which a host may be blocked. A pack that lists none admits the first two.
const (
	CaseStubborn   = "stubborn"   // notified, put on notice, fined, eighteen months or more, and no evolution
	CaseComplicity = "complicity" // a court found active facilitation; repeated alerts; refusal to change
	CaseDanger     = "danger"     // a life in danger, a court's leave, no evolution, and five weeks at most
)

// factHeard is what a hearing's record says: whether anybody spoke.
const factHeard = "heard"

// leastAlerts is how many alerts are repeated ones.
const leastAlerts = 2

// protections are the facts that protections look at, with what is asked of them besides what gates ask.
var protections = map[string][]gate.Condition{
	"aim": nil, "situation": nil, "reasons": nil, factLighter: nil, factTried: {{Op: gate.Ge, Value: act.OfInt(1)}}, "conflict_declared": nil,
	"affected": nil, "method": nil, "mitigation": nil, "creators": nil, "schools": nil, "emergency_calls": nil, "shared_target": nil, "scope": nil, "expires_on": nil, "review_on": nil, "journalism": nil, "child_weighed": nil,
	"rights_opinion": nil, "evolution": nil, "frozen": nil, factHeard: nil, "active": nil, "alerts": {{Op: gate.Ge, Value: act.OfInt(leastAlerts)}},
	"refused_change": nil, "ruling": nil, "fine_final": nil, "noticed_on": nil, "purpose": nil, "already_held": nil, "dpa_receipt": nil, "identifiers": nil,
	factObligation: nil, factChecks: nil, protocol.FactStay: nil, factRemedy: nil,
}

// What a measure's obligation is, what was checked before it, and that its decision says how it is appealed against.
const (
	factRemedy     = "remedy_stated"
	factObligation = "obligation"
	factChecks     = "checks"
)

// protects asks for the facts that protections look at: words one by one, so that it can be told which a gate lets in.
func (m *model) protects(s *protocol.Step, ask func(*gate.Condition)) {
	if s.Kind == kindPrepared {
		m.demands(ask)
	}
	if !imposes(s) && s.Kind != kindPrepared {
		return
	}
	for _, name := range sortedKeys(protections) {
		f := m.declared(name)
		if f == nil || name == factObligation && !m.weighsDuties() {
			continue
		}
		ask(&gate.Condition{Op: gate.Known, Fact: name})
		for _, c := range protections[name] {
			c.Fact = name
			ask(&c)
		}
		if c := m.some(name); c != nil && name == factLighter {
			ask(c)
		}
		if f.Type == act.Bool {
			ask(&gate.Condition{Op: gate.Eq, Fact: name, Value: act.OfBool(true)})
		}
		if f.Type == act.Code {
			for _, w := range m.pack.Words(f.List) {
				ask(&gate.Condition{Op: gate.Eq, Fact: name, Value: act.OfCode(w)})
			}
		}
		if name == factChecks {
			for _, w := range slices.Concat(m.pack.Words(listAgeChecks), m.pack.Words(listInciteChecks)) {
				ask(&gate.Condition{Op: gate.Has, Fact: name, Words: []string{w}})
			}
		}
	}
	if m.declared(protocol.FactNotified) != nil {
		ask(&gate.Condition{Op: gate.Known, Fact: protocol.FactNotified})
	}
	for _, f := range m.pack.Facts {
		if slices.Equal(f.SaidBy, []string{kindOpened}) {
			ask(&gate.Condition{Op: gate.Known, Fact: f.ID})
		}
	}
}

// measure finds what a measure can be imposed without.
func (x *exploration) measure(r *Report, mv *move) {
	s := mv.step
	grave, block := imposed(s).Grave(), imposed(s).Kind == protocol.HostBlock
	need := func(kind Kind, must set, because string) { x.without(r, mv, kind, must, because) }

	need(NoLaw, x.asserted(s), "law_in_force")
	need(NoObligation, x.evidence(kindOpened), kindOpened)
	need(NoAim, x.within(mv, "aim", listAims), "aim")
	need(NoScope, x.within(mv, "situation", listInScope), "situation")
	need(NoReasons, x.isTrue("reasons"), "reasons")
	need(NoHearing, x.listened(), kindHeard)
	if x.declared("conflict_declared") != nil {
		need(NoConflict, x.known("conflict_declared"), "conflict_declared")
	}
	if x.declared(factRemedy) != nil && x.gatesAsk(factRemedy) {
		need(NoRemedy, x.isTrue(factRemedy), factRemedy)
	}
	for _, c := range []struct {
		kind               Kind
		fact, when, checks string
	}{{NoAgeChecks, factObligation, listAgeDuties, listAgeChecks}, {NoFactors, "aim", listIncitement, listInciteChecks}} {
		if words := x.pack.Words(c.when); words != nil {
			need(c.kind, x.d.or(x.outsideOf(c.fact, words), x.checked(x.pack.Words(c.checks))), factChecks)
		}
	}
	if words := x.pack.Words(listChildDuties); words != nil && !block {
		need(NoChild, x.d.or(x.outsideOf(factObligation, words), x.isTrue("child_weighed")), "child_weighed")
	}
	need(NoNecessity, x.necessary(s), factLighter)
	x.escalates(s, need)
	x.climbs(s, need)
	x.renews(r, s, need)
	if !grave {
		return
	}
	need(NoDecider, x.independent(s), kindRuled)
	need(NoTarget, x.precise(mv, s), "scope")
	need(NoCollateral, x.estimated(block), "affected")
	need(NoPress, x.isFalse("journalism"), "journalism")
	end := x.known("expires_on")
	if x.declared("review_on") != nil { // and a day before it on which the measure is looked at again
		end = x.d.and(end, x.known("review_on"))
	}
	need(NoExpiry, end, "expires_on")
	if !block {
		return
	}
	need(NoChild, x.isTrue("child_weighed"), "child_weighed")
	if x.declared("rights_opinion") != nil || x.has(x.p, kindOpinion) {
		need(NoOpinion, x.d.or(x.heard(kindOpinion), x.known("rights_opinion"), x.waited(kindOpinion)), kindOpinion)
	}
	need(NoCase, x.cases(s), "")
	x.found(r, s)
	if x.declared("frozen") != nil {
		need(NoFreeze, x.d.or(x.isFalse("frozen"), x.complicity()), "frozen")
	}
}

// imposes reports whether a step imposes something on somebody. A decision for which there is no word of measure does so too:
// it binds, and is asked what the lightest measures are.
func imposes(s *protocol.Step) bool { return s.Measure != nil || s.Kind == kindDecided }

// imposed returns what a step imposes.
func imposed(s *protocol.Step) protocol.Measure {
	if s.Measure == nil {
		return protocol.Measure{Kind: protocol.FormalNotice, Target: protocol.Addressee, Executor: protocol.Authority}
	}
	return *s.Measure
}

// estimated is where it is known whom else a measure affects, by which method; of what the pack counts besides, how that is
// softened, and for a block how many live from the service, and whether schools and calls for help pass over it.
func (x *exploration) estimated(block bool) set {
	out := x.d.and(x.known("affected"), x.isTrue("method"))
	if x.declared("mitigation") != nil {
		out = x.d.and(out, x.isTrue("mitigation"))
	}
	for _, fact := range []string{"creators", "schools", "emergency_calls"} {
		if block && x.declared(fact) != nil {
			out = x.d.and(out, x.known(fact))
		}
	}
	return out
}

// asserted is where a gate insisted that each text the step rests on is in force, at the date of some fact too.
func (x *exploration) asserted(s *protocol.Step) set {
	out := all
	for _, b := range s.Basis {
		asked := none
		for _, l := range x.laws {
			if len(l.c.On) > 0 && (l.c.Text == "" || l.c.Text == b.Text) {
				asked = x.d.or(asked, x.d.is(l.v))
			}
		}
		out = x.d.and(out, asked)
	}
	return out
}

// evidence is where an act of a kind was done: in this run, or said by a fact that only that kind says.
func (x *exploration) evidence(kind string) set {
	out := x.done(func(s *protocol.Step) bool { return s.Kind == kind })
	for _, f := range x.pack.Facts {
		if slices.Equal(f.SaidBy, []string{kind}) {
			out = x.d.or(out, x.known(f.ID))
		}
	}
	return out
}

// done is where some step of a sort was done.
func (m *model) done(is func(*protocol.Step) bool) set {
	out := none
	for i := range m.p.Steps {
		if is(&m.p.Steps[i]) {
			out = m.d.or(out, m.happened(m.p.Steps[i].ID))
		}
	}
	return out
}

// heard is where an act of a kind was done in this run, or the time there was for it ran out.
func (x *exploration) heard(kind string) set {
	return x.d.or(x.done(func(s *protocol.Step) bool { return s.Kind == kind }), x.silent(kind))
}

// silent is where the time there was for an act of a kind ran out, as its lapse recorded.
func (x *exploration) silent(kind string) set {
	out := none
	for i := range x.clocks {
		if k := &x.clocks[i]; x.metBy(k.Deadline, kind) && x.enoughFor(kind, k.Rule) {
			out = x.d.or(out, x.happened(k.Lapses))
		}
	}
	return out
}

// enoughFor reports whether a rule gives enough time for an act of a kind: two weeks to be heard, which is what Regulation (EU)
// 2022/2065 gives before a court restricts access, and a day less than the fifteen that are usual elsewhere.
func (x *exploration) enoughFor(kind, rule string) bool {
	const weeks = 2
	return kind != kindHeard || x.lasts(rule, 7*weeks, 5*weeks, 1)
}

// listened is where the party was heard, or the time it was given to speak is over. Where gates ask whether anybody
// spoke, that a hearing was recorded is not enough: the record may say that nobody did, on the day of the invitation.
func (x *exploration) listened() set {
	if !x.gatesAsk(factHeard) {
		return x.heard(kindHeard)
	}
	return x.d.or(x.isTrue(factHeard), x.waited(kindHeard), x.silent(kindHeard))
}

// gatesAsk reports whether some gate of the pack asks for a fact.
func (m *model) gatesAsk(fact string) bool {
	found := false
	for i := range m.pack.Gates {
		m.pack.Gates[i].Test.Walk(func(c *gate.Condition) { found = found || c.Fact == fact })
	}
	return found
}

// waited is where a gate made sure that the time which a step gives for an act of a kind is over.
func (x *exploration) waited(kind string) set {
	out := none
	for _, t := range x.times {
		if t.c.Op != gate.Elapsed || t.c.Step == "" || !x.enoughFor(kind, t.c.Rule) {
			continue
		}
		s := x.p.Step(t.c.Step)
		if s != nil && slices.ContainsFunc(s.Deadlines, func(d protocol.Deadline) bool { return d.Rule == t.c.Rule && x.metIn(&d, kind) }) {
			out = x.d.or(out, x.d.and(x.happened(s.ID), x.d.is(t.v)))
		}
	}
	return out
}

// metBy reports whether an act of a kind meets a deadline of the protocol.
func (m *model) metBy(d *protocol.Deadline, kind string) bool { return m.metIn(d, kind) }

func (m *model) metIn(d *protocol.Deadline, kind string) bool {
	return slices.ContainsFunc(d.MetBy, func(id string) bool {
		s := m.p.Step(id)
		return s != nil && s.Kind == kind
	})
}

// weighsDuties reports whether the pack says what some of its obligations ask for besides.
func (m *model) weighsDuties() bool {
	return m.pack.Words(listAgeDuties) != nil || m.pack.Words(listChildDuties) != nil
}

// precise is where a measure aims at something told apart from all else, and shared with nobody.
func (x *exploration) precise(mv *move, s *protocol.Step) set {
	out := x.within(mv, "scope", "")
	if imposed(s).Kind == protocol.HostBlock {
		out = x.d.and(out, x.isFalse("shared_target"))
	}
	return out
}

// granted is where a court gave leave.
func (x *exploration) granted() set {
	words := x.pack.Words(listGrants)
	if words == nil {
		words = grants
	}
	out := x.among("ruling", codes(words)...)
	if x.has(x.p, kindRuled) { // its own court's, not another procedure's
		out = x.d.and(out, x.done(func(s *protocol.Step) bool { return s.Kind == kindRuled && x.courtly(s.By) }))
	}
	return out
}

// independent is where a court gave leave, or everywhere where only a court can perform the step.
func (x *exploration) independent(s *protocol.Step) set {
	if x.courtly(s.By) && x.pack.Words(listCourts) != nil {
		return all
	}
	return x.granted()
}

// courtly reports whether every role is held by a court. Where the pack does not list its courts, who rules must at least
// not be of an institution that performs measures.
func (x *exploration) courtly(roles []string) bool {
	courts := x.pack.Words(listCourts)
	performers := map[string]bool{}
	for _, p := range x.pack.Protocols {
		for _, s := range p.Steps {
			for _, role := range s.By {
				performers[x.institution(role, x.variant)] = performers[x.institution(role, x.variant)] || imposes(&s)
			}
		}
	}
	return len(roles) > 0 && !slices.ContainsFunc(roles, func(role string) bool {
		of := x.institution(role, x.variant)
		if courts != nil {
			return !slices.Contains(courts, of)
		}
		return of == "" || performers[of]
	})
}
