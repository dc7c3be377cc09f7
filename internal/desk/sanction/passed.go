package sanction

import (
	"encoding/json"
	"fmt"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
	"sanad/internal/office/letters"
)

// decides reports whether the acts of a step hold what a letter may pass on.
func decides(s *protocol.Step) bool { return s.Kind == KindDecided || s.Kind == KindRenewed }

// Passed names the decision, or renewal, that a letter of a run passes on: the newest that is sent under the same letter, else the newest of the
// run; false where none was decided in it. Where the run has none, it is the one that the command cites, of the same file.
func (l *Law) Passed(s *protocol.State, cmd *clerk.Command) (act.ID, bool) {
	letter := ""
	if cmd.Grant != nil && cmd.Grant.Step != nil {
		letter = cmd.Grant.Step.Letter
	}
	var found protocol.Event
	is, alike := false, false
	for i := range s.Procedures {
		r := &s.Procedures[i]
		if r.ID != cmd.Procedure {
			continue
		}
		for _, e := range r.Events {
			step := l.engine.StepOf(r, e.Step)
			if step == nil || !decides(step) {
				continue
			}
			same := letter != "" && step.Letter == letter
			if !is || same && !alike || same == alike && e.Seq > found.Seq {
				found, is, alike = e, true, same
			}
		}
	}
	if is {
		return found.By, true
	}
	for _, id := range cmd.Act.Cites {
		if l.decidedIn(s, id) {
			return id, true
		}
	}
	return act.ID{}, false
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
