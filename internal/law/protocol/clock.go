package protocol

import (
	"slices"

	"sanad/internal/act"
)

// Running returns the deadlines of the file that neither were met nor had their lapse recorded, soonest first.
// A due instant is the recorded one while the calendar is the one it was computed under and nothing happened to the clock
// since, else it is computed again. One that stands still is due Never, and comes last.
func (e *Engine) Running(s *State) []Running { return e.runningBy(s, e.due) }

func (e *Engine) runningBy(s *State, due instantOf) []Running {
	var out []Running
	for i := range s.Procedures {
		r := &s.Procedures[i]
		p := e.Protocol(r.Protocol, r.Version)
		if p == nil || p.Closed(r) {
			continue
		}
		out = e.runningOf(s, r, p, due, out)
	}
	slices.SortStableFunc(out, func(a, b Running) int {
		switch {
		case a.Due < b.Due:
			return -1
		case a.Due > b.Due:
			return 1
		}
		return 0
	})
	return out
}

// Lapses returns the deadlines that are over unmet and whose lapse is not recorded yet, soonest first. For each
// the clerk writes a deadline.lapsed act: in that thread, effective at Due, citing By, its procedure's step
// being Lapses.
func (e *Engine) Lapses(s *State, now act.Instant) []Running {
	out := e.Running(s)
	i := 0
	for i < len(out) && out[i].Due <= now {
		i++
	}
	return out[:i]
}

// instantOf says when a clock is due, and under which rule where a migration kept it.
type instantOf func(*Clock) (due act.Instant, kept string, err error)

func (e *Engine) running(s *State, r *Run, p *Protocol, out []Running) []Running {
	return e.runningOf(s, r, p, e.due, out)
}

func (e *Engine) runningOf(s *State, r *Run, p *Protocol, dueOf instantOf, out []Running) []Running {
	for i := range r.Clocks {
		c := &r.Clocks[i]
		d := p.Starts(c.Step, c.Rule)
		if d == nil {
			continue
		}
		due, kept, err := dueOf(c)
		if err != nil {
			due = c.Due
		}
		// What was done in time as it was recorded then stays done in time, whatever was announced since.
		in := due
		if c.Was == "" {
			in = max(due, c.Due)
		}
		if d.met(c, in) {
			continue
		}
		if lapsed := r.Event(d.Lapses); lapsed != nil && lapsed.Seq > c.Seq {
			continue
		}
		t := &s.Threads[c.Thread]
		out = append(out, Running{
			Place: Place{p.ID, r.ID, c.Step}, Name: d.Name, Rule: c.Rule, Owner: d.Owner, Start: c.Start, Due: due,
			By: c.By, Audience: t.Audience, Thread: t.ID, MetBy: d.MetBy, Lapses: d.Lapses, Ledger: c.Ledger, Kept: kept,
		})
		if due == Never {
			out[len(out)-1].Still = c.open()
		}
	}
	return out
}

// met reports whether a step that meets the deadline was done in time. A step done late does not: the lapse is
// still recorded.
func (d *Deadline) met(c *Clock, due act.Instant) bool {
	for _, m := range c.Since {
		if m.At < due && slices.Contains(d.MetBy, m.Step) {
			return true
		}
	}
	return false
}

// Starts returns the deadline that a step, or the lapse of that name, starts by a rule; nil when it starts none.
func (p *Protocol) Starts(step, rule string) *Deadline {
	s := p.Step(step)
	if s == nil {
		return p.startedByLapse(step, rule)
	}
	for i := range s.Deadlines {
		if s.Deadlines[i].Rule == rule {
			return &s.Deadlines[i]
		}
	}
	return nil
}
