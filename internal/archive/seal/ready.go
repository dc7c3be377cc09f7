package seal

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"sanad/internal/act"
)

// Ready reads keys that are about to be put to a use, set-wise, so that none of them is read by itself: a look-up in the store costs ten
// times what opening the key does. One that does not exist, was destroyed or can't be opened is left out: who uses it hears of that.
// More of them than are remembered at a time, a few thousand, are of no use.
func (k *Keeper) Ready(ctx context.Context, ids []act.ID, use Use) error {
	var missing []any
	var epoch uint64
	for i := range ids {
		m, now, known, err := recall(k.mem, &k.mem.keys, ids[i])
		if err != nil {
			return err
		}
		if known && m.use&use != 0 {
			continue
		}
		if len(missing) == 0 || now < epoch {
			epoch = now // the oldest: what was read before something was erased is not kept
		}
		missing = append(missing, ids[i][:])
	}
	for some := range slices.Chunk(missing, mostAsked) {
		err := k.readSome(ctx, some, epoch, use)
		if err != nil {
			return err
		}
	}
	return nil
}

// mostAsked is how many keys are read in one statement.
const mostAsked = 512

// readSome reads keys in one statement and remembers them under an epoch.
func (k *Keeper) readSome(ctx context.Context, ids []any, epoch uint64, use Use) error {
	sets := map[act.ID][]act.ID{}
	return k.store.view(ctx, func(tx *sql.Tx) error {
		rows, err := wrappedKeys(ctx, tx, ids)
		if err != nil {
			return fmt.Errorf("read the key store: %w", err)
		}
		for i := range rows {
			r := &rows[i]
			set, known := sets[r.audience]
			if !known {
				set, err = registered(ctx, tx, r.audience)
				if err != nil {
					return err
				}
				sets[r.audience] = set
			}
			m, err := k.open(ctx, tx, r, set, use)
			if err == nil {
				keep(k.mem, &k.mem.keys, r.id, m, epoch)
			}
		}
		return nil
	})
}

// wrappedKey is a key as it lies in the store.
type wrappedKey struct {
	id, audience act.ID
	wrapped      []byte
}

// wrappedKeys reads those keys that are there and not destroyed.
func wrappedKeys(ctx context.Context, tx *sql.Tx, ids []any) ([]wrappedKey, error) {
	rows, err := tx.QueryContext(ctx, "SELECT id, audience, wrapped FROM key WHERE id IN (?"+strings.Repeat(",?", len(ids)-1)+")", ids...) //nolint:gosec // G202: only question marks are joined
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // rows.Err is what tells
	out := make([]wrappedKey, 0, len(ids))
	for rows.Next() {
		var id, audience sql.RawBytes
		var wrapped []byte
		err = rows.Scan(&id, &audience, &wrapped)
		if err != nil {
			return nil, err
		}
		if len(id) != len(act.ID{}) || len(audience) != len(act.ID{}) {
			return nil, fmt.Errorf("an identifier of %d or %d bytes", len(id), len(audience))
		}
		if !isDestroyed(wrapped) {
			out = append(out, wrappedKey{act.ID(id), act.ID(audience), wrapped})
		}
	}
	return out, rows.Err()
}

// open unwraps a key of an audience of those compartments, for a use.
func (k *Keeper) open(ctx context.Context, tx *sql.Tx, r *wrappedKey, set []act.ID, use Use) (m material, err error) {
	versions, err := versionsOf(r.wrapped, len(set))
	if err != nil {
		return m, err
	}
	kek, err := k.kek(ctx, tx, r.audience, set, versions)
	if err != nil {
		return m, err
	}
	key, err := unwrapKey(kek, r.audience, r.id, versions, r.wrapped)
	if err != nil {
		return m, err
	}
	defer clear(key[:])
	return newMaterial(r.audience, set, &key, use)
}
