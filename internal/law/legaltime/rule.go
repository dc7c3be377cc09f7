package legaltime

import (
	"fmt"
	"slices"
	"strings"

	"sanad/internal/act"
)

// Mode is a way of counting time. The package comment defines each.
type Mode string

// The modes there are.
const (
	Hours            Mode = "hours"
	Days             Mode = "days"
	WorkingDays      Mode = "working-days"
	Francs           Mode = "francs"
	Francs1964       Mode = "francs-1964"
	Months           Mode = "months"
	MonthsFrancs     Mode = "months-francs"
	MonthsFrancs1964 Mode = "months-francs-1964"
	Years            Mode = "years"
)

// most is the highest count each mode takes, about a century: more is a slip of the pen.
var most = map[Mode]int{
	Hours: 876_600, Days: 36_525, WorkingDays: 26_100, Francs: 36_525, Francs1964: 36_525,
	Months: 1200, MonthsFrancs: 1200, MonthsFrancs1964: 1200, Years: 100,
}

// Modes returns every mode, in the order of the package comment.
func Modes() []Mode {
	return []Mode{Hours, Days, WorkingDays, Francs, Francs1964, Months, MonthsFrancs, MonthsFrancs1964, Years}
}

// other returns the other reading of a franc mode, and "" for the modes that have one reading.
func (m Mode) other() Mode {
	switch m {
	case Francs:
		return Francs1964
	case Francs1964:
		return Francs
	case MonthsFrancs:
		return MonthsFrancs1964
	case MonthsFrancs1964:
		return MonthsFrancs
	default:
		return ""
	}
}

// Round says which day to take where the month reached has no day of that number. It changes nothing elsewhere.
type Round string

// The roundings. A rule without one is refused as ambiguous where it matters, unless it says whose time it is.
const (
	RoundUp   Round = "up"   // the first day of the following month
	RoundDown Round = "down" // the last day of the month reached
)

// Roll says what happens when the last day is not a working day.
type Roll string

// The ways to roll. A rule that says nothing follows its mode: franc modes roll on (Moroccan code of civil
// procedure, art. 512), the others do not. Hours never roll.
const (
	RollNext Roll = "next" // on to the first following working day
	RollNone Roll = "none"
)

// Side says whose time runs. Where readings of the law differ, someone's right gets the longer and the
// authority's own duty the shorter; alarms go by the shortest (Result.Alarm).
type Side string

// The sides. Without one, the rule's own mode is the answer and the other reading is shown as an alternative.
const (
	SideRight Side = "right"
	SideDuty  Side = "duty"
)

// Rule is a deadline as data. The zero value of every optional field is the cautious one.
type Rule struct {
	ID    string `yaml:"id" json:"id"`
	Count int    `yaml:"count" json:"count"` // how many, at least 1
	Mode  Mode   `yaml:"mode" json:"mode"`   // of what
	Round Round  `yaml:"round,omitempty" json:"round,omitempty"`
	Roll  Roll   `yaml:"roll,omitempty" json:"roll,omitempty"`
	Side  Side   `yaml:"side,omitempty" json:"side,omitempty"`
	Scope string `yaml:"scope,omitempty" json:"scope,omitempty"` // whose holidays count; by default the calendar's first scope
	Basis string `yaml:"basis,omitempty" json:"basis,omitempty"` // code of the article that sets it
}

// Check reports the first thing wrong with a rule by itself, as an *Error that names the field. Whether its scope
// exists is for the calendar to say.
func (r Rule) Check() error {
	limit, ok := most[r.Mode]
	switch {
	case !ok:
		return invalid("mode", "%q is not a mode; use one of %s", clip(string(r.Mode)), words(Modes()))
	case r.Count < 1 || r.Count > limit:
		return invalid("count", "%d is out of range; %s takes 1 to %d", r.Count, r.Mode, limit)
	case !slices.Contains([]Round{"", RoundUp, RoundDown}, r.Round):
		return invalid("round", "%q is not a rounding; use up or down, or leave it out", clip(string(r.Round)))
	case !slices.Contains([]Roll{"", RollNext, RollNone}, r.Roll):
		return invalid("roll", "%q is not a way to roll; use next or none, or leave it out", clip(string(r.Roll)))
	case r.Mode == Hours && r.Roll == RollNext:
		return invalid("roll", "hours never roll over; leave it out, or count days")
	case !slices.Contains([]Side{"", SideRight, SideDuty}, r.Side):
		return invalid("side", "%q is not a side; use right or duty, or leave it out", clip(string(r.Side)))
	}
	for _, f := range []struct{ name, code string }{{"id", r.ID}, {"scope", r.Scope}, {"basis", r.Basis}} {
		if f.code != "" && !act.IsCode(f.code) {
			return invalid(f.name, "%q is not a code; use letters, digits and . _ @ : / + - only", clip(f.code))
		}
	}
	return nil
}

// rolls reports whether the last day moves off days that are not worked. It never does for working days, which
// end on one.
func (r Rule) rolls() bool {
	if r.Mode == WorkingDays || r.Mode == Hours {
		return false
	}
	return r.Roll == RollNext || r.Roll == "" && r.Mode.other() != ""
}

// Span is a suspension: the clock stands still over [From, To) and then goes on where it was. A suspension that
// is not lifted yet has To = Open.
//
// Counting days, a day touched by a suspension does not count. Where a suspension begins or ends within a day,
// the other reading, in which only days wholly suspended are left out, is an alternative.
type Span struct {
	From  act.Instant
	To    act.Instant
	Basis string // code of the decision or article that suspends
}

// Open is the end of a suspension that has not been lifted.
const Open = act.Instant(1<<63 - 1)

// Reason says why there is no answer.
type Reason string

// The reasons. All but Invalid mean that the question was well put and has no single answer.
const (
	Invalid   Reason = "invalid"   // the rule, the start, a suspension or the scope is wrong
	Ambiguous Reason = "ambiguous" // several answers; the rule must say which
	Suspended Reason = "suspended" // the clock stands still and nobody knows until when
)

// Error is every error that Compute, ComputeWith and Rule.Check return.
type Error struct {
	Reason     Reason
	Field      string // Invalid: which field, by its YAML name
	Text       string // what is wrong and what to do next
	Candidates []Date // Ambiguous: the last days between which the rule must choose
}

func (e *Error) Error() string {
	if e.Field != "" {
		return "deadline: " + e.Field + ": " + e.Text
	}
	return "deadline: " + e.Text
}

// NoAnswer reports that the question was well put and has no single answer.
func (e *Error) NoAnswer() bool { return e.Reason != Invalid }

func invalid(field, format string, args ...any) error {
	return &Error{Reason: Invalid, Field: field, Text: fmt.Sprintf(format, args...)}
}

func words[T ~string](list []T) string {
	out := make([]string, len(list))
	for i, w := range list {
		out[i] = string(w)
	}
	return strings.Join(out, ", ")
}
