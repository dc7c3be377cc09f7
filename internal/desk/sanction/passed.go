package sanction

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
	"sanad/internal/office/letters"
)

// decides reports whether the acts of a step hold what a letter may pass on.
func decides(s *protocol.Step) bool { return s.Kind == KindDecided || s.Kind == KindRenewed }

// Passed names the decision, or renewal, that a letter of a run passes on: of those that stand when the letter is sent the newest, one that is
// sent under the same letter before any other; false where none was decided in the run. Then it is the one that the command cites, of
// the same file.
func (l *Law) Passed(s *protocol.State, cmd *clerk.Command) (act.ID, bool) {
	if r := s.Run(cmd.Procedure); r != nil {
		if id, is := l.passedOf(r, cmd); is {
			return id, true
		}
	}
	for _, id := range cmd.Act.Cites {
		if l.decidedIn(s, id) {
			return id, true
		}
	}
	return act.ID{}, false
}

func (l *Law) passedOf(r *protocol.Run, cmd *clerk.Command) (act.ID, bool) {
	var sends *protocol.Step
	if cmd.Grant != nil {
		sends = cmd.Grant.Step
	}
	stands := l.standing(r, sends)
	var found protocol.Event
	best := -1
	for _, e := range r.Events {
		step := l.engine.StepOf(r, e.Step)
		if step == nil || !decides(step) {
			continue
		}
		rank := 0
		if stands[step.ID] {
			rank = 2
		}
		if sends != nil && sends.Letter != "" && step.Letter == sends.Letter {
			rank++
		}
		if rank > best || rank == best && e.Seq > found.Seq {
			found, best = e, rank
		}
	}
	return found.By, best >= 0
}

// standing lists the steps whose decisions stand for a letter: those that came before it in any case, and those whose own letter to
// the same readers could leave by now. What a court renewed is ordered of nobody before the party and the public were told: until then
// those who carry it out have the terms of the decision before it.
func (l *Law) standing(r *protocol.Run, sends *protocol.Step) map[string]bool {
	out := map[string]bool{}
	p := l.engine.Protocol(r.Protocol, r.Version)
	if p == nil || sends == nil {
		return out
	}
	before := l.before(p)
	maps.Copy(out, before[sends.ID])
	for i := range p.Steps {
		s := &p.Steps[i]
		alike := s.Kind == protocol.KindSent && s.Letter == sends.Letter && slices.Equal(s.Audience.Compartments, sends.Audience.Compartments)
		if alike && r.Came(s) {
			maps.Copy(out, before[s.ID])
		}
	}
	return out
}

// before is what comes before what in a version of a protocol, worked out once.
func (l *Law) before(p *protocol.Protocol) map[string]map[string]bool {
	known, _ := l.orders.Load(p)
	before, is := known.(map[string]map[string]bool)
	if !is {
		before = p.Before()
		l.orders.Store(p, before)
	}
	return before
}

// decidedIn reports whether an act decided a measure in some run of a file.
func (l *Law) decidedIn(s *protocol.State, id act.ID) bool {
	for i := range s.Procedures {
		r := &s.Procedures[i]
		for _, e := range r.Events {
			if step := l.engine.StepOf(r, e.Step); e.By == id && step != nil && decides(step) {
				return true
			}
		}
	}
	return false
}

// Terms are what a decided measure lets a letter say: its sum, its last day and what it aims at, as they were signed.
func (l *Law) Terms(o *clerk.Opened) (*letters.Terms, error) {
	var d clerk.Draft
	err := json.Unmarshal(o.Body, &d)
	if err != nil {
		return nil, fault.Invalid.New("sanction.body").Because(fmt.Errorf("read a decision's body: %w", err))
	}
	c, err := ReadContent(d.Content)
	if err != nil {
		return nil, fault.Invalid.New("sanction.body").Because(fmt.Errorf("read a measure's content: %w", err))
	}
	t := &letters.Terms{Fixed: []letters.Field{letters.Amount, letters.Expires, letters.Targets}, Amount: c.Amount, Expires: c.Expires}
	for i := range c.Targets {
		t.Targets = append(t.Targets, c.Targets[i].Value)
	}
	return t, nil
}
