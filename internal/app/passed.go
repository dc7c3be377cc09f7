package app

import (
	"fmt"
	"slices"

	"sanad/internal/act"
	"sanad/internal/desk/register"
	"sanad/internal/desk/request"
	"sanad/internal/desk/sanction"
	"sanad/internal/desk/watch"
	"sanad/internal/law/pack"
	"sanad/internal/law/protocol"
	"sanad/internal/office/cases"
	"sanad/internal/office/clerk"
	"sanad/internal/office/letters"
)

// A letter passes on what was decided or drawn up before it. Which act that is and what it says, desks know; letters only hold
// themselves to it, and no desk needs to know of another.

// rests names what acts of steps carry out, by their kind.
func (h *house) rests() map[string]clerk.Rest {
	return map[string]clerk.Rest{
		protocol.KindSent: h.passed, protocol.KindPublished: h.registerLaw().Rests, sanction.KindRenewed: h.prolonged,
	}
}

// counted are the kinds of act whose desk counts what acts of another sort of file say: those that they cite.
func counted() map[string]string {
	return map[string]string{sanction.KindKnowledge: watch.Sort, sanction.KindOpened: cases.Sort}
}

// followed are the kinds of act whose desk is told what their procedure did.
func followed() []string {
	return []string{protocol.KindPublished, sanction.KindAppealRuled, sanction.KindLifted, sanction.KindPaid}
}

// count counts the alerts that somebody cites.
func (h *house) count(cited []clerk.Opened, platform act.ID, until act.Instant) (sanction.Alerts, error) {
	k, err := watch.Count(h.zone(), cited, platform, until)
	if err != nil {
		return sanction.Alerts{}, err
	}
	return sanction.Alerts{Alerts: k.Alerts, Sources: k.Sources, Days: k.Days}, nil
}

// told is what a run has to tell the public.
func (h *house) told(cmd *clerk.Command, now act.Instant) *register.Told {
	step := cmd.Grant.Step
	out := &register.Told{}
	since := cmd.Course
	became := h.ladder.Became(cmd.Course, now, slices.Concat(step.After.Any, step.After.All)...)
	if became != nil {
		since, out.Measure, out.Amount, out.Newest = became.Since, became.Rung, became.Amount, became.Newest
	}
	happened := []pack.Occurrence{{Kind: pack.Started}}
	for _, a := range since {
		out.On = append(out.On, a.Effective)
		happened = append(happened, pack.Occurrence{Kind: a.Kind, Facts: a.Facts})
	}
	if became != nil && became.Over {
		happened = append(happened, pack.Occurrence{Kind: pack.Over})
	}
	entry := step.Publishes
	if said, there := cmd.Act.Facts.Get(protocol.FactEntry); there && entry == "" {
		entry = said.Code()
	}
	out.States = h.pack.Standing(entry, happened)
	return out
}

// passed is what a letter passes on: the measure that was decided, with its signatures where the letter is that of the decision,
// else the request that was drawn up, with the orders to keep data that it stands on; nothing for a letter that says nothing of the sort.
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
	id, is := h.asks.Passed(s, cmd)
	orders := h.asks.Orders(s, cmd)
	if is && (carries || len(orders) > 0) {
		return append([]act.ID{id}, orders...)
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
