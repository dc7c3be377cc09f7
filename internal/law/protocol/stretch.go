package protocol

import (
	"errors"
	"slices"

	"sanad/internal/act"
	"sanad/internal/law/gate"
)

// A gate that waits for time waits for the clock which whoever bears it was given: when that one stands still, is given more time or is
// moved, so is what comes next. Time that is nobody's clock stands still while a court stays what it is counted from.

// After computes when the time a condition asks for has run. since is what it counts from: a fact, of which start is the instant, or a
// step of the run.
func (e *env) After(c *gate.Condition, since gate.Held, start act.Instant) (gate.Stretch, error) {
	var out gate.Stretch
	for _, k := range e.clocksOf(c, since, start) {
		if !e.visible(k.Thread) {
			return gate.Stretch{Hidden: true}, nil
		}
		due, _, err := e.engine.due(k)
		if err != nil {
			return gate.Stretch{}, err
		}
		if due > out.End { // of two that run, the longer
			out = stretch(due, k.Spans)
		}
	}
	if out.End != 0 {
		return out, nil
	}
	spans, hidden := e.stays(e.source(c, since))
	switch {
	case hidden:
		return gate.Stretch{Hidden: true}, nil
	case len(spans) == 0:
		due, err := e.engine.law.Time.Due(c.Rule, start)
		return gate.Stretch{End: due}, err
	}
	due, err := e.engine.law.Time.DueOf(c.Rule, start, Ledger{Spans: spans})
	if errors.Is(err, ErrStill) {
		due, err = Never, nil
	}
	return stretch(due, spans), err
}

// stretch tells of time that ends then what stopped it last.
func stretch(end act.Instant, spans []Span) gate.Stretch {
	out := gate.Stretch{End: end}
	for _, s := range spans {
		if s.To == Never && end == Never || out.By.IsZero() || s.From >= out.Still {
			out.Still, out.By = s.From, s.By
		}
	}
	return out
}

// clocksOf finds the clocks of a rule that what a condition counts from started. From a step, they are of the run at hand. A fact that
// tells a day is told by the act that started the clock, or by a later one of the same day, in whichever procedure of the file: a lifting
// says again when what stood before was notified.
func (e *env) clocksOf(c *gate.Condition, since gate.Held, start act.Instant) []*Clock {
	day, isDay := since.Value.Date()
	started := func(k *Clock) bool {
		if c.Fact != "" && isDay {
			return e.engine.Day(k.Start).Equal(day)
		}
		return k.Start == start
	}
	var out []*Clock
	for i := range e.q.State.Procedures {
		r := &e.q.State.Procedures[i]
		if own := e.run != nil && r.ID == e.run.ID; !own && (c.Fact == "" || !e.counts(r.ID)) {
			continue
		}
		for j := range r.Clocks {
			if k := &r.Clocks[j]; k.Rule == c.Rule && started(k) {
				out = append(out, k)
			}
		}
	}
	return out
}

// source is the run of which a condition asks: the one at hand, or the one that said the fact; nil where none did.
func (e *env) source(c *gate.Condition, since gate.Held) *Run {
	if c.Fact == "" {
		return e.run
	}
	i := slices.IndexFunc(e.q.State.Facts, func(f Fact) bool { return f.Name == c.Fact && f.From == since.From })
	if i < 0 || since.From.IsZero() {
		return nil
	}
	return e.q.State.Run(e.q.State.Facts[i].Run)
}

// stays is when a court stayed what a run decided: while its clocks stood still by a step that says so of itself, and from the last such
// step until something else was said, also where it stopped no clock any more. hidden where some reader may not know of one.
func (e *env) stays(r *Run) (spans []Span, hidden bool) {
	if r == nil {
		return nil, false
	}
	p := e.engine.Protocol(r.Protocol, r.Version)
	if p == nil {
		return nil, false
	}
	says := func(step string) string {
		if s := p.Step(step); s != nil {
			return s.Sets[FactStay]
		}
		return ""
	}
	for i := range r.Clocks {
		for _, s := range r.Clocks[i].Spans {
			known := slices.ContainsFunc(spans, func(x Span) bool { return x.By == s.By })
			if says(s.Step) == StayStanding && s.To != Never && !known { // where nothing let a clock run on, what was said of the stay counts
				spans, hidden = append(spans, s), hidden || !e.visible(r.Clocks[i].Thread)
			}
		}
	}
	for i := range r.Events {
		ev := &r.Events[i]
		known := slices.ContainsFunc(spans, func(x Span) bool { return x.By == ev.By })
		if says(ev.Step) != StayStanding || known {
			continue
		}
		to, by, seen := e.ended(p, r, ev, says)
		spans, hidden = append(spans, Span{Step: ev.Step, From: ev.Last, To: to, By: ev.By, Until: by}), hidden || !seen || !e.visible(ev.Thread)
	}
	return slices.DeleteFunc(spans, func(s Span) bool { return s.From >= s.To }), hidden
}

// ended is when a stay was over, Never while it lasts: by the first step since that says so of itself, by an annulment, or by what a court
// ruled. Of facts only what was said last is known, so that the lifting of what was annulled would tell another day. seen is false where
// some reader may not know.
func (e *env) ended(p *Protocol, r *Run, stay *Event, says func(step string) string) (to act.Instant, by act.ID, seen bool) {
	to, seen = Never, true
	annuls := func(step string) bool {
		ruling := p.Step(step)
		return ruling != nil && slices.ContainsFunc(p.Steps, func(s Step) bool { return s.Measure != nil && p.Unwinds(ruling, s.ID) })
	}
	for i := range r.Events {
		ev := &r.Events[i]
		word := says(ev.Step)
		if ev.Seq > stay.Seq && (word != "" && word != StayStanding || annuls(ev.Step)) && ev.Last < to {
			to, by, seen = ev.Last, ev.By, e.visible(ev.Thread)
		}
	}
	for i := range e.q.State.Facts {
		f := &e.q.State.Facts[i]
		word := f.Value.Code()
		if f.Name == FactStay && f.Run == r.ID && f.Seq > stay.Seq && word != StayStanding && f.At < to {
			to, by, seen = f.At, f.From, e.visible(f.Thread)
		}
	}
	return to, by, seen
}
