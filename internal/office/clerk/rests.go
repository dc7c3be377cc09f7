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

// Rest names the acts of a file that an act of a kind carries out, so that its desk can hold it against what they say: a letter
// says what was decided and nothing else. It is asked of the whole file, and does no I/O. Whoever was granted the step need not be
// able to read those acts: who passes an order on learns what it orders, and nothing of why. What of them reaches that person is
// for the desk to bound.
type Rest func(state *protocol.State, cmd *Command) []act.ID

// rest opens what the act at work carries out and what it counts, after the engine has granted its step and before its desk decides.
func (w *work) rest(ctx context.Context, kind string) (err error) {
	w.cmd.Rests = nil
	if name := w.p.c.Rests[kind]; name != nil {
		w.cmd.Rests, err = w.p.c.opened(ctx, w.p.tx.take(), w.p.ofCommit, w.cmd.File, name(&w.f.state, w.cmd))
		if err != nil {
			return err
		}
	}
	w.cmd.Course, err = w.course(ctx, kind)
	if err != nil {
		return err
	}
	w.cmd.Cited, err = w.cited(ctx, kind)
	return err
}

// ofCommit is an act of this very commit, which is not in the log yet; nil for any other.
func (p *pass) ofCommit(id act.ID) *Opened {
	for i, w := range p.decided {
		if w.env.ID == id {
			return &Opened{Recorded: p.acts[i], Body: w.body}
		}
	}
	return nil
}

// opened opens acts of a file, in their order. An act of another file is none of them, unless it is of the file that stands for all.
func (c *Clerk) opened(ctx context.Context, tx *store.Tx, known func(act.ID) *Opened, file act.ID, ids []act.ID) ([]Opened, error) {
	var out []Opened
	for _, id := range ids {
		o := known(id)
		if o == nil {
			s, err := ledger.ByID(ctx, tx, c.names, id)
			if errors.Is(err, ledger.ErrNoAct) {
				return nil, invalid("error.cites_unknown")
			}
			if err != nil {
				return nil, fmt.Errorf("read what an act rests on: %w", err)
			}
			o = &Opened{Recorded: Recorded{Seq: s.Seq}}
			o.Envelope, _, o.Body, err = c.open(ctx, tx, s)
			if errors.Is(err, seal.ErrDestroyed) {
				o.Erased, err = true, nil
			}
			if err != nil {
				return nil, err
			}
		}
		if o.File != file && (c.Standing == nil || o.File != c.Standing()) {
			return nil, invalid("error.cites_unknown")
		}
		out = append(out, *o)
	}
	return out, nil
}

// Resting is what Ask is, with what the command's act would carry out and what its procedure did: for a form to show, and for a
// preview. It returns the command as its desk would be asked.
func (c *Clerk) Resting(ctx context.Context, cmd *Command) (*Command, error) {
	grant, err := c.Ask(ctx, cmd)
	if err != nil {
		return nil, err
	}
	asked := *cmd
	asked.Grant = grant
	name := c.Rests[grant.Kind]
	if name == nil && !slices.Contains(c.Course, grant.Kind) {
		return &asked, nil
	}
	err = c.DB.Read(ctx, func(tx *store.Tx) error {
		states, err := States(ctx, tx, []act.ID{cmd.File})
		if err != nil || states[cmd.File] == nil {
			return err
		}
		asked.Course, err = c.course(ctx, tx, states[cmd.File], cmd, grant.Kind)
		if err != nil || name == nil {
			return err
		}
		asked.Rests, err = c.opened(ctx, tx, func(act.ID) *Opened { return nil }, cmd.File, name(states[cmd.File], &asked))
		return err
	})
	return &asked, err
}
