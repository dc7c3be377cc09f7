package console

import (
	"context"
	"database/sql"
	"encoding/binary"
	"os"
	"strings"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/archive/store"
	"sanad/internal/archive/store/storetest"
	"sanad/internal/desk/notice"
	"sanad/internal/law/pack"
	"sanad/internal/law/protocol"
	"sanad/internal/office/access"
	"sanad/internal/office/cases"
	"sanad/internal/office/clerk"
)

// What the benchmark measures in time is counted here: which indexes the queue reads, how many statements and how many rows,
// whatever the number of files.

// plans is a transaction that asks how each query is answered, and counts what it answers.
type plans struct {
	*store.Tx
	t          *testing.T
	pg         bool
	statements int
	rows       int
}

var tables = []string{"docket", "timer", "overdue", "state", "may"}

func (p *plans) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	p.t.Helper()
	p.statements++
	explain := "EXPLAIN QUERY PLAN "
	if p.pg {
		explain = "EXPLAIN "
	}
	for _, line := range p.lines(ctx, explain+query, args...) {
		if strings.Contains(line, "Seq Scan") || strings.Contains(line, "TEMP B-TREE") {
			p.t.Errorf("%s\n\tis answered by: %s", query, line)
		}
		for _, table := range tables {
			if strings.Contains(line, "SCAN "+table) {
				p.t.Errorf("%s\n\tis answered by: %s", query, line)
			}
		}
	}
	n := 0
	err := p.Tx.QueryRow(ctx, "SELECT count(*) FROM ("+query+") counted", args...).Scan(&n)
	if err != nil {
		p.t.Fatal(err)
	}
	p.rows += n
	return p.Tx.Query(ctx, query, args...)
}

// lines are the last columns of an answer.
func (p *plans) lines(ctx context.Context, query string, args ...any) []string {
	var out []string
	err := each(ctx, p.Tx, query, args, func(rows *sql.Rows) error {
		var id, parent, unused int
		var line string
		into := []any{&line}
		if !p.pg {
			into = []any{&id, &parent, &unused, &line}
		}
		err := rows.Scan(into...)
		out = append(out, line)
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return out
}

func onBoth(t *testing.T, f func(t *testing.T, db *store.DB)) {
	t.Helper()
	storetest.OnBoth(t, func(t *testing.T, url string) { f(t, storetest.Open(t, url)) })
}

func numbered(kind byte, n int) act.ID {
	var id act.ID
	id[0] = kind
	binary.BigEndian.PutUint64(id[8:], uint64(n))
	return id
}

// audiencesOf are how many audiences the mandate of these tests reads.
const audiencesOf = 6

// fill writes files in several audiences: of five, three have a clock, one is overdue, one waits without.
func fill(t *testing.T, db *store.DB, from, to int) {
	t.Helper()
	ctx := t.Context()
	err := db.Write(ctx, func(tx *store.Tx) error {
		docket, overdue := docketTable.NewRows(), overdueTable.NewRows()
		timers := (&store.Table{Name: "timer", Columns: []string{"file", "audience", "due"}, Types: []string{"bytea", "bytea", "bigint"}}).NewRows()
		states := (&store.Table{Name: "state", Columns: []string{"file", "seq", "data"}, Types: []string{"bytea", "bigint", "bytea"}}).NewRows()
		for i := from; i < to; i++ {
			file, audience, run := numbered('f', i), numbered('a', i%audiencesOf), numbered('r', i)
			since := int64(act.InstantOf(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))) + int64(i)
			docket.Add(file[:], notice.Sort, audience[:], file[:], since, "notice.received", since, "blackmail", nil, int64(1))
			switch i % 5 {
			case 0, 1, 2:
				timers.Add(file[:], audience[:], since+1_000_000)
			case 3:
				overdue.Add(file[:], run[:], "acknowledgement_lapsed", audience[:], since-1_000_000)
			}
			st := protocol.State{
				File: file, Sort: notice.Sort, Acts: 1, Threads: []protocol.Thread{{Audience: audience, ID: numbered('t', i), Next: 1}},
				Procedures: []protocol.Run{{ID: run, Protocol: "xx.notice", Version: 1, Events: []protocol.Event{{Step: "receive", Count: 1}}}},
			}
			states.Add(file[:], int64(i), st.AppendBinary(nil))
		}
		for _, rows := range []*store.Rows{docket, overdue, timers, states} {
			err := tx.Insert(ctx, rows)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// readers writes audiences and one mandate that reads them.
func readers(t *testing.T, db *store.DB, mandate act.ID) {
	t.Helper()
	ctx := t.Context()
	err := db.Write(ctx, func(tx *store.Tx) error {
		person := numbered('p', 1)
		_, err := tx.Exec(ctx, "INSERT INTO mandate (id, person, role, institution, seat, starts, ends) VALUES (?, ?, 'officer', 'xx-office', '', 0, 1)", mandate[:], person[:])
		for i := range audiencesOf {
			id := numbered('a', i)
			if err == nil {
				_, err = tx.Exec(ctx, "INSERT INTO audience (id, name, size) VALUES (?, ?, 1)", id[:], id[:])
			}
			if err == nil {
				_, err = tx.Exec(ctx, "INSERT INTO may (mandate, audience) VALUES (?, ?)", mandate[:], id[:])
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func testPack(t *testing.T) *pack.Pack {
	t.Helper()
	var all []act.Schema
	for _, s := range [][]act.Schema{protocol.Schemas(notice.Sort, cases.Sort), notice.Kinds(), cases.Kinds(), clerk.Kinds(notice.Sort, cases.Sort), TrialKinds()} {
		all = append(all, s...)
	}
	catalogue, err := act.NewCatalogue(all...)
	if err != nil {
		t.Fatal(err)
	}
	p, err := pack.Load(os.DirFS("testdata/xx"), "xx", nil, catalogue)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A page of the queue reads the fronts of indexes: the same statements and no more rows with ten times the files.
func TestQueueReadsIndexes(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, db *store.DB) {
		law := testPack(t)
		now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
		c := &Console{Pack: law, Clerk: &clerk.Clerk{Config: clerk.Config{Clock: func() time.Time { return now }}}}
		who := access.Mandate{ID: numbered('m', 1), Role: "officer"}
		readers(t, db, who.ID)
		asked := map[string]askedQueue{
			"top": {}, "mine": {mine: true}, "one sort": {sort: notice.Sort},
			"waiting": {after: mark{waits: true}}, "no file": {sort: cases.Sort}, "mine of none": {mine: true, sort: cases.Sort},
		}
		count := func() map[string][2]int {
			out := map[string][2]int{}
			err := db.Write(t.Context(), func(tx *store.Tx) error { // so that settings end with it
				p := &plans{Tx: tx, t: t, pg: db.Engine() == store.Postgres}
				if p.pg { // a small table is read whole whatever indexes it has
					_, err := tx.Exec(t.Context(), "SET LOCAL enable_seqscan = off")
					if err != nil {
						return err
					}
				}
				for name, a := range asked {
					p.statements, p.rows = 0, 0
					lines, _, err := c.lines(t.Context(), p, who, a, words{pack: law, loc: time.UTC})
					if err != nil {
						return err
					}
					if len(lines) == 0 && a.sort != cases.Sort {
						t.Errorf("%s: nothing", name)
					}
					out[name] = [2]int{p.statements, p.rows}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
		fill(t, db, 0, 2000)
		few := count()
		fill(t, db, 2000, 8000)
		many := count()
		for name := range asked {
			if few[name] != many[name] && asked[name].sort != cases.Sort { // which stops where it has looked enough, wherever that is
				t.Errorf("%s: %v statements and rows with 2000 files, %v with 8000", name, few[name], many[name])
			}
			// A round looks at 41 places: of 6 audiences in two tables at most 492 rows, and 41 × 4 of details. Six rounds make a page.
			if s, r := many[name][0], many[name][1]; s > 6*5+1 || r > 6*(2*audiencesOf*(perPage+1)+5*(perPage+1)) {
				t.Errorf("%s: %d statements, %d rows", name, s, r)
			}
		}
	})
}

// So do the lists that a file's page offers, and looking a file up by its number.
func TestListsReadIndexes(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, db *store.DB) {
		mandate := numbered('m', 1)
		readers(t, db, mandate)
		fill(t, db, 0, 4000)
		var audiences []act.ID
		for i := range audiencesOf {
			audiences = append(audiences, numbered('a', i))
		}
		err := db.Write(t.Context(), func(tx *store.Tx) error { // so that settings end with it
			p := &plans{Tx: tx, t: t, pg: db.Engine() == store.Postgres}
			if p.pg {
				_, err := tx.Exec(t.Context(), "SET LOCAL enable_seqscan = off")
				if err != nil {
					return err
				}
			}
			all, err := newest(t.Context(), p, audiences, notice.Sort)
			if err != nil || len(all) == 0 || len(all) > 2*mostOffered*audiencesOf {
				t.Errorf("to choose from: %d files, %v", len(all), err)
			}
			from, to, ok := spread(all[0].file.String()[:8])
			var found []act.ID
			if ok {
				err = between(t.Context(), p, from, to, &found)
			}
			if err != nil || len(found) != mostFound { // these are alike in their first letters
				t.Errorf("by number: %d files, %v, %v", len(found), ok, err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
