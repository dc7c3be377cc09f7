package pack

import (
	"fmt"
	"slices"

	"sanad/internal/law/protocol"
)

// mostStates bounds the walk through one protocol. A state is the set of what happened, as far as the walk tells states apart.
const mostStates = 1 << 17

// fewStates is how many are looked at one by one before the walk makes harmless moves at once: what a small protocol is stuck in
// is told without them.
const fewStates = 1 << 12

// awaitedBy tells of the lapses that change what can be done: some step waits for them, or excludes them, or they start clocks of
// their own. Any other is recorded and moves nothing.
func awaitedBy(p *protocol.Protocol) func(*protocol.Deadline) bool {
	named := map[string]bool{}
	for i := range p.Steps {
		a := &p.Steps[i].After
		for _, n := range slices.Concat(a.Any, a.All, a.None) {
			named[n] = true
		}
	}
	return func(d *protocol.Deadline) bool {
		return named[d.Lapses] || len(d.Starts) > 0 || slices.ContainsFunc(p.Steps, func(s protocol.Step) bool {
			return slices.ContainsFunc(s.Deadlines, func(x protocol.Deadline) bool { return slices.Contains(x.Starts, d.Name) })
		})
	}
}

// walk explores what can happen in a protocol, gates set aside: it finds steps that can never be reached, because
// they wait for each other, and states without a way on.
func (l *loader) walk(p *protocol.Protocol, w *flow) {
	events := stepNames(p)
	awaited := awaitedBy(p)
	for i := range p.Steps {
		for _, d := range p.Steps[i].Deadlines {
			if awaited(&d) {
				events = append(events, d.Lapses)
			}
		}
	}
	if len(events) > 64 {
		l.add(w.place, fmt.Sprintf("protocol %s has %d steps and lapses that steps wait for", p.ID, len(events)), "at most 64 together")
		return
	}
	bits := func(names ...string) (set uint64) {
		for _, n := range names {
			set |= 1 << slices.Index(events, n)
		}
		return set
	}
	moves := make([]move, 0, len(events))
	for i := range p.Steps {
		s := &p.Steps[i]
		m := move{bit: bits(s.ID), any: bits(s.After.Any...), all: bits(s.After.All...), none: bits(s.After.None...), repeat: s.Repeat, closes: s.Closes}
		if s.Signatures != nil {
			m.all |= bits(s.Signatures.Draft)
		}
		if s.Draft != "" {
			m.all |= bits(s.Draft)
		}
		moves = append(moves, m)
	}
	for i := range p.Steps {
		for _, d := range p.Steps[i].Deadlines {
			if !awaited(&d) {
				continue
			}
			moves = append(moves, move{bit: bits(d.Lapses), all: bits(p.Steps[i].ID), none: bits(d.MetBy...)})
			for _, name := range d.Starts {
				if next := p.Deadline(name); next != nil {
					moves = append(moves, move{bit: bits(next.Lapses), all: bits(d.Lapses), none: bits(next.MetBy...)})
				}
			}
		}
	}
	reached, stuck, complete := explore(moves)
	if !complete {
		l.add(w.place, fmt.Sprintf("protocol %s can be in more than %d states, too many to check", p.ID, mostStates), "fewer independent steps, or two protocols")
		return
	}
	for i := range p.Steps {
		if reached&moves[i].bit == 0 {
			l.add(w.steps[i], fmt.Sprintf("step %s of %s can never be reached: what it waits for waits for it, or excludes it", p.Steps[i].ID, p.ID), "a way from a first step")
		}
	}
	if stuck != nil && !w.endless {
		done := "nothing yet"
		for i, name := range events {
			if *stuck&(1<<i) == 0 {
				continue
			}
			if done == "nothing yet" {
				done = name
			} else {
				done += ", " + name
			}
		}
		l.add(w.place, fmt.Sprintf("protocol %s has no way to its end once this happened: %s", p.ID, done), "a step with closes: true that can be reached from everywhere")
	}
}

// move is a step or a lapse as sets of events.
type move struct {
	bit, any, all, none uint64
	repeat, closes      bool
}

func (m *move) possible(state uint64) bool {
	return state&m.all == m.all && (m.any == 0 || state&m.any != 0) && state&m.none == 0 && state&m.bit == 0
}

// harmless are the moves that nothing can take away and that take nothing away: they exclude nothing, nothing excludes them, and
// they close nothing. Sooner or later makes no difference to what else can happen, so that the walk makes them as soon as they
// are possible. Without that, what is independent of everything else would double the states each time.
func harmless(moves []move) []*move {
	var excluded uint64
	for i := range moves {
		excluded |= moves[i].none
	}
	var out []*move
	for i := range moves {
		m := &moves[i]
		if m.none == 0 && m.bit&excluded == 0 && !m.closes {
			out = append(out, m)
		}
	}
	return out
}

// settle makes every harmless move that is possible, and those that become possible by them.
func settle(state uint64, free []*move) uint64 {
	for {
		was := state
		for _, m := range free {
			if m.possible(state) {
				state |= m.bit
			}
		}
		if state == was {
			return state
		}
	}
}

// explore finds what can be reached and the first state found from which no closing step can be, nil when there is none. What is
// small is walked as it is, so that what it is stuck in is told whole. Of what is larger, only that is walked which has a say in
// how it ends; and of each other event, what has a say in that.
func explore(moves []move) (reached uint64, stuck *uint64, complete bool) {
	reached, stuck, complete = walkThrough(moves, nil, fewStates)
	if complete {
		return reached, stuck, complete
	}
	var ends uint64
	for i := range moves {
		if moves[i].closes {
			ends |= moves[i].bit
		}
	}
	reached, stuck, complete = walkBehind(moves, ends)
	for i := 0; i < len(moves) && complete; i++ {
		if reached&moves[i].bit == 0 {
			var more uint64
			more, _, complete = walkBehind(moves, moves[i].bit)
			reached |= more
		}
	}
	return reached, stuck, complete
}

// walkBehind walks what has a say in whether some events happen.
func walkBehind(moves []move, events uint64) (reached uint64, stuck *uint64, complete bool) {
	some := behind(moves, events)
	return walkThrough(some, harmless(some), mostStates)
}

// behind are the moves that have a say in whether some events happen: those events themselves, what they wait for or are excluded
// by, what has a say in that, and so on. No other move changes when one of these is possible, and so what these can come to by
// themselves is what they can come to among all: a clock that nothing asks about no longer doubles the states, nor does an appeal
// that nothing waits for.
func behind(moves []move, events uint64) []move {
	for was := uint64(0); was != events; {
		was = events
		for i := range moves {
			if m := &moves[i]; m.bit&events != 0 {
				events |= m.any | m.all | m.none
			}
		}
	}
	var out []move
	for i := range moves {
		if moves[i].bit&events != 0 {
			out = append(out, moves[i])
		}
	}
	return out
}

// walkThrough walks every reachable set of events, but for when free moves happen. reached is all that can happen. Doing a step
// again changes no set, so that only a first time counts.
func walkThrough(moves []move, free []*move, most int) (reached uint64, stuck *uint64, complete bool) {
	first := settle(0, free)
	reached = first
	index := map[uint64]int{first: 0}
	states := []uint64{first}
	closed := []bool{false}
	var before [][]int // for each state, those it was reached from
	before = append(before, nil)
	for i := 0; i < len(states); i++ {
		if closed[i] {
			continue
		}
		for k := range moves {
			m := &moves[k]
			if !m.possible(states[i]) {
				continue
			}
			next := states[i] | m.bit
			if !m.closes {
				next = settle(next, free)
			}
			reached |= next
			j, there := index[next]
			if !there {
				if len(states) == most {
					return 0, nil, false
				}
				j = len(states)
				index[next] = j
				states, closed, before = append(states, next), append(closed, false), append(before, nil)
			}
			closed[j] = closed[j] || m.closes
			before[j] = append(before[j], i)
		}
	}
	ends := make([]bool, len(states))
	var queue []int
	for i := range states {
		if closed[i] {
			ends[i] = true
			queue = append(queue, i)
		}
	}
	for len(queue) > 0 {
		i := queue[0]
		queue = queue[1:]
		for _, b := range before[i] {
			if !ends[b] {
				ends[b] = true
				queue = append(queue, b)
			}
		}
	}
	for i := range states {
		if !ends[i] {
			return reached, &states[i], true
		}
	}
	return reached, nil, true
}
