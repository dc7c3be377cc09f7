package bench

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/storage/posix"
	"golang.org/x/mod/sumdb/note"

	"sanad/internal/archive/ledger"
	"sanad/internal/archive/proof"
	"sanad/internal/archive/store"
)

const (
	leafBytes = 512
	// spell is how long one measurement lasts, rounds how many of each side there are, in turn; their medians are compared.
	spell     = time.Second
	leastWarm = 100 * time.Millisecond
	rounds    = 15
)

// BenchmarkAppendSQLite compares appends of acts of 512 bytes into the ledger on SQLite with Tessera's POSIX driver at the
// best of several batch settings, for the same leaves, number of writers and disk. On both sides a writer goes on when its
// leaf is in the tree and on stable storage. Wanted: twice Tessera.
func BenchmarkAppendSQLite(b *testing.B) {
	for _, writers := range []int{32, 256} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			best := sweep(b, writers)
			ours, err := newLedgerSide(b.Context(), filepath.Join(b.TempDir(), "sanad.db"), writers)
			if err != nil {
				b.Fatal(err)
			}
			defer ours.close()
			theirs := newTesseraSide(b, b.TempDir(), best)
			defer theirs.close()
			var a, t []float64
			for b.Loop() {
				for range rounds {
					a = append(a, rate(b, ours.add, writers, spell))
					t = append(t, rate(b, theirs.add, writers, spell))
				}
			}
			b.ReportMetric(median(a), "sanad/s")
			b.ReportMetric(median(t), "tessera/s")
			b.ReportMetric(median(a)/median(t), "ratio")
			b.Logf("ledger %.0f, Tessera %.0f with %v", a, t, best)
		})
	}
}

// batching is a setting of Tessera: a batch is written when it has that many leaves, or its first is that old.
type batching struct {
	size uint
	age  time.Duration
}

// sweep tries batch settings in turn, several times over, and returns the one with the best median.
func sweep(b *testing.B, writers int) batching {
	b.Helper()
	type trial struct {
		batching
		side  *tesseraSide
		rates []float64
	}
	var trials []*trial
	for _, share := range []int{4, 2, 1} {
		for _, age := range []time.Duration{time.Millisecond, 4 * time.Millisecond, 20 * time.Millisecond, 100 * time.Millisecond} {
			t := &trial{batching: batching{uint(writers / share), age}}
			t.side = newTesseraSide(b, b.TempDir(), t.batching)
			trials = append(trials, t)
		}
	}
	const turns = 5
	for range turns {
		for _, t := range trials {
			t.rates = append(t.rates, rate(b, t.side.add, writers, spell/4))
		}
	}
	tried := fmt.Sprintf("Tessera, %d writers:", writers)
	for _, t := range trials {
		t.side.close()
		tried += fmt.Sprintf(" batches of %d or %v %.0f/s,", t.size, t.age, median(t.rates))
	}
	b.Log(tried)
	return slices.MaxFunc(trials, func(x, y *trial) int { return cmp.Compare(median(x.rates), median(y.rates)) }).batching
}

// rate runs writers for a while and returns how many leaves a second were acknowledged. Leaves are made beforehand.
func rate(b *testing.B, add func(*ledger.Entry) error, writers int, long time.Duration) float64 {
	b.Helper()
	stock := int(150_000*(long+leastWarm).Seconds()) / writers // beyond that, leaves are made on the way
	leaves := make([][]*ledger.Entry, writers)
	var making sync.WaitGroup
	for w := range leaves {
		making.Go(func() {
			d := newDiceOf(serial.Add(1))
			leaves[w] = make([]*ledger.Entry, 0, stock)
			for range stock {
				leaves[w] = append(leaves[w], d.leaf(leafBytes))
			}
		})
	}
	making.Wait()
	var count atomic.Int64
	var counting, stop atomic.Bool
	var running sync.WaitGroup
	for w := range writers {
		running.Go(func() {
			next := leaves[w]
			d := newDiceOf(serial.Add(1))
			for !stop.Load() {
				var e *ledger.Entry
				if len(next) > 0 {
					e, next = next[0], next[1:]
				} else {
					e = d.leaf(leafBytes)
				}
				err := add(e)
				if err != nil {
					b.Error(err)
					return
				}
				if counting.Load() {
					count.Add(1)
				}
			}
		})
	}
	time.Sleep(leastWarm)
	counting.Store(true)
	start := time.Now()
	time.Sleep(long)
	counting.Store(false)
	took := time.Since(start)
	stop.Store(true)
	running.Wait()
	return float64(count.Load()) / took.Seconds()
}

// serial keeps the identifiers of one run apart from those of the next.
var serial atomic.Uint64

func median(x []float64) float64 {
	sorted := slices.Sorted(slices.Values(x))
	return sorted[len(sorted)/2]
}

// ledgerSide appends as the clerk does: calls that arrive while a commit is under way share the next.
type ledgerSide struct {
	db    *store.DB
	group *store.Group[*ledger.Entry, int64]
}

func newLedgerSide(ctx context.Context, address string, most int) (*ledgerSide, error) {
	db, err := openNew(ctx, address)
	if err != nil {
		return nil, err
	}
	s := &ledgerSide{db: db}
	s.group = store.NewGroup(most, func(in []*ledger.Entry) []store.Result[int64] {
		out := make([]store.Result[int64], len(in))
		err := appendAll(context.Background(), db, in, func(i int, seq int64) { out[i].Out = seq }) // a batch is finished, as the clerk does
		for i := range out {
			out[i].Err = err
		}
		return out
	})
	return s, nil
}

// appendAll appends entries in one commit.
func appendAll(ctx context.Context, db *store.DB, in []*ledger.Entry, number func(i int, seq int64)) error {
	return db.Write(ctx, func(tx *store.Tx) error {
		head, err := ledger.Lock(ctx, tx)
		if err != nil {
			return err
		}
		batch := ledger.NewBatchFor(head, len(in))
		for i, e := range in {
			seq, _ := batch.Add(e)
			number(i, seq)
		}
		return batch.Write(ctx, tx)
	})
}

func (s *ledgerSide) add(e *ledger.Entry) error {
	e.Hash(origin) // where the caller runs, as Tessera's NewEntry has it; the clerk commits to acts beside its committing goroutine
	_, err := s.group.Do(context.Background(), e)
	return err
}

func (s *ledgerSide) close() {
	s.group.Close()
	_ = s.db.Close()
}

// tesseraSide appends to a Tessera log on the file system. An entry is what the ledger's leaf commits to: the envelope
// and the sealed body.
type tesseraSide struct {
	log  *tessera.Appender
	stop func(context.Context) error
	end  context.CancelFunc
}

func newTesseraSide(b *testing.B, dir string, setting batching) *tesseraSide {
	b.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	skey, _, err := proof.KeyPair(origin, [32]byte{1})
	if err != nil {
		b.Fatal(err)
	}
	signer, err := note.NewSigner(skey)
	if err != nil {
		b.Fatal(err)
	}
	driver, err := posix.New(ctx, posix.Config{Path: dir})
	if err != nil {
		b.Fatal(err)
	}
	log, stop, _, err := tessera.NewAppender(ctx, driver, tessera.NewAppendOptions().
		WithCheckpointSigner(signer).WithCheckpointInterval(time.Second).WithBatching(setting.size, setting.age))
	if err != nil {
		b.Fatal(err)
	}
	return &tesseraSide{log, stop, cancel}
}

func (s *tesseraSide) add(e *ledger.Entry) error {
	content := make([]byte, 0, leafBytes)
	content = append(append(content, e.Envelope...), e.Body...)
	_, err := s.log.Add(context.Background(), tessera.NewEntry(content))()
	return err
}

func (s *tesseraSide) close() {
	err := s.stop(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, "Tessera:", err)
	}
	s.end()
}

// BenchmarkAppendPostgres compares commits of the ledger on PostgreSQL with transactions that insert the same rows of the
// table act in one statement and nothing else. Wanted: half its rate.
func BenchmarkAppendPostgres(b *testing.B) {
	for _, group := range []int{1, 32, 256} {
		b.Run(fmt.Sprintf("group=%d", group), func(b *testing.B) {
			ctx := b.Context()
			ours, err := openNew(ctx, freshPostgres(b))
			if err != nil {
				b.Fatal(err)
			}
			defer ours.Close() //nolint:errcheck // nothing is kept
			plain, err := openNew(ctx, freshPostgres(b))
			if err != nil {
				b.Fatal(err)
			}
			defer plain.Close() //nolint:errcheck // nothing is kept
			d := newDice(3)
			seq := int64(0)
			var a, p []float64
			for b.Loop() {
				for range 200 {
					rows := make([]*ledger.Entry, group)
					for i := range rows {
						rows[i] = d.leaf(leafBytes)
					}
					start := time.Now()
					err = appendAll(ctx, ours, rows, func(int, int64) {})
					if err != nil {
						b.Fatal(err)
					}
					a = append(a, time.Since(start).Seconds())
					start = time.Now()
					err = insertAll(ctx, plain, rows, seq)
					if err != nil {
						b.Fatal(err)
					}
					p = append(p, time.Since(start).Seconds())
					seq += int64(group)
				}
			}
			b.ReportMetric(float64(group)/median(a), "sanad/s")
			b.ReportMetric(float64(group)/median(p), "insert/s")
			b.ReportMetric(median(p)/median(a), "ratio")
		})
	}
}

var plainTable = store.Table{
	Name:    "act",
	Columns: []string{"seq", "id", "file", "audience", "prior", "recorded", "kind", "envelope", "salt", "body_sum", "link", "body"},
	Types:   []string{"bigint", "bytea", "bytea", "bytea", "bigint", "bigint", "text", "bytea", "bytea", "bytea", "bytea", "bytea"},
}

// insertAll writes the rows and nothing else: no lock, no hashes, no head.
func insertAll(ctx context.Context, db *store.DB, in []*ledger.Entry, seq int64) error {
	return db.Write(ctx, func(tx *store.Tx) error {
		rows := plainTable.NewRows()
		for i, e := range in {
			rows.Add(seq+int64(i), e.ID[:], e.File[:], e.Audience[:], e.Prior, int64(e.Recorded), e.Kind, e.Envelope, e.Salt[:], e.BodySum[:], e.Link[:], e.Body)
		}
		return tx.Insert(ctx, rows)
	})
}
