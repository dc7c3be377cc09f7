package pack_test

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"sanad/internal/act"
	"sanad/internal/law/gate"
	"sanad/internal/law/protocol"
	"sanad/packs"
)

// Every embedded pack loads, says where it knows its law from, and lets nothing unverified be in force.
func TestEmbeddedPacks(t *testing.T) {
	t.Parallel()
	if len(packs.Names()) < 2 {
		t.Fatalf("embedded are %v", packs.Names())
	}
	for _, p := range embedded(t) {
		id := p.ID
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			if !act.IsCode(p.Version()) || !strings.HasPrefix(p.Version(), id+"@") || len(p.Version()) != len(id)+13 {
				t.Errorf("version is %s", p.Version())
			}
			law := p.Engine().Law()
			for i, text := range p.Texts {
				got := law.Texts[i].Standing(at("2026-06-01T00:00:00Z"), at("2026-06-01T00:00:00Z"))
				if (got == gate.InForce) != (text.Status == gate.InForce && text.Verified && text.To.IsZero()) {
					t.Errorf("text %s, %s, verified %v: worth %s", text.ID, text.Status, text.Verified, got)
				}
				if len(text.Source) == 0 {
					t.Errorf("text %s has no source", text.ID)
				}
			}
			for _, x := range p.Parameters {
				if len(x.Source) == 0 {
					t.Errorf("parameter %s has no source", x.ID)
				}
			}
			for holiday, source := range p.HolidaySources {
				if len(source) == 0 {
					t.Errorf("holiday %s has no source", holiday)
				}
			}
			for _, list := range p.Lists() {
				for _, w := range p.Words(list) {
					if !p.Has(list, w) || p.Has(list, w+"x") {
						t.Errorf("list %s does not close on %s", list, w)
					}
				}
			}
			for _, lang := range p.Languages {
				for key, text := range p.Messages(lang) {
					arabic := strings.ContainsFunc(text, func(c rune) bool { return c >= 0x600 && c < 0x700 })
					if (lang == "ar") != arabic && strings.ContainsFunc(text, unicode.IsLetter) {
						t.Errorf("%s: %s is worded %q", lang, key, text)
					}
				}
			}
		})
	}
}

// A step that imposes a measure asks a gate whether its law is in force, in every pack.
func TestMeasureAsksItsLaw(t *testing.T) {
	t.Parallel()
	for _, p := range embedded(t) {
		id := p.ID
		for _, x := range p.Protocols {
			for i := range x.Steps {
				s := &x.Steps[i]
				if s.Measure != nil && !slices.ContainsFunc(s.Gates, func(g string) bool { return asksLaw(p.Gate(g)) }) {
					t.Errorf("%s: step %s of %s imposes a measure and asks no gate about its law", id, s.ID, x.ID)
				}
			}
		}
	}
}

func asksLaw(g *gate.Gate) bool {
	asks := false
	g.Test.Walk(func(c *gate.Condition) { asks = asks || c.Op == gate.LawInForce })
	return asks
}

// What takes two signatures to make takes one to lift, and nothing that may fail stands before it: no gate, no text.
func TestLiftingNeedsLess(t *testing.T) {
	t.Parallel()
	lifted := 0
	for _, p := range embedded(t) {
		id := p.ID
		if p.Fictional && len(p.Parents) > 0 {
			continue // its steps are its parent's
		}
		for _, x := range p.Protocols {
			measures := map[string]bool{}
			for i := range x.Steps {
				measures[x.Steps[i].ID] = x.Steps[i].Measure != nil && x.Steps[i].Renews == "" // a renewal is lifted with what it prolongs
			}
			for i := range x.Steps {
				s := &x.Steps[i]
				if s.Lifts == "" {
					continue
				}
				lifted++
				delete(measures, s.Lifts)
				if s.Signatures != nil || len(s.Gates) > 0 {
					t.Errorf("%s: step %s of %s lifts %s and asks for signatures or gates", id, s.ID, x.ID, s.Lifts)
				}
			}
			for step, is := range measures {
				if is && x.Sort == "case" && p.ID != "xx" { // an invented fine may stand
					t.Errorf("%s: nothing lifts what step %s of %s imposes", id, step, x.ID)
				}
			}
		}
	}
	if lifted == 0 {
		t.Error("no pack lifts anything")
	}
}

// Who only coordinates proposes and publishes: no role of the list coordinators performs, decides or signs a measure.
func TestCoordinatorsDecideNothing(t *testing.T) {
	t.Parallel()
	for _, p := range embedded(t) {
		id := p.ID
		for _, role := range p.Words("coordinators") {
			if p.Role(role) == nil {
				t.Errorf("%s: no role %s", id, role)
			}
			for _, x := range p.Protocols {
				for i := range x.Steps {
					s := &x.Steps[i]
					signs := s.Signatures != nil && slices.Contains(s.Signatures.Roles, role) || s.Move == "sign" && slices.Contains(s.By, role)
					if signs || s.Decides == role || s.Measure != nil && slices.Contains(s.By, role) {
						t.Errorf("%s: %s has a say in step %s of %s", id, role, s.ID, x.ID)
					}
				}
			}
		}
	}
}

// A sheet of elements gathers and decides nothing: no gate asks what it says, it binds nobody, and neither it nor any other step or
// gate rests on the offences that are only proposed.
func TestNothingIsDecidedOnASheet(t *testing.T) {
	t.Parallel()
	const sheet = "elements.recorded"
	sheets, offences := 0, 0
	for _, p := range embedded(t) {
		said, proposed := map[string]bool{}, map[string]bool{}
		for _, f := range p.Facts {
			said[f.ID] = slices.Contains(f.SaidBy, sheet)
		}
		for _, x := range p.Texts {
			if proposed[x.ID] = strings.HasPrefix(x.ID, "offence-"); proposed[x.ID] {
				offences++
				if x.Status != gate.Proposed {
					t.Errorf("%s: %s is %s", p.ID, x.ID, x.Status)
				}
			}
		}
		for i := range p.Gates {
			g := &p.Gates[i]
			if proposed[g.Basis.Text] || slices.ContainsFunc(g.Facts(), func(f string) bool { return said[f] }) {
				t.Errorf("%s: gate %s asks what a sheet says, or rests on what is only proposed", p.ID, g.ID)
			}
		}
		for _, x := range p.Protocols {
			for i := range x.Steps {
				s := &x.Steps[i]
				if s.Kind == sheet {
					sheets++
				}
				if s.Kind == sheet && x.Coercive || slices.ContainsFunc(s.Basis, func(b gate.Basis) bool { return proposed[b.Text] }) {
					t.Errorf("%s: step %s of %s coerces, or rests on what is only proposed", p.ID, s.ID, x.ID)
				}
			}
		}
	}
	if sheets < 3 || offences < 3 {
		t.Errorf("%d steps keep a sheet, %d offences are proposed", sheets, offences)
	}
}

// No two steps of files of one sort are called the same in any language: a list of what may be done in a file would say one thing
// twice and mean two.
func TestStepsAreToldApart(t *testing.T) {
	t.Parallel()
	for _, p := range embedded(t) {
		for _, language := range p.Languages {
			called := map[string]string{}
			name := func(x *protocol.Protocol, id string) {
				text, _ := p.Message(language, "step."+x.ID+"."+id)
				key, at := x.Sort+" "+text, x.ID+" "+id
				if other := called[key]; other != "" && other != at {
					t.Errorf("%s, %s: %s and %s are both called %q", p.ID, language, other, at, text)
				}
				called[key] = at
			}
			for i := range p.Protocols {
				x := &p.Protocols[i]
				for j := range x.Steps {
					name(x, x.Steps[j].ID)
					for _, d := range x.Steps[j].Deadlines {
						name(x, d.Lapses)
					}
				}
			}
		}
	}
}
