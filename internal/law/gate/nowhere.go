package gate

import (
	"slices"

	"sanad/internal/act"
)

// nowhere asks all procedures: what one says does not make up for what another says.
func (r *run) nowhere(c *Condition) Outcome {
	all := r.env.Everywhere(c.Fact)
	out := IsUnknown
	seen := Held{}
	for _, h := range all {
		switch {
		case !h.Known:
			r.see(c.Fact, Held{Hidden: h.Hidden})
			return IsUnknown
		case h.Value.Type() != act.Code:
			return r.fail("fact %s is %s, a code was expected", c.Fact, h.Value.Type())
		case slices.Contains(c.Words, h.Value.Code()):
			out, seen = Fails, h
		case out == IsUnknown:
			out, seen = Holds, h
		}
	}
	r.see(c.Fact, seen)
	return out
}
