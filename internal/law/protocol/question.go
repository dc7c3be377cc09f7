package protocol

import (
	"fmt"
	"strings"

	"sanad/internal/act"
	"sanad/internal/law/gate"
)

// Question is what the engine is asked about one file.
type Question struct {
	State *State
	Sort  string // the sort of a file without acts; State's own otherwise
	// Now is legal time. Effective is when what is to be done happened in law; zero means now. It starts clocks.
	Now, Effective act.Instant
	// Since is when the file began, as far as who asks may know: nothing that opens a run in it happened before. Of a file that the
	// step itself opens it is when what is shown as proof happened. Zero sets no bound; it is asked only where Effective is before Now.
	Since act.Instant
	// Mandate, Person and Roles say who asks. With nil Roles, Possible does not ask who may perform, and Allow
	// refuses.
	Mandate, Person act.ID
	Roles           []string
	// Audience returns the identifier under which a sorted set of compartments is interned. It is asked once a
	// step. Nil, or an answer of zero, leaves only public facts.
	Audience func(compartments []string) act.ID
	// Reads reports whether every reader of an act for audience have may read one for audience want. Nil means
	// never.
	Reads func(have, want act.ID) bool
	// Proposed holds the facts of the act to be done. They choose its audience, and that nobody was heard is refused on them; a gate
	// never opens on what the act it guards says of itself.
	Proposed act.Facts
	// May reports whether who asks may read what is written for an audience. A migration names to them only what they may read of.
	// Nil takes the whole state for theirs.
	May func(audience act.ID) bool
	// Outside provides facts that no act of this file says. It is asked only for those. Nil provides none.
	Outside Outside
}

// Outside provides facts from beyond the file a question is about.
type Outside interface {
	// Fact answers for a fact. own is the file itself as the gate that asks sees it: what its step's readers may not know of
	// where the file points to is hidden there, so that it can't be told by an answer from outside.
	Fact(name string, own gate.Source) gate.Held
}

// Place names a step in a run.
type Place struct {
	Protocol string
	Run      act.ID // zero: a run that would be opened
	Step     string
}

// Move is one step of one procedure, as it stands at the instant of the question.
type Move struct {
	Place
	Version  int
	Open     bool // it may be done now
	Started  bool // it was done before, at least once
	Step     *Step
	Audience []string // compartments of the act, sorted
	Due      []Running
	Blocks   []Block
	Answers  []act.Answer // of all its gates, sorted by gate
	Drafted  act.ID       // the draft it signs, or rests on, whatever that step was called then; zero where none stands
}

// Why is what kind of thing blocks a step.
type Why string

// What may block a step.
const (
	WhyUnknown    Why = "unknown"    // no such protocol, run or step
	WhyClosed     Why = "closed"     // the procedure is closed
	WhyOrder      Why = "order"      // something must happen before
	WhyEarlier    Why = "earlier"    // it is dated before what it follows
	WhyHere       Why = "here"       // it is dated back, and is done by being recorded
	WhySilent     Why = "silent"     // it says that nobody was heard, and somebody may still speak
	WhyPresumed   Why = "presumed"   // it presumes a receipt, and the time after which it may is not over
	WhyBegan      Why = "began"      // it would open a procedure before its file began
	WhyAfter      Why = "after"      // something happened that excludes it
	WhyDone       Why = "done"       // it is done once only
	WhyRole       Why = "role"       // another role performs it
	WhyGate       Why = "gate"       // a gate is closed
	WhyLaw        Why = "law"        // a coercive step's basis is not in force
	WhySignatures Why = "signatures" // signatures are missing
	WhyDraft      Why = "draft"      // there is no draft to sign
	WhySigned     Why = "signed"     // this person, or this mandate, signed already
	WhyDeadline   Why = "deadline"   // a deadline it would start has no single answer
	WhyVersion    Why = "version"    // no version of the protocol is in force at the date of the facts, as known now
	WhyOver       Why = "over"       // what it prolongs has ended, or nothing says when it does
	WhyAfterwards Why = "afterwards" // the law of the time of the facts did not hold this measure, or not on these terms
)

// Block is one reason for which a step may not be done now.
type Block struct {
	Why       Why
	Gate      string // with WhyGate
	Condition string // the code of the sub-condition that decided, with WhyGate
	Outcome   string // fails, unknown or error, with WhyGate
	Key       string // message key; a gate's is gate.ID.CONDITION, the engine's own are those of Keys
	Args      []Arg  // arguments of the message, in the order of the list in Keys
	Basis     []gate.Basis
	Err       error // for the log, never for a page
}

// Arg is one named argument of a message.
type Arg struct {
	Name  string
	Value act.Value
}

// Keys returns the message keys the engine itself uses, each with the names of its arguments.
func Keys() map[string][]string {
	return map[string][]string{
		"law.block.unknown":      {"step"},
		"law.block.closed":       {},
		"law.block.order":        {"steps"},
		"law.block.earlier":      {"steps"},
		"law.block.began":        {},
		"law.block.here":         {},
		"law.block.silent":       {},
		"law.block.silent_until": {"until"},

		"law.block.presumed":       {},
		"law.block.presumed_until": {"until"},

		"law.block.after":        {"steps"},
		"law.block.done":         {},
		"law.block.role":         {"roles"},
		"law.block.law":          {"text", "standing"},
		"law.block.signatures":   {"have", "need", "roles"},
		"law.block.draft":        {"step"},
		"law.block.signed":       {},
		"law.block.deadline":     {"rule"},
		"law.block.version":      {},
		"law.block.over":         {"step"},
		"law.block.stayed":       {"since"},
		"law.block.stayed_until": {"since", "until"},
		"law.block.stands_still": {"rule", "since"},
		"law.block.stood_still":  {"rule", "since", "until"},
		"law.block.afterwards":   {},
		"law.migrate.same":       {},
		"law.migrate.unknown":    {},
		"law.migrate.law":        {},
		"law.migrate.lapse":      {},
		"law.migrate.lacks":      {"steps"},
		"law.migrate.hidden":     {},
	}
}

// Refusal is the error of Allow: everything that blocks the step.
type Refusal struct {
	Place  Place
	Blocks []Block
}

// Error names the step and what blocks it, in codes; pages word Blocks instead.
func (r *Refusal) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "step %s of %s may not be done now:", r.Place.Step, r.Place.Protocol)
	for i, x := range r.Blocks {
		if i > 0 {
			b.WriteByte(';')
		}
		b.WriteByte(' ')
		if x.Why == WhyGate {
			fmt.Fprintf(&b, "gate %s is closed by %s (%s)", x.Gate, x.Condition, x.Outcome)
			continue
		}
		b.WriteString(string(x.Why))
		for _, a := range x.Args {
			fmt.Fprintf(&b, " %s=%s", a.Name, a.Value)
		}
	}
	return b.String()
}

// Grant is leave to do a step, with all that its act must hold.
type Grant struct {
	Place
	Version   int
	Law       string
	Step      *Step
	Kind      string
	Role      string // in which who asks performs it
	Opens     bool   // it opens a new run: the caller draws an id for it
	Closes    bool
	Audience  []string // compartments of the act, sorted
	Interned  act.ID   // what Question.Audience answered for them
	Gates     []act.Answer
	Deadlines []act.Deadline
	Facts     act.Facts    // what the act says of the run's clocks, and what its step says of itself: nobody else may say it
	Commits   []act.Commit // commitments to carry unchanged
	Cites     []act.ID     // the draft and the signatures it rests on
}

// Running is a deadline that runs, or has lapsed without its lapse being recorded.
type Running struct {
	Place    Place // the step that started it
	Name     string
	Rule     string // that the clock runs under
	Kept     string // the rule that Due rests on, where a migration kept somebody a longer time; else ""
	Owner    string
	Start    act.Instant
	Due      act.Instant // Never while it stands still
	By       act.ID      // the act that started it
	Audience act.ID      // of that act
	Thread   act.ID
	MetBy    []string
	Lapses   string
	Ledger         // when it stood still, and what more time it was given
	Still    *Span // what it stands still by; nil while it runs
}
