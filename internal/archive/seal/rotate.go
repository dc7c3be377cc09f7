package seal

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"sanad/internal/act"
)

// Rotate gives a compartment a new key, wraps every key of every audience that has the compartment anew, and
// erases the old one. Bodies and blobs are not touched. Both versions stay until the last key is
// re-wrapped, batch by batch, while other processes go on working; so it may be interrupted anywhere. Called
// again after that it finishes the rotation it had begun and begins no other (see Unfinished).
//
// It defends against a leaked compartment key, not against a leaked copy of the whole store with its root.
func (k *Keeper) Rotate(ctx context.Context, compartment act.ID) error {
	target, err := k.beginRotation(ctx, compartment)
	if err != nil {
		return fmt.Errorf("rotate compartment %s: %w", compartment, err)
	}
	sets := map[act.ID][]act.ID{}
	for after, more := int64(0), true; more; {
		err = ctx.Err()
		if err != nil {
			return fmt.Errorf("rotate compartment %s: interrupted, call again to finish: %w", compartment, err)
		}
		err = k.store.update(ctx, func(tx *sql.Tx) error {
			after, more, err = k.rewrap(ctx, tx, edition{compartment, target}, after, sets)
			return err
		})
		if err != nil {
			return fmt.Errorf("rotate compartment %s: both keys are kept, call again to finish: %w", compartment, err)
		}
	}
	err = k.endRotation(ctx, edition{compartment, target})
	if err != nil {
		return fmt.Errorf("rotate compartment %s: call again to finish: %w", compartment, err)
	}
	return nil
}

// Unfinished returns the compartments whose rotation was interrupted: call Rotate for each.
func (k *Keeper) Unfinished(ctx context.Context) (ids []act.ID, err error) {
	err = k.store.view(ctx, func(tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, "SELECT compartment FROM rotation ORDER BY compartment")
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var id []byte
			err = rows.Scan(&id)
			if err != nil {
				return err
			}
			ids = append(ids, act.ID(id))
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("read unfinished rotations: %w", err)
	}
	return ids, nil
}

// beginRotation returns the version to go to: that of a rotation already begun, or a new one.
func (k *Keeper) beginRotation(ctx context.Context, id act.ID) (target uint32, err error) {
	var now uint32
	begun := func(tx *sql.Tx) error {
		now, err = newest(ctx, tx, id)
		if err != nil {
			return err
		}
		err = tx.QueryRowContext(ctx, "SELECT target FROM rotation WHERE compartment = ?", id[:]).Scan(&target)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		return nil
	}
	err = k.store.view(ctx, begun)
	if err != nil || target != 0 {
		return target, err
	}
	next := edition{id, now + 1}
	wrapped, err := k.newEdition(ctx, next)
	if err != nil {
		return 0, err
	}
	err = k.store.update(ctx, func(tx *sql.Tx) error {
		err := begun(tx)
		if err != nil || target != 0 {
			return err
		}
		if now+1 != next.version {
			return errors.New("another process rotated it meanwhile, call again if once is not enough")
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO compartment (id, version, wrapped) VALUES (?, ?, ?)", id[:], next.version, wrapped)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO rotation (compartment, target) VALUES (?, ?)", id[:], next.version)
		target = next.version
		return err
	})
	return target, err
}

// stale is a key to be wrapped anew.
type stale struct {
	seq               int64
	id, audience      act.ID
	versions, wrapped []byte
}

// rewrap wraps anew the keys among the next batch of rows that still hang on an older version than to, and
// returns the last row it saw. No key can come to hang on an older version behind its back: those that are new
// are wrapped under the newest versions, read under the write lock.
func (k *Keeper) rewrap(ctx context.Context, tx *sql.Tx, to edition, after int64, sets map[act.ID][]act.ID) (int64, bool, error) {
	keys, err := k.nextBatch(ctx, tx, after)
	if err != nil || len(keys) == 0 {
		return after, false, err
	}
	after = keys[len(keys)-1].seq
	for _, s := range keys {
		if isDestroyed(s.wrapped) {
			continue
		}
		set, ok := sets[s.audience]
		if !ok {
			set, err = registered(ctx, tx, s.audience)
			if err != nil {
				return after, false, err
			}
			sets[s.audience] = set
		}
		s.versions, err = versionsOf(s.wrapped, len(set))
		if err != nil {
			return after, false, fmt.Errorf("key %s: %w", s.id, err)
		}
		i, has := slices.BinarySearchFunc(set, to.compartment, compareIDs)
		if !has || binary.BigEndian.Uint32(s.versions[4*i:]) >= to.version {
			continue
		}
		err = k.rewrapOne(ctx, tx, s, set)
		if err != nil {
			return after, false, fmt.Errorf("key %s: %w", s.id, err)
		}
	}
	return after, len(keys) == k.batch, nil
}

func (k *Keeper) nextBatch(ctx context.Context, tx *sql.Tx, after int64) (keys []stale, err error) {
	rows, err := tx.QueryContext(ctx, "SELECT seq, id, audience, wrapped FROM key WHERE seq > ? ORDER BY seq LIMIT ?", after, k.batch)
	if err != nil {
		return nil, fmt.Errorf("read keys: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var s stale
		var id, audience []byte
		err = rows.Scan(&s.seq, &id, &audience, &s.wrapped)
		if err != nil {
			return nil, fmt.Errorf("read keys: %w", err)
		}
		s.id, s.audience = act.ID(id), act.ID(audience)
		keys = append(keys, s)
	}
	err = rows.Err()
	if err != nil {
		return nil, fmt.Errorf("read keys: %w", err)
	}
	return keys, nil
}

func (k *Keeper) rewrapOne(ctx context.Context, tx *sql.Tx, s stale, set []act.ID) error {
	old, err := k.kek(ctx, tx, s.audience, set, s.versions)
	if err != nil {
		return err
	}
	key, err := unwrapKey(old, s.audience, s.id, s.versions, s.wrapped)
	if err != nil {
		return err
	}
	defer clear(key[:])
	versions, err := newestOf(ctx, tx, set)
	if err != nil {
		return err
	}
	kek, err := k.kek(ctx, tx, s.audience, set, versions)
	if err != nil {
		return err
	}
	var nonce [nonceSize]byte
	err = k.dice.draw(nonce[:])
	if err != nil {
		return err
	}
	wrapped := wrapKey(kek, s.audience, s.id, versions, nonce[:], key[:])
	_, err = tx.ExecContext(ctx, "UPDATE key SET wrapped = ? WHERE seq = ?", wrapped, s.seq)
	if err != nil {
		return fmt.Errorf("keep a re-wrapped key: %w", err)
	}
	return nil
}

// endRotation erases the older versions, and only when they are gone from the disc writes that it is done.
func (k *Keeper) endRotation(ctx context.Context, to edition) error {
	err := k.store.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE compartment SET wrapped = zeroblob(length(wrapped)) WHERE id = ? AND version < ?", to.compartment[:], to.version)
		return err
	})
	if err != nil {
		return err
	}
	err = k.erased(ctx)
	if err != nil {
		return err
	}
	return k.store.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "DELETE FROM rotation WHERE compartment = ? AND target = ?", to.compartment[:], to.version)
		return err
	})
}
