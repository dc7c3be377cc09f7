package check

import (
	"fmt"
	"slices"

	"sanad/internal/act"
	"sanad/internal/law/gate"
	"sanad/internal/law/protocol"
)

// versions looks at what several versions of a protocol are to each other: that a procedure can be opened at any time between
// the first and the last, and that one which is migrated from any state it can be in can still be closed.
func (c *checker) versions(r *Report, only []string) error {
	by := map[string][]*protocol.Protocol{}
	for i := range c.pack.Protocols {
		p := &c.pack.Protocols[i]
		if len(only) == 0 || slices.Contains(only, p.ID) {
			by[p.ID] = append(by[p.ID], p)
		}
	}
	for _, id := range sortedKeys(by) {
		all := by[id]
		slices.SortFunc(all, func(a, b *protocol.Protocol) int { return a.Version - b.Version })
		c.gaps(r, all)
		for _, from := range all {
			for _, to := range all {
				if from == to || !c.migrates(from, to) {
					continue
				}
				for _, variant := range c.variants() {
					err := c.trap(r, from, to, variant)
					if err != nil {
						return fmt.Errorf("protocol %s, from version %d to %d: %w", id, from.Version, to.Version, err)
					}
				}
			}
		}
	}
	return nil
}

// migrates reports whether anybody may migrate a procedure from one version to another.
func (c *checker) migrates(from, to *protocol.Protocol) bool {
	return len(from.Migrates)+len(to.Migrates)+len(c.pack.Migrates) > 0
}

// gaps finds an instant at which nothing can be opened though it could before and can be again.
func (c *checker) gaps(r *Report, versions []*protocol.Protocol) {
	var edges []act.Instant
	for _, p := range versions {
		for _, at := range []*act.Instant{p.From, p.To, p.Known} {
			if at != nil {
				edges = append(edges, *at)
			}
		}
	}
	if len(edges) == 0 {
		return
	}
	slices.Sort(edges)
	edges = append([]act.Instant{edges[0] - 1}, edges...)
	open := func(at act.Instant) *protocol.Protocol {
		i := slices.IndexFunc(versions, func(p *protocol.Protocol) bool { return p.InForce(at, at) })
		if i < 0 {
			return nil
		}
		return versions[i]
	}
	could, gap := false, false
	for _, at := range edges {
		p := open(at)
		if p != nil && gap {
			r.add(Finding{Kind: Gap, Protocol: p.ID, Version: p.Version}, "")
		}
		could = could || p != nil
		gap = could && p == nil
	}
}

// names returns how what happened under one version is called in another.
func (c *checker) names(from, to *protocol.Protocol) func(string) string {
	if c.engine != nil {
		return c.engine.Names(from.ID, from.Version, to.Version)
	}
	return func(name string) string { return name }
}

// trap finds a state from which a procedure can be migrated and, in the other version, not be closed any more. A version that has
// such states of its own is found elsewhere.
func (c *checker) trap(r *Report, from, to *protocol.Protocol, variant string) (err error) {
	defer bound(&err)
	if !slices.ContainsFunc(to.Steps, func(s protocol.Step) bool { return s.Closes }) {
		return nil
	}
	g, err := c.passage(from, to, variant)
	if err != nil {
		return err
	}
	alone, err := g.will.explore()
	if err != nil || alone.stuck() != none {
		return err
	}
	err = g.walk()
	if err != nil {
		return err
	}
	stuck := g.after.stuck()
	if stuck == none {
		return nil
	}
	will, before := g.will, g.before
	arrivals := will.d.and(g.after.start, g.after.leadsTo(stuck))
	leave := g.was.d.less(g.was.d.and(before.reach, g.may, g.back(arrivals)), before.untouched())
	way, at := before.story(leave)
	one := will.d.pick(will.d.and(arrivals, g.over(g.was.d.and(at, leave))))
	from1, err := will.exploreFrom(one)
	if err != nil {
		return err
	}
	end, _ := from1.story(stuck)
	last := lastOf(append(way, end...))
	story := slices.Concat(way, []Event{{What: "migration", Name: fmt.Sprint(to.Version)}}, end)
	f := Finding{Kind: Trap, Protocol: to.ID, Version: to.Version, Step: last, Story: gone(story, from1.closing()), Timeline: before.timeline(story)}
	from1.fault(&f)
	r.add(f, variant)
	return nil
}

// stuck returns the states from which no closing step can be reached.
func (x *exploration) stuck() set {
	return x.d.less(x.d.less(x.reach, x.leadsTo(x.closed)), x.d.and(x.start, x.untouched()))
}

// untouched is the state in which nothing was done yet.
func (x *exploration) untouched() set {
	out := all
	for _, v := range x.events {
		out = x.d.less(out, x.d.is(v))
	}
	return out
}

// passage is the way from the states of one version to those of another.
type passage struct {
	was, will *model
	names     func(string) string
	pairs     map[int32]int32 // variables of was, and which they are in will
	may       set             // states of was in which the engine lets a procedure go
	never     set             // of will: what can't have happened yet

	before, after *exploration // once walked: of the old version, and of the new one from where procedures arrive in it
}

// passage builds the way from one version to another.
func (c *checker) passage(from, to *protocol.Protocol, variant string) (g *passage, err error) {
	defer bound(&err)
	names, back := c.names(from, to), c.names(to, from)
	was, err := c.modelWith(from, variant, &sibling{to, back, true})
	if err != nil {
		return nil, err
	}
	will, err := c.modelWith(to, variant, &sibling{from, names, false})
	if err != nil {
		return nil, err
	}
	g = &passage{was: was, will: will, names: names}
	g.pair()
	return g, nil
}

// walk explores the old version, takes everything that may be migrated over, and explores the new one from there.
func (g *passage) walk() (err error) {
	defer bound(&err)
	g.before, err = g.was.explore()
	if err != nil {
		return err
	}
	// A procedure that was not opened yet is not migrated.
	opened := g.was.d.less(g.was.d.and(g.before.reach, g.may), g.before.untouched())
	g.after, err = g.will.exploreFrom(g.over(opened))
	return err
}

// pair finds which variables mean the same. What one of the two does not keep is left open on the way.
func (g *passage) pair() {
	g.pairs, g.may, g.never = map[int32]int32{}, g.was.d.not(g.was.closed), all
	met := map[int32]bool{} // of will
	put := func(a, b int32) {
		g.pairs[a] = b
		met[b] = true
	}
	for _, name := range sortedKeys(g.was.events) {
		v, there := g.will.events[g.names(name)]
		step, old := g.will.p.Step(g.names(name)), g.was.p.Step(name)
		if !there && step == nil && old == nil && g.lapses(g.names(name)) {
			continue // a lapse for which nothing waits there
		}
		if !there || step != nil && (step.Closes || old == nil || old.Kind != step.Kind) || step == nil && old != nil {
			g.may = g.was.d.less(g.may, g.was.happened(name))
			continue
		}
		put(g.was.events[name], v)
	}
	for i := range g.was.clocks {
		g.clock(&g.was.clocks[i], put)
	}
	for _, a := range g.was.counters {
		j := slices.IndexFunc(g.will.counters, func(b *counter) bool { return b.draft == g.names(a.draft) && slices.Equal(a.roles, b.roles) })
		for n := range a.least {
			if j >= 0 && n < len(g.will.counters[j].least) {
				put(a.least[n], g.will.counters[j].least[n])
			}
		}
	}
	for draft, v := range g.was.used {
		if to, there := g.will.used[g.names(draft)]; there {
			put(v, to)
		}
	}
	open := map[int32]bool{}
	for name, a := range g.was.facts {
		b := g.will.facts[name]
		if b == nil || a.free || b.free || len(a.vars) != len(b.vars) {
			continue
		}
		for i := range a.vars {
			put(a.vars[i], b.vars[i])
		}
	}
	for _, t := range g.will.times {
		if !t.open {
			open[t.v] = true
		}
	}
	for _, t := range g.was.times {
		if to := g.will.times[timeKey(renamed(t.c, g.names))]; to != nil && !t.open && !to.open {
			put(t.v, to.v)
		}
	}
	for v := range g.will.states {
		if !met[v] && !open[v] { // a step, clock or draft that the old version does not have
			g.never = g.will.d.less(g.never, g.will.d.is(v))
		}
	}
}

// over takes states of the old version to those of the new one.
func (g *passage) over(states set) set {
	var lost []int32
	for v := range g.was.states {
		if _, kept := g.pairs[v]; !kept {
			lost = append(lost, v)
		}
	}
	states = g.was.d.exists(states, g.was.d.cube(lost...))
	return g.will.d.and(translate(g.was.d, g.will.d, states, g.pairs), g.never)
}

// back takes states of the new version to all of the old one that lead to them.
func (g *passage) back(states set) set {
	pairs := map[int32]int32{}
	for a, b := range g.pairs {
		pairs[b] = a
	}
	var lost []int32
	for v := range g.will.states {
		if _, kept := pairs[v]; !kept {
			lost = append(lost, v)
		}
	}
	return translate(g.will.d, g.was.d, g.will.d.exists(states, g.will.d.cube(lost...)), pairs)
}

// translate builds a set of one diagram anew in another, whose variables may stand in another order.
func translate(from, to *diagrams, states set, pairs map[int32]int32) set {
	known := map[set]set{none: none, all: all}
	var build func(set) set
	build = func(s set) set {
		if out, there := known[s]; there {
			return out
		}
		n := from.nodes[s]
		v := to.is(pairs[n.level])
		out := to.or(to.and(v, build(n.hi)), to.less(build(n.lo), v))
		known[s] = out
		return out
	}
	return build(states)
}

// gatherAlso asks what the other version asks, in this one's names.
func (m *model) gatherAlso(named map[string]bool, ask func(*gate.Condition)) {
	if m.also == nil {
		return
	}
	for i := range m.also.p.Steps {
		s := &m.also.p.Steps[i]
		for _, n := range slices.Concat(s.After.Any, s.After.All, s.After.None) {
			named[m.also.names(n)] = true
		}
		for _, g := range m.gates(s) {
			test := renamed(&g.Test, m.also.names)
			test.Walk(ask)
			m.compare(test, false)
			test.Walk(func(c *gate.Condition) {
				named[c.Step] = true
				if c.Op == gate.Signed {
					m.count(c.Step, nil, c.Count)
				}
			})
		}
		if s.Signatures != nil {
			m.count(m.also.names(s.Signatures.Draft), s.Signatures.Roles, s.Signatures.Count)
		}
		m.protects(s, ask)
	}
}

// layAlso gives room to facts that only the other version says: they may be known when a procedure comes from it.
func (m *model) layAlso() {
	if m.also == nil {
		return
	}
	for i := range m.also.p.Steps {
		for _, name := range sortedKeys(m.facts) {
			if f := m.facts[name]; !f.free && f.vars == nil && m.says(&m.also.p.Steps[i], f) {
				m.room(f)
			}
		}
	}
}

// renamed is a condition with other names of steps.
func renamed(c *gate.Condition, names func(string) string) *gate.Condition {
	out := *c
	if out.Step != "" {
		out.Step = names(out.Step)
	}
	out.Of = make([]gate.Condition, len(c.Of))
	for i := range c.Of {
		out.Of[i] = *renamed(&c.Of[i], names)
	}
	return &out
}
