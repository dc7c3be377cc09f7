package check

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// The checker, which never lists a state, and a player who tries everything on the real engine say the same of random
// protocols: which steps can be reached, whether a state without exit can, and which steps can be done while a fact that
// might protect somebody is not true. The protocols are those of one seed each time; the soak draws others.
func TestCheckerAgreesWithBruteForce(t *testing.T) {
	t.Parallel()
	agree(t, *bruteSeed, *bruteMany)
}

func agree(t *testing.T, seed uint64, many int) {
	t.Helper()
	t.Logf("-args -brute.seed %d", seed)
	played, stuck, lost := 0, 0, 0
	for n := range many {
		dice := rand.New(rand.NewPCG(seed, uint64(n)))
		b, p, kinds := drawn(dice)
		want, err := b.play("f0")
		if errors.Is(err, errTooMany) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		played++
		c := &checker{pack: p, kinds: kinds, most: 1 << 20}
		m, err := c.model(b.p, "")
		if err != nil {
			t.Fatal(err)
		}
		x, err := m.explore()
		if err != nil {
			t.Fatal(err)
		}
		trouble := cmp.Or(x.differs(want), x.deadEnd(want))
		if trouble != "" {
			t.Fatalf("seed %d, protocol %d: %s\n%s", seed, n, trouble, tell(b))
		}
		stuck += yes(want.stuck)
		lost += yes(len(want.reached) < len(b.p.Steps))
	}
	t.Logf("%d protocols played, %d of them with a dead end, %d with a step out of reach", played, stuck, lost)
	if many >= 1000 && (played < many*8/10 || stuck < played/20 || lost < played/20 || stuck > played*19/20) {
		t.Errorf("the random protocols are not random enough to prove anything")
	}
}

// deadEnd says where the two differ on whether a state without exit can be reached, or is one from the beginning.
func (x *exploration) deadEnd(want *played) string {
	if stuck := x.stuck() != none; stuck != want.stuck {
		return fmt.Sprintf("a dead end: the checker says %t, the player %t", stuck, want.stuck)
	}
	return ""
}

// differs says where the two differ on what can be done.
func (x *exploration) differs(want *played) string {
	reach := map[string]bool{}
	for i := range x.moves {
		mv := &x.moves[i]
		if mv.step == nil {
			continue
		}
		if got := x.d.and(x.reach, mv.guard) != none; got != want.reached[mv.name] {
			return fmt.Sprintf("step %s is reached: the checker says %t, the player %t", mv.name, got, want.reached[mv.name])
		}
		reach[mv.name] = true
		if got := x.d.less(x.d.and(x.reach, mv.full), x.isTrue("f0")) != none; x.facts["f0"] != nil && len(x.facts["f0"].classes) == 3 && got != want.without[mv.name] {
			return fmt.Sprintf("step %s without f0: the checker says %t, the player %t", mv.name, got, want.without[mv.name])
		}
	}
	return ""
}

func tell(b *player) string {
	var s strings.Builder
	steps := b.p.Steps
	if b.next != nil {
		fmt.Fprintf(&s, "then, where it is called otherwise as %v:\n", b.next.Renames)
		steps = append(slices.Clone(steps), b.next.Steps...)
	}
	for i := range steps {
		x := steps[i]
		fmt.Fprintf(&s, "%s %s kind=%s after=%+v repeat=%t closes=%t handoff=%q gates=%v sign=%+v draft=%q suspends=%v resumes=%v renews=%q extends=%+v sets=%v decides=%t\n", x.ID, x.Move, x.Kind, x.After, x.Repeat, x.Closes, x.Handoff, x.Gates, x.Signatures, x.Draft, x.Suspends, x.Resumes, x.Renews, x.Extends, x.Sets, x.Measure != nil)
		for _, d := range x.Deadlines {
			fmt.Fprintf(&s, "   %+v\n", d)
		}
	}
	for _, g := range b.law.Gates {
		fmt.Fprintf(&s, "gate %s %+v\n", g.ID, g.Test)
	}
	for k, f := range b.kinds {
		fmt.Fprintf(&s, "kind %s says %+v\n", k, f)
	}
	fmt.Fprintf(&s, "free %v, of a run %v, since a measure %v\n", b.free, b.law.OfRun, b.law.Since)
	return s.String()
}

// leading returns the worlds from which some can be come to, where edges lists what comes right before each.
func leading(to []bool, edges [][]int) []bool {
	out := slices.Clone(to)
	var queue []int
	for i := range out {
		if out[i] {
			queue = append(queue, i)
		}
	}
	for len(queue) > 0 {
		i := queue[0]
		queue = queue[1:]
		for _, from := range edges[i] {
			if !out[from] {
				out[from] = true
				queue = append(queue, from)
			}
		}
	}
	return out
}
