package sanction

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/law/pack"
	"sanad/internal/law/protocol"
	"sanad/internal/office/cases"
)

// A pack says what a rung weighs in two parameters: rung-STEP-amount, the sum it demands, and rung-STEP-longest, the rule of
// time beyond which it may not last.
const (
	paramPrefix  = "rung-"
	paramAmount  = "-amount"
	paramLongest = "-longest"
)

// Law is what the desk reads of a pack. It never changes, and may be shared.
type Law struct {
	Count     Count    // set before anything is decided
	Failed    Failures // set before anything is decided
	engine    *protocol.Engine
	words     func(list, word string) bool
	rungs     map[string]weight // by step
	order     []string          // the pack's rungs, from the lightest
	protocols []string          // those that decide some
	rulings   []string          // what a court may rule on an appeal
	stays     bool              // gates ask whether a court stays a measure
	finals    bool              // gates ask whether a fine is final
	lasting   string            // rule of time: failures further back count for nothing; "" where none count
	unweighed []string          // facts that the pack has other acts say than a weighing
	commit    Commit
	zone      *time.Location // of legal time
	orders    sync.Map       // of a *protocol.Protocol: what comes before what in it
}

// Unweighed lists the facts that no weighing says under this law.
func (l *Law) Unweighed() []string { return l.unweighed }

// Commit commits to a draft's content under a salt: what every signature and the decision carry. The archive's is handed in.
type Commit func(salt [32]byte, content []byte) [32]byte

// weight is what one rung demands, and for how long.
type weight struct {
	amount  int64  // 0: no sum may be demanded
	longest string // rule of time; "": the pack sets no end
}

// LawOf reads a pack. The error names what can't be meant: a step that decides a measure and is no word of the list rungs, or a
// parameter that is no sum or no rule of time.
func LawOf(p *pack.Pack, commit Commit) (*Law, error) {
	l := &Law{engine: p.Engine(), words: p.Has, rungs: map[string]weight{}, order: p.Words("rungs"), rulings: p.Words("appeal_rulings"), commit: commit, zone: time.UTC}
	if p.Calendar != nil {
		l.zone = p.Calendar.Location()
	}
	if x := p.Parameter(paramWithin); x != nil {
		l.lasting = x.Value.Code()
		if p.Rule(l.lasting) == nil {
			return nil, fmt.Errorf("pack %s: parameter %s names no rule of time: %q", p.ID, paramWithin, l.lasting)
		}
	}
	for i := range p.Facts {
		if p.Facts[i].ID == factFailures && l.lasting == "" {
			return nil, fmt.Errorf("pack %s: a fact counts failures, and no parameter %s says within what time", p.ID, paramWithin)
		}
		l.stays = l.stays || p.Facts[i].ID == protocol.FactStay
		l.finals = l.finals || p.Facts[i].ID == factFinal
		if !slices.Contains(p.Facts[i].SaidBy, KindWeighed) {
			l.unweighed = append(l.unweighed, p.Facts[i].ID)
		}
	}
	for i := range p.Protocols {
		for j := range p.Protocols[i].Steps {
			s := &p.Protocols[i].Steps[j]
			if s.Kind != KindDecided {
				continue
			}
			if !p.Has("rungs", s.ID) {
				return nil, fmt.Errorf("pack %s: step %s of %s decides a measure and is no word of the list rungs", p.ID, s.ID, p.Protocols[i].ID)
			}
			w, err := weightOf(p, s)
			if err != nil {
				return nil, err
			}
			l.rungs[s.ID] = w
			if !slices.Contains(l.protocols, p.Protocols[i].ID) {
				l.protocols = append(l.protocols, p.Protocols[i].ID)
			}
		}
	}
	return l, nil
}

func weightOf(p *pack.Pack, s *protocol.Step) (w weight, err error) {
	if x := p.Parameter(paramPrefix + s.ID + paramAmount); x != nil {
		w.amount = x.Value.Int()
		if w.amount < 1 {
			return w, fmt.Errorf("pack %s: parameter %s is no sum above zero", p.ID, x.ID)
		}
	}
	if x := p.Parameter(paramPrefix + s.ID + paramLongest); x != nil {
		w.longest = x.Value.Code()
		if p.Rule(w.longest) == nil {
			return w, fmt.Errorf("pack %s: parameter %s names no rule of time: %q", p.ID, x.ID, w.longest)
		}
	}
	if s.Measure != nil && s.Measure.Kind == protocol.Fine && w.amount == 0 {
		return w, fmt.Errorf("pack %s: step %s is a fine, and no parameter %s says of how much", p.ID, s.ID, paramPrefix+s.ID+paramAmount)
	}
	if s.Measure != nil && s.Measure.Grave() && w.longest == "" {
		return w, fmt.Errorf("pack %s: step %s reaches beyond its addressee, and no parameter %s says until when", p.ID, s.ID, paramPrefix+s.ID+paramLongest)
	}
	return w, nil
}

// Answers of the desk about the case a procedure is in.
var (
	errNoCase = fault.ClosedGate.New("sanction.case.none")
	errClosed = fault.ClosedGate.New("sanction.case.closed")
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

// measureOf finds which measure of a run an act is about: the one it cites; where it cites none, the only one that fits, or the
// one that its step lifts. It returns the citations the act should have, and the step that decided the measure.
func (l *Law) measureOf(s *protocol.State, run act.ID, lifts string, cites []act.ID, fits func(*protocol.Step) bool) ([]act.ID, string, error) {
	r := s.Run(run)
	if r == nil {
		return nil, "", fault.Invalid.New("sanction.measure.which")
	}
	var all, cited []protocol.Event
	for _, e := range r.Events {
		step := l.engine.StepOf(r, e.Step)
		if step == nil || step.Kind != KindDecided {
			continue
		}
		fit := fits(step) && (lifts == "" || lifts == e.Step)
		switch {
		case slices.Contains(cites, e.By) && !fit:
			return nil, "", fault.Invalid.New("sanction.measure.other")
		case slices.Contains(cites, e.By):
			cited = append(cited, e)
		case fit:
			all = append(all, e)
		}
	}
	switch {
	case len(cited) == 1:
		return cites, cited[0].Step, nil
	case len(cited) == 0 && len(all) == 1:
		return append(slices.Clone(cites), all[0].By), all[0].Step, nil
	}
	return nil, "", fault.Invalid.New("sanction.measure.which")
}
