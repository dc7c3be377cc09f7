package check

import (
	"math/rand/v2"
	"testing"
)

// Sets of assignments to eight variables, as diagrams and as bits, agree on every operation.
func TestDiagramsAgreeWithTables(t *testing.T) {
	t.Parallel()
	const vars = 8
	dice := rand.New(rand.NewPCG(1, 2))
	d := newDiagrams(1 << 20)
	type table [1 << vars]bool
	is := func(s set, bits int) bool {
		for s > all {
			n := d.nodes[s]
			if s = n.lo; bits>>n.level&1 == 1 {
				s = n.hi
			}
		}
		return s == all
	}
	sets, tables := []set{none, all}, []table{{}, {}}
	for i := range tables[1] {
		tables[1][i] = true
	}
	for v := range int32(vars) {
		var x table
		for i := range x {
			x[i] = i>>v&1 == 1
		}
		sets, tables = append(sets, d.is(v)), append(tables, x)
	}
	for range 4000 {
		i, j := dice.IntN(len(sets)), dice.IntN(len(sets))
		var s set
		var x table
		switch dice.IntN(4) {
		case 0:
			s = d.and(sets[i], sets[j])
			for k := range x {
				x[k] = tables[i][k] && tables[j][k]
			}
		case 1:
			s = d.or(sets[i], sets[j])
			for k := range x {
				x[k] = tables[i][k] || tables[j][k]
			}
		case 2:
			s = d.not(sets[i])
			for k := range x {
				x[k] = !tables[i][k]
			}
		case 3:
			a, b := dice.Int32N(vars), dice.Int32N(vars)
			s = d.exists(sets[i], d.cube(a, b))
			for k := range x {
				for _, m := range []int{0, 1 << a, 1 << b, 1<<a | 1<<b} {
					x[k] = x[k] || tables[i][k&^(1<<a|1<<b)|m]
				}
			}
		}
		for k := range x {
			if is(s, k) != x[k] {
				t.Fatalf("assignment %08b: diagram %t, table %t", k, is(s, k), x[k])
			}
		}
		if s > all {
			p := d.pick(s)
			if d.less(p, s) != none {
				t.Fatal("what was picked is not all within the set")
			}
		}
		sets, tables = append(sets, s), append(tables, x)
		if len(sets) > 200 {
			at := 10 + dice.IntN(len(sets)-10)
			sets[at], tables[at] = sets[len(sets)-1], tables[len(tables)-1]
			sets, tables = sets[:len(sets)-1], tables[:len(tables)-1]
		}
	}
}
