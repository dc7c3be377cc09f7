package gate

import (
	"errors"
	"slices"
	"testing"
	"time"

	"sanad/internal/act"
)

// world is an environment in which every answer is set by hand.
type world struct {
	facts    map[string]Held
	done     map[string]Held
	signed   map[string]Held
	law      map[string]Standing
	now      act.Instant
	stretch  Stretch
	afterErr error
}

func (w *world) Fact(name string) Held { return w.facts[name] }
func (w *world) Elsewhere(c *Condition, _ []act.Value) Held {
	return w.Done(c.There.Protocol + "." + c.There.Step)
}

func (w *world) Everywhere(name string) []Held {
	h, said := w.facts[name]
	if !said {
		return nil
	}
	return []Held{h}
}
func (w *world) Done(step string) Held   { return w.done[step] }
func (w *world) Signed(step string) Held { return w.signed[step] }
func (w *world) Now() act.Instant        { return w.now }

func (w *world) Instant(v act.Value) (act.Instant, error) {
	if at, ok := v.Instant(); ok {
		return at, nil
	}
	return 0, errors.New("tells no time")
}

func (w *world) Basis() []Basis { return []Basis{{Text: "the-act", Article: "1"}, {Text: "other-act"}} }

func (w *world) Standing(text string, on act.Instant) Standing {
	if on < 100 {
		return NotYet
	}
	return w.law[text]
}

func (w *world) After(_ *Condition, _ Held, start act.Instant) (Stretch, error) {
	t := w.stretch
	if t.End == 0 {
		t.End = start + 50
	}
	return t, w.afterErr
}

func known(v act.Value) Held { return Held{Value: v, Known: true, From: act.ID{7}} }

func TestConditions(t *testing.T) {
	t.Parallel()
	hidden := Held{Value: act.OfBool(true), Hidden: true, From: act.ID{9}}
	w := &world{
		facts: map[string]Held{
			"yes": known(act.OfBool(true)), "no": known(act.OfBool(false)), "three": known(act.OfInt(3)), "word": known(act.OfCode("a")),
			"words": known(act.OfCodes("a", "b")), "early": known(act.OfInstant(150)), "late": known(act.OfInstant(190)), "ancient": known(act.OfInstant(50)),
			"hidden": hidden, "none": known(act.OfCodes()),
		},
		done:   map[string]Held{"made": known(act.OfInstant(140)), "fresh": known(act.OfInstant(180)), "secret": hidden},
		signed: map[string]Held{"draft": known(act.OfInt(2))},
		law:    map[string]Standing{"good": InForce, "bill": Bill, "unread": Unverified},
		now:    200,
	}
	yes := Condition{Op: Eq, Fact: "yes", Value: act.OfBool(true)}
	no := Condition{Op: Eq, Fact: "no", Value: act.OfBool(true)}
	unknown := Condition{Op: Eq, Fact: "nobody", Value: act.OfBool(true)}
	wrong := Condition{Op: Eq, Fact: "three", Value: act.OfBool(true)}
	of := func(op Op, list ...Condition) Condition { return Condition{ID: "x", Op: op, Of: list} }
	for name, c := range map[string]struct {
		test Condition
		want Outcome
	}{
		"eq":                       {Condition{Op: Eq, Fact: "three", Value: act.OfInt(3)}, Holds},
		"eq, other":                {Condition{Op: Eq, Fact: "three", Value: act.OfInt(4)}, Fails},
		"eq, unknown":              {unknown, IsUnknown},
		"eq, hidden":               {Condition{Op: Eq, Fact: "hidden", Value: act.OfBool(true)}, IsUnknown},
		"eq, another type":         {wrong, InError},
		"ne":                       {Condition{Op: Ne, Fact: "word", Value: act.OfCode("b")}, Holds},
		"ne, the same":             {Condition{Op: Ne, Fact: "word", Value: act.OfCode("a")}, Fails},
		"ne, unknown":              {Condition{Op: Ne, Fact: "nobody", Value: act.OfCode("a")}, IsUnknown},
		"ge":                       {Condition{Op: Ge, Fact: "three", Value: act.OfInt(3)}, Holds},
		"ge, below":                {Condition{Op: Ge, Fact: "three", Value: act.OfInt(4)}, Fails},
		"ge, a code":               {Condition{Op: Ge, Fact: "word", Value: act.OfCode("a")}, InError},
		"le":                       {Condition{Op: Le, Fact: "three", Value: act.OfInt(3)}, Holds},
		"le, above":                {Condition{Op: Le, Fact: "three", Value: act.OfInt(2)}, Fails},
		"in":                       {Condition{Op: In, Fact: "word", Words: []string{"a"}}, Holds},
		"in, outside":              {Condition{Op: In, Fact: "word", Words: []string{"b"}}, Fails},
		"in, a set":                {Condition{Op: In, Fact: "words", Words: []string{"a", "b", "c"}}, Holds},
		"in, a set partly outside": {Condition{Op: In, Fact: "words", Words: []string{"a"}}, Fails},
		"in, an empty set":         {Condition{Op: In, Fact: "none", Words: []string{"a"}}, Fails},
		"in, a number":             {Condition{Op: In, Fact: "three", Words: []string{"a"}}, InError},
		"has":                      {Condition{Op: Has, Fact: "words", Words: []string{"b"}}, Holds},
		"has not":                  {Condition{Op: Has, Fact: "words", Words: []string{"c"}}, Fails},
		"known":                    {Condition{Op: Known, Fact: "three"}, Holds},
		"known, hidden":            {Condition{Op: Known, Fact: "hidden"}, IsUnknown},
		"not known":                {of(Not, Condition{Op: Known, Fact: "nobody"}), IsUnknown},
		"before now":               {Condition{Op: Before, Fact: "early"}, Holds},
		"before another":           {Condition{Op: Before, Fact: "early", Other: "late"}, Holds},
		"after another":            {Condition{Op: Before, Fact: "late", Other: "early"}, Fails},
		"before nothing known":     {Condition{Op: Before, Fact: "early", Other: "nobody"}, IsUnknown},
		"before, a number":         {Condition{Op: Before, Fact: "three"}, InError},
		"law":                      {Condition{Op: LawInForce, Text: "good"}, Holds},
		"law, when it happened":    {Condition{Op: LawInForce, Text: "good", On: []string{"early"}}, Holds},
		"law, before it":           {Condition{Op: LawInForce, Text: "good", On: []string{"ancient"}}, Fails},
		"law, nobody knows when":   {Condition{Op: LawInForce, Text: "good", On: []string{"nobody"}}, IsUnknown},
		"law, a bill":              {Condition{Op: LawInForce, Text: "bill"}, Fails},
		"law, unverified":          {Condition{Op: LawInForce, Text: "unread"}, Fails},
		"law, missing":             {Condition{Op: LawInForce, Text: "nowhere"}, Fails},
		"done":                     {Condition{Op: Done, Step: "made"}, Holds},
		"not done":                 {Condition{Op: Done, Step: "never"}, Fails},
		"done in secret":           {Condition{Op: Done, Step: "secret"}, IsUnknown},
		"not done in secret":       {of(Not, Condition{Op: Done, Step: "secret"}), IsUnknown},
		"signed":                   {Condition{Op: Signed, Step: "draft", Count: 2}, Holds},
		"signed by too few":        {Condition{Op: Signed, Step: "draft", Count: 3}, Fails},
		"no draft":                 {Condition{Op: Signed, Step: "never", Count: 1}, IsUnknown},
		"elapsed since a step":     {Condition{Op: Elapsed, Step: "made", Rule: "r"}, Holds},
		"not elapsed":              {Condition{Op: Elapsed, Step: "fresh", Rule: "r"}, Fails},
		"elapsed since a fact":     {Condition{Op: Elapsed, Fact: "early", Rule: "r"}, Holds},
		"elapsed, at that instant": {Condition{Op: Elapsed, Fact: "early", Rule: "r"}, Holds},
		"elapsed, never started":   {Condition{Op: Elapsed, Step: "never", Rule: "r"}, IsUnknown},
		"all":                      {of(All, yes, yes), Holds},
		"all, one unknown":         {of(All, yes, unknown), IsUnknown},
		"all, one false":           {of(All, unknown, no), Fails},
		"all, one in error":        {of(All, no, wrong), InError},
		"any":                      {of(Any, no, unknown, yes), Holds},
		"any, none":                {of(Any, no, no), Fails},
		"any, one unknown":         {of(Any, no, unknown), IsUnknown},
		"any, one in error":        {of(Any, yes, wrong), InError},
		"any of nothing":           {of(Any), Fails},
		"not":                      {of(Not, no), Holds},
		"not, true":                {of(Not, yes), Fails},
		"not, unknown":             {of(Not, unknown), IsUnknown},
		"not, in error":            {of(Not, wrong), InError},
		"not any, one unknown":     {of(Not, of(Any, no, unknown)), IsUnknown},
		"not all, one false":       {of(Not, of(All, no, unknown)), Holds},
		"no form at all":           {Condition{}, InError},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.test.ID = "x"
			for i := range c.test.Of {
				c.test.Of[i].ID = ""
			}
			g := Gate{ID: "G", Version: 3, Test: c.test}
			a, failing := g.Evaluate(w)
			got := Holds
			if len(failing) > 0 {
				got = failing[0].Outcome
			}
			if got != c.want || a.Open != (c.want == Holds) {
				t.Fatalf("%v, open %v, want %v", got, a.Open, c.want)
			}
			if !a.Open && a.Because != "x" || a.Open && a.Because != Open {
				t.Fatalf("because %q", a.Because)
			}
			for _, s := range a.Saw {
				if s.From == (act.ID{9}) {
					t.Fatal("the answer tells of a hidden act")
				}
			}
		})
	}
	broken := *w
	broken.afterErr = errors.New("no single answer")
	g := Gate{ID: "G", Version: 1, Test: Condition{ID: "x", Op: Elapsed, Fact: "early", Rule: "r"}}
	a, failing := g.Evaluate(&broken)
	if a.Open || failing[0].Outcome != InError || failing[0].Err == nil {
		t.Fatalf("a clock without an answer: %+v %+v", a, failing)
	}
	w2 := *w
	w2.now = 199
	if a, _ := g.Evaluate(&w2); a.Open {
		t.Fatal("a time of 50 from 150 is over at 199")
	}
}

// An answer names the first sub-condition that fails and sees every fact once, sorted, whatever failed.
func TestAnswer(t *testing.T) {
	t.Parallel()
	w := &world{facts: map[string]Held{"b": known(act.OfBool(false)), "c": known(act.OfBool(true))}, now: act.InstantOf(time.Unix(0, 0))}
	eq := func(id, fact string) Condition { return Condition{ID: id, Op: Eq, Fact: fact, Value: act.OfBool(true)} }
	g := Gate{ID: "G-01", Version: 2, Test: Condition{Op: All, Of: []Condition{eq("third", "c"), eq("second", "b"), {Op: All, Of: []Condition{eq("first", "a")}}, eq("again", "c")}}}
	a, failing := g.Evaluate(w)
	if a.Open || a.Because != "second" || len(failing) != 2 || failing[1].Condition.ID != "first" || failing[1].Outcome != IsUnknown {
		t.Fatalf("%+v, failing %+v", a, failing)
	}
	if len(a.Saw) != 3 || a.Saw[0].Fact != "a" || a.Saw[0].Value.Type() != "" || a.Saw[1].From != (act.ID{7}) {
		t.Fatalf("saw %+v", a.Saw)
	}
	if names := g.Facts(); len(names) != 3 || names[0] != "c" {
		t.Fatalf("asks %v", names)
	}
}

// Time that stood still, or stands still, says so in the answer, with the act that stopped it; one that some reader may not know of says
// nothing.
func TestElapsedKeepsWhatStoppedIt(t *testing.T) {
	t.Parallel()
	g := Gate{ID: "G", Version: 1, Test: Condition{ID: "x", Op: Elapsed, Fact: "early", Rule: "r"}}
	stopped := act.ID{8}
	for name, c := range map[string]struct {
		stretch Stretch
		out     Outcome
		saw     map[string]Held
	}{
		"never stopped":      {Stretch{End: 190}, Holds, map[string]Held{"until:r": {Value: act.OfInstant(190)}}},
		"stood still":        {Stretch{End: 210, Still: 160, By: stopped}, Fails, map[string]Held{"until:r": {Value: act.OfInstant(210)}, "still:r": {Value: act.OfInstant(160), From: stopped}}},
		"stands still":       {Stretch{End: Never, Still: 160, By: stopped}, Fails, map[string]Held{"until:r": {}, "still:r": {Value: act.OfInstant(160), From: stopped}}},
		"hidden from a few":  {Stretch{Hidden: true}, IsUnknown, map[string]Held{"until:r": {}}},
		"over at the moment": {Stretch{End: 200}, Holds, map[string]Held{"until:r": {Value: act.OfInstant(200)}}},
	} {
		w := &world{facts: map[string]Held{"early": known(act.OfInstant(150))}, now: 200, stretch: c.stretch}
		answer, failing := g.Evaluate(w)
		if answer.Open != (c.out == Holds) || !answer.Open && failing[0].Outcome != c.out {
			t.Errorf("%s: open is %t, %+v", name, answer.Open, failing)
		}
		for fact, want := range c.saw {
			i := slices.IndexFunc(answer.Saw, func(s act.Seen) bool { return s.Fact == fact })
			if i < 0 || !answer.Saw[i].Value.Equal(want.Value) || answer.Saw[i].From != want.From {
				t.Errorf("%s: saw %+v, want %s as %+v", name, answer.Saw, fact, want)
			}
		}
		if len(answer.Saw) != len(c.saw)+1 {
			t.Errorf("%s: saw %+v", name, answer.Saw)
		}
	}
}
