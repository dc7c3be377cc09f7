package check

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"sanad/internal/act"
	"sanad/internal/law/gate"
	"sanad/internal/law/protocol"
)

var bruteMigrated = flag.Int("brute.migrated", 300, "how many random pairs of versions the brute-force player plays")

// secondFrom is when the second version comes into force: right after the run was opened under the first.
const secondFrom = act.Instant(2)

// A player who migrates runs on the real engine whenever it may, and the checker, which takes whole sets of states over at once,
// say the same of random pairs of versions: whether anything can be migrated, which steps can be reached afterwards and without
// which fact, and whether a state from which nothing closes can.
func TestCheckerAgreesOnMigrations(t *testing.T) {
	t.Parallel()
	agreeOnMigrations(t, *bruteSeed, *bruteMigrated)
}

// On these the two once differed.
func TestCheckerAgreesOnMigrationsAgain(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		seed uint64
		n    int
		why  string
	}{
		{101, 1979, "a step of the other version both prolongs a clock and meets it: the engine never does that too late"},
	} {
		want, g, b := pairOfVersions(t, x.seed, x.n)
		if want == nil || want.then == nil {
			t.Fatalf("seed %d, versions %d (%s): nothing is migrated any more; draw another", x.seed, x.n, x.why)
		}
		if trouble := g.disagrees(want); trouble != "" {
			t.Errorf("seed %d, versions %d (%s): %s\n%s", x.seed, x.n, x.why, trouble, tell(b))
		}
	}
}

func agreeOnMigrations(t *testing.T, seed uint64, many int) {
	t.Helper()
	t.Logf("-args -brute.seed %d", seed)
	played, moved, trapped, renamed := 0, 0, 0, 0
	for n := range many {
		want, g, b := pairOfVersions(t, seed, n)
		if want == nil {
			continue
		}
		played++
		if trouble := g.disagrees(want); trouble != "" {
			t.Fatalf("seed %d, versions %d: %s\n%s", seed, n, trouble, tell(b))
		}
		if want.then != nil {
			moved++
			trapped += yes(want.then.stuck)
			renamed += yes(len(b.next.Renames) > 0)
		}
	}
	t.Logf("%d pairs played, %d of them with a migration, %d of those into a dead end, %d with other names", played, moved, trapped, renamed)
	if many >= 300 && (played < many*7/10 || moved < played/2 || trapped < moved/20 || trapped > moved*19/20 || renamed < moved/10) {
		t.Errorf("the random versions are not random enough to prove anything")
	}
}

// pairOfVersions draws two versions of a protocol, plays them and walks the way between them; nil where there is too much to play.
func pairOfVersions(t *testing.T, seed uint64, n int) (*played, *passage, *player) {
	t.Helper()
	dice := rand.New(rand.NewPCG(seed, 1<<32+uint64(n)))
	d := newRandom(dice)
	first := d.protocol()
	end := secondFrom
	first.To = &end
	second := d.version(first)
	b, p, kinds := d.build(first, second)
	want, err := b.play("f0")
	if errors.Is(err, errTooMany) {
		return nil, nil, nil
	}
	if err != nil {
		t.Fatal(err)
	}
	c := &checker{pack: p, kinds: kinds, engine: b.engine, most: 1 << 20}
	g, err := c.passage(b.p, b.next, "")
	if err != nil {
		t.Fatal(err)
	}
	err = g.walk()
	if err != nil {
		t.Fatal(err)
	}
	return want, g, b
}

// disagrees says where checker and player differ; nothing where they don't.
func (g *passage) disagrees(want *played) string {
	trouble := g.before.differs(want) // a run that is stuck may be migrated to where it goes on
	if got := g.after.reach != none; trouble == "" && got != (want.then != nil) {
		trouble = fmt.Sprintf("a migration: the checker says %t, the player %t", got, want.then != nil)
	}
	if trouble == "" && want.then != nil {
		trouble = cmp.Or(g.arrives(want.then), g.after.differs(want.then), g.after.deadEnd(want.then))
	}
	return trouble
}

// arrives says where the two differ on how a run stands right after its migration: what had happened, what can be done then or
// ever, and whether it can still be closed.
func (g *passage) arrives(want *played) string {
	x := g.after
	found := map[string]map[string]bool{}
	for _, m := range want.moved {
		had := slices.DeleteFunc(slices.Clone(m.had), func(name string) bool { _, there := g.will.events[name]; return !there })
		slices.Sort(had)
		key := strings.Join(had, " ")
		if found[key] == nil {
			found[key] = map[string]bool{}
		}
		for what, can := range m.can {
			found[key][what] = found[key][what] || can
		}
	}
	rest := x.start
	for _, key := range sortedKeys(found) {
		here := rest
		for _, name := range sortedKeys(g.will.events) {
			if v := x.d.is(g.will.events[name]); slices.Contains(strings.Fields(key), name) {
				here = x.d.and(here, v)
			} else {
				here = x.d.less(here, v)
			}
		}
		rest = x.d.less(rest, here)
		got := map[string]bool{"": here != none, "stuck": x.d.less(here, x.leadsTo(x.closed)) != none}
		for i := range x.moves {
			mv := &x.moves[i]
			if mv.what == "time" {
				continue
			}
			got[mv.name+" ever"] = got[mv.name+" ever"] || x.d.and(here, x.leadsTo(mv.guard)) != none
			if mv.step != nil {
				got[mv.name+" at once"] = x.d.and(here, mv.guard) != none
			}
		}
		for _, what := range sortedKeys(got) {
			if got[what] != found[key][what] {
				return fmt.Sprintf("a migration after %q, %q: the checker says %t, the player %t", key, what, got[what], found[key][what])
			}
		}
	}
	if rest != none {
		return "a migration after what the player never had done"
	}
	return ""
}

// arrived notes how a run stands right after its migration.
func (b *player) arrived(w *world, into *played) {
	m := moved{can: map[string]bool{"": true}}
	for i := range b.next.Steps {
		_, err := b.engine.Allow(b.question(w), protocol.Place{Protocol: b.next.ID, Run: w.run, Step: b.next.Steps[i].ID})
		if err == nil {
			m.can[b.next.Steps[i].ID+" at once"] = true
		}
	}
	b.time.out = w.out
	m.key = b.key(w)
	for _, e := range w.state.Run(w.run).Events {
		m.had = append(m.had, e.Step)
	}
	into.moved = append(into.moved, m)
}

// moved is a world right after a migration: what had happened in it, and what can be done.
type moved struct {
	key string
	had []string
	can map[string]bool
}

// later notes what migrated runs can ever come to. back returns the worlds that lead to some, can which steps and lapses each
// world allows.
func (x *played) later(index map[string]int, can [][]string, good []bool, back func([]bool) []bool) {
	if x.then == nil {
		return
	}
	ways := map[string][]bool{}
	for i := range can {
		for _, name := range can[i] {
			if ways[name] == nil {
				ways[name] = make([]bool, len(can))
			}
			ways[name][i] = true
		}
	}
	for name, from := range ways {
		ways[name] = back(from)
	}
	for _, m := range x.then.moved {
		i := index[m.key]
		m.can["stuck"] = !good[i]
		for name, from := range ways {
			if from[i] {
				m.can[name+" ever"] = true
			}
		}
	}
}

// elsewhere tells of the clocks of a run that may still be migrated what the other version would make of them: which of the steps
// that meet them there were done in time, whether their time is over, and whether their lapse was recorded since.
func (b *player) elsewhere(w *world) string {
	r := w.state.Run(w.run)
	if b.next == nil || r == nil || b.under(w) == b.next {
		return ""
	}
	var k strings.Builder
	names := b.engine.Names(b.p.ID, b.p.Version, b.next.Version)
	for i := range r.Clocks {
		c := &r.Clocks[i]
		d := b.p.Starts(c.Step, c.Rule)
		if d == nil {
			continue
		}
		due, err := b.time.DueOf(c.Rule, c.Start, c.Ledger)
		if err != nil {
			due = never
		}
		lapsed := r.Event(d.Lapses)
		fmt.Fprintf(&k, "|%s %s %t %t", c.Step, c.Rule, due <= w.now, lapsed != nil && lapsed.Seq > c.Seq)
		started(b.next, func(step string, x *protocol.Deadline) {
			if step == names(c.Step) && (x.Name == names(d.Name) || x.Rule == c.Rule) {
				fmt.Fprintf(&k, " %t", slices.ContainsFunc(c.Since, func(m protocol.Mark) bool { return m.At < due && slices.Contains(x.MetBy, names(m.Step)) }))
			}
		})
	}
	return k.String()
}

// of returns where what is found under a version is noted.
func (x *played) of(p *protocol.Protocol) *played {
	if p.Version == 1 {
		return x
	}
	if x.then == nil {
		x.then = &played{reached: map[string]bool{}, without: map[string]bool{}}
	}
	return x.then
}

// most is how many worlds the player plays.
func (b *player) most() int {
	if b.next != nil {
		return 3000
	}
	return 1500
}

// migrate lets the run go on under the other version, if the engine allows it.
func (b *player) migrate(w *world, out *played, next func(*world)) {
	if b.next == nil || w.state.Acts == 0 || b.under(w) == b.next {
		return
	}
	m := b.engine.Migration(b.question(w), w.run, b.next.Version)
	if !m.Open {
		return
	}
	n := w.clone()
	for _, moved := range m.Moved {
		facts := map[string]act.Value{protocol.FactReason: act.OfCode(protocol.MigrationReasons()[0])}
		for _, f := range moved.Facts {
			facts[f.Name] = f.Value
		}
		n.fold(&act.Envelope{Kind: protocol.KindMigrated, Facts: act.NewFacts(facts)})
	}
	b.arrived(n, out.of(b.next))
	next(n)
}

// version draws another version of a protocol, in which one to three things are otherwise.
func (d *random) version(p protocol.Protocol) protocol.Protocol {
	p.Steps = slices.Clone(p.Steps)
	p.Version, p.From, p.To, p.Migrates, p.Renames = 2, p.To, nil, []string{"r"}, map[string]string{}
	for i := range p.Steps {
		s := &p.Steps[i]
		s.After = protocol.After{Any: slices.Clone(s.After.Any), All: slices.Clone(s.After.All), None: slices.Clone(s.After.None)}
		s.Gates, s.Deadlines = slices.Clone(s.Gates), slices.Clone(s.Deadlines)
		for j := range s.Deadlines {
			s.Deadlines[j].MetBy = slices.Clone(s.Deadlines[j].MetBy)
		}
	}
	for range 1 + d.IntN(3) {
		d.edit(&p)
	}
	d.rename(&p)
	return p
}

func (d *random) edit(p *protocol.Protocol) {
	i := 1 + d.IntN(len(p.Steps)-1)
	s := &p.Steps[i]
	plain := s.Move == "" && s.Signatures == nil
	switch d.IntN(9) {
	case 0:
		if plain {
			s.After = d.step(i).After
		}
	case 1:
		if len(s.Gates) > 0 {
			s.Gates = nil
			break
		}
		c := d.condition(2)
		c.ID = "c"
		s.Gates = append(s.Gates, d.gate(c))
	case 2:
		s.Repeat = s.Repeat != (s.Move == "")
	case 3:
		if plain && i < len(p.Steps)-1 {
			s.Closes = !s.Closes
		}
	case 4:
		if plain {
			was := s.Kind
			s.Kind = fmt.Sprintf("k%d", i)
			if other := &p.Steps[d.IntN(len(p.Steps))]; other.Move == "" {
				s.Kind = other.Kind
			}
			if s.Kind != was {
				s.Sets = nil // the loader takes no step that sets what its kind of act does not say
			}
		}
	case 5:
		name := d.name()
		if name != s.ID {
			s.After.None = append(s.After.None, name)
		}
	default:
		d.retime(p)
	}
}

// retime changes a clock: what meets it, under which rule it runs, or that there is none any more.
func (d *random) retime(p *protocol.Protocol) {
	for i := range p.Steps {
		s := &p.Steps[i]
		if len(s.Deadlines) == 0 {
			continue
		}
		switch c := &s.Deadlines[0]; d.IntN(5) {
		case 0:
			c.MetBy = []string{d.name()}
		case 1:
			c.MetBy = append(c.MetBy, d.name())
		case 2:
			c.MetBy = []string{d.name(), d.name()}
		case 3:
			c.Rule += "-anew"
			if !slices.Contains(d.b.rules, c.Rule) {
				d.b.rules = append(d.b.rules, c.Rule)
			}
		default:
			s.Deadlines = s.Deadlines[1:]
		}
		return
	}
}

func (d *random) gate(c gate.Condition) string {
	id := fmt.Sprintf("g%d", len(d.p.Gates))
	d.p.Gates = append(d.p.Gates, gate.Gate{ID: id, Version: 1, Test: c})
	return id
}

// rename gives some steps and lapses another name in a version, wherever they are named.
func (d *random) rename(p *protocol.Protocol) {
	for i := range p.Steps {
		if d.one(4) {
			p.Renames[p.Steps[i].ID] = fmt.Sprintf("t%d", i)
		}
		for _, c := range p.Steps[i].Deadlines {
			if d.one(4) {
				p.Renames[c.Lapses] = "m" + c.Lapses[1:]
			}
		}
	}
	now := func(name string) string {
		if to, there := p.Renames[name]; there {
			return to
		}
		return name
	}
	all := func(names []string) []string {
		out := slices.Clone(names)
		for i := range out {
			out[i] = now(out[i])
		}
		return out
	}
	for i := range p.Steps {
		s := &p.Steps[i]
		s.ID, s.Draft, s.Resumes = now(s.ID), now(s.Draft), all(s.Resumes)
		s.After = protocol.After{Any: all(s.After.Any), All: all(s.After.All), None: all(s.After.None)}
		if s.Signatures != nil {
			needs := *s.Signatures
			needs.Draft = now(needs.Draft)
			s.Signatures = &needs
		}
		for j := range s.Deadlines {
			c := &s.Deadlines[j]
			c.MetBy, c.Lapses, c.Resumes = all(c.MetBy), now(c.Lapses), all(c.Resumes)
		}
		for j, id := range s.Gates {
			g := slices.IndexFunc(d.p.Gates, func(g gate.Gate) bool { return g.ID == id })
			s.Gates[j] = d.gate(*renamed(&d.p.Gates[g].Test, now))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(d.b.names)) { // what time is counted since
		var rule, step string
		n, _ := fmt.Sscanf(key, "since %s %s", &rule, &step)
		if n == 2 {
			d.b.names["since "+rule+" "+now(step)] = true
		}
	}
}
