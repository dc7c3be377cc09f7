package check

import "math"

// set is a set of assignments to Boolean variables, as the number of a node in diagrams. Two equal sets have one number.
type set int32

const (
	none set = 0 // no assignment
	all  set = 1 // every assignment
)

// node is a choice on the variable level: lo where it is false, hi where it is true.
type node struct {
	level  int32
	lo, hi set
}

// last is the level of the two sets that depend on nothing.
const last = math.MaxInt32

// diagrams holds reduced ordered binary decision diagrams: sets over many variables that stay small where the
// variables have little to do with each other. Source: Bryant, Graph-Based Algorithms for Boolean Function
// Manipulation, IEEE Transactions on Computers C-35 (8), 1986.
type diagrams struct {
	nodes []node
	table []set // open hashing of nodes; 0 is an empty place
	memo  []entry
	most  int
}

// entry remembers the result of an operation on two sets.
type entry struct {
	op   int32
	a, b set
	out  set
}

const (
	opNone int32 = iota
	opAnd
	opOr
	opNot
	opExists
)

// tooLarge is what diagrams panics with when they may not grow further; explore turns it into ErrTooLarge.
type tooLarge struct{}

func newDiagrams(most int) *diagrams {
	d := &diagrams{nodes: make([]node, 2, 1<<12), table: make([]set, 1<<13), memo: make([]entry, 1<<10), most: most}
	d.nodes[none] = node{last, none, none}
	d.nodes[all] = node{last, all, all}
	return d
}

func hash(a, b, c int32) uint32 {
	h := uint32(a)*0x9E3779B1 ^ uint32(b)*0x85EBCA77 ^ uint32(c)*0xC2B2AE3D
	h ^= h >> 15
	h *= 0x2C1B3C6D
	return h ^ h>>13
}

// make returns the set that chooses on a variable.
func (d *diagrams) make(level int32, lo, hi set) set {
	if lo == hi {
		return lo
	}
	mask := uint32(len(d.table) - 1)
	i := hash(level, int32(lo), int32(hi)) & mask
	for ; d.table[i] != 0; i = (i + 1) & mask {
		n := &d.nodes[d.table[i]]
		if n.level == level && n.lo == lo && n.hi == hi {
			return d.table[i]
		}
	}
	if len(d.nodes) >= d.most {
		panic(tooLarge{})
	}
	s := set(len(d.nodes))
	d.nodes = append(d.nodes, node{level, lo, hi})
	d.table[i] = s
	if len(d.nodes)*2 > len(d.table) {
		d.rehash()
	}
	if len(d.nodes) > len(d.memo) && len(d.memo) < mostMemo {
		d.remember()
	}
	return s
}

// mostMemo bounds what is remembered of operations.
const mostMemo = 1 << 22

// remember makes room for more results, and takes those there are along.
func (d *diagrams) remember() {
	old := d.memo
	d.memo = make([]entry, 4*len(old))
	for _, e := range old {
		if e.op != opNone {
			at, _ := d.recall(e.op, e.a, e.b)
			*at = e
		}
	}
}

func (d *diagrams) rehash() {
	d.table = make([]set, 2*len(d.table))
	mask := uint32(len(d.table) - 1)
	for s := 2; s < len(d.nodes); s++ {
		n := &d.nodes[s]
		i := hash(n.level, int32(n.lo), int32(n.hi)) & mask
		for d.table[i] != 0 {
			i = (i + 1) & mask
		}
		d.table[i] = set(s)
	}
}

// recall returns the place of a result, and whether it is the one that is there. Where the memo grows in between, what is put
// in the place is forgotten, which costs time and nothing else.
func (d *diagrams) recall(op int32, a, b set) (*entry, bool) {
	e := &d.memo[hash(op, int32(a), int32(b))&uint32(len(d.memo)-1)]
	return e, e.op == op && e.a == a && e.b == b
}

// is returns the assignments in which a variable is true.
func (d *diagrams) is(v int32) set { return d.make(v, none, all) }

// not returns every assignment that is not in a.
func (d *diagrams) not(a set) set {
	if a <= all {
		return 1 - a
	}
	e, known := d.recall(opNot, a, 0)
	if known {
		return e.out
	}
	n := d.nodes[a]
	out := d.make(n.level, d.not(n.lo), d.not(n.hi))
	*e = entry{opNot, a, 0, out}
	return out
}

// and returns what is in all of the sets.
func (d *diagrams) and(sets ...set) set {
	out := all
	for _, s := range sets {
		out = d.join(opAnd, out, s)
	}
	return out
}

// or returns what is in any of the sets.
func (d *diagrams) or(sets ...set) set {
	out := none
	for _, s := range sets {
		out = d.join(opOr, out, s)
	}
	return out
}

// less returns what is in a and not in b.
func (d *diagrams) less(a, b set) set { return d.and(a, d.not(b)) }

func (d *diagrams) join(op int32, a, b set) set {
	if a > b {
		a, b = b, a
	}
	switch {
	case a == b, a == none && op == opOr, a == all && op == opAnd:
		return b
	case a <= all:
		return a
	}
	e, known := d.recall(op, a, b)
	if known {
		return e.out
	}
	x, y := d.nodes[a], d.nodes[b]
	level := min(x.level, y.level)
	if x.level > level {
		x.lo, x.hi = a, a
	}
	if y.level > level {
		y.lo, y.hi = b, b
	}
	out := d.make(level, d.join(op, x.lo, y.lo), d.join(op, x.hi, y.hi))
	*e = entry{op, a, b, out}
	return out
}

// exists returns the assignments that are in a for some value of the variables of a cube: those it holds true.
func (d *diagrams) exists(a, cube set) set {
	for cube > all && d.nodes[cube].level < d.nodes[a].level {
		cube = d.nodes[cube].hi
	}
	if a <= all || cube <= all {
		return a
	}
	e, known := d.recall(opExists, a, cube)
	if known {
		return e.out
	}
	n := d.nodes[a]
	var out set
	if n.level == d.nodes[cube].level {
		rest := d.nodes[cube].hi
		out = d.join(opOr, d.exists(n.lo, rest), d.exists(n.hi, rest))
	} else {
		out = d.make(n.level, d.exists(n.lo, cube), d.exists(n.hi, cube))
	}
	*e = entry{opExists, a, cube, out}
	return out
}

// cube returns the assignments in which all of the variables are true; exists takes it as the set of variables.
func (d *diagrams) cube(vars ...int32) set {
	out := all
	for _, v := range vars {
		out = d.and(out, d.is(v))
	}
	return out
}

// pick returns assignments that agree on the variables that matter for being in a, and are whatever on the others. It prefers
// false. a is not none.
func (d *diagrams) pick(a set) set {
	if a <= all {
		return a
	}
	n := d.nodes[a]
	if n.lo != none {
		return d.make(n.level, d.pick(n.lo), none)
	}
	return d.make(n.level, none, d.pick(n.hi))
}
