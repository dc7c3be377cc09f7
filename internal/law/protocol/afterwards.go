package protocol

import (
	"slices"

	"sanad/internal/act"
	"sanad/internal/law/gate"
)

// version refuses a step that would open a run while no version is in force, and a measure that the law of the time of the facts
// did not hold.
func (d *decision) version(p *Protocol, r *Run, step *Step) {
	q := d.env.q
	if r == nil {
		if !p.InForce(q.on(), q.Now) {
			d.block(WhyVersion, nil)
		}
		return
	}
	if r.Opened != 0 && step.Measure != nil {
		d.afterwards(p, r, step)
	}
}

// afterwards holds a measure in a migrated run against the version it was opened under: nobody is punished under law made after
// what they did. There must have been the same measure then, its texts in force, and whatever that version asked before it is
// asked still.
func (d *decision) afterwards(p *Protocol, r *Run, step *Step) {
	e := d.env.engine
	began := r.began()
	was := e.Protocol(r.Protocol, r.Opened)
	var then *Step
	if was != nil {
		then = was.Step(e.Names(p.ID, p.Version, r.Opened)(step.ID))
	}
	if then == nil || then.Measure == nil || *then.Measure != *step.Measure {
		d.block(WhyAfterwards, nil, step.Basis...)
		return
	}
	for _, b := range step.Basis {
		standing := d.env.Standing(b.Text, began)
		if standing != gate.InForce {
			d.block(WhyLaw, []Arg{{"text", act.OfCode(b.Text)}, {"standing", act.OfCode(string(standing))}}, b)
		}
	}
	d.env.names = e.Names(p.ID, r.Opened, p.Version)
	defer func() { d.env.names = nil }()
	if !r.follows(&then.After, d.env.names) || fewer(step.Signatures, then.Signatures) {
		d.block(WhyAfterwards, nil, then.Basis...)
	}
	d.gates(slices.DeleteFunc(slices.Clone(then.Gates), func(g string) bool { return slices.Contains(step.Gates, g) }))
}

// began is the instant of the facts a run is about: when it was opened, in law.
func (r *Run) began() act.Instant {
	if len(r.Events) == 0 {
		return 0
	}
	return r.Events[0].First
}

// follows reports whether what must have happened before did.
func (r *Run) follows(a *After, names func(string) string) bool {
	return r.came(a, names) && !slices.ContainsFunc(a.None, func(name string) bool { return r.Event(names(name)) != nil })
}

// Came reports whether all that a step waits for has come, whatever excludes it.
func (r *Run) Came(step *Step) bool {
	return r.came(&step.After, func(name string) string { return name })
}

func (r *Run) came(a *After, names func(string) string) bool {
	happened := func(name string) bool { return r.Event(names(name)) != nil }
	return (len(a.Any) == 0 || slices.ContainsFunc(a.Any, happened)) && !slices.ContainsFunc(a.All, func(name string) bool { return !happened(name) })
}

// rests names the draft step whose draft a step signs or is signed by, "" where there is none.
func (s *Step) rests() string {
	if s.Signatures != nil {
		return s.Signatures.Draft
	}
	return s.Draft
}

func fewer(now, then *Signatures) bool {
	return then != nil && (now == nil || now.Count < then.Count)
}

// named is what the run calls a step that a gate names.
func (e *env) named(step string) string {
	if e.names == nil {
		return step
	}
	return e.names(step)
}
