package request

import (
	"fmt"
	"slices"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/law/pack"
	"sanad/internal/law/protocol"
	"sanad/internal/office/cases"
)

// Parameters of a pack that this desk reads. The two that tell a time hold the name of one of the pack's rules of time.
const (
	paramMost         = "request-identifiers"
	paramPreserved    = "request-preserved"
	paramConfidential = "request-confidential"
)

// Law is what the desk reads of a pack. It never changes, and may be shared.
type Law struct {
	engine       *protocol.Engine
	words        func(list, word string) bool
	most         int64  // identifiers in one request; 0: the pack leaves it to its gates
	preserved    string // rule of time: how long data may be kept at the longest; "" where the pack says nothing
	confidential string // rule of time: how long the person concerned may go untold
}

// LawOf reads a pack. The error names a parameter that can't be meant.
func LawOf(p *pack.Pack) (*Law, error) {
	l := &Law{engine: p.Engine(), words: p.Has}
	for _, x := range []struct {
		id string
		to *string
	}{{paramPreserved, &l.preserved}, {paramConfidential, &l.confidential}} {
		param := p.Parameter(x.id)
		if param == nil {
			continue
		}
		*x.to = param.Value.Code()
		if p.Rule(*x.to) == nil {
			return nil, fmt.Errorf("pack %s: parameter %s names no rule of time: %q", p.ID, x.id, *x.to)
		}
	}
	if param := p.Parameter(paramMost); param != nil {
		l.most = param.Value.Int()
		if l.most < 1 {
			return nil, fmt.Errorf("pack %s: parameter %s is no number above zero", p.ID, paramMost)
		}
	}
	return l, nil
}

// kind is what a step of a run emits; "" for a lapse.
func (l *Law) kind(r *protocol.Run, step string) string {
	s := l.engine.StepOf(r, step)
	if s == nil {
		return ""
	}
	return s.Kind
}

// Answers of the desk about the case a request is for.
var (
	errNoCase = fault.ClosedGate.New("request.case.none")
	errClosed = fault.ClosedGate.New("request.case.closed")
)

// open refuses what is asked outside a case, or in one that was closed and not taken up again.
func (l *Law) open(s *protocol.State) error {
	was, open := cases.Standing(l.engine, s)
	switch {
	case !was:
		return errNoCase
	case !open:
		return errClosed
	}
	return nil
}

// elsewhere reports whether the case, or a proceeding in it, is about another platform. Other requests of the same case may be to
// other platforms: a child was met on one and written to on another.
func (l *Law) elsewhere(s *protocol.State, platform act.Value) bool {
	for i := range s.Facts {
		f := &s.Facts[i]
		if f.Name != factPlatform || f.Value.Equal(platform) {
			continue
		}
		r := s.Run(f.Run)
		if r == nil || !asks(l.engine.Protocol(r.Protocol, r.Version)) {
			return true
		}
	}
	return false
}

// asks reports whether a protocol asks platforms for something.
func asks(p *protocol.Protocol) bool {
	return p != nil && slices.ContainsFunc(p.Steps, func(s protocol.Step) bool { return s.Kind == KindPrepared || s.Kind == KindPreserved })
}

// until is the first instant at which it is too late under a rule that starts now.
func (l *Law) until(rule string, now act.Instant) (act.Instant, error) {
	return l.engine.Law().Time.Due(rule, now)
}

// dayOf is the first instant of a day that a fact tells; false where it tells none.
func (l *Law) dayOf(v act.Value) (act.Instant, bool) {
	day, ok := v.Date()
	if !ok {
		return 0, false
	}
	return l.engine.Law().Time.DayStart(day), true
}
