package check

import (
	"cmp"
	"slices"

	"sanad/internal/act"
	"sanad/internal/law/gate"
)

// Kind is what is wrong. Its wording has the key check.finding. followed by the kind.
type Kind string

// What the walk finds.
const (
	Unreachable Kind = "unreachable" // a step nobody can ever do
	DeadEnd     Kind = "dead_end"    // a state from which no closing step can be reached
	Unpublished Kind = "publication" // a measure after which nothing can be published
	NoRemedy    Kind = "remedy"      // a measure without a remedy, or against which none can be lodged
	NoReview    Kind = "review"      // a measure against which a remedy can be lodged, on which no court ever rules
	Captive     Kind = "captive"     // a remedy that only those can record who decided, or on which they record the ruling themselves
	NoLift      Kind = "lift"        // a measure that can't be lifted, or not without whoever bears it or carries it out
	Silent      Kind = "silence"     // a measure over which a procedure can be closed before it is published
	Left        Kind = "standing"    // a measure over which a procedure can be closed while it holds others back
	Owed        Kind = "owed"        // a fine over which a procedure can be closed before it is paid or lifted
	Untold      Kind = "untold"      // a lifting of which whoever bore the measure need not be told
	Stale       Kind = "stale"       // an order that can be passed on to those who carry it out after it was lifted or has ended
	Hidden      Kind = "hidden"      // an order that can be passed on to those who carry it out before it was told and published
	NoRelease   Kind = "release"     // an order after whose lifting those who carry it out are never told to stop
	NoPerson    Kind = "informed"    // a request that can be closed before the person concerned was told
	Unnotified  Kind = "notified"    // a measure with which something is done before whoever bears it was told
	Unasked     Kind = "asked"       // a measure before which is not asked what was asked before the party was invited
	Borrowed    Kind = "anew"        // a measure that rests on what was weighed or found for an earlier one
	Outlived    Kind = "annulled"    // a measure that can be decided over one that a court annulled
	Bound       Kind = "freed"       // a clock of whoever bore a measure that goes on after the measure is gone
	Early       Kind = "receipt"     // time of whoever bears a measure that runs before its letter was received, or a receipt nobody watches for
	Trap        Kind = "migration"   // a migration to the version found leads where no closing step can be reached
)

// What a measure can be reached without.
const (
	NoLaw        Kind = "law"
	NoObligation Kind = "obligation"
	NoAim        Kind = "aim"
	NoScope      Kind = "scope"
	NoReasons    Kind = "reasons"
	NoHearing    Kind = "hearing"
	NoConflict   Kind = "conflict"
	NoNecessity  Kind = "necessity"
	NoDecider    Kind = "decider"
	NoTarget     Kind = "target"
	NoCollateral Kind = "collateral"
	NoPress      Kind = "press"
	NoExpiry     Kind = "expiry"
	NoChild      Kind = "child"
	NoOpinion    Kind = "opinion"
	NoCase       Kind = "case"
	NoFreeze     Kind = "freeze"
	NoMinimal    Kind = "minimal"
	NoOffence    Kind = "offence"    // data that are asked for without an offence of the pack's list
	NoLeave      Kind = "leave"      // any kind of data, or about anybody, asked for without a judge
	NoHold       Kind = "preserved"  // data that are asked for before anybody was told to keep them
	NoAgeChecks  Kind = "age"        // where the obligation may be to know how old people are
	NoFactors    Kind = "incitement" // where the aim may rest on somebody inciting
	Unproven     Kind = "failure"    // a failure to answer that is passed on before anybody found it
	NoPause      Kind = "stayed"     // a graver measure while a court stays one before it
	NoRenewal    Kind = "renewal"    // a measure that is prolonged without a court, a hearing, or an end
)

// What can be seen without walking.
const (
	Wait         Kind = "wait"            // a wait without an owner and a clock
	Vacant       Kind = "role"            // a role nobody holds under a variant
	NoArticle    Kind = "article"         // a measure that rests on a text and names no article of it
	Cell         Kind = "cell"            // a measure that those who only coordinate perform, decide or sign
	Seats        Kind = "seats"           // more signatures than there are people to sign, or fewer than two for a measure
	Unreadable   Kind = "unreadable"      // a gate, or a signature, that rests on what the readers of the act may not read
	Leak         Kind = "secrecy"         // an act of a secret procedure that everyone may read, and that publishes nothing
	Idle         Kind = "idle"            // a gate that guards no step
	LiftHarder   Kind = "lift_signatures" // a measure whose lifting takes more signatures than its making
	Unreceived   Kind = "handoff"         // a hand-off that somebody else than its receiver acknowledges
	Uncontested  Kind = "contest"         // a count of users that nobody can contest
	Gap          Kind = "gap"             // a time between two versions of a protocol in which none can be opened
	NoCompliance Kind = "outcome"         // measures after which nobody can find that the platform complied
)

// Finding is one thing wrong with a pack.
type Finding struct {
	Kind     Kind     `json:"kind"`
	Protocol string   `json:"protocol,omitempty"`
	Version  int      `json:"version,omitempty"`
	Step     string   `json:"step,omitempty"`
	Variants []string `json:"variants,omitempty"` // under which it was found
	// Because says more, in codes: for a step nobody can do what keeps it closed (order, role, law, signatures, or gate with
	// the gate behind a colon), else the fact, role, gate or clock at fault.
	Because string  `json:"because,omitempty"`
	Story   []Event `json:"story,omitempty"` // the shortest that leads there
	// Timeline is that story as it would come to pass, day by day; nil where the finding needs none.
	Timeline *Timeline `json:"timeline,omitempty"`
}

// Event is one thing that happens in a story.
type Event struct {
	What string   `json:"what"` // step, lapse, time or migration
	Name string   `json:"name"` // of the step or lapse; of time what is over: a rule, or a fact; of a migration the version
	By   []string `json:"by,omitempty"`
	Says []Said   `json:"says,omitempty"`

	turn turn
}

// Said is what a step says of a fact, as far as it matters.
type Said struct {
	Fact  string   `json:"fact"`
	Known bool     `json:"known"`
	Value string   `json:"value,omitempty"` // one that does; Words where it is a set of codes
	Words []string `json:"words,omitempty"`
	// Day is, in a timeline, the day that a fact which tells one says; Free that somebody may choose another that fits as well.
	Day  *int `json:"day,omitempty"`
	Free bool `json:"free,omitempty"`

	day act.Instant
}

// Explored says how much was walked for one protocol.
type Explored struct {
	Protocol string  `json:"protocol"`
	Version  int     `json:"version"`
	Variant  string  `json:"variant,omitempty"` // the first one that has these states
	States   float64 `json:"states"`
	Nodes    int     `json:"nodes"`
}

// Report is what a check found.
type Report struct {
	Findings []Finding  `json:"findings"`
	Explored []Explored `json:"explored"`
}

// Closed says that a step may not be done today, whatever happens, because of what a text is worth.
type Closed struct {
	Protocol string        `json:"protocol"`
	Version  int           `json:"version"`
	Step     string        `json:"step"`
	Text     string        `json:"text"`
	Standing gate.Standing `json:"standing"`
}

// add puts a finding under a variant into the report; one that is there already gains the variant.
func (r *Report) add(f Finding, variant string) {
	for i := range r.Findings {
		old := &r.Findings[i]
		if old.Kind == f.Kind && old.Protocol == f.Protocol && old.Version == f.Version && old.Step == f.Step && old.Because == f.Because {
			if variant != "" && !slices.Contains(old.Variants, variant) {
				old.Variants = append(old.Variants, variant)
			}
			return
		}
	}
	if variant != "" {
		f.Variants = []string{variant}
	}
	r.Findings = append(r.Findings, f)
}

func (r *Report) sort() {
	slices.SortStableFunc(r.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Protocol, b.Protocol), cmp.Compare(a.Version, b.Version), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Step, b.Step), cmp.Compare(a.Because, b.Because))
	})
}
