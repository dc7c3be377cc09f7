package gate

import "sanad/internal/act"

// Never is the end of time that stands still and that nobody lets run on: the last instant there is.
const Never = act.Instant(253_402_300_799_999_999)

// Stretch is the time that a rule gives from something that happened.
type Stretch struct {
	End    act.Instant // the first instant at which it has run; Never while it stands still
	Still  act.Instant // since when it stands still, or stood still last
	By     act.ID      // the act that stopped it; zero where it never stood still
	Hidden bool        // some reader of the act may not know of a clock that tells
}

// elapsed asks whether the time since a fact, or since a step, has run. What stopped it is kept with the answer.
func (r *run) elapsed(c *Condition) Outcome {
	since, start, known := r.since(c)
	if known != Holds {
		return known
	}
	t, err := r.env.After(c, since, start)
	switch {
	case err != nil:
		return r.fail("rule %s: %w", c.Rule, err)
	case t.Hidden:
		r.see(until+c.Rule, Held{Hidden: true})
		return IsUnknown
	case !t.By.IsZero():
		r.see(still+c.Rule, Held{Value: act.OfInstant(t.Still), From: t.By})
	}
	if t.End == Never {
		r.see(until+c.Rule, Held{})
		return Fails
	}
	r.see(until+c.Rule, Held{Value: act.OfInstant(t.End)})
	return truth(r.env.Now() >= t.End)
}

// Under these names, with the rule behind, an answer keeps when a stretch of time has run, and since when it stood still.
const (
	until = "until:"
	still = "still:"
)

// Until names what an answer keeps of when the time a rule gives has run.
func Until(rule string) string { return until + rule }

// Still names what an answer keeps of since when that time stood still, and of the act that stopped it.
func Still(rule string) string { return still + rule }

// since is what a condition counts from, and when that was.
func (r *run) since(c *Condition) (Held, act.Instant, Outcome) {
	if c.Fact != "" {
		return r.moment(c.Fact)
	}
	h := r.env.Done(c.Step)
	if !h.Known {
		h = Held{Hidden: h.Hidden}
	}
	r.see("step:"+c.Step, h)
	if !h.Known {
		return h, 0, IsUnknown
	}
	at, ok := h.Value.Instant()
	if !ok {
		return h, 0, r.fail("step %s has no instant", c.Step)
	}
	return h, at, Holds
}
