package check

import (
	"slices"

	"sanad/internal/law/gate"
	"sanad/internal/law/protocol"
)

// answer is how a condition comes out: where it holds, and where it is known not to. Elsewhere it is unknown.
type answer struct{ holds, fails set }

// eval returns how a condition of a gate comes out for a step, as gate.Gate.Evaluate has it.
func (m *model) eval(c *gate.Condition, s *protocol.Step) answer {
	switch c.Op {
	case gate.All:
		out := answer{all, none}
		for i := range c.Of {
			a := m.eval(&c.Of[i], s)
			out = answer{m.d.and(out.holds, a.holds), m.d.or(out.fails, a.fails)}
		}
		return out
	case gate.Any:
		out := answer{none, all}
		for i := range c.Of {
			a := m.eval(&c.Of[i], s)
			out = answer{m.d.or(out.holds, a.holds), m.d.and(out.fails, a.fails)}
		}
		return out
	case gate.Not:
		a := m.eval(&c.Of[0], s)
		return answer{a.fails, a.holds}
	case gate.Known:
		return answer{m.known(c.Fact), none}
	case gate.Done:
		done := m.happened(c.Step)
		return answer{done, m.d.not(done)}
	case gate.Signed:
		enough := m.d.and(m.happened(c.Step), m.signed(c.Step, nil, c.Count))
		return answer{enough, m.d.less(m.happened(c.Step), enough)}
	case gate.Elapsed, gate.Before:
		when := all
		for _, f := range []string{c.Fact, c.Other} {
			if f != "" {
				when = m.d.and(when, m.known(f))
			}
		}
		if c.Step != "" {
			when = m.happened(c.Step)
		}
		over := m.d.is(m.times[timeKey(c)].v)
		if past := m.times[timeKey(&gate.Condition{Op: gate.Before, Fact: c.Fact})]; c.Op == gate.Elapsed && past != nil {
			over = m.d.and(over, m.d.is(past.v)) // nothing is over since a day that is still to come
		}
		return answer{m.d.and(when, over), m.d.less(when, over)}
	case gate.LawInForce:
		return m.law(c, s)
	case gate.Elsewhere:
		on := all
		for _, f := range c.On {
			on = m.d.and(on, m.known(f))
		}
		there := m.d.is(m.facts[elsewhereKey(c)].vars[0])
		return answer{m.d.and(on, there), m.d.less(on, there)}
	default:
		f := m.facts[c.Fact]
		out := answer{none, none}
		for i := 1; i < len(f.classes); i++ {
			switch outcome(c, f.classes[i].value) {
			case gate.Holds:
				out.holds = m.d.or(out.holds, f.sets[i])
			case gate.Fails:
				out.fails = m.d.or(out.fails, f.sets[i])
			}
		}
		return out
	}
}

// known returns the states in which a fact is known.
func (m *model) known(name string) set {
	f := m.facts[name]
	if f == nil {
		return none
	}
	return f.known
}

// signed returns the states in which a draft carries signatures of at least count persons in one of the roles.
func (m *model) signed(draft string, roles []string, count int) set {
	roles = slices.Sorted(slices.Values(roles))
	for _, k := range m.counters {
		if k.draft == draft && slices.Equal(k.roles, roles) && len(k.least) >= count && count > 0 {
			return m.d.is(k.least[count-1])
		}
	}
	return none
}

// law answers for the world in which what the pack proposes is enacted: a text that is proposed, a bill, or in force but
// not verified yet, is law at every date; one that ended may be or not; the rest is not. It is true only where a gate
// insists on it, so that what opens without asking can be told.
func (m *model) law(c *gate.Condition, s *protocol.Step) answer {
	texts := []string{c.Text}
	if c.Text == "" {
		texts = nil
		for _, b := range s.Basis {
			texts = append(texts, b.Text)
		}
	}
	dead := len(texts) == 0
	ended := false
	for _, id := range texts {
		alive, over := m.enacted(id)
		dead, ended = dead || !alive, ended || over
	}
	on := all
	for _, f := range c.On {
		on = m.d.and(on, m.known(f))
	}
	asked := m.d.is(m.laws[lawKey(c)].v)
	switch {
	case dead:
		return answer{none, all}
	case ended:
		return answer{m.d.and(on, asked), m.d.less(on, asked)}
	default:
		return answer{m.d.and(on, asked), none}
	}
}

// enacted says what a text is in that world: whether it is law, and whether it ends.
func (c *checker) enacted(id string) (alive, ends bool) {
	t := c.pack.Text(id)
	if t == nil {
		return false, false
	}
	switch t.Status {
	case gate.InForce, gate.Proposed, gate.Bill:
		return true, !t.To.IsZero()
	default:
		return false, false
	}
}

// stepMove builds a step as a move.
func (m *model) stepMove(s *protocol.Step) move {
	x := move{what: "step", name: s.ID, step: s}
	x.order = m.d.not(m.closed)
	if len(s.After.Any) > 0 {
		some := none
		for _, n := range s.After.Any {
			some = m.d.or(some, m.happened(n))
		}
		x.order = m.d.and(x.order, some)
	}
	for _, n := range s.After.All {
		x.order = m.d.and(x.order, m.happened(n))
	}
	for _, n := range s.After.None {
		x.order = m.d.less(x.order, m.happened(n))
	}
	if !s.Repeat {
		x.order = m.d.less(x.order, m.happened(s.ID))
	}
	if s.Closes {
		x.order = m.d.less(x.order, m.unreceived())
	}
	x.parts = []part{{"order", x.order}, {"role", m.performed(s)}, {"law", m.lawful(s)}, {"signatures", m.enough(s)}}
	for _, g := range m.gates(s) {
		x.parts = append(x.parts, part{"gate:" + g.ID, m.eval(&g.Test, s).holds})
	}
	if s.Renews != "" {
		x.parts = append(x.parts, part{"over", m.lasts(s)})
	}
	x.full = all
	for _, p := range x.parts {
		x.full = m.d.and(x.full, p.need)
	}
	x.guard = m.d.exists(x.full, m.inputs)
	x.doing = m.doing(s)
	return x
}

// performed is all or none: whether anybody holds a role that performs the step.
func (m *model) performed(s *protocol.Step) set {
	if slices.ContainsFunc(s.By, func(role string) bool { return m.held(role, m.variant) }) {
		return all
	}
	return none
}

// lawful is all or none: whether the engine would refuse the step for what its basis is worth, whatever its gates say.
func (m *model) lawful(s *protocol.Step) set {
	if s.Measure == nil && !m.p.Coercive {
		return all
	}
	if s.Measure != nil && len(s.Basis) == 0 {
		return none
	}
	for _, b := range s.Basis {
		if alive, _ := m.enacted(b.Text); !alive {
			return none
		}
	}
	return all
}

// enough returns the states in which a step has the draft and the signatures it rests on.
func (m *model) enough(s *protocol.Step) set {
	switch {
	case s.Move == "sign":
		return m.happened(s.Draft)
	case s.Signatures != nil:
		draft := s.Signatures.Draft
		enough := m.d.and(m.happened(draft), m.signed(draft, s.Signatures.Roles, s.Signatures.Count))
		if v, there := m.used[draft]; there {
			enough = m.d.less(enough, m.d.is(v))
		}
		return enough
	default:
		return all
	}
}

// doing lists what a step changes, in the order in which its act is folded. Signing has a way for each role whose
// signature counts differently.
func (m *model) doing(s *protocol.Step) [][]change {
	var out []change
	put := func(v int32, to set) { out = append(out, change{ways: []way{{all, m.d.is(v), to}}}) }
	for _, name := range sortedKeys(m.facts) {
		f := m.facts[name]
		if f.vars == nil || f.free || !m.says(s, f) {
			continue
		}
		vars := m.d.cube(append(slices.Clone(f.vars), f.times...)...)
		if m.spends(s, f) {
			continue
		}
		if own, is := m.noted(s, f, vars); is {
			out = append(out, own...)
			continue
		}
		if word, sets := s.Sets[name]; sets {
			out = append(out, change{ways: []way{{all, vars, f.says(word)}}})
			continue
		}
		out = append(out, change{[]way{{all, vars, f.known}}, !m.must(s, f)})
	}
	out = append(out, m.spending(s)...)
	for i := range m.clocks {
		k := &m.clocks[i]
		if k.past >= 0 {
			out = append(out, m.timely(k, s.ID)...)
			continue
		}
		if slices.Contains(k.MetBy, s.ID) { // in time, or too late to count
			running := m.d.less(m.happened(k.step), m.lapsed(k))
			out = append(out, m.inTime(k, running), change{[]way{{running, m.d.is(k.met), m.d.is(k.met)}}, true})
		}
	}
	out = append(out, m.standing(s)...)
	put(m.events[s.ID], m.happened(s.ID))
	out = append(out, m.starting(s.ID)...)
	if v, there := m.used[s.ID]; there {
		put(v, m.d.not(m.d.is(v)))
		for _, k := range m.counters {
			for _, v := range k.least {
				if k.draft == s.ID {
					put(v, m.d.not(m.d.is(v)))
				}
			}
		}
	}
	if s.Signatures != nil {
		if v, there := m.used[s.Signatures.Draft]; there {
			put(v, m.d.is(v))
		}
	}
	if s.Move != "sign" {
		return [][]change{out}
	}
	return m.signing(s, out)
}

// signing adds one signature, in each of the roles of a step that are held.
func (m *model) signing(s *protocol.Step, before []change) [][]change {
	var all [][]change
	seen := map[string]bool{}
	for _, role := range s.By {
		if !m.held(role, m.variant) {
			continue
		}
		key := ""
		doing := slices.Clone(before)
		for _, k := range m.counters {
			if k.draft == s.Draft && (len(k.roles) == 0 || slices.Contains(k.roles, role)) {
				key += string(rune('0' + slices.Index(m.counters, k)))
				doing = append(doing, m.oneMore(k))
			}
		}
		if !seen[key] {
			seen[key] = true
			all = append(all, doing)
		}
	}
	return all
}

// oneMore adds one to a counter, up to what matters.
func (m *model) oneMore(k *counter) change {
	var ways []way
	vars := m.d.cube(k.least...)
	value := func(n int) set {
		out := all
		for i, v := range k.least {
			bit := m.d.is(v)
			if i >= n {
				bit = m.d.not(bit)
			}
			out = m.d.and(out, bit)
		}
		return out
	}
	for n := 0; n <= len(k.least); n++ {
		ways = append(ways, way{value(n), vars, value(min(n+1, len(k.least)))})
	}
	return change{ways: ways}
}

// lapseMove records that a clock ran out.
func (m *model) lapseMove(k *clock) move {
	guard := m.d.less(m.happened(k.step), m.d.or(m.closed, m.d.is(k.met), m.lapsed(k), m.still(k)))
	lapsed := m.happened(k.Lapses)
	doing := append(m.ending(k.Resumes), change{ways: []way{{all, lapsed, lapsed}}})
	for i := range m.clocks {
		if over := m.clocks[i].over; m.clocks[i].Lapses == k.Lapses && over >= 0 {
			doing = append(doing, change{ways: []way{{all, m.d.is(over), m.d.is(over)}}})
		}
	}
	return move{what: "lapse", name: k.Lapses, order: guard, full: guard, guard: guard, doing: [][]change{append(doing, m.starting(k.Lapses)...)}}
}

// timeMove lets a stretch come to its end. Once over it stays so, until what it is counted from is said anew.
func (m *model) timeMove(t *comparison) move {
	from := m.happened(t.c.Step)
	if t.c.Fact != "" {
		from = m.known(t.c.Fact)
	}
	over := m.d.is(t.v)
	guard := m.d.less(from, m.d.or(m.closed, over))
	for i := range m.clocks { // what a gate waits for stands still with the clock of that rule
		if k := &m.clocks[i]; t.c.Step != "" && k.step == t.c.Step && k.Rule == t.c.Rule {
			guard = m.d.less(guard, m.still(k))
		}
	}
	name := t.c.Rule
	if name == "" {
		name = t.c.Fact
	}
	return move{what: "time", name: name, over: t, order: guard, full: guard, guard: guard, doing: [][]change{{{ways: []way{{all, over, over}}}}}}
}
