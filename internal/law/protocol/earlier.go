package protocol

import (
	"slices"

	"sanad/internal/act"
)

// A step may be dated back to when it happened, where an act shows that. It did not happen before what it rests on: a receipt
// dated before its letter would have somebody's time to answer run out before they were asked.

// earlier refuses a step dated before what it rests on in its run, and a first step dated before the file began, as far as
// Question.Since says.
func (d *decision) earlier(r *Run, step *Step) {
	q := d.env.q
	if q.Effective == 0 || q.Effective >= q.Now {
		return
	}
	if r == nil {
		if q.Effective < q.Since {
			d.block(WhyBegan, nil, step.Basis...)
		}
		return
	}
	for i, name := range step.After.All {
		ev := r.Event(name)
		if ev != nil && d.before(ev, ev.First) {
			d.block(WhyEarlier, words("steps", step.After.All[i:i+1]), step.Basis...)
		}
	}
	suffices := func(name string) bool {
		ev := r.Event(name)
		return ev != nil && !d.before(ev, ev.First)
	}
	happened := func(name string) bool { return r.Event(name) != nil }
	if slices.ContainsFunc(step.After.Any, happened) && !slices.ContainsFunc(step.After.Any, suffices) {
		d.block(WhyEarlier, words("steps", step.After.Any), step.Basis...)
	}
	draft := step.rests()
	if ev := r.Event(draft); ev != nil && !slices.Contains(step.After.All, draft) && d.before(ev, ev.Last) {
		d.block(WhyEarlier, words("steps", []string{draft}), step.Basis...)
	}
}

// before reports whether the step is dated before something that happened at an instant. What happened where the readers of the act
// may not look counts as later than any date: when it was is not to be found out by asking for one date after another.
func (d *decision) before(ev *Event, at act.Instant) bool {
	return !d.env.visible(ev.Thread) || d.env.q.Effective < at
}
