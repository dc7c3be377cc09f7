package clerk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"sanad/internal/act"
	"sanad/internal/archive/ledger"
	"sanad/internal/archive/proof"
	"sanad/internal/archive/seal"
	"sanad/internal/archive/store"
)

// Receipt writes the proof of an act as soon as a published checkpoint covers it, waiting for one until ctx ends. Whoever calls
// it answers for handing the act's content to the person who gets the receipt.
func (c *Clerk) Receipt(ctx context.Context, id act.ID) ([]byte, error) {
	for {
		var one store.Result[[]byte]
		err := c.DB.Read(ctx, func(tx *store.Tx) error {
			all, err := c.receiptsIn(ctx, tx, []act.ID{id}, ledger.HashesIn(ctx, tx), nil)
			if err == nil {
				one = all[0]
			}
			return err
		})
		if err == nil {
			err = one.Err
		}
		if err != nil || one.Out != nil {
			return one.Out, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// ReceiptNow writes the proof of an act at once, for somebody who was a party to it: where no published checkpoint covers it, under
// one that is signed for those who ask at that moment and kept by them alone. It tells how long the log is just then, so it is not
// for what anybody may ask for: docs/decisions/0015-receipts-at-once.md.
func (c *Clerk) ReceiptNow(ctx context.Context, id act.ID) ([]byte, error) {
	if c.Signer == nil {
		return c.Receipt(ctx, id)
	}
	return c.receipts.Do(ctx, id)
}

// receiptsNow writes the receipts of those who ask together: one transaction, one signature.
func (c *Clerk) receiptsNow(ids []act.ID) []store.Result[[]byte] {
	ctx := context.Background() // what one of them does not wait for any more, the others do
	var all []store.Result[[]byte]
	err := c.DB.Read(ctx, func(tx *store.Tx) (err error) {
		defer caught(&err)
		c.hashes = ledger.HashesAfter(ctx, tx, c.hashes)
		all, err = c.receiptsIn(ctx, tx, ids, c.hashes, c.Signer)
		return err
	})
	if err == nil {
		return all
	}
	c.hashes = nil
	all = make([]store.Result[[]byte], len(ids))
	for i := range all {
		all[i].Err = err
	}
	return all
}

// receiptsIn writes the receipts of some acts, in their order, under the newest published checkpoint. An act that it does not cover
// gets its receipt under the state of the log that this transaction sees, signed; without a signer, none. The transaction has
// changed nothing, so what it sees is committed, and nothing else is ever signed.
func (c *Clerk) receiptsIn(ctx context.Context, tx *store.Tx, ids []act.ID, hashes *ledger.Hashes, signer note.Signer) ([]store.Result[[]byte], error) {
	stored, err := ledger.ByIDs(ctx, tx, c.names, ids)
	if err != nil {
		return nil, err
	}
	head, err := ledger.ReadHead(ctx, tx)
	if err != nil {
		return nil, err
	}
	cp, err := ledger.LastCheckpoint(ctx, tx)
	if err != nil {
		return nil, err
	}
	known := make(map[act.ID]*ledger.Stored, len(stored))
	for _, s := range stored {
		known[s.ID] = s
	}
	var now *ledger.Checkpoint
	out := make([]store.Result[[]byte], len(ids))
	for i, id := range ids {
		s, under := known[id], cp
		switch {
		case s == nil:
			out[i].Err = ledger.ErrNoAct
			continue
		case cp != nil && cp.Size > s.Seq:
		case signer == nil:
			continue
		default:
			if now == nil {
				now, err = ledger.SignHead(head, signer)
				if err != nil {
					return nil, err
				}
			}
			under = now
		}
		out[i].Out, out[i].Err = c.receipt(ctx, tx, s, head.Origin, under, hashes)
	}
	return out, nil
}

// receipt writes the proof of one act under a checkpoint that covers it.
func (c *Clerk) receipt(ctx context.Context, tx *store.Tx, s *ledger.Stored, origin string, cp *ledger.Checkpoint, hashes *ledger.Hashes) ([]byte, error) {
	o, err := c.opening(ctx, tx, s, origin)
	if err != nil {
		return nil, err
	}
	path, err := tlog.ProveRecord(cp.Size, s.Seq, hashes)
	if err != nil {
		return nil, fmt.Errorf("prove act %d: %w", s.Seq, err)
	}
	return proof.Receipt(*o, s.Seq, path, cp.Note)
}

// opening gathers what opens an act: its content, its salts, and its link.
func (c *Clerk) opening(ctx context.Context, tx *store.Tx, s *ledger.Stored, origin string) (*proof.Opening, error) {
	env, salt, body, err := c.open(ctx, tx, s)
	if err != nil && !errors.Is(err, seal.ErrDestroyed) {
		return nil, err
	}
	aud, err := c.Book.Audience(ctx, tx, s.Audience)
	if err != nil {
		return nil, err
	}
	key, err := c.Keeper.LinkKey(ctx, aud, env.Thread)
	if err != nil {
		return nil, fmt.Errorf("open the thread's key: %w", err)
	}
	prev, err := previous(ctx, tx, origin, env, s)
	if err != nil {
		return nil, err
	}
	leaf := s.Leaf(origin)
	return opened(s, &leaf, key, prev, salt, body), nil
}

// opened is the opening of an act whose parts were gathered; body is nil where it is not opened.
func opened(s *ledger.Stored, leaf *proof.Leaf, key seal.Key, prev, salt proof.Sum, body []byte) *proof.Opening {
	o := &proof.Opening{
		V: 1, Envelope: s.Envelope, Salt: s.Salt[:], BodySum: leaf.Body[:], SealedSum: leaf.Sealed[:],
		ThreadKey: key[:], PreviousAt: prev[:],
	}
	if body != nil {
		o.Body, o.BodySalt = body, salt[:]
	}
	return o
}

// previous is the leaf hash of the act before in the same thread.
func previous(ctx context.Context, tx *store.Tx, origin string, env *act.Envelope, s *ledger.Stored) (proof.Sum, error) {
	if env.Pos == 0 {
		return proof.Sum{}, nil
	}
	before, err := ledger.Previous(ctx, tx, s)
	if err != nil {
		return proof.Sum{}, fmt.Errorf("find the act before %d: %w", s.Seq, err)
	}
	leaf := before.Leaf(origin)
	return leaf.Hash(), nil
}
