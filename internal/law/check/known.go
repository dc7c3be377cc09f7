package check

import (
	"slices"

	"sanad/internal/act"
)

// isTrue and isFalse are where a fact is known to be so.
func (x *exploration) isTrue(name string) set  { return x.among(name, act.OfBool(true)) }
func (x *exploration) isFalse(name string) set { return x.among(name, act.OfBool(false)) }

func (x *exploration) among(name string, values ...act.Value) set {
	out := none
	f := x.facts[name]
	if f == nil {
		return none
	}
	for i := 1; i < len(f.classes); i++ {
		if slices.ContainsFunc(values, f.classes[i].value.Equal) {
			out = x.d.or(out, f.sets[i])
		}
	}
	return out
}

// outsideOf is where a coded fact is known and none of some words.
func (x *exploration) outsideOf(name string, words []string) set {
	f := x.facts[name]
	if f == nil {
		return none
	}
	return x.d.less(f.known, x.among(name, codes(words)...))
}

// checked is where each of some checks is known to have been made.
func (x *exploration) checked(words []string) set {
	f := x.facts[factChecks]
	if f == nil || words == nil {
		return none
	}
	out := none
	for i := 1; i < len(f.classes); i++ {
		have := f.classes[i].value.Codes()
		if !slices.ContainsFunc(words, func(w string) bool { return !slices.Contains(have, w) }) {
			out = x.d.or(out, f.sets[i])
		}
	}
	return out
}

func codes(words []string) []act.Value {
	out := make([]act.Value, len(words))
	for i, w := range words {
		out[i] = act.OfCode(w)
	}
	return out
}

// atLeast is where a number is known to be n or more.
func (x *exploration) atLeast(name string, n int64) set {
	out := none
	f := x.facts[name]
	if f == nil {
		return none
	}
	for i := 1; i < len(f.classes); i++ {
		if k := &f.classes[i]; k.value.Type() == act.Int && k.low >= n {
			out = x.d.or(out, f.sets[i])
		}
	}
	return out
}

// within is where a coded fact is one of the words of a list. Where the pack has no such list it is where the fact is
// known, provided that the step refuses some word of its own list: what lets every word in asks nothing.
func (x *exploration) within(mv *move, name, list string) set {
	f, words := x.facts[name], x.pack.Words(list)
	if f == nil {
		return none
	}
	if words != nil {
		return x.among(name, codes(words)...)
	}
	for i := 1; i < len(f.classes); i++ {
		if x.d.and(x.reach, mv.full, f.sets[i]) == none {
			return f.known
		}
	}
	return none
}

// named is where a set of words is known and has one: to name nothing is not to name something.
func (x *exploration) named(name string) set {
	out := none
	f := x.facts[name]
	if f == nil {
		return none
	}
	for i := 1; i < len(f.classes); i++ {
		if k := &f.classes[i]; k.value.Type() != act.Codes || len(k.value.Codes()) > 0 || k.more {
			out = x.d.or(out, f.sets[i])
		}
	}
	return out
}

// bounded is where a number is known and something keeps it from being any.
func (x *exploration) bounded(name string) set {
	f := x.facts[name]
	if f == nil {
		return none
	}
	most := 1
	for i := range f.classes {
		if i > 0 && f.classes[i].low > f.classes[most].low {
			most = i
		}
	}
	return x.d.less(f.known, f.sets[most])
}
