package legaltime

import (
	"cmp"
	"slices"

	"sanad/internal/act"
)

// EventKind is what can happen to a clock.
type EventKind string

// The kinds of event. Received, Refused and Sent start a clock, whichever comes first.
const (
	Received EventKind = "received" // by whom it concerns: the plainest start
	Refused  EventKind = "refused"  // they would not take it, which starts the clock all the same
	Sent     EventKind = "sent"     // receipt is presumed once the event's rule has run; no rule, no presumption
	Stopped  EventKind = "suspended"
	Resumed  EventKind = "resumed"
	Extended EventKind = "extended" // more time by the event's rule, counted on from the end so far
)

// Event is one thing that happened to a clock. At is when it happened in law (the effective instant), not when it
// was recorded.
type Event struct {
	Kind  EventKind
	At    act.Instant
	Rule  Rule // Sent: after which receipt is presumed; Extended: how much more; otherwise zero
	Basis string
}

// Clock is the ledger of one deadline: its rule and everything that happened to it, in any order.
type Clock struct {
	Rule   Rule
	Events []Event
}

// Compute returns the deadline as the ledger stands. It fails with NotStarted while nothing has started the
// clock, with Suspended while it stands still, and with Invalid on a ledger that makes no sense. An extension is
// applied whenever it was granted: whether it could be is for a gate to say.
//
// Bounds and readings of an extended clock are extended one by one, each by the extension's own readings.
func (c Clock) Compute(cal *Calendar) (Result, error) {
	if cal == nil {
		return Result{}, invalid("calendar", "there is none; hand one in")
	}
	events := slices.Clone(c.Events)
	slices.SortStableFunc(events, func(a, b Event) int { return cmp.Compare(a.At, b.At) })
	spans, err := spansOf(events)
	if err != nil {
		return Result{}, err
	}
	t := newTracer()
	start, err := startOf(events, cal, t)
	if err != nil {
		return Result{}, err
	}
	res, err := spread(start, func(at act.Instant) (Result, error) { return Compute(c.Rule, at, spans, cal) })
	if err != nil {
		return Result{}, err
	}
	res.Trace = append(t.lines, res.Trace...)
	for _, e := range events {
		if e.Kind != Extended {
			continue
		}
		res, err = extend(res, e, c.Rule.Side, spans, cal)
		if err != nil {
			return Result{}, err
		}
	}
	return res, nil
}

func spansOf(events []Event) ([]Span, error) {
	var spans []Span
	running := true
	for _, e := range events {
		switch e.Kind {
		case Stopped:
			if !running {
				return nil, invalid("events", "suspended at %s while it stood still already; resume it first", e.At)
			}
			running = false
			spans = append(spans, Span{From: e.At, To: Open, Basis: e.Basis})
		case Resumed:
			if running {
				return nil, invalid("events", "resumed at %s while it was running; suspend it first", e.At)
			}
			running = true
			last := &spans[len(spans)-1]
			last.To = e.At
			if last.From == last.To { // lifted at once: it never stopped anything
				spans = spans[:len(spans)-1]
			}
		case Received, Refused, Sent, Extended:
		default:
			return nil, invalid("events", "%q is not a kind of event; use received, refused, sent, suspended, resumed or extended", clip(string(e.Kind)))
		}
	}
	return spans, nil
}

// instants is a start, with what it may become when a holiday it rests on is announced.
type instants struct{ at, earliest, latest act.Instant }

// startOf returns the first start there is, and tells which event gave it.
func startOf(events []Event, cal *Calendar, t *tracer) (instants, error) {
	start := instants{Open, Open, Open}
	var by Event
	for _, e := range events {
		this := instants{e.At, e.At, e.At}
		switch {
		case e.Kind == Sent && e.Rule != Rule{}:
			r, err := Compute(e.Rule, e.At, nil, cal)
			if err != nil {
				return instants{}, err
			}
			this = r.instants(cal)
		case e.Kind != Received && e.Kind != Refused:
			continue
		}
		if this.at < start.at {
			start.at, by = this.at, e
		}
		start.earliest, start.latest = min(start.earliest, this.earliest), min(start.latest, this.latest)
	}
	if start.at == Open {
		return instants{}, &Error{Reason: NotStarted, Text: "nothing has started the clock; record a receipt, a refusal, or a sending with its rule of presumption"}
	}
	t.add("legaltime.event", by.Basis, code("kind", string(by.Kind)), atTime("at", by.At))
	if by.Kind == Sent {
		t.add("legaltime.presumed", by.Rule.Basis, atTime("at", start.at))
	}
	return start, nil
}

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

// extend counts the extension on from every end so far.
func extend(res Result, e Event, side Side, spans []Span, cal *Calendar) (Result, error) {
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
