package protocol

import (
	"fmt"

	"sanad/internal/act"
)

// Names of the facts of deadline.recomputed.
const (
	FactClock = "clock" // which clock of the run, as Clock.Ref names it
	FactWas   = "was"   // when it was due, as recorded before
)

// Recomputed is a clock that runs and is due at another instant than was recorded last: a holiday was announced, a suspension
// was lifted, more time was given.
type Recomputed struct {
	Running
	Was act.Instant // as recorded last
}

// Recompute returns the clocks of a file that are due at another instant than was recorded, soonest first. For each the clerk
// writes a deadline.recomputed act: in that thread, citing By. A clock that was met or whose lapse is recorded stays as it
// is, and so does one that stands still: it has no due instant.
//
// Every clock is computed again, whatever calendar it was computed under: days that changed without a new version, or other
// rules of a time zone, move it all the same.
func (e *Engine) Recompute(s *State) []Recomputed { return e.moved(s, e.fresh) }

// Shifted returns those of them to which something happened since: what follows in the same commit from an act that ended a
// suspension or gave more time.
func (e *Engine) Shifted(s *State) []Recomputed {
	return e.moved(s, func(c *Clock) (act.Instant, string, error) {
		if !c.Moved {
			return c.Due, "", nil
		}
		return e.fresh(c)
	})
}

// moved returns the clocks that are due at another instant than was recorded.
func (e *Engine) moved(s *State, due instantOf) []Recomputed {
	var out []Recomputed
	for _, r := range e.runningBy(s, due) {
		c := s.Run(r.Place.Run).clock(r.Place.Step, r.Rule)
		if c != nil && r.Due != Never && r.Due != c.Due {
			out = append(out, Recomputed{r, c.Due})
		}
	}
	return out
}

// Envelope returns what of its act the engine knows.
func (r *Recomputed) Envelope(calendar string) (deadline act.Deadline, facts act.Facts) {
	return act.Deadline{Rule: r.Rule, Start: r.Start, Due: r.Due, Calendar: calendar}, act.NewFacts(map[string]act.Value{
		FactClock: act.OfCode(ClockRef(r.Place.Step, r.Rule)), FactRun: act.OfID(r.Place.Run), FactWas: act.OfInstant(r.Was),
	})
}

// recomputes returns the clock that a deadline.recomputed act is about.
func (s *State) recomputes(e *act.Envelope) (*Clock, error) {
	wrong := func(what string) error { return fmt.Errorf("fold: act %s %s", e.ID, what) }
	v, _ := e.Facts.Get(FactRun)
	id, _ := v.ID()
	ref, _ := e.Facts.Get(FactClock)
	r := s.Run(id)
	if e.Procedure != nil || len(e.Deadlines) != 1 || r == nil {
		return nil, wrong("recomputes no single clock of a run of this file")
	}
	for i := range r.Clocks {
		c := &r.Clocks[i]
		if c.Ref() == ref.Code() && c.Rule == e.Deadlines[0].Rule && c.Start == e.Deadlines[0].Start {
			return c, nil
		}
	}
	return nil, wrong("recomputes a clock that this file does not have")
}

// foldRecomputed notes when a clock is due now. It starts nothing, and performs no step.
func (s *State) foldRecomputed(e *act.Envelope) {
	c, err := s.recomputes(e)
	if err == nil { // or roomFor would have refused it
		c.Due, c.Calendar, c.Moved, c.Was = e.Deadlines[0].Due, e.Deadlines[0].Calendar, false, ""
	}
}
