package check

import (
	"slices"
	"strings"

	"sanad/internal/act"
	"sanad/internal/law/gate"
	"sanad/internal/law/protocol"
)

// What a gate looks for in other procedures of the file may be there or not before any step: it is a fact from beyond the run, that is
// one or the other. Its name is none that a pack can give.

// elsewhereKey names what a condition looks for.
func elsewhereKey(c *gate.Condition) string {
	on := slices.Sorted(slices.Values(c.On))
	return strings.Join(append([]string{c.Op.String(), c.There.Protocol, c.There.Step, c.There.Until}, on...), " ")
}

// beside gives the fact its two classes: that it is not there, and that it is.
func beside(name string) *fact {
	return &fact{name: name, free: true, classes: []class{{}, {value: act.OfBool(true)}}}
}

// keptElsewhere is where a gate found an order to keep data in another procedure: of the same platform, sent, and with days to run.
func (x *exploration) keptElsewhere(s *protocol.Step) set {
	out := none
	for _, g := range x.gates(s) {
		g.Test.Walk(func(c *gate.Condition) {
			if c.Op != gate.Elsewhere || c.There.Until == "" || x.declared("platform") != nil && !slices.Contains(c.On, "platform") {
				return
			}
			p := x.protocolOf(c.There.Protocol)
			if p != nil && x.tellsToKeep(p, p.Step(c.There.Step)) {
				out = x.d.or(out, x.isTrue(elsewhereKey(c)))
			}
		})
	}
	return out
}

// kept is where an order to keep data was sent in the run itself, and has days to run where the pack has it say how many.
func (x *exploration) kept() set {
	sent := x.done(func(y *protocol.Step) bool { return x.tellsToKeep(x.p, y) })
	f := x.declared("expires_on")
	if f == nil || !slices.Contains(f.SaidBy, kindPreserved) {
		return sent
	}
	past := x.times[timeKey(&gate.Condition{Op: gate.Before, Fact: f.ID})]
	if past == nil {
		return none
	}
	return x.d.less(x.d.and(sent, x.known(f.ID)), x.d.is(past.v))
}

// tellsToKeep reports whether a step sends an order to keep data: a letter that follows the order.
func (*checker) tellsToKeep(p *protocol.Protocol, s *protocol.Step) bool {
	orders := func(id string) bool {
		y := p.Step(id)
		return y != nil && y.Kind == kindPreserved
	}
	other := func(id string) bool { return !orders(id) }
	return s != nil && s.Move == "send" && (slices.ContainsFunc(s.After.All, orders) || len(s.After.Any) > 0 && !slices.ContainsFunc(s.After.Any, other))
}

// protocolOf returns the newest version of a protocol, nil where the pack has none of that name.
func (c *checker) protocolOf(id string) *protocol.Protocol {
	var out *protocol.Protocol
	for i := range c.pack.Protocols {
		if p := &c.pack.Protocols[i]; p.ID == id && (out == nil || p.Version > out.Version) {
			out = p
		}
	}
	return out
}
