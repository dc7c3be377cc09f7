package clerk

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"sanad/internal/act"
	"sanad/internal/archive/ledger"
	"sanad/internal/archive/seal"
	"sanad/internal/archive/store"
	"sanad/internal/law/protocol"
)

// course reads what the procedure of a command did so far, every act of it whoever may read it, the oldest first: nobody says of a
// decision how it stands without what became of it. Nil where the kind is none of Config.Course.
func (c *Clerk) course(ctx context.Context, tx *store.Tx, s *protocol.State, cmd *Command, kind string) ([]Recorded, error) {
	if !slices.Contains(c.Course, kind) || cmd.Procedure.IsZero() {
		return nil, nil
	}
	var out []Recorded
	for i := range s.Threads {
		list, err := ledger.OfThread(ctx, tx, s.File, s.Threads[i].Audience)
		if err != nil {
			return nil, fmt.Errorf("read what a procedure did: %w", err)
		}
		for _, x := range list {
			env, err := act.Decode(x.Envelope)
			if err != nil {
				return nil, fmt.Errorf("act %d: %w", x.Seq, err)
			}
			if ofRun(env, cmd.Procedure) {
				out = append(out, Recorded{Seq: x.Seq, Envelope: env})
			}
		}
	}
	slices.SortFunc(out, func(a, b Recorded) int { return int(a.Seq - b.Seq) })
	return out, nil
}

func ofRun(env *act.Envelope, run act.ID) bool {
	return env.Procedure != nil && env.Procedure.ID == run
}

// course is Clerk.course with what this very commit did, of which some may be in the log already.
func (w *work) course(ctx context.Context, kind string) ([]Recorded, error) {
	out, err := w.p.c.course(ctx, w.p.tx.take(), &w.f.state, w.cmd, kind)
	if err != nil || !slices.Contains(w.p.c.Course, kind) {
		return nil, err
	}
	out = slices.DeleteFunc(out, func(a Recorded) bool { return w.p.ofCommit(a.Envelope.ID) != nil })
	for _, a := range w.p.acts {
		if a.File == w.cmd.File && ofRun(a.Envelope, w.cmd.Procedure) {
			out = append(out, a)
		}
	}
	return out, nil
}

// cited opens what the files hold that a command cites acts of, the files in the order of the citations, as far as its author may
// read them: what somebody cites is counted there and not where it was typed. Only files of the sort that Config.Cited names for the
// kind are opened. An act that the author may not read is answered as one that does not exist.
func (w *work) cited(ctx context.Context, kind string) ([]Opened, error) {
	sort, counts := w.p.c.Cited[kind]
	if !counts {
		return nil, nil
	}
	var out []Opened
	var seen []act.ID
	for _, id := range w.cmd.Act.Cites {
		file, err := w.fileOf(ctx, id)
		if err != nil {
			return nil, err
		}
		if slices.Contains(seen, file) {
			continue
		}
		seen = append(seen, file)
		f, err := w.p.file(ctx, file)
		if err != nil {
			return nil, err
		}
		if f.state.Sort != sort {
			continue
		}
		all, err := w.readable(ctx, file)
		if err != nil {
			return nil, err
		}
		out = append(out, all...)
	}
	return out, nil
}

// fileOf is the file of an act that the author of the command may read.
func (w *work) fileOf(ctx context.Context, id act.ID) (act.ID, error) {
	where, err := w.p.audienceOf(ctx, w.f, id)
	if errors.Is(err, errNoAct) {
		return act.ID{}, invalid("error.cites_unknown")
	}
	if err != nil {
		return act.ID{}, err
	}
	may, err := w.p.may(ctx, w.who.ID, where)
	if err != nil {
		return act.ID{}, err
	}
	if !may {
		return act.ID{}, invalid("error.cites_unknown")
	}
	for i := range w.p.acts {
		if w.p.acts[i].ID == id {
			return w.p.acts[i].File, nil
		}
	}
	s, err := ledger.ByID(ctx, w.p.tx.take(), w.p.c.names, id)
	if err != nil {
		return act.ID{}, fmt.Errorf("read a cited act: %w", err)
	}
	return s.File, nil
}

// readable opens the acts of a file that the author of the command may read, in their order.
func (w *work) readable(ctx context.Context, file act.ID) ([]Opened, error) {
	list, err := ledger.OfFile(ctx, w.p.tx.take(), file, w.who.ID)
	if err != nil {
		return nil, fmt.Errorf("read a cited file: %w", err)
	}
	var out []Opened
	for _, s := range list {
		if w.p.ofCommit(s.ID) != nil {
			continue // it follows
		}
		o := Opened{Recorded: Recorded{Seq: s.Seq}}
		o.Envelope, _, o.Body, err = w.p.c.open(ctx, w.p.tx.take(), s)
		if errors.Is(err, seal.ErrDestroyed) {
			o.Erased, err = true, nil
		}
		if err != nil {
			return nil, err
		}
		out = append(out, o)
	}
	for i := range w.p.acts {
		a := &w.p.acts[i]
		if a.File != file {
			continue
		}
		may, err := w.p.may(ctx, w.who.ID, a.Audience)
		if err != nil {
			return nil, err
		}
		if o := w.p.ofCommit(a.ID); may && o != nil {
			out = append(out, *o)
		}
	}
	return out, nil
}
