package check

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"sanad/internal/act"
	"sanad/internal/law/gate"
	"sanad/internal/law/protocol"
)

// say chooses what the act of a step says; nil where no day fits.
func (r *rehearsal) say(l *leg) (facts map[string]act.Value, says []Said) {
	facts = map[string]act.Value{}
	classes := l.x.saying(l)
	maps.Copy(classes, r.hints[r.steps])
	var days []string
	for _, name := range sortedKeys(classes) {
		f := l.x.facts[name]
		if tellsDay(f.value(classes[name])) {
			days = append(days, name)
			continue
		}
		facts[name] = f.value(classes[name])
		says = append(says, f.said([]int{classes[name]}))
	}
	picked, ok := r.pick(days, func(t *comparison) (bool, bool) {
		if is, forced := r.forced[t]; forced {
			return true, is
		}
		return !t.open, l.x.holds(l.x.d.is(t.v), l.to)
	}, l.x)
	if !ok {
		r.stop("fact:%s", strings.Join(days, ","))
		return nil, nil
	}
	for _, name := range days {
		d := picked[name]
		r.saidAt[name] = fmt.Sprint(r.steps, " ", name)
		r.days[name] = d.at
		facts[name] = d.as(l.x.facts[name].classes[classes[name]].value.Type())
		says = append(says, Said{Fact: name, Known: true, Free: true, day: d.at})
	}
	return facts, says
}

// take sees to it that what a move takes from beyond the run is there.
func (r *rehearsal) take(l *leg, w wanted) bool {
	var days []string
	known := Line{What: "fact"}
	for _, name := range sortedKeys(w.facts) {
		f, class := l.x.facts[name], w.facts[name]
		switch {
		case class == 0:
			continue
		case l.x.declared(name) == nil:
			if r.class[name] == 0 && !r.elsewhere(l.x, name, w) {
				return false
			}
			continue
		case tellsDay(f.value(class)):
			days = append(days, name)
			continue
		}
		r.give(l.x, f, class, f.value(class), r.now)
		known.Says = append(known.Says, f.said([]int{class}))
	}
	picked, fits := r.pick(days, func(t *comparison) (bool, bool) { is, must := w.times[t]; return must, is }, l.x)
	if !fits {
		return r.stop("fact:%s", strings.Join(days, ","))
	}
	for _, name := range days {
		r.since(l.x, name, w, picked[name])
	}
	if len(known.Says) > 0 {
		r.line(known)
	}
	return true
}

// since makes a day known that was said beyond the run, and tells which rules have run since.
func (r *rehearsal) since(x *exploration, name string, w wanted, d civil) {
	f, now := x.facts[name], r.now
	r.days[name] = d.at
	r.give(x, f, w.facts[name], d.as(f.classes[w.facts[name]].value.Type()), min(d.at, now))
	r.now = min(d.at, now)
	r.line(Line{What: "fact", Says: []Said{{Fact: name, Known: true, day: d.at}}})
	r.now = now
	for _, k := range sortedKeys(x.times) {
		if t := x.times[k]; t.c.Fact == name && t.c.Op == gate.Elapsed && w.times[t] {
			r.waited(t.c, d.at)
		}
	}
}

// give makes a fact known that is said beyond the run.
func (r *rehearsal) give(x *exploration, f *fact, class int, v act.Value, at act.Instant) {
	r.class[f.name] = class
	if x.declared(f.name).Outside {
		r.outside = slices.DeleteFunc(r.outside, func(old act.Fact) bool { return old.Name == f.name })
		r.outside = append(r.outside, act.Fact{Name: f.name, Value: v})
		slices.SortFunc(r.outside, func(a, b act.Fact) int { return strings.Compare(a.Name, b.Name) })
		return
	}
	r.fold(&act.Envelope{Kind: x.declared(f.name).SaidBy[0], Audience: everybody, Effective: at, Facts: act.NewFacts(map[string]act.Value{f.name: v})}, nil)
}

// looksFor returns the condition that looks for something in other procedures under a key.
func (c *checker) looksFor(key string) *gate.Condition {
	var out *gate.Condition
	for i := range c.pack.Gates {
		c.pack.Gates[i].Test.Walk(func(k *gate.Condition) {
			if k.Op == gate.Elsewhere && elsewhereKey(k) == key {
				out = k
			}
		})
	}
	return out
}

// elsewhere has what a gate looks for done in another procedure of the file; once where another gate looks for the same and more.
func (r *rehearsal) elsewhere(x *exploration, key string, w wanted) bool {
	c := x.looksFor(key)
	for other, class := range w.facts {
		if class == 0 || other == key || x.declared(other) != nil || c.There.Until != "" {
			continue
		}
		if o := x.looksFor(other); o.There.Protocol == c.There.Protocol && o.There.Step == c.There.Step && o.There.Until != "" && alike(o.On, c.On) {
			return true
		}
	}
	p := x.protocolOf(c.There.Protocol)
	if p == nil || p.Step(c.There.Step) == nil {
		return r.stop("elsewhere:%s", c.There.Protocol)
	}
	facts := map[string]act.Value{}
	for _, name := range c.On {
		v, known := r.value(name)
		if !known {
			return r.stop("fact:%s", name)
		}
		facts[name] = v
	}
	line := Line{What: "elsewhere", Name: c.There.Step, Protocol: p.ID}
	if until := c.There.Until; until != "" {
		at, date := x.day(r.now, aheadFor)
		facts[until] = act.OfDate(date)
		line.Says = append(line.Says, Said{Fact: until, Known: true, Free: true, day: at})
	}
	r.class[key] = 1
	there := &act.Procedure{ID: r.id(), Protocol: p.ID, Version: p.Version, Step: c.There.Step}
	if !r.fold(&act.Envelope{Kind: p.Step(c.There.Step).Kind, Audience: everybody, Facts: act.NewFacts(facts)}, there) {
		return false
	}
	r.line(line)
	return true
}

// value is what the file says of a fact last.
func (r *rehearsal) value(name string) (act.Value, bool) {
	var newest *protocol.Fact
	for i := range r.state.Facts {
		if f := &r.state.Facts[i]; f.Name == name && (newest == nil || f.Seq > newest.Seq) {
			newest = f
		}
	}
	if newest == nil {
		return act.Value{}, false
	}
	return newest.Value, true
}
