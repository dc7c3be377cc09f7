package check

import (
	"slices"

	"sanad/internal/act"
	"sanad/internal/law/gate"
	"sanad/internal/law/protocol"
)

// listRungs is the ladder of a pack, from its lightest rung; each word is the step that decides it.
const listRungs = "rungs"

// Facts that say what lighter was thought of before a measure.
const (
	factLighter = "lighter" // which rungs
	factTried   = "tried"   // how many of them were tried
)

// necessary is where an escalation was shown to be needed: something lighter was named or tried, or stands in the same run. What
// reaches beyond the party is never shown by what stands alone: it must be said why that did not help. Of the lightest rung of
// the ladder nothing is asked, since nothing is lighter.
func (x *exploration) necessary(s *protocol.Step) set {
	shown := x.d.or(x.named(factLighter), x.atLeast(factTried, 1))
	switch {
	case imposed(s).Grave():
		return shown
	case x.declared(factLighter) == nil && x.declared(factTried) == nil || x.lightest(s):
		return all
	default:
		return x.d.or(shown, x.done(func(y *protocol.Step) bool { return imposes(y) && x.lighter(y, s) }))
	}
}

// lighter reports whether a measure comes before another on the ladder. Where either is no rung of it, the program's own order of
// measures counts.
func (c *checker) lighter(y, than *protocol.Step) bool {
	rungs := c.pack.Words(listRungs)
	a, b := slices.Index(rungs, y.Of()), slices.Index(rungs, than.Of())
	if a < 0 || b < 0 {
		a, b = slices.Index(protocol.MeasureKinds(), string(imposed(y).Kind)), slices.Index(protocol.MeasureKinds(), string(imposed(than).Kind))
	}
	return a < b
}

// lightest reports whether nothing is lighter than a measure: it is the first rung of the ladder, or a warning that nobody else
// learns of where it is no rung.
func (c *checker) lightest(s *protocol.Step) bool {
	rungs := c.pack.Words(listRungs)
	i := slices.Index(rungs, s.Of())
	first := !slices.ContainsFunc(rungs[:max(i, 0)], c.decides)
	return i >= 0 && first || i < 0 && imposed(s).Kind == protocol.Warning
}

// decides reports whether a step of this name imposes something: a word of a ladder may stand for that nothing does.
func (c *checker) decides(step string) bool {
	return slices.ContainsFunc(c.pack.Protocols, func(p protocol.Protocol) bool {
		s := p.Step(step)
		return s != nil && imposes(s)
	})
}

// some asks whether a set of words holds any, nil where they are too many to be told apart.
func (m *model) some(name string) *gate.Condition {
	f := m.declared(name)
	if f == nil || f.Type != act.Codes {
		return nil
	}
	words := m.words(f)
	if len(words) == 0 || len(words) > mostWords {
		return nil
	}
	return &gate.Condition{Op: gate.In, Fact: name, Words: words}
}
