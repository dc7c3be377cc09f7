package pack_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/law/gate"
	"sanad/internal/law/pack"
)

// world answers a gate out of what a test lays into it.
type world struct {
	facts  map[string]act.Value
	steps  map[string]act.Instant
	signed map[string]int64
	law    gate.Standing
}

var noon = at("2026-06-01T12:00:00Z")

func (w *world) Fact(name string) gate.Held {
	v, known := w.facts[name]
	return gate.Held{Value: v, Known: known}
}

func (w *world) Elsewhere(c *gate.Condition, _ []act.Value) gate.Held {
	return w.Done(c.There.Protocol + "." + c.There.Step)
}

func (w *world) Everywhere(name string) []gate.Held {
	if h := w.Fact(name); h.Known {
		return []gate.Held{h}
	}
	return nil
}

func (w *world) Now() act.Instant { return noon }

func (w *world) Instant(v act.Value) (act.Instant, error) {
	day, is := v.Date()
	if !is {
		return 0, errors.New("no date")
	}
	return act.InstantOf(day), nil
}

func (w *world) Standing(string, act.Instant) gate.Standing { return w.law }

func (w *world) Basis() []gate.Basis { return []gate.Basis{{Text: "some-text"}} }

func (w *world) Done(step string) gate.Held {
	v, known := w.steps[step]
	return gate.Held{Value: act.OfInstant(v), Known: known}
}

func (w *world) Signed(step string) gate.Held {
	n, known := w.signed[step]
	return gate.Held{Value: act.OfInt(n), Known: known}
}

func (w *world) After(_ *gate.Condition, _ gate.Held, start act.Instant) (gate.Stretch, error) {
	return gate.Stretch{End: start.Add(365 * 24 * time.Hour)}, nil
}

// satisfy lays into the world what makes a condition hold, or fail where holds is false.
func (w *world) satisfy(t *testing.T, p *pack.Pack, c *gate.Condition, holds bool) {
	t.Helper()
	day := func(years int) act.Value { return act.OfDate(noon.Time().AddDate(years, 0, 0)) }
	other := func() act.Value {
		for i := range p.Facts {
			if p.Facts[i].ID != c.Fact {
				continue
			}
			for _, word := range p.Words(p.Facts[i].List) {
				if word != c.Value.Code() && !slices.Contains(c.Words, word) {
					return act.OfCode(word)
				}
			}
		}
		t.Fatalf("fact %s has no other word", c.Fact)
		return act.Value{}
	}
	switch c.Op {
	case gate.All:
		for i := range c.Of {
			w.satisfy(t, p, &c.Of[i], holds)
		}
	case gate.Any:
		w.satisfy(t, p, &c.Of[0], holds)
	case gate.Not:
		w.satisfy(t, p, &c.Of[0], !holds)
	case gate.Known:
		if _, there := w.facts[c.Fact]; !there {
			w.facts[c.Fact] = act.OfBool(false)
			if f := find(p, c.Fact); f.Type == act.Date {
				w.facts[c.Fact] = day(2)
			}
		}
	case gate.Eq, gate.Ne:
		switch {
		case (c.Op == gate.Eq) == holds:
			w.facts[c.Fact] = c.Value
		case c.Value.Type() == act.Bool:
			w.facts[c.Fact] = act.OfBool(!c.Value.Bool())
		default:
			w.facts[c.Fact] = other()
		}
	case gate.Ge, gate.Le:
		n := c.Value.Int()
		if !holds {
			n += map[gate.Op]int64{gate.Ge: -1, gate.Le: 1}[c.Op]
		}
		w.facts[c.Fact] = act.OfInt(n)
	case gate.In:
		if find(p, c.Fact).Type == act.Codes {
			w.facts[c.Fact] = act.OfCodes(c.Words[0])
		} else {
			w.facts[c.Fact] = act.OfCode(c.Words[0])
		}
	case gate.Nowhere:
		w.facts[c.Fact] = other()
	case gate.Has:
		w.facts[c.Fact] = act.OfCodes(slices.Sorted(slices.Values(append(w.facts[c.Fact].Codes(), c.Words...)))...)
	case gate.Before:
		years := -1
		if c.Other != "" {
			w.facts[c.Other], years = day(2), 1
		}
		if !holds {
			years = 2
		}
		w.facts[c.Fact] = day(years)
	case gate.LawInForce:
		for _, fact := range c.On {
			w.facts[fact] = day(-1)
		}
	case gate.Done:
		w.steps[c.Step] = noon.Add(-time.Hour)
	case gate.Elsewhere:
		for _, fact := range c.On {
			w.facts[fact] = act.OfCode("same")
		}
		w.steps[c.There.Protocol+"."+c.There.Step] = noon.Add(-time.Hour)
	case gate.Signed:
		w.signed[c.Step] = int64(c.Count)
	case gate.Elapsed:
		if c.Fact != "" {
			w.facts[c.Fact] = day(-2)
		} else {
			w.steps[c.Step] = noon.Add(-2 * 365 * 24 * time.Hour)
		}
	default:
		t.Fatalf("no way to satisfy %s", c.Op)
	}
}

func find(p *pack.Pack, fact string) *pack.Fact {
	for i := range p.Facts {
		if p.Facts[i].ID == fact {
			return &p.Facts[i]
		}
	}
	return &pack.Fact{}
}

// Every gate of every pack is closed while nothing is known, open once its facts are there, and closed again by each named
// condition whose facts are taken away: that condition is named, and nothing that does not ask the same facts.
func TestEveryGateOpensOnItsFactsAlone(t *testing.T) {
	t.Parallel()
	for _, p := range embedded(t) {
		id := p.ID
		for i := range p.Gates {
			g := &p.Gates[i]
			w := &world{facts: map[string]act.Value{}, steps: map[string]act.Instant{}, signed: map[string]int64{}, law: gate.Proposed}
			if answer, _ := g.Evaluate(w); answer.Open {
				t.Errorf("%s: gate %s is open and nothing is known", id, g.ID)
			}
			w.law = gate.InForce
			w.satisfy(t, p, &g.Test, true)
			answer, failing := g.Evaluate(w)
			if !answer.Open {
				t.Errorf("%s: gate %s stays closed by %s %v", id, g.ID, answer.Because, failing)
				continue
			}
			g.Test.Walk(func(c *gate.Condition) {
				if c.ID != "" {
					without(t, id+": gate "+g.ID, g, c, w)
				}
			})
		}
	}
}

// without takes away what one named condition asks and looks at what closes the gate then.
func without(t *testing.T, name string, g *gate.Gate, c *gate.Condition, w *world) {
	t.Helper()
	asks := asked(c)
	less := &world{facts: map[string]act.Value{}, steps: map[string]act.Instant{}, signed: map[string]int64{}, law: w.law}
	for k, v := range w.facts {
		if !slices.Contains(asks, k) {
			less.facts[k] = v
		}
	}
	for k, v := range w.steps {
		if !slices.Contains(asks, "step "+k) {
			less.steps[k] = v
		}
	}
	for k, v := range w.signed {
		if !slices.Contains(asks, "step "+k) {
			less.signed[k] = v
		}
	}
	if slices.Contains(asks, "law") {
		less.law = gate.Proposed
	}
	_, failing := g.Evaluate(less)
	named := false
	for _, f := range failing {
		named = named || f.Condition.ID == c.ID
		if f.Condition.ID != c.ID && !slices.ContainsFunc(asked(f.Condition), func(a string) bool { return slices.Contains(asks, a) }) {
			t.Errorf("%s is closed by %s too, which asks nothing of %s", name, f.Condition.ID, c.ID)
		}
	}
	if !named {
		t.Errorf("%s does not name %s without %s", name, c.ID, strings.Join(asks, ", "))
	}
}

func asked(c *gate.Condition) (names []string) {
	c.Walk(func(c *gate.Condition) {
		for _, n := range append([]string{c.Fact, c.Other}, c.On...) {
			if n != "" {
				names = append(names, n)
			}
		}
		if c.Step != "" {
			names = append(names, "step "+c.Step)
		}
		if c.Op == gate.LawInForce {
			names = append(names, "law")
		}
	})
	return names
}
