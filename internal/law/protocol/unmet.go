package protocol

import "slices"

// What a lapse leaves to be done: what it asks for is done late, or the law lets something follow it, or nobody can do anything any
// more. Until then it waits for the role that owns the deadline.

// Lapsing returns the deadline whose lapse bears a name, and the step that starts it; nil where there is none.
func (p *Protocol) Lapsing(lapse string) (*Step, *Deadline) {
	for i := range p.Steps {
		for j := range p.Steps[i].Deadlines {
			if p.Steps[i].Deadlines[j].Lapses == lapse {
				return &p.Steps[i], &p.Steps[i].Deadlines[j]
			}
		}
	}
	return nil, nil
}

// Moot reports whether nobody has anything left to do about a lapse: every step that would meet its deadline, and every step the
// law lets follow it, is excluded by something that was done. It stays in the file as a record and waits for nobody.
func (p *Protocol) Moot(d *Deadline, happened func(step string) bool) bool {
	left := false
	for i := range p.Steps {
		s := &p.Steps[i]
		if slices.Contains(d.MetBy, s.ID) || slices.Contains(s.After.Any, d.Lapses) || slices.Contains(s.After.All, d.Lapses) {
			left = left || !slices.ContainsFunc(s.After.None, happened)
		}
	}
	return !left
}

// Settles lists the lapses after which a step is what was still to be done: it meets the deadline, late, or it is what the
// law lets follow the lapse, or leaves nothing to do about it. A step that closes settles all; another lapse settles none, for
// nobody did anything.
func (p *Protocol) Settles(done string) []string {
	step := p.Step(done)
	if step == nil {
		return nil
	}
	var out []string
	for i := range p.Steps {
		for j := range p.Steps[i].Deadlines {
			d := &p.Steps[i].Deadlines[j]
			if d.Lapses != "" && (step.Closes || p.Moot(d, func(id string) bool { return id == done }) || slices.Contains(d.MetBy, done) || slices.Contains(step.After.Any, d.Lapses) || slices.Contains(step.After.All, d.Lapses)) {
				out = append(out, d.Lapses)
			}
		}
	}
	return out
}

// Answered reports whether a lapse asked for nothing when it was recorded: what it is about had been done before, or the run is
// closed, or nothing is left to do.
func (p *Protocol) Answered(r *Run, lapse string) bool {
	if p.Closed(r) {
		return true
	}
	step, d := p.Lapsing(lapse)
	if d == nil || p.Moot(d, func(id string) bool { return r.Event(id) != nil }) {
		return true
	}
	for i := range r.Clocks {
		c := &r.Clocks[i]
		if c.Step == step.ID && c.Rule == d.Rule {
			return slices.ContainsFunc(c.Since, func(m Mark) bool { return slices.Contains(d.MetBy, m.Step) })
		}
	}
	return false
}

// Unmet lists the lapses of a run that still ask for something, under the version the run has now; none where the law does not hold
// that one.
func (e *Engine) Unmet(r *Run) []*Event {
	p := e.Protocol(r.Protocol, r.Version)
	if p == nil {
		return nil
	}
	var out []*Event
	for i := range r.Events {
		ev := &r.Events[i]
		if p.Step(ev.Step) != nil || p.Answered(r, ev.Step) {
			continue
		}
		since := func(x Event) bool { return x.Seq > ev.Seq && slices.Contains(p.Settles(x.Step), ev.Step) }
		if !slices.ContainsFunc(r.Events, since) {
			out = append(out, ev)
		}
	}
	return out
}
