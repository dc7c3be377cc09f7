package cases

import (
	"slices"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

// The kinds of act that gather what a file is made of and decide nothing.
const (
	// KindElements lays evidence, which it cites, against the elements of one qualification: which of them it shows, and how far
	// things went. It is no finding: no gate can ask what it says.
	KindElements = "elements.recorded"
	// KindIndicator is one figure of an indicator on one day, with what it is out of. It counts, and names nobody.
	KindIndicator = "indicator.measured"
	// KindPosition is one side's position on one topic of a dialogue, in words. It orders nothing.
	KindPosition = "position.recorded"
)

// Facts of elements.recorded, and the lists that close them. A pack may say which of them belong to one qualification, in lists
// called as these with _QUALIFICATION behind.
const (
	factQualification = "qualification"
	factElements      = "elements"
	factStage         = "stage"
	listElements      = "elements"
	listStages        = "stages"
)

// sheets declares the acts that gather.
func sheets() []act.Schema {
	of := []string{Sort}
	kind := func(name string, facts ...act.FactSchema) act.Schema {
		return act.Schema{Kind: name, Version: 1, Of: of, Purpose: "kind." + name, Basis: act.BasisProtocol, Retention: "procedure", Body: true, Facts: facts}
	}
	return []act.Schema{
		kind(
			KindElements,
			act.FactSchema{Name: factQualification, Type: act.Code, List: "qualifications", Required: true},
			act.FactSchema{Name: factElements, Type: act.Codes, List: listElements, Required: true},
			act.FactSchema{Name: factStage, Type: act.Code, List: listStages},
		),
		kind(
			KindIndicator,
			act.FactSchema{Name: "indicator", Type: act.Code, List: "indicators", Required: true},
			act.FactSchema{Name: "figure", Type: act.Int, Required: true},
			act.FactSchema{Name: "out_of", Type: act.Int},
			act.FactSchema{Name: "measured_on", Type: act.Date, Required: true},
		),
		act.Elsewhere(kind(
			KindPosition,
			act.FactSchema{Name: "topic", Type: act.Code, List: "topics", Required: true},
			act.FactSchema{Name: "side", Type: act.Code, List: "sides", Required: true},
		)),
	}
}

// elements decides a sheet: what it names belongs to its qualification, where the pack says what does.
func elements(words func(list string) []string) clerk.Decide {
	return func(_ *protocol.State, cmd *clerk.Command, _ act.Instant) ([]act.Act, error) {
		a := cmd.Act
		a.Kind = KindElements
		of, _ := a.Facts.Get(factQualification)
		named, _ := a.Facts.Get(factElements)
		stage, staged := a.Facts.Get(factStage)
		wrong := fault.Invalid.New("case.elements")
		own := words(listElements + "_" + of.Code())
		if own != nil && slices.ContainsFunc(named.Codes(), func(w string) bool { return !slices.Contains(own, w) }) {
			wrong = wrong.At("fact."+factElements, "case.elements.other", nil)
		}
		// A stage is for qualifications that the pack gives stages to.
		if staged && stage.Code() != "" && !slices.Contains(words(listStages+"_"+of.Code()), stage.Code()) {
			wrong = wrong.At("fact."+factStage, "case.elements.stage", nil)
		}
		if len(wrong.Fields) > 0 {
			return nil, wrong
		}
		return []act.Act{a}, nil
	}
}

// count decides a figure: none is below zero, nor above what it is out of.
func count(_ *protocol.State, cmd *clerk.Command, _ act.Instant) ([]act.Act, error) {
	a := cmd.Act
	a.Kind = KindIndicator
	figure, _ := a.Facts.Get("figure")
	all, said := a.Facts.Get("out_of")
	if figure.Int() < 0 || said && figure.Int() > all.Int() {
		return nil, fault.Invalid.New("case.figure").At("fact.figure", "case.figure", nil)
	}
	return []act.Act{a}, nil
}
