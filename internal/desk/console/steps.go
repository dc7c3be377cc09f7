package console

import (
	"time"

	"sanad/internal/act"
	"sanad/internal/kit/lang"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

// sooner orders what may be done now: what a clock waits for first, the soonest on top, and what opens a procedure last.
func sooner(a, b openMove) int {
	due := func(m *openMove) (at time.Time, any bool) {
		for _, c := range m.Due {
			if !any || c.Due.Before(at) {
				at, any = c.Due, true
			}
		}
		return at, any
	}
	atA, dueA := due(&a)
	atB, dueB := due(&b)
	switch {
	case dueA && dueB:
		return atA.Compare(atB)
	case dueA != dueB:
		return int(flag(dueB) - flag(dueA))
	}
	return int(flag(a.Place.Run.IsZero()) - flag(b.Place.Run.IsZero()))
}

// procedure names the procedure that a step is of; with the day it was begun where the file has several of the kind.
func (w words) procedure(v *clerk.View, m *protocol.Move) said {
	return w.procedureOf(v, m.Protocol, m.Run)
}

func (w words) procedureOf(v *clerk.View, id string, run act.ID) said {
	key := "protocol." + id
	args := lang.Args{"procedure": lang.Key(key)}
	if w.p != nil && !w.p.Has(key) {
		args["procedure"] = lang.Code(id)
	}
	var begun *clerk.Recorded
	var first act.ID
	several := false
	for i := range v.Acts {
		p := v.Acts[i].Procedure
		if p == nil || p.Protocol != id {
			continue
		}
		if first.IsZero() {
			first = p.ID
		}
		several = several || p.ID != first
		if p.ID == run && begun == nil {
			begun = &v.Acts[i]
		}
	}
	if !several || begun == nil {
		return said{"file.value", lang.Args{"value": args["procedure"]}}
	}
	args["date"] = lang.Day(w.when(begun.Effective))
	return said{"file.of.begun", args}
}

func (w words) blocked(v *clerk.View, m *protocol.Move) blockedMove {
	out := blockedMove{
		Key: stepKey(m.Protocol, m.Place.Step), Of: w.procedure(v, m), By: w.by(m.Step), Count: len(m.Blocks),
		Others: len(m.Blocks) == 1 && m.Blocks[0].Why == protocol.WhyRole, group: shutBy(m),
	}
	for i := range m.Blocks {
		out.Reasons = append(out.Reasons, w.reason(m.Protocol, &m.Blocks[i]))
	}
	return out
}

// by says who performs a step.
func (w words) by(step *protocol.Step) said {
	return said{"file.may.by", lang.Args{"roles": w.roles(step.By)}}
}

// speaksOfItsStep tells the kinds that several steps emit, whose name alone says too little.
func speaksOfItsStep(kind string) bool {
	switch kind {
	case protocol.KindSent, protocol.KindWaiting, protocol.KindHeard, protocol.KindDrafted, protocol.KindSigned, protocol.KindPublished, act.DeadlineLapsed,
		protocol.KindSuspended, protocol.KindResumed, protocol.KindExtended:
		return true
	}
	return false
}

// sharesItsKind reports whether other steps of its procedure emit the kind of an act, too: that nobody appealed is no ruling.
func (c *Console) sharesItsKind(a clerk.Recorded) bool {
	p := c.Pack.Engine().Protocol(a.Procedure.Protocol, a.Procedure.Version)
	if p == nil {
		return false
	}
	n := 0
	for i := range p.Steps {
		if p.Steps[i].Kind == a.Kind {
			n++
		}
	}
	return n > 1
}
