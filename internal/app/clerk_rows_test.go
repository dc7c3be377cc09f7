package app

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"math/bits"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"sanad/internal/act"
	"sanad/internal/archive/store"
)

// bareRows writes the rows that commands write and does nothing else: no sealing, no hashing, no engine, no access. Which rows
// those are nobody lists by hand: the database of a house is compared before and after a real command, over all its tables, and
// what was added or changed is written again with fresh identifiers, in the same sizes. What is of one table goes into one
// statement for a whole group, as far as the store lets it, and rows that come to stand alike are changed together.
type bareRows struct {
	h        *house
	clock    func() time.Time
	received shape
	assessed shape
	group    *store.Group[bareRow, struct{}]
	files    []bareFile // one a client
	size     int64
	commits  atomic.Int64
}

// bareFile is a file that the rows say something about.
type bareFile struct{ file, run []byte }

// bareRow is a command's worth of rows.
type bareRow struct {
	*shape
	bareFile
}

// shape is what one command wrote, by table. The log's head and its row of hashes are a commit's, not a command's.
type shape struct{ inserted, upserted, updated []*like }

// like is one row of a table to be written again.
type like struct {
	table *store.Table // of rows that are inserted
	name  string
	key   string // the column that finds a row to be changed
	cells []cell
}

// cell is a column of a row that was written.
type cell struct {
	column string
	is     role
	value  any // what it holds, or for an instant by how much it is after the act's
}

// role says what a column holds, hence what stands there in the next row.
type role int

const (
	isSame    role = iota
	isFile         // the file's identifier
	isAct          // the act's
	isRun          // the run's
	isSeq          // the act's number, or that of an act before it
	isInstant      // around when the act was recorded
	isSum          // a hash, a salt or a code: 32 random bytes
)

func newBareRows(b testing.TB, h *house, clock func() time.Time, clients int) *bareRows {
	r := &bareRows{h: h, clock: clock, files: make([]bareFile, clients)}
	d := newBenchDesk(b, h, 2)
	d.open(b)
	r.received = r.settled(b, func() act.ID {
		done, err := d.receive()
		if err != nil {
			b.Fatal(err)
		}
		return done.File
	})
	r.assessed = r.settled(b, func() act.ID {
		err := d.assess(0)
		if err != nil {
			b.Fatal(err)
		}
		return d.files[0].id
	})
	_, size, _, err := h.clerk.Head(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	r.size = size
	r.group = store.NewGroup(256, r.commit)
	b.Cleanup(r.group.Close)
	return r
}

// settled has a command done until it writes what it usually does: the first that concerns a mandate puts a row into the outbox,
// which later ones find there.
func (r *bareRows) settled(b testing.TB, do func() act.ID) shape {
	b.Helper()
	const most = 64
	for range most {
		s := r.learn(b, do)
		if !slices.ContainsFunc(s.inserted, func(l *like) bool { return l.name == "outbox" }) {
			return s
		}
	}
	b.Fatal("every command puts a row into the outbox")
	return shape{}
}

// learn has a command done and finds what it wrote.
func (r *bareRows) learn(b testing.TB, do func() act.ID) shape {
	b.Helper()
	tables := tablesOf(b, r.h.db)
	before := make(map[string]map[string][]any, len(tables))
	for _, t := range tables {
		before[t.name] = t.rows(b, r.h.db)
	}
	k := &known{file: do()}
	k.read(b, r.h.db)
	var s shape
	for _, t := range tables {
		if t.name == "head" || t.name == "hash" {
			continue
		}
		after := t.rows(b, r.h.db)
		for key := range before[t.name] {
			if after[key] == nil {
				b.Fatalf("a command removed a row of %s, which the bare rows can't", t.name)
			}
		}
		for _, key := range slices.Sorted(maps.Keys(after)) {
			s.add(b, t, k, before[t.name][key], after[key])
		}
	}
	return s
}

// known is what the columns of a command's rows are compared with.
type known struct {
	file, act, run act.ID
	seq, prior     int64
	recorded       int64
}

func (k *known) read(b testing.TB, db *store.DB) {
	b.Helper()
	var id, envelope []byte
	err := db.Read(b.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(b.Context(), "SELECT seq, id, prior, recorded, envelope FROM act WHERE file = ? ORDER BY seq DESC LIMIT 1", k.file[:]).
			Scan(&k.seq, &id, &k.prior, &k.recorded, &envelope)
	})
	if err != nil {
		b.Fatal(err)
	}
	env, err := act.Decode(envelope)
	if err != nil {
		b.Fatal(err)
	}
	k.act, k.run = act.ID(id), env.Procedure.ID
}

// cell says what a column of a row holds.
func (k *known) cell(column string, v any) cell {
	const nearby = int64(400 * 24 * 3600 * 1e6) // microseconds
	switch v := v.(type) {
	case []byte:
		switch {
		case bytes.Equal(v, k.file[:]):
			return cell{column, isFile, nil}
		case bytes.Equal(v, k.act[:]):
			return cell{column, isAct, nil}
		case bytes.Equal(v, k.run[:]):
			return cell{column, isRun, nil}
		case len(v) == 32:
			return cell{column, isSum, nil}
		}
	case int64:
		switch {
		case column == "seq" && v == k.seq, column == "prior" && v == k.prior && v > 0:
			return cell{column, isSeq, nil}
		case max(v-k.recorded, k.recorded-v) < nearby:
			return cell{column, isInstant, v - k.recorded}
		}
	}
	return cell{column, isSame, v}
}

// add notes a row that was added or changed.
func (s *shape) add(b testing.TB, t *dbTable, k *known, before, after []any) {
	b.Helper()
	l := &like{name: t.name}
	whole := before == nil
	var changed []string
	var cells, moved []cell
	for i, column := range t.columns {
		c := k.cell(column, after[i])
		cells = append(cells, c)
		if !whole && !same(before[i], after[i]) {
			moved = append(moved, c)
			changed = append(changed, column)
		}
	}
	if !whole && len(moved) == 0 {
		return
	}
	l.cells, l.table = cells, &store.Table{Name: t.name, Columns: t.columns, Types: t.types}
	alike := func(c cell) bool { return c.is == isSame && c.column != "data" || c.is == isInstant }
	switch {
	case whole:
		s.inserted = append(s.inserted, l)
	case len(t.key) == 1 && !slices.ContainsFunc(moved, func(c cell) bool { return !alike(c) }) && k.cell(t.key[0], after[slices.Index(t.columns, t.key[0])]).is == isFile:
		l.key, l.cells = t.key[0], moved
		s.updated = append(s.updated, l)
	default:
		var set []string
		for _, column := range changed {
			set = append(set, column+" = excluded."+column)
		}
		l.table.Conflict = "ON CONFLICT (" + strings.Join(t.key, ", ") + ") DO UPDATE SET " + strings.Join(set, ", ")
		s.upserted = append(s.upserted, l)
	}
}

func same(a, b any) bool {
	x, isBytes := a.([]byte)
	y, areBytes := b.([]byte)
	if isBytes && areBytes {
		return bytes.Equal(x, y)
	}
	return !isBytes && !areBytes && a == b
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}

func newBareFile() bareFile { return bareFile{random(16), random(16)} }

func (r *bareRows) notice(int) error {
	_, err := r.group.Do(context.Background(), bareRow{&r.received, newBareFile()})
	return err
}

func (r *bareRows) open(b testing.TB) {
	for i := range r.files {
		r.files[i] = newBareFile()
		_, err := r.group.Do(b.Context(), bareRow{&r.received, r.files[i]})
		if err != nil {
			b.Fatal(err)
		}
	}
}

func (r *bareRows) assess(client int) error {
	_, err := r.group.Do(context.Background(), bareRow{&r.assessed, r.files[client]})
	return err
}

// commit writes the rows of a group in one transaction.
func (r *bareRows) commit(group []bareRow) []store.Result[struct{}] {
	r.commits.Add(1)
	err := r.h.db.Write(context.Background(), func(tx *store.Tx) error { return r.write(context.Background(), tx, group) })
	out := make([]store.Result[struct{}], len(group))
	for i := range out {
		out[i].Err = err
	}
	return out
}

func (r *bareRows) write(ctx context.Context, tx *store.Tx, group []bareRow) error {
	first, now := tlog.StoredHashCount(r.size), int64(act.InstantOf(r.clock()))
	var order []*like
	rows, files := map[*like]*store.Rows{}, map[*like][]any{}
	for _, g := range group {
		id, seq := random(16), r.size
		r.size++
		for _, l := range slices.Concat(g.inserted, g.upserted) {
			if rows[l] == nil {
				rows[l], order = l.table.NewRows(), append(order, l)
			}
			values := make([]any, len(l.cells))
			for i := range l.cells {
				values[i] = l.cells[i].next(g.bareFile, id, seq, now)
			}
			rows[l].Add(values...)
		}
		for _, l := range g.updated {
			if files[l] == nil {
				order = append(order, l)
			}
			files[l] = append(files[l], g.file)
		}
	}
	for _, l := range order {
		var err error
		if rows[l] != nil {
			err = tx.Insert(ctx, rows[l])
		} else {
			err = l.change(ctx, tx, files[l], now)
		}
		if err != nil {
			return err
		}
	}
	err := tx.Send(ctx, "INSERT INTO hash (first, hashes) VALUES (?, ?)", first, random(int(tlog.StoredHashCount(r.size)-first)*tlog.HashSize))
	if err != nil {
		return err
	}
	return tx.Send(ctx, "UPDATE head SET size = ?, root = ?, edge = ?, recorded = ? WHERE id = 1", r.size, random(32), random(bits.OnesCount64(uint64(r.size))*tlog.HashSize), now)
}

// next is what stands in a column of the next row.
func (c *cell) next(f bareFile, id []byte, seq, now int64) any {
	switch c.is {
	case isFile:
		return f.file
	case isAct:
		return id
	case isRun:
		return f.run
	case isSeq:
		return seq
	case isInstant:
		return now + c.value.(int64) //nolint:forcetypeassert // by known.cell
	case isSum:
		return random(32)
	}
	return c.value
}

// change changes the rows of files that come to stand alike.
func (l *like) change(ctx context.Context, tx *store.Tx, files []any, now int64) error {
	var set []string
	var args []any
	for i := range l.cells {
		set = append(set, l.cells[i].column+" = ?")
		args = append(args, l.cells[i].next(bareFile{}, nil, 0, now))
	}
	n := 1
	for n < len(files) { // a power of two, so that few statements exist
		n *= 2
	}
	args = append(append(args, files...), slices.Repeat(files[len(files)-1:], n-len(files))...)
	return tx.Send(ctx, fmt.Sprintf("UPDATE %s SET %s WHERE %s IN (?%s)", l.name, strings.Join(set, ", "), l.key, strings.Repeat(",?", n-1)), args...)
}
