package check

import (
	"fmt"
	"slices"
	"time"

	"sanad/internal/act"
	"sanad/internal/law/gate"
)

// fact is what a run may know of one fact, cut into classes. Class 0 is that nobody said it.
type fact struct {
	name    string
	free    bool // said outside the run too, so that it may change between any two steps
	classes []class
	vars    []int32 // the number of the class, lowest bit first
	sets    []set   // by class: the states in which the fact is in it
	known   set
	times   []int32 // comparisons of this fact with another or with now, which are open again when it is said anew
}

// class is a set of values of a fact that every condition answers alike. Its value stands for all of them.
type class struct {
	value act.Value
	words []string // of a code: all the words that it stands for
	low   int64    // of an integer: the least value
	more  bool     // it stands for other values as well
}

// mostWords bounds the words of a set of codes that gates tell apart: beyond it the sets are too many to list.
const mostWords = 12

// asks reports whether a condition compares a fact with something written in the pack.
func asks(c *gate.Condition) bool {
	switch c.Op {
	case gate.Eq, gate.Ne, gate.Ge, gate.Le, gate.In, gate.Has, gate.Nowhere:
		return true
	default:
		return false
	}
}

// classesOf cuts a fact by what is asked of it; conditions are all that compare it. words is the closed list of a coded
// fact, nil where nothing closes it.
func classesOf(name string, typ act.Type, words []string, conditions []*gate.Condition) ([]class, error) {
	var values []class
	switch typ {
	case act.Bool:
		values = []class{{value: act.OfBool(true)}, {value: act.OfBool(false)}}
	case act.Int:
		values = intervals(conditions)
	case act.Code:
		for _, w := range domain(words, conditions) {
			values = append(values, class{value: act.OfCode(w), words: []string{w}})
		}
	case act.Codes:
		list := domain(words, conditions)
		if len(list) > mostWords {
			list = domain(nil, conditions)
		}
		if len(list) > mostWords {
			return nil, fmt.Errorf("%w: gates tell %d words of fact %s apart, which makes too many sets of them", ErrTooLarge, len(list), name)
		}
		for bits := range 1 << len(list) {
			var some []string
			for i, w := range list {
				if bits>>i&1 == 1 {
					some = append(some, w)
				}
			}
			values = append(values, class{value: act.OfCodes(some...)})
		}
	default:
		values = []class{{value: other(typ)}}
		for _, c := range conditions {
			values = append(values, class{value: c.Value})
		}
	}
	return append([]class{{}}, distinct(values, conditions)...), nil
}

// distinct joins values that answer alike to every condition.
func distinct(values []class, conditions []*gate.Condition) []class {
	var out []class
	found := map[string]int{}
	for _, v := range values {
		answers := make([]byte, len(conditions))
		for i, c := range conditions {
			answers[i] = byte(outcome(c, v.value))
		}
		i, there := found[string(answers)]
		if !there {
			found[string(answers)] = len(out)
			out = append(out, v)
			continue
		}
		out[i].words, out[i].more = append(out[i].words, v.words...), true
		out[i].low = min(out[i].low, v.low)
	}
	return out
}

// intervals cuts the integers wherever a condition changes its answer.
func intervals(conditions []*gate.Condition) []class {
	var cuts []int64
	for _, c := range conditions {
		switch v := c.Value.Int(); c.Op {
		case gate.Ge:
			cuts = append(cuts, v)
		case gate.Le:
			cuts = append(cuts, v+1)
		default:
			cuts = append(cuts, v, v+1)
		}
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	lowest := int64(0)
	if len(cuts) > 0 {
		lowest = cuts[0] - 1
	}
	out := []class{{value: act.OfInt(lowest), low: -act.MaxInt, more: true}}
	for _, c := range cuts {
		out = append(out, class{value: act.OfInt(c), low: c, more: true})
	}
	return out
}

// domain returns the words a coded fact may hold: those of its list, or those that conditions name and one more.
func domain(words []string, conditions []*gate.Condition) []string {
	if words != nil {
		return words
	}
	var out []string
	for _, c := range conditions {
		out = append(out, c.Words...)
		if code := c.Value.Code(); code != "" {
			out = append(out, code)
		}
	}
	slices.Sort(out)
	return append(slices.Compact(out), anyOther)
}

// anyOther stands for a word that nothing names.
const anyOther = "…"

// other is a value of a type that no condition names.
func other(typ act.Type) act.Value {
	switch typ {
	case act.Date:
		return act.OfDate(time.Time{})
	case act.At:
		return act.OfInstant(-act.MaxInt)
	case act.Ident:
		return act.OfID(act.ID{})
	default:
		return act.OfIDs()
	}
}

// outcome asks the gate itself what a condition makes of a value, so that the two can't differ.
func outcome(c *gate.Condition, v act.Value) gate.Outcome {
	x := *c
	x.ID = "x"
	g := gate.Gate{Test: x}
	answer, failing := g.Evaluate(saying{v: v})
	if answer.Open {
		return gate.Holds
	}
	return failing[0].Outcome
}

// saying is a file in which one fact is known, and nothing else is.
type saying struct {
	gate.Env
	v act.Value
}

// Fact returns that fact.
func (s saying) Fact(string) gate.Held { return gate.Held{Value: s.v, Known: true} }

// Everywhere returns it as the only procedure says it. What others say is taken as free, as what they say of any fact is.
func (s saying) Everywhere(string) []gate.Held { return []gate.Held{{Value: s.v, Known: true}} }
