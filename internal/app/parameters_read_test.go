package app

import (
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"sanad/internal/act"
	"sanad/internal/law/gate"
	"sanad/internal/law/legaltime"
	"sanad/internal/law/pack"
	"sanad/packs"
)

// Every choice that a pack offers changes something that somebody can see: which steps and clocks there are, what a gate answers, when
// something is due, what a letter says, or what a desk lets pass. A number without alternatives is one more, a rule another rule. Where
// the program has no words for a choice, the pack that makes it is refused and says so.
func TestEveryChoiceChangesSomething(t *testing.T) {
	t.Parallel()
	kinds, err := catalogue()
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range append(packs.Names(), append(packs.Compared(), packs.StarterID)...) {
		was, err := loadPack(id, kinds)
		if err != nil {
			continue // a law that has no words here runs nowhere, and its own test says why
		}
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			tried := 0
			for i := range was.Parameters {
				p := &was.Parameters[i]
				if p.SameAs != "" {
					continue // tried under the name that has the value
				}
				for _, v := range choicesOf(t, was, p) {
					tried++
					name := fmt.Sprintf("%s: %s", p.ID, spelled(v))
					is, err := choosing(t, id, p, v, kinds)
					switch refused := slices.ContainsFunc(p.Refused, v.Equal); {
					case err != nil && (!refused || !strings.Contains(err.Error(), p.ID)):
						t.Errorf("%s does not load: %v", name, err)
					case err == nil && refused:
						t.Errorf("%s loads, and nothing carries it out", name)
					case err == nil:
						if changed(t, was, is) == "" {
							t.Errorf("%s changes nothing", name)
						}
					}
				}
			}
			if tried < len(was.Parameters)/2 {
				t.Errorf("only %d choices were tried", tried)
			}
		})
	}
}

// choicesOf are the values that a parameter may have instead.
func choicesOf(t *testing.T, p *pack.Pack, x *pack.Parameter) []act.Value {
	t.Helper()
	if len(x.Alternatives) > 0 {
		return x.Alternatives
	}
	switch x.Value.Type() {
	case act.Int:
		return []act.Value{act.OfInt(x.Value.Int() + 1)}
	case act.Code:
		r := p.Rule(x.Value.Code())
		for i := range p.Rules {
			if other := &p.Rules[i]; r != nil && other.Mode == r.Mode && other.Count < r.Count {
				return []act.Value{act.OfCode(other.ID)}
			}
		}
		for _, list := range p.Lists() {
			words := p.Words(list)
			for _, w := range words {
				if r == nil && slices.Contains(words, x.Value.Code()) && w != x.Value.Code() {
					return []act.Value{act.OfCode(w)}
				}
			}
		}
	}
	t.Fatalf("parameter %s: nothing else it could be", x.ID)
	return nil
}

func spelled(v act.Value) string {
	switch v.Type() {
	case act.Int:
		return fmt.Sprint(v.Int())
	case act.Bool:
		return fmt.Sprint(v.Bool())
	}
	return v.Code()
}

// choosing loads a pack with another value in one of its parameters, wherever in its parents that is declared.
func choosing(t *testing.T, id string, p *pack.Parameter, v act.Value, kinds *act.Catalogue) (*pack.Pack, error) {
	t.Helper()
	line := regexp.MustCompile(`(?m)^(  - \{id: ` + regexp.QuoteMeta(p.ID) + `, .*?value: )([A-Za-z0-9_-]+)(.*)$`)
	found := false
	open := func(id string) (fs.FS, error) {
		from, err := packs.Open(id)
		if err != nil {
			return nil, err
		}
		text, _ := fs.ReadFile(from, "parameters.yaml") // an overlay need not have one
		if !line.Match(text) {
			return from, nil
		}
		found = true
		all := fstest.MapFS{}
		err = fs.WalkDir(from, ".", func(name string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				var b []byte
				b, err = fs.ReadFile(from, name)
				all[name] = &fstest.MapFile{Data: b}
			}
			return err
		})
		parts := line.FindSubmatch(text)
		rest := regexp.MustCompile(`(alternatives: \[.*?)\b`+spelled(v)+`\b`).ReplaceAll(parts[3], []byte("${1}"+string(parts[2])))
		put := string(parts[1]) + spelled(v) + string(rest)
		all["parameters.yaml"] = &fstest.MapFile{Data: []byte(strings.Replace(string(text), string(parts[0]), put, 1))}
		return all, err
	}
	files, err := open(id)
	if err != nil {
		t.Fatal(err)
	}
	is, err := pack.Load(files, id, open, kinds)
	if !found {
		t.Fatalf("no line of parameters.yaml says %s", p.ID)
	}
	return is, err
}

// changed says what is not as it was; "" where all is.
func changed(t *testing.T, was, is *pack.Pack) string {
	t.Helper()
	for _, look := range []struct {
		what string
		at   func(*testing.T, *pack.Pack, *pack.Pack) string
	}{{"step", stepsChanged}, {"gate", gatesChanged}, {"time", timesChanged}, {"letter", lettersChanged}, {"desk", desksChanged}} {
		if which := look.at(t, was, is); which != "" {
			return look.what + " " + which
		}
	}
	return ""
}

func stepsChanged(_ *testing.T, was, is *pack.Pack) string {
	for i := range was.Protocols {
		x := &was.Protocols[i]
		if i >= len(is.Protocols) || !reflect.DeepEqual(*x, is.Protocols[i]) {
			return x.ID
		}
	}
	return ""
}

// asked are the gates that some step asks.
func asked(p *pack.Pack) map[string]*gate.Gate {
	out := map[string]*gate.Gate{}
	for i := range p.Protocols {
		for j := range p.Protocols[i].Steps {
			for _, id := range p.Protocols[i].Steps[j].Gates {
				out[id] = p.Gate(id)
			}
		}
	}
	return out
}

// gatesChanged finds a gate that answers otherwise to the same facts.
func gatesChanged(t *testing.T, was, is *pack.Pack) string {
	t.Helper()
	now := asked(is)
	for _, id := range slices.Sorted(maps.Keys(asked(was))) {
		a, b := was.Gate(id), now[id]
		if b == nil {
			return id
		}
		if reflect.DeepEqual(a.Test, b.Test) {
			continue
		}
		dice := rand.New(rand.NewPCG(1, 2))
		for range 20_000 {
			facts := someFacts(dice, was, a, b)
			before, _ := a.Evaluate(factsOnly{was, facts})
			after, _ := b.Evaluate(factsOnly{is, facts})
			if before.Open != after.Open {
				return id
			}
		}
	}
	return ""
}

// someFacts draws what gates ask: numbers about their bounds, days about their times, and now and then nothing.
func someFacts(dice *rand.Rand, p *pack.Pack, gates ...*gate.Gate) map[string]act.Value {
	bounds := map[string][]int64{}
	for _, g := range gates {
		g.Test.Walk(func(c *gate.Condition) {
			if c.Value.Type() == act.Int {
				bounds[c.Fact] = append(bounds[c.Fact], c.Value.Int())
			}
		})
	}
	out := map[string]act.Value{}
	for i := range p.Facts {
		f := &p.Facts[i]
		if !slices.ContainsFunc(gates, func(g *gate.Gate) bool { return slices.Contains(g.Facts(), f.ID) }) || dice.IntN(12) == 0 {
			continue
		}
		words := p.Words(f.List)
		switch f.Type {
		case act.Bool:
			out[f.ID] = act.OfBool(dice.IntN(2) == 0)
		case act.Int:
			around := append(bounds[f.ID], 0)
			out[f.ID] = act.OfInt(around[dice.IntN(len(around))] + dice.Int64N(3) - 1)
		case act.Code:
			out[f.ID] = act.OfCode(words[dice.IntN(len(words))])
		case act.Codes:
			out[f.ID] = act.OfCodes(words[dice.IntN(len(words))])
		case act.Date:
			out[f.ID] = act.OfDate(askedAt.AddDate(0, -dice.IntN(48), dice.IntN(31)).Truncate(24 * time.Hour))
		}
	}
	return out
}

var askedAt = time.Date(2026, 6, 1, 10, 0, 0, 0, time.UTC)

// factsOnly answers gates with facts; every step was done, and every draft signed.
type factsOnly struct {
	law   *pack.Pack
	facts map[string]act.Value
}

func (e factsOnly) Fact(name string) gate.Held {
	v, known := e.facts[name]
	return gate.Held{Value: v, Known: known}
}

func (e factsOnly) Everywhere(name string) []gate.Held {
	if h := e.Fact(name); h.Known {
		return []gate.Held{h}
	}
	return nil
}

func (e factsOnly) Elsewhere(c *gate.Condition, _ []act.Value) gate.Held { return e.Done(c.There.Step) }

func (e factsOnly) Now() act.Instant { return act.InstantOf(askedAt) }

func (e factsOnly) Instant(v act.Value) (act.Instant, error) {
	day, _ := v.Date()
	return e.law.Engine().Law().Time.DayStart(day), nil
}

func (e factsOnly) Standing(string, act.Instant) gate.Standing { return gate.InForce }

func (e factsOnly) Basis() []gate.Basis { return []gate.Basis{{Text: "law"}} }

func (e factsOnly) Done(string) gate.Held {
	return gate.Held{Value: act.OfInstant(act.InstantOf(askedAt.AddDate(-1, 0, 0))), Known: true}
}

func (e factsOnly) Signed(string) gate.Held { return gate.Held{Value: act.OfInt(9), Known: true} }

func (e factsOnly) After(c *gate.Condition, _ gate.Held, start act.Instant) (gate.Stretch, error) {
	end, err := e.law.Engine().Law().Time.Due(c.Rule, start)
	return gate.Stretch{End: end}, err
}

// timesChanged finds a rule of time by which something is due on another day: of a clock, of a gate that is asked, of a remedy.
func timesChanged(t *testing.T, was, is *pack.Pack) string {
	t.Helper()
	rules := map[string]bool{}
	for i := range was.Protocols {
		for j := range was.Protocols[i].Steps {
			s := &was.Protocols[i].Steps[j]
			for _, d := range s.Deadlines {
				rules[d.Rule] = true
			}
			if s.Extends != nil {
				rules[s.Extends.Rule] = true
			}
			if s.Remedy != "" {
				rules[was.RemedyRule(s.Remedy)] = true
			}
		}
	}
	for _, g := range asked(was) {
		g.Test.Walk(func(c *gate.Condition) { rules[c.Rule] = true })
	}
	for _, id := range slices.Sorted(maps.Keys(rules)) {
		a, b := was.Rule(id), is.Rule(id)
		if a == nil || b == nil {
			continue
		}
		for day := range 7 {
			from := act.InstantOf(askedAt.AddDate(0, 0, day))
			before, err := legaltime.Compute(a.Rule, from, nil, was.Calendar)
			if err != nil {
				t.Fatal(err)
			}
			after, err := legaltime.Compute(b.Rule, from, nil, is.Calendar)
			if err != nil {
				t.Fatal(err)
			}
			if before.Due != after.Due {
				return id
			}
		}
	}
	return ""
}

// lettersChanged finds a letter that some step sends and that says something else in every language.
func lettersChanged(_ *testing.T, was, is *pack.Pack) string {
	for i := range was.Protocols {
		for j := range was.Protocols[i].Steps {
			letter := was.Protocols[i].Steps[j].Letter
			if letter == "" {
				continue
			}
			says := 0
			for _, l := range was.Languages {
				before, _ := was.Message(l, "letter."+letter+".body")
				after, _ := is.Message(l, "letter."+letter+".body")
				if before != after {
					says++
				}
			}
			if says == len(was.Languages) {
				return letter
			}
		}
	}
	return ""
}

// desksChanged finds what the desks let pass under one law and not under the other: drafts of measures, requests for data.
func desksChanged(t *testing.T, was, is *pack.Pack) string {
	t.Helper()
	for what, answers := range map[string]func(*testing.T, *pack.Pack) []string{"of measures": drafts, "of requests": requests} {
		a, b := answers(t, was), answers(t, is)
		if !slices.Equal(a, b) {
			return what
		}
	}
	return ""
}
