package legaltime

import (
	"cmp"
	"slices"

	"sanad/internal/act"
)

// Extension is more time given to a clock, by a rule of its own that counts on from the end so far. Whether it could be given is for
// a gate to say. A side that its rule does not name is that of the clock's.
type Extension struct {
	Rule  Rule
	Basis string // the code of what it rests on
}

// instants is an instant, with what it may become when a holiday it rests on is announced.
type instants struct{ at, earliest, latest act.Instant }

// instants returns the instants at which something that follows an end starts: its last day, which is then the
// day that does not count, or the end itself for hours.
func (e End) instants(cal *Calendar) instants {
	if e.Last.IsZero() {
		return instants{e.Due, e.Earliest.Due, e.Latest.Due}
	}
	return instants{cal.DayStart(e.Last), cal.DayStart(e.Earliest.Last), cal.DayStart(e.Latest.Last)}
}

// spread computes from a start that may still move, and widens the bounds by what that changes.
func spread(start instants, compute func(act.Instant) (Result, error)) (Result, error) {
	res, err := compute(start.at)
	if err != nil || start.earliest == start.latest {
		return res, err
	}
	for _, at := range [2]act.Instant{start.earliest, start.latest} {
		moved, err := compute(at)
		if err != nil {
			return Result{}, err
		}
		res.End.widen(moved.End)
		for i := range res.Alternatives {
			j := slices.IndexFunc(moved.Alternatives, func(a Alternative) bool { return a.Reading == res.Alternatives[i].Reading })
			if j >= 0 {
				res.Alternatives[i].End.widen(moved.Alternatives[j].End)
			}
		}
	}
	return res, nil
}

func (e *End) widen(by End) {
	if by.Earliest.Due < e.Earliest.Due {
		e.Earliest = by.Earliest
	}
	if by.Latest.Due > e.Latest.Due {
		e.Latest = by.Latest
	}
}

// extend counts the extension on from every end so far: bounds and readings one by one, each by the extension's own readings.
func extend(res Result, e Extension, side Side, spans []Span, cal *Calendar) (Result, error) {
	more := e.Rule
	more.Side = cmp.Or(more.Side, side)
	from := func(end End) (Result, error) {
		start := end.instants(cal)
		if more.Mode == Hours {
			start = instants{end.Due, end.Earliest.Due, end.Latest.Due}
		}
		return spread(start, func(at act.Instant) (Result, error) { return Compute(more, at, spans, cal) })
	}
	out, err := from(res.End)
	if err != nil {
		return Result{}, err
	}
	for _, a := range res.Alternatives {
		other, err := from(a.End)
		if err != nil {
			return Result{}, err
		}
		out.Alternatives = append(out.Alternatives, Alternative{a.Reading, other.End})
		for _, b := range other.Alternatives {
			out.Alternatives = append(out.Alternatives, Alternative{a.Reading, b.End})
		}
	}
	t := newTracer()
	t.add("legaltime.extended", e.Basis, number("count", more.Count), code("mode", string(more.Mode)))
	out.Reading = res.Reading
	out.Uncovered = out.Uncovered || res.Uncovered
	out.Trace = slices.Concat(res.Trace, t.lines, out.Trace)
	return out, nil
}
