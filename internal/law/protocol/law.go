package protocol

import (
	"time"

	"sanad/internal/act"
	"sanad/internal/law/gate"
)

// Law is what the engine interprets: a country's pack, read and checked. Nothing in it changes after New.
type Law struct {
	Version   string // what stands in act.Envelope.Law
	Protocols []Protocol
	Gates     []gate.Gate
	Texts     []Text
	Migrates  []string        // roles that may migrate a run where neither version names some
	Duties    map[string]bool // rules of time that give the authority itself time; any other may be somebody's right
	OfRun     map[string]bool // facts that count in the run that says them alone
	Elsewhere map[string]bool // kinds of act that record what happened outside the house: see Law.ToldLate
	Since     map[string]bool // facts that count for the next measure alone: said since the one before
	Presumed  map[string]bool // words of a receipt that say it is presumed: see FactReceipt
	Time      Time
}

// Time computes deadlines under the rules and calendar of a pack.
type Time interface {
	// Due returns the first instant at which it is too late for what the rule gives time for.
	Due(rule string, start act.Instant) (act.Instant, error)
	// DueOf returns the same for a clock that stood still, or was given more time. It returns ErrStill while the clock stands
	// still and nobody knows until when.
	DueOf(rule string, start act.Instant, l Ledger) (act.Instant, error)
	// Follows returns when what follows the end of a clock starts, of a rule that ran out at due: the beginning of its last
	// day, which does not count, or the end itself for hours.
	Follows(rule string, due act.Instant) act.Instant
	// Calendar names the version of the calendar that Due uses; it is a code.
	Calendar() string
	// DayStart returns the first instant of a civil day in the country's legal time.
	DayStart(day time.Time) act.Instant
}

// Text is the standing of one legal text. A nil instant is one nobody stated.
type Text struct {
	ID       string
	Status   gate.Standing // InForce, Bill, Proposed, Withdrawn or Rejected
	Verified bool          // false counts as not in force
	From     *act.Instant  // in force from, inclusive
	To       *act.Instant  // until, exclusive
	Known    *act.Instant  // when it became known; nil means as soon as it was in force
}

// Protocol is one version of a rule of procedure.
type Protocol struct {
	ID       string
	Version  int
	Sort     string // the sort of file it applies to
	Coercive bool   // whether any of its steps binds or burdens someone against their will
	Many     bool   // whether a file may have several runs of it
	Validity
	Steps []Step
}

// Step is one move of a protocol.
type Step struct {
	ID      string
	Move    string // the built-in word (send, wait, hear, draft, sign, publish), "" when a desk decides
	Kind    string // the kind of act it emits
	By      []string
	Decides string // the role whose decision it is, where those who perform it are not those who decide
	// Elsewhere says, of a step that waits, that what it waits on began outside the house, which may be told of it late.
	Elsewhere bool
	After     After
	Repeat    bool
	Closes    bool

	Deadlines  []Deadline
	Gates      []string
	Basis      []gate.Basis
	Letter     string
	Served     string // how the letter is served
	Remedy     string
	Publishes  string
	Handoff    string // the role that must acknowledge before this counts as handed over
	Audience   Audience
	Signatures *Signatures
	Draft      string   // for sign: the draft step that is signed
	Commits    []string // commitments the act carries
	Measure    *Measure
	Lifts      string // the step whose measure this one lifts
	Renews     string // the step whose measure this one prolongs, with Extends: Measure is that one's
	Notifies   string // the step whose measure this one, a letter or its receipt, tells whoever bears it

	Suspends []string // deadlines of the protocol, by name, that stand still once this step is done
	Resumes  []string // steps of the protocol: what they suspended runs again
	Extends  *Extends

	Sets map[string]string // facts, codes all, that the step says of itself: no person is asked, and none can say otherwise
}

// Extends gives deadlines of the protocol, by name, more time: what the rule gives, counted on from their end so far.
type Extends struct {
	Deadlines []string
	Rule      string
}

// After says what must have happened in the run before a step may be done. Names are steps or lapses.
type After struct {
	Any  []string // at least one of them, when there are some
	All  []string // each of them
	None []string // none of them
}

// IsStart reports whether a step opens a run: it waits for nothing.
func (a After) IsStart() bool { return len(a.Any) == 0 && len(a.All) == 0 }

// Deadline is a clock a step starts.
type Deadline struct {
	Name   string
	Rule   string
	Owner  string   // the role whose duty it is to meet or watch it
	MetBy  []string // the steps that meet it
	Lapses string   // the name under which its lapse is recorded, as an event of the run

	Starts  []string // deadlines of the protocol, by name, that its lapse starts: what is presumed when nobody said otherwise
	Resumes []string // steps: what they suspended runs again with its lapse, so that no suspension is without an end
}

// Audience says who may read the act of a step: everyone who holds all of Compartments, and of Add for which
// Unless is not known to be true.
type Audience struct {
	Compartments []string
	Add          []Added
}

// Added is a compartment that joins an audience unless a condition is known to hold. Doubt adds it.
type Added struct {
	Compartment string
	Unless      gate.Condition
}

// Signatures says whose signatures a step needs under the newest draft of a draft step.
type Signatures struct {
	Draft string
	Count int      // distinct persons
	Roles []string // the roles in which they may sign
}
