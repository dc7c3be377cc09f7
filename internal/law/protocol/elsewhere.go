package protocol

import (
	"slices"

	"sanad/internal/act"
	"sanad/internal/law/gate"
)

// Elsewhere looks at the other procedures of the file. One of which the readers may not know all that is asked proves nothing to them.
func (e *env) Elsewhere(c *gate.Condition, same []act.Value) gate.Held {
	hidden := false
	for i := range e.q.State.Procedures {
		r := &e.q.State.Procedures[i]
		p := e.engine.Protocol(r.Protocol, r.Version)
		if r.Protocol != c.There.Protocol || p == nil || p.Closed(r) {
			continue
		}
		h := e.inRun(r, c, same)
		if h.Known {
			return h
		}
		hidden = hidden || h.Hidden
	}
	return gate.Held{Hidden: hidden}
}

// inRun answers for one procedure.
func (e *env) inRun(r *Run, c *gate.Condition, same []act.Value) gate.Held {
	done := r.Event(c.There.Step)
	if done == nil {
		return gate.Held{}
	}
	names := slices.Clone(c.On)
	if c.There.Until != "" {
		names = append(names, c.There.Until)
	}
	if !e.visible(done.Thread) {
		return gate.Held{Hidden: true}
	}
	for i, name := range names {
		f, hidden := e.saidIn(r.ID, name)
		switch {
		case hidden:
			return gate.Held{Hidden: true}
		case f == nil || i < len(same) && !f.Value.Equal(same[i]):
			return gate.Held{}
		case i < len(same):
			continue
		}
		until, err := e.Instant(f.Value)
		if err != nil || f.Seq > done.Seq || until <= e.q.Now { // what was said since was not part of what was done
			return gate.Held{}
		}
	}
	return gate.Held{Value: act.OfInstant(done.Last), From: done.By, Known: done.Last <= e.q.Now}
}

// saidIn returns the newest value that a run says of a fact, nil where it says none; hidden where the readers may not know all of them.
func (e *env) saidIn(run act.ID, name string) (newest *Fact, hidden bool) {
	s := e.q.State
	i, _ := s.findFact(name, 0, act.ID{})
	for ; i < len(s.Facts) && s.Facts[i].Name == name; i++ {
		f := &s.Facts[i]
		if f.Run != run {
			continue
		}
		if !e.visible(f.Thread) {
			return nil, true
		}
		if newest == nil || f.Seq > newest.Seq {
			newest = f
		}
	}
	return newest, false
}
