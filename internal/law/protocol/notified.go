package protocol

import (
	"slices"
	"time"

	"sanad/internal/act"
)

// A measure is the start of nobody's time before whoever bears it was told. A step that tells them names it with notifies: the letter, or
// the receipt of it, where the law lets time run from there. Its act says of itself what was notified and when: what comes next counts
// from that day, and nobody types it.

// Facts of what stands against a party.
const (
	FactRung       = "rung"        // what was decided last, as a word of the list rungs
	FactNotified   = "notified"    // what stands and was notified, as a word of the same list
	FactNotifiedOn = "notified_on" // the day of its notification
	FactNoticedOn  = "noticed_on"  // the day on which a formal notice was notified
	FactObligedOn  = "obliged_on"  // the same of a decision that imposes a duty, and no measure
)

// NotifiedSchemas declares, for a kind of a desk, the facts of a notification.
func NotifiedSchemas() []act.FactSchema {
	return []act.FactSchema{{Name: FactNotified, Type: act.Code, List: "rungs"}, {Name: FactNotifiedOn, Type: act.Date}}
}

// NotifiedFacts are the names of those facts: a step that notifies says them of itself, or a desk by what stands after a lifting.
func NotifiedFacts() []string { return []string{FactNotified, FactNotifiedOn} }

// Notifies reports whether acts of a kind may say what they notify of a notice or a duty, with its day: a letter, and the receipt of one.
// Nobody types these either.
func Notifies(kind string) bool { return kind == KindSent || kind == KindReceipt }

// NoticeSchemas declares what such acts say of themselves.
func NoticeSchemas() []act.FactSchema {
	return append(NotifiedSchemas(), act.FactSchema{Name: FactNoticedOn, Type: act.Date}, act.FactSchema{Name: FactObligedOn, Type: act.Date})
}

// Notification returns the steps that notify what a step of the protocol decides.
func (p *Protocol) Notification(made string) []*Step {
	var out []*Step
	for i := range p.Steps {
		if p.Steps[i].Notifies == made {
			out = append(out, &p.Steps[i])
		}
	}
	return out
}

// notifies adds to what an act says of itself which measure it notifies, on the day of legal time on which it counts. One that lasts
// longer was notified when it was decided: that it is renewed puts it before nothing that was decided since. What was lifted or annulled
// before anybody was told of it, a letter does not bring back.
func (e *Engine) notifies(s *State, p *Protocol, r *Run, step *Step, facts act.Facts, at act.Instant) act.Facts {
	made := p.Step(step.Notifies)
	if made == nil || r == nil || made.Renews != "" {
		return facts
	}
	if ev := r.Event(made.ID); ev == nil || r.lifted(p, ev) || !e.stillStands(s, r, made) {
		return facts
	}
	day := act.OfDate(e.Day(at))
	all := map[string]act.Value{FactNotified: act.OfCode(made.Of()), FactNotifiedOn: day}
	switch {
	case made.Measure == nil:
		all[FactObligedOn] = day
	case made.Measure.Kind == FormalNotice:
		all[FactNoticedOn] = day
	}
	for _, f := range facts {
		all[f.Name] = f.Value
	}
	return act.NewFacts(all)
}

// stillStands reports whether what stands in a file, by what was said last of it, is what a step decided; also where nobody said.
func (e *Engine) stillStands(s *State, r *Run, made *Step) bool {
	newest, word := int64(-1), made.Of()
	for i := range s.Facts {
		f := &s.Facts[i]
		if f.Name != FactRung || f.Seq < newest {
			continue
		}
		of := s.Run(f.Run)
		if of == nil || r != nil && of.ID == r.ID || !e.many(of) {
			newest, word = f.Seq, f.Value.Code()
		}
	}
	return word == made.Of()
}

// many reports whether a file may have several runs of a run's protocol, so that what one says counts in it alone.
func (e *Engine) many(r *Run) bool {
	p := e.Protocol(r.Protocol, r.Version)
	return p == nil || p.Many
}

// Day returns the civil day of an instant in the country's legal time, as midnight UTC of that day.
func (e *Engine) Day(at act.Instant) time.Time {
	y, m, d := at.Time().UTC().Date()
	day := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	for _, on := range []time.Time{day.AddDate(0, 0, 1), day} { // no legal time is a day from UTC
		if e.law.Time.DayStart(on) <= at {
			return on
		}
	}
	return day.AddDate(0, 0, -1)
}

// Stands is what was decided in a run and was not lifted since.
type Stands struct {
	Run      act.ID
	Step     string      // that decided it
	Notified act.Instant // when whoever bears it was told first; 0 where nobody was
	seq      int64
}

// Standing returns what was decided last in a file, of what steps decide and was not lifted; false where nothing stands. What one of
// several runs of a protocol decided stands in that run alone. gone tells which other decisions are no more.
func (e *Engine) Standing(s *State, run act.ID, decides func(*Step) bool, gone func(*Run, *Event) bool) (out Stands, is bool) {
	for i := range s.Procedures {
		r := &s.Procedures[i]
		p := e.Protocol(r.Protocol, r.Version)
		if p == nil || p.Many && r.ID != run {
			continue
		}
		for j := range r.Events {
			ev := &r.Events[j]
			step := p.Step(ev.Step)
			if step != nil && decides(step) && !r.lifted(p, ev) && !gone(r, ev) && (!is || ev.Seq > out.seq) {
				out, is = Stands{Run: r.ID, Step: step.ID, Notified: r.notified(p, step.ID), seq: ev.Seq}, true
			}
		}
	}
	return out, is
}

// KindReviewed records what a court ruled on an appeal. Its acts are a desk's.
const KindReviewed = "appeal.ruled"

// Unwinds reports whether a step of the protocol records that a measure is annulled, and nothing else: it starts the time in which that
// measure has to be lifted.
func (p *Protocol) Unwinds(ruling *Step, made string) bool {
	return ruling.Kind == KindReviewed && slices.ContainsFunc(ruling.Deadlines, func(d Deadline) bool {
		return slices.ContainsFunc(d.MetBy, func(id string) bool { s := p.Step(id); return s != nil && s.Lifts == made })
	})
}

// lifted reports whether what an event decided, or prolonged, was lifted since.
func (r *Run) lifted(p *Protocol, made *Event) bool {
	of := p.Step(made.Step).Of()
	return slices.ContainsFunc(r.Events, func(ev Event) bool {
		step := p.Step(ev.Step)
		return step != nil && step.Lifts == of && ev.Seq > made.Seq
	})
}

// notified is when what a step decided was notified first in a run; 0 where it was not.
func (r *Run) notified(p *Protocol, made string) act.Instant {
	first := act.Instant(0)
	for _, step := range p.Notification(made) {
		ev := r.Event(step.ID)
		if ev != nil && (first == 0 || ev.First < first) {
			first = ev.First
		}
	}
	return first
}

// Notified reports whether what a step decided in a run of the protocol was notified.
func (p *Protocol) Notified(r *Run, made string) bool { return r.notified(p, made) != 0 }
