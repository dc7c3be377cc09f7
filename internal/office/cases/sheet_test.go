package cases

import (
	"testing"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/office/clerk"
)

// A sheet names the elements and stages of its qualification and no other's; a figure is part of what it is out of.
func TestSheets(t *testing.T) {
	t.Parallel()
	words := map[string][]string{"elements_lure": {"mask", "gift"}, "stages_lure": {"first", "last"}}
	decide := Deciders(nil, func(list string) []string { return words[list] })
	code, codes, number := act.OfCode, act.OfCodes, act.OfInt
	for _, c := range []struct {
		name, kind string
		facts      map[string]act.Value
		wrong      string // the field that is
	}{
		{"its own", KindElements, map[string]act.Value{"qualification": code("lure"), "elements": codes("gift", "mask"), "stage": code("first")}, ""},
		{"no stage", KindElements, map[string]act.Value{"qualification": code("lure"), "elements": codes("mask")}, ""},
		{"another's element", KindElements, map[string]act.Value{"qualification": code("lure"), "elements": codes("mask", "odd")}, "fact.elements"},
		{"another's stage", KindElements, map[string]act.Value{"qualification": code("lure"), "elements": codes("mask"), "stage": code("middle")}, "fact.stage"},
		{"no stages at all", KindElements, map[string]act.Value{"qualification": code("neglect"), "elements": codes("odd"), "stage": code("first")}, "fact.stage"},
		{"a qualification that says nothing of its elements", KindElements, map[string]act.Value{"qualification": code("neglect"), "elements": codes("odd")}, ""},
		{"a part", KindIndicator, map[string]act.Value{"indicator": code("lines"), "figure": number(3), "out_of": number(4)}, ""},
		{"a number alone", KindIndicator, map[string]act.Value{"indicator": code("lines"), "figure": number(3)}, ""},
		{"more than all", KindIndicator, map[string]act.Value{"indicator": code("lines"), "figure": number(5), "out_of": number(4)}, "fact.figure"},
		{"less than none", KindIndicator, map[string]act.Value{"indicator": code("lines"), "figure": number(-1)}, "fact.figure"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cmd := clerk.Command{}
			cmd.Act.Facts = act.NewFacts(c.facts)
			acts, err := decide[c.kind](nil, &cmd, 0)
			if c.wrong == "" {
				if err != nil || len(acts) != 1 || acts[0].Kind != c.kind {
					t.Fatalf("%v, %v", acts, err)
				}
				return
			}
			if fault.CodeOf(err) != fault.Invalid || len(fault.Of(err).Fields) != 1 || fault.Of(err).Fields[0].Name != c.wrong {
				t.Fatal(err)
			}
		})
	}
}
