package console

import (
	"slices"

	"sanad/internal/law/protocol"
)

// mostUnasked is how many answers that nothing in a procedure asks for may stand among the others. A kind of act serves many
// procedures and has a field for each of their conditions: past this, those of the others are folded away, and stay to be given.
const mostUnasked = 6

// setAside marks the facts that no condition of the procedure's steps asks for, where they are many. A fact the law wants said
// stays where it is.
func (s *sheet) setAside(engine *protocol.Engine, ask Asking) {
	p := engine.Protocol(ask.Place.Protocol, ask.Version)
	if p == nil {
		return
	}
	var wanted []string
	for i := range p.Steps {
		for _, id := range p.Steps[i].Gates {
			wanted = append(wanted, engine.Gate(id).Facts()...)
		}
	}
	var unasked []*question
	for i := range s.questions {
		q := &s.questions[i]
		if q.fact != nil && !q.fact.Required && !slices.Contains(wanted, q.fact.Name) {
			unasked = append(unasked, q)
		}
	}
	if len(unasked) <= mostUnasked {
		return
	}
	for _, q := range unasked {
		q.aside = true
	}
}
