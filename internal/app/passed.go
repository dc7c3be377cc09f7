package app

import (
	"fmt"
	"slices"

	"sanad/internal/act"
	"sanad/internal/desk/register"
	"sanad/internal/desk/request"
	"sanad/internal/desk/sanction"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
	"sanad/internal/office/letters"
)

// A letter passes on what was decided or drawn up before it. Which act that is and what it says, desks know; letters only hold
// themselves to it, and no desk needs to know of another.

// rests names what acts of steps carry out, by their kind.
func (h *house) rests() map[string]clerk.Rest {
	return map[string]clerk.Rest{
		protocol.KindSent: h.passed, protocol.KindPublished: h.toPublish, sanction.KindRenewed: h.prolonged,
	}
}

// toPublish names what the register holds an entry against: the decision of its run, what the run published before, and the entry
// that is updated.
func (h *house) toPublish(s *protocol.State, cmd *clerk.Command) []act.ID {
	out := h.registerLaw().Rests(s, cmd)
	if became, is := h.ladder.Became(s, cmd.Procedure); is {
		out = append(out, became.Decision)
	}
	return out
}

// told is what a run has to tell the public.
func (h *house) told(s *protocol.State, cmd *clerk.Command) (*register.Told, error) {
	after := cmd.Grant.Step.After
	became, is := h.ladder.Became(s, cmd.Procedure, slices.Concat(after.Any, after.All)...)
	if !is {
		return &register.Told{On: happened(s, cmd.Procedure)}, nil
	}
	for i := range cmd.Rests {
		o := &cmd.Rests[i]
		if o.ID != became.Decision {
			continue
		}
		rung, _ := o.Facts.Get("rung")
		amount, _ := o.Facts.Get("amount")
		return &register.Told{Measure: rung.Code(), Amount: amount.Int(), Ruled: became.Ruled, On: became.On, Newest: became.Newest}, nil
	}
	return nil, fmt.Errorf("the decision %s was not opened", became.Decision)
}

// happened lists when a run did what it did.
func happened(s *protocol.State, run act.ID) []act.Instant {
	r := s.Run(run)
	if r == nil {
		return nil
	}
	var out []act.Instant
	for _, e := range r.Events {
		out = append(out, e.First, e.Last)
	}
	return out
}

// passed is what a letter passes on: the measure that was decided, with its signatures where the letter is that of the decision,
// else the request that was drawn up; nothing for a letter that says nothing of the sort.
func (h *house) passed(s *protocol.State, cmd *clerk.Command) []act.ID {
	if cmd.Grant == nil || cmd.Grant.Step == nil {
		return nil
	}
	carries := h.letters.Carries(cmd.Grant.Step.Letter)
	if id, is := h.ladder.Passed(s, cmd); is {
		signed := h.signatures(s, id, cmd.Grant.Step.Letter)
		if !carries && signed == nil {
			return nil
		}
		return append([]act.ID{id}, signed...)
	}
	if id, is := h.asks.Passed(s, cmd); is && carries {
		return []act.ID{id}
	}
	return nil
}

// signatures are the acts that signed the draft under which a measure was decided; nil where its step has another letter. A lifting
// is not signed by those who signed what it lifts.
func (h *house) signatures(s *protocol.State, decided act.ID, letter string) []act.ID {
	for i := range s.Procedures {
		r := &s.Procedures[i]
		p := h.pack.Engine().Protocol(r.Protocol, r.Version)
		at := slices.IndexFunc(r.Events, func(e protocol.Event) bool { return e.By == decided })
		if at < 0 || p == nil {
			continue
		}
		step := p.Step(r.Events[at].Step)
		if step == nil || step.Letter != letter || step.Signatures == nil {
			return nil
		}
		draft := s.Draft(r.ID, step.Signatures.Draft)
		if draft == nil {
			return nil
		}
		var out []act.ID
		for _, g := range draft.Signatures {
			out = append(out, g.By)
		}
		return out
	}
	return nil
}

// prolonged is the measure that a renewal prolongs.
func (h *house) prolonged(s *protocol.State, cmd *clerk.Command) []act.ID {
	if id, is := h.ladder.Prolonged(s, cmd); is {
		return []act.ID{id}
	}
	return nil
}

// termsOf reads what a letter passes on.
func (h *house) termsOf(rests []clerk.Opened) (*letters.Terms, error) {
	o := &rests[0]
	switch o.Kind {
	case sanction.KindDecided, sanction.KindRenewed:
		t, err := h.ladder.Terms(o)
		if err == nil {
			t.Made = made(rests)
		}
		return t, err
	case request.KindPrepared, request.KindPreserved:
		return h.asks.Terms(o)
	}
	return nil, fmt.Errorf("a letter can't pass on %s", o.Kind)
}

// made says when a decision was taken and in which roles it was signed, as far as it rests on those signatures; nil where it rests on
// none of them.
func made(rests []clerk.Opened) *letters.Made {
	decision := &rests[0]
	out := &letters.Made{On: decision.Effective}
	for i := range rests[1:] {
		o := &rests[1+i]
		role, _ := o.Facts.Get(protocol.FactRole)
		if o.Kind == protocol.KindSigned && slices.Contains(decision.Cites, o.ID) {
			out.Signed = append(out.Signed, role.Code())
		}
	}
	if out.Signed == nil {
		return nil
	}
	return out
}
