package console_test

import (
	"context"
	"encoding/binary"
	"net/http"
	"os"
	"slices"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/archive/store"
	"sanad/internal/archive/store/storetest"
)

// What a large authority has after years. The benchmark below takes minutes to fill: make bench does not run it by itself.
const (
	benchFiles = 100_000
	benchActs  = 20 // a file
	benchReal  = 48 // files written through the clerk, whose pages are opened
)

// BenchmarkPages opens the queue and the pages of files among 100,000 files and 2,000,000 acts, and says how much slower that
// is than among a few: go test -run '^$' -bench Pages -benchtime 2000x ./internal/desk/console. With SANAD_TEST_PG it asks
// PostgreSQL too.
//
// Files that are filled in are copies of one that went through the clerk: rows of the same sizes, each file's acts as far apart
// as if they had come in over years. Their bodies can't be opened, so the pages that are asked for are those of real files.
func BenchmarkPages(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { benchPages(b, "") })
	b.Run("postgres", func(b *testing.B) { benchPages(b, storetest.Postgres(b)) })
}

// built is what was filled before, so that a benchmark that is run for more rounds does not fill it again.
var built = map[string]*benched{}

type benched struct {
	*house
	files []act.ID
	few   map[string]time.Duration
}

func benchPages(b *testing.B, url string) {
	x := built[b.Name()]
	if x == nil {
		x = &benched{house: newHouseOn(forever{b}, url), few: map[string]time.Duration{}}
		x.enter("officer")
		for range benchReal {
			x.files = append(x.files, x.realFile())
		}
		for name, page := range x.pages() {
			x.few[name] = quantile(x.measure(page, 200), 0.5)
		}
		x.fill()
		built[b.Name()] = x
	}
	for name, page := range x.pages() {
		b.Run(name, func(b *testing.B) {
			all := x.measure(page, max(b.N, 20))
			b.ReportMetric(float64(quantile(all, 0.5).Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(quantile(all, 0.99).Microseconds())/1000, "p99-ms")
			b.ReportMetric(float64(quantile(all, 0.5))/float64(x.few[name]), "×few")
		})
	}
}

// forever keeps a house beyond the round of a benchmark that built it.
type forever struct{ testing.TB }

func (forever) Context() context.Context { return context.Background() }
func (forever) Cleanup(func())           {}
func (forever) TempDir() string {
	dir, err := os.MkdirTemp("", "sanad-bench")
	if err != nil {
		panic(err)
	}
	return dir
}

func (x *benched) pages() map[string]func(i int) string {
	return map[string]func(i int) string{
		"queue":   func(int) string { return "/queue" },
		"mine":    func(int) string { return "/queue?mine=1" },
		"waiting": func(int) string { return "/queue?after=w-0-" + (act.ID{}).String() },
		"file":    func(i int) string { return "/file/" + x.files[i%len(x.files)].String() },
	}
}

func (x *benched) measure(page func(int) string, n int) []time.Duration {
	out := make([]time.Duration, n)
	for i := range n {
		start := time.Now()
		got := x.ask("officer", "GET", page(i), "")
		out[i] = time.Since(start)
		if got.status != http.StatusOK {
			x.t.Fatalf("%s: %d\n%s\n%s", page(i), got.status, got.body, x.log)
		}
	}
	return out
}

func quantile(all []time.Duration, q float64) time.Duration {
	slices.Sort(all)
	return all[int(q*float64(len(all)-1))]
}

// realFile is a notice of twenty acts, each with a body, and two clocks that run.
func (x *benched) realFile() act.ID {
	file := x.receive("yes", "An account asks children for pictures, and for the name of their school.")
	x.perform("officer", file, "acknowledge")
	for range benchActs - 4 {
		x.perform("officer", file, "assess", "fact.aim", "minors", "fact.reasons", "yes", "body", "What was seen, by whom, and what follows from it, in a few lines.")
	}
	x.perform("officer", file, "invite", "body", "You may say what you think of this.")
	x.perform("officer", file, "ask_opinion")
	return file
}

// fill copies a real file until there are enough. A file's acts are a whole round apart.
func (x *benched) fill() {
	x.t.Helper()
	ctx := context.Background()
	type row struct {
		audience, envelope, salt, sum, link, body []byte
		recorded                                  int64
		kind                                      string
	}
	var acts []row
	var state, audience []byte
	var seq int64
	must(x.t, x.db.Read(ctx, func(tx *store.Tx) error {
		v := x.view("officer", x.files[0])
		for _, a := range v.Acts {
			var r row
			err := tx.QueryRow(ctx, "SELECT audience, envelope, salt, body_sum, link, body, recorded, kind FROM act WHERE seq = ?", a.Seq).
				Scan(&r.audience, &r.envelope, &r.salt, &r.sum, &r.link, &r.body, &r.recorded, &r.kind)
			if err != nil {
				return err
			}
			if r.body == nil { // no body is an empty one, where it is kept
				r.body = []byte{}
			}
			acts = append(acts, r)
		}
		err := tx.QueryRow(ctx, "SELECT max(seq) + 1 FROM act").Scan(&seq)
		if err != nil {
			return err
		}
		audience = acts[0].audience
		return tx.QueryRow(ctx, "SELECT data FROM state WHERE file = ?", x.files[0][:]).Scan(&state)
	}))
	actTable := store.Table{
		Name: "act", Columns: []string{"seq", "id", "file", "audience", "prior", "recorded", "kind", "envelope", "salt", "body_sum", "link", "body"},
		Types: []string{"bigint", "bytea", "bytea", "bytea", "bigint", "bigint", "text", "bytea", "bytea", "bytea", "bytea", "bytea"},
	}
	base := seq
	for i := range acts {
		for from := 0; from < benchFiles; from += 5000 {
			must(x.t, x.db.Write(ctx, func(tx *store.Tx) error {
				rows := actTable.NewRows()
				for n := from; n < from+5000; n++ {
					file, id := filled('f', n), filled(byte(i), n)
					prior := int64(0)
					if i > 0 {
						prior = base + int64(i-1)*benchFiles + int64(n) + 1
					}
					r := &acts[i]
					rows.Add(base+int64(i)*benchFiles+int64(n), id[:], file[:], r.audience, prior, r.recorded+int64(n), r.kind, r.envelope, r.salt, r.sum, r.link, r.body)
				}
				return tx.Insert(ctx, rows)
			}))
		}
	}
	x.list(ctx, state, audience, base+int64(len(acts)-1)*benchFiles)
}

// list writes what is derived of the files that were filled in. Nine of ten have a clock.
func (x *benched) list(ctx context.Context, state, audience []byte, last int64) {
	x.t.Helper()
	tables := []store.Table{
		{Name: "state", Columns: []string{"file", "seq", "data"}, Types: []string{"bytea", "bigint", "bytea"}},
		{Name: "timer", Columns: []string{"file", "audience", "due"}, Types: []string{"bytea", "bytea", "bigint"}},
		{
			Name: "docket", Columns: []string{"file", "sort", "audience", "act", "opened", "kind", "since", "code", "platform", "open"},
			Types: []string{"bytea", "text", "bytea", "bytea", "bigint", "text", "bigint", "text", "bytea", "bigint"},
		},
	}
	now := int64(act.InstantOf(x.legal.now()))
	for from := 0; from < benchFiles; from += 5000 {
		must(x.t, x.db.Write(ctx, func(tx *store.Tx) error {
			states, timers, docket := tables[0].NewRows(), tables[1].NewRows(), tables[2].NewRows()
			for n := from; n < from+5000; n++ {
				file, first := filled('f', n), filled(0, n)
				data := slices.Clone(state)
				copy(data[1:], file[:]) // after the format's number stands the file's identifier
				states.Add(file[:], last+int64(n), data)
				if n%10 != 0 {
					timers.Add(file[:], audience, now+int64(n%50_000)*int64(time.Minute/time.Microsecond))
				}
				docket.Add(file[:], "notice", audience, first[:], now, "notice.assessed", now+int64(n), "blackmail", nil, int64(1))
			}
			for _, rows := range []*store.Rows{states, timers, docket} {
				err := tx.Insert(ctx, rows)
				if err != nil {
					return err
				}
			}
			return nil
		}))
	}
	must(x.t, x.db.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, "ANALYZE")
		return err
	}))
}

func filled(kind byte, n int) act.ID {
	var id act.ID
	// Spread as random identifiers are, and the same at every run.
	binary.BigEndian.PutUint64(id[:], uint64(n)*0x9E3779B97F4A7C15)
	binary.BigEndian.PutUint32(id[8:], uint32(n))
	id[15] = kind
	return id
}
