package check

import (
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"
	"time"

	"sanad/internal/act"
	"sanad/internal/law/gate"
	"sanad/internal/law/protocol"
)

var (
	bruteSeed = flag.Uint64("brute.seed", 1, "seed of the random protocols")
	bruteMany = flag.Int("brute.many", 2000, "how many random protocols the brute-force player plays")
)

// never is an instant no rule reaches.
const never = act.Instant(1 << 50)

// far is further ahead than any play takes moments.
const far = 1 << 20

// hourglass is a Time in which a rule's time runs out when the player says so, and not before.
type hourglass struct{ out map[string][]act.Instant }

func (h *hourglass) Due(rule string, start act.Instant) (act.Instant, error) {
	for _, at := range h.out[rule] {
		if at > start {
			return at, nil
		}
	}
	return never, nil
}

// DueOf leaves out what ran out while the clock stood still: it did not. A clock that was given more time runs out once more.
func (h *hourglass) DueOf(rule string, start act.Instant, l protocol.Ledger) (act.Instant, error) {
	within := func(at act.Instant) bool {
		return slices.ContainsFunc(l.Spans, func(s protocol.Span) bool { return at >= s.From && at < s.To })
	}
	for _, m := range l.More {
		start = max(start, m.At)
	}
	for _, at := range h.out[rule] {
		if at > start && !within(at) {
			return at, nil
		}
	}
	if slices.ContainsFunc(l.Spans, func(s protocol.Span) bool { return s.To == protocol.Never }) {
		return 0, protocol.ErrStill
	}
	return never, nil
}

func (h *hourglass) Follows(_ string, due act.Instant) act.Instant { return due }

// Calendar has another name than any clock was started under, so that the engine asks again when each is due.
func (h *hourglass) Calendar() string                   { return "now@1" }
func (h *hourglass) DayStart(day time.Time) act.Instant { return act.InstantOf(day) }

// world is one state of the brute-force player: the engine's own state, and what time and the world outside do.
type world struct {
	state   protocol.State
	now     act.Instant
	out     map[string][]act.Instant
	outside act.Facts
	run     act.ID
}

// Fact provides what comes from beyond the file.
func (w *world) Fact(name string, _ gate.Source) gate.Held {
	v, there := w.outside.Get(name)
	return gate.Held{Value: v, Known: there}
}

// player plays a protocol on the real engine, in every way.
type player struct {
	law    *protocol.Law
	p      *protocol.Protocol
	next   *protocol.Protocol // the version that a run may be migrated to; nil where there is one version
	engine *protocol.Engine
	time   *hourglass
	kinds  map[string][]act.FactSchema
	rules  []string
	free   map[string]bool
	names  map[string]bool // events in which the protocol is interested
	can    []string        // what the world at hand allows
}

func (b *player) question(w *world) protocol.Question {
	b.time.out = w.out
	return protocol.Question{
		State: &w.state, Sort: "case", Now: w.now, Roles: []string{"r"}, Outside: w, Audience: func([]string) act.ID { return act.ID{1} },
	}
}

// under returns the version of the protocol that a world's run has.
func (b *player) under(w *world) *protocol.Protocol {
	if r := w.state.Run(w.run); r != nil && b.next != nil && r.Version == b.next.Version {
		return b.next
	}
	return b.p
}

func number(n uint64) (id act.ID) {
	binary.BigEndian.PutUint64(id[8:], n+1)
	return id
}

func (w *world) clone() *world {
	n := &world{now: w.now + 1, run: w.run, outside: slices.Clone(w.outside), out: map[string][]act.Instant{}}
	for k, v := range w.out {
		n.out[k] = slices.Clone(v)
	}
	state, err := protocol.ParseState(w.state.AppendBinary(nil))
	if err != nil {
		panic(err)
	}
	n.state = *state
	return n
}

// fold writes an act the way the clerk does.
func (w *world) fold(e *act.Envelope) {
	e.ID, e.File, e.Of, e.Audience, e.Thread = number(uint64(w.state.Acts)), act.ID{9}, "case", act.ID{1}, act.ID{2}
	e.Pos, e.Version, e.Recorded, e.Effective = w.state.Acts, 1, w.now, w.now
	err := w.state.Fold(e)
	if err != nil {
		panic(err)
	}
}

// key tells two worlds apart by what the rest of the play can depend on: what happened, what each clock and each rule will
// answer, what is known.
func (b *player) key(w *world) string {
	var k strings.Builder
	if r := w.state.Run(w.run); r != nil {
		for i := range r.Events {
			if b.names[r.Events[i].Step] {
				fmt.Fprintf(&k, "%s ", r.Events[i].Step)
			}
		}
	}
	words := strings.Fields(k.String())
	slices.Sort(words)
	k.Reset()
	fmt.Fprint(&k, words)
	p := b.under(w)
	fmt.Fprintf(&k, "|version %d", p.Version)
	running := b.engine.Running(&w.state)
	for i := range running {
		fmt.Fprintf(&k, "|%s %s %t", running[i].Place.Step, running[i].Name, running[i].Due <= w.now)
		for _, s := range running[i].Spans {
			if s.To == protocol.Never {
				fmt.Fprintf(&k, " %s", s.Step)
			}
		}
	}
	fmt.Fprint(&k, b.elsewhere(w))
	for i := range w.state.Facts {
		f := &w.state.Facts[i]
		if b.stale(w, f) {
			continue
		}
		at, isTime := f.Value.Instant()
		if !isTime {
			fmt.Fprintf(&k, "|%s=%s", f.Name, f.Value)
			continue
		}
		fmt.Fprintf(&k, "|%s %t", f.Name, at < w.now)
		for _, rule := range b.rules {
			due, _ := b.time.Due(rule, at)
			fmt.Fprintf(&k, " %t", due <= w.now)
		}
	}
	for i := range w.outside {
		fmt.Fprintf(&k, "|%s:%s", w.outside[i].Name, w.outside[i].Value)
	}
	if r := w.state.Run(w.run); r != nil {
		for i := range r.Events {
			for _, rule := range b.rules {
				due, _ := b.time.Due(rule, r.Events[i].First)
				fmt.Fprintf(&k, "|%s", strings.Repeat(r.Events[i].Step+rule, yes(due <= w.now && b.names["since "+rule+" "+r.Events[i].Step])))
			}
		}
		for i := range w.state.Drafts {
			d := &w.state.Drafts[i]
			drafted := r.Event(d.Step)
			used := false
			for _, s := range p.Steps {
				done := r.Event(s.ID)
				used = used || s.Signatures != nil && s.Signatures.Draft == d.Step && done != nil && done.Seq > drafted.Seq
			}
			fmt.Fprintf(&k, "|%s %d %t", d.Step, min(len(d.Signatures), 3), used)
		}
	}
	return k.String()
}

func yes(b bool) int {
	if b {
		return 1
	}
	return 0
}

// played is what the player found.
type played struct {
	reached map[string]bool
	stuck   bool
	without map[string]bool // a step reached while a fact was not true
	then    *played         // after a migration; nil where none was possible
	moved   []moved         // right after a migration
}

var errTooMany = errors.New("more worlds than the player plays")

// play plays every way from the beginning.
func (b *player) play(watch string) (*played, error) {
	b.time.out = map[string][]act.Instant{}
	out := &played{reached: map[string]bool{}, without: map[string]bool{}}
	start := &world{now: 1, out: map[string][]act.Instant{}, run: act.ID{7}}
	index := map[string]int{b.key(start): 0}
	worlds := []*world{start}
	edges := [][]int{nil}
	closed := []bool{false}
	var can [][]string // what each world allows
	for i := 0; i < len(worlds); i++ {
		if len(worlds) > b.most() {
			return nil, errTooMany
		}
		next := func(w *world) {
			b.time.out = w.out
			k := b.key(w)
			j, there := index[k]
			if !there {
				j = len(worlds)
				index[k] = j
				worlds, edges = append(worlds, w), append(edges, nil)
				closed = append(closed, b.under(w).Closed(w.state.Run(w.run)))
			}
			edges[j] = append(edges[j], i)
		}
		b.can = nil
		can = append(can, nil)
		if closed[i] {
			continue
		}
		b.steps(worlds[i], watch, out.of(b.under(worlds[i])), next)
		if b.next == nil || worlds[i].state.Acts > 0 { // it is opened under the first version
			b.turns(worlds[i], next)
		}
		b.migrate(worlds[i], out, next)
		can[i] = b.can
	}
	back := func(to []bool) []bool { return leading(to, edges) }
	good := back(closed)
	out.later(index, can, good, back)
	for i := range worlds {
		part := out.of(b.under(worlds[i]))
		part.stuck = part.stuck || !good[i] && worlds[i].state.Acts > 0
	}
	return out, nil
}

// steps does every step that the engine allows, saying everything it may say.
func (b *player) steps(w *world, watch string, out *played, next func(*world)) {
	p := b.under(w)
	for i := range p.Steps {
		s := &p.Steps[i]
		at := protocol.Place{Protocol: p.ID, Step: s.ID}
		if w.state.Acts > 0 {
			at.Run = w.run
		}
		grant, err := b.engine.Allow(b.question(w), at)
		if err != nil {
			continue
		}
		out.reached[s.ID] = true
		b.can = append(b.can, s.ID)
		q := b.question(w)
		if v, known := b.fact(w, q, watch); !known || !v.Bool() {
			out.without[s.ID] = true
		}
		for _, facts := range b.sayings(s.Kind, w.now+1) {
			n := w.clone()
			e := &act.Envelope{
				Kind: s.Kind, Mandate: number(1000 + uint64(n.state.Acts)), Procedure: &act.Procedure{ID: w.run, Protocol: p.ID, Version: p.Version, Step: s.ID},
				Commits: grant.Commits, Cites: grant.Cites,
			}
			for _, d := range grant.Deadlines {
				e.Deadlines = append(e.Deadlines, act.Deadline{Rule: d.Rule, Start: n.now, Due: 0, Calendar: "then@1"})
			}
			if s.Move == "draft" {
				e.Commits = []act.Commit{{Name: protocol.CommitContent, Sum: [32]byte{1}}}
			}
			if s.Move == "sign" {
				facts[protocol.FactPerson], facts[protocol.FactRole] = act.OfID(number(2000+uint64(n.state.Acts))), act.OfCode("r")
			}
			for _, f := range grant.Facts {
				facts[f.Name] = f.Value
			}
			e.Facts = act.NewFacts(facts)
			n.fold(e)
			n.forget(protocol.ClockFacts()...)
			if s.Move == "sign" {
				n.forget(protocol.FactPerson, protocol.FactRole)
			}
			next(n)
		}
	}
}

// forget leaves out of the state what no gate asks: who signed, what the engine said of clocks.
func (w *world) forget(names ...string) {
	w.state.Facts = slices.DeleteFunc(w.state.Facts, func(f protocol.Fact) bool { return slices.Contains(names, f.Name) })
}

// stale reports whether a fact was said for a measure that was decided since.
func (b *player) stale(w *world, f *protocol.Fact) bool {
	r := w.state.Run(w.run)
	return b.law.Since[f.Name] && r != nil && slices.ContainsFunc(b.under(w).Steps, func(s protocol.Step) bool {
		ev := r.Event(s.ID)
		return s.Measure != nil && ev != nil && ev.Seq >= f.Seq
	})
}

func (b *player) fact(w *world, _ protocol.Question, name string) (act.Value, bool) {
	for i := range w.state.Facts {
		if w.state.Facts[i].Name == name && !b.stale(w, &w.state.Facts[i]) {
			return w.state.Facts[i].Value, true
		}
	}
	v, there := w.outside.Get(name)
	return v, there
}

// sayings lists everything an act of a kind may say.
func (b *player) sayings(kind string, now act.Instant) []map[string]act.Value {
	out := []map[string]act.Value{{}}
	for _, f := range b.kinds[kind] {
		var more []map[string]act.Value
		for _, old := range out {
			for _, v := range valuesOf(f.Type, now) {
				m := map[string]act.Value{f.Name: v}
				for k, x := range old {
					m[k] = x
				}
				more = append(more, m)
			}
			if !f.Required {
				more = append(more, old)
			}
		}
		out = more
	}
	return out
}

// turns lets time do what it may: a rule's time runs out, a lapse is recorded; and lets the world outside change its mind.
func (b *player) turns(w *world, next func(*world)) {
	next(w.clone()) // a moment later
	later := w.clone()
	later.now += 2 * far
	next(later)
	for _, rule := range b.rules {
		n := w.clone()
		n.out[rule] = append(n.out[rule], n.now)
		next(n)
	}
	b.time.out = w.out
	for _, l := range b.engine.Lapses(&w.state, w.now) {
		b.can = append(b.can, l.Lapses)
		n := w.clone()
		e := &act.Envelope{Kind: act.DeadlineLapsed, Procedure: &act.Procedure{ID: w.run, Protocol: b.p.ID, Version: b.under(w).Version, Step: l.Lapses}, Cites: []act.ID{l.By}}
		starts, facts := b.engine.Lapse(&w.state, &l)
		for _, d := range starts {
			e.Deadlines = append(e.Deadlines, act.Deadline{Rule: d.Rule, Start: n.now, Due: 0, Calendar: "then@1"})
		}
		e.Facts = facts
		n.fold(e)
		n.forget(protocol.ClockFacts()...)
		next(n)
	}
	for name := range b.free {
		for _, v := range append(valuesOf(act.Bool, 0), act.Value{}) {
			n := w.clone()
			n.outside = slices.DeleteFunc(n.outside, func(f act.Fact) bool { return f.Name == name })
			if v.Type() != "" {
				n.outside = append(n.outside, act.Fact{Name: name, Value: v})
			}
			next(n)
		}
	}
}
