package check

import (
	"slices"

	"sanad/internal/law/protocol"
)

// judge looks at everything that can happen, as far as it depends on where the walk came.
func (x *exploration) judge(r *Report, variant string) (err error) {
	defer bound(&err)
	x.variant = variant
	x.steps(r)
	x.exits(r)
	for i := range x.moves {
		mv := &x.moves[i]
		if mv.step == nil {
			continue
		}
		if imposes(mv.step) {
			x.measure(r, mv)
			x.aftermath(r, mv)
			x.notified(r, mv)
			x.asksAgain(r, mv.step)
			x.closings(r, mv.step)
			x.passedOn(r, mv.step)
			x.untold(r, mv.step)
			x.released(r, mv.step)
			x.contestable(r, mv.step)
			x.captive(r, mv.step)
			x.outlived(r, mv.step)
		}
		if mv.step.Lifts != "" {
			x.unheard(r, mv)
		}
		x.asking(r, mv)
	}
	x.informed(r)
	x.rulings(r)
	return nil
}

func (x *exploration) finding(r *Report, kind Kind, step, because string, story []Event) {
	f := Finding{Kind: kind, Protocol: x.p.ID, Version: x.p.Version, Step: step, Because: because, Story: story, Timeline: x.timeline(story)}
	x.fault(&f)
	r.add(f, x.variant)
}

// steps finds the steps that can't be reached. One that only waits for another of them is not told: mending that one mends
// it, or shows what else is wrong.
func (x *exploration) steps(r *Report) {
	var lost []*move
	gone := map[string]bool{}
	for i := range x.moves {
		if mv := &x.moves[i]; x.d.and(x.reach, mv.guard) == none {
			gone[mv.name] = true
			if mv.step != nil {
				lost = append(lost, mv)
			}
		}
	}
	told := false
	for _, mv := range lost {
		if !x.waitsFor(mv, gone) {
			told = true
			x.unreachable(r, mv)
		}
	}
	if !told {
		for _, mv := range lost {
			x.unreachable(r, mv)
		}
	}
}

// waitsFor reports whether a step can't come because others that it needs don't.
func (x *exploration) waitsFor(mv *move, gone map[string]bool) bool {
	s := mv.step
	any := len(s.After.Any) > 0
	for _, n := range s.After.Any {
		any = any && gone[n]
	}
	needs := slices.Clone(s.After.All)
	if s.Signatures != nil {
		needs = append(needs, s.Signatures.Draft)
	}
	return any || slices.ContainsFunc(needs, func(n string) bool { return gone[n] })
}

func (x *exploration) unreachable(r *Report, mv *move) {
	because := x.because(mv)
	// The story goes as far as the step's turn comes, where it does.
	story, _ := x.story(mv.order)
	x.finding(r, Unreachable, mv.name, because, story)
}

// because returns the code of the one thing that keeps a step closed, or of the first where it takes several.
func (x *exploration) because(mv *move) string {
	for _, p := range mv.parts {
		if p.need == none {
			return p.because
		}
	}
	if x.d.and(x.reach, mv.order) == none {
		return "order"
	}
	for i := range mv.parts {
		rest := x.reach
		for j, p := range mv.parts {
			if i != j {
				rest = x.d.and(rest, p.need)
			}
		}
		if rest != none {
			return mv.parts[i].because
		}
	}
	for _, p := range mv.parts {
		if x.d.and(x.reach, mv.order, p.need) == none {
			return p.because
		}
	}
	return "gates"
}

// exits finds a state from which no closing step can be reached. A protocol without any closing step is one that its
// authors declared permanent: the pack would not load otherwise.
func (x *exploration) exits(r *Report) {
	if !slices.ContainsFunc(x.p.Steps, func(s protocol.Step) bool { return s.Closes }) || x.d.and(x.reach, x.closed) == none {
		return
	}
	stuck := x.d.less(x.d.less(x.reach, x.leadsTo(x.closed)), x.start)
	if stuck == none {
		return
	}
	story, _ := x.story(stuck)
	x.finding(r, DeadEnd, lastOf(story), "", gone(story, x.closing()))
}

// closing are the steps that close the protocol.
func (x *exploration) closing() []string {
	var out []string
	for i := range x.p.Steps {
		if x.p.Steps[i].Closes {
			out = append(out, x.p.Steps[i].ID)
		}
	}
	return out
}

// lastOf names the last thing that happened in a story.
func lastOf(story []Event) string {
	if len(story) == 0 {
		return ""
	}
	return story[len(story)-1].Name
}

// without finds that a step can be done in a state where something it must not lack is missing.
func (x *exploration) without(r *Report, mv *move, kind Kind, must set, because string) {
	bad := x.d.less(x.d.and(x.reach, mv.full), must)
	if bad == none {
		return
	}
	x.finding(r, kind, mv.name, because, x.storyOf(mv, bad, must))
}

// storyOf tells the shortest way to where a move is made in some assignments, and the move; it may be made in those that are ok.
func (x *exploration) storyOf(mv *move, bad, ok set) []Event {
	story, end := x.story(x.d.exists(bad, x.inputs))
	last := x.event(mv, end, x.image(mv, end))
	last.turn.ok = ok
	return append(story, last)
}
