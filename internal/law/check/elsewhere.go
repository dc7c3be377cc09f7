package check

import (
	"slices"

	"sanad/internal/law/protocol"
)

// elsewhere is a clock as another version has it, to which a run may be migrated.
type elsewhere struct {
	*protocol.Deadline
	by  []string // what meets it there, as the model calls it
	met int32    // some of that was done in time since the clock started; the clock's own variable where the same meets it
}

// started calls f with every deadline that a protocol starts, and the step or lapse that starts it.
func started(p *protocol.Protocol, f func(step string, d *protocol.Deadline)) {
	for i := range p.Steps {
		for j := range p.Steps[i].Deadlines {
			d := &p.Steps[i].Deadlines[j]
			f(p.Steps[i].ID, d)
			for _, name := range d.Starts {
				if next := p.Deadline(name); next != nil {
					f(d.Lapses, next)
				}
			}
		}
	}
}

// otherwise reports whether a clock is not what it is in the other version: whether a run may go there asks for it then.
func (m *model) otherwise(step string, d *protocol.Deadline) bool {
	if m.also == nil {
		return false
	}
	same := false
	started(m.also.p, func(other string, x *protocol.Deadline) {
		same = same || m.also.names(other) == step && m.also.names(x.Name) == d.Name && x.Rule == d.Rule &&
			m.also.names(x.Lapses) == d.Lapses && alike(m.also.all(x.MetBy), d.MetBy)
	})
	return !same
}

// all is a list of the other version's names as the model calls them.
func (x *sibling) all(names []string) []string {
	out := make([]string, len(names))
	for i := range names {
		out[i] = x.names(names[i])
	}
	return out
}

func alike(a, b []string) bool {
	sorted := func(x []string) []string { return slices.Compact(slices.Sorted(slices.Values(x))) }
	return slices.Equal(sorted(a), sorted(b))
}

// roomElsewhere gives a clock the variables by which the engine decides whether a run that has it may go to the other version.
func (m *model) roomElsewhere(k *clock) {
	k.past = -1
	if m.renewed(k) || m.handsOver(m.p.Step(k.step)) {
		k.past = m.fresh()
	}
	if m.also == nil || !m.also.onward {
		return
	}
	if k.past < 0 {
		k.past = m.fresh()
	}
	started(m.also.p, func(step string, d *protocol.Deadline) {
		there := slices.ContainsFunc(k.elsewhere, func(x elsewhere) bool { return x.Deadline == d })
		if there || m.also.names(step) != k.step || m.also.names(d.Name) != k.Name && d.Rule != k.Rule {
			return
		}
		x := elsewhere{d, m.also.all(d.MetBy), k.met}
		if !alike(x.by, k.MetBy) {
			x.met = m.fresh()
		}
		k.elsewhere = append(k.elsewhere, x)
	})
}

// meets are the variables that say whether a clock was met, in this version or in another.
func (k *clock) meets() []int32 {
	out := []int32{k.met}
	for _, x := range k.elsewhere {
		if x.met != k.met {
			out = append(out, x.met)
		}
	}
	return out
}

// timely notes of a step that would meet a clock, in this version or the other, that it came in time, or too late. After what
// came too late nothing is in time any more; while the clock stands still everything is.
func (m *model) timely(k *clock, step string) []change {
	var meets []int32
	if slices.Contains(k.MetBy, step) {
		meets = append(meets, k.met)
	}
	for _, x := range k.elsewhere {
		if x.met != k.met && slices.Contains(x.by, step) {
			meets = append(meets, x.met)
		}
	}
	if len(meets) == 0 {
		return nil
	}
	met, past := m.d.cube(meets...), m.d.is(k.past)
	running := m.d.less(m.happened(k.step), m.d.or(m.lapsed(k), past))
	late := m.d.less(running, m.still(k))
	if m.prolongs(step, k) {
		late = none // the engine prolongs only what has time left, so that what also meets the clock meets it in time
	}
	return []change{{ways: []way{
		{running, met, met},
		{late, past, past},
		{m.d.not(running), all, all},
	}}}
}

// lapses reports whether a lapse of that name is one of the target's.
func (g *passage) lapses(name string) bool {
	found := false
	started(g.will.p, func(_ string, d *protocol.Deadline) { found = found || d.Lapses == name })
	return found
}

// clock finds the place of a clock in the target as the engine does: one that runs goes on under the deadline of its name, one
// that is over is that of its rule, and must be over there too.
func (g *passage) clock(a *clock, put func(a, b int32)) {
	var on, over *elsewhere
	for i := range a.elsewhere {
		x := &a.elsewhere[i]
		if x.Name == g.names(a.Name) && on == nil {
			on = x
		}
		if x.Rule == a.Rule && over == nil {
			over = x
		}
	}
	d := g.was.d
	ended := d.or(d.is(a.met), g.was.lapsed(a))
	runs := d.less(g.was.happened(a.step), ended)
	goes := none // of those that run
	if on != nil && on.Lapses == g.names(a.Lapses) && (on.Rule == a.Rule || g.was.p.Starts(a.step, on.Rule) == nil) {
		goes = d.less(all, d.or(d.is(a.past), d.is(on.met)))
	}
	g.may = d.less(g.may, d.less(runs, goes))
	if over != nil {
		was := g.was.lapsed(a)
		if over.Lapses != g.names(a.Lapses) {
			was = none
			for _, name := range sortedKeys(g.was.events) { // recorded since, or before: that is not told apart
				if g.names(name) == over.Lapses {
					was = g.was.happened(name)
				}
			}
		}
		stays := d.or(d.is(over.met), was)
		g.may = d.less(g.may, d.less(d.and(g.was.happened(a.step), ended), stays))
	}
	if goes == none {
		on = over
	}
	if on == nil {
		return
	}
	j := slices.IndexFunc(g.will.clocks, func(b clock) bool { return b.step == g.names(a.step) && b.Deadline == on.Deadline })
	if j < 0 {
		return
	}
	b := &g.will.clocks[j]
	put(a.met, b.met)
	put(a.over, b.over)
	for step, v := range a.still { // what stands still goes on standing still
		if to, there := b.still[g.names(step)]; there {
			put(v, to)
		}
	}
}
