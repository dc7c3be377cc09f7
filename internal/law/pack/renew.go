package pack

import (
	"fmt"
	"slices"

	"sanad/internal/act"
	"sanad/internal/law/protocol"
)

// renewal reads which measure a step prolongs: one that a step before it in the file decides, which it takes over as it is.
func (l *loader) renewal(f fields, p *protocol.Protocol, s *protocol.Step, w *flow) {
	if !f.has("renews") {
		return
	}
	s.Renews = f.code("renews")
	w.names = append(w.names, usage{f.at("renews"), s.Renews, "step", false})
	made := p.Step(s.Renews)
	switch {
	case f.has("measure"):
		l.add(f.at("measure"), fmt.Sprintf("step %s renews a measure and imposes another", s.ID), "one of renews and measure")
		return
	case made == nil:
		return // told with the other names
	case made.Measure == nil || made.Renews != "":
		l.add(f.at("renews"), fmt.Sprintf("step %s decides no measure that could be renewed", s.Renews), "a step with measure, before this one")
		return
	}
	m := *made.Measure
	s.Measure = &m
	l.binding(f, s)
	if !f.has("extends") {
		l.add(f.at("id"), fmt.Sprintf("step %s renews a measure and gives it no time", s.ID), "extends, with the deadline at which the measure ends")
	}
}

// checkRenewals checks that each step which renews a measure comes after the one that decides it, and gives more time to clocks that
// the measure itself started.
func (l *loader) checkRenewals(p *protocol.Protocol, w *flow) {
	for i := range p.Steps {
		s := &p.Steps[i]
		if s.Renews == "" {
			continue
		}
		if s.Measure == nil {
			l.add(w.steps[i], fmt.Sprintf("step %s renews %s, which does not come before it", s.ID, s.Renews), "the step that decides the measure, before this one")
			continue
		}
		if s.Extends != nil && len(p.Ends(s)) < len(s.Extends.Deadlines) {
			l.add(w.steps[i], fmt.Sprintf("step %s renews %s and extends other deadlines than it starts", s.ID, s.Renews), "deadlines of "+s.Renews)
		}
		for _, end := range p.Ends(s) {
			if slices.Contains(end.MetBy, s.ID) {
				l.add(w.steps[i], fmt.Sprintf("step %s meets deadline %s, which it prolongs", s.ID, end.Name), "a deadline that the lifting meets")
			}
		}
	}
}

// sets reads what a step says of itself: a word for each coded fact, which its kind of act must be one to say.
func (l *loader) sets(f fields, s *protocol.Step) {
	if !f.has("sets") {
		return
	}
	keys := l.settings(f)
	if len(keys) == 0 {
		return
	}
	s.Sets = map[string]string{}
	for _, k := range keys {
		fact := find(l.pack.Facts, func(x *Fact) bool { return x.ID == k.key })
		switch {
		case fact == nil || fact.Type != act.Code:
			l.add(k.place, fmt.Sprintf("step %s sets %s, which is no fact of type code", s.ID, clip(k.key)), "a fact of type code that gates.yaml declares")
			continue
		case !slices.Contains(fact.SaidBy, s.Kind):
			l.add(k.place, fmt.Sprintf("step %s sets %s, which %s does not say", s.ID, fact.ID, s.Kind), "a fact with this kind of act among said_by")
			continue
		}
		word := l.code(k.value, "a word")
		if word != "" {
			l.refer(k.value.place, "word of list "+fact.List, word)
			s.Sets[fact.ID] = word
		}
	}
}

// settings are the facts that a step sets, as a mapping or, where some stand under a choice alone, as a list.
func (l *loader) settings(f fields) []entry {
	var keys []entry
	switch n := f.node.get("sets"); n.form {
	case formList:
		for _, item := range n.list {
			g := l.fields(item, aSetting, "fact", "to")
			if fact, to := g.code("fact"), g.node.get("to"); fact != "" && to != nil {
				g.code("to")
				keys = append(keys, entry{g.at("fact"), fact, to})
			}
		}
		return keys // none of them may stand under this choice
	case formMap:
		keys = n.keys
	default:
	}
	if len(keys) == 0 {
		l.add(f.at("sets"), "the step sets nothing", "facts, each with a word of its list")
	}
	return keys
}
