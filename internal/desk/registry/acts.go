package registry

import "sanad/internal/act"

// Sort is the sort of file a platform is.
const Sort = "platform"

// The kinds of act of this desk. All are public: a gate in any file may rest on them.
const (
	KindEnrolled    = "platform.enrolled"
	KindMeasured    = "audience.measured"
	KindAppointed   = "representative.appointed"
	KindEnded       = "representative.ended"
	KindAgreement   = "agreement.recorded"
	KindContested   = "count.contested"
	retentionPublic = "register"
)

// CommitName commits to a platform's name as it is compared: two platforms of one name carry the same. Names are public, so
// nothing has to keep anyone from guessing one.
const CommitName = "name"

// Kinds declares this desk's acts.
func Kinds() []act.Schema {
	of := []string{Sort}
	kind := func(name string, facts ...act.FactSchema) act.Schema {
		return act.Schema{
			Kind: name, Version: 1, Of: of, Purpose: "kind." + name, Basis: act.BasisProtocol, Retention: retentionPublic, Body: true, Facts: facts,
		}
	}
	enrolled := kind(KindEnrolled, act.FactSchema{Name: "line", Type: act.Code, List: "lines"})
	enrolled.Commits = []string{CommitName}
	return []act.Schema{
		enrolled,
		kind(
			KindMeasured,
			act.FactSchema{Name: "users", Type: act.Int, Required: true},
			act.FactSchema{Name: "minors_users", Type: act.Int},
			act.FactSchema{Name: "metric", Type: act.Code, List: "threshold_metrics", Required: true},
			act.FactSchema{Name: "age_scope", Type: act.Code, List: "age_scopes"},
			act.FactSchema{Name: "measured_on", Type: act.Date, Required: true},
		),
		kind(KindContested),
		kind(
			KindAppointed,
			act.FactSchema{Name: "binds_parent", Type: act.Bool, Required: true},
			act.FactSchema{Name: "receives_acts", Type: act.Bool, Required: true},
			act.FactSchema{Name: "represented", Type: act.Bool, Required: true},
		),
		kind(KindEnded, act.FactSchema{Name: "represented", Type: act.Bool, Required: true}),
		kind(
			KindAgreement,
			act.FactSchema{Name: "agreement_from", Type: act.Date, Required: true},
			act.FactSchema{Name: "agreement_to", Type: act.Date},
		),
	}
}
