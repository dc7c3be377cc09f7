// Package timer keeps, for every file with a running clock, the instant at which the first of them runs out. It is
// durable and derived: losing it loses nothing that the files' states cannot give back. It does not fire anything;
// the clerk asks what is due and records the lapse in the same transaction that moves the timer, so a lapse is
// recorded once, whatever number of processes ask.
package timer

import (
	"context"
	"fmt"

	"sanad/internal/act"
	"sanad/internal/archive/store"
)

// Never is the due instant of a file without a running clock.
const Never = act.Instant(0)

var table = store.Table{
	Name: "timer", Columns: []string{"file", "due"}, Types: []string{"bytea", "bigint"},
	Conflict: "ON CONFLICT (file) DO UPDATE SET due = excluded.due",
}

// Set moves the timers of files set-wise; Never removes one.
func Set(ctx context.Context, tx *store.Tx, due map[act.ID]act.Instant) error {
	rows := table.NewRows()
	for file, at := range due {
		if at == Never {
			_, err := tx.Exec(ctx, "DELETE FROM timer WHERE file = ?", file[:])
			if err != nil {
				return fmt.Errorf("clear a timer: %w", err)
			}
			continue
		}
		rows.Add(file[:], int64(at))
	}
	return tx.Insert(ctx, rows)
}

// Due returns up to limit files whose clock has run out at now, the longest overdue first.
func Due(ctx context.Context, tx *store.Tx, now act.Instant, limit int) ([]act.ID, error) {
	rows, err := tx.Query(ctx, "SELECT file FROM timer WHERE due <= ? ORDER BY due LIMIT ?", int64(now), limit)
	if err != nil {
		return nil, fmt.Errorf("read timers: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err is what tells
	var files []act.ID
	for rows.Next() {
		var b []byte
		err = rows.Scan(&b)
		if err != nil {
			return nil, fmt.Errorf("read timers: %w", err)
		}
		if len(b) != len(act.ID{}) {
			return nil, fmt.Errorf("read timers: a file's id has %d bytes", len(b))
		}
		files = append(files, act.ID(b))
	}
	return files, rows.Err()
}
