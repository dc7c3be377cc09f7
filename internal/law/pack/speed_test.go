package pack_test

import (
	"testing"

	"sanad/internal/act"
	"sanad/internal/law/protocol"
)

// long plays a file until it has about n acts, most of them assessments, and leaves the finding one step away.
func long(t testing.TB, n int) *table {
	t.Helper()
	p := load(t, "xx")
	b := newTable(t, p)
	b.do("intake", "receive", map[string]act.Value{"minor": act.OfBool(true), "situation": act.OfCode("contact")})
	b.do("officer", "acknowledge", nil)
	day := func(text string) act.Value { return act.OfDate(at(text).Time()) }
	facts := map[string]act.Value{
		"aim": act.OfCode("minors"), "reasons": act.OfBool(true), "tried": act.OfInt(1), "reached": act.OfInt(10), "decider": act.OfCode("court"),
		"scope": act.OfCode("item"), "checks": act.OfCodes("minimal"), "raw_export": act.OfBool(false), "child_weighed": act.OfBool(true),
		"observed_on": day("2026-01-01T00:00:00Z"), "told_on": day("2026-02-01T00:00:00Z"), "expires_on": day("2027-01-01T00:00:00Z"),
	}
	for len(b.log) < n-7 {
		b.do("officer", "assess", facts)
	}
	for _, step := range []string{"assess", "invite", "hear", "ask_opinion", "draft"} {
		b.do("officer", step, map[string]act.Value{})
	}
	if n < 1000 {
		b.do("officer", "assess", facts)
	}
	b.do("head", "sign", nil)
	b.do("judge", "sign", nil)
	b.wait(10 * day24)
	return b
}

// A decision allocates the same on a file of 10 acts and on one of 10,000. Counting stands in for the benchmark.
func TestDecisionDoesNotGrow(t *testing.T) {
	count := func(n int) (float64, float64) {
		b := long(t, n)
		q := b.question("head")
		e := b.pack.Engine()
		if _, err := e.Allow(q, b.place("find")); err != nil {
			t.Fatal(err)
		}
		return testing.AllocsPerRun(100, func() { _, _ = e.Allow(q, b.place("find")) }), testing.AllocsPerRun(100, func() { _ = e.Possible(q) })
	}
	fewAllow, fewPossible := count(10)
	manyAllow, manyPossible := count(10_000)
	if fewAllow != manyAllow || fewPossible != manyPossible {
		t.Fatalf("allow allocates %v on few acts and %v on many, possible %v and %v", fewAllow, manyAllow, fewPossible, manyPossible)
	}
	t.Logf("allow: %v allocations, possible: %v", fewAllow, fewPossible)
}

func BenchmarkDecision(b *testing.B) {
	for name, n := range map[string]int{"10 acts": 10, "10000 acts": 10_000} {
		t := long(b, n)
		q := t.question("head")
		e := t.pack.Engine()
		// The finding asks 16 gates; acknowledging is what most commands are.
		for step, place := range map[string]protocol.Place{"16 gates": t.place("find"), "no gate": t.place("assess")} {
			b.Run(name+", "+step, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					_, _ = e.Allow(q, place)
				}
			})
		}
	}
}

func BenchmarkFoldAndStore(b *testing.B) {
	t := long(b, 10_000)
	row := t.state.AppendBinary(nil)
	last := *t.log[len(t.log)-1]
	b.ReportAllocs()
	b.ReportMetric(float64(len(row)), "bytes/state")
	buf := make([]byte, 0, 2*len(row))
	for b.Loop() {
		s, err := protocol.ParseState(row)
		if err != nil {
			b.Fatal(err)
		}
		last.Pos = s.Thread(last.Audience).Next
		if err := s.Fold(&last); err != nil {
			b.Fatal(err)
		}
		buf = s.AppendBinary(buf[:0])
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		loadFrom(b, "xx", open)
	}
}
