package clerk

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"sanad/internal/act"
	"sanad/internal/law/protocol"
)

// elsewhere reports whether an act is for another file than the command's.
func (w *work) elsewhere(a *act.Act) bool { return !a.In.IsZero() && a.In != w.cmd.File }

// follow records an act that a desk's decision adds in another file. Whoever does the first act needs no right there: that it
// follows is the desk's word, and who reads it is what the house says for its kind.
func (w *work) follow(ctx context.Context, a *act.Act, law string) error {
	rule, ok := w.p.c.Plain[a.Kind]
	if !ok {
		return fmt.Errorf("the desk put %s in another file, and nothing says who may read it there", a.Kind)
	}
	f, err := w.p.file(ctx, a.In)
	if err != nil {
		return err
	}
	if f.state.Acts == 0 {
		return notFound()
	}
	aud, err := w.p.intern(ctx, append(slices.Clone(rule.Compartments), a.Add...))
	if err != nil {
		return err
	}
	w.remember(f, nil)
	env := w.envelope(f, a, law)
	if len(w.acts) > 0 { // it cites what it follows from, where its readers may know of that
		from := w.acts[0].env
		if from.Audience == aud.ID || w.p.c.Book.Reads(aud.ID, from.Audience) {
			w.p.where[from.ID] = from.Audience
			env.Cites = merge(env.Cites, []act.ID{from.ID})
		}
	}
	return w.record(ctx, f, env, aud, a.Body)
}

// before is a file as it was before a command.
type before struct {
	state []byte
	tails []tail
}

// remember keeps a file's state before the first of several acts, which could leave it half done. acts are those of the command;
// nil where it is known that they are several.
func (w *work) remember(f *file, acts []act.Act) {
	if len(acts) == 1 || w.back[f] != nil {
		return
	}
	if w.back == nil {
		w.back = map[*file]*before{}
	}
	w.back[f] = &before{f.state.AppendBinary(nil), slices.Clone(f.tails)}
}

// undo gives every file the state it had before the command, and returns err.
func (w *work) undo(err error) error {
	for f, was := range w.back {
		st, perr := protocol.ParseState(was.state)
		if perr != nil {
			return errors.Join(err, perr)
		}
		f.state, f.tails = *st, was.tails
	}
	return err
}
