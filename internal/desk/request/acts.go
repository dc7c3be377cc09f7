package request

import (
	"sanad/internal/act"
	"sanad/internal/law/protocol"
	"sanad/internal/office/cases"
)

// The kinds of act of this desk, all in a case.
const (
	KindPreserved  = "preservation.ordered"
	KindPrepared   = "request.prepared"
	KindUrgent     = "urgency.confirmed"
	KindAuthorised = "request.authorised"
	KindReceipt    = protocol.KindReceipt
	KindAnswered   = "answer.recorded"
	KindFailure    = "failure.found"
	KindReported   = "failure.reported"
	KindRetracted  = "failure.retracted"
	KindAssistance = "assistance.sought"
	KindInformed   = "person.informed"
	KindWithdrawn  = "request.withdrawn"
	KindClosed     = "request.closed"
)

// Kinds declares this desk's acts.
func Kinds() []act.Schema {
	of := []string{cases.Sort}
	kind := func(name string, body bool, facts ...act.FactSchema) act.Schema {
		return act.Schema{
			Kind: name, Version: 1, Of: of, Purpose: "kind." + name, Basis: act.BasisProtocol, Retention: "procedure", Body: body, Facts: facts,
		}
	}
	platform := act.FactSchema{Name: "platform", Type: act.Ident, Required: true}
	offence := act.FactSchema{Name: "offence", Type: act.Code, List: "offences", Required: true}
	identifiers := act.FactSchema{Name: "identifiers", Type: act.Int, Required: true}
	yes := func(name string, required bool) act.FactSchema {
		return act.FactSchema{Name: name, Type: act.Bool, Required: required}
	}
	received := act.FactSchema{Name: protocol.FactReceipt, Type: act.Code, List: "receipts", Required: true}
	second := func(s act.Schema) act.Schema {
		s.Version = 2
		return s
	}
	return []act.Schema{
		kind(KindPreserved, true, platform, offence, identifiers, act.FactSchema{Name: "expires_on", Type: act.Date, Required: true}),
		kind(
			KindPrepared, true, platform, offence, identifiers,
			act.FactSchema{Name: "data", Type: act.Codes, List: "data_kinds", Required: true},
			act.FactSchema{Name: "protected", Type: act.Code, List: "protected_persons", Required: true},
			yes("urgent", true), yes("purpose", false), yes("already_held", false), yes("dpa_receipt", false), yes("aggregated", false),
			act.FactSchema{Name: "confidential_until", Type: act.Date},
		),
		kind(KindUrgent, true, yes("urgency", true)),
		kind(KindAuthorised, true, yes("leave", true)),
		act.Elsewhere(kind(KindReceipt, true, received)),
		second(kind(KindReceipt, true, append(protocol.NoticeSchemas(), received)...)),
		act.Elsewhere(kind(
			KindAnswered, true,
			act.FactSchema{Name: "completeness", Type: act.Code, List: "answers", Required: true},
			yes("logs_expired", false),
		)),
		kind(KindFailure, true, yes("proven", true)),
		// What whoever leads a proceeding is told of a failure: by whom and since when. Nothing of the case, and no words.
		kind(KindReported, false, act.FactSchema{Name: factFailed, Type: act.Ident, Required: true}, act.FactSchema{Name: factFailedOn, Type: act.Date, Required: true}),
		kind(KindRetracted, false),
		kind(KindAssistance, true, act.FactSchema{Name: "route", Type: act.Code, List: "assistance_routes", Required: true}),
		act.Elsewhere(kind(KindInformed, true)),
		kind(KindWithdrawn, true),
		kind(KindClosed, true, act.FactSchema{Name: "outcome", Type: act.Code, List: "request_outcomes", Required: true}),
	}
}
