package protocol

import (
	"bytes"
	"errors"
	"slices"
	"testing"
	"time"

	"sanad/internal/act"
)

func (days) Follows(_ string, due act.Instant) act.Instant { return due }

func (days) Calendar() string { return "days@1" }

func (days) DayStart(day time.Time) act.Instant { return act.InstantOf(day) }

// A run opens under the version in force at the date of the facts, among those known when it opens, and keeps it.
func TestVersionOfTheFacts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		now, facts string
		want       int
	}{
		{"2026-04-10", "2026-04-10", 1},
		{"2026-06-30", "2026-06-30", 1},
		{"2026-07-01", "2026-07-01", 2},
		{"2026-08-01", "2026-06-30", 1}, // what happened before is judged by the law of before
		{"2026-09-10", "2026-09-10", 2}, // version 3 is said to be in force, and nobody knows yet
		{"2026-10-01", "2026-09-10", 3},
		{"2026-10-01", "2026-08-31", 2},
		{"2026-04-10", "2026-08-01", 0}, // version 2 is not known yet, and version 1 has ended
	} {
		law := amended()
		law.Elsewhere = map[string]bool{"opened": true}
		for i := range law.Protocols {
			law.Protocols[i].Steps[0].Deadlines = nil // what opens as of then starts nobody's time
		}
		b := newBench(t, law, c.now)
		q := b.question("r")
		q.Effective = day(c.facts)
		g, err := b.engine.Allow(q, b.place("open"))
		if (err == nil) != (c.want > 0) || g.Version != c.want {
			t.Errorf("known on %s, facts of %s: version %d (%v), want %d", c.now, c.facts, g.Version, err, c.want)
		}
		var r *Refusal
		if c.want == 0 && (!errors.As(err, &r) || !blocked(r.Blocks, "law.block.version")) {
			t.Errorf("refused for %v", err)
		}
		for _, m := range b.engine.Possible(q) {
			if m.Open != (c.want > 0) || c.want > 0 && m.Version != c.want {
				t.Errorf("known on %s, facts of %s: lists version %d, open %t, want %d", c.now, c.facts, m.Version, m.Open, c.want)
			}
		}
	}
	b := newBench(t, amended(), "2026-06-20")
	b.do("open")
	b.now = day("2026-08-01")
	b.do("hear")
	if v := b.state.Procedures[0].Version; v != 1 {
		t.Errorf("an open run moved to version %d by itself", v)
	}
}

// There and back: everything decides as before, and the state is the same to the byte but for the acts' places.
func TestMigrationThereAndBack(t *testing.T) {
	t.Parallel()
	b := newBench(t, amended(), "2026-06-28")
	b.do("open")
	b.fold(&act.Envelope{Kind: KindDrafted, Facts: act.NewFacts(map[string]act.Value{"f": act.OfInt(3)}), Procedure: &act.Procedure{ID: b.run, Protocol: "p", Version: 1, Step: "draft"}})
	b.now = day("2026-07-02")
	before, decided := copyState(t, &b.state), b.decides()
	b.migrate(2)
	r := b.state.Run(b.run)
	if r.Version != 2 || r.Opened != 1 || r.Event("open") == nil || r.Event("pen") == nil || r.Event("draft") != nil || b.state.Draft(b.run, "pen") == nil {
		t.Fatalf("the run is %+v", r)
	}
	// Four days instead of ten: whoever was given ten keeps them. Three instead of nine bind the authority.
	if got := b.dues(); got["answer"] != "2026-07-08 mute" || got["file"] != "2026-07-01 unfiled" {
		t.Fatalf("due are %v", got)
	}
	parsed := copyState(t, &b.state)
	if !bytes.Equal(parsed.AppendBinary(nil), b.state.AppendBinary(nil)) || parsed.Run(b.run).Opened != 1 {
		t.Fatal("a migrated state does not survive being stored")
	}
	b.now = day("2026-06-30") // before the shorter clock ran out, or its lapse would stand between
	b.migrate(1)
	b.now = day("2026-07-02")
	after := copyState(t, &b.state)
	if got := b.decides(); !bytes.Equal(got, decided) {
		t.Fatalf("decides\n%s\nbefore\n%s", got, decided)
	}
	after.Acts, after.Threads = before.Acts, before.Threads
	if !bytes.Equal(after.AppendBinary(nil), before.AppendBinary(nil)) {
		t.Fatalf("the state is\n%+v\nbefore\n%+v", after, before)
	}
}

func copyState(t *testing.T, s *State) *State {
	t.Helper()
	out, err := ParseState(s.AppendBinary(nil))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Time that a version gave somebody is not taken back, not even by going back.
func TestMigrationNeverShortensARight(t *testing.T) {
	t.Parallel()
	b := newBench(t, amended(), "2026-10-02")
	b.now = day("2026-08-25")
	b.do("open")
	b.now = day("2026-10-02")
	b.state.Procedures[0].Clocks[0].Start, b.state.Procedures[0].Clocks[0].Due = day("2026-10-01"), day("2026-10-05")
	b.state.Procedures[0].Clocks[1].Start, b.state.Procedures[0].Clocks[1].Due = day("2026-10-01"), day("2026-10-04")
	b.migrate(3)
	if got := b.dues(); got["answer"] != "2026-10-21 mute" || got["file"] != "2026-10-10 unfiled" {
		t.Fatalf("due are %v", got)
	}
	b.migrate(2)
	if got := b.dues(); got["answer"] != "2026-10-21 mute" || got["file"] != "2026-10-04 unfiled" {
		t.Fatalf("back, due are %v", got)
	}
	b.now = day("2026-10-05") // the authority's own clock has run out, and nobody wrote that down yet
	if m := b.engine.Migration(b.question("chief"), b.run, 3); !blocked(m.Blocks, "law.migrate.lapse") {
		t.Fatalf("migrates over a lapse: %v", keysOf(m.Blocks))
	}
}

// What has no place in the other version is named, and to nobody who may not read of it.
func TestMigrationRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		steps []string
		at    string
		to    int
		role  string
		want  []string
	}{
		{"may", []string{"open", "hear"}, "2026-07-02", 2, "chief", nil},
		{"another role", []string{"open"}, "2026-07-02", 2, "r", []string{"law.block.role"}},
		{"not in force yet", []string{"open"}, "2026-06-29", 2, "chief", []string{"law.migrate.law"}},
		{"the same", []string{"open"}, "2026-07-02", 1, "chief", []string{"law.migrate.same"}},
		{"no such version", []string{"open"}, "2026-07-02", 9, "chief", []string{"law.migrate.unknown"}},
		{"a step that is gone", []string{"open", "pledge"}, "2026-07-02", 2, "chief", []string{"law.migrate.lacks"}},
		{"closed", []string{"open", "close"}, "2026-07-02", 2, "chief", []string{"law.block.closed"}},
	} {
		b := newBench(t, amended(), "2026-06-28")
		b.do(c.steps...)
		b.now = day(c.at)
		q := b.question(c.role)
		m := b.engine.Migration(q, b.run, c.to)
		if !blocked(m.Blocks, c.want...) || m.Open != (c.want == nil) {
			t.Errorf("%s: %v, open %t, want %v", c.name, keysOf(m.Blocks), m.Open, c.want)
		}
		if len(c.want) == 1 && c.want[0] == "law.migrate.lacks" {
			if got := m.Blocks[0].Args[0].Value.Codes(); !slices.Equal(got, []string{"pledge"}) {
				t.Errorf("%s: lacks %v", c.name, got)
			}
			q.May = func(act.ID) bool { return false }
			if m = b.engine.Migration(q, b.run, c.to); !blocked(m.Blocks, "law.migrate.hidden") {
				t.Errorf("%s, hidden: %v", c.name, keysOf(m.Blocks))
			}
		}
	}
}

// No law made after the facts punishes: a measure the old version lacked stays closed, one it had stays under its old terms and
// under texts of its time.
func TestMigrationOpensNoMeasureAfterTheFacts(t *testing.T) {
	t.Parallel()
	b := newBench(t, amended(), "2026-06-28")
	b.do("open")
	b.now = day("2026-07-02")
	b.migrate(2)
	if got := b.refusedFor("block"); !slices.Equal(got, []string{"law.block.afterwards"}) {
		t.Errorf("a block is refused for %v", got)
	}
	if got := b.refusedFor("fine"); !slices.Equal(got, []string{"gate.asked.asked"}) {
		t.Errorf("a fine is refused for %v: version 1 asked a hearing before", got)
	}
	b.do("listen")
	if got := b.refusedFor("fine"); got != nil {
		t.Errorf("a fine after the hearing is refused for %v", got)
	}
	b.now = day("2026-10-02")
	b.fold(&act.Envelope{Kind: act.DeadlineLapsed, Procedure: &act.Procedure{ID: b.run, Protocol: "p", Version: 2, Step: "unfiled"}})
	b.migrate(3)
	if got := b.refusedFor("fine"); !slices.Equal(got, []string{"law.block.law"}) {
		t.Errorf("a fine under a later text is refused for %v", got)
	}
	// One opened after the change has both.
	b = newBench(t, amended(), "2026-07-02")
	b.do("open")
	for _, step := range []string{"fine", "block"} {
		if got := b.refusedFor(step); got != nil {
			t.Errorf("%s in a run of version 2 is refused for %v", step, got)
		}
	}
}

// A run whose version the law lost is said to be lost; it can go on under another version of the same names.
func TestLostVersion(t *testing.T) {
	t.Parallel()
	b := newBench(t, amended(), "2026-06-28")
	b.do("open", "keep")
	law := amended()
	law.Protocols = law.Protocols[1:]
	var err error
	b.engine, err = New(law)
	if err != nil {
		t.Fatal(err)
	}
	b.now = day("2026-07-02")
	lost := b.engine.Lost(&b.state)
	if len(lost) != 1 || lost[0] != (Lost{b.run, "p", 1}) || len(b.engine.Running(&b.state)) > 0 {
		t.Fatalf("lost are %v", lost)
	}
	m := b.engine.Migration(b.question("chief"), b.run, 2)
	if !blocked(m.Blocks, "law.migrate.lacks") { // its clocks have rules that version 2 lacks, and nobody knows what they were called
		t.Fatalf("blocked by %v", keysOf(m.Blocks))
	}
	law.Protocols[0].Steps[0].Deadlines = nil
	law.Protocols[0].Steps[0].Deadlines = []Deadline{{Name: "answer", Rule: "ten", MetBy: []string{"listen"}, Lapses: "mute"}, {Name: "file", Rule: "own", MetBy: []string{"keep"}, Lapses: "unfiled"}}
	b.migrate(2)
	if got := b.dues(); got["answer"] != "2026-07-08 mute" || len(b.engine.Lost(&b.state)) > 0 {
		t.Fatalf("due are %v", got)
	}
	// A measure in it stays closed: nobody knows what the law of the facts held.
	if got := b.refusedFor("fine"); !slices.Equal(got, []string{"law.block.afterwards"}) {
		t.Errorf("a fine is refused for %v", got)
	}
	b = newBench(t, amended(), "2026-06-28")
	b.do("open", "close")
	b.engine, err = New(law)
	if err != nil || len(b.engine.Lost(&b.state)) > 0 {
		t.Errorf("a closed run is lost")
	}
}

// Who sees only one thread of a run learns there under which version it goes on, and of no clock of the other.
func TestMigrationInThreads(t *testing.T) {
	t.Parallel()
	b := newBench(t, amended(), "2026-06-28")
	b.do("open")
	s := &b.state
	err := s.Fold(&act.Envelope{
		ID: act.ID{1, 9}, File: act.ID{9}, Of: "case", Audience: act.ID{22}, Thread: act.ID{33}, Kind: KindHeard, Version: 1, Effective: b.now,
		Procedure: &act.Procedure{ID: b.run, Protocol: "p", Version: 1, Step: "hear"},
	})
	if err != nil {
		t.Fatal(err)
	}
	b.now = day("2026-06-30")
	q := b.question("chief")
	q.Now = day("2026-07-01")
	m := b.engine.Migration(q, b.run, 2)
	if !m.Open || len(m.Moved) != 2 {
		t.Fatalf("%+v", m)
	}
	for i, moved := range m.Moved {
		v, clocks := moved.Facts.Get(FactRetimed)
		if clocks != (i == 0) {
			t.Errorf("thread %d tells of clocks %v", i, v)
		}
		if names, _ := moved.Facts.Get(FactRenamed); !slices.Contains(names.Codes(), "hear:listen") {
			t.Errorf("thread %d renames %v", i, names)
		}
		part := State{Partly: true}
		acts := []*act.Envelope{{Kind: "x", Procedure: &act.Procedure{ID: b.run, Protocol: "p", Version: 1, Step: "hear"}}, {Kind: KindMigrated, Facts: moved.Facts}}
		for pos, e := range acts {
			e.ID, e.File, e.Of, e.Audience, e.Thread, e.Pos = act.ID{1, byte(pos)}, act.ID{9}, "case", act.ID{5}, act.ID{6}, int64(pos)
			if err := part.Fold(e); err != nil {
				t.Fatal(err)
			}
		}
		if r := part.Run(b.run); r.Version != 2 || r.Event("listen") == nil {
			t.Errorf("who sees thread %d has %+v", i, r)
		}
	}
}
