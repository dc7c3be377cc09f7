package pack

import (
	"flag"
	"math/rand/v2"
	"testing"
	"time"
)

var walkSeed = flag.Uint64("walk.seed", 1, "seed of the random protocols; 0 takes the clock")

// randomMoves is a small protocol without names: every move waits for some, excludes some, and a few close.
func randomMoves(r *rand.Rand) []move {
	n := 3 + r.IntN(8)
	some := func(one int) (set uint64) {
		for i := range n {
			if r.IntN(one) == 0 {
				set |= 1 << i
			}
		}
		return set
	}
	moves := make([]move, n)
	for i := range moves {
		moves[i] = move{bit: 1 << i, closes: r.IntN(5) == 0}
		if i > 0 {
			moves[i].all = some(6) &^ moves[i].bit
			moves[i].any = some(5) &^ moves[i].bit
		}
		if r.IntN(3) == 0 {
			moves[i].none = some(4) &^ moves[i].bit
		}
	}
	return moves
}

// Making harmless moves at once changes neither what can be reached nor whether a state is stuck; nor does leaving out what has no
// say in it.
func TestWalkAgreesWithEveryOrder(t *testing.T) {
	t.Parallel()
	seed := *walkSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("-args -walk.seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 7))
	stuckOnes, freed, spared := 0, 0, 0
	for range 20_000 {
		moves := randomMoves(r)
		all, stuckAll, _ := walkThrough(moves, nil, mostStates)
		some, stuck, _ := walkThrough(moves, harmless(moves), mostStates)
		if all != some || (stuckAll == nil) != (stuck == nil) {
			t.Fatalf("%+v: reached %b and %b, stuck %v and %v", moves, all, some, stuckAll, stuck)
		}
		var ends uint64
		for i := range moves {
			if moves[i].closes {
				ends |= moves[i].bit
			}
			if one, _, _ := walkBehind(moves, moves[i].bit); one&moves[i].bit != all&moves[i].bit || one&^all != 0 {
				t.Fatalf("%+v: of event %b alone %b are reached, of all %b", moves, moves[i].bit, one, all)
			}
		}
		few, stuckFew, _ := walkBehind(moves, ends)
		if few&^all != 0 || (stuckAll == nil) != (stuckFew == nil) {
			t.Fatalf("%+v: reached %b and %b, stuck %v and %v", moves, all, few, stuckAll, stuckFew)
		}
		if len(behind(moves, ends)) < len(moves) {
			spared++
		}
		if stuck != nil {
			stuckOnes++
		}
		if len(harmless(moves)) > 0 {
			freed++
		}
	}
	if stuckOnes < 100 || freed < 1000 || spared < 1000 {
		t.Errorf("only %d are stuck, %d have something harmless, %d something without a say", stuckOnes, freed, spared)
	}
}

// Forty steps that wait for nothing but the first are walked through: each would double the states.
func TestWalkOfManyIndependentSteps(t *testing.T) {
	t.Parallel()
	moves := []move{{bit: 1}}
	for i := 1; i < 40; i++ {
		moves = append(moves, move{bit: 1 << i, all: 1})
	}
	moves = append(moves, move{bit: 1 << 40, all: 1, closes: true})
	reached, stuck, complete := explore(moves)
	if !complete || stuck != nil || reached != 1<<41-1 {
		t.Errorf("complete %v, stuck %v, reached %b", complete, stuck, reached)
	}
}

// Twenty appeals that exclude each other and that no end waits for: three to the twentieth states, and none of them matters to how it
// ends. One of them that keeps the end away does.
func TestWalkOfWhatHasNoSay(t *testing.T) {
	t.Parallel()
	moves := []move{{bit: 1}, {bit: 2, all: 1, closes: true}}
	for i := 2; i < 42; i += 2 {
		moves = append(moves, move{bit: 1 << i, all: 1, none: 2 << i}, move{bit: 2 << i, all: 1, none: 1 << i})
	}
	reached, stuck, complete := explore(moves)
	if !complete || stuck != nil || reached != 1<<42-1 {
		t.Errorf("complete %v, stuck %v, reached %b", complete, stuck, reached)
	}
	moves[1].none = 4
	_, stuck, complete = explore(moves)
	if !complete || stuck == nil || *stuck != 5 {
		t.Errorf("complete %v, stuck %v", complete, stuck)
	}
}
