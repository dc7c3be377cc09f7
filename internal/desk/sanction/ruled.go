package sanction

import (
	"slices"

	"sanad/internal/act"
	"sanad/internal/kit/lang"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

// ruled decides what a court is recorded to have ruled on an appeal: on which measure, to which sum it lowered the one decided, and,
// where the pack asks, whether the measure is stayed from then on. A court that rules on anything else than a stay ends the one it
// gave; one that stays does it by the step that stops the clocks. Everything that tells the sum later takes it from here.
func (l *Law) ruled(s *protocol.State, cmd *clerk.Command, _ act.Instant) ([]act.Act, error) {
	acts, err := l.ofMeasure(KindAppealRuled, whatever, s, cmd)
	if err != nil {
		return nil, err
	}
	ruling, _ := cmd.Act.Facts.Get(factAppeal)
	w := &wrong{}
	l.stopsClocks(w, cmd, ruling.Code())
	at := Place{Protocol: cmd.Grant.Protocol, Version: cmd.Grant.Version, Step: cmd.Grant.Step.ID}
	if !l.words(listStays, ruling.Code()) && !slices.Contains(l.Rulings(at), ruling.Code()) {
		w.At(factAppeal, "sanction.ruled.step", nil)
	}
	l.lowers(w, cmd, acts[0].Cites, ruling.Code())
	err = w.Err("sanction.invalid")
	if err != nil {
		return nil, err
	}
	if !l.stays {
		return l.settle(s, cmd, acts)
	}
	word := protocol.StayEnded
	if l.words(listStays, ruling.Code()) {
		word = protocol.StayStanding
	}
	all := map[string]act.Value{protocol.FactStay: act.OfCode(word)}
	for _, f := range acts[0].Facts {
		all[f.Name] = f.Value
	}
	acts[0].Facts = act.NewFacts(all)
	return l.settle(s, cmd, acts)
}

// stopsClocks refuses a ruling that stays by a step that stops no clock: somebody would be late for what a court said need not be done. It
// names the step of the procedure by which a court stays.
func (l *Law) stopsClocks(w *wrong, cmd *clerk.Command, ruling string) {
	if !l.words(listStays, ruling) || cmd.Grant == nil || len(cmd.Grant.Step.Suspends) > 0 {
		return
	}
	p := l.engine.Protocol(cmd.Grant.Protocol, cmd.Grant.Version)
	for i := range p.Steps {
		if s := &p.Steps[i]; s.Kind == protocol.KindSuspended && s.Sets[protocol.FactStay] == protocol.StayStanding {
			w.At(factAppeal, "sanction.stay.step", map[string]any{"step": lang.Key("step." + p.ID + "." + s.ID)})
			return
		}
	}
	w.At(factAppeal, "sanction.stay.none", nil)
}

// Rulings lists what a step may record that a court ruled. Where one of its procedure starts the time in which an annulled measure is
// unwound, that one records an annulment, and no other step does: what is annulled by the way would stand on. A step that stops no clock
// records no stay.
func (l *Law) Rulings(at Place) []string {
	p := l.engine.Protocol(at.Protocol, at.Version)
	if p == nil || p.Step(at.Step) == nil {
		return nil
	}
	words := slices.DeleteFunc(slices.Clone(l.rulings), func(word string) bool {
		return l.words(listStays, word) && len(p.Step(at.Step).Suspends) == 0
	})
	unwinds := func(ruling *protocol.Step) bool {
		return slices.ContainsFunc(p.Steps, func(s protocol.Step) bool { return decidesMeasure(&s) && p.Unwinds(ruling, s.ID) })
	}
	if !slices.ContainsFunc(p.Steps, func(s protocol.Step) bool { return unwinds(&s) }) {
		return words
	}
	own := unwinds(p.Step(at.Step))
	return slices.DeleteFunc(words, func(word string) bool { return l.words(listAnnuls, word) != own })
}

// lowers checks the sum that a court left: said where it lowered one, less than was decided and more than nothing, and nowhere else.
func (l *Law) lowers(w *wrong, cmd *clerk.Command, cites []act.ID, ruling string) {
	decided := int64(0)
	for _, a := range cmd.Course {
		for _, id := range cites {
			if a.ID == id && a.Kind == KindDecided {
				sum, _ := a.Facts.Get(factAmount)
				decided = sum.Int()
			}
		}
	}
	left, said := cmd.Act.Facts.Get(factLeft)
	lowered := l.words(listReduces, ruling) && decided > 0
	switch {
	case lowered && !said:
		w.At(factLeft, "sanction.left.missing", map[string]any{"amount": decided})
	case lowered && (left.Int() < 1 || left.Int() >= decided):
		w.At(factLeft, "sanction.left.less", map[string]any{"amount": decided})
	case said && !lowered:
		w.At(factLeft, "sanction.left.none", nil)
	}
}
