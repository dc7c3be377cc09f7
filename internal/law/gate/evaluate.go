package gate

import (
	"fmt"
	"slices"
	"strings"

	"sanad/internal/act"
)

// Held is what is known of one fact. Known is false when nobody said it, and when more is hidden from those who
// will read the act it should justify; Hidden tells the two apart for the log of a refusal, never for a page.
type Held struct {
	Value  act.Value
	From   act.ID // the act that said so; zero when it comes from outside the file
	Known  bool
	Hidden bool
}

// Source provides facts of one file, as of one instant, on behalf of one audience.
type Source interface {
	Fact(name string) Held
}

// Standing is what a legal text is worth at an instant.
type Standing string

// The standings of a text. Only InForce opens anything.
const (
	InForce    Standing = "in_force"
	NotYet     Standing = "not_yet_in_force"
	Ended      Standing = "no_longer_in_force"
	Unknown    Standing = "not_yet_known"
	Unverified Standing = "unverified"
	Bill       Standing = "bill"
	Proposed   Standing = "proposed"
	Withdrawn  Standing = "withdrawn"
	Rejected   Standing = "rejected"
	Missing    Standing = "missing"
)

// Env answers everything a gate may ask.
type Env interface {
	Source
	// Everywhere returns what each procedure of the file that says a fact said of it last. One that is hidden hides all.
	Everywhere(name string) []Held
	// Elsewhere looks for an open procedure of c.There.Protocol in which c.There.Step was done, and that says of c.On what same holds:
	// Held.Value is the instant at which it was done last. Known is false where there is none, and Hidden true where one may be hidden.
	Elsewhere(c *Condition, same []act.Value) Held
	// Now is the instant of the question.
	Now() act.Instant
	// Instant turns a fact of type date or at into an instant: a date is the start of that day in the
	// country's legal time. Error when the value is of another type.
	Instant(act.Value) (act.Instant, error)
	// Standing says what a legal text was worth at an instant, as known now.
	Standing(text string, on act.Instant) Standing
	// Basis returns what the step at hand rests on in the law.
	Basis() []Basis
	// Done says whether a step or lapse of this name happened in the procedure: Held.Value is the instant it
	// was first done, Known is false when it was not done, or is hidden.
	Done(step string) Held
	// Signed says how many distinct persons signed the newest draft made by a step.
	Signed(step string) Held
	// After says when the time that c.Rule gives has run since what c counts from, which since says of itself and which was at start:
	// by the clock that the same thing started, with all that happened to it, and where there is none by the calendar.
	After(c *Condition, since Held, start act.Instant) (Stretch, error)
}

// Outcome is how a condition came out.
type Outcome uint8

// The outcomes. Only Holds opens.
const (
	Holds Outcome = iota + 1
	Fails
	IsUnknown
	InError
)

// String returns the outcome as a word for messages.
func (o Outcome) String() string {
	return [...]string{"none", "holds", "fails", "unknown", "error"}[min(o, InError)]
}

// Failing is one named sub-condition that keeps a gate closed.
type Failing struct {
	Condition *Condition
	Outcome   Outcome
	Err       error // what went wrong, for the log; nil unless Outcome is InError
}

// Open is the code of an answer of a gate all of whose conditions held.
const Open = "open"

// Evaluate asks everything the gate needs and returns the answer to keep in the act, and every named
// sub-condition that keeps the gate closed, in the order of the tree. The gate is open only when that list is
// empty. All of the tree is asked, also after a failure, so that an answer always saw the same facts.
func (g *Gate) Evaluate(env Env) (act.Answer, []Failing) {
	r := run{env: env, saw: make([]act.Seen, 0, g.Test.asks())}
	out := r.eval(&g.Test, true)
	if out != Holds && len(r.failing) == 0 {
		// A tree without a name on its path is refused at load; stay closed all the same.
		r.failing = append(r.failing, Failing{&g.Test, out, nil})
	}
	slices.SortFunc(r.saw, func(a, b act.Seen) int { return strings.Compare(a.Fact, b.Fact) })
	r.saw = slices.CompactFunc(r.saw, func(a, b act.Seen) bool { return a.Fact == b.Fact })
	a := act.Answer{Gate: g.ID, Version: g.Version, Open: out == Holds, Because: Open, Saw: r.saw}
	if !a.Open {
		a.Because = r.failing[0].Condition.ID
		if a.Because == "" {
			a.Because = "unnamed"
		}
	}
	return a, r.failing
}

// Holds reports whether a condition is known to hold, for whoever keeps no answer: doubt is no.
func (c *Condition) Holds(env Env) bool {
	r := run{env: env, blind: true}
	return r.eval(c, false) == Holds
}

type run struct {
	env     Env
	blind   bool // nobody asks what it saw
	saw     []act.Seen
	failing []Failing
	err     error
}

// eval answers one condition. named is true while a failure below should be listed under its own name, which
// ends at any and not: there only the whole is named.
func (r *run) eval(c *Condition, named bool) Outcome {
	switch c.Op {
	case All:
		out := Holds
		for i := range c.Of {
			out = worse(out, r.eval(&c.Of[i], named && c.ID == ""))
		}
		return r.note(c, named && c.ID != "", out)
	case Any:
		out := Fails
		for i := range c.Of {
			out = better(out, r.eval(&c.Of[i], false))
		}
		return r.note(c, named, out)
	case Not:
		out := InError
		if len(c.Of) == 1 {
			out = r.eval(&c.Of[0], false)
		}
		switch out {
		case Holds:
			out = Fails
		case Fails:
			out = Holds
		}
		return r.note(c, named, out)
	default:
		return r.note(c, named, r.leaf(c))
	}
}

func (r *run) note(c *Condition, named bool, out Outcome) Outcome {
	if named && out != Holds {
		r.failing = append(r.failing, Failing{c, out, r.err})
	}
	if named {
		r.err = nil
	}
	return out
}

// worse joins two outcomes under all: a false decides whatever is unknown, an error always does.
func worse(a, b Outcome) Outcome {
	if rank := [...]int{Holds: 1, IsUnknown: 2, Fails: 3, InError: 4}; rank[b] > rank[a] {
		return b
	}
	return a
}

// better joins two outcomes under any: a true decides whatever is unknown, an error still does.
func better(a, b Outcome) Outcome {
	if rank := [...]int{Fails: 1, IsUnknown: 2, Holds: 3, InError: 4}; rank[b] > rank[a] {
		return b
	}
	return a
}

func (r *run) fact(name string) (Held, bool) {
	h := r.env.Fact(name)
	if !h.Known {
		h = Held{Hidden: h.Hidden}
	}
	r.see(name, h)
	return h, h.Known
}

func (r *run) see(name string, h Held) {
	if !r.blind {
		r.saw = append(r.saw, act.Seen{Fact: name, Value: h.Value, From: h.From})
	}
}

func (r *run) fail(format string, args ...any) Outcome {
	r.err = fmt.Errorf(format, args...)
	return InError
}

func truth(b bool) Outcome {
	if b {
		return Holds
	}
	return Fails
}

func (r *run) leaf(c *Condition) Outcome {
	switch c.Op {
	case Known:
		_, known := r.fact(c.Fact)
		if !known {
			return IsUnknown
		}
		return Holds
	case Eq, Ne, Ge, Le, In, Has:
		h, known := r.fact(c.Fact)
		if !known {
			return IsUnknown
		}
		return r.compare(c, h.Value)
	case Nowhere:
		return r.nowhere(c)
	case Elsewhere:
		return r.elsewhere(c)
	case Before:
		return r.before(c)
	case LawInForce:
		return r.law(c)
	case Done:
		h := r.env.Done(c.Step)
		if !h.Known {
			h = Held{Hidden: h.Hidden}
		}
		r.see("step:"+c.Step, h)
		if h.Hidden {
			return IsUnknown
		}
		return truth(h.Known)
	case Signed:
		h := r.env.Signed(c.Step)
		r.see("signed:"+c.Step, h)
		if !h.Known {
			return IsUnknown
		}
		return truth(h.Value.Int() >= int64(c.Count))
	case Elapsed:
		return r.elapsed(c)
	default:
		return r.fail("condition %q has no form this program knows", c.ID)
	}
}

func (r *run) compare(c *Condition, v act.Value) Outcome {
	switch c.Op {
	case In, Has:
		switch v.Type() {
		case act.Code:
			return truth(c.Op == In && slices.Contains(c.Words, v.Code()))
		case act.Codes:
			if c.Op == Has {
				return truth(len(c.Words) == 1 && slices.Contains(v.Codes(), c.Words[0]))
			}
			words := v.Codes()
			for _, w := range words {
				if !slices.Contains(c.Words, w) {
					return Fails
				}
			}
			return truth(len(words) > 0)
		}
		return r.fail("fact %s is %s, a code was expected", c.Fact, v.Type())
	}
	if v.Type() != c.Value.Type() {
		return r.fail("fact %s is %s, %s was expected", c.Fact, v.Type(), c.Value.Type())
	}
	switch c.Op {
	case Eq:
		return truth(v.Equal(c.Value))
	case Ne:
		return truth(!v.Equal(c.Value))
	}
	if v.Type() != act.Int {
		return r.fail("fact %s is %s, an integer was expected", c.Fact, v.Type())
	}
	if c.Op == Ge {
		return truth(v.Int() >= c.Value.Int())
	}
	return truth(v.Int() <= c.Value.Int())
}

func (r *run) before(c *Condition) Outcome {
	first, known := r.instant(c.Fact)
	if known != Holds {
		return known
	}
	second := r.env.Now()
	if c.Other != "" {
		second, known = r.instant(c.Other)
		if known != Holds {
			return known
		}
	}
	return truth(first < second)
}

// instant asks a fact that tells a time.
func (r *run) instant(fact string) (act.Instant, Outcome) {
	_, at, out := r.moment(fact)
	return at, out
}

func (r *run) moment(fact string) (Held, act.Instant, Outcome) {
	h, known := r.fact(fact)
	if !known {
		return h, 0, IsUnknown
	}
	at, err := r.env.Instant(h.Value)
	if err != nil {
		return h, 0, r.fail("fact %s: %w", fact, err)
	}
	return h, at, Holds
}
