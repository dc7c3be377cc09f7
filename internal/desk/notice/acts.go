package notice

import (
	"sanad/internal/act"
	"sanad/internal/office/cases"
)

// Sort is the sort of file a notice is.
const Sort = "notice"

// The kinds of act of this desk. A notice begins with one of three: received under the pack's usual clock, danger.received
// under its shortest, or matter.received where it is about nothing that the law coerces anybody for.
const (
	KindReceived     = "notice.received"
	KindDanger       = "danger.received"
	KindMatter       = "matter.received"
	KindNamed        = "reporter.named"
	KindAcknowledged = "notice.acknowledged"
	KindAssessed     = "notice.assessed"
	KindHandedOver   = "notice.handed_over"
	KindTakenOver    = "handover.acknowledged"
	KindPointed      = "matter.pointed"
	KindFound        = "breach.found"
	KindClosed       = "notice.closed"
)

// CommitCode commits to the code by which the reporter follows the notice.
const CommitCode = "code"

// Retention classes of their own: a matter out of scope is erased sooner, with everything that is in its file, and who reported it
// apart from what was reported.
const (
	ClassOutside  = "outside"
	classIdentity = "identity"
)

// Kinds declares this desk's acts.
func Kinds() []act.Schema {
	of := []string{Sort}
	situation := func(required bool) act.FactSchema {
		return act.FactSchema{Name: "situation", Type: act.Code, List: "situations", Required: required}
	}
	received := func(kind, retention string) act.Schema {
		return act.Schema{
			Kind: kind, Version: 1, Of: of, Purpose: "kind." + kind, Basis: act.BasisProtocol, Retention: retention, Body: true,
			Facts:   []act.FactSchema{{Name: "minor", Type: act.Bool}, situation(true)},
			Commits: []string{CommitCode}, Elsewhere: true, // it may have come by letter
		}
	}
	door := []act.FactSchema{{Name: "door", Type: act.Code, List: "doors", Required: true}}
	return []act.Schema{
		received(KindReceived, "notice"),
		received(KindDanger, "notice"),
		received(KindMatter, ClassOutside),
		{Kind: KindNamed, Version: 1, Of: of, Purpose: "kind.reporter.named", Basis: act.BasisProtocol, Retention: classIdentity, Body: true},
		{Kind: KindAcknowledged, Version: 1, Of: of, Purpose: "kind.notice.acknowledged", Basis: act.BasisProtocol, Retention: "notice"},
		{
			Kind: KindAssessed, Version: 1, Of: of, Purpose: "kind.notice.assessed", Basis: act.BasisProtocol, Retention: "procedure", Body: true,
			Facts: []act.FactSchema{
				{Name: "minor", Type: act.Bool},
				situation(false),
				{Name: "observed_on", Type: act.Date},
				{Name: "aim", Type: act.Code, List: "aims"},
				{Name: "reasons", Type: act.Bool},
				{Name: "tried", Type: act.Int},
				{Name: "reached", Type: act.Int},
				{Name: "decider", Type: act.Code, List: "deciders"},
				{Name: "scope", Type: act.Code, List: "scopes"},
				{Name: "checks", Type: act.Codes, List: "checks"},
				{Name: "raw_export", Type: act.Bool},
				{Name: "told_on", Type: act.Date},
				{Name: "child_weighed", Type: act.Bool},
				{Name: "expires_on", Type: act.Date},
			},
		},
		{Kind: KindHandedOver, Version: 1, Of: of, Purpose: "kind.notice.handed_over", Basis: act.BasisProtocol, Retention: "notice", Facts: door},
		{Kind: KindTakenOver, Version: 1, Of: []string{Sort, cases.Sort}, Purpose: "kind.handover.acknowledged", Basis: act.BasisProtocol, Retention: "notice"},
		{Kind: KindPointed, Version: 1, Of: of, Purpose: "kind.matter.pointed", Basis: act.BasisProtocol, Retention: ClassOutside, Facts: door},
		{
			Kind: KindFound, Version: 1, Of: of, Purpose: "kind.breach.found", Basis: act.BasisProtocol, Retention: "procedure", Body: true,
			Commits: []string{"content"},
		},
		{
			Kind: KindClosed, Version: 1, Of: of, Purpose: "kind.notice.closed", Basis: act.BasisProtocol, Retention: "notice", Body: true,
			Facts: []act.FactSchema{{Name: "outcome", Type: act.Code, List: "outcomes", Required: true}},
		},
	}
}
