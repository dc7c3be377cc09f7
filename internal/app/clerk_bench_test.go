package app

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"sanad/internal/act"
	"sanad/internal/archive/store"
	"sanad/internal/desk/notice"
	"sanad/internal/office/clerk"
)

// BenchmarkClerk compares the clerk with the rows it writes: the same rows, set-wise, in one transaction a commit, with the
// same group commit, and nothing else: no sealing, no hashing, no engine, no access. Both write turn by turn in one run, each
// into a database of its own on the same disk, so that what the machine does meanwhile hits both alike. The ratio is the
// clerk's throughput by that of the bare rows.
func BenchmarkClerk(b *testing.B) {
	for _, engine := range []string{"sqlite", "postgres"} {
		for _, what := range []struct {
			name  string
			files bool // acts on files that are there
		}{{"notice", false}, {"assess", true}} {
			b.Run(engine+"/"+what.name, func(b *testing.B) {
				for _, clients := range []int{1, 32} {
					b.Run(map[int]string{1: "1 client", 32: "32 clients"}[clients], func(b *testing.B) { compare(b, engine, clients, what.files) })
				}
			})
		}
	}
}

func compare(b *testing.B, engine string, clients int, files bool) {
	full := newBenchDesk(b, benchHouse(b, engine), clients)
	bare := newBareRows(b, benchHouse(b, engine), clients)
	one, other := full.notice, bare.notice
	if files {
		full.open(b)
		bare.open(b)
		one, other = full.assess, bare.assess
	}
	round := max(32, 16*clients) // commands between two turns
	run := func(do func(client int) error) time.Duration {
		start := time.Now()
		var all sync.WaitGroup
		for client := range clients {
			all.Go(func() {
				for range round / clients {
					err := do(client)
					if err != nil {
						b.Error(err)
						return
					}
				}
			})
		}
		all.Wait()
		return time.Since(start)
	}
	run(one) // keys, statements and caches
	run(other)
	var ratios, clerkTook, rowsTook []float64
	bare.commits.Store(0)
	for b.Loop() {
		x, y := run(one), run(other)
		ratios = append(ratios, y.Seconds()/x.Seconds())
		clerkTook = append(clerkTook, float64(x.Microseconds())/float64(round))
		rowsTook = append(rowsTook, float64(y.Microseconds())/float64(round))
	}
	b.ReportMetric(median(ratios), "ratio") // of each turn and the one after it
	b.ReportMetric(median(clerkTook), "clerk-µs")
	b.ReportMetric(median(rowsTook), "rows-µs")
	b.ReportMetric(float64(len(ratios)*round)/float64(bare.commits.Load()), "rows-group")
	b.ReportMetric(0, "ns/op") // an iteration is a round of both
}

func median(x []float64) float64 {
	slices.Sort(x)
	return x[len(x)/2]
}

// benchHouse builds a house on the disk of the repository, with true randomness.
func benchHouse(b *testing.B, engine string) *house {
	b.Helper()
	folder, err := os.MkdirTemp(".", "clerk-bench-*.out") // the system's temporary folder may lie in memory
	if err != nil {
		b.Fatal(err)
	}
	url := ""
	if engine == "postgres" {
		url = benchPostgres(b)
	}
	c := newClock()
	h, err := build(b.Context(), plan{folder: folder, url: url, pack: "xx", legal: c.now, process: c.now, dice: rand.Reader, log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(errors.Join(err, os.RemoveAll(folder)))
	}
	b.Cleanup(func() {
		err := errors.Join(h.shut(), os.RemoveAll(folder))
		if err != nil {
			b.Error(err)
		}
	})
	return h
}

// benchPostgres makes a database on the gate's server.
func benchPostgres(b *testing.B) string {
	b.Helper()
	server := os.Getenv("SANAD_TEST_PG")
	if server == "" {
		b.Skip("missing: SANAD_TEST_PG names no PostgreSQL server; make bench starts one")
	}
	db, err := store.Open(b.Context(), server)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // the benchmark's own
	id, err := act.NewID(rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	url, err := db.Fresh(b.Context(), server, "bench_"+id.String())
	if err != nil {
		b.Fatal(err)
	}
	return url
}

// desk hands commands to a clerk as clients would.
type benchDesk struct {
	*player
	officer act.ID
	files   []benchFile // one a client
	body    []byte
	facts   act.Facts
}

type benchFile struct {
	id, run act.ID
	seen    int64
}

func newBenchDesk(b *testing.B, h *house, clients int) *benchDesk {
	c := newClock()
	d := &benchDesk{player: newPlayer(b, h, c), files: make([]benchFile, clients)}
	d.officer = d.seat("xx-officer-1")
	d.facts = act.NewFacts(d.assessment())
	var err error
	d.body, err = json.Marshal(notice.Form{
		Situation: "contact", Platform: "Jeu d'exemple", Where: "https://game.example/u/7",
		Text: "Someone asks children for their school and for photographs, every evening after seven.", Minor: yes(), Language: "fr",
	})
	if err != nil {
		b.Fatal(err)
	}
	return d
}

func (d *benchDesk) receive() (*clerk.Done, error) {
	var code [32]byte
	_, _ = rand.Read(code[:])
	return d.h.clerk.Do(context.Background(), clerk.Command{
		Mandate: d.h.notice.Intake, Of: notice.Sort, Protocol: d.h.notice.Protocol, Step: d.h.notice.Receive,
		Act: act.Act{
			Facts: act.NewFacts(map[string]act.Value{"situation": act.OfCode("contact"), "minor": act.OfBool(true)}), Body: d.body,
			Commits: []act.Commit{{Name: notice.CommitCode, Sum: code}},
		},
	})
}

// notice receives one.
func (d *benchDesk) notice(int) error {
	_, err := d.receive()
	return err
}

// open gives every client a file to work on.
func (d *benchDesk) open(b *testing.B) {
	for i := range d.files {
		done, err := d.receive()
		if err != nil {
			b.Fatal(err)
		}
		f := &d.files[i]
		f.id, f.run, f.seen = done.File, done.Acts[0].Procedure.ID, done.Acts[0].Seq+1
		err = d.step(i, "acknowledge", act.Act{})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// assess records one more assessment of the client's file.
func (d *benchDesk) assess(client int) error {
	return d.step(client, "assess", act.Act{Facts: d.facts, Body: d.body})
}

func (d *benchDesk) step(client int, step string, a act.Act) error {
	f := &d.files[client]
	done, err := d.h.clerk.Do(context.Background(), clerk.Command{
		Mandate: d.officer, File: f.id, Protocol: d.h.notice.Protocol, Procedure: f.run, Step: step, Seen: f.seen, Act: a,
	})
	if err != nil {
		return err
	}
	f.seen = done.Acts[0].Seq + 1
	return nil
}

// The tables a command writes, as the clerk and the desk of notices write them.
var (
	bareAct = store.Table{
		Name:    "act",
		Columns: []string{"seq", "id", "file", "audience", "prior", "recorded", "kind", "envelope", "salt", "body_sum", "link", "body"},
		Types:   []string{"bigint", "bytea", "bytea", "bytea", "bigint", "bigint", "text", "bytea", "bytea", "bytea", "bytea", "bytea"},
	}
	bareState = store.Table{
		Name: "state", Columns: []string{"file", "seq", "data"}, Types: []string{"bytea", "bigint", "bytea"},
		Conflict: "ON CONFLICT (file) DO UPDATE SET seq = excluded.seq, data = excluded.data",
	}
	bareTimer = store.Table{
		Name: "timer", Columns: []string{"file", "audience", "due"}, Types: []string{"bytea", "bytea", "bigint"}, Conflict: "ON CONFLICT (file, audience) DO UPDATE SET due = excluded.due",
	}
	bareNotice = store.Table{
		Name: "notice", Columns: []string{"file", "act", "audience", "received", "stage", "since", "code"},
		Types: []string{"bytea", "bytea", "bytea", "bigint", "text", "bigint", "bytea"},
	}
)

// example is what one command wrote.
type example struct {
	audience, envelope, body, state []byte
	kind, stage                     string
	recorded                        int64
	due                             sql.NullInt64
}

// bareRows writes the rows of commands, copied from what a clerk wrote, with fresh identifiers.
type bareRows struct {
	h        *house
	received example
	assessed example
	group    *store.Group[*bareRow, struct{}]
	files    [][]byte // one a client
	size     int64
	commits  atomic.Int64
}

type bareRow struct {
	*example
	file []byte
}

func newBareRows(b *testing.B, h *house, clients int) *bareRows {
	r := &bareRows{h: h, files: make([][]byte, clients)}
	d := newBenchDesk(b, h, 1)
	done, err := d.receive()
	if err != nil {
		b.Fatal(err)
	}
	r.received = r.example(b, done.File)
	d.open(b)
	if err = d.assess(0); err != nil {
		b.Fatal(err)
	}
	r.assessed = r.example(b, d.files[0].id)
	_, size, _, err := h.clerk.Head(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	r.size = size
	r.group = store.NewGroup(256, r.commit)
	b.Cleanup(r.group.Close)
	return r
}

// example reads the newest act of a file and what went with it.
func (r *bareRows) example(b *testing.B, file act.ID) (s example) {
	err := r.h.db.Read(b.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(b.Context(), `SELECT a.audience, a.envelope, a.body, s.data, a.kind, n.stage, a.recorded, t.due FROM act a
			JOIN state s ON s.seq = a.seq LEFT JOIN timer t ON t.file = a.file AND t.audience = a.audience JOIN notice n ON n.file = a.file WHERE a.file = ?`, file[:]).
			Scan(&s.audience, &s.envelope, &s.body, &s.state, &s.kind, &s.stage, &s.recorded, &s.due)
	})
	if err != nil {
		b.Fatal(err)
	}
	return s
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}

func (r *bareRows) notice(int) error {
	_, err := r.group.Do(context.Background(), &bareRow{&r.received, random(16)})
	return err
}

func (r *bareRows) open(b *testing.B) {
	for i := range r.files {
		r.files[i] = random(16)
		_, err := r.group.Do(b.Context(), &bareRow{&r.received, r.files[i]})
		if err != nil {
			b.Fatal(err)
		}
	}
}

func (r *bareRows) assess(client int) error {
	_, err := r.group.Do(context.Background(), &bareRow{&r.assessed, r.files[client]})
	return err
}

// commit writes the rows of a group in one transaction.
func (r *bareRows) commit(group []*bareRow) []store.Result[struct{}] {
	ctx := context.Background()
	r.commits.Add(1)
	err := r.h.db.Write(ctx, func(tx *store.Tx) error {
		acts, states, timers, notices := bareAct.NewRows(), bareState.NewRows(), bareTimer.NewRows(), bareNotice.NewRows()
		moved := []any{group[0].stage, group[0].recorded}
		first := tlog.StoredHashCount(r.size)
		for _, row := range group {
			id := random(16)
			acts.Add(r.size, id, row.file, row.audience, int64(0), row.recorded, row.kind, row.envelope, random(32), random(32), random(32), row.body)
			states.Add(row.file, r.size, row.state)
			if row.due.Valid {
				timers.Add(row.file, row.audience, row.due.Int64)
			}
			if row.stage == notice.StageReceived {
				notices.Add(row.file, id, row.audience, row.recorded, row.stage, row.recorded, random(32))
			} else {
				moved = append(moved, row.file)
			}
			r.size++
		}
		for _, rows := range []*store.Rows{acts, states, timers, notices} {
			err := tx.Insert(ctx, rows)
			if err != nil {
				return err
			}
		}
		if n := len(moved) - 2; n > 0 {
			_, err := tx.Exec(ctx, "UPDATE notice SET stage = ?, since = ? WHERE file IN (?"+strings.Repeat(",?", n-1)+")", moved...)
			if err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, "INSERT INTO hash (first, hashes) VALUES (?, ?)", first, random(int(tlog.StoredHashCount(r.size)-first)*tlog.HashSize))
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "UPDATE head SET size = ?, root = ?, edge = ?, recorded = ? WHERE id = 1", r.size, random(32), random(5*32), group[0].recorded)
		return err
	})
	out := make([]store.Result[struct{}], len(group))
	for i := range out {
		out[i].Err = err
	}
	return out
}

// BenchmarkRecompute records what a day off moves: a hundred thousand open deadlines by default, each act sealed, linked and
// signed for like any other. SANAD_DEADLINES says another number.
func BenchmarkRecompute(b *testing.B) {
	many := 100_000
	if text := os.Getenv("SANAD_DEADLINES"); text != "" {
		_, err := fmt.Sscan(text, &many)
		if err != nil {
			b.Fatal(err)
		}
	}
	c := newClock()
	folder := b.TempDir()
	h := testHouse(b, folder, "", c)
	for done := 0; done < many; {
		cmds := make([]clerk.Command, min(1024, many-done))
		for i := range cmds {
			cmds[i] = newNotice(h, 0)
			binary.BigEndian.PutUint64(cmds[i].Act.Commits[0].Sum[:], uint64(done+i+1))
		}
		for _, r := range h.clerk.DoAll(b.Context(), cmds) {
			if r.Err != nil {
				b.Fatal(r.Err)
			}
		}
		done += len(cmds)
	}
	one := under(b, folder, "", otherCalendar(b, "2", c.now().AddDate(0, 0, 1).Format(time.DateOnly)), c)
	b.ResetTimer() // once, whatever b.N is: what is recorded does not move again
	start := time.Now()
	found := 0
	err := clerk.Moving(b.Context(), one.db, one.pack.Engine(), func(m []clerk.Moved) error {
		found += len(m)
		return nil
	})
	finding := time.Since(start)
	n, rerr := one.clerk.Recompute(b.Context())
	if err != nil || rerr != nil || n != found {
		b.Fatal(n, found, err, rerr)
	}
	b.ReportMetric(finding.Seconds(), "s/finding")
	b.ReportMetric((time.Since(start) - finding).Seconds(), "s/recording")
	b.ReportMetric(float64(n), "moved")
}
