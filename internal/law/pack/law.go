package pack

import (
	"fmt"
	"time"

	"sanad/internal/act"
	"sanad/internal/law/gate"
	"sanad/internal/law/legaltime"
	"sanad/internal/law/protocol"
)

// law puts the pack into the form the engine interprets.
func (p *Pack) law() *protocol.Law {
	l := &protocol.Law{Version: p.Version(), Protocols: p.Protocols, Gates: p.Gates, Time: clocks{p}, Migrates: p.Migrates, Duties: map[string]bool{}}
	for i := range p.Rules {
		l.Duties[p.Rules[i].ID] = p.Rules[i].Side == legaltime.SideDuty
	}
	for i := range p.Texts {
		t := &p.Texts[i]
		l.Texts = append(l.Texts, protocol.Text{
			ID: t.ID, Status: t.Status, Verified: t.Verified,
			From: p.dayStart(t.From, 0), To: p.dayStart(t.To, 1), Known: p.dayStart(t.Known, 0),
		})
	}
	return l
}

// dayStart returns the start of a day, some days later, in the country's legal time; nil for no date.
func (p *Pack) dayStart(d legaltime.Date, later legaltime.Date) *act.Instant {
	if d.IsZero() {
		return nil
	}
	at := p.Calendar.DayStart(d + later)
	return &at
}

// clocks joins the engine to the pack's rules and calendar.
type clocks struct{ pack *Pack }

var _ protocol.Time = clocks{}

// Due computes the first instant at which it is too late under a rule of the pack.
func (c clocks) Due(rule string, start act.Instant) (act.Instant, error) {
	r := c.pack.Rule(rule)
	if r == nil {
		return 0, fmt.Errorf("pack %s has no rule of time %q", c.pack.ID, rule)
	}
	result, err := legaltime.Compute(r.Rule, start, nil, c.pack.Calendar)
	if err != nil {
		return 0, err
	}
	return result.Due, nil
}

// Calendar names the version of the pack's calendar.
func (c clocks) Calendar() string { return c.pack.Calendar.Ref() }

// DayStart returns the first instant of a civil day in the country's legal time.
func (c clocks) DayStart(day time.Time) act.Instant {
	d, ok := legaltime.DateOf(day.Year(), day.Month(), day.Day())
	if !ok {
		return act.InstantOf(day)
	}
	return c.pack.Calendar.DayStart(d)
}

// standings are the words a pack may give a text.
var standings = []string{string(gate.InForce), string(gate.Bill), string(gate.Proposed), string(gate.Withdrawn), string(gate.Rejected)}
