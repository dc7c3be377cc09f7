package app

import (
	"context"
	"fmt"

	"sanad/internal/app/story"
	"sanad/internal/archive/ledger"
	"sanad/internal/archive/store"
)

// Summary is what a demonstration adds up to.
type Summary struct {
	Acts     int64            `json:"acts"`
	Cases    int64            `json:"cases"`
	Notices  int64            `json:"notices"`
	Alerts   int64            `json:"alerts"`
	Requests Requests         `json:"requests"`
	Measures map[string]int64 `json:"measures"`
	Refused  []story.Refusal  `json:"refused"`
	// Entries as the register lists them, and the later ones that update one of these.
	RegisterEntries    int64        `json:"register_entries"`
	RegisterAmendments int64        `json:"register_amendments"`
	Checkpoint         Checkpointed `json:"checkpoint"`
	Fictional          bool         `json:"fictional"`
}

// Requests counts requests for data.
type Requests struct {
	Served   int64 `json:"served"`
	Answered int64 `json:"answered"`
	Overdue  int64 `json:"overdue"`
}

// Checkpointed is the log's state, as its newest checkpoint signs it.
type Checkpointed struct {
	Size int64  `json:"size"`
	Root string `json:"root"`
}

// summary counts what the read models hold.
func (d *demo) summary(ctx context.Context) (*Summary, error) {
	err := d.sign(ctx)
	if err != nil {
		return nil, err
	}
	s := &Summary{Measures: map[string]int64{}, Refused: d.saved.Refused, Fictional: d.pack.Fictional}
	err = d.db.Read(ctx, func(tx *store.Tx) error {
		for _, x := range []struct {
			into  *int64
			query string
		}{
			{&s.Cases, "SELECT COUNT(*) FROM docket WHERE sort = 'case'"},
			{&s.Notices, "SELECT COUNT(*) FROM notice"},
			{&s.Alerts, "SELECT COUNT(*) FROM alert WHERE dropped = 0 AND repeats IS NULL"},
			{&s.Requests.Served, "SELECT COUNT(*) FROM request WHERE served IS NOT NULL"},
			{&s.Requests.Answered, "SELECT COUNT(*) FROM request WHERE answered IS NOT NULL"},
			{&s.Requests.Overdue, "SELECT COUNT(*) FROM request WHERE lapsed <> 0"},
			{&s.RegisterEntries, "SELECT COUNT(*) FROM entry WHERE amends IS NULL"},
			{&s.RegisterAmendments, "SELECT COUNT(*) FROM entry WHERE amends IS NOT NULL"},
		} {
			err := tx.QueryRow(ctx, x.query).Scan(x.into)
			if err != nil {
				return fmt.Errorf("count: %w", err)
			}
		}
		rows, err := tx.Query(ctx, "SELECT rung, COUNT(*) FROM measure GROUP BY rung")
		if err != nil {
			return err
		}
		defer rows.Close() //nolint:errcheck // rows.Err is what tells
		for rows.Next() {
			var rung string
			var n int64
			err = rows.Scan(&rung, &n)
			if err != nil {
				return err
			}
			s.Measures[rung] = n
		}
		err = rows.Err()
		if err != nil {
			return err
		}
		head, err := ledger.ReadHead(ctx, tx)
		if err != nil {
			return err
		}
		s.Acts = head.Edge.Size()
		s.Checkpoint = Checkpointed{s.Acts, head.Edge.Root().String()}
		return nil
	})
	return s, err
}
