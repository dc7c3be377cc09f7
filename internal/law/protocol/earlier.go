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
	ev := r.Event(draft)
	told := ev != nil && slices.Contains(step.After.All, draft) && d.before(ev, ev.First)
	if ev != nil && !told && d.before(ev, ev.Last) { // what stands is the newest draft, whatever was drafted before
		d.block(WhyEarlier, words("steps", []string{draft}), step.Basis...)
	}
	d.hasty(step)
}

// hasty refuses a decision dated before the last of the signatures that it rests on: until then it was a draft. Instants count, and not
// days alone, for some of what a decision starts is counted in hours.
func (d *decision) hasty(step *Step) {
	if step.Signatures == nil {
		return
	}
	draft := d.draft(step.Signatures.Draft)
	if draft == nil {
		return
	}
	last := act.Instant(0)
	for _, g := range draft.Signatures {
		if slices.Contains(step.Signatures.Roles, g.Role) && d.env.visible(g.Thread) {
			last = max(last, g.At)
		}
	}
	switch {
	case d.env.q.Effective >= last:
	case last == Never: // no date can be shown to come after it
		d.block(WhyEarlier, words("steps", []string{step.Signatures.Draft}), step.Basis...)
	default:
		d.block(WhyHasty, []Arg{{"since", act.OfInstant(last)}}, step.Basis...)
	}
}

// before reports whether the step is dated before something that happened at an instant. What happened where the readers of the act
// may not look counts as later than any date: when it was is not to be found out by asking for one date after another.
func (d *decision) before(ev *Event, at act.Instant) bool {
	return !d.env.visible(ev.Thread) || d.env.q.Effective < at
}
