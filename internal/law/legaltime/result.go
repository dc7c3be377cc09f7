package legaltime

import "sanad/internal/act"

// End is when a clock ends under one reading of the law. Last is the last day on which one may still act (none
// for hours) and Due the first instant that is too late. They rest on estimated holidays falling where they are
// expected; Earliest and Latest are what they become at most when the holidays are announced.
type End struct {
	Last     Date
	Due      act.Instant
	Earliest Bound
	Latest   Bound
}

// Bound is one end of what a deadline may become.
type Bound struct {
	Last Date
	Due  act.Instant
}

// Settled reports that no announcement of a holiday the calendar knows of can move the end.
func (e End) Settled() bool { return e.Earliest == e.Latest }

// Reading is one reading of a rule.
type Reading struct {
	Mode  Mode
	Round Round // "" where no rounding was needed
	// WholeDays: only days wholly suspended are left out, not every day a suspension touches.
	WholeDays bool
}

// Alternative is the end under another reading of the law.
type Alternative struct {
	Reading
	End
}

// Result is a computed deadline. It is evidence of what follows from rule, start, suspensions and calendar; what
// is due is always computed again from them, never stored.
type Result struct {
	Reading
	End
	Alternatives []Alternative
	Uncovered    bool   // it depends on days for which the calendar may lack holidays
	Calendar     string // Calendar.Ref
	Trace        []Line
}

// Late reports whether an instant is too late.
func (r Result) Late(at act.Instant) bool { return at >= r.Due }

// Alarm returns the instant alarms go by: the shortest of all readings and of all dates still to be announced.
func (r Result) Alarm() act.Instant {
	at := r.Earliest.Due
	for _, a := range r.Alternatives {
		at = min(at, a.Earliest.Due)
	}
	return at
}

// Deadline returns the record of the clock an act keeps.
func (r Result) Deadline(rule string, start act.Instant) act.Deadline {
	return act.Deadline{Rule: rule, Start: start, Due: r.Due, Calendar: r.Calendar}
}
