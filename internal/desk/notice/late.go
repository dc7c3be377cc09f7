package notice

import (
	"context"
	"database/sql"
	"fmt"

	"sanad/internal/act"
	"sanad/internal/office/clerk"
)

// ends tells a stage after which nothing follows here.
func ends(stage string) bool { return stage == StageClosed || stage == StagePointed }

// late is when the step that is awaited should have been done, where that time is over and its lapse recorded; 0 where nothing is
// late. Of clocks that ran out before the notice came to stand as it does, the holder of its code is told nothing more.
func (d *Desk) late(ctx context.Context, s Status) (act.Instant, error) {
	var due sql.NullInt64
	err := d.Read(ctx, func(tx clerk.Tx) error {
		return tx.QueryRow(ctx, `SELECT MIN(o.due) FROM notice n JOIN overdue o ON o.file = n.file AND o.audience = n.audience
			WHERE n.file = ? AND o.due > ?`, s.File[:], int64(s.Since)).Scan(&due)
	})
	if err != nil {
		return 0, fmt.Errorf("notice: %w", err)
	}
	return act.Instant(due.Int64), nil
}
