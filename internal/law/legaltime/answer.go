package legaltime

import (
	"errors"
	"fmt"
	"slices"
)

// result words the answer: the chosen reading is computed again, this time telling how.
func (q *query) result(all []candidate, best int, stuck Mode, touched, whole []stop) (Result, error) {
	t := newTracer()
	q.open(t)
	chosen := all[best]
	stops := touched
	if chosen.WholeDays {
		stops = whole
	}
	if len(q.spans) > 0 {
		q.daysOut(t, chosen.last, stops)
	}
	r, err := q.reach(chosen.Reading, stops, t)
	if err != nil {
		return Result{}, err
	}
	res := Result{Reading: chosen.Reading, End: q.end(r), Uncovered: r.uncovered, Calendar: q.cal.ref}
	if r.early != r.late {
		t.add("legaltime.bounds", "", onDay("earliest", r.early), onDay("latest", r.late))
	}
	if r.uncovered {
		t.add("legaltime.uncovered", "", onDay("from", q.view.covers.From), onDay("to", q.view.covers.To))
	}
	if len(all) > 1 {
		res.Alternatives = make([]Alternative, 0, len(all)-1)
		t.add("legaltime.chosen", q.rule.Basis, code("mode", string(chosen.Mode)), code("side", string(q.rule.Side)))
	}
	for i, c := range all {
		if i == best {
			continue
		}
		res.Alternatives = append(res.Alternatives, Alternative{c.Reading, q.end(c.reach)})
		suspension := ""
		if len(q.spans) > 0 {
			suspension = "days-touched"
		}
		if c.WholeDays {
			suspension = "whole-days"
		}
		t.add("legaltime.alternative", "", code("mode", string(c.Mode)), code("round", string(c.Round)), code("suspension", suspension), onDay("day", c.last))
	}
	if stuck != "" {
		t.add("legaltime.stuck", "", code("mode", string(stuck)))
	}
	t.add("legaltime.due", "", onDay("day", res.Last), atTime("at", res.Due))
	res.Trace = t.lines
	return res, nil
}

// daysOut tells which suspensions matter to the reading that was chosen, and which days they leave out together.
func (q *query) daysOut(t *tracer, last Date, stops []stop) {
	first := q.cal.DayStart(q.day + 1)
	end := q.cal.DayStart(last + 1)
	for _, s := range q.spans {
		if s.To > first && s.From < end {
			t.add("legaltime.suspended", s.Basis, atTime("from", s.From), atTime("to", s.To))
		}
	}
	for _, s := range stops {
		from := max(Date(s.from), q.day+1)
		if s.to <= int64(from) || from > last {
			continue
		}
		t.add("legaltime.days-out", "", onDay("first", from), onDay("last", Date(s.to-1)), number("count", int(s.to)-int(from)))
	}
}

func (q *query) end(r reach) End {
	e := End{Last: r.last, Due: q.cal.DayStart(r.last + 1)}
	e.Earliest, e.Latest = Bound{e.Last, e.Due}, Bound{e.Last, e.Due}
	if r.early != r.last {
		e.Earliest = Bound{r.early, q.cal.DayStart(r.early + 1)}
	}
	if r.late != r.last {
		e.Latest = Bound{r.late, q.cal.DayStart(r.late + 1)}
	}
	return e
}

func (q *query) ambiguous() error {
	down, up, _ := q.quantieme(q.rule.Mode)
	unit := "months"
	if q.rule.Mode == Years {
		unit = "years"
	}
	return &Error{
		Reason: Ambiguous, Candidates: slices.Clone([]Date{down, up}),
		Text: fmt.Sprintf("%s plus %d %s falls on a day that does not exist; round down (%s) or up (%s)", q.day, q.rule.Count, unit, down, up),
	}
}

func isSuspended(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && e.Reason == Suspended
}

func errSuspended() error {
	return &Error{Reason: Suspended, Text: "the clock stands still and the suspension has no end yet; ask again when it is lifted"}
}

func errBeyond() error {
	return invalid("count", "it ends after the year 9999")
}
