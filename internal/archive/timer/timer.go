// Package timer keeps, for every file with a running clock and every audience that sees one, the instant at which the first
// of them runs out. It is durable and derived: losing it loses nothing that the files' states cannot give back. It does not
// fire anything; the clerk asks what is due and records the lapse in the same transaction that moves the timer, so a lapse
// is recorded once, whatever number of processes ask.
package timer

import (
	"context"
	"fmt"

	"sanad/internal/act"
	"sanad/internal/archive/store"
)

// Never is the due instant where no clock runs.
const Never = act.Instant(0)

// Timer is the first clock of a file that runs out, among those an audience sees.
type Timer struct {
	File, Audience act.ID
	Due            act.Instant
}

var table = store.Table{
	Name: "timer", Columns: []string{"file", "audience", "due"}, Types: []string{"bytea", "bytea", "bigint"},
	Conflict: "ON CONFLICT (file, audience) DO UPDATE SET due = excluded.due",
}

// Set moves timers set-wise; one that is due Never is removed.
func Set(ctx context.Context, tx *store.Tx, timers []Timer) error {
	rows := table.NewRows()
	for i := range timers {
		t := &timers[i]
		if t.Due == Never {
			err := tx.Send(ctx, "DELETE FROM timer WHERE file = ? AND audience = ?", t.File[:], t.Audience[:])
			if err != nil {
				return fmt.Errorf("clear a timer: %w", err)
			}
			continue
		}
		rows.Add(t.File[:], t.Audience[:], int64(t.Due))
	}
	return tx.Insert(ctx, rows)
}

// Due returns up to limit files in which a clock has run out at now, the longest overdue first.
func Due(ctx context.Context, tx *store.Tx, now act.Instant, limit int) ([]act.ID, error) {
	rows, err := tx.Query(ctx, "SELECT file FROM timer WHERE due <= ? GROUP BY file ORDER BY MIN(due), file LIMIT ?", int64(now), limit)
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
