package notice

import "sanad/internal/act"

// Sort is the sort of file a notice is.
const Sort = "notice"

// The kinds of act of this desk.
const (
	KindReceived     = "notice.received"
	KindAcknowledged = "notice.acknowledged"
	KindAssessed     = "notice.assessed"
	KindFound        = "breach.found"
	KindClosed       = "notice.closed"
)

// CommitCode commits to the code by which the reporter follows the notice.
const CommitCode = "code"

// Kinds declares this desk's acts.
func Kinds() []act.Schema {
	of := []string{Sort}
	situation := func(required bool) act.FactSchema {
		return act.FactSchema{Name: "situation", Type: act.Code, List: "situations", Required: required}
	}
	return []act.Schema{
		{
			Kind: KindReceived, Version: 1, Of: of, Purpose: "kind.notice.received", Basis: "protocol", Retention: "notice", Body: true,
			Facts:   []act.FactSchema{{Name: "minor", Type: act.Bool}, situation(true)},
			Commits: []string{CommitCode},
		},
		{Kind: KindAcknowledged, Version: 1, Of: of, Purpose: "kind.notice.acknowledged", Basis: "protocol", Retention: "notice"},
		{
			Kind: KindAssessed, Version: 1, Of: of, Purpose: "kind.notice.assessed", Basis: "protocol", Retention: "procedure", Body: true,
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
		{
			Kind: KindFound, Version: 1, Of: of, Purpose: "kind.breach.found", Basis: "protocol", Retention: "procedure", Body: true,
			Commits: []string{"content"},
		},
		{
			Kind: KindClosed, Version: 1, Of: of, Purpose: "kind.notice.closed", Basis: "protocol", Retention: "notice", Body: true,
			Facts: []act.FactSchema{{Name: "outcome", Type: act.Code, List: "outcomes", Required: true}},
		},
	}
}
