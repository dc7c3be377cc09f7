package sanction

import (
	"slices"

	"sanad/internal/act"
	"sanad/internal/law/protocol"
	"sanad/internal/office/cases"
)

// The kinds of act of this desk, all in a case.
const (
	KindOpened       = "procedure.opened"
	KindWeighed      = "measure.weighed"
	KindKnowledge    = "knowledge.recorded"
	KindFacilitation = "facilitation.found"
	KindInsufficient = "insufficiency.found"
	KindOpinion      = "opinion.received"
	KindSeized       = "court.seized"
	KindRuled        = "court.ruled"
	KindDecided      = "measure.decided"
	KindRenewed      = "measure.renewed"
	KindExecuted     = "execution.reported"
	KindPaid         = "payment.recorded"
	KindRecovery     = "recovery.sought"
	KindComplied     = "compliance.found"
	KindCommitted    = "commitments.accepted"
	KindLifted       = "measure.lifted"
	KindAppealed     = "appeal.lodged"
	KindAppealRuled  = "appeal.ruled"
	KindLabelled     = "label.granted"
	KindUnlabelled   = "label.revoked"
	KindClosed       = "procedure.closed"
)

// Kinds declares this desk's acts.
func Kinds() []act.Schema {
	of := []string{cases.Sort}
	kind := func(name string, commits []string, facts ...act.FactSchema) act.Schema {
		return act.Schema{
			Kind: name, Version: 1, Of: of, Purpose: "kind." + name, Basis: act.BasisProtocol, Retention: "procedure", Body: true, Commits: commits, Facts: facts,
		}
	}
	version := func(n int, s act.Schema) act.Schema {
		s.Version = n
		return s
	}
	second := func(s act.Schema) act.Schema { return version(2, s) }
	content := []string{protocol.CommitContent}
	code := func(name, list string, required bool) act.FactSchema {
		return act.FactSchema{Name: name, Type: act.Code, List: list, Required: required}
	}
	codes := func(name, list string) act.FactSchema { return act.FactSchema{Name: name, Type: act.Codes, List: list} }
	number := func(name string, required bool) act.FactSchema {
		return act.FactSchema{Name: name, Type: act.Int, Required: required}
	}
	yes := func(name string, required bool) act.FactSchema {
		return act.FactSchema{Name: name, Type: act.Bool, Required: required}
	}
	day := func(name string, required bool) act.FactSchema {
		return act.FactSchema{Name: name, Type: act.Date, Required: required}
	}
	opened := []act.FactSchema{{Name: "platform", Type: act.Ident, Required: true}, code("obligation", "obligations", true), day("facts_from", true), number(factFailures, false)}
	rung := code("rung", "rungs", false) // that stands after a lifting, or an annulment
	decided := []act.FactSchema{code("rung", "rungs", true), number("amount", false), day("expires_on", false), day(protocol.FactNoticedOn, false), day(factImposed, false)}
	ruled := []act.FactSchema{code("appeal", "appeal_rulings", true), yes(factFinal, false)}
	return []act.Schema{
		// Opened as of the facts it is about, a procedure goes by the law of then.
		act.Elsewhere(kind(KindOpened, nil, opened...)),
		second(kind(KindOpened, nil, append(opened, protocol.StaySchemas()...)...)),
		// Since then failures are those that the act cites, counted, and no number that somebody typed.
		version(3, kind(KindOpened, nil, append(opened, protocol.StaySchemas()...)...)),
		kind(
			KindWeighed, nil, code("aim", "aims", false), code("scope", "scopes", false), code("decider", "deciders", false), codes("lighter", "rungs"),
			codes("checks", "checks"), number("affected", false), number("creators", false), number("tried", false), number("reached", false), yes("reasons", false), yes("method", false),
			yes("mitigation", false), yes("schools", false), yes("emergency_calls", false), yes("shared_target", false), yes("child_weighed", false), yes("children_heard", false),
			yes("journalism", false), yes("evolution", false), yes("payment_insufficient", false), yes("conflict_declared", false), yes("remedy_stated", false),
			yes("symmetry_logged", false), day("expires_on", false), day("review_on", false), day("observed_on", false), day("told_on", false), yes("raw_export", false),
		),
		kind(KindKnowledge, nil, number("alerts", true), number("alert_sources", true), number("alert_days", true), yes("refused_change", false)),
		act.Elsewhere(kind(KindFacilitation, nil, yes("active", true), code("proof", "proofs", true))),
		act.Elsewhere(kind(KindInsufficient, nil, yes("payment_insufficient", true))),
		act.Elsewhere(kind(KindOpinion, nil, code("rights_opinion", "opinions", true))),
		kind(KindSeized, nil),
		act.Elsewhere(kind(KindRuled, content, code("ruling", "rulings", true), day("until", false))),
		kind(KindDecided, content, decided...),
		second(kind(KindDecided, content, append(decided, day(protocol.FactObligedOn, false))...)),
		kind(KindRenewed, content, append(protocol.ClockSchemas(), code("rung", "rungs", true), day("expires_on", true))...),
		act.Elsewhere(kind(KindExecuted, nil, yes("executed", true))),
		act.Elsewhere(kind(KindPaid, nil, number("paid", true))),
		kind(KindRecovery, nil, code("recovery", "recoveries", true)),
		kind(KindComplied, nil, yes("complied", true), yes("evolution", false)),
		kind(KindCommitted, nil),
		kind(KindLifted, nil, rung),
		second(kind(KindLifted, nil, append(protocol.StaySchemas(), rung)...)),
		version(3, kind(KindLifted, nil, slices.Concat(protocol.StaySchemas(), protocol.NotifiedSchemas(), []act.FactSchema{rung, yes(factFinal, false)})...)),
		act.Elsewhere(kind(KindAppealed, nil, yes("stay_asked", true))),
		second(kind(KindAppealed, nil, append(protocol.StaySchemas(), yes("stay_asked", true))...)),
		// One that comes to light when a fine was thought to be final says that it is not.
		version(3, kind(KindAppealed, nil, append(protocol.StaySchemas(), yes("stay_asked", true), yes(factFinal, false))...)),
		act.Elsewhere(kind(KindAppealRuled, nil, ruled...)),
		second(kind(KindAppealRuled, nil, append(ruled, protocol.StaySchemas()...)...)),
		version(3, kind(KindAppealRuled, nil, slices.Concat(ruled[:1], []act.FactSchema{number(factLeft, false)}, ruled[1:], protocol.StaySchemas())...)),
		// One that annuls says what stands without the measure.
		version(4, kind(KindAppealRuled, nil, slices.Concat(ruled[:1], []act.FactSchema{number(factLeft, false)}, ruled[1:], protocol.StaySchemas(), protocol.NotifiedSchemas(), []act.FactSchema{rung})...)),
		kind(KindLabelled, nil),
		kind(KindUnlabelled, nil),
		kind(KindClosed, nil, code("outcome", "procedure_outcomes", true)),
	}
}
