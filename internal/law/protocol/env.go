package protocol

import (
	"fmt"
	"maps"
	"slices"

	"sanad/internal/act"
	"sanad/internal/law/gate"
)

// env answers a gate's questions for one step, on behalf of the audience of the act it would justify.
type env struct {
	engine     *Engine
	q          *Question
	run        *Run
	step       *Step
	audience   act.ID
	names      func(string) string // from the names of another version's gates to those of the run; nil where they are the run's
	everything bool                // while the audience itself is being chosen: doubt and secrets only add compartments
}

var _ gate.Env = (*env)(nil)

// compartments applies a step's audience rule.
func (e *env) compartments(rule Audience) []string {
	out := slices.Clone(rule.Compartments)
	e.everything = true
	for i := range rule.Add {
		if !rule.Add[i].Unless.Holds(e) {
			out = append(out, rule.Add[i].Compartment)
		}
	}
	e.everything = false
	slices.Sort(out)
	return slices.Compact(out)
}

// visible reports whether every reader of the act to be done may read that thread.
func (e *env) visible(thread int) bool {
	if e.everything {
		return true
	}
	want := e.q.State.Threads[thread].Audience
	if want == e.audience {
		return true
	}
	return e.q.Reads != nil && e.q.Reads(e.audience, want)
}

// Fact returns the newest value of a fact that all readers may know, and nothing when they may not know all.
func (e *env) Fact(name string) gate.Held {
	if e.everything {
		if v, there := e.q.Proposed.Get(name); there {
			return gate.Held{Value: v, Known: true}
		}
	}
	s := e.q.State
	i, _ := s.findFact(name, 0, act.ID{})
	var newest *Fact
	for ; i < len(s.Facts) && s.Facts[i].Name == name; i++ {
		f := &s.Facts[i]
		if !e.counts(f.Run) || e.engine.law.OfRun[name] && !e.own(f.Run) {
			continue
		}
		since, told := e.since(name, f.Run)
		if told && f.Seq <= since { // said for a measure before
			continue
		}
		if !told || !e.visible(f.Thread) {
			return gate.Held{Hidden: true}
		}
		if newest == nil || f.Seq > newest.Seq {
			newest = f
		}
	}
	if newest == nil {
		if e.q.Outside != nil {
			return e.q.Outside.Fact(name, e)
		}
		return gate.Held{}
	}
	if newest.At > e.q.Now {
		return gate.Held{}
	}
	return gate.Held{Value: newest.Value, From: newest.From, Known: true}
}

// Everywhere returns the newest value of a fact in each run of the file that said it, the newest first.
func (e *env) Everywhere(name string) []gate.Held {
	s := e.q.State
	newest := map[act.ID]*Fact{}
	i, _ := s.findFact(name, 0, act.ID{})
	for ; i < len(s.Facts) && s.Facts[i].Name == name; i++ {
		f := &s.Facts[i]
		if !e.counts(f.Run) {
			continue
		}
		since, told := e.since(name, f.Run)
		if told && f.Seq <= since {
			continue
		}
		if !told || !e.visible(f.Thread) {
			return []gate.Held{{Hidden: true}}
		}
		if old := newest[f.Run]; old == nil || f.Seq > old.Seq {
			newest[f.Run] = f
		}
	}
	all := slices.SortedFunc(maps.Values(newest), func(a, b *Fact) int { return int(b.Seq - a.Seq) })
	out := make([]gate.Held, len(all))
	for i, f := range all {
		out[i] = gate.Held{Value: f.Value, From: f.From, Known: f.At <= e.q.Now}
	}
	return out
}

// own reports whether something was said in the run at hand.
func (e *env) own(run act.ID) bool { return e.everything || e.run != nil && e.run.ID == run }

// counts reports whether what was said in a run is worth anything for the step at hand. What is said in one of several
// runs of a protocol is about that run only: a judge's leave for one request never opens another.
func (e *env) counts(run act.ID) bool {
	if e.everything || run.IsZero() || e.run != nil && e.run.ID == run {
		return true
	}
	r := e.q.State.Run(run)
	if r == nil {
		return false
	}
	p := e.engine.Protocol(r.Protocol, r.Version)
	return p != nil && !p.Many
}

// Now returns the instant of the question.
func (e *env) Now() act.Instant { return e.q.Now }

// Instant turns a date or an instant into an instant.
func (e *env) Instant(v act.Value) (act.Instant, error) {
	if at, ok := v.Instant(); ok {
		return at, nil
	}
	day, ok := v.Date()
	if !ok {
		return 0, fmt.Errorf("a value of type %s tells no time", v.Type())
	}
	return e.engine.law.Time.DayStart(day), nil
}

// Basis returns what the step at hand rests on.
func (e *env) Basis() []gate.Basis {
	if e.step == nil {
		return nil
	}
	return e.step.Basis
}

// Standing says what a text was worth at an instant, as known now.
func (e *env) Standing(id string, on act.Instant) gate.Standing {
	t := e.engine.texts[id]
	if t == nil {
		return gate.Missing
	}
	return t.Standing(on, e.q.Now)
}

// Standing says what the text was worth at the instant on, as known at the instant now. A text whose entry into
// force nobody stated is not in force.
func (t *Text) Standing(on, now act.Instant) gate.Standing {
	switch {
	case t.Status != gate.InForce:
		return t.Status
	case !t.Verified:
		return gate.Unverified
	case t.Known != nil && now < *t.Known:
		return gate.Unknown
	case t.From == nil || on < *t.From:
		return gate.NotYet
	case t.To != nil && on >= *t.To:
		return gate.Ended
	default:
		return gate.InForce
	}
}

// Done says whether a step or lapse happened in this run.
func (e *env) Done(step string) gate.Held {
	if e.run == nil {
		return gate.Held{}
	}
	ev := e.run.Event(e.named(step))
	if ev == nil {
		return gate.Held{}
	}
	if !e.visible(ev.Thread) {
		return gate.Held{Hidden: true}
	}
	return gate.Held{Value: act.OfInstant(ev.First), From: ev.By, Known: true}
}

// Signed counts the persons who signed the newest draft of a step.
func (e *env) Signed(step string) gate.Held {
	if e.run == nil {
		return gate.Held{}
	}
	d := e.q.State.Draft(e.run.ID, e.named(step))
	if d == nil {
		return gate.Held{}
	}
	if !e.visible(d.Thread) {
		return gate.Held{Hidden: true}
	}
	n := int64(0)
	for _, g := range d.Signatures {
		if e.visible(g.Thread) {
			n++
		}
	}
	return gate.Held{Value: act.OfInt(n), From: d.By, Known: true}
}
