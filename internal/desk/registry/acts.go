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
	counted := []act.FactSchema{
		{Name: "users", Type: act.Int, Required: true},
		{Name: "minors_users", Type: act.Int},
		{Name: "metric", Type: act.Code, List: "threshold_metrics", Required: true},
		{Name: "age_scope", Type: act.Code, List: "age_scopes"},
		{Name: "measured_on", Type: act.Date, Required: true},
	}
	// Besides how many use it, what a law may ask instead: whether it aims at the public of the country, or earns something there.
	reached := kind(KindMeasured, append(counted, act.FactSchema{Name: "targets_public", Type: act.Bool}, act.FactSchema{Name: "earns_here", Type: act.Bool})...)
	reached.Version = 2
	return []act.Schema{
		enrolled, kind(KindMeasured, counted...), reached,
		act.Elsewhere(kind(KindContested)),
		act.Elsewhere(kind(
			KindAppointed,
			act.FactSchema{Name: "binds_parent", Type: act.Bool, Required: true},
			act.FactSchema{Name: "receives_acts", Type: act.Bool, Required: true},
			act.FactSchema{Name: "represented", Type: act.Bool, Required: true},
		)),
		act.Elsewhere(kind(KindEnded, act.FactSchema{Name: "represented", Type: act.Bool, Required: true})),
		kind(
			KindAgreement,
			act.FactSchema{Name: "agreement_from", Type: act.Date, Required: true},
			act.FactSchema{Name: "agreement_to", Type: act.Date},
		),
	}
}
