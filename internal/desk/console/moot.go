package console

import (
	"slices"

	"sanad/internal/act"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

// Unmet lists the clocks of a file that ran out and still ask for something, among the acts a mandate may read: those of runs that
// are open and in which nothing came after that settles them. The one that ran out first is first.
func Unmet(law *protocol.Engine, v *clerk.View) []protocol.Running {
	var out []protocol.Running
	now := versionsOf(v)
	for i := range v.Acts {
		a := &v.Acts[i]
		if a.Kind != act.DeadlineLapsed || a.Procedure == nil {
			continue
		}
		id, version := a.Procedure.Protocol, now[a.Procedure.ID]
		p := law.Protocol(id, version)
		if p == nil {
			continue
		}
		called := func(b *clerk.Recorded) string { return law.Names(id, b.Procedure.Version, version)(b.Procedure.Step) }
		step, d := p.Lapsing(called(a))
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
			did := called(b)
			done[did] = true
			if s := p.Step(did); s != nil && s.Closes {
				settled = true
			}
			switch {
			case j < i && did == step.ID:
				run.Start, run.By = b.Effective, b.ID
			case j > i && slices.Contains(p.Settles(did), d.Lapses):
				settled = true
			}
		}
		if !settled && !p.Moot(d, func(id string) bool { return done[id] }) {
			out = append(out, run)
		}
	}
	slices.SortStableFunc(out, func(a, b protocol.Running) int { return int(max(-1, min(1, a.Due-b.Due))) })
	return out
}

// versionsOf says under which version of its protocol each run of a file goes on, as its acts tell it.
func versionsOf(v *clerk.View) map[act.ID]int {
	out := map[act.ID]int{}
	for i := range v.Acts {
		a := &v.Acts[i]
		switch {
		case a.Kind == protocol.KindMigrated:
			run, _ := a.Facts.Get(protocol.FactRun)
			to, _ := a.Facts.Get(protocol.FactTo)
			if id, ok := run.ID(); ok {
				out[id] = int(to.Int())
			}
		case a.Procedure != nil:
			out[a.Procedure.ID] = a.Procedure.Version
		}
	}
	return out
}
