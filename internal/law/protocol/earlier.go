package protocol

import (
	"slices"

	"sanad/internal/act"
)

// A step may be dated back to when it happened, where it happened outside the house and an act shows when. What is done by being recorded
// has the date of its record: a letter that leaves now left at no other time, whoever sends it, or somebody's time to answer would be over
// before they were asked. Nor did anything happen before what it rests on.

// ToldLate reports whether a step may be dated back to when it happened: its kind records what happens outside the house, or it is a wait
// for what began there. A decision that is signed, what is handed to somebody here, and what ends a suspension are done here; and a step
// that opens a run starts nobody's time as of before they could have heard of it, but for what the authority itself is bound to.
func (l *Law) ToldLate(step *Step) bool {
	if step.After.IsStart() && slices.ContainsFunc(step.Deadlines, func(d Deadline) bool { return !l.Duties[d.Rule] }) {
		return false
	}
	return (l.Elsewhere[step.Kind] || step.Elsewhere) && step.Signatures == nil && step.Handoff == "" && len(step.Resumes) == 0
}

// dated refuses a step that is done by being recorded and is dated back, one dated before what it rests on in its run, and a first step
// dated before the file began, as far as Question.Since says.
func (d *decision) dated(p *Protocol, r *Run, step *Step) {
	d.silent(p, r, step)
	d.presumed(p, r, step)
	q := d.env.q
	switch {
	case q.Effective == 0 || q.Effective >= q.Now:
	case !d.env.engine.law.ToldLate(step):
		d.block(WhyHere, nil, step.Basis...)
	case r != nil:
		d.earlier(p, r, step)
	case q.Effective < q.Since:
		d.block(WhyBegan, nil, step.Basis...)
	}
}

func (d *decision) earlier(p *Protocol, r *Run, step *Step) {
	for i, name := range step.After.All {
		ev := r.Event(name)
		if ev != nil && d.before(step, ev.Thread, ev.First) {
			d.block(WhyEarlier, words("steps", step.After.All[i:i+1]), step.Basis...)
		}
	}
	suffices := func(name string) bool {
		ev := r.Event(name)
		return ev != nil && !d.before(step, ev.Thread, ev.First)
	}
	happened := func(name string) bool { return r.Event(name) != nil }
	if slices.ContainsFunc(step.After.Any, happened) && !slices.ContainsFunc(step.After.Any, suffices) {
		d.block(WhyEarlier, words("steps", step.After.Any), step.Basis...)
	}
	if step.Kind != KindHeard {
		return
	}
	for _, c := range r.metBy(p, step) { // nobody speaks before their time to speak begins
		if !slices.Contains(step.After.All, c.Step) && !slices.Contains(step.After.Any, c.Step) && d.before(step, c.Thread, c.Start) {
			d.block(WhyEarlier, words("steps", []string{c.Step}), step.Basis...)
		}
	}
}

// before reports whether the step is dated before something that happened at an instant; a hearing, also whether it is dated at that very
// instant, for nobody is heard in the moment in which they are invited. What happened where the readers of the act may not look counts
// as later than any date: when it was is not to be found out by asking for one date after another.
func (d *decision) before(step *Step, thread int, at act.Instant) bool {
	on := d.env.q.Effective
	return !d.env.visible(thread) || on < at || on == at && step.Kind == KindHeard
}

// silent refuses to say that nobody was heard while somebody may still speak: until the clocks that the hearing meets have run out, as of
// the date that is given to it. It is said whether or not the act is dated back.
func (d *decision) silent(p *Protocol, r *Run, step *Step) {
	heard, said := d.env.q.Proposed.Get(FactHeard)
	if r == nil || step.Kind != KindHeard || !said || heard.Bool() {
		return
	}
	d.until(WhySilent, d.over(p, r, step), step)
}

// over is when the clocks of a run that a step meets have run out; Never where one stands still, or is not for the readers of the step.
func (d *decision) over(p *Protocol, r *Run, step *Step) act.Instant {
	over := act.Instant(0)
	for _, c := range r.metBy(p, step) {
		due, _, err := d.env.engine.due(c)
		if err != nil || !d.env.visible(c.Thread) {
			due = Never
		}
		over = max(over, due)
	}
	return over
}

// until blocks a step that is dated before an instant, and says so where there is one.
func (d *decision) until(why Why, over act.Instant, step *Step) {
	switch {
	case d.env.q.on() >= over:
	case over == Never:
		d.block(why, nil, step.Basis...)
	default:
		d.block(why, []Arg{{"until", act.OfInstant(over)}}, step.Basis...)
		d.blocks[len(d.blocks)-1].Key += "_until"
	}
}

// metBy are the clocks of a run that a step meets, also those that ran out.
func (r *Run) metBy(p *Protocol, step *Step) []*Clock {
	var out []*Clock
	for i := range r.Clocks {
		c := &r.Clocks[i]
		if d := p.Starts(c.Step, c.Rule); d != nil && slices.Contains(d.MetBy, step.ID) {
			out = append(out, c)
		}
	}
	return out
}
