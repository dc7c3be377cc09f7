package gate

import "sanad/internal/act"

// elsewhere asks the open procedures of another protocol for one that is about the same and in which a step was done.
func (r *run) elsewhere(c *Condition) Outcome {
	same := make([]act.Value, len(c.On))
	known := true
	for i, name := range c.On {
		h, is := r.fact(name)
		same[i], known = h.Value, known && is
	}
	if !known {
		return IsUnknown
	}
	h := r.env.Elsewhere(c, same)
	if !h.Known {
		h = Held{Hidden: h.Hidden}
	}
	r.see("step:"+c.There.Protocol+"."+c.There.Step, h)
	if h.Hidden {
		return IsUnknown
	}
	return truth(h.Known)
}
