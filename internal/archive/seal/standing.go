package seal

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"sanad/internal/act"
)

// Undestroyed returns which of many keys the store holds and were not destroyed yet, in the order asked, in statements of some
// hundred: every start asks it of all that was ever destroyed. What the store never had is left out; it opens no key.
func (k *Keeper) Undestroyed(ctx context.Context, ids []act.ID) ([]act.ID, error) {
	there := map[act.ID]bool{}
	for some := range slices.Chunk(ids, mostAsked) {
		args := make([]any, len(some))
		for i := range some {
			args[i] = some[i][:]
		}
		err := k.store.view(ctx, func(tx *sql.Tx) error {
			rows, err := wrappedKeys(ctx, tx, args)
			if err != nil {
				return fmt.Errorf("read the key store: %w", err)
			}
			for i := range rows {
				there[rows[i].id] = true
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	var out []act.ID
	for _, id := range ids {
		if there[id] {
			out = append(out, id)
			delete(there, id) // one asked twice is answered once
		}
	}
	return out, nil
}

// Erased returns a number that moves whenever a process on the folder erases something: what was opened before it moved may have
// been erased since. The number itself means nothing. It is ErrClosed after Close.
func (k *Keeper) Erased() (uint64, error) {
	k.mem.mu.RLock()
	defer k.mem.mu.RUnlock()
	if k.mem.epoch == nil {
		return 0, ErrClosed
	}
	return k.mem.epoch.now()
}
