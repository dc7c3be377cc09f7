package notice

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"sanad/internal/act"
	"sanad/internal/office/clerk"
)

// Stages of a notice, as its reporter and the queue see it.
const (
	StageReceived     = "received"
	StageAcknowledged = "acknowledged"
	StageAssessed     = "assessed"
	StageHandedOver   = "handed_over"
	StagePointed      = "pointed"
	StageFound        = "found"
	StageClosed       = "closed"
)

var stageOf = map[string]string{
	KindAcknowledged: StageAcknowledged, KindAssessed: StageAssessed, KindHandedOver: StageHandedOver, KindPointed: StagePointed,
	KindFound: StageFound, KindClosed: StageClosed,
}

// begins tells the kinds a notice begins with.
func begins(kind string) bool {
	return kind == KindReceived || kind == KindDanger || kind == KindMatter
}

// Store keeps the list of notices in step with the log.
type Store struct{}

var table = clerk.Table{
	Name:    "notice",
	Columns: []string{"file", "act", "audience", "received", "stage", "since", "code", "outside", "danger", "situation"},
	Types:   []string{"bytea", "bytea", "bytea", "bigint", "text", "bigint", "bytea", "bigint", "bigint", "text"},
}

// position is where a notice stands, and since when.
type position struct {
	stage string
	since act.Instant
}

// Project implements clerk.Projector: the table follows envelopes only. It writes new notices set-wise and those that moved
// alike together, so that a large commit costs few statements.
func (Store) Project(ctx context.Context, tx clerk.Tx, acts []clerk.Recorded) error {
	at := map[act.ID]position{}
	var fresh, moved []clerk.Recorded
	for _, a := range acts {
		stage, moves := stageOf[a.Kind]
		switch {
		case a.Of != Sort:
		case begins(a.Kind):
			fresh = append(fresh, a)
			at[a.File] = position{StageReceived, a.Effective}
		case moves:
			_, known := at[a.File]
			at[a.File] = position{stage, a.Effective} // the last of a commit stands
			if !known {
				moved = append(moved, a)
			}
		}
	}
	rows := table.NewRows()
	for _, a := range fresh {
		s := at[a.File]
		rows.Add(a.File[:], a.ID[:], a.Audience[:], int64(a.Recorded), s.stage, int64(s.since), codeOf(a),
			truth(a.Kind == KindMatter), truth(a.Kind == KindDanger), situationOf(a))
	}
	err := tx.Insert(ctx, rows)
	if err != nil {
		return fmt.Errorf("notice: %w", err)
	}
	return move(ctx, tx, moved, at)
}

// move changes the notices that were there before, in one statement for all that come to stand alike.
func move(ctx context.Context, tx clerk.Tx, moved []clerk.Recorded, at map[act.ID]position) error {
	alike := map[position][]any{}
	var order []position
	for _, a := range moved {
		s := at[a.File]
		if alike[s] == nil {
			order = append(order, s)
			alike[s] = []any{s.stage, int64(s.since)}
		}
		alike[s] = append(alike[s], a.File[:])
	}
	for _, s := range order {
		args := alike[s]
		n := 1
		for n < len(args)-2 {
			n *= 2 // counts are powers of two, so that few statements exist
		}
		for len(args)-2 < n {
			args = append(args, args[len(args)-1])
		}
		err := tx.Send(ctx, "UPDATE notice SET stage = ?, since = ? WHERE file IN (?"+strings.Repeat(",?", n-1)+")", args...)
		if err != nil {
			return fmt.Errorf("notice: %w", err)
		}
	}
	return nil
}

func codeOf(a clerk.Recorded) []byte {
	for _, c := range a.Commits {
		if c.Name == CommitCode {
			return c.Sum[:]
		}
	}
	return nil
}

func situationOf(a clerk.Recorded) string {
	v, _ := a.Facts.Get("situation")
	return v.Code()
}

// truth is how both databases hold a yes or a no.
func truth(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
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
		LEFT JOIN (SELECT x.file AS file, MIN(x.due) AS due FROM timer x JOIN may r ON r.audience = x.audience AND r.mandate = ? GROUP BY x.file) t ON t.file = n.file
		WHERE n.stage <> 'closed' ORDER BY t.due IS NULL, t.due, n.received LIMIT ? OFFSET ?`, mandate[:], mandate[:], limit, skip)
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
	Act      act.ID // that received it
	File     act.ID
	Received act.Instant // when that was recorded
	Stage    string
	Since    act.Instant
	Due      act.Instant

	Situation string
	Outside   bool
	Danger    bool
}

// ErrNoNotice means that no notice has this code.
var ErrNoNotice = errors.New("no notice has this code")

// ByCode finds the standing of a notice by its code's keyed hash.
func (Store) ByCode(ctx context.Context, tx clerk.Tx, sum [32]byte) (Status, error) {
	var s Status
	var first, file []byte
	var due sql.NullInt64
	var outside, danger int64
	err := tx.QueryRow(ctx, `SELECT n.act, n.file, n.received, n.stage, n.since, n.situation, n.outside, n.danger, t.due FROM notice n
		LEFT JOIN timer t ON t.file = n.file AND t.audience = n.audience WHERE n.code = ?`, sum[:]).
		Scan(&first, &file, &s.Received, &s.Stage, &s.Since, &s.Situation, &outside, &danger, &due)
	if errors.Is(err, sql.ErrNoRows) {
		return s, ErrNoNotice
	}
	if err != nil {
		return s, fmt.Errorf("notice: %w", err)
	}
	copy(s.Act[:], first)
	copy(s.File[:], file)
	s.Outside, s.Danger = outside != 0, danger != 0
	s.Due = act.Instant(due.Int64)
	return s, nil
}

// Count is how many notices out of scope were about one situation.
type Count struct {
	Situation string
	Notices   int
}

// CountOutside counts the notices out of scope by situation, for the dialogue with platforms: numbers, of nobody. They stay
// when what was written is erased.
func (Store) CountOutside(ctx context.Context, tx clerk.Tx) ([]Count, error) {
	rows, err := tx.Query(ctx, "SELECT situation, COUNT(*) FROM notice WHERE outside = 1 GROUP BY situation ORDER BY situation")
	if err != nil {
		return nil, fmt.Errorf("count notices: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err is what tells
	var out []Count
	for rows.Next() {
		var c Count
		err = rows.Scan(&c.Situation, &c.Notices)
		if err != nil {
			return nil, fmt.Errorf("count notices: %w", err)
		}
		out = append(out, c)
	}
	return out, rows.Err()
}
