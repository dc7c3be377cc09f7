package clerk

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"sanad/internal/act"
	"sanad/internal/archive/ledger"
	"sanad/internal/archive/seal"
	"sanad/internal/archive/store"
	"sanad/internal/archive/timer"
	"sanad/internal/law/protocol"
	"sanad/internal/office/access"
)

// View is a file as one mandate sees it at one moment.
type View struct {
	File    act.ID
	Sort    string
	Acts    []Recorded
	Moves   []protocol.Move
	Running []protocol.Running
	// Migrations are the other versions that procedures of the file could go on under, as far as the mandate sees; Lost are
	// procedures whose version the law no longer holds.
	Migrations []protocol.Migration
	Lost       []protocol.Lost
	Seen       int64 // what a command decided on this view gives as Command.Seen
	At         act.Instant
}

// View reads a file for a mandate: the acts it may read, and what may be done now. A file none of whose acts it may read
// does not exist for it.
func (c *Clerk) View(ctx context.Context, mandate, file act.ID) (*View, error) {
	at := act.InstantOf(c.Clock())
	var v *View
	err := c.DB.Read(ctx, func(tx *store.Tx) error {
		who, err := c.Book.Mandate(ctx, tx, mandate)
		if errors.Is(err, access.ErrUnknownMandate) || err == nil && (at < who.Starts || at >= who.Ends) {
			return forbidden()
		}
		if err != nil {
			return err
		}
		v, err = c.viewIn(ctx, tx, who, file, at)
		if err == nil && v == nil {
			return notFound()
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return v, nil
}

// Opened is an act with its body.
type Opened struct {
	Recorded
	Body   []byte // nil when the act has none
	Erased bool   // the body's key was destroyed
}

// Open opens one act for a mandate that may read it.
func (c *Clerk) Open(ctx context.Context, mandate, id act.ID) (*Opened, error) {
	var o Opened
	err := c.DB.Read(ctx, func(tx *store.Tx) error {
		s, err := ledger.ByID(ctx, tx, c.names, id)
		if errors.Is(err, ledger.ErrNoAct) {
			return notFound()
		}
		if err != nil {
			return err
		}
		may, err := c.Book.May(ctx, tx, mandate, s.Audience)
		if err != nil {
			return err
		}
		if !may {
			return notFound()
		}
		o.Seq = s.Seq
		var salt [32]byte
		o.Envelope, salt, o.Body, err = c.open(ctx, tx, s)
		_ = salt
		if errors.Is(err, seal.ErrDestroyed) {
			o.Erased = true
			return nil
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return &o, nil
}

func (c *Clerk) open(ctx context.Context, tx *store.Tx, s *ledger.Stored) (env *act.Envelope, salt [32]byte, body []byte, err error) {
	env, err = act.Decode(s.Envelope)
	if err != nil {
		return nil, salt, nil, fmt.Errorf("act %d: %w", s.Seq, err)
	}
	if env.Key.IsZero() {
		return env, salt, nil, nil
	}
	aud, err := c.Book.Audience(ctx, tx, s.Audience)
	if err != nil {
		return env, salt, nil, err
	}
	salt, body, err = c.Keeper.OpenBody(ctx, aud, env.Key, env.ID[:], s.Body)
	return env, salt, body, err
}

// Tick records what lapsed by legal time, and returns how many acts that were. Any number of processes may tick: a lapse is
// recorded once.
func (c *Clerk) Tick(ctx context.Context) (int, error) {
	const together = 128
	lapsed := 0
	var done int64 = -1
	for {
		var files []act.ID
		err := c.DB.Read(ctx, func(tx *store.Tx) error {
			head, err := ledger.ReadHead(ctx, tx)
			if err != nil {
				return err
			}
			now := max(act.InstantOf(c.Clock()), head.Recorded)
			files, err = timer.Due(ctx, tx, now, together)
			return err
		})
		if errors.Is(err, sql.ErrNoRows) || err == nil && len(files) == 0 {
			return lapsed, nil
		}
		if err != nil {
			return lapsed, err
		}
		n, err := c.lapseAll(ctx, files)
		lapsed += n
		if err != nil {
			return lapsed, err
		}
		if int64(n) == 0 && done == 0 {
			return lapsed, nil // timers that fire nothing twice in a row are left for the next tick
		}
		done = int64(n)
	}
}

// lapseAll asks for the lapses of some files, in their order: the same clocks lapse in the same order everywhere.
func (c *Clerk) lapseAll(ctx context.Context, files []act.ID) (int, error) {
	cmds := make([]Command, len(files))
	for i, f := range files {
		cmds[i] = Command{File: f, Kind: act.DeadlineLapsed}
	}
	lapsed := 0
	var errs error
	for _, r := range c.DoAll(ctx, cmds) {
		if r.Err != nil {
			errs = errors.Join(errs, r.Err)
			continue
		}
		lapsed += len(r.Out.Acts)
	}
	return lapsed, errs
}
