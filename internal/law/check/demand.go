package check

import (
	"slices"

	"sanad/internal/act"
	"sanad/internal/law/gate"
	"sanad/internal/law/protocol"
)

// demanded are the facts that whoever is asked for data, or is asked about, is protected by.
var demanded = []string{"offence", "data", "protected", "leave", "expires_on"}

// demands asks for those facts, word by word, so that it can be told which of them a gate lets in.
func (m *model) demands(ask func(*gate.Condition)) {
	for _, name := range demanded {
		f := m.declared(name)
		if f == nil {
			continue
		}
		ask(&gate.Condition{Op: gate.Known, Fact: name})
		switch f.Type {
		case act.Bool:
			ask(&gate.Condition{Op: gate.Eq, Fact: name, Value: act.OfBool(true)})
		case act.Codes:
			if open := m.pack.Words(listOpenData); open != nil {
				ask(&gate.Condition{Op: gate.In, Fact: name, Words: open})
			}
		}
	}
}

// asking finds a letter that asks for data, in a coercive protocol, and lacks what it must not: a text it rests on, a matter that is in
// scope, a remedy, an offence of the list, a judge's leave where nothing else bounds what may be asked and about whom, an order to keep
// the data that was sent before, to the same platform, and still runs. It finds one that leaves without a purpose, for data that are not held already, for any number of accounts,
// or without the receipt of whoever watches over personal data, as far as the pack speaks of them. And it finds a failure to answer that
// is passed on, to be counted against a platform, before anybody found it.
func (x *exploration) asking(r *Report, mv *move) {
	s := mv.step
	if x.p.Coercive && len(s.Basis) == 0 && slices.Contains([]string{kindPreserved, kindFailure}, s.Kind) {
		x.finding(r, NoLaw, s.ID, "basis", nil)
	}
	if s.Kind == kindReported {
		x.without(r, mv, Unproven, x.done(func(y *protocol.Step) bool { return y.Kind == kindFailure }), kindFailure)
	}
	if s.Move != "send" || !x.has(x.p, kindPrepared) || !x.asks(s) {
		return
	}
	need := func(kind Kind, must set, because string) { x.without(r, mv, kind, must, because) }
	need(NoMinimal, x.minimal(s), "purpose")
	if !x.p.Coercive {
		return
	}
	if len(s.Basis) == 0 {
		need(NoLaw, x.asked(s, func(y *protocol.Step) bool { return len(y.Basis) > 0 }), "basis")
	}
	if s.Remedy == "" {
		need(NoRemedy, x.asked(s, func(y *protocol.Step) bool { return y.Remedy != "" }), "")
	}
	before := x.asked(s, func(*protocol.Step) bool { return true }) // a reminder asks for nothing new
	if x.declared("situation") != nil {
		need(NoScope, x.d.or(before, x.within(mv, "situation", listInScope)), "situation")
	}
	if x.declared("offence") != nil {
		need(NoOffence, x.d.or(before, x.known("offence")), "offence")
	}
	if x.declared("leave") != nil {
		for _, name := range []string{"data", "protected"} {
			if x.declared(name) != nil {
				need(NoLeave, x.d.or(before, x.isTrue("leave"), x.confined(mv, name)), name)
			}
		}
	}
	if slices.ContainsFunc(x.pack.Protocols, func(p protocol.Protocol) bool { return p.Sort == x.p.Sort && x.has(&p, kindPreserved) }) {
		need(NoHold, x.d.or(before, x.kept(), x.keptElsewhere(s)), kindPreserved)
	}
}

// minimal is where a request is for a purpose, for what is held already, for few, and known to who watches over personal data.
func (x *exploration) minimal(s *protocol.Step) set {
	must := x.d.and(x.isTrue("purpose"), x.isTrue("already_held"))
	if x.declared("dpa_receipt") != nil {
		must = x.d.and(must, x.isTrue("dpa_receipt"))
	}
	if x.declared("identifiers") == nil {
		return must
	}
	few := x.bounded("identifiers")
	if x.isFree("identifiers") { // another procedure may say another number meanwhile; what was asked is asked again
		few = x.d.or(few, x.asked(s, func(*protocol.Step) bool { return true }))
	}
	return x.d.and(must, few)
}

// asked is where another letter of the run asked already, one that is as wanted.
func (x *exploration) asked(s *protocol.Step, as func(*protocol.Step) bool) set {
	return x.done(func(y *protocol.Step) bool { return y.ID != s.ID && y.Move == "send" && x.asks(y) && as(y) })
}

// confined is where a fact says one of the words that need nobody's leave: those of the pack's list of open data, or, where no list
// says which, what the step lets in as long as it refuses something.
func (x *exploration) confined(mv *move, name string) set {
	f := x.facts[name]
	if f == nil {
		return none
	}
	open := x.pack.Words(listOpenData)
	out, refuses := none, false
	for i := 1; i < len(f.classes); i++ {
		if name == "data" && open != nil {
			if outcome(&gate.Condition{Op: gate.In, Fact: name, Words: open}, f.classes[i].value) == gate.Holds {
				out = x.d.or(out, f.sets[i])
			}
			refuses = true
			continue
		}
		out = x.d.or(out, f.sets[i])
		refuses = refuses || x.d.less(x.d.and(x.reach, mv.full, f.sets[i]), x.isTrue("leave")) == none
	}
	if !refuses {
		return none
	}
	return out
}

// informed finds a request that can be closed, once it left, before the person concerned was told.
func (x *exploration) informed(r *Report) {
	if !x.has(x.p, kindInformed) {
		return
	}
	left := x.done(func(y *protocol.Step) bool { return y.Move == "send" && x.has(x.p, kindPrepared) && x.asks(y) })
	told := x.done(func(y *protocol.Step) bool { return y.Kind == kindInformed })
	for i := range x.moves {
		mv := &x.moves[i]
		if mv.step != nil && mv.step.Closes {
			x.without(r, mv, NoPerson, x.d.or(x.d.not(left), told), kindInformed)
		}
	}
}

// asks reports whether a letter asks something of whoever receives it. Where the pack does not say what its letters
// hold, one that starts a clock does.
func (c *checker) asks(s *protocol.Step) bool {
	if len(c.pack.Letters) == 0 {
		return len(s.Deadlines) > 0
	}
	return slices.ContainsFunc(c.pack.Requires(s.Letter), func(field string) bool { return field == "ask" || field == "hearing" })
}
