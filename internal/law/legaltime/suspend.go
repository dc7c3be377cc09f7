package legaltime

import (
	"cmp"
	"slices"

	"sanad/internal/act"
)

// stop is a stretch over which a clock stands still, in microseconds or in days; to is excluded.
type stop struct{ from, to int64 }

// forever ends a stop nobody has lifted.
const forever = int64(Open)

// run lets a clock run for left units from start, standing still over stops, which are sorted and do not touch.
// It returns where it ends; false when it meets a stop without an end. A stop that begins exactly where the
// clock ends comes too late to move it.
func run(start, left int64, stops []stop) (end int64, ok bool) {
	for _, s := range stops {
		if s.to <= start {
			continue
		}
		if s.from >= start+left {
			break
		}
		if s.to == forever {
			return 0, false
		}
		left -= max(0, s.from-start)
		start = s.to
	}
	return start + left, true
}

// at returns the stop over a day, or nil.
func at(stops []stop, d int64) *stop {
	i, found := slices.BinarySearchFunc(stops, d, func(s stop, d int64) int { return cmp.Compare(s.from, d) })
	if found {
		return &stops[i]
	}
	if i > 0 && d < stops[i-1].to {
		return &stops[i-1]
	}
	return nil
}

// merge sorts stops in place and joins those that overlap or touch.
func merge(stops []stop) []stop {
	slices.SortFunc(stops, func(a, b stop) int { return cmp.Compare(a.from, b.from) })
	out := stops[:0]
	for _, s := range stops {
		if n := len(out); n > 0 && s.from <= out[n-1].to {
			out[n-1].to = max(out[n-1].to, s.to)
			continue
		}
		out = append(out, s)
	}
	return out
}

// elapsedStops are suspensions as they stop a clock of hours.
func elapsedStops(to []stop, spans []Span) []stop {
	for _, s := range spans {
		to = append(to, stop{int64(s.From), int64(s.To)})
	}
	return merge(to)
}

// dayStops turns merged stops of instants into stops of days: every day touched, or only days wholly suspended.
// differ reports whether the two differ for some stop.
func dayStops(to []stop, still []stop, cal *Calendar, whole bool) (stops []stop, differ bool) {
	for _, s := range still {
		first, end := cal.DateOf(act.Instant(s.from)), forever
		begins := int64(cal.DayStart(first)) == s.from
		ends := true
		if s.to != forever {
			last := cal.DateOf(act.Instant(s.to - 1))
			ends = int64(cal.DayStart(last+1)) == s.to
			end = int64(last) + 1
			if whole && !ends {
				end--
			}
		}
		from := int64(first)
		if whole && !begins {
			from++
		}
		differ = differ || !begins || !ends
		if from < end {
			to = append(to, stop{from, end})
		}
	}
	return merge(to), differ
}

// inOrder returns suspensions by their beginning, so that the order they are handed in does not show.
func inOrder(spans []Span) []Span {
	order := func(a, b Span) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), cmp.Compare(a.Basis, b.Basis))
	}
	if slices.IsSortedFunc(spans, order) {
		return spans
	}
	spans = slices.Clone(spans)
	slices.SortFunc(spans, order)
	return spans
}

// checkSpans reports the first suspension that is none.
func checkSpans(spans []Span) error {
	for _, s := range spans {
		if s.From >= s.To {
			return invalid("suspend", "a suspension from %s to %s is empty; it must end after it begins", s.From, s.To)
		}
		if s.From < firstInstant || s.To > lastInstant && s.To != Open {
			return invalid("suspend", "a suspension is outside the years 1 to 9999")
		}
		if s.Basis != "" && !act.IsCode(s.Basis) {
			return invalid("suspend", "%q is not a code; use letters, digits and . _ @ : / + - only", clip(s.Basis))
		}
	}
	return nil
}
