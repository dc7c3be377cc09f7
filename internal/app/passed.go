package app

import (
	"fmt"

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
	return map[string]clerk.Rest{protocol.KindSent: h.passed, protocol.KindPublished: h.toPublish}
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
func (h *house) told(s *protocol.State, run act.ID, rests []clerk.Opened) (*register.Told, error) {
	became, is := h.ladder.Became(s, run)
	if !is {
		return &register.Told{On: happened(s, run)}, nil
	}
	for i := range rests {
		o := &rests[i]
		if o.ID != became.Decision {
			continue
		}
		rung, _ := o.Facts.Get("rung")
		amount, _ := o.Facts.Get("amount")
		return &register.Told{Measure: rung.Code(), Amount: amount.Int(), Ruled: became.Ruled, On: became.On}, nil
	}
	return nil, fmt.Errorf("the decision %s was not opened", became.Decision)
}

// happened lists when a run did what it did.
func happened(s *protocol.State, run act.ID) []act.Instant {
	var out []act.Instant
	for i := range s.Procedures {
		if s.Procedures[i].ID == run {
			for _, e := range s.Procedures[i].Events {
				out = append(out, e.First, e.Last)
			}
		}
	}
	return out
}

// passed is what a letter passes on: the measure that was decided, else the request that was drawn up; nothing for a letter that
// says nothing of the sort.
func (h *house) passed(s *protocol.State, cmd *clerk.Command) []act.ID {
	if cmd.Grant == nil || cmd.Grant.Step == nil || !h.letters.Carries(cmd.Grant.Step.Letter) {
		return nil
	}
	for _, passed := range []func(*protocol.State, *clerk.Command) (act.ID, bool){h.ladder.Passed, h.asks.Passed} {
		if id, is := passed(s, cmd); is {
			return []act.ID{id}
		}
	}
	return nil
}

// termsOf reads what a letter passes on.
func (h *house) termsOf(rests []clerk.Opened) (*letters.Terms, error) {
	o := &rests[0]
	switch o.Kind {
	case sanction.KindDecided:
		return h.ladder.Terms(o)
	case request.KindPrepared, request.KindPreserved:
		return h.asks.Terms(o)
	}
	return nil, fmt.Errorf("a letter can't pass on %s", o.Kind)
}
