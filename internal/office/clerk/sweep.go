package clerk

import (
	"context"
	"fmt"
	"strings"
	"time"

	"sanad/internal/act"
	"sanad/internal/archive/ledger"
	"sanad/internal/archive/seal"
	"sanad/internal/archive/store"
)

// Sweep erases evidence, key and bytes, that was sealed for an act which was never recorded: the process ended, or whoever sent it
// was gone and nobody knew whether it was recorded. Only what was begun before a time is looked at: give one at which no upload that is
// still under way, in whatever process, can have begun. It returns how many exhibits were erased. No act tells of them: none ever
// named them.
func (c *Clerk) Sweep(ctx context.Context, before time.Time) (int, error) {
	_, err := c.Blobs.Sweep(ctx, before)
	if err != nil {
		return 0, err
	}
	held, err := c.Blobs.Held(ctx, before)
	if err != nil || len(held) == 0 {
		return 0, err
	}
	named, err := c.named(ctx, held)
	if err != nil {
		return 0, err
	}
	erased := 0
	for _, h := range held {
		if named[h.Blob] || named[h.Key] {
			err = c.Blobs.Bound(ctx, h.Blob)
		} else {
			err = c.Blobs.Erase(ctx, h)
			erased++
		}
		if err != nil {
			return erased, err
		}
	}
	return erased, nil
}

// named finds which blobs and keys acts name. The list of exhibits answers for nearly all; what it does not know is looked for in the
// log itself, act by act, before anything is erased for good: a list can be wrong, the log can't.
func (c *Clerk) named(ctx context.Context, held []seal.Held) (map[act.ID]bool, error) {
	out := map[act.ID]bool{}
	err := c.DB.Read(ctx, func(tx *store.Tx) error {
		ids := make([]any, len(held))
		for i := range held {
			ids[i] = held[i].Blob[:]
		}
		const most = 512
		for len(ids) > 0 {
			some := padded(ids[:min(most, len(ids)):min(most, len(ids))])
			ids = ids[min(most, len(ids)):]
			err := listed(ctx, tx, some, out)
			if err != nil {
				return fmt.Errorf("look for exhibits: %w", err)
			}
		}
		if len(out) == len(held) {
			return nil
		}
		return inLog(ctx, tx, out)
	})
	return out, err
}

func listed(ctx context.Context, tx *store.Tx, ids []any, into map[act.ID]bool) error {
	rows, err := tx.Query(ctx, "SELECT id FROM exhibit WHERE id IN (?"+strings.Repeat(",?", len(ids)-1)+")", ids...)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // rows.Err is what tells
	for rows.Next() {
		var id []byte
		err = rows.Scan(&id)
		if err != nil {
			return err
		}
		into[act.ID(id)] = true
	}
	return rows.Err()
}

// inLog reads every act that binds an exhibit.
func inLog(ctx context.Context, tx *store.Tx, into map[act.ID]bool) error {
	rows, err := tx.Query(ctx, "SELECT envelope FROM act WHERE kind = ?", ledger.KindExhibit)
	if err != nil {
		return fmt.Errorf("look for exhibits in the log: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err is what tells
	for rows.Next() {
		var b []byte
		err = rows.Scan(&b)
		if err != nil {
			return fmt.Errorf("look for exhibits in the log: %w", err)
		}
		env, err := act.Decode(b)
		if err != nil {
			return fmt.Errorf("look for exhibits in the log: %w", err)
		}
		for _, f := range env.Facts {
			id, is := f.Value.ID()
			if is {
				into[id] = true
			}
		}
	}
	return rows.Err()
}
