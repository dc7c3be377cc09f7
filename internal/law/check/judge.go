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
		if mv.step.Measure != nil {
			x.measure(r, mv)
			x.aftermath(r, mv)
		}
		x.asking(r, mv)
	}
	return nil
}

func (x *exploration) finding(r *Report, kind Kind, step, because string, story []Event) {
	r.add(Finding{Kind: kind, Protocol: x.p.ID, Version: x.p.Version, Step: step, Because: because, Story: story}, x.variant)
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
	stuck := x.d.less(x.d.less(x.reach, x.leadsTo(x.closed)), x.rings[0])
	if stuck == none {
		return
	}
	story, _ := x.story(stuck)
	x.finding(r, DeadEnd, lastOf(story), "", story)
}

// lastOf names the last thing that happened in a story.
func lastOf(story []Event) string {
	if len(story) == 0 {
		return ""
	}
	return story[len(story)-1].Name
}

// aftermath looks at what can follow a measure: that it is published, that a remedy is lodged, that it is lifted.
func (x *exploration) aftermath(r *Report, mv *move) {
	s := mv.step
	made := x.image(mv, x.reach)
	if made == none {
		return
	}
	after := func(kind Kind, does func(*protocol.Step) bool) {
		can := none
		for i := range x.moves {
			if y := &x.moves[i]; y.step != nil && does(y.step) {
				can = x.d.or(can, y.guard)
			}
		}
		lost := x.d.less(made, x.leadsTo(can))
		if lost != none {
			story, _ := x.story(lost)
			x.finding(r, kind, s.ID, "", story)
		}
	}
	if s.Publishes == "" {
		x.finding(r, Unpublished, s.ID, "", nil)
	} else {
		after(Unpublished, func(y *protocol.Step) bool {
			return (y.Move == "publish" || y.Kind == kindEntered) && (y.Publishes == s.Publishes || y.Publishes == "")
		})
	}
	switch {
	case s.Remedy == "" || len(x.pack.Remedies) > 0 && x.pack.RemedyRule(s.Remedy) == "":
		x.finding(r, NoRemedy, s.ID, s.Remedy, nil)
	case x.has(x.p, kindAppealed):
		after(NoRemedy, func(y *protocol.Step) bool { return y.Kind == kindAppealed })
	case !x.elsewhere(kindAppealed):
		x.finding(r, NoRemedy, s.ID, s.Remedy, nil)
	}
	if s.Measure.Grave() {
		after(NoLift, func(y *protocol.Step) bool { return y.Lifts == s.ID && x.freely(y) })
	}
}

// freely reports whether a lifting waits for nothing that whoever bears the measure must do first, and is not left to those
// who carry it out: no gate, and somebody else who may do it.
func (x *exploration) freely(y *protocol.Step) bool {
	return len(y.Gates) == 0 && slices.ContainsFunc(y.By, func(role string) bool {
		return !slices.ContainsFunc(x.p.Steps, func(s protocol.Step) bool { return s.Kind == kindExecuted && slices.Contains(s.By, role) })
	})
}

// has reports whether a step of a protocol emits a kind.
func (c *checker) has(p *protocol.Protocol, kind string) bool {
	return slices.ContainsFunc(p.Steps, func(s protocol.Step) bool { return s.Kind == kind })
}

// elsewhere reports whether a kind is emitted in another protocol of the same sort of file.
func (m *model) elsewhere(kind string) bool {
	return slices.ContainsFunc(m.pack.Protocols, func(p protocol.Protocol) bool {
		return p.Sort == m.p.Sort && p.ID != m.p.ID && m.has(&p, kind)
	})
}

// asking finds a request for data that leaves without a purpose, or for data that are not held already.
func (x *exploration) asking(r *Report, mv *move) {
	s := mv.step
	if s.Move != "send" || !x.has(x.p, kindPrepared) || !x.asks(s) {
		return
	}
	x.without(r, mv, NoMinimal, x.d.and(x.isTrue("purpose"), x.isTrue("already_held")), "purpose")
}

// asks reports whether a letter asks something of whoever receives it. Where the pack does not say what its letters
// hold, one that starts a clock does.
func (c *checker) asks(s *protocol.Step) bool {
	if len(c.pack.Letters) == 0 {
		return len(s.Deadlines) > 0
	}
	return slices.ContainsFunc(c.pack.Requires(s.Letter), func(field string) bool { return field == "ask" || field == "hearing" })
}

// without finds that a step can be done in a state where something it must not lack is missing.
func (x *exploration) without(r *Report, mv *move, kind Kind, must set, because string) {
	bad := x.d.less(x.d.and(x.reach, mv.full), must)
	if bad == none {
		return
	}
	at := x.d.exists(bad, x.inputs)
	story, end := x.story(at)
	x.finding(r, kind, mv.name, because, append(story, x.event(mv, end, x.image(mv, end))))
}
