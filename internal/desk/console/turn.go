package console

import (
	"slices"

	"sanad/internal/act"
	"sanad/internal/law/protocol"
)

// glance is what the queue says of a file without opening it: which clock of those a mandate sees runs out first, and whether
// it is that mandate's turn. It is read from the file's state; what a thread the mandate may not read says never shows.
type glance struct {
	clock *protocol.Running
	steps []place // what is expected
	mine  bool    // some of it is for the mandate's role to do
}

// place is a step of a protocol.
type place struct{ protocol, step string }

// looker looks at files for one mandate.
type looker struct {
	engine  *protocol.Engine
	may     reads
	mandate act.ID
	person  act.ID
	role    string
}

func (k looker) glance(s *protocol.State, lapses []lapse) glance {
	g := glance{clock: k.first(s, lapses)}
	for i := range s.Procedures {
		r := &s.Procedures[i]
		p := k.engine.Protocol(r.Protocol, r.Version)
		if p == nil || p.Closed(r) {
			continue
		}
		for _, step := range k.awaited(s, p, r) {
			g.steps, g.mine = append(g.steps, place{p.ID, step}), true
		}
	}
	if g.clock != nil {
		g.mine = g.mine || g.clock.Owner == k.role || k.meets(s, g.clock)
		return g
	}
	if !g.mine {
		g.steps = k.ready(s)
		g.mine = len(g.steps) > 0
	}
	return g
}

// meets reports whether a step that meets a clock is for the role to do.
func (k looker) meets(s *protocol.State, c *protocol.Running) bool {
	r := s.Run(c.Place.Run)
	if r == nil {
		return false
	}
	p := k.engine.Protocol(r.Protocol, r.Version)
	return p != nil && slices.ContainsFunc(c.MetBy, func(id string) bool {
		step := p.Step(id)
		return step != nil && slices.Contains(step.By, k.role)
	})
}

// first is the clock that runs out first, or ran out and is still to be met.
func (k looker) first(s *protocol.State, lapses []lapse) *protocol.Running {
	var out *protocol.Running
	for _, l := range lapses {
		if c := k.lapsed(s, l); c != nil && (out == nil || c.Due < out.Due) {
			out = c
		}
	}
	running := k.engine.Running(s)
	for i := range running {
		if c := &running[i]; k.may[c.Audience] {
			if out == nil || c.Due < out.Due {
				out = c
			}
			break
		}
	}
	return out
}

// lapsed tells of a clock that ran out as of one that runs.
func (k looker) lapsed(s *protocol.State, l lapse) *protocol.Running {
	r := s.Run(l.run)
	if r == nil {
		return nil
	}
	p := k.engine.Protocol(r.Protocol, r.Version)
	if p == nil {
		return nil
	}
	step, d := p.Lapsing(l.name)
	if d == nil {
		return nil
	}
	out := &protocol.Running{
		Place: protocol.Place{Protocol: p.ID, Run: r.ID, Step: step.ID}, Name: d.Name, Rule: d.Rule, Owner: d.Owner,
		Start: l.due, Due: l.due, Audience: l.audience, MetBy: d.MetBy, Lapses: d.Lapses,
	}
	for i := range r.Clocks {
		if c := &r.Clocks[i]; c.Step == step.ID && c.Rule == d.Rule {
			out.Start, out.By = c.Start, c.By
		}
	}
	return out
}

// event is what a mandate may know of a step of a run; nil for what it may not.
func (k looker) event(s *protocol.State, r *protocol.Run, step string) *protocol.Event {
	e := r.Event(step)
	if e == nil || !k.may[s.Threads[e.Thread].Audience] {
		return nil
	}
	return e
}

// awaited are the steps of a run that wait for this very role: to acknowledge what was handed over to it, to sign a draft.
func (k looker) awaited(s *protocol.State, p *protocol.Protocol, r *protocol.Run) []string {
	var out []string
	for i := range p.Steps {
		step := &p.Steps[i]
		e := k.event(s, r, step.ID)
		if e == nil || step.Handoff != k.role {
			continue
		}
		var answers []string
		for j := range p.Steps {
			next := &p.Steps[j]
			if !slices.Contains(next.By, k.role) || !slices.Contains(next.After.Any, step.ID) && !slices.Contains(next.After.All, step.ID) {
				continue
			}
			if done := k.event(s, r, next.ID); done != nil && done.Seq > e.Seq {
				answers = nil
				break
			}
			answers = append(answers, next.ID)
		}
		out = append(out, answers...)
	}
	for i := range s.Drafts {
		d := &s.Drafts[i]
		if d.Run != r.ID || !k.may[s.Threads[d.Thread].Audience] {
			continue
		}
		if step := k.unsigned(s, p, r, d); step != "" {
			out = append(out, step)
		}
	}
	return out
}

// unsigned is the step by which a draft still wants this mandate's signature; "" for none.
func (k looker) unsigned(s *protocol.State, p *protocol.Protocol, r *protocol.Run, d *protocol.Draft) string {
	if slices.ContainsFunc(d.Signatures, func(g protocol.Signature) bool { return g.Mandate == k.mandate || g.Person == k.person }) {
		return ""
	}
	sign := ""
	for i := range p.Steps {
		step := &p.Steps[i]
		switch {
		case step.Move == "sign" && step.Draft == d.Step && slices.Contains(step.By, k.role):
			sign = step.ID
		case step.Signatures != nil && step.Signatures.Draft == d.Step:
			e, drafted := k.event(s, r, step.ID), r.Event(d.Step)
			if len(d.Signatures) >= step.Signatures.Count || e != nil && drafted != nil && e.Seq > drafted.Seq {
				return ""
			}
		}
	}
	return sign
}

// ready are the steps that come next for this role where no clock says what does: those never done whose turn it is.
func (k looker) ready(s *protocol.State) []place {
	var out []place
	for i := range s.Procedures {
		r := &s.Procedures[i]
		p := k.engine.Protocol(r.Protocol, r.Version)
		if p == nil || p.Closed(r) {
			continue
		}
		happened := func(step string) bool { return k.event(s, r, step) != nil }
		for j := range p.Steps {
			step := &p.Steps[j]
			if !slices.Contains(step.By, k.role) || step.After.IsStart() || step.Repeat || happened(step.ID) || slices.ContainsFunc(step.After.None, happened) ||
				len(step.After.Any) > 0 && !slices.ContainsFunc(step.After.Any, happened) ||
				slices.ContainsFunc(step.After.All, func(id string) bool { return !happened(id) }) {
				continue
			}
			out = append(out, place{p.ID, step.ID})
		}
	}
	return out
}
