package app

import (
	"fmt"

	"sanad/internal/act"
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
	return map[string]clerk.Rest{protocol.KindSent: h.passed, sanction.KindRenewed: h.prolonged}
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
		return h.ladder.Terms(o)
	case request.KindPrepared, request.KindPreserved:
		return h.asks.Terms(o)
	}
	return nil, fmt.Errorf("a letter can't pass on %s", o.Kind)
}
