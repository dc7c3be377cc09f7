package console

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sanad/internal/act"
	"sanad/internal/office/clerk"
)

// mark is a place in the queue: after the file that has it. Clocks come first, the one that runs out first on top, then files
// that wait without one, the longest on top.
type mark struct {
	waits bool // past the clocks
	at    act.Instant
	file  act.ID
}

func (m mark) String() string {
	kind := "c"
	if m.waits {
		kind = "w"
	}
	return kind + "-" + strconv.FormatInt(int64(m.at), 10) + "-" + m.file.String()
}

// markOf reads a place; the queue's top where it is none.
func markOf(text string) mark {
	parts := strings.Split(text, "-")
	if len(parts) != 3 || parts[0] != "c" && parts[0] != "w" {
		return mark{}
	}
	at, err := strconv.ParseInt(parts[1], 10, 64)
	file, ferr := act.ParseID(parts[2])
	if err != nil || ferr != nil || at < 0 {
		return mark{}
	}
	return mark{parts[0] == "w", act.Instant(at), file}
}

// before orders places.
func (m mark) compare(o mark) int {
	if m.waits != o.waits {
		return int(flag(m.waits) - flag(o.waits))
	}
	if m.at != o.at {
		if m.at < o.at {
			return -1
		}
		return 1
	}
	return slices.Compare(m.file[:], o.file[:])
}

// reads are the audiences a mandate may read.
type reads map[act.ID]bool

func readsOf(ctx context.Context, tx clerk.Tx, mandate act.ID) (reads, []act.ID, error) {
	all, order := reads{}, []act.ID(nil)
	err := each(ctx, tx, "SELECT audience FROM may WHERE mandate = ? ORDER BY audience", []any{mandate[:]}, func(rows *sql.Rows) error {
		var b sql.RawBytes
		err := rows.Scan(&b)
		if err != nil {
			return err
		}
		id, err := toID(b)
		all[id], order = true, append(order, id)
		return err
	})
	return all, order, err
}

// together is how many parts a statement joins: SQLite bears 500, and a planner plans them all.
const together = 24

// The parts of the statements that list places: each reads the front of one index and stops. See TestQueueReadsIndexes.
const (
	partTimer   = "SELECT * FROM (SELECT due, file FROM timer WHERE audience = ? AND (due, file) > (?, ?) ORDER BY due, file LIMIT ?) q%d"
	partOverdue = "SELECT * FROM (SELECT due, file FROM overdue WHERE audience = ? AND (due, file) > (?, ?) ORDER BY due, file LIMIT ?) q%d"
	partWaiting = "SELECT * FROM (SELECT since, file FROM docket WHERE audience = ? AND sort = ? AND open = 1 AND (since, file) > (?, ?) ORDER BY since, file LIMIT ?) q%d"
)

// part is one index to read from the front.
type part struct {
	text string
	args []any
}

// places lists at most limit places after one, in their order, among what some audiences see: clocks first, and where none is
// left, files of these sorts that wait without. A file may have several.
func places(ctx context.Context, tx clerk.Tx, audiences []act.ID, sorts []string, after mark, limit int) ([]mark, error) {
	if !after.waits {
		var parts []part
		for i := range audiences {
			args := []any{audiences[i][:], int64(after.at), after.file[:], limit}
			parts = append(parts, part{partOverdue, args}, part{partTimer, args})
		}
		found, err := front(ctx, tx, parts, false, limit)
		if err != nil || len(found) > 0 {
			return found, err
		}
		after = mark{waits: true}
	}
	var parts []part
	for i := range audiences {
		for _, sort := range sorts {
			parts = append(parts, part{partWaiting, []any{audiences[i][:], sort, int64(after.at), after.file[:], limit}})
		}
	}
	return front(ctx, tx, parts, true, limit)
}

// front merges the fronts of indexes.
func front(ctx context.Context, tx clerk.Tx, parts []part, waits bool, limit int) ([]mark, error) {
	var out []mark
	for some := range slices.Chunk(parts, together) {
		texts, args := make([]string, len(some)), []any(nil)
		for i, p := range some {
			texts[i] = fmt.Sprintf(p.text, i)
			args = append(args, p.args...)
		}
		err := each(ctx, tx, strings.Join(texts, " UNION ALL "), args, func(rows *sql.Rows) error {
			var at int64
			var file sql.RawBytes
			err := rows.Scan(&at, &file)
			if err != nil {
				return err
			}
			id, err := toID(file)
			out = append(out, mark{waits, act.Instant(at), id})
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("queue: %w", err)
		}
	}
	slices.SortFunc(out, mark.compare)
	out = slices.Compact(out)
	return out[:min(len(out), limit)], nil
}

// lapse is what ran out in a file and is still to be done.
type lapse struct {
	run      act.ID
	name     string
	due      act.Instant
	audience act.ID
}

// listed is a file as the docket has it, with the clocks a mandate sees.
type listed struct {
	sort, kind, code string
	audience, act    act.ID
	platform         act.ID
	opened, since    act.Instant
	soonest          act.Instant // of its clocks and lapses; 0 for none
	lapses           []lapse
}

// listedOf reads files of the docket, with what runs and what ran out in them among what a mandate reads.
func listedOf(ctx context.Context, tx clerk.Tx, may reads, files []act.ID) (map[act.ID]*listed, error) {
	out := make(map[act.ID]*listed, len(files))
	if len(files) == 0 {
		return out, nil
	}
	args := make([]any, len(files))
	for i := range files {
		args[i] = files[i][:]
		out[files[i]] = &listed{}
	}
	marks, args := in(args)
	err := each(ctx, tx, "SELECT file, sort, audience, act, opened, kind, since, code, platform FROM docket WHERE file IN "+marks, args,
		func(rows *sql.Rows) error { return scanListed(rows, out) })
	if err != nil {
		return nil, fmt.Errorf("docket: %w", err)
	}
	first := func(l *listed, due int64) {
		if at := act.Instant(due); l.soonest == 0 || at < l.soonest {
			l.soonest = at
		}
	}
	err = each(ctx, tx, "SELECT file, audience, due FROM timer WHERE file IN "+marks, args, func(rows *sql.Rows) error {
		var file, audience []byte
		var due int64
		err := rows.Scan(&file, &audience, &due)
		if err == nil && may[act.ID(audience)] {
			first(out[act.ID(file)], due)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("timers: %w", err)
	}
	err = each(ctx, tx, "SELECT file, run, lapse, audience, due FROM overdue WHERE file IN "+marks, args, func(rows *sql.Rows) error {
		var file, run, audience []byte
		var name string
		var due int64
		err := rows.Scan(&file, &run, &name, &audience, &due)
		if err == nil && may[act.ID(audience)] {
			l := out[act.ID(file)]
			l.lapses = append(l.lapses, lapse{act.ID(run), name, act.Instant(due), act.ID(audience)})
			first(l, due)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("what is overdue: %w", err)
	}
	return out, nil
}

func scanListed(rows *sql.Rows, out map[act.ID]*listed) error {
	var file, audience, first, platform []byte
	var l listed
	err := rows.Scan(&file, &l.sort, &audience, &first, &l.opened, &l.kind, &l.since, &l.code, &platform)
	if err != nil {
		return err
	}
	l.audience, l.act = act.ID(audience), act.ID(first)
	if len(platform) == len(act.ID{}) {
		l.platform = act.ID(platform)
	}
	*out[act.ID(file)] = l
	return nil
}
