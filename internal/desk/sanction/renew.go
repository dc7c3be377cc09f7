package sanction

import (
	"errors"
	"slices"
	"time"

	"sanad/internal/act"
	"sanad/internal/kit/lang"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

// Renews reports whether what a step drafts is the renewal of a measure that was decided before.
func (l *Law) Renews(at Place) bool {
	p := l.engine.Protocol(at.Protocol, at.Version)
	return p != nil && slices.ContainsFunc(p.Steps, func(s protocol.Step) bool {
		return s.Renews != "" && s.Signatures != nil && s.Signatures.Draft == at.Step
	})
}

// Prolonged names the decision that a step renews, or the renewal of it that was made last.
func (l *Law) Prolonged(s *protocol.State, cmd *clerk.Command) (act.ID, bool) {
	r := s.Run(cmd.Procedure)
	if r == nil || cmd.Grant == nil || cmd.Grant.Step == nil || cmd.Grant.Step.Renews == "" {
		return act.ID{}, false
	}
	var newest *protocol.Event
	for i := range r.Events {
		e := &r.Events[i]
		step := l.engine.StepOf(r, e.Step)
		if step != nil && step.Measure != nil && step.Of() == cmd.Grant.Step.Renews && (newest == nil || e.Seq > newest.Seq) {
			newest = e
		}
	}
	if newest == nil {
		return act.ID{}, false
	}
	return newest.By, true
}

// renew decides that a measure lasts longer: the same measure, against nothing else than what was decided, to a later day, and for no
// longer at once than a first decision could have said.
func (l *Law) renew(_ *protocol.State, cmd *clerk.Command, now act.Instant) ([]act.Act, error) {
	if cmd.Grant == nil || cmd.Grant.Step == nil || cmd.Grant.Step.Renews == "" || len(cmd.Rests) != 1 {
		return nil, errors.New("a measure is renewed by a step of a protocol that names it")
	}
	before, err := l.Terms(&cmd.Rests[0])
	if err != nil {
		return nil, err
	}
	content, err := l.signed(cmd)
	if err != nil {
		return nil, err
	}
	w := &wrong{}
	step := cmd.Grant.Step
	rung, _ := cmd.Act.Facts.Get(factRung)
	if rung.Code() != step.Renews || content.Rung != step.Renews {
		w.At(factRung, "sanction.rung", nil)
	}
	if content.Amount != 0 {
		w.At(factAmount, "sanction.content.amount", nil)
	}
	former, err := time.Parse(time.DateOnly, before.Expires)
	if err != nil {
		return nil, errors.New("a measure without a last day was renewed")
	}
	last := l.engine.Law().Time.DayStart(former)
	err = l.ends(w, cmd.Act.Facts, content, l.rungs[step.Renews].longest, now, last)
	if err != nil {
		return nil, err
	}
	if content.Expires <= before.Expires { // days as 2006-01-02: their order is that of time
		w.At(factExpires, "sanction.renewal.later", map[string]any{"date": lang.Day(former)})
	}
	aims(w, step.Measure, content.Targets)
	l.within(w, step.Measure, content.Targets, before.Targets)
	reasoned(w, content.Reasons)
	if !content.letterAgrees() {
		w.At("letter", "sanction.letter", nil)
	}
	acts, err := w.decided(cmd, KindRenewed)
	if err != nil {
		return nil, err
	}
	acts[0].Cites = append(slices.Clone(acts[0].Cites), cmd.Rests[0].ID)
	return acts, nil
}

// within refuses what was not among the targets of the measure before.
func (l *Law) within(w *wrong, m *protocol.Measure, now []Target, before []string) {
	same := func(t Target) string {
		if _, canonical := t.check(); canonical != "" {
			return canonical
		}
		return t.Value
	}
	var among []string
	for _, kind := range targetKinds(m) {
		for _, value := range before {
			among = append(among, same(Target{Kind: kind, Value: value, Unshared: true}))
		}
	}
	if slices.ContainsFunc(now, func(t Target) bool { return !slices.Contains(among, same(t)) }) {
		w.At("targets", "sanction.renewal.targets", nil)
	}
}
