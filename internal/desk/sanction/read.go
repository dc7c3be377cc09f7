package sanction

import (
	"context"
	"database/sql"
	"fmt"

	"sanad/internal/act"
	"sanad/internal/office/clerk"
)

// Row is one measure as lists show it.
type Row struct {
	Act      act.ID // that decided it
	File     act.ID // the case
	Run      act.ID
	Platform act.ID // zero where those who may read the measure may not read whom it is against
	Rung     string
	Decided  act.Instant
	Amount   int64  // 0: it demands none
	Paid     int64  // so far
	Expires  string // its last day, 2006-01-02; "" where it has none
	State    string
}

// Standing is the state of a measure on a day written as 2006-01-02: what the calendar and the sums say of it besides.
func (r *Row) Standing(today string) string {
	if r.State == StateAnnulled || r.State == StateLifted {
		return r.State
	}
	switch {
	case r.Expires != "" && r.Expires < today:
		return StateExpired
	case r.Amount > 0 && r.Paid >= r.Amount && r.State == StateStanding:
		return StatePaid
	}
	return r.State
}

const columns = `SELECT x.act, x.file, x.run, x.platform, x.rung, x.decided, x.amount, x.paid, x.expires, x.state
	FROM measure x JOIN may m ON m.audience = x.audience AND m.mandate = ? `

// OfPlatform lists the newest measures against a platform that a mandate may read, the newest first, at most limit.
func (Store) OfPlatform(ctx context.Context, tx clerk.Tx, mandate, platform act.ID, limit int) ([]Row, error) {
	return list(ctx, tx, columns+"WHERE x.platform = ? ORDER BY x.decided DESC, x.act LIMIT ?", mandate[:], platform[:], limit)
}

// OfRun lists the measures of one procedure that a mandate may read, the oldest first.
func (Store) OfRun(ctx context.Context, tx clerk.Tx, mandate, run act.ID) ([]Row, error) {
	return list(ctx, tx, columns+"WHERE x.run = ? ORDER BY x.decided, x.act", mandate[:], run[:])
}

func list(ctx context.Context, tx clerk.Tx, query string, args ...any) ([]Row, error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("measures: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err is what tells
	var out []Row
	for rows.Next() {
		var r Row
		var id, file, run, platform []byte
		var amount sql.NullInt64
		err = rows.Scan(&id, &file, &run, &platform, &r.Rung, &r.Decided, &amount, &r.Paid, &r.Expires, &r.State)
		if err != nil {
			return nil, fmt.Errorf("measures: %w", err)
		}
		copy(r.Act[:], id)
		copy(r.File[:], file)
		copy(r.Run[:], run)
		copy(r.Platform[:], platform)
		r.Amount = amount.Int64
		out = append(out, r)
	}
	return out, rows.Err()
}
