package notify

import (
	"context"
	"slices"

	"sanad/internal/act"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

// migrated finds the states of files in which a run was put under another version of its protocol.
func migrated(ctx context.Context, tx clerk.Tx, acts []clerk.Recorded) (map[act.ID]*protocol.State, error) {
	var files []act.ID
	for i := range acts {
		if acts[i].Kind == protocol.KindMigrated {
			files = append(files, acts[i].File)
		}
	}
	if len(files) == 0 {
		return nil, nil
	}
	return clerk.States(ctx, tx, files)
}

// owners are the roles that an act leaves something to do: whose clock it starts, whose clock it says has run out, and to whom passes
// what waits in a run that goes on under another version of its protocol. Of a file in which something was migrated st is the state.
func (p Projector) owners(e *act.Envelope, st *protocol.State) []string {
	if e.Kind == protocol.KindMigrated && st != nil {
		return p.heirs(e, st)
	}
	if e.Procedure == nil || len(e.Deadlines) == 0 && e.Kind != act.DeadlineLapsed {
		return nil
	}
	law := p.Engine.Protocol(e.Procedure.Protocol, e.Procedure.Version)
	if law == nil {
		return nil
	}
	var out roles
	if e.Kind == act.DeadlineLapsed {
		_, d := law.Lapsing(e.Procedure.Step)
		out.add(d)
	}
	for i := range e.Deadlines {
		out.add(law.Starts(e.Procedure.Step, e.Deadlines[i].Rule))
	}
	return out
}

// heirs are the roles that own what waits in a run, among those who read the act that migrates it, and did not own it under the
// version before.
func (p Projector) heirs(e *act.Envelope, st *protocol.State) []string {
	value := func(name string) act.Value {
		v, _ := e.Facts.Get(name)
		return v
	}
	run, _ := value(protocol.FactRun).ID()
	from, to := int(value(protocol.FactFrom).Int()), int(value(protocol.FactTo).Int())
	r := st.Run(run)
	if r == nil || r.Version != to { // in the same commit it went on to a third
		return nil
	}
	law, before := p.Engine.Protocol(r.Protocol, to), p.Engine.Protocol(r.Protocol, from)
	if law == nil {
		return nil
	}
	called := p.Engine.Names(r.Protocol, to, from)
	var out roles
	pass := func(d *protocol.Deadline) {
		if d != nil && !owned(before, called(d.Name), d.Owner) {
			out.add(d)
		}
	}
	for _, x := range p.Engine.Running(st) {
		if x.Place.Run == run && x.Audience == e.Audience {
			pass(law.Starts(x.Place.Step, x.Rule))
		}
	}
	for _, ev := range p.Engine.Unmet(r) {
		if st.Threads[ev.Thread].Audience == e.Audience {
			_, d := law.Lapsing(ev.Step)
			pass(d)
		}
	}
	return out
}

// owned reports whether a version of a protocol has a deadline of a name that is a role's. Of a version that the law has lost nobody
// knows who owned anything.
func owned(law *protocol.Protocol, name, role string) bool {
	return law != nil && slices.ContainsFunc(law.Steps, func(s protocol.Step) bool {
		return slices.ContainsFunc(s.Deadlines, func(d protocol.Deadline) bool { return d.Name == name && d.Owner == role })
	})
}

// roles are the owners of deadlines, each once.
type roles []string

func (r *roles) add(d *protocol.Deadline) {
	if d != nil && d.Owner != "" && !slices.Contains(*r, d.Owner) {
		*r = append(*r, d.Owner)
	}
}
