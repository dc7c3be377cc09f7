package clerk

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"

	"sanad/internal/act"
	"sanad/internal/archive/ledger"
	"sanad/internal/archive/store"
	"sanad/internal/law/protocol"
)

// Moved is an open deadline of a file that is due at another instant than was recorded.
type Moved struct {
	File act.ID
	protocol.Recomputed
}

// Moving finds, a batch of files at a time and file by file, the open deadlines that an engine computes to another instant
// than was recorded. The engine may be that of any pack: so an officer sees what would move. It writes nothing. A file in
// which every clock stands still has none that could move.
func Moving(ctx context.Context, db *store.DB, engine *protocol.Engine, each func([]Moved) error) error {
	return finding(ctx, db, engine, func(some *staleFiles) error {
		var moved []Moved
		for i := range some.list {
			for _, r := range some.list[i].moved {
				moved = append(moved, Moved{some.list[i].file, r})
			}
		}
		return each(moved)
	})
}

// filesTogether is how many files are read at a time, and how many are written in one commit where all of them have moved: enough
// to spread a statement and a sync, few enough to hold in memory and for others to wait for.
const filesTogether = 1024

// stale is a file with open deadlines that are due at another instant than was recorded.
type stale struct {
	file  act.ID
	seq   int64                  // number of its newest act
	state *protocol.State        // as of then; nil once a pass has taken it
	due   map[act.ID]act.Instant // its timers by audience
	moved []protocol.Recomputed
}

// staleFiles are files that were found together, in the order of their names. It is the input of a command that records what moved
// in all of them.
type staleFiles struct {
	list []stale
	size int64 // how long the log was when they were read
}

// finding is Moving, with the files as they were read. A transaction lasts for one batch: a longer one would keep a server from
// folding its write-ahead log.
func finding(ctx context.Context, db *store.DB, engine *protocol.Engine, each func(*staleFiles) error) error {
	after, more := act.ID{}, true
	for more {
		var found *staleFiles
		err := db.Read(ctx, func(tx *store.Tx) (err error) {
			found = &staleFiles{}
			after, more, err = found.read(ctx, tx, engine, after)
			if err != nil || len(found.list) == 0 {
				return err
			}
			head, err := ledger.ReadHead(ctx, tx)
			if err != nil {
				return err
			}
			found.size = head.Edge.Size()
			return found.readTimers(ctx, tx)
		})
		if err == nil && len(found.list) > 0 {
			err = each(found)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// read reads the next files after one that have timers, and keeps those in which something moved.
// It returns the last it read, and whether there were any. Where they end is asked first: a join whose both sides are bounded reads
// their rows and no others, whatever the database believes of tables that it has not counted yet.
func (all *staleFiles) read(ctx context.Context, tx *store.Tx, engine *protocol.Engine, after act.ID) (last act.ID, more bool, err error) {
	var end []byte
	err = tx.QueryRow(ctx, "SELECT file FROM (SELECT file FROM timer WHERE file > ? ORDER BY file LIMIT ?) x ORDER BY file DESC LIMIT 1",
		after[:], filesTogether).Scan(&end)
	if errors.Is(err, sql.ErrNoRows) {
		return last, false, nil
	}
	if err != nil {
		return last, false, fmt.Errorf("read timers: %w", err)
	}
	if len(end) != len(last) {
		return last, false, fmt.Errorf("read timers: a file's id has %d bytes", len(end))
	}
	last = act.ID(end)
	rows, err := tx.Query(ctx, "SELECT s.file, s.seq, s.data FROM state s WHERE s.file > ? AND s.file <= ? AND EXISTS "+
		"(SELECT 1 FROM timer t WHERE t.file = s.file AND t.file > ? AND t.file <= ?) ORDER BY s.file", after[:], end, after[:], end)
	if err != nil {
		return last, false, fmt.Errorf("read states: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err is what tells
	for rows.Next() {
		var id, data sql.RawBytes
		var seq int64
		err = rows.Scan(&id, &seq, &data)
		if err != nil {
			return last, false, fmt.Errorf("read states: %w", err)
		}
		if len(id) != len(last) {
			return last, false, fmt.Errorf("read states: a file's id has %d bytes", len(id))
		}
		file := act.ID(id)
		st, err := protocol.ParseState(data)
		if err != nil {
			return last, false, fmt.Errorf("state of file %s: %w", file, err)
		}
		moved := engine.Recompute(st)
		if len(moved) > 0 {
			all.list = append(all.list, stale{file: file, seq: seq, state: st, moved: moved, due: map[act.ID]act.Instant{}})
		}
	}
	return last, true, rows.Err()
}

// readTimers reads the timers of the files that were found.
func (all *staleFiles) readTimers(ctx context.Context, tx *store.Tx) error {
	first, last := all.list[0].file, all.list[len(all.list)-1].file
	rows, err := tx.Query(ctx, "SELECT file, audience, due FROM timer WHERE file >= ? AND file <= ? ORDER BY file", first[:], last[:])
	if err != nil {
		return fmt.Errorf("read timers: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err is what tells
	at := 0
	for rows.Next() {
		var id, audience sql.RawBytes
		var due int64
		err = rows.Scan(&id, &audience, &due)
		if err != nil {
			return fmt.Errorf("read timers: %w", err)
		}
		for at < len(all.list) && bytes.Compare(all.list[at].file[:], id) < 0 {
			at++
		}
		if at < len(all.list) && bytes.Equal(all.list[at].file[:], id) && len(audience) == len(act.ID{}) {
			all.list[at].due[act.ID(audience)] = act.Instant(due)
		}
	}
	return rows.Err()
}

// gatherStale makes files part of the pass as they were found, but for those in which something was recorded since, which are read
// like any other. Their timers may have been set anew without an act: all of them will be set.
func (p *pass) gatherStale(ctx context.Context, all *staleFiles) error {
	since, err := p.recordedSince(ctx, all)
	if err != nil {
		return fmt.Errorf("read states: %w", err)
	}
	var rest []act.ID
	for i := range all.list {
		s := &all.list[i]
		known := p.c.shelf.take(s.file)
		switch {
		case p.files[s.file] != nil:
		case known != nil:
			p.files[s.file] = known
		case s.state == nil || since[s.file]: // a pass that was not committed has changed what was found
			rest = append(rest, s.file)
		default:
			p.files[s.file] = &file{state: *s.state, last: s.seq, due: s.due, setAll: true}
			s.state = nil
		}
	}
	return p.gather(ctx, rest)
}

// recordedSince finds which of the files, or of those between them, have acts that were not there when they were found.
func (p *pass) recordedSince(ctx context.Context, all *staleFiles) (map[act.ID]bool, error) {
	first, last := all.list[0].file, all.list[len(all.list)-1].file
	rows, err := p.tx.take().Query(ctx, "SELECT file FROM state WHERE file >= ? AND file <= ? AND seq >= ?", first[:], last[:], all.size)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // rows.Err is what tells
	out := map[act.ID]bool{}
	for rows.Next() {
		var id sql.RawBytes
		err = rows.Scan(&id)
		if err != nil {
			return nil, err
		}
		if len(id) != len(act.ID{}) {
			return nil, fmt.Errorf("a file's id has %d bytes", len(id))
		}
		out[act.ID(id)] = true
	}
	return out, rows.Err()
}
