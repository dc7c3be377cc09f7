package pack_test

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"sanad/internal/act"
	"sanad/internal/law/pack"
	"sanad/internal/law/protocol"
	"sanad/packs"
)

// invented is the pack of the invented country as the program has it.
func invented(t *testing.T) *pack.Pack {
	t.Helper()
	return loadFrom(t, "xx", packs.Open)
}

// force does a step whose gates are not what a test is about.
func (b *table) force(step string) *act.Envelope {
	b.t.Helper()
	p := b.pack.Engine().Opening(b.protocol, b.now, b.now)
	s := p.Step(step)
	g := protocol.Grant{Place: b.place(step), Version: p.Version, Law: b.pack.Version(), Step: s, Kind: s.Kind, Interned: b.intern(s.Audience.Compartments)}
	law := b.pack.Engine().Law().Time
	for _, d := range s.Deadlines {
		due, err := law.Due(d.Rule, b.now)
		if err != nil {
			b.t.Fatal(err)
		}
		g.Deadlines = append(g.Deadlines, act.Deadline{Rule: d.Rule, Start: b.now, Due: due, Calendar: law.Calendar()})
	}
	if b.run.IsZero() {
		b.run = b.id()
	}
	return b.write(g, s.By[0], nil)
}

// due tells when a clock runs out, in the country's legal time: "" where it does not run, "still" where it stands still.
func (b *table) due(name string) string {
	for _, r := range b.pack.Engine().Running(b.state) {
		switch {
		case r.Name != name:
		case r.Still != nil:
			return "still since " + r.Still.From.Time().In(b.pack.Calendar.Location()).Format("2006-01-02 15:04") + " by " + r.Still.Step
		default:
			return r.Due.Time().In(b.pack.Calendar.Location()).Format("2006-01-02 15:04")
		}
	}
	return ""
}

func (b *table) on(text string) {
	b.now = at(text)
}

// trace tells how a clock is computed, as keys with what they rest on.
func (b *table) trace(name string) (out []string) {
	for _, r := range b.pack.Engine().Running(b.state) {
		if r.Name == name {
			res, _ := b.pack.Compute(r.Rule, r.Start, r.Ledger)
			for _, l := range res.Trace {
				out = append(out, strings.TrimSpace(l.Key+" "+l.Basis))
			}
		}
	}
	return out
}

func TestClocksOfTheInventedCountry(t *testing.T) {
	t.Parallel()
	p := invented(t)
	demand := func(t *testing.T) *table {
		b := newTable(t, p)
		b.sort, b.protocol = "case", "xx.demand"
		b.on("2026-03-02T09:00:00Z") // a Monday
		b.force("draw_up")
		b.force("dispatch") // five working days: until Monday the 9th
		return b
	}
	for _, c := range []struct {
		name string
		play func(*table)
		due  string
	}{
		{"nothing happened", func(*table) {}, "2026-03-10 00:00"},
		{"in doubt", func(b *table) {
			b.on("2026-03-04T10:00:00Z")
			b.do("ombudsman", "doubt", nil)
		}, "still since 2026-03-04 10:00 by doubt"},
		// Wednesday, Thursday and Friday do not count, and the 10th is a holiday.
		{"cleared up", func(b *table) {
			b.on("2026-03-04T10:00:00Z")
			b.do("ombudsman", "doubt", nil)
			b.on("2026-03-06T16:00:00Z")
			b.do("envoy", "clear_up", nil)
		}, "2026-03-14 00:00"},
		{"more time", func(b *table) { b.do("envoy", "indulge", nil) }, "2026-03-14 00:00"},
		{"a doubt that lasted too long ends by itself", func(b *table) {
			b.on("2026-03-04T10:00:00Z")
			b.do("ombudsman", "doubt", nil)
			b.on("2026-03-20T10:00:00Z")
			if got := b.lapse(); !slices.Equal(got, []string{"doubt_over"}) {
				b.t.Errorf("%v lapsed", got)
			}
		}, "2026-03-21 00:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := demand(t)
			c.play(b)
			if got := b.due("reply"); got != c.due {
				t.Errorf("the reply is due %s, want %s", got, c.due)
			}
		})
	}
	t.Run("the trace names the acts", func(t *testing.T) {
		t.Parallel()
		b := demand(t)
		b.on("2026-03-04T10:00:00Z")
		doubt := b.do("ombudsman", "doubt", nil)
		if got := b.trace("reply"); !slices.Contains(got, "legaltime.suspended "+doubt.ID.String()) {
			t.Errorf("while it stands still: %v", got)
		}
		b.on("2026-03-06T16:00:00Z")
		b.do("envoy", "clear_up", nil)
		more := b.do("envoy", "indulge", nil)
		got := b.trace("reply")
		for _, want := range []string{"legaltime.suspended " + doubt.ID.String(), "legaltime.extended " + more.ID.String()} {
			if !slices.Contains(got, want) {
				t.Errorf("no line %s in %v", want, got)
			}
		}
	})
	t.Run("a second letter", func(t *testing.T) {
		t.Parallel()
		for _, c := range []struct {
			name  string
			play  func(*table)
			clock string
			due   string
		}{
			{"arrived", func(b *table) { b.do("tribune", "arrived", nil) }, "last_word", "2026-03-07 00:00"},
			{"turned away", func(b *table) { b.do("tribune", "turned_away", nil) }, "last_word_refused", "2026-03-07 00:00"},
			// Presumed on Wednesday the 11th, which does not count: four working days end on Tuesday.
			{"presumed", func(b *table) {
				b.on("2026-03-12T08:00:00Z")
				if got := b.lapse(); !slices.Equal(got, []string{"presumed"}) {
					b.t.Errorf("%v lapsed", got)
				}
			}, "last_word", "2026-03-18 00:00"},
		} {
			b := newTable(t, p)
			b.sort, b.protocol = "case", "xx.duty"
			b.on("2026-03-02T09:00:00Z")
			b.force("charge")
			b.force("insist")
			c.play(b)
			if got := b.due(c.clock); got != c.due {
				t.Errorf("%s: %s is due %s, want %s", c.name, c.clock, got, c.due)
			}
			if got := b.due("arrival"); got != "" {
				t.Errorf("%s: the arrival is still awaited, until %s", c.name, got)
			}
		}
	})
}

// What is written wrong about clocks is told where it stands, with what was expected.
func TestBadClocks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, file, find, put, says string }{
		{"a deadline that is not there", "protocols/demand.yaml", "suspends: [reply]", "suspends: [answer]", `xx.demand has no deadline "answer"`},
		{"a step that suspends nothing", "protocols/demand.yaml", "    resumes: [doubt]\n", "    resumes: [dispatch]\n", `no step that suspends anything, called "dispatch"`},
		{"a rule that is not there", "protocols/demand.yaml", "rule: indulgence}", "rule: forever}", `rule "forever" is not declared`},
		{"a kind that can't say it", "protocols/demand.yaml", "emits: suspend", "emits: receipt.recorded", "receipt.recorded can't say that a clock stands still"},
		{"nothing said", "protocols/demand.yaml", "    suspends: [reply]\n", "", "step doubt emits suspend and does not say what"},
		{"a lapse that starts nothing there is", "protocols/duty.yaml", "starts: [last_word]", "starts: [word]", `xx.duty has no deadline "word"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := inventedFiles(t)
			text := string(m[c.file].Data)
			if strings.Count(text, c.find) != 1 {
				t.Fatalf("%q is there %d times", c.find, strings.Count(text, c.find))
			}
			m[c.file].Data = []byte(strings.Replace(text, c.find, c.put, 1))
			_, err := pack.Load(m, "xx", packs.Open, kinds(t))
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v, want %q", err, c.says)
			}
		})
	}
}

// One holiday that is announced late moves a hundred thousand open deadlines in well under the time anybody would wait.
func BenchmarkRecompute(b *testing.B) {
	p := loadFrom(b, "xx", packs.Open)
	moved := announced(b).Engine()
	const many = 100_000
	states := make([]*protocol.State, many)
	for i := range states {
		t := newTable(b, p)
		t.sort, t.protocol = "case", "xx.demand"
		t.on("2027-05-10T09:00:00Z")
		t.now += act.Instant(i%1000) * 60_000_000
		t.force("draw_up")
		t.force("dispatch")
		states[i] = t.state
	}
	b.ResetTimer()
	for b.Loop() {
		n := 0
		for _, s := range states {
			n += len(moved.Recompute(s))
		}
		b.ReportMetric(float64(n), "moved")
	}
}

// announced is the pack once its estimated holiday is announced, for a day later.
func announced(t testing.TB) *pack.Pack {
	t.Helper()
	m := inventedFiles(t)
	text := string(m["calendar.yaml"].Data)
	for _, r := range [][2]string{
		{`version: "1"`, `version: "2"`},
		{`date: "2027-05-16", days: 2, status: estimated, margin: 1`, `date: "2027-05-17", days: 2, status: announced`},
	} {
		if strings.Count(text, r[0]) != 1 {
			t.Fatalf("%q is there %d times", r[0], strings.Count(text, r[0]))
		}
		text = strings.Replace(text, r[0], r[1], 1)
	}
	m["calendar.yaml"].Data = []byte(text)
	p, err := pack.Load(m, "xx", packs.Open, kinds(t))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// inventedFiles are the files of the invented country's pack, to be changed.
func inventedFiles(t testing.TB) fstest.MapFS {
	t.Helper()
	fsys, err := packs.Open("xx")
	if err != nil {
		t.Fatal(err)
	}
	out := fstest.MapFS{}
	err = fs.WalkDir(fsys, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(fsys, path)
		out[path] = &fstest.MapFile{Data: b}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
