package check

import (
	"slices"

	"sanad/internal/act"
)

// A story says what matters and leaves the rest open. A path is one way to live it: every state it goes through is told in full, so that
// it can be played.

// leg is one move of a path, with the state before it and the one it leads to.
type leg struct {
	x        *exploration
	mv       *move
	from, to set
	ok       set // of the last one: the assignments in which it may be done; all where nothing says so
}

// turn is the move that an event tells, and the states it leads to.
type turn struct {
	x  *exploration
	mv *move
	to set
	// At the end of a finding's story: the assignments in which the move may be made, all elsewhere; and the steps that can't come any more.
	ok    set
	never []string
}

// path returns one way through a story, or as far as there is one.
func (x *exploration) path(story []Event) []leg {
	var out []leg
	at := x.settle(nil, none, x.start)
	for i := range story {
		t := &story[i].turn
		goal := x.d.and(x.image(t.mv, at), t.to)
		if nearest := x.d.and(goal, x.ring(i+1)); nearest != none {
			goal = nearest
		}
		if goal == none {
			return out
		}
		next := x.settle(t.mv, at, goal)
		out = append(out, leg{x: x, mv: t.mv, from: at, to: next, ok: t.ok})
		at = next
	}
	return out
}

// settle chooses one of some states that a move leads to: the plainest. What may be left unsaid is, and what meets a clock comes in
// time.
func (x *exploration) settle(mv *move, from, states set) set {
	prefer := func(s set) bool {
		some := x.d.and(states, s)
		if some != none {
			states = some
		}
		return some != none
	}
	for i := range x.clocks {
		k := &x.clocks[i]
		prefer(x.d.is(k.met))
		for _, e := range k.elsewhere {
			prefer(x.d.is(e.met))
		}
	}
	for _, name := range sortedKeys(x.facts) {
		f := x.facts[name]
		if f.free || f.vars == nil || mv != nil && prefer(x.same(f, from)) {
			continue
		}
		prefer(x.d.not(f.known))
		for i := 1; i < len(f.sets); i++ {
			if !slices.Equal(f.classes[i].words, []string{anyOther}) && prefer(f.sets[i]) {
				break
			}
		}
	}
	for v := range x.states {
		prefer(x.d.not(x.d.is(v)))
	}
	for v := range x.states {
		prefer(x.d.is(v))
	}
	return states
}

// same is the class that a fact has in a state.
func (x *exploration) same(f *fact, in set) set { return f.sets[x.class(f, in)] }

// class is the number of the class that a fact has in a state, or may have in each of some.
func (x *exploration) class(f *fact, in set) int {
	for i, s := range f.sets {
		if x.d.and(in, s) != none {
			return i
		}
	}
	return 0
}

// holds reports whether something is so in a state.
func (x *exploration) holds(s, in set) bool { return x.d.and(s, in) != none }

// wanted is what a move takes from beyond the run, or from what the run may have said before.
type wanted struct {
	facts map[string]int       // by name the class that is needed
	times map[*comparison]bool // of comparisons left open: how they have to come out
	at    set                  // the assignment in which the move is made
}

// wants chooses what a move takes: as few facts as can be, and as few times that have to be over. has says of which class a fact is
// already.
func (x *exploration) wants(l *leg, has func(*fact) int) wanted {
	base := x.d.and(l.mv.full, l.from)
	if bad := x.d.less(base, l.ok); bad != none {
		base = bad
	}
	w := wanted{map[string]int{}, map[*comparison]bool{}, base}
	prefer := func(s set) bool {
		some := x.d.and(w.at, s)
		if some != none {
			w.at = some
		}
		return some != none
	}
	for _, k := range sortedKeys(x.times) {
		if t := x.times[k]; t.open {
			prefer(x.d.not(x.d.is(t.v)))
		}
	}
	for _, besides := range []bool{false, true} { // what the pack declares, then what is done in other procedures
		for _, name := range sortedKeys(x.facts) {
			f := x.facts[name]
			if !f.free || besides != (x.declared(name) == nil) {
				continue
			}
			now := has(f)
			if now > 0 && prefer(f.sets[now]) {
				continue
			}
			order := upTo(len(f.sets))
			if now > 0 { // what was said once is not unsaid: something else is said of it
				order = append(order[1:], 0)
			}
			for _, i := range order {
				if prefer(f.sets[i]) {
					w.facts[name] = i
					break
				}
			}
		}
	}
	for _, k := range sortedKeys(x.times) {
		t := x.times[k]
		if v := x.d.is(t.v); t.open {
			is := x.holds(v, w.at)
			other := v
			if is {
				other = x.d.not(v)
			}
			if x.d.and(x.d.exists(w.at, v), other, base) == none {
				w.times[t] = is
			}
		}
	}
	return w
}

func upTo(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// signers are the roles in which somebody may have signed for a move to lead where it did.
func (x *exploration) signers(l *leg) []string {
	count := func(k *counter, in set) int {
		n := 0
		for n < len(k.least) && x.holds(x.d.is(k.least[n]), in) {
			n++
		}
		return n
	}
	var out []string
	for _, role := range l.mv.step.By {
		fits := x.held(role, x.variant)
		for _, k := range x.counters {
			if k.draft != l.mv.step.Draft {
				continue
			}
			n := count(k, l.from)
			if len(k.roles) == 0 || slices.Contains(k.roles, role) {
				n = min(n+1, len(k.least))
			}
			fits = fits && n == count(k, l.to)
		}
		if fits {
			out = append(out, role)
		}
	}
	return out
}

// saying lists the facts of which a move says something, with the class of what it says.
func (x *exploration) saying(l *leg) map[string]int {
	out := map[string]int{}
	for _, name := range sortedKeys(x.facts) {
		f := x.facts[name]
		if f.vars == nil || f.free || !x.model.says(l.mv.step, f) || x.spends(l.mv.step, f) {
			continue
		}
		if _, sets := l.mv.step.Sets[name]; sets {
			continue
		}
		was, now := x.class(f, l.from), x.class(f, l.to)
		again := slices.ContainsFunc(f.times, func(v int32) bool { return x.holds(x.d.is(v), l.from) != x.holds(x.d.is(v), l.to) })
		if now > 0 && (now != was || again || x.must(l.mv.step, f)) {
			out[name] = now
		}
	}
	return out
}

// value is what stands for a class of a fact.
func (f *fact) value(class int) act.Value {
	v := f.classes[class].value
	if v.Code() == anyOther {
		return act.OfCode(otherWord)
	}
	return v
}

// otherWord is a word of no list, where any that nothing names would do.
const otherWord = "other"
