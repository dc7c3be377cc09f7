package check

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"sanad/internal/act"
	"sanad/internal/law/gate"
	"sanad/internal/law/pack"
	"sanad/internal/law/protocol"
)

// random draws one random protocol, as a pack for the checker and as a law for the engine.
type random struct {
	*rand.Rand
	b     *player
	p     *pack.Pack
	steps int
	since string // the step since which a gate waits
}

// drawn draws a small protocol: four to six steps, some facts, gates over them, clocks, perhaps a draft with signatures.
func drawn(dice *rand.Rand) (*player, *pack.Pack, *act.Catalogue) { return newRandom(dice).all() }

func newRandom(dice *rand.Rand) *random {
	b := &player{kinds: map[string][]act.FactSchema{}, free: map[string]bool{}, names: map[string]bool{}, time: &hourglass{out: map[string][]act.Instant{}}}
	return &random{Rand: dice, b: b, p: &pack.Pack{ID: "random"}}
}

func (d *random) one(n int) bool { return d.IntN(n) == 0 }

func (d *random) name() string { return fmt.Sprintf("s%d", d.IntN(d.steps)) }

func (d *random) all() (*player, *pack.Pack, *act.Catalogue) {
	p := d.protocol()
	d.decided(p.Steps)
	return d.build(p)
}

// protocol draws one version.
func (d *random) protocol() protocol.Protocol {
	d.steps = 4 + d.IntN(3)
	d.p.Roles = []pack.Role{{ID: "r", Held: []pack.Holder{{Institution: "i"}}, Seats: []string{"a", "b", "c"}}}
	d.facts()
	p := protocol.Protocol{ID: "p", Version: 1, Sort: "case"}
	for i := range d.steps {
		p.Steps = append(p.Steps, d.step(i))
	}
	if d.one(3) {
		p.Steps = d.drafted(p.Steps)
	}
	d.clocks(p.Steps)
	d.still(p.Steps)
	d.renewed(p.Steps)
	d.set(p.Steps)
	for i := range p.Steps {
		for range 2 {
			if i > 0 && d.one(3) {
				id := fmt.Sprintf("g%d", len(d.p.Gates))
				c := d.condition(2)
				c.ID = "c"
				d.p.Gates = append(d.p.Gates, gate.Gate{ID: id, Version: 1, Test: c})
				p.Steps[i].Gates = append(p.Steps[i].Gates, id)
			}
		}
	}
	return p
}

// build makes a pack, and an engine, of all versions of a protocol.
func (d *random) build(versions ...protocol.Protocol) (*player, *pack.Pack, *act.Catalogue) {
	d.p.Protocols = versions
	var schemas []act.Schema
	for _, p := range versions {
		for i := range p.Steps {
			s := &p.Steps[i]
			d.b.names[s.ID] = true
			if s.Move == "" && !slices.ContainsFunc(schemas, func(x act.Schema) bool { return x.Kind == s.Kind }) {
				schemas = append(schemas, act.Schema{Kind: s.Kind, Version: 1, Of: []string{"case"}, Purpose: "p", Basis: "b", Retention: "r", Facts: d.b.kinds[s.Kind]})
			}
			for _, c := range s.Deadlines {
				d.b.names[c.Lapses] = true
			}
		}
	}
	kinds, err := act.NewCatalogue(append(schemas, protocol.Schemas("case")...)...)
	if err != nil {
		panic(err)
	}
	d.b.law = &protocol.Law{Version: "random@1", Protocols: d.p.Protocols, Gates: d.p.Gates, Time: d.b.time, OfRun: map[string]bool{}, Since: map[string]bool{}}
	for _, f := range d.p.Facts {
		d.b.law.OfRun[f.ID], d.b.law.Since[f.ID] = f.OfRun, f.Since
	}
	from := act.Instant(0)
	d.p.Texts = []pack.Text{{ID: "act", Status: gate.InForce, Verified: true}}
	d.b.law.Texts = []protocol.Text{{ID: "act", Status: gate.InForce, Verified: true, From: &from}}
	d.b.engine, err = protocol.New(d.b.law)
	if err != nil {
		panic(err)
	}
	d.b.p = d.b.engine.Protocol("p", 1)
	if len(versions) > 1 {
		d.b.next = d.b.engine.Protocol("p", 2)
	}
	return d.b, d.p, kinds
}

// facts draws two or three facts, each said by some of the kinds k0 to k5, or by nobody, or from outside.
func (d *random) facts() {
	types := []act.Type{act.Bool, act.Bool, act.Int, act.Code, act.Codes, act.At}
	d.p.Facts = nil
	for i := range 2 + d.IntN(2) {
		f := pack.Fact{ID: fmt.Sprintf("f%d", i), Type: types[d.IntN(len(types))]}
		if i == 0 {
			f.Type = act.Bool
		}
		if f.Type == act.Bool && d.one(5) {
			f.Outside = true
			d.b.free[f.ID] = true
			d.p.Facts = append(d.p.Facts, f)
			continue
		}
		for k := range d.steps {
			if !d.one(3) {
				continue
			}
			kind := fmt.Sprintf("k%d", k)
			f.SaidBy = append(f.SaidBy, kind)
			schema := act.FactSchema{Name: f.ID, Type: f.Type, Required: d.one(2)}
			if f.Type == act.Code || f.Type == act.Codes {
				schema.Codes = []string{"a", "b", "c"}
			}
			d.b.kinds[kind] = append(d.b.kinds[kind], schema)
		}
		f.Since, f.OfRun = d.one(2), d.one(3)
		d.p.Facts = append(d.p.Facts, f)
	}
}

func (d *random) step(i int) protocol.Step {
	s := protocol.Step{ID: fmt.Sprintf("s%d", i), Kind: fmt.Sprintf("k%d", i), By: []string{"r"}, Repeat: d.one(3), Closes: i > 0 && (i == d.steps-1 || d.one(6))}
	if i == 0 {
		return s
	}
	s.After.All = []string{fmt.Sprintf("s%d", d.IntN(i))}
	if d.one(4) {
		s.After.Any = []string{d.name(), d.name()}
		s.After.All = nil
	}
	if d.one(4) {
		if n := d.name(); n != s.ID {
			s.After.None = []string{n}
		}
	}
	return s
}

// drafted makes two steps draft and sign, and a third decide with one or two signatures.
func (d *random) drafted(steps []protocol.Step) []protocol.Step {
	steps[1].Move, steps[1].Kind, steps[1].Closes = "draft", protocol.KindDrafted, false
	steps[2].Move, steps[2].Kind, steps[2].Draft, steps[2].Repeat, steps[2].Closes = "sign", protocol.KindSigned, "s1", true, false
	steps[3].Signatures = &protocol.Signatures{Draft: "s1", Count: 1 + d.IntN(2), Roles: []string{"r"}}
	if end := len(steps) - 1; end > 3 && d.one(2) { // a second decision, for which the draft may have served already
		steps[end].After.All, steps[end].Signatures = []string{"s3"}, &protocol.Signatures{Draft: "s1", Count: 1, Roles: []string{"r"}}
	}
	return steps
}

// clocks starts up to two, each with a rule of its own, and lets steps wait for their lapses.
func (d *random) clocks(steps []protocol.Step) {
	for n := range d.IntN(3) {
		i := d.IntN(len(steps) - 1)
		rule := fmt.Sprintf("clock%d", n)
		c := protocol.Deadline{Name: rule, Rule: rule, Owner: "r", MetBy: []string{d.name()}, Lapses: fmt.Sprintf("l%d", n)}
		steps[i].Deadlines = append(steps[i].Deadlines, c)
		d.b.rules = append(d.b.rules, rule)
		if d.one(4) {
			steps[i].Handoff = "r"
		}
		for range 2 {
			switch j := 1 + d.IntN(len(steps)-1); d.IntN(3) {
			case 0:
				steps[j].After.None = append(steps[j].After.None, c.Lapses)
			case 1:
				steps[j].After.Any = append(steps[j].After.Any, c.Lapses)
			default:
				steps[j].After.All = append(steps[j].After.All, c.Lapses)
			}
		}
	}
}

// still lets a step stop a clock and another let it run again, perhaps with a time of its own after which it does so anyway;
// and lets a lapse start a clock.
func (d *random) still(steps []protocol.Step) {
	var started []protocol.Deadline
	for i := range steps {
		started = append(started, steps[i].Deadlines...)
	}
	if len(started) == 0 {
		return
	}
	any := func() *protocol.Step { return &steps[d.IntN(len(steps))] }
	if d.one(2) {
		by := any()
		by.Suspends = []string{started[d.IntN(len(started))].Name}
		if d.one(3) {
			by.Suspends = append(by.Suspends, started[0].Name)
		}
		for range 2 {
			if d.one(2) {
				any().Resumes = []string{by.ID}
			}
		}
		if d.one(3) {
			for i := range steps {
				for j := range steps[i].Deadlines {
					steps[i].Deadlines[j].Resumes = []string{by.ID}
				}
			}
		}
	}
	if d.one(3) {
		any().Suspends = []string{started[0].Name}
	}
	if len(started) > 1 && d.one(2) {
		for i := range steps {
			for j := range steps[i].Deadlines {
				if x := &steps[i].Deadlines[j]; x.Name == started[0].Name {
					x.Starts = []string{started[1].Name}
				}
			}
		}
	}
}

// renewed lets a step prolong what another one made, by a clock that one started.
func (d *random) renewed(steps []protocol.Step) {
	for i := range steps[:len(steps)-1] {
		if len(steps[i].Deadlines) == 0 || !d.one(2) {
			continue
		}
		c := &steps[i].Deadlines[0]
		by := &steps[i+1+d.IntN(len(steps)-i-1)]
		if slices.Contains(c.MetBy, by.ID) { // the loader refuses that
			return
		}
		by.Renews, by.Extends = steps[i].ID, &protocol.Extends{Deadlines: []string{c.Name}, Rule: c.Rule}
		return
	}
}

// set lets steps say a coded fact of themselves.
func (d *random) set(steps []protocol.Step) {
	for i := range steps {
		for _, f := range d.p.Facts {
			if f.Type == act.Code && slices.Contains(f.SaidBy, steps[i].Kind) && d.one(2) {
				steps[i].Sets = map[string]string{f.ID: []string{"a", "b", "c"}[d.IntN(3)]}
			}
		}
	}
}

// decided lets steps decide measures, each the end of what was said for it.
func (d *random) decided(steps []protocol.Step) {
	for i := range steps {
		if i > 0 && d.one(3) {
			steps[i].Measure = &protocol.Measure{Kind: protocol.Warning, Target: protocol.Addressee, Executor: protocol.Authority}
			steps[i].Basis = []gate.Basis{{Text: "act", Article: "1"}}
		}
	}
}

// condition draws a condition, of any form that needs no text of law.
func (d *random) condition(depth int) gate.Condition {
	if depth > 0 && d.one(2) {
		switch d.IntN(3) {
		case 0:
			return gate.Condition{Op: gate.Not, Of: []gate.Condition{d.condition(depth - 1)}}
		case 1:
			return gate.Condition{Op: gate.Any, Of: []gate.Condition{d.condition(depth - 1), d.condition(depth - 1)}}
		default:
			return gate.Condition{Op: gate.All, Of: []gate.Condition{d.condition(depth - 1), d.condition(depth - 1)}}
		}
	}
	f := d.p.Facts[d.IntN(len(d.p.Facts))]
	c := gate.Condition{Fact: f.ID}
	switch d.IntN(6) {
	case 0:
		return gate.Condition{Op: gate.Done, Step: d.name()}
	case 1:
		c.Op = gate.Known
		return c
	case 2:
		if d.since == "" { // its rule is its own
			d.since = d.name()
			d.b.rules = append(d.b.rules, "since")
			d.b.names["since since "+d.since] = true
		}
		return gate.Condition{Op: gate.Elapsed, Rule: "since", Step: d.since}
	}
	switch f.Type {
	case act.Bool:
		c.Op, c.Value = gate.Eq, act.OfBool(d.one(2))
	case act.Int:
		c.Op, c.Value = []gate.Op{gate.Ge, gate.Le, gate.Eq, gate.Ne}[d.IntN(4)], act.OfInt(1+d.Int64N(2))
	case act.Code:
		c.Op, c.Words = []gate.Op{gate.In, gate.Nowhere}[d.IntN(2)], [][]string{{"a"}, {"a", "b"}, {"c"}}[d.IntN(3)]
	case act.Codes:
		c.Op, c.Words = []gate.Op{gate.In, gate.Has}[d.IntN(2)], []string{[]string{"a", "b"}[d.IntN(2)]}
	default:
		c.Op = gate.Before
		if d.one(2) {
			c.Op, c.Rule = gate.Elapsed, "since-"+f.ID
			if !slices.Contains(d.b.rules, c.Rule) {
				d.b.rules = append(d.b.rules, c.Rule)
			}
		}
	}
	return c
}

// valuesOf lists values of a type that gates can tell apart.
func valuesOf(typ act.Type, now act.Instant) []act.Value {
	switch typ {
	case act.Bool:
		return []act.Value{act.OfBool(true), act.OfBool(false)}
	case act.Int:
		return []act.Value{act.OfInt(0), act.OfInt(1), act.OfInt(2), act.OfInt(3)}
	case act.Code:
		return []act.Value{act.OfCode("a"), act.OfCode("b"), act.OfCode("c")}
	case act.Codes:
		return []act.Value{act.OfCodes(), act.OfCodes("a"), act.OfCodes("b"), act.OfCodes("a", "b")}
	default:
		return []act.Value{act.OfInstant(0), act.OfInstant(now + far)} // long ago, and far ahead
	}
}
