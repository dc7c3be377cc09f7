package clerk

import (
	"context"
	"errors"
	"fmt"

	"sanad/internal/act"
	"sanad/internal/archive/ledger"
	"sanad/internal/archive/store"
	"sanad/internal/office/access"
)

// RoleFounder is the role in which the first mandates of a log are granted. No pack can hold it: it exists in the log's
// first commit only.
const RoleFounder = "founder"

// Found starts a log under an origin and lets f record what it opens with, in one commit: the mandates without which
// nobody could record anything. It is the one time that acts are done in the name of a mandate nobody granted, and it
// is there for everyone to read. On a log that has acts it does nothing, and on one of another origin it fails: two servers
// that found one database at the same moment must not both go on. Call it before any command.
func (c *Clerk) Found(ctx context.Context, origin string, f func(founder act.ID, do func(Command) (*Done, error)) error) error {
	ctx = context.WithoutCancel(ctx)
	var p *pass
	err := c.DB.Write(ctx, func(tx *store.Tx) error {
		err := ledger.Found(ctx, tx, origin)
		if err != nil {
			return err
		}
		p, err = c.begin(ctx, tx, nil, false)
		if err != nil {
			return err
		}
		if p.head.Origin != origin {
			return fmt.Errorf("this database holds the log %s, not %s: use the folder that belongs to it", p.head.Origin, origin)
		}
		if p.head.Edge.Size() > 0 {
			return nil
		}
		id, err := act.NewID(c.Dice)
		if err != nil {
			return err
		}
		p.founder = &access.Mandate{ID: id, Person: id, Role: RoleFounder}
		err = f(id, func(cmd Command) (*Done, error) {
			cmd.Mandate = id
			return p.do(ctx, &cmd)
		})
		if err != nil {
			return fmt.Errorf("found the log: %w", err)
		}
		return p.flush(ctx)
	})
	c.settle(p, err)
	return err
}

// Door is for what changes no act and yet belongs in a transaction of the database: codes and sessions at the console's
// door. It is not a way to record anything.
func (c *Clerk) Door(ctx context.Context, f func(Tx) error) error {
	return c.DB.Write(ctx, func(tx *store.Tx) error { return f(tx) })
}

// Read runs f on the database as it is at one moment.
func (c *Clerk) Read(ctx context.Context, f func(Tx) error) error {
	return c.DB.Read(ctx, func(tx *store.Tx) error { return f(tx) })
}

// Head says how many acts there are and what the newest checkpoint is, nil when there is none yet.
func (c *Clerk) Head(ctx context.Context) (origin string, size int64, cp *ledger.Checkpoint, err error) {
	err = c.DB.Read(ctx, func(tx *store.Tx) error {
		head, err := ledger.ReadHead(ctx, tx)
		if errors.Is(err, ledger.ErrNoLog) {
			return nil
		}
		if err != nil {
			return err
		}
		origin, size = head.Origin, head.Edge.Size()
		cp, err = ledger.LastCheckpoint(ctx, tx)
		return err
	})
	return origin, size, cp, err
}
