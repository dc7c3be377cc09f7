package protocol

import (
	"errors"
	"fmt"
	"slices"

	"sanad/internal/act"
	"sanad/internal/law/gate"
)

// Names of the facts by which an act says what it does to the clocks of its run. The engine puts them into a grant; nobody
// else may say them, and Fold reads nothing but them: a state needs no law to be rebuilt. See ClockFacts.
const (
	FactSuspends = "clocks_suspended"  // the clocks that stand still from the act's effective instant on, as Clock.Ref names them
	FactResumes  = "suspensions_ended" // the steps whose suspensions the act ends
	FactExtends  = "clocks_extended"   // the clocks that are given more time, as Clock.Ref names them
	FactMore     = "extension"         // the rule that says how much more
)

// ClockFacts are the names of the facts that only the engine puts into an act.
func ClockFacts() []string { return []string{FactSuspends, FactResumes, FactExtends, FactMore} }

// Lists that close those facts; the program fills the first from the pack's protocols.
const (
	listClocks = "clocks"
	listSteps  = "steps"
	listRules  = "rules"
)

var (
	clockSuspends = act.FactSchema{Name: FactSuspends, Type: act.Codes, List: listClocks}
	clockResumes  = act.FactSchema{Name: FactResumes, Type: act.Codes, List: listSteps}
	clockExtends  = act.FactSchema{Name: FactExtends, Type: act.Codes, List: listClocks}
	clockMore     = act.FactSchema{Name: FactMore, Type: act.Code, List: listRules}
)

// ClockSchemas declares the facts by which a kind of a desk may say what its act does to clocks.
func ClockSchemas() []act.FactSchema {
	return []act.FactSchema{clockSuspends, clockResumes, clockExtends, clockMore}
}

// Never is the due instant of a clock that stands still.
const Never = gate.Never

// ErrStill says that a clock stands still and nobody knows until when.
var ErrStill = errors.New("the clock stands still until its suspension is lifted")

// Ledger is what happened to a clock after it started: when it stood still, and what more time it was given. It is in the
// order in which the acts were recorded; when each counts is its effective instant.
type Ledger struct {
	Spans []Span
	More  []More
}

// Span is a suspension: the clock stands still over [From, To). To is Never, and Until zero, while nothing ended it.
type Span struct {
	Step  string // that suspended
	From  act.Instant
	To    act.Instant
	By    act.ID // the act that suspended
	Until act.ID // the act that ended it
}

// More is more time given to a clock, counted on from its end so far.
type More struct {
	Rule string
	At   act.Instant
	By   act.ID
}

// Empty reports whether nothing happened to the clock.
func (l *Ledger) Empty() bool { return len(l.Spans) == 0 && len(l.More) == 0 }

// open returns the oldest suspension that nothing ended, nil where there is none.
func (l *Ledger) open() *Span {
	for i := range l.Spans {
		if l.Spans[i].To == Never {
			return &l.Spans[i]
		}
	}
	return nil
}

// Bounds of a ledger, so that one clock never costs every later command.
const (
	maxSpans = 32
	maxMore  = 16
)

// Ref names a clock within its run, as a code.
func (c *Clock) Ref() string { return ClockRef(c.Step, c.Rule) }

// ClockRef names within its run the clock that a step, or a lapse, starts by a rule.
func ClockRef(step, rule string) string { return step + "/" + rule }

// foldClocks does to the clocks of a run what an act says of them: first it ends suspensions, then it makes them.
func (r *Run) foldClocks(e *act.Envelope) {
	suspends, ends, extends := said(e, FactSuspends), said(e, FactResumes), said(e, FactExtends)
	if suspends == nil && ends == nil && extends == nil {
		return
	}
	for i := range r.Clocks {
		c := &r.Clocks[i]
		c.end(ends, e)
		ref := c.Ref()
		if slices.Contains(suspends, ref) && !slices.ContainsFunc(c.Spans, func(s Span) bool { return s.To == Never && s.Step == e.Procedure.Step }) {
			c.Spans = append(c.Spans, Span{Step: e.Procedure.Step, From: e.Effective, To: Never, By: e.ID})
		}
		if slices.Contains(extends, ref) {
			rule, _ := e.Facts.Get(FactMore)
			c.More = append(c.More, More{Rule: rule.Code(), At: e.Effective, By: e.ID})
			c.Moved = true
		}
	}
}

// end ends the suspensions by some steps. One that ends before it began never stopped anything.
func (c *Clock) end(steps []string, e *act.Envelope) {
	if len(steps) == 0 {
		return
	}
	c.Spans = slices.DeleteFunc(c.Spans, func(s Span) bool {
		return s.To == Never && slices.Contains(steps, s.Step) && s.From >= e.Effective
	})
	for i := range c.Spans {
		if s := &c.Spans[i]; s.To == Never && slices.Contains(steps, s.Step) {
			s.To, s.Until = e.Effective, e.ID
			c.Moved = true
		}
	}
}

func said(e *act.Envelope, fact string) []string {
	v, there := e.Facts.Get(fact)
	if !there {
		return nil
	}
	return v.Codes()
}

// roomForClocks reports why what an act says of clocks does not fit the run.
func (r *Run) roomForClocks(e *act.Envelope) error {
	suspends, extends := said(e, FactSuspends), said(e, FactExtends)
	for i := range r.Clocks {
		c := &r.Clocks[i]
		if slices.Contains(suspends, c.Ref()) && len(c.Spans) >= maxSpans || slices.Contains(extends, c.Ref()) && len(c.More) >= maxMore {
			return fmt.Errorf("fold: a clock stands still at most %d times and is extended at most %d times", maxSpans, maxMore)
		}
	}
	return nil
}

// due returns when a clock is due now: the instant recorded last, while that still holds; Never while it stands still. kept
// is the rule that says so where that is not the clock's own: one that somebody's time was computed under before a migration,
// and which gives them more; else "".
func (e *Engine) due(c *Clock) (due act.Instant, kept string, err error) {
	if c.open() == nil && !c.Moved && c.Was == "" && c.Calendar == e.law.Time.Calendar() {
		return e.least(c, c.Due)
	}
	return e.fresh(c)
}

// fresh computes a clock again, whatever is recorded of it.
func (e *Engine) fresh(c *Clock) (due act.Instant, kept string, err error) {
	due, err = e.under(c.Rule, c)
	if err != nil {
		return 0, "", err
	}
	return e.least(c, due)
}

// least is the later of an instant and of what a rule gave somebody before a migration.
func (e *Engine) least(c *Clock, due act.Instant) (least act.Instant, kept string, err error) {
	if c.Kept == "" || due == Never {
		return due, "", nil
	}
	least, err = e.under(c.Kept, c)
	if err != nil || least <= due {
		return due, "", nil //nolint:nilerr // a rule that gives no single answer any more gives nobody more time
	}
	return least, c.Kept, nil
}

// under computes what a rule gives a clock, with all that happened to it since it started.
func (e *Engine) under(rule string, c *Clock) (act.Instant, error) {
	if c.Empty() {
		return e.law.Time.Due(rule, c.Start)
	}
	due, err := e.law.Time.DueOf(rule, c.Start, c.Ledger)
	if errors.Is(err, ErrStill) || err != nil && c.open() != nil {
		return Never, nil
	}
	return due, err
}

// clockFacts are what the act of a step says of the clocks of its run, as far as its readers may know of them. A clock that
// ran out before the act is neither stopped nor extended by it.
func (e *Engine) clockFacts(d *decision, p *Protocol, r *Run, step *Step, at act.Instant) act.Facts {
	if r == nil || len(step.Suspends) == 0 && len(step.Resumes) == 0 && step.Extends == nil {
		return nil
	}
	facts := map[string]act.Value{}
	var suspended, extended []string
	for _, c := range e.running(d.env.q.State, r, p, nil) {
		if c.Due <= at || !d.env.visible(d.env.q.State.thread(c.Audience)) {
			continue
		}
		ref := ClockRef(c.Place.Step, c.Rule)
		if slices.Contains(step.Suspends, c.Name) {
			suspended = append(suspended, ref)
		}
		if step.Extends != nil && slices.Contains(step.Extends.Deadlines, c.Name) {
			extended = append(extended, ref)
		}
	}
	if len(suspended) > 0 {
		facts[FactSuspends] = act.OfCodes(suspended...)
	}
	if len(extended) > 0 {
		facts[FactExtends], facts[FactMore] = act.OfCodes(extended...), act.OfCode(step.Extends.Rule)
	}
	ended := r.suspendedBy(step.Resumes, func(c *Clock) bool { return d.env.visible(c.Thread) })
	if len(ended) > 0 {
		facts[FactResumes] = act.OfCodes(ended...)
	}
	if len(facts) == 0 {
		return nil
	}
	return act.NewFacts(facts)
}

// suspendedBy returns those of some steps whose suspensions last.
func (r *Run) suspendedBy(steps []string, of func(*Clock) bool) []string {
	var out []string
	for _, step := range steps {
		for i := range r.Clocks {
			c := &r.Clocks[i]
			if of(c) && slices.ContainsFunc(c.Spans, func(s Span) bool { return s.To == Never && s.Step == step }) {
				out = append(out, step)
				break
			}
		}
	}
	return out
}

// Lapse returns what a lapse brings with it: the clocks it starts, and the suspensions it ends. A clock whose time has no
// single answer is not started: nobody could say when it runs out.
func (e *Engine) Lapse(s *State, lapsed *Running) ([]act.Deadline, act.Facts) {
	r := s.Run(lapsed.Place.Run)
	if r == nil {
		return nil, nil
	}
	p := e.Protocol(r.Protocol, r.Version)
	if p == nil {
		return nil, nil
	}
	d := p.Starts(lapsed.Place.Step, lapsed.Rule)
	if d == nil {
		return nil, nil
	}
	var starts []act.Deadline
	for _, name := range d.Starts {
		next := p.Deadline(name)
		if next == nil {
			continue
		}
		start := e.law.Time.Follows(lapsed.Rule, lapsed.Due)
		due, err := e.law.Time.Due(next.Rule, start)
		if err == nil {
			starts = append(starts, act.Deadline{Rule: next.Rule, Start: start, Due: due, Calendar: e.law.Time.Calendar()})
		}
	}
	ended := r.suspendedBy(d.Resumes, func(*Clock) bool { return true })
	if len(ended) == 0 {
		return starts, nil
	}
	return starts, act.NewFacts(map[string]act.Value{FactResumes: act.OfCodes(ended...)})
}

// Deadline returns the first deadline of a name, nil when the protocol has none.
func (p *Protocol) Deadline(name string) *Deadline {
	for i := range p.Steps {
		for j := range p.Steps[i].Deadlines {
			if p.Steps[i].Deadlines[j].Name == name {
				return &p.Steps[i].Deadlines[j]
			}
		}
	}
	return nil
}

// startedByLapse returns the deadline that a lapse starts by a rule, nil when it starts none.
func (p *Protocol) startedByLapse(lapse, rule string) *Deadline {
	for i := range p.Steps {
		for j := range p.Steps[i].Deadlines {
			d := &p.Steps[i].Deadlines[j]
			if d.Lapses != lapse {
				continue
			}
			for _, name := range d.Starts {
				if next := p.Deadline(name); next != nil && next.Rule == rule {
					return next
				}
			}
		}
	}
	return nil
}

func (w *stateWriter) ledger(c *Clock) {
	w.int(int64(len(c.Spans)))
	for i := range c.Spans {
		s := &c.Spans[i]
		w.str(s.Step)
		w.int(int64(s.From))
		w.int(int64(s.To))
		w.id(s.By)
		w.id(s.Until)
	}
	w.int(int64(len(c.More)))
	for i := range c.More {
		m := &c.More[i]
		w.str(m.Rule)
		w.int(int64(m.At))
		w.id(m.By)
	}
	if c.Moved {
		w.b = append(w.b, 1)
		return
	}
	w.b = append(w.b, 0)
}

func (r *stateReader) ledger(c *Clock) {
	c.Spans = make([]Span, r.len(16+16+3))
	for i := range c.Spans {
		c.Spans[i] = Span{r.str(), act.Instant(r.int()), act.Instant(r.int()), r.id(), r.id()}
	}
	c.More = make([]More, r.len(16+2))
	for i := range c.More {
		c.More[i] = More{r.str(), act.Instant(r.int()), r.id()}
	}
	at := r.take(1)
	c.Moved = at >= 0 && r.b[at] == 1
}
