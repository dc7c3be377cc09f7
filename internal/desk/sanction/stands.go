package sanction

import (
	"maps"
	"slices"

	"sanad/internal/act"
	"sanad/internal/kit/lang"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

// Words and lists of a pack that tell what is left of a measure.
const (
	nothingStands = "none"         // of the list rungs: what stands when nothing does
	listFinal     = "appeal_final" // rulings on an appeal after which what was decided stands for good
)

// lift decides that a measure is lifted. What stands then is what stood before it, and was notified when it was: whoever lifts one rung
// alone says no other, or one signature would climb the whole ladder.
func (l *Law) lift(s *protocol.State, cmd *clerk.Command, _ act.Instant) ([]act.Act, error) {
	acts, err := l.ofMeasure(KindLifted, whatever, s, cmd)
	if err != nil {
		return nil, err
	}
	lifted := l.citedStep(s.Run(cmd.Procedure), acts[0].Cites)
	says := map[string]act.Value{}
	before := l.left(s, cmd, says, func(ev *protocol.Event) bool { return ev.Step == lifted.ID || l.void(cmd.Course, ev.By) })
	refusal := reason{"sanction.lifted.nothing", nil}
	if before != "" {
		refusal = reason{"sanction.lifted.rung", map[string]any{"rung": lang.Key("list.rungs." + before)}}
	}
	if l.finals && l.saidFinal(s, cmd.Procedure) {
		says[factFinal] = act.OfBool(l.finalElsewhere(s, cmd.Procedure))
	}
	w := &wrong{}
	acts[0].Facts = w.own(acts[0].Facts, says, map[string]reason{factRung: refusal, factFinal: {"sanction.final", nil}})
	return acts, w.Err("sanction.invalid")
}

// lodge decides that an appeal is recorded. A fine that was thought to be final is so no more: the court has still to rule.
func (l *Law) lodge(s *protocol.State, cmd *clerk.Command, _ act.Instant) ([]act.Act, error) {
	acts, err := l.ofMeasure(KindAppealed, whatever, s, cmd)
	if err != nil {
		return nil, err
	}
	says := map[string]act.Value{}
	if l.finals && l.saidFinal(s, cmd.Procedure) {
		says[factFinal] = act.OfBool(l.finalElsewhere(s, cmd.Procedure))
	}
	w := &wrong{}
	acts[0].Facts = w.own(acts[0].Facts, says, map[string]reason{factFinal: {"sanction.final", nil}})
	return acts, w.Err("sanction.invalid")
}

// left notes what stands in a file without some decisions of a run, whoever may read them, and returns its rung; "" where nothing does.
func (l *Law) left(s *protocol.State, cmd *clerk.Command, says map[string]act.Value, gone func(*protocol.Event) bool) string {
	before, is := l.engine.Standing(s, cmd.Procedure, decidesMeasure, func(r *protocol.Run, ev *protocol.Event) bool {
		if r.ID == cmd.Procedure {
			return gone(ev)
		}
		return l.annulled(s, r)
	})
	if l.words("rungs", nothingStands) {
		says[factRung], says[protocol.FactNotified] = act.OfCode(nothingStands), act.OfCode(nothingStands)
	}
	if is {
		says[factRung] = act.OfCode(before.Step)
	}
	if is && before.Notified != 0 {
		says[protocol.FactNotified] = act.OfCode(before.Step)
		says[protocol.FactNotifiedOn] = act.OfDate(l.engine.Day(before.Notified))
	}
	return before.Step
}

// settle adds to what is recorded of an appeal what it leaves. Where a court annuls a measure, stands what stood before it was decided, at
// once and whether anybody lifts it or not; where it takes that back, the measure stands again. The rest is whether the fine is final. Nobody types it: the procedure decided a fine, it
// was notified, and either the time to appeal ran out and nobody did, or a court let it stand. A stay or an annulment makes none final.
func (l *Law) settle(s *protocol.State, cmd *clerk.Command, acts []act.Act) ([]act.Act, error) {
	run := s.Run(cmd.Procedure)
	ruling, _ := acts[0].Facts.Get(factAppeal)
	says := map[string]act.Value{}
	was, annuls := false, l.words(listAnnuls, ruling.Code())
	about := func(ev *protocol.Event) bool { return slices.Contains(acts[0].Cites, ev.By) }
	for i := range run.Events {
		was = was || about(&run.Events[i]) && l.void(cmd.Course, run.Events[i].By)
	}
	if annuls || was && !l.words(listStays, ruling.Code()) {
		l.left(s, cmd, says, func(ev *protocol.Event) bool {
			if about(ev) {
				return annuls
			}
			return l.void(cmd.Course, ev.By)
		})
	}
	switch decided := l.citedStep(run, acts[0].Cites); {
	case !l.finals:
	case l.isFinal(run, decided, ruling.Code()):
		says[factFinal] = act.OfBool(true)
	case l.saidFinal(s, cmd.Procedure): // no more: a fine of another procedure may be
		says[factFinal] = act.OfBool(l.finalElsewhere(s, cmd.Procedure))
	}
	w := &wrong{}
	acts[0].Facts = w.own(acts[0].Facts, says, map[string]reason{factFinal: {"sanction.final", nil}, factRung: {"sanction.ruled.rung", nil}})
	return acts, w.Err("sanction.invalid")
}

// reason is what is answered to who says otherwise than the desk.
type reason struct {
	key  string
	args map[string]any
}

// own adds to facts what the desk says itself, and notes where somebody said otherwise, or said what the desk does not.
func (w *wrong) own(facts act.Facts, says map[string]act.Value, why map[string]reason) act.Facts {
	all := map[string]act.Value{}
	for _, f := range facts {
		all[f.Name] = f.Value
	}
	for _, name := range slices.Sorted(maps.Keys(why)) {
		given, there := all[name]
		value, said := says[name]
		if there && (!said || !given.Equal(value)) {
			w.At(name, why[name].key, why[name].args)
		}
	}
	maps.Copy(all, says)
	return act.NewFacts(all)
}

// isFinal reports whether what a step of a run decided is a fine against which nothing is left to be said, after a ruling.
func (l *Law) isFinal(r *protocol.Run, step *protocol.Step, ruling string) bool {
	p := l.engine.Protocol(r.Protocol, r.Version)
	if p == nil || step.Measure == nil || step.Measure.Kind != protocol.Fine || !p.Notified(r, step.ID) {
		return false
	}
	lodged := slices.ContainsFunc(r.Events, func(e protocol.Event) bool {
		x := p.Step(e.Step)
		return x != nil && x.Kind == KindAppealed
	})
	if lodged {
		return l.words(listFinal, ruling)
	}
	return timeToAppealIsOver(p, r, step.ID) && !l.words(listAnnuls, ruling) && !l.words(listStays, ruling)
}

// timeToAppealIsOver reports whether the time to appeal, which the notification of a measure started, ran out and this is recorded.
func timeToAppealIsOver(p *protocol.Protocol, r *protocol.Run, measure string) bool {
	for _, told := range p.Notification(measure) {
		for _, d := range told.Deadlines {
			appeals := slices.ContainsFunc(d.MetBy, func(id string) bool {
				x := p.Step(id)
				return x != nil && x.Kind == KindAppealed
			})
			if appeals && r.Event(d.Lapses) != nil {
				return true
			}
		}
	}
	return false
}

// saidFinal reports whether the newest that a run said of its fine is that it is final.
func (l *Law) saidFinal(s *protocol.State, run act.ID) bool {
	v, _ := newest(s, factFinal, run)
	return v.Bool()
}

// finalElsewhere reports whether the fine of another procedure of the file is final and was not lifted.
func (l *Law) finalElsewhere(s *protocol.State, besides act.ID) bool {
	for i := range s.Procedures {
		r := &s.Procedures[i]
		if r.ID != besides && l.saidFinal(s, r.ID) {
			return true // its lifting would have said otherwise
		}
	}
	return false
}

// void reports whether a court annulled a decision, by what its procedure did: the newest ruling on it that is not about a stay.
func (l *Law) void(course []clerk.Recorded, decision act.ID) bool {
	void := false
	for _, a := range course {
		ruling, said := a.Facts.Get(factAppeal)
		if a.Kind == KindAppealRuled && said && slices.Contains(a.Cites, decision) && !l.words(listStays, ruling.Code()) {
			void = l.words(listAnnuls, ruling.Code())
		}
	}
	return void
}

// annulled reports whether a court annulled the only decision of another procedure, lifted or not yet. Of one that decides several it is
// not known here which was meant: there what its own rulings said stands.
func (l *Law) annulled(s *protocol.State, r *protocol.Run) bool {
	ruling, said := newest(s, factAppeal, r.ID)
	if !said || !l.words(listAnnuls, ruling.Code()) {
		return false
	}
	decided := 0
	for _, e := range r.Events {
		if step := l.engine.StepOf(r, e.Step); step != nil && decidesMeasure(step) {
			decided++
		}
	}
	return decided == 1
}

// newest is what a run said last of a fact, in whichever thread.
func newest(s *protocol.State, name string, run act.ID) (value act.Value, said bool) {
	seq := int64(-1)
	for i := range s.Facts {
		f := &s.Facts[i]
		if f.Name == name && f.Run == run && f.Seq > seq {
			value, said, seq = f.Value, true, f.Seq
		}
	}
	return value, said
}

// decidesMeasure reports whether a step decides one.
func decidesMeasure(s *protocol.Step) bool { return s.Kind == KindDecided }

// citedStep is the step of a run that decided what an act cites: ofMeasure made it cite one.
func (l *Law) citedStep(r *protocol.Run, cites []act.ID) *protocol.Step {
	for _, e := range r.Events {
		if step := l.engine.StepOf(r, e.Step); slices.Contains(cites, e.By) && step != nil && decidesMeasure(step) {
			return step
		}
	}
	return &protocol.Step{}
}
