package app

import (
	"fmt"
	"os"
	"testing"
	"time"

	"sanad/internal/archive/store/storetest"
	"sanad/internal/office/clerk"
)

// BenchmarkRecompute records what a day off moves: a hundred thousand open deadlines by default, each act sealed, linked and
// signed for like any other. SANAD_DEADLINES says another number. Recording is all that a server does: to find, to compute, to
// record; finding is what of it calendar check does, measured by itself before.
func BenchmarkRecompute(b *testing.B) {
	n := 100_000
	if text := os.Getenv("SANAD_DEADLINES"); text != "" {
		_, err := fmt.Sscan(text, &n)
		if err != nil {
			b.Fatal(err)
		}
	}
	for _, engine := range []string{"sqlite", "postgres"} {
		b.Run(engine, func(b *testing.B) {
			url := ""
			if engine == "postgres" {
				url = storetest.Postgres(b)
			}
			moveAll(b, url, n)
		})
	}
}

func moveAll(b *testing.B, url string, n int) {
	c := newClock()
	folder := b.TempDir()
	h := testHouse(b, folder, url, c)
	receiveMany(b, h, n)
	one := under(b, folder, url, otherCalendar(b, "2", c.now().AddDate(0, 0, 1).Format(time.DateOnly)), c)
	b.ResetTimer() // once, whatever b.N is: what is recorded does not move again
	start := time.Now()
	found := 0
	err := clerk.Moving(b.Context(), one.db, one.pack.Engine(), func(m []clerk.Moved) error {
		found += len(m)
		return nil
	})
	finding := time.Since(start)
	moved, rerr := one.clerk.Recompute(b.Context())
	if err != nil || rerr != nil || moved != found || moved != n {
		b.Fatal(moved, found, err, rerr)
	}
	b.ReportMetric(finding.Seconds(), "s/finding")
	b.ReportMetric((time.Since(start) - finding).Seconds(), "s/recording")
	b.ReportMetric(float64(moved), "moved")
	b.ReportMetric(0, "ns/op") // one run says it above
}
