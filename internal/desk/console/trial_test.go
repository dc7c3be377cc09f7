package console

import (
	"sanad/internal/act"
	"sanad/internal/law/protocol"
	"sanad/internal/office/cases"
)

// TrialKinds are kinds of act that no desk has: what the forms of this room make of a schema is tested on them.
func TrialKinds() []act.Schema {
	of := []string{cases.Sort}
	return []act.Schema{
		{
			Kind: "trial.opened", Version: 1, Of: of, Purpose: "kind.case.opened", Basis: "protocol", Retention: "procedure", Body: true, Elsewhere: true,
			Facts: []act.FactSchema{
				{Name: "platform", Type: act.Ident, Required: true},
				{Name: "obligation", Type: act.Code, Codes: []string{"answer", "name_one"}, Required: true},
				{Name: "seen_at", Type: act.At},
				{Name: "identifiers", Type: act.Int},
			},
		},
		{Kind: "trial.decided", Version: 1, Of: of, Purpose: "kind.case.closed", Basis: "protocol", Retention: "procedure", Body: true, Commits: []string{protocol.CommitContent}},
	}
}
