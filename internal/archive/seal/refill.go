package seal

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"sanad/internal/act"
)

// A refill makes at least leastRefill keys in one commit, and twice as many as the audience's last one, up to
// mostRefill: a busy audience soon pays one sync for thousands of keys, and a quiet one wastes few. Names are random, so that a large
// refill touches nearly every page of their index; of four times as many keys each touches a page less often, which is half of what
// a key costs.
const (
	leastRefill = 32
	mostRefill  = 2048
)

// busy is how many keys the last refill of an audience made whose next one is begun before the pool is dry: when a quarter is left.
const busy = 128

// each is how many random bytes a new key takes: its name, itself, and the nonce it is wrapped with.
const each = 16 + keySize + nonceSize

// blank is a key that belongs to nothing yet.
type blank struct {
	id  act.ID
	key Key
}

// refill is new keys on their way into the store.
type refill struct {
	random []byte // drawn when it was begun: the order of draws is that of the calls, however long the store takes
	set    []act.ID
	err    error
	ended  chan struct{}
}

// fill makes sure that a pool has n blanks. Where few will be left, the next are made while these are being used.
func (k *Keeper) fill(ctx context.Context, aud Audience, p *pool, n int) error {
	for len(p.blanks) < n {
		err := ctx.Err()
		if err != nil {
			return fmt.Errorf("take keys: %w", err)
		}
		ours := p.next == nil
		if ours {
			err = k.begin(ctx, aud, p, max(n, leastRefill, min(2*p.last, mostRefill)))
			if err != nil {
				return err
			}
		}
		err = p.wait(ctx)
		if err != nil && (ours || ctx.Err() != nil) { // what hindered it earlier may hinder it no more
			return err
		}
	}
	if p.next == nil && p.last >= busy && len(p.blanks)-n < min(p.last, mostRefill)/4 {
		return k.begin(ctx, aud, p, min(2*p.last, mostRefill))
	}
	return nil
}

// begin draws n new keys and has them committed. It returns once they are drawn.
func (k *Keeper) begin(ctx context.Context, aud Audience, p *pool, n int) error {
	r := &refill{random: make([]byte, n*each), ended: make(chan struct{})}
	err := k.dice.draw(r.random)
	if err != nil {
		return err
	}
	p.next, k.pools[aud.ID] = r, p
	ctx = context.WithoutCancel(ctx) // whoever asked first may be gone when another needs them
	go func() {
		defer close(r.ended)
		r.err = k.store.update(ctx, func(tx *sql.Tx) error { return k.keepNew(ctx, tx, aud, r) })
	}()
	return nil
}

// wait makes blanks of the keys that are on their way once they are committed. It returns what hindered that.
func (p *pool) wait(ctx context.Context) error {
	r := p.next
	select {
	case <-r.ended:
	case <-ctx.Done():
		return fmt.Errorf("take keys: %w", ctx.Err()) // they are there for the next who asks
	}
	defer clear(r.random)
	p.next = nil
	if r.err != nil {
		return r.err
	}
	n := len(r.random) / each
	p.set, p.last = r.set, n
	p.blanks = slices.Grow(p.blanks, n)
	for one := range slices.Chunk(r.random, each) {
		p.blanks = append(p.blanks, blank{act.ID(one[:16]), Key(one[16 : 16+keySize])})
	}
	return nil
}

// forget waits for what is under way and overwrites the blanks.
func (p *pool) forget() {
	if p.next != nil {
		<-p.next.ended
		clear(p.next.random)
	}
	clear(p.blanks)
}

// rowsTogether is how many new keys go into one statement.
const rowsTogether = 32

// keepNew writes new keys, wrapped.
func (k *Keeper) keepNew(ctx context.Context, tx *sql.Tx, aud Audience, r *refill) error {
	set, err := register(ctx, tx, aud)
	if err != nil {
		return err
	}
	r.set = slices.Clone(set)
	// Read under the write lock: a rotation that comes later finds these keys, one that came before is obeyed.
	versions, err := newestOf(ctx, tx, set)
	if err != nil {
		return err
	}
	kek, err := k.kek(ctx, tx, aud.ID, set, versions)
	if err != nil {
		return err
	}
	many, err := tx.PrepareContext(ctx, insertKeys(rowsTogether))
	if err != nil {
		return fmt.Errorf("keep new keys: %w", err)
	}
	defer func() { _ = many.Close() }()
	args := make([]any, 0, 3*rowsTogether)
	keys := slices.Collect(slices.Chunk(r.random, each))
	slices.SortFunc(keys, func(a, b []byte) int { return bytes.Compare(a[:16], b[:16]) }) // by name: each page of the index is come to once
	for some := range slices.Chunk(keys, rowsTogether) {
		args = args[:0]
		for _, one := range some {
			wrapped := wrapKey(kek, aud.ID, act.ID(one[:16]), versions, one[16+keySize:], one[16:16+keySize])
			args = append(args, one[:16], aud.ID[:], wrapped)
		}
		if len(some) == rowsTogether {
			_, err = many.ExecContext(ctx, args...)
		} else {
			_, err = tx.ExecContext(ctx, insertKeys(len(some)), args...)
		}
		if err != nil {
			return fmt.Errorf("keep new keys: %w", err)
		}
	}
	return nil
}

func insertKeys(n int) string {
	return "INSERT INTO key (id, audience, wrapped) VALUES (?, ?, ?)" + strings.Repeat(", (?, ?, ?)", n-1)
}
