package check

import (
	"slices"

	"sanad/internal/act"
	"sanad/internal/law/gate"
	"sanad/internal/law/pack"
)

// Standing lists the steps that nobody may do at an instant, because a text they rest on, or that a gate of theirs insists on
// by name, is not verified law then: what each text really is closes today.
func Standing(p *pack.Pack, now act.Instant) []Closed {
	law := p.Engine().Law()
	worth := map[string]gate.Standing{}
	for i := range law.Texts {
		worth[law.Texts[i].ID] = law.Texts[i].Standing(now, now)
	}
	var out []Closed
	for _, x := range p.Protocols {
		for _, s := range x.Steps {
			var texts []string
			insist := s.Measure != nil || x.Coercive
			for _, id := range s.Gates {
				g := p.Gate(id)
				if g == nil {
					continue
				}
				for _, t := range insists(&g.Test) {
					if t == "" {
						insist = true
						continue
					}
					texts = append(texts, t)
				}
			}
			if insist {
				for _, b := range s.Basis {
					texts = append(texts, b.Text)
				}
			}
			slices.Sort(texts)
			for _, t := range slices.Compact(texts) {
				if worth[t] != gate.InForce {
					out = append(out, Closed{Protocol: x.ID, Version: x.Version, Step: s.ID, Text: t, Standing: worth[t]})
				}
			}
		}
	}
	return out
}

// insists returns the texts without which a condition never holds; "" stands for those the step rests on.
func insists(c *gate.Condition) []string {
	switch c.Op {
	case gate.LawInForce:
		return []string{c.Text}
	case gate.All:
		var out []string
		for i := range c.Of {
			out = append(out, insists(&c.Of[i])...)
		}
		return out
	default:
		return nil
	}
}
