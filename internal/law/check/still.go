package check

import (
	"slices"

	"sanad/internal/law/protocol"
)

// lapseOf reports whether a name is that of the lapse of a deadline of a step.
func (m *model) lapseOf(s *protocol.Step, name string) bool {
	return slices.ContainsFunc(s.Deadlines, func(d protocol.Deadline) bool { return d.Lapses == name })
}

// roomOfClock gives a clock its variables: one for each step that can stop it, beside those every clock has.
func (m *model) roomOfClock(k *clock) {
	k.met = m.fresh()
	if _, there := m.events[k.Lapses]; !there {
		m.events[k.Lapses] = m.fresh()
	}
	k.over = -1
	if m.also != nil || len(k.Starts) > 0 || len(k.Resumes) > 0 || m.renewed(k) || m.handsOver(m.p.Step(k.step)) { // what it brings with it, it brings each time
		k.over = m.fresh()
	}
	m.roomElsewhere(k)
	k.still = map[string]int32{}
	for i := range m.p.Steps {
		if s := &m.p.Steps[i]; slices.Contains(s.Suspends, k.Name) {
			k.still[s.ID] = m.fresh()
		}
	}
	if m.also == nil {
		return
	}
	for i := range m.also.p.Steps { // it may come standing still from the other version, or have to be told from one that does
		s := &m.also.p.Steps[i]
		_, there := k.still[m.also.names(s.ID)]
		if !there && slices.ContainsFunc(s.Suspends, func(name string) bool { return m.also.names(name) == k.Name }) {
			k.still[m.also.names(s.ID)] = m.fresh()
		}
	}
}

// lapsed returns the states in which the lapse of a clock is recorded, since it started last where that matters.
func (m *model) lapsed(k *clock) set {
	if k.over < 0 {
		return m.happened(k.Lapses)
	}
	return m.d.is(k.over)
}

// still returns the states in which a clock stands still.
func (m *model) still(k *clock) set {
	out := none
	for _, step := range sortedKeys(k.still) {
		out = m.d.or(out, m.d.is(k.still[step]))
	}
	return out
}

// inTime meets a clock that stands still: nothing done meanwhile is too late.
func (m *model) inTime(k *clock, running set) change {
	met := m.d.is(k.met)
	still := m.d.and(running, m.still(k))
	return change{ways: []way{{still, met, met}, {m.d.not(still), all, all}}}
}

// standing lists what a step does to clocks that run: it ends suspensions and makes its own, which one that stood still before
// never escapes. A clock that ran out before, the lapse not being recorded yet, is not stopped.
func (m *model) standing(s *protocol.Step) []change {
	var out []change
	for i := range m.clocks {
		k := &m.clocks[i]
		v, there := k.still[s.ID]
		if !there || !slices.Contains(s.Suspends, k.Name) {
			continue
		}
		running := m.d.less(m.happened(k.step), m.d.or(m.lapsed(k), m.d.is(k.met)))
		if s.Renews == k.step && s.Extends != nil && slices.Contains(s.Extends.Deadlines, k.Name) { // it prolongs only what did not run out
			out = append(out, change{ways: []way{{running, m.d.is(v), m.d.is(v)}, {m.d.not(running), all, all}}})
			continue
		}
		out = append(out, m.stop(k, m.d.is(v), running))
	}
	others := slices.DeleteFunc(slices.Clone(s.Resumes), func(id string) bool { return id == s.ID })
	return append(out, m.ending(others)...)
}

// stop lets a clock stand still, or not where it ran out already; one that stands still by another step can't have.
func (m *model) stop(k *clock, v, running set) change {
	still, out := m.still(k), all
	if k.past >= 0 {
		out = m.d.is(k.past)
		running = m.d.less(running, out)
	}
	return change{ways: []way{
		{m.d.and(running, still), v, v},
		{m.d.less(running, still), v, v},
		{m.d.less(running, still), out, out},
		{m.d.not(running), all, all},
	}}
}

// ending ends the suspensions by some steps.
func (m *model) ending(steps []string) []change {
	var out []change
	for i := range m.clocks {
		k := &m.clocks[i]
		for _, step := range steps {
			if v, there := k.still[step]; there {
				out = append(out, change{ways: []way{{all, m.d.is(v), m.d.not(m.d.is(v))}}})
			}
		}
	}
	return out
}

// starting starts the clocks of a step, or of a lapse: not met, and running. A step that is done once starts none that something done
// once has met before.
func (m *model) starting(event string) []change {
	var out []change
	for i := range m.clocks {
		k := &m.clocks[i]
		if k.step != event {
			continue
		}
		again := values(k.still)
		if k.over >= 0 {
			again = append(again, k.over)
		}
		if k.past >= 0 {
			again = append(again, k.past)
		}
		for _, v := range again {
			out = append(out, change{ways: []way{{all, m.d.is(v), m.d.not(m.d.is(v))}}})
		}
		done := m.metBefore(k)
		for _, v := range k.meets() {
			out = append(out, change{ways: []way{
				{m.d.less(all, done), m.d.is(v), m.d.not(m.d.is(v))},
				{done, m.d.is(v), m.d.is(v)},
			}})
		}
	}
	return out
}

// metBefore is where a step that is done once starts no clock, for something done once has met it already.
func (m *model) metBefore(k *clock) set {
	out := none
	if s := m.p.Step(k.step); s == nil || s.Repeat {
		return out
	}
	for _, id := range k.MetBy {
		if s := m.p.Step(id); s != nil && !s.Repeat && id != k.step {
			out = m.d.or(out, m.happened(id))
		}
	}
	return out
}

func values(of map[string]int32) []int32 {
	out := make([]int32, 0, len(of))
	for _, step := range sortedKeys(of) {
		out = append(out, of[step])
	}
	return out
}

// endless finds a suspension that nobody has to end: the step that makes it starts no clock that a step which lifts it meets,
// or whose lapse lifts it. It is a wait without an owner and a clock.
func (c *checker) endless(p *protocol.Protocol, s *protocol.Step, found found) {
	for _, name := range s.Suspends {
		bounded := slices.ContainsFunc(s.Deadlines, func(d protocol.Deadline) bool {
			if d.Name == name || d.Owner == "" || slices.Contains(s.Suspends, d.Name) {
				return false
			}
			return slices.Contains(d.Resumes, s.ID) || slices.ContainsFunc(d.MetBy, func(id string) bool {
				by := p.Step(id)
				return by != nil && slices.Contains(by.Resumes, s.ID)
			})
		})
		if !bounded {
			found(Wait, name, "")
		}
	}
}

// unseen finds a step that does something to a clock whose readers may not read that: to them it would run on.
func (c *checker) unseen(p *protocol.Protocol, s *protocol.Step, reads func(reader, read *protocol.Step) bool, found found) {
	names := slices.Clone(s.Suspends)
	if s.Extends != nil {
		names = append(names, s.Extends.Deadlines...)
	}
	for i := range p.Steps {
		x := &p.Steps[i]
		for _, d := range x.Deadlines {
			stopped := slices.ContainsFunc(s.Resumes, func(id string) bool {
				by := p.Step(id)
				return by != nil && slices.Contains(by.Suspends, d.Name)
			})
			if (stopped || slices.Contains(names, d.Name)) && !reads(x, s) {
				found(Unreadable, d.Name, "")
			}
		}
	}
}
