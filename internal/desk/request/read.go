package request

import (
	"context"
	"database/sql"
	"fmt"

	"sanad/internal/act"
	"sanad/internal/office/clerk"
)

// Row is one request as lists show it. Instants are zero where something did not happen.
type Row struct {
	Run      act.ID // the run of the protocol
	File     act.ID // the case
	Platform act.ID // zero where none was named yet
	Made     act.Instant
	Stage    string
	Since    act.Instant
	Urgent   bool
	Served   act.Instant // when the time to answer began
	Answered act.Instant // the newest answer that met the clock; a part that the pack lets it run on for does not count
	Answer   string      // how complete the newest answer was: a word of the pack's list of answers
	Lapsed   act.Instant // when the time to answer first ran out unmet
	Failed   act.Instant // when a person found a failure
}

// Late reports whether an answer came after its time. Only clocks say so.
func (r *Row) Late() bool { return r.Answered != 0 && r.Lapsed != 0 && r.Answered >= r.Lapsed }

// Overdue reports whether the time to answer is over and no answer came, or only a part for which the clock ran on.
func (r *Row) Overdue() bool { return r.Answered == 0 && r.Lapsed != 0 }

const columns = `SELECT r.run, r.file, r.platform, r.made, r.stage, r.since, r.urgent, r.served, r.answered, r.answer, r.lapsed, r.failed
	FROM request r JOIN may m ON m.audience = r.audience AND m.mandate = ? `

// OfFile lists the requests of a case that a mandate may read, the oldest first.
func (Store) OfFile(ctx context.Context, tx clerk.Tx, mandate, file act.ID) ([]Row, error) {
	return list(ctx, tx, columns+"WHERE r.file = ? ORDER BY r.made, r.run", mandate[:], file[:])
}

// mostOfPlatform bounds what is read of one platform: the newest requests.
const mostOfPlatform = 1000

// Record is how a platform answered, counted over the requests that a mandate may read.
type Record struct {
	Served  int // requests whose time to answer began
	InTime  int // answered in time
	Late    int // answered after the time was over
	Overdue int // not answered, or only in part, and the time is over
	Partial int // the newest answer gave a part
	Refused int // the newest answer gave nothing
	Failed  int // a person found that it failed
}

// OfPlatform counts how a platform answered, over its newest thousand requests.
func (s Store) OfPlatform(ctx context.Context, tx clerk.Tx, mandate, platform act.ID) (Record, error) {
	var out Record
	rows, err := list(ctx, tx, columns+"WHERE r.platform = ? ORDER BY r.made DESC, r.run LIMIT ?", mandate[:], platform[:], mostOfPlatform)
	if err != nil {
		return out, err
	}
	for i := range rows {
		r := &rows[i]
		if r.Served == 0 {
			continue
		}
		out.Served++
		switch {
		case r.Late():
			out.Late++
		case r.Overdue():
			out.Overdue++
		case r.Answered != 0:
			out.InTime++
		}
		switch {
		case s.Law.words("answers_partial", r.Answer):
			out.Partial++
		case s.Law.words("answers_refused", r.Answer):
			out.Refused++
		}
		if r.Failed != 0 {
			out.Failed++
		}
	}
	return out, nil
}

func list(ctx context.Context, tx clerk.Tx, query string, args ...any) ([]Row, error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("requests: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err is what tells
	var out []Row
	for rows.Next() {
		var r Row
		var run, file, platform []byte
		var served, answered sql.NullInt64
		err = rows.Scan(&run, &file, &platform, &r.Made, &r.Stage, &r.Since, &r.Urgent, &served, &answered, &r.Answer, &r.Lapsed, &r.Failed)
		if err != nil {
			return nil, fmt.Errorf("requests: %w", err)
		}
		copy(r.Run[:], run)
		copy(r.File[:], file)
		copy(r.Platform[:], platform)
		r.Served, r.Answered = act.Instant(served.Int64), act.Instant(answered.Int64)
		out = append(out, r)
	}
	return out, rows.Err()
}
