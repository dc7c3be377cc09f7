package legaltime

import (
	"errors"

	"sanad/internal/act"
)

// ComputeWith returns the deadline of a clock that started at start, stood still over some suspensions, and was given more
// time by extensions, in the order in which they count. Suspensions may overlap and come in any order: a clock that two decisions
// stopped runs again when both are lifted. It fails as Compute does.
func ComputeWith(rule Rule, start act.Instant, suspensions []Span, extensions []Extension, cal *Calendar) (Result, error) {
	kept := make([]Span, 0, len(suspensions))
	for _, s := range suspensions {
		if s.From != s.To { // lifted at once: it never stopped anything
			kept = append(kept, s)
		}
	}
	res, err := Compute(rule, start, kept, cal)
	if err != nil {
		return Result{}, err
	}
	for _, e := range extensions {
		res, err = extend(res, e, rule.Side, kept, cal)
		if err != nil {
			return Result{}, err
		}
	}
	return res, nil
}

// Standing tells what is known of a clock that stands still: where it started, and its suspensions. It is nil where err, which
// ComputeWith returned for the same question, says something else.
func Standing(err error, rule Rule, start act.Instant, suspensions []Span, cal *Calendar) []Line {
	var none *Error
	if !errors.As(err, &none) || none.Reason != Suspended {
		return nil
	}
	t := newTracer()
	q := query{rule: rule, start: start, day: cal.DateOf(start), cal: cal}
	q.open(t)
	for _, s := range inOrder(suspensions) {
		if s.From != s.To {
			t.add("legaltime.suspended", s.Basis, atTime("from", s.From), atTime("to", s.To))
		}
	}
	return t.lines
}
