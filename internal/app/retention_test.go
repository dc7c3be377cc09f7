package app

import (
	"sync"
	"testing"
	"time"

	"sanad/internal/act"
)

// Retention comes to every file, some at a time: each visit is bounded, and one round of visits misses none.
func TestRetentionByVisits(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		const files = 640
		c := newClock()
		h := testHouse(t, t.TempDir(), url, c)
		var all sync.WaitGroup
		for range 32 {
			all.Go(func() {
				for range files / 32 {
					accept(t, h, "to be erased when its time is over")
				}
			})
		}
		all.Wait()
		if t.Failed() {
			t.FailNow()
		}
		c.move(30 * 24 * time.Hour)
		h.lapseAll(t) // what still runs keeps a file
		c.move(20 * 365 * 24 * time.Hour)
		h.lapseAll(t)
		rounds := func() (visits []int) {
			t.Helper()
			var after act.ID
			for {
				n, next, err := h.clerk.ExpireSome(t.Context(), after)
				if err != nil {
					t.Fatal(err)
				}
				visits = append(visits, n)
				if next.IsZero() {
					return visits
				}
				after = next
			}
		}
		first := rounds()
		erased := 0
		for _, n := range first {
			erased += n
		}
		t.Logf("keys destroyed in visits: %v", first)
		if len(first) < 2 || erased < files || first[0] == 0 || first[0] >= erased {
			t.Fatalf("%d files, keys destroyed in visits: %v", files, first)
		}
		for _, n := range rounds() {
			if n != 0 {
				t.Fatalf("%d keys destroyed again", n)
			}
		}
		if n, err := h.clerk.Expire(t.Context()); err != nil || n != 0 {
			t.Fatal(n, err)
		}
	})
}
