package check

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sanad/internal/act"
	"sanad/internal/law/gate"
	"sanad/internal/law/protocol"
)

// prompts are what a play taught for the next one.
type prompts struct {
	chosen map[string]int         // of days that somebody may choose: how many days ahead; by where they are said
	hints  map[int]map[string]int // by step: what it says because something done later takes it; class by fact
	forced map[*comparison]bool   // how comparisons of the days among those have to come out
}

// rehearsal plays a path on the engine, as the clerk would have it: it asks for leave, writes the act, and folds it.
type rehearsal struct {
	x       *exploration
	engine  *protocol.Engine // of the law as it will be where what is proposed is enacted
	time    protocol.Time
	state   protocol.State
	now     act.Instant
	run     act.ID
	drawn   uint64
	known   map[string]act.ID // audiences by their compartments
	holds   map[act.ID][]string
	outside act.Facts
	class   map[string]int         // of facts that are said beyond the run: what is known of them
	days    map[string]act.Instant // of facts that tell a day: the first instant of it
	signed  map[string]int         // by draft and role
	saidAt  map[string]string      // by fact: where it was said last, as chosen has it
	*prompts
	did   []*protocol.Step
	again bool // a day was better chosen otherwise, and all has to be played anew
	out   Timeline
	steps int
}

// aheadFor is how many days ahead a day lies that has to be ahead, where nothing has told yet how soon it may come.
const aheadFor = 1200

// rehearse sets the stage at an instant; nil where the law can't be played.
func (x *exploration) rehearse(start act.Instant, p *prompts) *rehearsal {
	law := *x.engine.Law()
	law.Texts = slices.Clone(law.Texts)
	for i := range law.Texts {
		t := &law.Texts[i]
		if alive, _ := x.enacted(t.ID); alive {
			from := act.Instant(0)
			*t = protocol.Text{ID: t.ID, Status: gate.InForce, Verified: true, From: &from}
		}
	}
	engine, err := protocol.New(&law)
	if err != nil {
		return nil
	}
	return &rehearsal{
		x: x, engine: engine, time: law.Time, now: start, known: map[string]act.ID{}, holds: map[act.ID][]string{}, class: map[string]int{},
		days: map[string]act.Instant{}, signed: map[string]int{}, prompts: p, saidAt: map[string]string{},
	}
}

func (r *rehearsal) id() (id act.ID) {
	r.drawn++
	binary.BigEndian.PutUint64(id[8:], r.drawn)
	return id
}

func (r *rehearsal) stop(format string, args ...any) bool {
	if r.out.Stopped == "" {
		r.out.Stopped = fmt.Sprintf(format, args...)
	}
	return false
}

func (r *rehearsal) line(l Line) {
	l.at = r.now
	r.out.Lines = append(r.out.Lines, l)
}

// story plays a story to its end, or as far as it goes.
func (r *rehearsal) story(story []Event) {
	for len(story) > 0 {
		x := story[0].turn.x
		if x == nil {
			if !r.migrate(story[0].Name) {
				return
			}
			story = story[1:]
			continue
		}
		n := 0
		for n < len(story) && story[n].turn.x == x {
			n++
		}
		r.x = x
		path := x.path(story[:n])
		for i := range path {
			if !r.play(&path[i]) || r.again {
				return
			}
		}
		if len(path) < n {
			r.stop("path")
			return
		}
		story = story[n:]
	}
}

func (r *rehearsal) play(l *leg) bool {
	switch l.mv.what {
	case "step":
		return r.step(l)
	case "lapse":
		return r.lapse(l.mv)
	default:
		return r.passes(l.mv)
	}
}

// until moves on to an instant that is still to come.
func (r *rehearsal) until(at act.Instant) { r.now = max(r.now, at) }

// passes lets the time of a rule, or the day of a fact, come to its end.
func (r *rehearsal) passes(mv *move) bool {
	c := mv.over.c
	if c.Op == gate.Before {
		at, known := r.days[c.Fact]
		if !known {
			return r.stop("fact:%s", c.Fact)
		}
		key := r.saidAt[c.Fact]
		if _, fixed := r.chosen[key]; !fixed && at > r.now { // no later than it has to be
			r.chosen[key] = r.x.daysBetween(r.days[key], r.now) + 1
			r.again = true
			return true
		}
		r.until(after(at))
		r.line(Line{What: "time", Name: c.Fact})
		return true
	}
	at, since, err := r.over(c)
	if err != nil || at == gate.Never {
		return r.stop("rule:%s", c.Rule)
	}
	r.until(at)
	r.waited(c, since)
	return true
}

// after is the second after an instant: of a day that is past its first instant is.
func after(at act.Instant) act.Instant { return act.InstantOf(at.Time().Add(time.Second)) }

// over returns when the time that a condition waits for is over, and since when it counts.
func (r *rehearsal) over(c *gate.Condition) (at, since act.Instant, err error) {
	if c.Fact != "" {
		since, known := r.days[c.Fact]
		if !known {
			return 0, 0, errors.New("nobody said the day")
		}
		at, err = r.time.Due(c.Rule, since)
		return at, since, err
	}
	run := r.state.Run(r.run)
	if run == nil || run.Event(c.Step) == nil {
		return 0, 0, errors.New("it was not done")
	}
	since = run.Event(c.Step).First
	for _, x := range r.engine.Running(&r.state) {
		if x.Place.Run == r.run && x.Place.Step == c.Step && x.Rule == c.Rule && x.Start == since {
			return x.Due, since, nil
		}
	}
	at, err = r.time.Due(c.Rule, since)
	return at, since, err
}

// waited tells that the time of a rule is over.
func (r *rehearsal) waited(c *gate.Condition, since act.Instant) {
	l := Line{What: "time", Name: c.Rule, Rule: c.Rule, Since: c.Step + c.Fact}
	l.since = since
	r.line(l)
}

// lapse lets a clock run out.
func (r *rehearsal) lapse(mv *move) bool {
	all := r.engine.Running(&r.state)
	i := slices.IndexFunc(all, func(c protocol.Running) bool { return c.Place.Run == r.run && c.Lapses == mv.name })
	if i < 0 {
		return r.stop("met:%s", mv.name)
	}
	c := all[i]
	if c.Due == protocol.Never {
		return r.stop("still:%s", mv.name)
	}
	r.until(c.Due)
	e := &act.Envelope{Kind: act.DeadlineLapsed, Cites: []act.ID{c.By}, Audience: c.Audience, Effective: c.Due}
	e.Deadlines, e.Facts = r.engine.Lapse(&r.state, &c)
	if !r.fold(e, r.of(mv.name)) {
		return false
	}
	l := Line{What: "lapse", Name: mv.name, Clock: c.Name, Rule: c.Rule, Since: c.Place.Step, Nobody: c.MetBy}
	l.since = c.Start
	r.line(l)
	return true
}

// migrate takes the run to another version.
func (r *rehearsal) migrate(version string) bool {
	to := 0
	_, err := fmt.Sscan(version, &to)
	if err != nil {
		return r.stop("migration")
	}
	if p := r.engine.Protocol(r.x.p.ID, to); p != nil && p.From != nil {
		r.until(*p.From)
	}
	actor := ""
	for i := range r.x.pack.Roles {
		role := r.x.pack.Roles[i].ID
		if r.x.held(role, r.x.variant) && r.engine.Migration(r.question([]string{role}), r.run, to).Open {
			actor = role
			break
		}
	}
	m := r.engine.Migration(r.question([]string{actor}), r.run, to)
	if !m.Open {
		return r.stop("migration")
	}
	for _, moved := range m.Moved {
		facts := map[string]act.Value{protocol.FactReason: act.OfCode(protocol.MigrationReasons()[0])}
		for _, f := range moved.Facts {
			facts[f.Name] = f.Value
		}
		if !r.fold(&act.Envelope{Kind: protocol.KindMigrated, Facts: act.NewFacts(facts), Audience: moved.Audience}, nil) {
			return false
		}
	}
	r.line(Line{What: "migration", Name: version, Actor: actor})
	return true
}

// of is a step or lapse of the run.
func (r *rehearsal) of(name string) *act.Procedure {
	return &act.Procedure{ID: r.run, Protocol: r.x.p.ID, Version: r.x.p.Version, Step: name}
}

// fold writes an act, of a procedure where one is named.
func (r *rehearsal) fold(e *act.Envelope, of *act.Procedure) bool {
	e.ID, e.File, e.Of, e.Version, e.Recorded, e.Procedure = r.id(), act.ID{1}, r.x.p.Sort, 1, r.now, of
	r.append(e)
	err := r.state.Fold(e)
	if err != nil {
		return r.stop("bounds")
	}
	return true
}

// append puts an act at the end of its thread.
func (r *rehearsal) append(e *act.Envelope) {
	if e.Effective == 0 {
		e.Effective = r.now
	}
	e.Thread = e.Audience
	e.Thread[0] = 0xff
	i := slices.IndexFunc(r.state.Threads, func(t protocol.Thread) bool { return t.Audience == e.Audience })
	if i >= 0 {
		e.Pos = r.state.Threads[i].Next
	}
}

// everybody is the audience of what is known from beyond the run: what readers of the run may not know of it is not asked here.
var everybody = act.ID{0xee}

func (r *rehearsal) question(roles []string) protocol.Question {
	return protocol.Question{
		State: &r.state, Sort: r.x.p.Sort, Now: r.now, Roles: roles, Outside: r, Reads: r.reads,
		Audience: func(compartments []string) act.ID {
			key := strings.Join(compartments, " ")
			id, there := r.known[key]
			if !there {
				id = r.id()
				r.known[key], r.holds[id] = id, slices.Clone(compartments)
			}
			return id
		},
	}
}

// Fact provides what comes from beyond the file.
func (r *rehearsal) Fact(name string, _ gate.Source) gate.Held {
	v, there := r.outside.Get(name)
	return gate.Held{Value: v, Known: there}
}

func (r *rehearsal) reads(have, want act.ID) bool {
	return want == everybody || !slices.ContainsFunc(r.holds[want], func(c string) bool {
		x := r.x.pack.Compartment(c)
		return (x == nil || !x.Public) && !slices.Contains(r.holds[have], c)
	})
}

// daysBetween counts the civil days from one instant to another.
func (c *checker) daysBetween(a, b act.Instant) int {
	return int(c.pack.Calendar.DateOf(b)) - int(c.pack.Calendar.DateOf(a))
}

// day is the first instant of a civil day, some days after that of an instant, and the day.
func (c *checker) day(at act.Instant, later int) (act.Instant, time.Time) {
	date := c.pack.Calendar.DateOf(at).Time().AddDate(0, 0, later)
	return c.engine.Law().Time.DayStart(date), date
}

// told ends the timeline: its days are counted from the first thing that happened in it.
func (r *rehearsal) told() *Timeline {
	out := &r.out
	slices.SortStableFunc(out.Lines, func(a, b Line) int { return int(min(1, max(-1, a.at-b.at))) })
	if len(out.Lines) == 0 {
		return nil
	}
	first := out.Lines[0].at
	out.From = r.x.pack.Calendar.DateOf(first).String()
	for i := range out.Lines {
		l := &out.Lines[i]
		l.Day, l.At = r.x.daysBetween(first, l.at), l.at.Time().UTC().Format(time.RFC3339)
		if l.since != 0 {
			from := r.x.daysBetween(first, l.since)
			l.From = &from
		}
		for j := range l.Says {
			if s := &l.Says[j]; s.day != 0 {
				day := r.x.daysBetween(first, s.day)
				s.Day = &day
			}
		}
	}
	return out
}
