package check

import (
	"fmt"
	"slices"

	"sanad/internal/act"
	"sanad/internal/law/gate"
	"sanad/internal/law/pack"
	"sanad/internal/law/protocol"
)

// model is one protocol under one variant, as moves between sets of states.
type model struct {
	*checker
	p       *protocol.Protocol
	variant string
	d       *diagrams
	vars    int32 // how many there are
	states  int32 // those that are kept from step to step; the others are open at every step

	events   map[string]int32 // steps and lapses
	clocks   []clock
	facts    map[string]*fact
	counters []*counter
	used     map[string]int32 // by draft step: its signatures served a decision
	times    map[string]*comparison
	laws     map[string]*assertion
	inputs   set // variables that are open at every step
	closed   set
	moves    []move
	also     *sibling // nil where one version is looked at alone
}

// clock is a deadline of the protocol whose lapse matters.
type clock struct {
	step string
	*protocol.Deadline
	met int32 // a step that meets it was done in time since it started
	// still says, by step that suspends it, whether it stands still by that step.
	still map[string]int32
	over  int32 // its lapse was recorded since it started; -1 where it matters only whether it ever was
	// past says, where runs leave for another version, where a measure ends by it and where it is a hand-off's, that something was done too late for it; else -1.
	past      int32
	elsewhere []elsewhere
}

// counter says how many signed the draft of a step: among some roles, or in any where roles is nil.
type counter struct {
	draft string
	roles []string
	least []int32 // least[n]: n+1 persons or more
}

// comparison is a comparison with time that a gate makes: whether a stretch is over, or which of two instants is first.
type comparison struct {
	c     *gate.Condition
	v     int32
	never bool // some gate opens only while it does not hold
	open  bool // either answer is possible at every step
}

// assertion is a gate's demand that law is in force; it is true where a gate insisted on it.
type assertion struct {
	c *gate.Condition
	v int32
}

// move is one thing that can happen.
type move struct {
	what  string // step, lapse or time
	name  string
	step  *protocol.Step
	over  *comparison // of time
	order set         // what has to come before it did, and the run is not closed
	parts []part
	full  set        // all it needs, open variables included
	guard set        // the same in terms of states
	doing [][]change // what it changes, in one of several ways
}

// sibling is another version of the protocol, whose questions a model answers too, so that states of the two can be compared.
type sibling struct {
	p      *protocol.Protocol
	names  func(string) string // from its names to the model's
	onward bool                // runs go there from the model's version
}

// part is one of the things a step needs, with the code under which its absence is told.
type part struct {
	because string
	need    set
}

// change is one change: from states in when, the variables are set anew to a value in to; in one of several ways, or not at
// all where it is a change that may be left out.
type change struct {
	ways []way
	may  bool
}

type way struct{ when, vars, to set }

func (m *model) fresh() int32 {
	m.vars++
	return m.vars - 1
}

// model builds the moves of a protocol.
func (c *checker) model(p *protocol.Protocol, variant string) (x *model, err error) {
	return c.modelWith(p, variant, nil)
}

func (c *checker) modelWith(p *protocol.Protocol, variant string, also *sibling) (x *model, err error) {
	defer bound(&err)
	m := &model{
		also:    also,
		checker: c, p: p, variant: variant, d: newDiagrams(c.most), events: map[string]int32{}, facts: map[string]*fact{}, used: map[string]int32{},
		times: map[string]*comparison{}, laws: map[string]*assertion{},
	}
	err = m.gather()
	if err != nil {
		return nil, err
	}
	m.lay()
	m.closed = none
	for i := range p.Steps {
		if p.Steps[i].Closes {
			m.closed = m.d.or(m.closed, m.happened(p.Steps[i].ID))
		}
	}
	for i := range p.Steps {
		m.moves = append(m.moves, m.stepMove(&p.Steps[i]))
	}
	for i := range m.clocks {
		m.moves = append(m.moves, m.lapseMove(&m.clocks[i]))
	}
	for _, k := range sortedKeys(m.times) {
		if t := m.times[k]; !t.open && t.c.Other == "" {
			m.moves = append(m.moves, m.timeMove(t))
		}
	}
	return m, nil
}

// bound turns the end of room into an error.
func bound(err *error) {
	switch r := recover().(type) {
	case nil:
	case tooLarge:
		*err = fmt.Errorf("%w: its states can't be told within %d nodes of a diagram; split it into two protocols, or let steps follow each other", ErrTooLarge, MostNodes)
	default:
		panic(r)
	}
}

// gates returns the gates a step asks.
func (c *checker) gates(s *protocol.Step) []*gate.Gate {
	var out []*gate.Gate
	for _, id := range s.Gates {
		if g := c.pack.Gate(id); g != nil {
			out = append(out, g)
		}
	}
	return out
}

// gather finds out what the protocol asks for: facts and their classes, comparisons, clocks that matter, counters.
func (m *model) gather() error {
	conditions := map[string][]*gate.Condition{}
	named := map[string]bool{}
	ask := func(c *gate.Condition) {
		if c.Op == gate.Elsewhere {
			m.facts[elsewhereKey(c)] = beside(elsewhereKey(c))
		}
		if asks(c) {
			conditions[c.Fact] = append(conditions[c.Fact], c)
		}
		for _, f := range append([]string{c.Fact, c.Other}, c.On...) {
			if f != "" && conditions[f] == nil {
				conditions[f] = []*gate.Condition{}
			}
		}
	}
	for i := range m.p.Steps {
		s := &m.p.Steps[i]
		for _, n := range slices.Concat(s.After.Any, s.After.All, s.After.None) {
			named[n] = true
		}
		for _, g := range m.gates(s) {
			g.Test.Walk(ask)
			m.compare(&g.Test, false)
			g.Test.Walk(func(c *gate.Condition) {
				named[c.Step] = true
				if c.Op == gate.Signed {
					m.count(c.Step, nil, c.Count)
				}
			})
		}
		if s.Signatures != nil {
			m.count(s.Signatures.Draft, s.Signatures.Roles, s.Signatures.Count)
		}
		m.protects(s, ask)
	}
	m.gatherAlso(named, ask)
	for i := range m.p.Steps {
		s := &m.p.Steps[i]
		for j := range s.Deadlines {
			d := &s.Deadlines[j]
			if named[d.Lapses] || m.handsOver(s) || m.metBy(d, kindHeard) || m.metBy(d, kindOpinion) || len(d.Starts) > 0 || len(d.Resumes) > 0 || m.prolonged(s.ID, d) || m.otherwise(s.ID, d) {
				m.clocks = append(m.clocks, clock{step: s.ID, Deadline: d})
			}
			for _, name := range d.Starts {
				if next := m.p.Deadline(name); next != nil && (named[next.Lapses] || m.otherwise(d.Lapses, next)) {
					m.clocks = append(m.clocks, clock{step: d.Lapses, Deadline: next})
				}
			}
		}
	}
	for name, list := range conditions {
		f := &fact{name: name}
		var typ act.Type
		var words []string
		if x := m.declared(name); x != nil {
			typ, words = x.Type, m.words(x)
			f.free = m.outside(x)
		}
		var err error
		f.classes, err = classesOf(name, typ, words, list)
		if err != nil {
			return err
		}
		m.facts[name] = f
	}
	return nil
}

// declared returns a fact of the pack, nil when it has none of that name.
func (c *checker) declared(name string) *pack.Fact {
	for i := range c.pack.Facts {
		if c.pack.Facts[i].ID == name {
			return &c.pack.Facts[i]
		}
	}
	return nil
}

// words returns the words that a coded fact may hold: those of the pack's list, or of the kinds that say it; nil where nothing
// closes it.
func (c *checker) words(f *pack.Fact) []string {
	out := c.pack.Words(f.List)
	if out != nil || c.kinds == nil {
		return out
	}
	for _, kind := range f.SaidBy {
		schema, _ := c.kinds.Latest(kind)
		for _, x := range schema.Facts {
			if x.Name == f.ID && len(x.Codes) > 0 {
				out = append(out, x.Codes...)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// outside reports whether a fact is said other than by this run: from beyond the file, or by another protocol of the same
// sort of file that has one run only. What is said in one of many runs counts in that run alone.
func (m *model) outside(f *pack.Fact) bool {
	if f.Outside || f.OfRun {
		return f.Outside
	}
	for i := range m.pack.Protocols {
		p := &m.pack.Protocols[i]
		other := p.ID != m.p.ID || p.Many
		if f.Since && other && p.Sort == m.p.Sort && slices.ContainsFunc(p.Steps, func(s protocol.Step) bool { return s.Measure != nil }) {
			return true // a measure that another run decides ends what was said for the one before
		}
		if p.Sort != m.p.Sort || p.ID == m.p.ID || p.Many {
			continue
		}
		for j := range p.Steps {
			if slices.Contains(f.SaidBy, p.Steps[j].Kind) {
				return true
			}
		}
	}
	return false
}

// compare notes the comparisons with time in a condition, and which must not hold somewhere.
func (m *model) compare(c *gate.Condition, not bool) {
	if c.Op == gate.Not {
		not = !not
	}
	for i := range c.Of {
		m.compare(&c.Of[i], not)
	}
	switch c.Op {
	case gate.Elapsed, gate.Before:
		k := timeKey(c)
		if m.times[k] == nil {
			m.times[k] = &comparison{c: c}
		}
		m.times[k].never = m.times[k].never || not
	case gate.LawInForce:
		k := lawKey(c)
		if m.laws[k] == nil {
			m.laws[k] = &assertion{c: c}
		}
	}
}

func timeKey(c *gate.Condition) string {
	return fmt.Sprintf("%s %s %s %s %s", c.Op, c.Rule, c.Step, c.Fact, c.Other)
}

func lawKey(c *gate.Condition) string { return fmt.Sprintf("%s %q", c.Text, c.On) }

// count makes room to count signatures of a draft.
func (m *model) count(draft string, roles []string, need int) {
	roles = slices.Sorted(slices.Values(roles))
	i := slices.IndexFunc(m.counters, func(k *counter) bool { return k.draft == draft && slices.Equal(k.roles, roles) })
	if i < 0 {
		i = len(m.counters)
		m.counters = append(m.counters, &counter{draft: draft, roles: roles})
	}
	for len(m.counters[i].least) < need {
		m.counters[i].least = append(m.counters[i].least, 0)
	}
}

// says reports whether a step says a fact.
func (m *model) says(s *protocol.Step, f *fact) bool {
	x := m.declared(f.name)
	return x != nil && slices.Contains(x.SaidBy, s.Kind)
}

// must reports whether a step can't be done without saying a fact.
func (m *model) must(s *protocol.Step, f *fact) bool {
	if m.kinds == nil {
		return false
	}
	schema, ok := m.kinds.Latest(s.Kind)
	return ok && slices.ContainsFunc(schema.Facts, func(x act.FactSchema) bool { return x.Name == f.name && x.Required })
}

// happened returns the states in which a step was done, or a lapse recorded.
func (m *model) happened(name string) set {
	v, there := m.events[name]
	if !there {
		return none
	}
	return m.d.is(v)
}

func sortedKeys[T any](x map[string]T) []string {
	out := make([]string, 0, len(x))
	for k := range x {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
