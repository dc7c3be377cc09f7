package watch_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/desk/register/registertest"
	"sanad/internal/desk/watch"
)

// What a platform was told is never overstated: repetitions count once, one outlet is one source, a date known to the month is
// taken where it makes the count smaller, and what came later than asked for is left out.
func TestKnowledge(t *testing.T) {
	t.Parallel()
	registertest.OnBoth(t, func(t *testing.T, h *registertest.House) {
		platform, other := h.Platform("Gamo"), h.Platform("Other")
		n := byte(0)
		alert := func(outlet, date string) act.ID {
			t.Helper()
			n++
			sum := make([]byte, 32)
			sum[0] = n
			raw, err := json.Marshal(watch.Alert{Title: "T", Outlet: outlet, Date: date, Sum: hexOf(sum), Sketch: watch.SketchOf("").String()})
			if err != nil {
				t.Fatal(err)
			}
			done, err := h.Do(watch.Sort, act.ID{}, watch.KindImported, act.Act{Body: raw, Facts: registertest.Facts("source", "newspaper", "situation", "contact", "precision", "none")})
			if err != nil {
				t.Fatal(err)
			}
			if err := h.Watch.Tie(t.Context(), h.Mandates["herald"], done.File, platform); err != nil {
				t.Fatal(err)
			}
			return done.File
		}
		ask := func(until time.Time) *watch.Knowledge {
			t.Helper()
			k, err := h.Watch.Knowledge(t.Context(), platform, act.InstantOf(until))
			if err != nil {
				t.Fatal(err)
			}
			return k
		}
		now := h.Clock.Now()
		if k := ask(now); k.Alerts != 0 || k.Sources != 0 || k.Days != 0 || len(k.Acts) != 0 {
			t.Fatalf("of nothing: %+v", k)
		}
		first := alert("Le Journal", "2025-07-03")
		if k := ask(now); k.Alerts != 1 || k.Sources != 1 || k.Days != 0 {
			t.Fatalf("of one: %+v", k)
		}
		alert("le  JOURNAL", "2025-09")       // the same outlet, some day of September: at least 1 September
		again := alert("Autre", "2025-12-01") // repeats the first: neither a story nor a source
		rows := alerts(t, h)
		_, err := h.Do(watch.Sort, again, watch.KindRepeats, act.Act{Facts: registertest.Facts("repeats", first.String()), Cites: []act.ID{rows[first].Act}})
		if err != nil {
			t.Fatal(err)
		}
		alert("", "")                 // nobody knows when: it widens no span
		alert("Troisième", "2026-02") // on 28 February at the latest
		if k := ask(now); k.Alerts != 4 || k.Sources != 3 || k.Days != 213 || len(k.Acts) != 4 {
			t.Fatalf("of all: %+v", k) // 3 July 2025 to 1 February 2026
		}
		if k := ask(time.Date(2026, 2, 27, 12, 0, 0, 0, time.UTC)); k.Alerts != 2 || k.Sources != 1 || k.Days != 60 {
			t.Fatalf("of what was public by 27 February: %+v", k) // 3 July to 1 September; the undated one was imported later
		}
		if k := ask(time.Date(2025, 9, 29, 12, 0, 0, 0, time.UTC)); k.Alerts != 1 {
			t.Fatalf("a month is not over: %+v", k)
		}
		k, err := h.Watch.Knowledge(t.Context(), other, act.InstantOf(now))
		if err != nil || k.Alerts != 0 {
			t.Fatalf("another platform: %+v %v", k, err)
		}
		all := ask(now)
		if len(all.Acts) != all.Alerts || slices.Contains(all.Acts, act.ID{}) {
			t.Fatalf("fewer acts to cite than alerts: %+v", all)
		}
	})
}

func hexOf(b []byte) string {
	const digits = "0123456789abcdef"
	var out []byte
	for _, x := range b {
		out = append(out, digits[x>>4], digits[x&15])
	}
	return string(out)
}
