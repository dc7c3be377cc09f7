package pack

import (
	"errors"
	"fmt"
	"time"

	"sanad/internal/act"
	"sanad/internal/law/gate"
	"sanad/internal/law/legaltime"
	"sanad/internal/law/protocol"
)

// law puts the pack into the form the engine interprets. Of kinds that nobody declares, none may be told late.
func (p *Pack) law(kinds *act.Catalogue) *protocol.Law {
	l := &protocol.Law{
		Version: p.Version(), Protocols: p.Protocols, Gates: p.Gates, Time: clocks{p}, Migrates: p.Migrates,
		Duties: map[string]bool{}, OfRun: map[string]bool{}, Since: map[string]bool{}, Presumed: map[string]bool{},
	}
	if kinds != nil {
		l.Elsewhere = kinds.Elsewhere()
	}
	for i := range p.Facts {
		l.OfRun[p.Facts[i].ID] = p.Facts[i].OfRun
		l.Since[p.Facts[i].ID] = p.Facts[i].Since
	}
	for _, word := range p.Words(listPresumed) {
		l.Presumed[word] = true
	}
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

// listPresumed holds the words of a receipt that nobody acknowledged.
const listPresumed = "receipts_presumed"

// clocks joins the engine to the pack's rules and calendar.
type clocks struct{ pack *Pack }

var _ protocol.Time = clocks{}

// Due computes the first instant at which it is too late under a rule of the pack.
func (c clocks) Due(rule string, start act.Instant) (act.Instant, error) {
	r := c.pack.Rule(rule)
	if r == nil {
		return 0, fmt.Errorf("pack %s has no rule of time %q", c.pack.ID, rule)
	}
	return legaltime.Due(r.Rule, start, c.pack.Calendar)
}

// DueOf computes the same for a clock that stood still or was given more time.
func (c clocks) DueOf(rule string, start act.Instant, l protocol.Ledger) (act.Instant, error) {
	result, err := c.pack.Compute(rule, start, l)
	var none *legaltime.Error
	if errors.As(err, &none) && none.Reason == legaltime.Suspended {
		return 0, protocol.ErrStill
	}
	return result.Due, err
}

// Compute computes a deadline under a rule of the pack, with everything that happened to its clock. In the trace the basis of
// a suspension, or of more time, is the identifier of the act that it rests on. A clock that stands still has an error that says
// so, and a trace.
func (p *Pack) Compute(rule string, start act.Instant, l protocol.Ledger) (legaltime.Result, error) {
	r := p.Rule(rule)
	if r == nil {
		return legaltime.Result{}, fmt.Errorf("pack %s has no rule of time %q", p.ID, rule)
	}
	spans := spansOf(l)
	var more []legaltime.Extension
	for i := range l.More {
		m := &l.More[i]
		by := p.Rule(m.Rule)
		if by == nil {
			return legaltime.Result{}, fmt.Errorf("pack %s has no rule of time %q", p.ID, m.Rule)
		}
		more = append(more, legaltime.Extension{Rule: by.Rule, Basis: m.By.String()})
	}
	result, err := legaltime.ComputeWith(r.Rule, start, spans, more, p.Calendar)
	if err != nil {
		result.Trace = legaltime.Standing(err, r.Rule, start, spans, p.Calendar)
	}
	return result, err
}

// spansOf puts suspensions into the form in which time is computed.
func spansOf(l protocol.Ledger) []legaltime.Span {
	var spans []legaltime.Span
	for i := range l.Spans {
		s := &l.Spans[i]
		span := legaltime.Span{From: s.From, To: s.To, Basis: s.By.String()}
		if s.To == protocol.Never {
			span.To = legaltime.Open
		}
		spans = append(spans, span)
	}
	return spans
}

// Follows returns when what follows the end of a clock starts.
func (c clocks) Follows(rule string, due act.Instant) act.Instant {
	r := c.pack.Rule(rule)
	if r == nil || r.Mode == legaltime.Hours {
		return due
	}
	return c.pack.Calendar.DayStart(c.pack.Calendar.DateOf(due - 1))
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
