package app

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"log/slog"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/archive/store"
	"sanad/internal/archive/store/storetest"
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
	clock := running()
	full := newBenchDesk(b, houseOnDisk(b, engine, clock), clients)
	bare := newBareRows(b, houseOnDisk(b, engine, clock), clock, clients)
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
	before := commitsOf(b, full.h)
	for b.Loop() {
		x, y := run(one), run(other)
		ratios = append(ratios, y.Seconds()/x.Seconds())
		clerkTook = append(clerkTook, float64(x.Microseconds())/float64(round))
		rowsTook = append(rowsTook, float64(y.Microseconds())/float64(round))
	}
	b.ReportMetric(median(ratios), "ratio") // of each turn and the one after it
	b.ReportMetric(median(clerkTook), "clerk-µs")
	b.ReportMetric(median(rowsTook), "rows-µs")
	b.ReportMetric(float64(len(ratios)*round)/float64(commitsOf(b, full.h)-before), "clerk-group")
	b.ReportMetric(float64(len(ratios)*round)/float64(bare.commits.Load()), "rows-group")
	b.ReportMetric(0, "ns/op") // an iteration is a round of both
}

// commitsOf counts a log's commits: each wrote one row of hashes.
func commitsOf(b testing.TB, h *house) (n int64) {
	b.Helper()
	err := h.db.Read(b.Context(), func(tx *store.Tx) error { return tx.QueryRow(b.Context(), "SELECT count(*) FROM hash").Scan(&n) })
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// running is a clock that goes: were it to stand still, rows would be written over with what they hold already, and indexes by
// time would never move.
func running() func() time.Time {
	from, began := newClock().now(), time.Now()
	return func() time.Time { return from.Add(time.Since(began)) }
}

func median(x []float64) float64 {
	slices.Sort(x)
	return x[len(x)/2]
}

// benchHouse builds a house on the disk of the repository, with true randomness, in which time stands still.
func benchHouse(b testing.TB, engine string) *house { return houseOnDisk(b, engine, newClock().now) }

func houseOnDisk(b testing.TB, engine string, clock func() time.Time) *house {
	b.Helper()
	folder, err := os.MkdirTemp(".", "clerk-bench-*.out") // the system's temporary folder may lie in memory
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		err := os.RemoveAll(folder)
		if err != nil {
			b.Error(err)
		}
	})
	url := ""
	if engine == "postgres" {
		url = storetest.Postgres(b)
	}
	return randomHouse(b, folder, url, clock)
}

// randomHouse builds a house with true randomness.
func randomHouse(b testing.TB, folder, url string, clock func() time.Time) *house {
	b.Helper()
	h, err := build(b.Context(), plan{folder: folder, url: url, pack: "xx", legal: clock, process: clock, dice: rand.Reader, log: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		err := h.shut()
		if err != nil {
			b.Error(err)
		}
	})
	return h
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

func newBenchDesk(b testing.TB, h *house, clients int) *benchDesk {
	d := &benchDesk{player: newPlayer(b, h, newClock()), files: make([]benchFile, clients)}
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

// receiving takes a notice in.
func (d *benchDesk) receiving() clerk.Command {
	return clerk.Command{
		Mandate: d.h.notice.Intake, Of: notice.Sort, Protocol: d.h.notice.Protocol, Step: d.h.notice.Receive,
		Act: act.Act{
			Facts: act.NewFacts(map[string]act.Value{"situation": act.OfCode("contact"), "minor": act.OfBool(true)}), Body: d.body,
			Commits: []act.Commit{{Name: notice.CommitCode, Sum: [32]byte(random(32))}},
		},
	}
}

func (d *benchDesk) receive() (*clerk.Done, error) {
	return d.h.clerk.Do(context.Background(), d.receiving())
}

// notice receives one.
func (d *benchDesk) notice(int) error {
	_, err := d.receive()
	return err
}

// open gives every client a file to work on.
func (d *benchDesk) open(b testing.TB) {
	for i := range d.files {
		done, err := d.receive()
		if err != nil {
			b.Fatal(err)
		}
		f := &d.files[i]
		f.id, f.run, f.seen = done.File, done.Acts[0].Procedure.ID, done.Acts[0].Seq+1
		done, err = d.h.clerk.Do(context.Background(), d.stepping(i, "acknowledge", act.Act{}))
		err = d.saw(i, done, err)
		if err != nil {
			b.Fatal(err)
		}
	}
}

// assess records one more assessment of the client's file.
func (d *benchDesk) assess(client int) error {
	done, err := d.h.clerk.Do(context.Background(), d.assessing(client))
	return d.saw(client, done, err)
}

func (d *benchDesk) assessing(client int) clerk.Command {
	return d.stepping(client, "assess", act.Act{Facts: d.facts, Body: d.body})
}

// stepping does a step on the client's file.
func (d *benchDesk) stepping(client int, step string, a act.Act) clerk.Command {
	f := &d.files[client]
	return clerk.Command{Mandate: d.officer, File: f.id, Protocol: d.h.notice.Protocol, Procedure: f.run, Step: step, Seen: f.seen, Act: a}
}

// saw notes what a client has seen of its file.
func (d *benchDesk) saw(client int, done *clerk.Done, err error) error {
	if err == nil {
		d.files[client].seen = done.Acts[0].Seq + 1
	}
	return err
}
