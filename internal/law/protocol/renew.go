package protocol

import (
	"slices"

	"sanad/internal/act"
)

// A measure is prolonged by a step that renews it: a decision of its own, with all that such a decision needs, whose act gives the
// clock at whose end the measure is over more time.

// Of returns the id of the step whose measure this one prolongs or lifts; its own where it does neither.
func (s *Step) Of() string {
	switch {
	case s.Renews != "":
		return s.Renews
	case s.Lifts != "":
		return s.Lifts
	}
	return s.ID
}

// Ends returns the deadlines, started by the step that made a measure, at whose lapse the measure that a step prolongs is over.
func (p *Protocol) Ends(renewing *Step) []*Deadline {
	made := p.Step(renewing.Renews)
	if made == nil || renewing.Extends == nil {
		return nil
	}
	var out []*Deadline
	for i := range made.Deadlines {
		if d := &made.Deadlines[i]; slices.Contains(renewing.Extends.Deadlines, d.Name) {
			out = append(out, d)
		}
	}
	return out
}

// renewal refuses to prolong what has ended: a measure that was lifted, or whose time is over though nobody recorded it yet. What
// ended is ordered anew, or not at all.
func (d *decision) renewal(p *Protocol, r *Run, step *Step) {
	if step.Renews == "" {
		return
	}
	ends := p.Ends(step)
	lasts := r != nil && len(ends) > 0
	if lasts {
		running := d.env.engine.running(d.env.q.State, r, p, nil)
		for _, end := range ends {
			lasts = lasts && slices.ContainsFunc(running, func(c Running) bool {
				return c.Place.Step == step.Renews && c.Name == end.Name && c.Due > d.env.q.on()
			})
		}
	}
	if !lasts {
		d.block(WhyOver, word("step", step.Renews), step.Basis...)
	}
}

// sets adds to what an act says of clocks what its step says of itself.
func (s *Step) sets(clocks act.Facts) act.Facts {
	if len(s.Sets) == 0 {
		return clocks
	}
	all := map[string]act.Value{}
	for name, word := range s.Sets {
		all[name] = act.OfCode(word)
	}
	for _, f := range clocks {
		all[f.Name] = f.Value
	}
	return act.NewFacts(all)
}
