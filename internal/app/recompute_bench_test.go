package app

import (
	"encoding/binary"
	"fmt"
	"os"
	"testing"
	"time"

	"sanad/internal/office/clerk"
)

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
