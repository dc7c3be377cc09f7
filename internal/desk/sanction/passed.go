package sanction

import (
	"encoding/json"
	"fmt"
	"slices"

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

// Became is what a run made of its measure, as far as its steps tell.
type Became struct {
	Decision act.ID        // the newest that it decided
	On       []act.Instant // effective instants of the decision and of everything after it
	Ruled    bool          // a court ruled since; that nobody appealed in time is no ruling
	Newest   act.Instant   // of the decision and what became of it: a ruling, a lifting, an appeal, or a lapse that is waited for
}

// tells are the kinds of act of which the public is told.
var tells = []string{KindDecided, KindRenewed, KindLifted, KindAppealed, KindAppealRuled, KindRuled, protocol.KindSuspended, protocol.KindResumed}

// Became tells what a run decided last and what came of it; false where it decided nothing. A lapse that
// somebody waits for is something to tell, too.
func (l *Law) Became(s *protocol.State, run act.ID, waits ...string) (b Became, is bool) {
	r := s.Run(run)
	if r == nil {
		return b, false
	}
	var decided protocol.Event
	for _, e := range r.Events {
		if step := l.engine.StepOf(r, e.Step); step != nil && step.Kind == KindDecided && (!is || e.Seq > decided.Seq) {
			decided, is = e, true
		}
	}
	if !is {
		return b, false
	}
	b.Decision, b.On, b.Newest = decided.By, []act.Instant{decided.Last}, decided.Last
	var court, appealed, answered bool
	for _, e := range r.Events {
		if e.Seq <= decided.Seq {
			continue
		}
		b.On = append(b.On, e.Last)
		step := l.engine.StepOf(r, e.Step)
		if step == nil && slices.Contains(waits, e.Step) || step != nil && slices.Contains(tells, step.Kind) {
			b.Newest = max(b.Newest, e.Last)
		}
		if step != nil {
			court = court || step.Kind == KindRuled
			appealed = appealed || step.Kind == KindAppealed
			answered = answered || step.Kind == KindAppealRuled
		}
	}
	b.Ruled = court || appealed && answered
	return b, true
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
