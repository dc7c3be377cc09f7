package console

import (
	"slices"

	"sanad/internal/act"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

// moot reports whether nobody has anything left to do about a lapse: every step that would meet its deadline, and every step the
// law lets follow it, is excluded by something that was done. It stays in the file as a record and leaves the queue.
func moot(p *protocol.Protocol, d *protocol.Deadline, happened func(step string) bool) bool {
	left := false
	for i := range p.Steps {
		s := &p.Steps[i]
		if slices.Contains(d.MetBy, s.ID) || slices.Contains(s.After.Any, d.Lapses) || slices.Contains(s.After.All, d.Lapses) {
			left = left || !slices.ContainsFunc(s.After.None, happened)
		}
	}
	return !left
}

// Unmet lists the clocks of a file that ran out and still ask for something, among the acts a mandate may read: those of runs that
// are open and in which nothing came after that settles them. The one that ran out first is first.
func Unmet(law *protocol.Engine, v *clerk.View) []protocol.Running {
	var out []protocol.Running
	for i := range v.Acts {
		a := &v.Acts[i]
		if a.Kind != act.DeadlineLapsed || a.Procedure == nil {
			continue
		}
		p := law.Protocol(a.Procedure.Protocol, a.Procedure.Version)
		if p == nil {
			continue
		}
		step, d := lapsing(p, a.Procedure.Step)
		if d == nil {
			continue
		}
		run := protocol.Running{
			Place: protocol.Place{Protocol: p.ID, Run: a.Procedure.ID, Step: step.ID}, Name: d.Name, Rule: d.Rule, Owner: d.Owner,
			Start: a.Effective, Due: a.Effective, MetBy: d.MetBy, Lapses: d.Lapses,
		}
		done := map[string]bool{}
		settled := false
		for j := range v.Acts {
			b := &v.Acts[j]
			if b.Procedure == nil || b.Procedure.ID != a.Procedure.ID {
				continue
			}
			done[b.Procedure.Step] = true
			if s := p.Step(b.Procedure.Step); s != nil && s.Closes {
				settled = true
			}
			switch {
			case j < i && b.Procedure.Step == step.ID:
				run.Start, run.By = b.Effective, b.ID
			case j > i && slices.Contains(settles(p, b.Procedure.Step), d.Lapses):
				settled = true
			}
		}
		if !settled && !moot(p, d, func(id string) bool { return done[id] }) {
			out = append(out, run)
		}
	}
	slices.SortStableFunc(out, func(a, b protocol.Running) int { return int(max(-1, min(1, a.Due-b.Due))) })
	return out
}
