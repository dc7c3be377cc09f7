package gate

import (
	"slices"

	"sanad/internal/act"
)

// law asks for the text the condition names, or for every text the step at hand rests on; a step that rests on none stays
// closed.
func (r *run) law(c *Condition) Outcome {
	if c.Text != "" {
		return r.text(c, c.Text)
	}
	basis := r.env.Basis()
	if len(basis) == 0 {
		r.see("law:none", Held{Value: act.OfCode(string(Missing))})
		return Fails
	}
	out := Holds
	for i, b := range basis {
		if slices.ContainsFunc(basis[:i], func(x Basis) bool { return x.Text == b.Text }) {
			continue
		}
		out = worse(out, r.text(c, b.Text))
	}
	return out
}

func (r *run) text(c *Condition, id string) Outcome {
	standing := r.env.Standing(id, r.env.Now())
	out := truth(standing == InForce)
	for _, fact := range c.On {
		at, known := r.instant(fact)
		if known != Holds {
			out = worse(out, known)
			continue
		}
		then := r.env.Standing(id, at)
		if then != InForce {
			out = worse(out, Fails)
			if standing == InForce {
				standing = then
			}
		}
	}
	r.see("law:"+id, Held{Value: act.OfCode(string(standing))})
	return out
}
