package console_test

import (
	"context"
	"strings"

	"sanad/internal/act"
	"sanad/internal/desk/console"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/web"
)

// Two platforms that no file stands for: a picker's answers are its own business.
var (
	meadow  = act.ID{1, 2, 3}
	longest = act.ID{4, 5, 6}
)

const longName = "Prairie des jeux sans fin, édition internationale réservée aux familles nombreuses — مرج الألعاب الذي لا ينتهي"

func platforms(context.Context, act.ID, act.ID) ([]web.Pick, error) {
	return []web.Pick{{Value: meadow.String(), Name: "Meadow"}, {Value: longest.String(), Name: longName}}, nil
}

func platformNames(_ context.Context, _ act.ID, files []act.ID) (map[act.ID]string, error) {
	out := map[act.ID]string{}
	for _, id := range files {
		switch id {
		case meadow:
			out[id] = "Meadow"
		case longest:
			out[id] = longName
		}
	}
	return out, nil
}

func trialForm() console.Form {
	return console.Form{
		Body: []web.Ask{
			{Name: "reasons.fr", Key: "file.body", Shape: web.Area, Required: true},
			{Name: "identifiers", Key: "case.choose", Shape: web.Lines, Required: true, Max: 40},
			{Name: "failures", Key: "file.body", Shape: web.Digits},
		},
		Fills: []string{"obligation"},
		Prepare: func(_ context.Context, ask console.Asking, a *act.Act) (any, []fault.Field, error) {
			if strings.Contains(string(a.Body), "forbidden") {
				return nil, []fault.Field{{Name: "body.identifiers", Key: "file.part.number"}}, nil
			}
			facts := map[string]act.Value{"obligation": act.OfCode("answer")}
			for _, f := range a.Facts {
				facts[f.Name] = f.Value
			}
			a.Facts = act.NewFacts(facts)
			return nil, nil, nil
		},
	}
}
