package notice

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"sanad/internal/act"
	"sanad/internal/office/clerk"
)

// Stages of a notice, as its reporter and the queue see it.
const (
	StageReceived     = "received"
	StageAcknowledged = "acknowledged"
	StageAssessed     = "assessed"
	StageFound        = "found"
	StageClosed       = "closed"
)

var stageOf = map[string]string{
	KindAcknowledged: StageAcknowledged, KindAssessed: StageAssessed, KindFound: StageFound, KindClosed: StageClosed,
}

// Store keeps the list of notices in step with the log.
type Store struct{}

// Project implements clerk.Projector: the table follows envelopes only.
func (Store) Project(ctx context.Context, tx clerk.Tx, acts []clerk.Recorded) error {
	for _, a := range acts {
		if a.Of != Sort {
			continue
		}
		if a.Kind == KindReceived {
			err := received(ctx, tx, a)
			if err != nil {
				return err
			}
			continue
		}
		stage, ok := stageOf[a.Kind]
		if !ok {
			continue
		}
		_, err := tx.Exec(ctx, "UPDATE notice SET stage = ?, since = ? WHERE file = ?", stage, int64(a.Effective), a.File[:])
		if err != nil {
			return fmt.Errorf("notice: %w", err)
		}
	}
	return nil
}

func received(ctx context.Context, tx clerk.Tx, a clerk.Recorded) error {
	var code []byte
	for _, c := range a.Commits {
		if c.Name == CommitCode {
			code = c.Sum[:]
		}
	}
	_, err := tx.Exec(ctx, "INSERT INTO notice (file, act, audience, received, stage, since, code) VALUES (?, ?, ?, ?, ?, ?, ?)",
		a.File[:], a.ID[:], a.Audience[:], int64(a.Recorded), StageReceived, int64(a.Effective), code)
	if err != nil {
		return fmt.Errorf("notice: %w", err)
	}
	return nil
}

// Entry is one line of the list of notices.
type Entry struct {
	File     act.ID
	Received act.Instant
	Stage    string
	Since    act.Instant
	Due      act.Instant // when its first running clock runs out; 0 when none runs
}

// Queue lists the notices a mandate may read, those whose clock runs out first on top, at most limit, after the first
// skip.
func (Store) Queue(ctx context.Context, tx clerk.Tx, mandate act.ID, skip, limit int) ([]Entry, error) {
	rows, err := tx.Query(ctx, `SELECT n.file, n.received, n.stage, n.since, t.due FROM notice n
		JOIN may m ON m.audience = n.audience AND m.mandate = ?
		LEFT JOIN timer t ON t.file = n.file
		WHERE n.stage <> 'closed' ORDER BY t.due IS NULL, t.due, n.received LIMIT ? OFFSET ?`, mandate[:], limit, skip)
	if err != nil {
		return nil, fmt.Errorf("notices: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err is what tells
	var out []Entry
	for rows.Next() {
		var e Entry
		var file []byte
		var due sql.NullInt64
		err = rows.Scan(&file, &e.Received, &e.Stage, &e.Since, &due)
		if err != nil {
			return nil, fmt.Errorf("notices: %w", err)
		}
		copy(e.File[:], file)
		e.Due = act.Instant(due.Int64)
		out = append(out, e)
	}
	return out, rows.Err()
}

// Status is what the holder of a code may know.
type Status struct {
	Act   act.ID // that received it
	Stage string
	Since act.Instant
	Due   act.Instant
}

// ErrNoNotice means that no notice has this code.
var ErrNoNotice = errors.New("no notice has this code")

// ByCode finds the standing of a notice by its code's keyed hash.
func (Store) ByCode(ctx context.Context, tx clerk.Tx, sum [32]byte) (Status, error) {
	var s Status
	var received []byte
	var due sql.NullInt64
	err := tx.QueryRow(ctx, "SELECT n.act, n.stage, n.since, t.due FROM notice n LEFT JOIN timer t ON t.file = n.file WHERE n.code = ?", sum[:]).
		Scan(&received, &s.Stage, &s.Since, &due)
	if errors.Is(err, sql.ErrNoRows) {
		return s, ErrNoNotice
	}
	if err != nil {
		return s, fmt.Errorf("notice: %w", err)
	}
	copy(s.Act[:], received)
	s.Due = act.Instant(due.Int64)
	return s, nil
}
