package pack_test

import (
	"encoding/binary"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/law/gate"
	"sanad/internal/law/pack"
	"sanad/internal/law/protocol"
)

// table plays a file the way the clerk will: ask, write the act, fold it.
type table struct {
	t          testing.TB
	pack       *pack.Pack
	state      *protocol.State
	now        act.Instant
	drawn      uint64
	audiences  map[string]act.ID
	sets       map[act.ID][]string
	threads    map[act.ID]act.ID
	run        act.ID
	sort       string
	protocol   string
	runs       map[string]act.ID // by protocol, the newest
	persons    map[string]act.ID
	outside    facts
	annulled   map[act.ID]string // by run, the step whose measure a court annulled last
	catalogue  *act.Catalogue
	log        []*act.Envelope
	asked      func(step *protocol.Step, q protocol.Question, at protocol.Place) // before each step that is done; may be nil
	told, over func(clock string)                                                // each clock a timeline tells, or that is met or runs out; may be nil
}

// facts answer from outside a file.
type facts map[string]act.Value

func (f facts) Fact(name string, _ gate.Source) gate.Held {
	v, known := f[name]
	return gate.Held{Value: v, Known: known}
}

func newTable(t testing.TB, p *pack.Pack) *table {
	return &table{
		t: t, pack: p, state: &protocol.State{}, now: at("2026-03-02T09:00:00Z"), audiences: map[string]act.ID{}, sets: map[act.ID][]string{},
		threads: map[act.ID]act.ID{}, persons: map[string]act.ID{}, runs: map[string]act.ID{}, outside: facts{}, annulled: map[act.ID]string{}, catalogue: kinds(t), sort: "notice", protocol: "xx.notice",
	}
}

func at(text string) act.Instant {
	when, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return act.InstantOf(when)
}

func (b *table) id() (id act.ID) {
	b.drawn++
	binary.BigEndian.PutUint64(id[8:], b.drawn)
	return id
}

func (b *table) intern(compartments []string) act.ID {
	key := strings.Join(compartments, ",")
	id, ok := b.audiences[key]
	if !ok {
		id = b.id()
		b.audiences[key], b.sets[id] = id, slices.Clone(compartments)
		b.threads[id] = b.id()
	}
	return id
}

// reads says that readers of have may read want when want's compartments are all among have's, public ones aside.
func (b *table) reads(have, want act.ID) bool {
	for _, c := range b.sets[want] {
		if c != "PUB" && !slices.Contains(b.sets[have], c) {
			return false
		}
	}
	return len(b.sets[want]) > 0
}

func (b *table) person(name string) act.ID {
	id, ok := b.persons[name]
	if !ok {
		id = b.id()
		b.persons[name] = id
	}
	return id
}

func (b *table) question(roles ...string) protocol.Question {
	return protocol.Question{State: b.state, Sort: b.sort, Now: b.now, Roles: roles, Audience: b.intern, Reads: b.reads, Outside: b.outside}
}

func (b *table) place(step string) protocol.Place {
	return protocol.Place{Protocol: b.protocol, Run: b.run, Step: step}
}

// do performs a step and folds its act. It fails the test when the engine refuses. A second holder of a role is told apart by a
// word after a slash.
func (b *table) do(who, step string, facts map[string]act.Value) *act.Envelope {
	b.t.Helper()
	role, _, _ := strings.Cut(who, "/")
	q := b.question(role)
	q.Person = b.person(who)
	q.Proposed = act.NewFacts(facts)
	g, err := b.pack.Engine().Allow(q, b.place(step))
	if err != nil {
		b.t.Fatalf("%s by %s: %v", step, role, err)
	}
	if b.asked != nil {
		b.asked(g.Step, q, b.place(step))
	}
	for _, r := range b.pack.Engine().Running(b.state) {
		if d := b.pack.Engine().Protocol(r.Place.Protocol, b.state.Run(r.Place.Run).Version).Deadline(r.Name); r.Place.Run == b.run && slices.Contains(d.MetBy, step) {
			b.ends(r)
		}
	}
	if g.Opens {
		b.run = b.id()
		b.runs[b.protocol] = b.run
	}
	return b.write(g, who, facts)
}

func (b *table) write(g protocol.Grant, who string, facts map[string]act.Value) *act.Envelope {
	b.t.Helper()
	role, _, _ := strings.Cut(who, "/")
	said := map[string]act.Value{}
	for _, f := range slices.Concat(act.NewFacts(facts), g.Facts) {
		said[f.Name] = f.Value
	}
	if g.Kind == "measure.decided" { // its desk says the day, and nobody types it
		y, m, d := b.now.Time().In(b.pack.Calendar.Location()).Date()
		said["imposed_on"] = act.OfDate(time.Date(y, m, d, 0, 0, 0, 0, time.UTC))
	}
	b.asDesk(g, said)
	facts = said
	e := &act.Envelope{
		ID: b.id(), Mandate: b.person("mandate of " + who), Audience: g.Interned, Kind: g.Kind, Law: g.Law, Facts: act.NewFacts(facts),
		Gates: g.Gates, Deadlines: g.Deadlines, Commits: g.Commits, Cites: g.Cites,
		Procedure: &act.Procedure{ID: b.run, Protocol: g.Protocol, Version: g.Version, Step: g.Step.ID},
	}
	if g.Step.Move == "draft" {
		e.Commits = []act.Commit{{Name: "content", Sum: [32]byte{1, byte(b.drawn)}}}
	}
	if g.Step.Move == "sign" {
		e.Facts = act.NewFacts(map[string]act.Value{"person": act.OfID(b.person(who)), "role": act.OfCode(role)})
	}
	if g.Step.Move == "hear" && len(e.Facts) == 0 {
		e.Facts = act.NewFacts(map[string]act.Value{"heard": act.OfBool(true)})
	}
	return b.fold(e)
}

// lapse records every deadline that is over, as a machine does.
func (b *table) lapse() (names []string) {
	b.t.Helper()
	for _, r := range b.pack.Engine().Lapses(b.state, b.now) {
		version := b.state.Run(r.Place.Run).Version
		e := &act.Envelope{
			ID: b.id(), Audience: r.Audience, Kind: act.DeadlineLapsed, Law: b.pack.Version(), Cites: []act.ID{r.By}, Effective: r.Due,
			Procedure: &act.Procedure{ID: r.Place.Run, Protocol: r.Place.Protocol, Version: version, Step: r.Lapses},
		}
		e.Deadlines, e.Facts = b.pack.Engine().Lapse(b.state, &r)
		b.fold(e)
		b.ends(r)
		names = append(names, r.Lapses)
	}
	return names
}

// ends tells that a clock was met or ran out.
func (b *table) ends(r protocol.Running) {
	if b.over != nil {
		b.over(r.Place.Protocol + " " + r.Name)
	}
}

func (b *table) fold(e *act.Envelope) *act.Envelope {
	b.t.Helper()
	schema, _ := b.catalogue.Latest(e.Kind)
	e.Of, e.Version, e.Recorded, e.File = b.sort, schema.Version, b.now, act.ID{1}
	if e.Effective == 0 {
		e.Effective = b.now
	}
	e.Thread = b.threads[e.Audience]
	if th := b.state.Thread(e.Audience); th != nil {
		e.Pos = th.Next
	}
	if err := b.catalogue.Admit(e, b.pack); err != nil {
		b.t.Fatal(err)
	}
	if _, err := act.Encode(e); err != nil {
		b.t.Fatal(err)
	}
	if err := b.state.Fold(e); err != nil {
		b.t.Fatal(err)
	}
	b.log = append(b.log, e)
	return e
}

func (b *table) wait(d time.Duration) { b.now = b.now.Add(d) }

// move returns what Possible says of one step.
func (b *table) move(step string, roles ...string) protocol.Move {
	b.t.Helper()
	for _, m := range b.pack.Engine().Possible(b.question(roles...)) {
		if m.Place.Step == step {
			return m
		}
	}
	b.t.Fatalf("step %s is not listed", step)
	return protocol.Move{}
}

// asDesk says what the desk of measures says of itself, and refuses what it refuses: after a lifting, or an annulment, stands what stood
// before, and a fine is final in the procedure of one that was notified; a court stays by a step that stops clocks.
func (b *table) asDesk(g protocol.Grant, said map[string]act.Value) {
	b.t.Helper()
	decides := func(s *protocol.Step) bool { return s.Kind == "measure.decided" }
	if v := said["fine_final"]; v.Bool() {
		r := b.state.Run(b.run)
		p := b.pack.Engine().Protocol(r.Protocol, r.Version)
		if !slices.ContainsFunc(p.Steps, func(s protocol.Step) bool {
			return s.Measure != nil && s.Measure.Kind == protocol.Fine && p.Notified(r, s.ID)
		}) {
			b.t.Fatalf("%s by %s: no fine was notified that could be final", g.Step.ID, p.ID)
		}
	}
	word := said["appeal"]
	if b.pack.Has("appeal_stays", word.Code()) && len(g.Step.Suspends) == 0 {
		b.t.Fatalf("%s: a ruling that stops no clock is no stay: %s", g.Step.ID, word.Code())
	}
	annuls := g.Kind == "appeal.ruled" && b.pack.Has("appeal_annuls", word.Code())
	if g.Kind != "measure.lifted" && !annuls {
		return
	}
	stands := map[string]act.Value{}
	if b.pack.Has("rungs", "none") {
		stands["rung"], stands[protocol.FactNotified] = act.OfCode("none"), act.OfCode("none")
	}
	last, there := protocol.Stands{}, false
	if annuls { // what its run decided last
		last, there = b.pack.Engine().Standing(b.state, b.run, decides, func(r *protocol.Run, _ *protocol.Event) bool { return r.ID != b.run })
		if !there {
			b.t.Fatalf("%s: nothing was decided that could be annulled", g.Step.ID)
		}
	}
	before, is := b.pack.Engine().Standing(b.state, b.run, decides, func(r *protocol.Run, ev *protocol.Event) bool {
		return r.ID == b.run && (ev.Step == g.Step.Lifts || annuls && ev.Step == last.Step) || b.annulled[r.ID] == ev.Step
	})
	if annuls {
		b.annulled[b.run] = last.Step
	}
	if is {
		stands["rung"] = act.OfCode(before.Step)
	}
	if is && before.Notified != 0 {
		stands[protocol.FactNotified], stands[protocol.FactNotifiedOn] = act.OfCode(before.Step), act.OfDate(b.pack.Engine().Day(before.Notified))
	}
	if given, there := said["rung"]; there && !given.Equal(stands["rung"]) {
		b.t.Fatalf("%s: %s stands after it, not %s", g.Step.ID, stands["rung"].Code(), given.Code())
	}
	maps.Copy(said, stands)
}
