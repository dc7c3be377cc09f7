package clerk

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"sanad/internal/act"
	"sanad/internal/archive/ledger"
	"sanad/internal/archive/proof"
	"sanad/internal/archive/seal"
	"sanad/internal/archive/store"
	"sanad/internal/kit/fault"
	"sanad/internal/office/access"
)

// OpenPublic opens an act that everyone may read, for whoever has no mandate. Any other act is not found.
func (c *Clerk) OpenPublic(ctx context.Context, id act.ID) (*Opened, error) {
	all, err := c.OpenPublicAll(ctx, []act.ID{id})
	if err != nil {
		return nil, err
	}
	if all[id] == nil {
		return nil, notFound()
	}
	return all[id], nil
}

// OpenPublicAll opens those of some acts that everyone may read. What it does not return is hidden, or does not exist.
func (c *Clerk) OpenPublicAll(ctx context.Context, ids []act.ID) (map[act.ID]*Opened, error) {
	out := make(map[act.ID]*Opened, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	err := c.DB.Read(ctx, func(tx *store.Tx) error {
		public, err := c.Book.Lookup(ctx, tx, []string{access.Public})
		if err != nil {
			return err
		}
		stored, err := ledger.ByIDs(ctx, tx, c.names, ids)
		if err != nil {
			return err
		}
		for _, s := range stored {
			if s.Audience != public {
				continue
			}
			o := &Opened{}
			o.Seq = s.Seq
			o.Envelope, _, o.Body, err = c.open(ctx, tx, s)
			if errors.Is(err, seal.ErrDestroyed) {
				o.Erased, err = true, nil
			}
			if err != nil {
				return err
			}
			out[s.ID] = o
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Thread writes out what everyone may read of a file, each act with its proof against the newest checkpoint; acts that no
// checkpoint covers yet are not in it. A file that shows nothing is not found; unavailable while there is no checkpoint.
func (c *Clerk) Thread(ctx context.Context, file act.ID) (*proof.Dump, error) {
	var d *proof.Dump
	err := c.DB.Read(ctx, func(tx *store.Tx) error {
		public, err := c.Book.Lookup(ctx, tx, []string{access.Public})
		if err != nil {
			return err
		}
		stored, err := ledger.OfThread(ctx, tx, file, public)
		if err != nil {
			return err
		}
		if len(stored) == 0 {
			return notFound()
		}
		cp, err := ledger.LastCheckpoint(ctx, tx)
		if err != nil {
			return err
		}
		if cp == nil {
			return fault.Unavailable.New("error.unavailable").Because(errors.New("there is no checkpoint yet"))
		}
		d, err = c.dump(ctx, tx, stored, cp)
		return err
	})
	if err != nil {
		return nil, err
	}
	return d, nil
}

// dump opens the acts of one thread that a checkpoint covers.
func (c *Clerk) dump(ctx context.Context, tx *store.Tx, thread []*ledger.Stored, cp *ledger.Checkpoint) (*proof.Dump, error) {
	head, err := ledger.ReadHead(ctx, tx)
	if err != nil {
		return nil, err
	}
	aud, err := c.Book.Audience(ctx, tx, thread[0].Audience)
	if err != nil {
		return nil, err
	}
	d := &proof.Dump{Checkpoint: cp.Note}
	hashes := ledger.HashesIn(ctx, tx)
	var prev proof.Sum
	for _, s := range thread {
		if s.Seq >= cp.Size {
			break
		}
		env, salt, body, err := c.open(ctx, tx, s)
		if err != nil && !errors.Is(err, seal.ErrDestroyed) {
			return nil, err
		}
		key, err := c.Keeper.LinkKey(ctx, aud, env.Thread)
		if err != nil {
			return nil, fmt.Errorf("open the thread's key: %w", err)
		}
		path, err := tlog.ProveRecord(cp.Size, s.Seq, hashes)
		if err != nil {
			return nil, fmt.Errorf("prove act %d: %w", s.Seq, err)
		}
		leaf := s.Leaf(head.Origin)
		a := proof.DumpAct{Index: s.Seq, Path: make([][]byte, len(path)), Opening: *opened(s, &leaf, key, prev, salt, body)}
		for i := range path {
			a.Path[i] = path[i][:]
		}
		d.Acts = append(d.Acts, a)
		prev = leaf.Hash()
	}
	return d, nil
}
