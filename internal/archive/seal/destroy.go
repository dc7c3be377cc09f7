package seal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"sanad/internal/act"
)

// isDestroyed reports a wrapped key that was overwritten.
func isDestroyed(wrapped []byte) bool { return len(wrapped) > 0 && wrapped[0] == 0 }

// Destroy erases keys for good. When it returns nil their bytes are gone from the store and its log, on the disc,
// and no process on the folder opens anything more with them. An identifier the store never had is marked
// destroyed too, so that a store restored from before can be told again; calling twice does no harm. It erases
// just what is named: whether a link key may go is for the caller to know. On ErrStillRead call again.
func (k *Keeper) Destroy(ctx context.Context, ids ...act.ID) error {
	for _, id := range ids {
		if id.IsZero() {
			return errors.New("destroy a key: an identifier is empty, name the key")
		}
	}
	if len(ids) == 0 {
		return nil
	}
	err := k.store.update(ctx, func(tx *sql.Tx) error {
		for _, id := range ids {
			err := overwrite(ctx, tx, id)
			if err != nil {
				return fmt.Errorf("destroy key %s: %w", id, err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return k.erased(ctx)
}

// overwrite puts zeros in place of a key: a row of the same length stays in its page. An unknown key gets a row
// of zeros.
func overwrite(ctx context.Context, tx *sql.Tx, id act.ID) error {
	done, err := tx.ExecContext(ctx, "UPDATE key SET audience = zeroblob(16), wrapped = zeroblob(length(wrapped)) WHERE id = ?", id[:])
	if err != nil {
		return err
	}
	n, err := done.RowsAffected()
	if err != nil || n > 0 {
		return err
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO key (id, audience, wrapped) VALUES (?, zeroblob(16), zeroblob(1))", id[:])
	return err
}

// erased makes a committed erasure complete: every process forgets, whatever happens to the log after that, and
// the log is cut. A caller that gave up waiting does not stop it half way.
func (k *Keeper) erased(ctx context.Context) error {
	err := k.mem.bump()
	if err != nil {
		return err
	}
	return k.store.cut(context.WithoutCancel(ctx))
}

// Destroyed reports whether a key was destroyed; ErrUnknownKey when the store never had it.
func (k *Keeper) Destroyed(ctx context.Context, id act.ID) (bool, error) {
	err := k.store.view(ctx, func(tx *sql.Tx) error {
		_, _, err := row(ctx, tx, id)
		return err
	})
	if errors.Is(err, ErrDestroyed) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("key %s: %w", id, err)
	}
	return false, nil
}
