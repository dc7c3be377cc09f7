package protocol

import "sanad/internal/act"

// since is the rank in the file of the measure that was decided or renewed last, for a fact that is said for one measure; -1 where there
// is none, and for any other fact. Of a fact that counts in the run that says it alone, it is that run's measure. It is not told where
// some reader may not know of the measure: then nobody can say whether the fact was said before it.
func (e *env) since(name string, run act.ID) (rank int64, told bool) {
	rank, told = -1, true
	if !e.engine.law.Since[name] || e.everything {
		return rank, told
	}
	for i := range e.q.State.Procedures {
		r := &e.q.State.Procedures[i]
		p := e.engine.Protocol(r.Protocol, r.Version)
		if p == nil || e.engine.law.OfRun[name] && r.ID != run {
			continue
		}
		for j := range r.Events {
			ev := &r.Events[j]
			step := p.Step(ev.Step)
			if step != nil && step.Measure != nil && ev.Seq > rank {
				rank, told = ev.Seq, e.visible(ev.Thread)
			}
		}
	}
	return rank, told
}
