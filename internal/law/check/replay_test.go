package check

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/law/gate"
	"sanad/internal/law/pack"
	"sanad/internal/law/protocol"
)

// replay plays a timeline again from nothing but what it tells, and from nothing it was made of: who acts when and says what, on the
// engine, with the times of the pack's own calendar.
type replay struct {
	t       *testing.T
	pack    *pack.Pack
	engine  *protocol.Engine
	p       *protocol.Protocol
	from    time.Time
	state   protocol.State
	now     act.Instant
	run     act.ID
	drawn   byte
	signed  byte
	outside act.Facts
	holds   map[act.ID][]string
}

// every is the audience of what is known from beyond the procedure.
var every = act.ID{0xfe}

// replayed plays the timeline of a finding again.
func replayed(t *testing.T, p *pack.Pack, f *Finding) {
	t.Helper()
	law := *p.Engine().Law()
	law.Texts = slices.Clone(law.Texts)
	for i := range law.Texts {
		if x := &law.Texts[i]; x.Status != gate.Withdrawn && x.Status != gate.Rejected {
			*x = protocol.Text{ID: x.ID, Status: gate.InForce, Verified: true, From: new(act.Instant)}
		}
	}
	engine, err := protocol.New(&law)
	if err != nil {
		t.Fatal(err)
	}
	from, err := time.Parse(time.DateOnly, f.Timeline.From)
	if err != nil {
		t.Fatal(err)
	}
	r := &replay{t: t, pack: p, engine: engine, from: from, holds: map[act.ID][]string{every: nil}}
	version := f.Version
	for i := range f.Story {
		if f.Story[i].What == "migration" {
			version = f.Story[0].turn.x.p.Version
		}
	}
	r.p = engine.Protocol(f.Protocol, version)
	for i := range f.Timeline.Lines {
		l := &f.Timeline.Lines[i]
		err := r.line(l, i > 0 && r.waited(&f.Timeline.Lines[i-1], l))
		if err != nil {
			t.Errorf("%s %s %s, line %d, day %d, %s %s: %v", f.Kind, f.Protocol, f.Step, i+1, l.Day, l.What, l.Name, err)
			return
		}
	}
}

// waited reports whether a step had to wait for the time that the line before it tells.
func (r *replay) waited(before, l *Line) bool {
	s := r.p.Step(l.Name)
	if before.What != "time" || before.Rule == "" || s == nil || before.At != l.At {
		return false
	}
	asks := false
	for _, id := range s.Gates {
		r.engine.Gate(id).Test.Walk(func(c *gate.Condition) { asks = asks || c.Op == gate.Elapsed && c.Rule == before.Rule })
	}
	return asks
}

func (r *replay) id() act.ID {
	r.drawn++
	return act.ID{r.drawn}
}

func (r *replay) question(role string, facts map[string]act.Value) protocol.Question {
	q := protocol.Question{
		State: &r.state, Sort: r.p.Sort, Now: r.now, Roles: []string{role}, Person: r.person(role), Outside: r, Proposed: act.NewFacts(facts),
		Audience: func(compartments []string) act.ID {
			id := act.ID{0xfd}
			copy(id[1:], strings.Join(compartments, " "))
			r.holds[id] = slices.Clone(compartments)
			return id
		},
		Reads: func(have, want act.ID) bool {
			return !slices.ContainsFunc(r.holds[want], func(c string) bool {
				return !r.pack.Compartment(c).Public && !slices.Contains(r.holds[have], c)
			})
		},
	}
	return q
}

func (r *replay) person(role string) act.ID {
	id := act.ID{0xfc, r.signed}
	copy(id[2:], role)
	return id
}

func (r *replay) Fact(name string, _ gate.Source) gate.Held {
	v, there := r.outside.Get(name)
	return gate.Held{Value: v, Known: there}
}

// facts are what a line says.
func (r *replay) facts(l *Line) map[string]act.Value {
	out := map[string]act.Value{}
	for _, s := range l.Says {
		i := slices.IndexFunc(r.pack.Facts, func(f pack.Fact) bool { return f.ID == s.Fact })
		n, _ := strconv.ParseInt(s.Value, 10, 64)
		if s.Day != nil {
			n = int64(*s.Day)
		}
		day := r.from.AddDate(0, 0, int(n))
		out[s.Fact] = map[act.Type]act.Value{
			act.Bool: act.OfBool(s.Value == "true"), act.Int: act.OfInt(n), act.Code: act.OfCode(strings.ReplaceAll(s.Value, anyOther, "other")), act.Codes: act.OfCodes(s.Words...),
			act.Date: act.OfDate(day), act.At: act.OfInstant(r.engine.Law().Time.DayStart(day)), act.Ident: act.OfID(act.ID{}), act.Idents: act.OfIDs(),
		}[r.pack.Facts[i].Type]
	}
	return out
}

func (r *replay) line(l *Line, waited bool) error {
	at, err := time.Parse(time.RFC3339, l.At)
	if err != nil {
		return err
	}
	if act.InstantOf(at) < r.now {
		return errors.New("it is before the line above")
	}
	r.now = act.InstantOf(at)
	if day := int(r.pack.Calendar.DateOf(r.now).Time().Sub(r.from).Hours() / 24); day != l.Day {
		return errors.New("its instant is on another day")
	}
	facts := r.facts(l)
	switch l.What {
	case "fact":
		for name, v := range facts {
			i := slices.IndexFunc(r.pack.Facts, func(f pack.Fact) bool { return f.ID == name })
			if r.pack.Facts[i].Outside {
				r.outside = append(slices.DeleteFunc(r.outside, func(f act.Fact) bool { return f.Name == name }), act.Fact{Name: name, Value: v})
				slices.SortFunc(r.outside, func(a, b act.Fact) int { return strings.Compare(a.Name, b.Name) })
				delete(facts, name)
			}
		}
		return r.fold(&act.Envelope{Kind: "known", Audience: every, Facts: act.NewFacts(facts)}, nil)
	case "elsewhere":
		for _, f := range r.state.Facts {
			if _, said := facts[f.Name]; !said {
				facts[f.Name] = f.Value
			}
		}
		p := r.engine.Protocol(l.Protocol, 0)
		return r.fold(&act.Envelope{Kind: p.Step(l.Name).Kind, Audience: every, Facts: act.NewFacts(facts)}, &act.Procedure{ID: r.id(), Protocol: p.ID, Version: p.Version, Step: l.Name})
	case "step":
		return r.step(l, facts, waited)
	case "lapse":
		return r.lapse(l)
	case "migration":
		return r.migrate(l)
	}
	return nil
}

func (r *replay) step(l *Line, facts map[string]act.Value, waited bool) error {
	if l.Another {
		r.signed++
	}
	place := protocol.Place{Protocol: r.p.ID, Run: r.run, Step: l.Name}
	if waited {
		q := r.question(l.Actor, facts)
		q.Now = act.InstantOf(r.now.Time().Add(-time.Minute))
		_, err := r.engine.Allow(q, place)
		if err == nil {
			return errors.New("it may be done a minute before")
		}
	}
	g, err := r.engine.Allow(r.question(l.Actor, facts), place)
	if err != nil {
		return err
	}
	if g.Opens {
		r.run = r.id()
	}
	for _, f := range g.Facts {
		facts[f.Name] = f.Value
	}
	e := &act.Envelope{Kind: g.Kind, Mandate: r.person(l.Actor), Audience: g.Interned, Deadlines: g.Deadlines, Commits: g.Commits, Cites: g.Cites}
	switch g.Step.Move {
	case "draft":
		e.Commits = []act.Commit{{Name: protocol.CommitContent, Sum: [32]byte{r.drawn}}}
	case "sign":
		facts[protocol.FactPerson], facts[protocol.FactRole] = act.OfID(r.person(l.Actor)), act.OfCode(l.Actor)
	}
	e.Facts = act.NewFacts(facts)
	return r.fold(e, &act.Procedure{ID: r.run, Protocol: r.p.ID, Version: r.p.Version, Step: l.Name})
}

func (r *replay) lapse(l *Line) error {
	for _, c := range r.engine.Lapses(&r.state, r.now) {
		if c.Place.Run != r.run || c.Lapses != l.Name {
			continue
		}
		if c.Due != r.now {
			return errors.New("it ran out at another instant")
		}
		e := &act.Envelope{Kind: act.DeadlineLapsed, Audience: c.Audience, Cites: []act.ID{c.By}}
		e.Deadlines, e.Facts = r.engine.Lapse(&r.state, &c)
		return r.fold(e, &act.Procedure{ID: r.run, Protocol: r.p.ID, Version: r.p.Version, Step: l.Name})
	}
	return errors.New("no such clock has run out")
}

func (r *replay) migrate(l *Line) error {
	to, err := strconv.Atoi(l.Name)
	if err != nil {
		return err
	}
	m := r.engine.Migration(r.question(l.Actor, nil), r.run, to)
	if !m.Open {
		return errors.New("the run may not be migrated")
	}
	r.p = r.engine.Protocol(r.p.ID, to)
	for _, moved := range m.Moved {
		facts := map[string]act.Value{protocol.FactReason: act.OfCode(protocol.MigrationReasons()[0])}
		for _, f := range moved.Facts {
			facts[f.Name] = f.Value
		}
		err := r.fold(&act.Envelope{Kind: protocol.KindMigrated, Audience: moved.Audience, Facts: act.NewFacts(facts)}, nil)
		if err != nil {
			return err
		}
	}
	return nil
}

func (r *replay) fold(e *act.Envelope, of *act.Procedure) error {
	e.ID, e.File, e.Of, e.Version, e.Recorded, e.Effective, e.Procedure, e.Thread = r.id(), act.ID{1}, r.p.Sort, 1, r.now, r.now, of, e.Audience
	e.Thread[15] ^= 0xff
	for _, th := range r.state.Threads {
		if th.Audience == e.Audience {
			e.Pos = th.Next
		}
	}
	return r.state.Fold(e)
}
