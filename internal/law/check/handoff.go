package check

import (
	"slices"

	"sanad/internal/law/protocol"
)

// A run can't be closed while something that was handed over waits for its receiver: the engine has that by itself, and the walk with
// it. What a pack can still get wrong is who acknowledges.

// handsOver reports whether the clocks of a step are those of a hand-off, in a protocol that can be closed.
func (m *model) handsOver(s *protocol.Step) bool {
	return s != nil && s.Handoff != "" && slices.ContainsFunc(m.p.Steps, func(y protocol.Step) bool { return y.Closes })
}

// unreceived is where something that was handed over was neither acknowledged in time nor recorded as not acknowledged.
func (m *model) unreceived() set {
	out := none
	for i := range m.clocks {
		k := &m.clocks[i]
		if m.handsOver(m.p.Step(k.step)) {
			out = m.d.or(out, m.d.less(m.happened(k.step), m.d.or(m.d.is(k.met), m.lapsed(k))))
		}
	}
	return out
}

// handed finds a hand-off that somebody else than the role it goes to can acknowledge: whoever sends it would receive it.
func (c *checker) handed(p *protocol.Protocol, s *protocol.Step, found found) {
	if s.Handoff == "" {
		return
	}
	for _, d := range s.Deadlines {
		for _, id := range d.MetBy {
			if y := p.Step(id); y != nil && !slices.Equal(y.By, []string{s.Handoff}) {
				found(Unreceived, id, "")
			}
		}
	}
}
