package protocol

import (
	"cmp"
	"slices"

	"sanad/internal/act"
)

// Validity says on two axes when a version of a protocol is law, and how a run comes to it from another version.
type Validity struct {
	From, To *act.Instant // in force from, inclusive, until, exclusive; nil without a beginning, without an end
	Known    *act.Instant // known from; nil always
	// Renames says under which name of this version a step, lapse or deadline of the version before goes on.
	Renames  map[string]string
	Migrates []string // roles that may migrate a run to this version, or from it
}

// InForce reports whether the version was in force at the instant on, as known at the instant now.
func (v *Validity) InForce(on, now act.Instant) bool {
	return (v.Known == nil || now >= *v.Known) && (v.From == nil || on >= *v.From) && (v.To == nil || on < *v.To)
}

// InForce returns the version of a protocol that was in force at the instant on, as known at the instant now, the newest where
// later knowledge put it over another; nil when none was.
func (e *Engine) InForce(id string, on, now act.Instant) *Protocol {
	for _, p := range e.protocols {
		if p.ID == id && p.InForce(on, now) {
			return p
		}
	}
	return nil
}

// Opening returns the version under which a run opens whose facts are of the instant on; where none is in force the newest, none
// of whose steps may be done then. It is nil when the law has no such protocol.
func (e *Engine) Opening(id string, on, now act.Instant) *Protocol {
	return cmp.Or(e.InForce(id, on, now), e.Protocol(id, 0))
}

// Versions returns every version of a protocol that the law holds, the oldest first.
func (e *Engine) Versions(id string) []*Protocol {
	var out []*Protocol
	for _, p := range slices.Backward(e.protocols) {
		if p.ID == id {
			out = append(out, p)
		}
	}
	return out
}

// Find returns a step by its name, of the newest version of the protocol that has one; nil when none has.
func (e *Engine) Find(id, step string) *Step {
	for _, p := range e.protocols {
		if p.ID == id && p.Step(step) != nil {
			return p.Step(step)
		}
	}
	return nil
}

// on is the instant of the facts.
func (q *Question) on() act.Instant { return cmp.Or(q.Effective, q.Now) }

// Lost is a run under a version that the law does not hold. Nothing can be done in it, and none of its clocks is kept.
type Lost struct {
	Run      act.ID
	Protocol string
	Version  int
}

// Lost returns the runs of a file whose version the law does not hold. Those that a closing step of another version closed are
// left out; of a protocol that the law does not hold at all, nobody knows what closes it.
func (e *Engine) Lost(s *State) []Lost {
	var out []Lost
	for i := range s.Procedures {
		r := &s.Procedures[i]
		if e.Protocol(r.Protocol, r.Version) == nil && !e.over(r) {
			out = append(out, Lost{r.ID, r.Protocol, r.Version})
		}
	}
	return out
}

// over reports whether a run is closed: as its own version has it, or any other where the law does not hold that one.
func (e *Engine) over(r *Run) bool {
	p := e.Protocol(r.Protocol, r.Version)
	if p != nil {
		return p.Closed(r)
	}
	return slices.ContainsFunc(e.Versions(r.Protocol), func(p *Protocol) bool { return p.Closed(r) })
}

// Names returns how what happened under one version of a protocol is called in another. A name that no version between the two
// changes stays.
func (e *Engine) Names(id string, from, to int) func(string) string {
	versions := e.Versions(id)
	return func(name string) string {
		if from <= to {
			for _, p := range versions {
				if p.Version > from && p.Version <= to && p.Renames[name] != "" {
					name = p.Renames[name]
				}
			}
			return name
		}
		for _, p := range slices.Backward(versions) {
			if p.Version <= to || p.Version > from {
				continue
			}
			for old, now := range p.Renames {
				if now == name {
					name = old
					break
				}
			}
		}
		return name
	}
}

// renamed lists what is called otherwise under the version to than under from, as words of FactRenamed.
func (e *Engine) renamed(id string, from, to int) []string {
	names := e.Names(id, from, to)
	var out []string
	note := func(name string) {
		if now := names(name); now != name && !slices.Contains(out, transition(name, now)) {
			out = append(out, transition(name, now))
		}
	}
	for _, p := range e.Versions(id) {
		for old, now := range p.Renames {
			note(old)
			note(now)
		}
	}
	slices.Sort(out)
	return out
}

// Transitions lists every word that a migration from one version of a protocol to another may say: names that change, and the
// rules of clocks.
func (e *Engine) Transitions(id string, from, to int) []string {
	out := e.renamed(id, from, to)
	was, will, names := e.Protocol(id, from), e.Protocol(id, to), e.Names(id, from, to)
	if was == nil || will == nil {
		return out
	}
	for i := range was.Steps {
		s := &was.Steps[i]
		for _, d := range s.Deadlines {
			now := will.named(names(s.ID), names(d.Name))
			if now != nil && now.Rule != d.Rule {
				out = append(out, transition(names(s.ID), d.Rule, now.Rule), transition(names(s.ID), now.Rule, d.Rule))
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
