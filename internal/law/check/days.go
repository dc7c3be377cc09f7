package check

import (
	"fmt"
	"slices"
	"time"

	"sanad/internal/act"
	"sanad/internal/law/gate"
)

// A day that somebody says is theirs to choose, as far as what is compared with it comes out as the path has it.

// civil is a day that may be said.
type civil struct {
	at   act.Instant
	date time.Time
}

// as is the day as a value of a type.
func (d civil) as(typ act.Type) act.Value {
	if typ == act.At {
		return act.OfInstant(d.at)
	}
	return act.OfDate(d.date)
}

func tellsDay(v act.Value) bool { return v.Type() == act.Date || v.Type() == act.At }

// pick chooses days for facts that are said now, so that every comparison that need names comes out as it says.
func (r *rehearsal) pick(names []string, need func(*comparison) (must, holds bool), x *exploration) (map[string]civil, bool) {
	picked := map[string]civil{}
	var matter []*comparison
	for _, k := range sortedKeys(x.times) {
		t := x.times[k]
		if must, _ := need(t); must && (slices.Contains(names, t.c.Fact) || slices.Contains(names, t.c.Other)) {
			matter = append(matter, t)
		}
	}
	fits := func() bool {
		return !slices.ContainsFunc(matter, func(t *comparison) bool {
			_, holds := need(t)
			is, known := r.compare(t.c, picked)
			return known && is != holds
		})
	}
	var try func(n int) bool
	try = func(n int) bool {
		if n == len(names) {
			return fits()
		}
		for _, d := range r.candidates(names[n], matter, x) {
			picked[names[n]] = d
			if fits() && try(n+1) {
				return true
			}
		}
		delete(picked, names[n])
		return false
	}
	return picked, try(0)
}

// compare says how a comparison comes out with days picked for some facts; not known where a day is missing.
func (r *rehearsal) compare(c *gate.Condition, picked map[string]civil) (is, known bool) {
	day := func(name string) (act.Instant, bool) {
		if d, there := picked[name]; there {
			return d.at, true
		}
		at, there := r.days[name]
		return at, there
	}
	first, known := day(c.Fact)
	if !known {
		return false, false
	}
	if c.Op == gate.Elapsed {
		due, err := r.time.Due(c.Rule, first)
		return err == nil && due <= r.now, true
	}
	second := r.now
	if c.Other != "" {
		second, known = day(c.Other)
	}
	return first < second, known
}

// candidates are the days that may serve, the likeliest first: today, one that is ahead, one just before it, yesterday, and for each rule
// that must have run since the last day on which it could begin.
func (r *rehearsal) candidates(name string, matter []*comparison, x *exploration) []civil {
	ahead, chosen := r.chosen[fmt.Sprint(r.steps, " ", name)]
	if !chosen {
		ahead = aheadFor
	}
	later := []int{0, ahead, ahead - 1, 1, -1}
	for _, t := range matter {
		if t.c.Op == gate.Elapsed && t.c.Fact == name {
			later = append(later, r.latest(t.c.Rule, x))
		}
	}
	out := make([]civil, len(later))
	for i, n := range later {
		out[i].at, out[i].date = x.day(r.now, n)
	}
	return out
}

// latest is the last day, counted from today, since which the time of a rule has run by now.
func (r *rehearsal) latest(rule string, x *exploration) int {
	const longest = 4000
	over := func(back int) bool {
		at, _ := x.day(r.now, -back)
		due, err := r.time.Due(rule, at)
		return err != nil || due <= r.now
	}
	least, most := 0, longest
	for least < most {
		middle := (least + most) / 2
		if over(middle) {
			most = middle
		} else {
			least = middle + 1
		}
	}
	return -least
}
