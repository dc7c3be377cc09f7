package check

import (
	"slices"

	"sanad/internal/act"
)

// exploration is everything a run can come to.
type exploration struct {
	*model
	start set
	reach set
	rings []set       // rings[n]: states reached in n moves and not in fewer; as far as a story had to be told
	led   map[set]set // what leadsTo answered
}

// image returns the states that a move leads to.
func (m *model) image(x *move, from set) set {
	from = m.d.and(from, x.guard)
	if from == none {
		return none
	}
	out := none
	for _, doing := range x.doing {
		s := from
		for _, c := range doing {
			s = m.d.or(m.after(c, s), kept(c, s))
		}
		out = m.d.or(out, s)
	}
	return out
}

func (m *model) after(c change, from set) set {
	out := none
	for _, w := range c.ways {
		out = m.d.or(out, m.d.and(m.d.exists(m.d.and(from, w.when), w.vars), w.to))
	}
	return out
}

func kept(c change, s set) set {
	if c.may {
		return s
	}
	return none
}

// before returns the states from which a move can lead into a set.
func (m *model) before(x *move, into set) set {
	out := none
	for _, doing := range x.doing {
		s := into
		for _, c := range slices.Backward(doing) {
			from := kept(c, s)
			for _, w := range c.ways {
				from = m.d.or(from, m.d.and(w.when, m.d.exists(m.d.and(s, w.to), w.vars)))
			}
			s = from
		}
		out = m.d.or(out, s)
	}
	return m.d.and(out, x.guard)
}

// explore walks every state.
func (m *model) explore() (x *exploration, err error) {
	defer bound(&err)
	start := all
	for v := range m.states {
		start = m.d.less(start, m.d.is(v))
	}
	return m.exploreFrom(start)
}

// exploreFrom walks every state that some states lead to. Each move goes on from what the moves before it reached, which
// takes a third of the nodes that walking in rings takes.
func (m *model) exploreFrom(start set) (x *exploration, err error) {
	defer bound(&err)
	x = &exploration{model: m, start: start, reach: start, rings: []set{start}, led: map[set]set{}}
	for before := none; before != x.reach; {
		before = x.reach
		for i := range m.moves {
			x.reach = m.d.or(x.reach, m.image(&m.moves[i], x.reach))
		}
	}
	return x, nil
}

// ring returns the states reached in so many moves and not in fewer.
func (x *exploration) ring(at int) set {
	for len(x.rings) <= at {
		last, next := x.rings[len(x.rings)-1], none
		for i := range x.moves {
			next = x.d.or(next, x.image(&x.moves[i], last))
		}
		for _, nearer := range x.rings {
			next = x.d.less(next, nearer)
		}
		x.rings = append(x.rings, next)
	}
	return x.rings[at]
}

// leadsTo returns the reachable states from which some state of a set can be reached.
func (x *exploration) leadsTo(into set) set {
	out, known := x.led[into]
	if !known {
		out = x.leadsToBy(into, func(*move) bool { return true })
		x.led[into] = out
	}
	return out
}

// leadsToBy is the same by some of the moves only.
func (x *exploration) leadsToBy(into set, by func(*move) bool) set {
	out := x.d.and(into, x.reach)
	for edge := out; edge != none; {
		for i := range slices.Backward(x.moves) { // the last steps first: what leads to them is then known to the ones before
			if by(&x.moves[i]) {
				edge = x.d.or(edge, x.d.less(x.d.and(x.before(&x.moves[i], edge), x.reach), out))
			}
		}
		edge = x.d.less(edge, out)
		out = x.d.or(out, edge)
	}
	return out
}

// count returns how many states were reached.
func (x *exploration) count() float64 {
	memo := map[set]float64{}
	level := func(s set) int32 { return min(x.d.nodes[s].level, x.states) }
	var size func(set) float64 // over the variables from its own on
	size = func(s set) float64 {
		if s <= all {
			return float64(s)
		}
		n, known := memo[s]
		if known {
			return n
		}
		for _, to := range []set{x.d.nodes[s].lo, x.d.nodes[s].hi} {
			part := size(to)
			for range level(to) - level(s) - 1 {
				part *= 2
			}
			n += part
		}
		memo[s] = n
		return n
	}
	n := size(x.reach)
	for range level(x.reach) {
		n *= 2
	}
	return n
}

// story tells the shortest way into a set of states, none of them when it can't be reached, and what holds at its end.
func (x *exploration) story(into set) (out []Event, end set) {
	if x.d.and(x.reach, into) == none {
		return nil, none
	}
	for at := 0; ; at++ {
		ring := x.ring(at)
		if here := x.d.and(ring, into); here != none {
			end = x.plain(x.d.pick(here), ring, into)
			return x.back(at, end), end
		}
	}
}

// plain leaves out of a description whatever does not matter: of the states in a ring, those that it still describes are all
// as wanted.
func (x *exploration) plain(picked, ring, wanted set) set {
	drop := func(vars ...int32) {
		wider := x.d.exists(picked, x.d.cube(vars...))
		if x.d.less(x.d.and(wider, ring), wanted) == none {
			picked = wider
		}
	}
	for _, name := range sortedKeys(x.facts) {
		if f := x.facts[name]; !f.free && f.vars != nil {
			drop(f.vars...)
		}
	}
	for v := range x.states {
		drop(v)
	}
	return picked
}

// back tells the moves that lead to states in a ring.
func (x *exploration) back(at int, to set) []Event {
	var out []Event
	for ; at > 0; at-- {
		for i := range x.moves {
			source := x.before(&x.moves[i], x.d.and(to, x.ring(at)))
			from := x.d.and(source, x.ring(at-1))
			if from == none {
				continue
			}
			from = x.plain(x.d.pick(from), x.ring(at-1), source)
			out = append(out, x.event(&x.moves[i], from, to))
			to = from
			break
		}
	}
	slices.Reverse(out)
	return out
}

// event tells a move, with what it says of the facts on which the rest of the story depends.
func (x *exploration) event(mv *move, from, to set) Event {
	e := Event{What: mv.what, Name: mv.name, turn: turn{x: x, mv: mv, to: to, ok: all}}
	if mv.step == nil {
		return e
	}
	for _, role := range mv.step.By {
		if x.held(role, x.variant) {
			e.By = append(e.By, role)
		}
	}
	for _, name := range sortedKeys(x.facts) {
		f := x.facts[name]
		if f.vars == nil || f.free || !x.says(mv.step, f) {
			continue
		}
		values := x.mustBe(f, to)
		if x.must(mv.step, f) {
			values = slices.DeleteFunc(values, func(class int) bool { return class == 0 })
			if len(values) == len(f.classes)-1 {
				continue
			}
		}
		if values != nil && (values[0] == 0 || x.must(mv.step, f) || !slices.Equal(values, x.mustBe(f, from))) {
			e.Says = append(e.Says, f.said(values))
		}
	}
	return e
}

// mustBe returns the classes of a fact in some of the states, nil where it may be anything in them.
func (x *exploration) mustBe(f *fact, states set) []int {
	var out []int
	for i, s := range f.sets {
		if x.d.and(states, s) != none {
			out = append(out, i)
		}
	}
	if len(out) == len(f.sets) {
		return nil
	}
	return out
}

// said words classes of a fact. Where a step may leave a fact unsaid, that is what it does.
func (f *fact) said(classes []int) Said {
	out := Said{Fact: f.name, Known: classes[0] > 0}
	if !out.Known {
		return out
	}
	k := f.classes[classes[0]]
	switch k.value.Type() {
	case act.Date, act.At, act.Ident, act.Idents:
		return out
	}
	out.Value = k.value.String()
	out.Words = k.value.Codes()
	return out
}
