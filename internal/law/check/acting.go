package check

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"sanad/internal/act"
	"sanad/internal/law/gate"
	"sanad/internal/law/protocol"
)

// step does a step of a path at the first instant at which the engine allows it.
func (r *rehearsal) step(l *leg) bool {
	s := l.mv.step
	r.now = act.InstantOf(r.now.Time().Add(time.Minute))
	for i := range l.x.clocks { // what the path has done too late is
		k := &l.x.clocks[i]
		if slices.Contains(k.MetBy, s.ID) && !l.x.holds(l.x.d.is(k.met), l.to) {
			r.outlast(k)
		}
	}
	w := l.x.wants(l, func(f *fact) int { return r.class[f.name] })
	if r.remember(l.x, w) {
		return true
	}
	if !r.take(l, w) {
		return false
	}
	facts, says := r.say(l)
	if facts == nil {
		return false
	}
	actor, another := r.actor(l)
	grant, ok := r.allowed(s, actor, facts)
	if !ok {
		return false
	}
	if grant.Opens {
		r.run = r.id()
	}
	if !r.write(s, &grant, actor, facts) {
		return false
	}
	if s.Measure != nil {
		for name := range r.class {
			if f := l.x.declared(name); f != nil && f.Since {
				delete(r.class, name)
			}
		}
	}
	for name, class := range r.hints[r.steps] {
		r.class[name] = class
	}
	r.did = append(r.did, s)
	r.steps++
	r.line(Line{What: "step", Name: s.ID, Actor: actor, Another: another, Says: says})
	if l.ok != all {
		r.out.Lacks, r.out.Together = l.x.lacks(l.mv, w.at, l.ok)
		return r.lacking()
	}
	return true
}

// lacking sees to it that what is missing in the end is: the walk lets open comparisons come out as they like at each step, and a time that
// is over stays so.
func (r *rehearsal) lacking() bool {
	for i := range r.out.Lacks {
		l := &r.out.Lacks[i]
		switch {
		case l.What == "fact" && !l.Is.Known && r.class[l.Name] > 0:
			return r.stop("known:%s", l.Name)
		case l.What != "time" || l.Done:
			continue
		}
		for _, t := range r.x.times {
			if t.c.Op != gate.Elapsed || t.c.Rule != l.Name || t.c.Step+t.c.Fact != l.Since {
				continue
			}
			at, _, err := r.over(t.c)
			if err == nil && at <= r.now {
				return r.stop("over:%s", l.Name)
			}
		}
	}
	return true
}

// outlast waits until a clock that runs is over.
func (r *rehearsal) outlast(k *clock) {
	for _, c := range r.engine.Running(&r.state) {
		if c.Place.Run == r.run && c.Place.Step == k.step && c.Name == k.Name && c.Due != protocol.Never {
			r.until(c.Due)
		}
	}
}

// allowed asks the engine for leave, and waits where all that is missing is time.
func (r *rehearsal) allowed(s *protocol.Step, actor string, facts map[string]act.Value) (protocol.Grant, bool) {
	const most = 16
	at := protocol.Place{Protocol: r.x.p.ID, Run: r.run, Step: s.ID}
	for range most {
		q := r.question([]string{actor})
		q.Person, q.Proposed = r.person(actor), act.NewFacts(facts)
		grant, err := r.engine.Allow(q, at)
		if err == nil {
			return grant, true
		}
		if !r.wait(s, q, err) {
			r.refused(err)
			return grant, false
		}
	}
	r.stop("gates")
	return protocol.Grant{}, false
}

// wait moves on to the next instant at which a step that is refused may be allowed; it reports false where time alone opens nothing.
func (r *rehearsal) wait(s *protocol.Step, q protocol.Question, err error) bool {
	next := gate.Never
	rule := ""
	sooner := func(at act.Instant, of string) {
		if at > r.now && at < next {
			next, rule = at, of
		}
	}
	var refusal *protocol.Refusal
	if !errors.As(err, &refusal) {
		return false
	}
	for _, b := range refusal.Blocks {
		for _, a := range b.Args {
			if until, is := a.Value.Instant(); is && (b.Why == protocol.WhySilent || a.Name == "until") {
				sooner(until, "")
			}
		}
	}
	for _, m := range r.engine.Possible(q) {
		if m.Place.Step != s.ID || m.Place.Run != r.run {
			continue
		}
		for _, a := range m.Answers {
			for _, saw := range a.Saw {
				until, is := saw.Value.Instant()
				of, waits := strings.CutPrefix(saw.Fact, "until:")
				if is && waits && !a.Open {
					sooner(until, of)
				}
				if at, told := r.days[saw.Fact]; told && !a.Open {
					sooner(after(at), "")
				}
			}
		}
	}
	if next == gate.Never {
		return false
	}
	r.until(next)
	for _, t := range r.x.times {
		at, since, err := r.over(t.c)
		if t.c.Op == gate.Elapsed && t.c.Rule == rule && err == nil && at == next {
			r.waited(t.c, since)
			break
		}
	}
	return true
}

// refused notes why the engine refuses for good.
func (r *rehearsal) refused(err error) {
	var refusal *protocol.Refusal
	if !errors.As(err, &refusal) || len(refusal.Blocks) == 0 {
		r.stop("unknown")
		return
	}
	b := refusal.Blocks[0]
	if b.Why == protocol.WhyGate {
		r.stop("gate:%s", b.Gate)
		return
	}
	r.stop("%s", b.Why)
}

// write folds the act of a step.
func (r *rehearsal) write(s *protocol.Step, g *protocol.Grant, actor string, facts map[string]act.Value) bool {
	said := maps.Clone(facts)
	for _, f := range g.Facts {
		said[f.Name] = f.Value
		if day, is := f.Value.Date(); is {
			r.days[f.Name] = r.time.DayStart(day)
		}
	}
	if s.Move == "sign" {
		said[protocol.FactPerson], said[protocol.FactRole] = act.OfID(r.person(actor)), act.OfCode(actor)
	}
	e := &act.Envelope{
		Kind: s.Kind, Mandate: r.person(actor), Audience: g.Interned, Facts: act.NewFacts(said), Gates: g.Gates, Deadlines: g.Deadlines, Commits: g.Commits, Cites: g.Cites,
	}
	if s.Move == "draft" {
		e.Commits = []act.Commit{{Name: protocol.CommitContent, Sum: [32]byte{1, byte(r.drawn)}}}
		maps.DeleteFunc(r.signed, func(key string, _ int) bool { return strings.HasPrefix(key, s.ID+" ") })
	}
	if !r.fold(e, r.of(s.ID)) {
		return false
	}
	if s.Move == "sign" {
		r.signed[s.Draft+" "+actor]++
	}
	return true
}

// actor is who does a step: one who holds its role, and has not signed the draft yet where the step signs one.
func (r *rehearsal) actor(l *leg) (role string, another bool) {
	s := l.mv.step
	if s.Move != "sign" {
		for _, role := range s.By {
			if l.x.held(role, l.x.variant) {
				return role, false
			}
		}
		return "", false
	}
	fits := l.x.signers(l)
	if len(fits) == 0 {
		return "", false
	}
	for key := range r.signed {
		another = another || strings.HasPrefix(key, s.Draft+" ")
	}
	for _, role := range fits {
		if r.signed[s.Draft+" "+role] == 0 {
			return role, another
		}
	}
	return fits[0], another
}

// person is who acts in a role: another one for each signature that the role has put before.
func (r *rehearsal) person(role string) act.ID {
	n := 0
	for key, times := range r.signed {
		if strings.HasSuffix(key, " "+role) {
			n = max(n, times)
		}
	}
	id := act.ID{0xaa, byte(n)}
	copy(id[2:], role)
	return id
}

// remember has a step of the run that was done before say what is wanted now, where one may: all is played anew then.
func (r *rehearsal) remember(x *exploration, w wanted) bool {
	for _, name := range sortedKeys(w.facts) {
		f := x.facts[name]
		if w.facts[name] == 0 || x.declared(name) == nil || slices.ContainsFunc(slices.Collect(maps.Keys(w.times)), func(t *comparison) bool {
			return t.c.Fact == name && t.c.Op == gate.Elapsed && w.times[t]
		}) {
			continue
		}
		for n, s := range slices.Backward(r.did) {
			if x.declared(name).Since && s.Measure != nil {
				break
			}
			if !x.model.says(s, f) {
				continue
			}
			if _, sets := s.Sets[name]; sets {
				break
			}
			if _, hinted := r.hints[n][name]; !hinted {
				if r.hints[n] == nil {
					r.hints[n] = map[string]int{}
				}
				r.hints[n][name] = w.facts[name]
				r.again = true
			}
			break
		}
		for t, is := range w.times {
			if r.again && (t.c.Fact == name || t.c.Other == name) {
				r.forced[t] = is
			}
		}
	}
	return r.again
}
