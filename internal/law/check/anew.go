package check

import (
	"slices"

	"sanad/internal/law/gate"
	"sanad/internal/law/protocol"
)

// What is weighed, or found of who complied, is about one measure: it justifies no other, neither the next rung nor the same one again.

// spends reports whether a step decides the measure that a fact was said for, so that it counts no more.
func (m *model) spends(s *protocol.Step, f *fact) bool {
	x := m.declared(f.name)
	return x != nil && x.Since && s.Measure != nil && f.vars != nil && !f.free
}

// spending lists what is unknown again once a step decided a measure. What other procedures say too may be unknown at any time.
func (m *model) spending(s *protocol.Step) []change {
	var out []change
	for _, name := range sortedKeys(m.facts) {
		f := m.facts[name]
		if !m.spends(s, f) {
			continue
		}
		unsaid := f.sets[0]
		for _, v := range f.times {
			unsaid = m.d.less(unsaid, m.d.is(v))
		}
		out = append(out, change{ways: []way{{all, m.d.cube(append(slices.Clone(f.vars), f.times...)...), unsaid}}})
	}
	return out
}

// borrowed finds a gate of a measure that what was weighed, or found, for an earlier one opens.
func (c *checker) borrowed(s *protocol.Step, found found) {
	if !imposes(s) {
		return
	}
	for _, g := range c.gates(s) {
		for _, name := range g.Facts() {
			f := c.declared(name)
			if f != nil && !f.Since && (slices.Contains(f.SaidBy, kindWeighed) || slices.Contains(f.SaidBy, kindComplied)) && decidedBy(g, name) {
				found(Borrowed, name, "")
			}
		}
	}
}

// decidedBy reports whether a gate asks a fact itself, and not only from when on a text is asked to be law.
func decidedBy(g *gate.Gate, name string) bool {
	asked := false
	g.Test.Walk(func(k *gate.Condition) { asked = asked || k.Fact == name || k.Other == name })
	return asked
}
