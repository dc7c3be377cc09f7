package check

import (
	"slices"
	"strings"

	"sanad/internal/act"
	"sanad/internal/law/gate"
	"sanad/internal/law/protocol"
)

// part of a state, or of what is open at a step, that may be otherwise: a fact, something that happened, time that is over, a gate's
// demand that law is in force.
type piece struct {
	lack Lack
	vars []int32
	fact *fact
}

// pieces are all there are, those first that a jurist looks for first.
func (x *exploration) pieces(mv *move) []piece {
	var out []piece
	for _, name := range sortedKeys(x.facts) {
		f := x.facts[name]
		if f.vars != nil && x.declared(name) != nil {
			out = append(out, piece{Lack{What: "fact", Name: name}, f.vars, f})
		}
	}
	for _, name := range sortedKeys(x.events) {
		what := "lapse"
		if x.p.Step(name) != nil {
			what = "step"
		}
		out = append(out, piece{Lack{What: what, Name: name}, []int32{x.events[name]}, nil})
	}
	for _, k := range sortedKeys(x.times) {
		t := x.times[k]
		lack := Lack{What: "time", Name: t.c.Rule, Since: t.c.Step + t.c.Fact}
		if t.c.Op == gate.Before {
			lack.Name, lack.Since = t.c.Fact, t.c.Other
		}
		out = append(out, piece{lack, []int32{t.v}, nil})
	}
	for _, k := range sortedKeys(x.laws) {
		for _, b := range mv.step.Basis {
			if l := x.laws[k]; l.c.Text == "" || l.c.Text == b.Text {
				out = append(out, piece{Lack{What: "law", Name: b.Text}, []int32{l.v}, nil})
			}
		}
	}
	return out
}

// lacks tells what would have to be otherwise in an assignment for a move to be in order. Each thing that would do by itself is told;
// where none would, all that have to change together, which is less readable and rarer.
func (x *exploration) lacks(mv *move, at, ok set) (out []Lack, together bool) {
	if ok == all || ok == none || mv.step == nil || x.d.and(at, ok) != none {
		return nil, false
	}
	matters := map[int32]bool{}
	x.support(ok, matters, map[set]bool{})
	var pieces []piece
	for _, p := range x.pieces(mv) {
		if slices.ContainsFunc(p.vars, func(v int32) bool { return matters[v] }) {
			pieces = append(pieces, p)
		}
	}
	for _, p := range pieces {
		if will := x.d.and(x.d.exists(at, x.d.cube(p.vars...)), ok); will != none {
			out = append(out, x.lack(mv, p, at, will))
		}
	}
	if len(out) > 0 {
		return out, false
	}
	for _, p := range pieces {
		rest := x.d.exists(at, x.d.cube(x.others(pieces, p)...))
		if same := x.d.and(ok, rest); same != none {
			ok = same
			continue
		}
		out = append(out, x.lack(mv, p, at, ok))
	}
	return out, true
}

// gone notes at the end of a story the steps that can't come any more.
func gone(story []Event, steps []string) []Event {
	if len(story) > 0 {
		story[len(story)-1].turn.never = append([]string{}, steps...)
	}
	return story
}

// fault tells what is missing where that is no state of the walk: steps that never come, a fact or an act for which nothing asks.
func (x *exploration) fault(f *Finding) {
	t, s := f.Timeline, x.p.Step(f.Step)
	if t == nil || t.Stopped != "" || t.Lacks != nil {
		return
	}
	end := &f.Story[len(f.Story)-1].turn
	if s == nil && end.never == nil {
		return
	}
	mv := &move{step: s}
	switch {
	case end.never != nil && len(end.never) == 0:
		t.Lacks = []Lack{{What: "nothing"}}
	case end.never != nil:
		for _, id := range end.never {
			t.Lacks, t.Together = append(t.Lacks, Lack{What: "never", Name: id}), true
		}
	case f.Kind == Captive:
		t.Lacks = []Lack{{What: "captive"}}
	case end.ok == all:
	case f.Kind == NoLaw:
		for _, b := range s.Basis {
			t.Lacks = append(t.Lacks, x.lack(mv, piece{lack: Lack{What: "law", Name: b.Text}}, none, none))
		}
	case x.declared(f.Because) != nil:
		l := x.lack(mv, piece{Lack{What: "fact", Name: f.Because}, nil, &fact{name: f.Because, classes: []class{{}}, sets: []set{all}}}, all, none)
		for i := range t.Lines {
			for j := range t.Lines[i].Says {
				if said := t.Lines[i].Says[j]; said.Fact == f.Because {
					l.Is = &said
				}
			}
		}
		t.Lacks = append(t.Lacks, l)
	case strings.Contains(f.Because, "."): // a kind of act
		t.Lacks = append(t.Lacks, x.lack(mv, piece{lack: Lack{What: "kind", Name: f.Because}}, none, none))
	default:
		t.Lacks = append(t.Lacks, x.lack(mv, piece{lack: Lack{What: "unasked"}}, none, none))
	}
}

// others are the variables of all pieces but one, and of whatever is no piece.
func (x *exploration) others(pieces []piece, but piece) []int32 {
	var out []int32
	for v := range x.vars {
		if !slices.Contains(but.vars, v) {
			out = append(out, v)
		}
	}
	return out
}

// support notes the variables on which a set depends.
func (x *exploration) support(s set, into map[int32]bool, seen map[set]bool) {
	if s <= all || seen[s] {
		return
	}
	seen[s] = true
	n := x.d.nodes[s]
	into[n.level] = true
	x.support(n.lo, into, seen)
	x.support(n.hi, into, seen)
}

// lack tells of one piece how it is, how it would have to be, and who in the pack asks for it.
func (x *exploration) lack(mv *move, p piece, at, will set) Lack {
	out := p.lack
	asked := func(*gate.Condition) bool { return false }
	switch out.What {
	case "fact":
		is := p.fact.said([]int{x.class(p.fact, at)})
		out.Is = &is
		for i := 1; i < len(p.fact.sets); i++ {
			if x.d.and(will, p.fact.sets[i]) != none && p.fact.tells(i) {
				out.Would = append(out.Would, p.fact.said([]int{i}).Value)
			}
		}
		if len(out.Would) == len(p.fact.classes)-1 { // any value does, as long as it is said
			out.Would = nil
		}
		asked = func(c *gate.Condition) bool { return c.Fact == out.Name || c.Other == out.Name }
	case "step", "lapse", "time":
		out.Done = x.holds(x.d.is(p.vars[0]), at)
		asked = func(c *gate.Condition) bool { return c.Step == out.Name || c.Rule == out.Name && c.Rule != "" }
	}
	for _, g := range x.gatesThat(asked) {
		if !slices.Contains(mv.step.Gates, g.ID) {
			out.Gates = append(out.Gates, g.ID)
			out.rests(g.Basis)
		}
	}
	if out.What == "law" {
		out.rests(gate.Basis{Text: out.Name})
	}
	if len(out.Rests) == 0 {
		for _, b := range mv.step.Basis {
			out.rests(b)
		}
	}
	return out
}

// gatesThat are the gates that ask something: those before a step of the protocol or a measure of another, else whichever do.
func (x *exploration) gatesThat(asked func(*gate.Condition) bool) []*gate.Gate {
	var near, all []*gate.Gate
	for i := range x.pack.Gates {
		g := &x.pack.Gates[i]
		asks := false
		g.Test.Walk(func(c *gate.Condition) { asks = asks || asked(c) })
		if !asks {
			continue
		}
		all = append(all, g)
		if slices.ContainsFunc(x.pack.Protocols, func(p protocol.Protocol) bool {
			return slices.ContainsFunc(p.Steps, func(s protocol.Step) bool {
				return (p.ID == x.p.ID || imposes(&s)) && slices.Contains(s.Gates, g.ID)
			})
		}) {
			near = append(near, g)
		}
	}
	if near != nil {
		return near
	}
	return all
}

func (l *Lack) rests(b gate.Basis) {
	r := Rest{b.Text, b.Article}
	if b.Text != "" && !slices.Contains(l.Rests, r) {
		l.Rests = append(l.Rests, r)
	}
}

// tells reports whether a value of a fact can be told: a date, or who somebody is, stands for any other.
func (f *fact) tells(class int) bool {
	switch f.classes[class].value.Type() {
	case act.Bool, act.Int, act.Code, act.Codes:
		return f.classes[class].value.Code() != anyOther
	default:
		return false
	}
}
