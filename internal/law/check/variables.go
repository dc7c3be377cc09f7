package check

import (
	"sanad/internal/law/gate"
)

// lay gives every part of a state its variables, in the order of the steps, so that what belongs together stands together.
func (m *model) lay() {
	for i := range m.p.Steps {
		s := &m.p.Steps[i]
		m.events[s.ID] = m.fresh()
		for j := range m.clocks {
			if k := &m.clocks[j]; k.step == s.ID || m.lapseOf(s, k.step) {
				m.roomOfClock(k)
			}
		}
		for _, k := range m.counters {
			if k.draft == s.ID {
				for n := range k.least {
					k.least[n] = m.fresh()
				}
			}
		}
		if s.Move == "draft" {
			m.used[s.ID] = m.fresh()
		}
	}
	for i := range m.p.Steps {
		for _, name := range sortedKeys(m.facts) {
			if f := m.facts[name]; !f.free && f.vars == nil && m.says(&m.p.Steps[i], f) {
				m.room(f)
			}
		}
	}
	m.layAlso()
	for _, t := range m.times { // what is over stays over, so that the day it is counted from stays past
		if past := m.times[timeKey(&gate.Condition{Op: gate.Before, Fact: t.c.Fact})]; past != nil && t.c.Op == gate.Elapsed {
			past.never = past.never || t.never
		}
	}
	for _, k := range sortedKeys(m.times) {
		t := m.times[k]
		t.open = !t.never && t.c.Other == "" || m.isFree(t.c.Fact) || m.isFree(t.c.Other)
		if !t.open {
			t.v = m.fresh()
			for _, name := range []string{t.c.Fact, t.c.Other} {
				if f := m.facts[name]; f != nil {
					f.times = append(f.times, t.v)
				}
			}
		}
	}
	m.states = m.vars
	for _, name := range sortedKeys(m.facts) {
		if f := m.facts[name]; f.free {
			m.room(f)
		}
	}
	for _, k := range sortedKeys(m.times) {
		if m.times[k].open {
			m.times[k].v = m.fresh()
		}
	}
	for _, k := range sortedKeys(m.laws) {
		m.laws[k].v = m.fresh()
	}
	m.inputs = all
	for v := m.states; v < m.vars; v++ {
		m.inputs = m.d.and(m.inputs, m.d.is(v))
	}
	for _, f := range m.facts {
		m.fill(f)
	}
}

func (m *model) isFree(name string) bool {
	f := m.facts[name]
	return f != nil && f.free
}

// room gives a fact the variables of its class.
func (m *model) room(f *fact) {
	for n := 1; n < len(f.classes); n *= 2 {
		f.vars = append(f.vars, m.fresh())
	}
}

// fill computes the set of each class of a fact. A fact that nobody ever says is unknown for good.
func (m *model) fill(f *fact) {
	f.sets = make([]set, len(f.classes))
	f.known = none
	for i := range f.classes {
		s := all
		for b, v := range f.vars {
			bit := m.d.is(v)
			if i>>b&1 == 0 {
				bit = m.d.not(bit)
			}
			s = m.d.and(s, bit)
		}
		if f.vars == nil && i > 0 {
			s = none
		}
		f.sets[i] = s
		if i > 0 {
			f.known = m.d.or(f.known, s)
		}
	}
}
