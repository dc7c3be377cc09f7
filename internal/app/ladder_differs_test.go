package app

import (
	"maps"
	"slices"
	"strconv"
	"testing"

	"sanad/internal/desk/request"
	"sanad/internal/desk/sanction"
	"sanad/internal/law/pack"
	"sanad/internal/law/protocol"
	"sanad/packs"
)

// traits are the names a country gives to what it asks platforms and to what it decides against them, and the order of both.
type traits struct {
	steps, roles, rules, letters, gates map[string]bool
	times                               map[string]bool // what a clock waits for, its length and its mode
	order                               []string        // kinds of measure, in the order of the list rungs
	asked                               []string        // kinds of act of a request, in the order of its steps
}

func traitsOf(p *pack.Pack) traits {
	t := traits{
		steps: map[string]bool{}, roles: map[string]bool{}, rules: map[string]bool{}, letters: map[string]bool{}, gates: map[string]bool{}, times: map[string]bool{},
	}
	kinds := map[string]string{}
	for i := range p.Protocols {
		x := &p.Protocols[i]
		asks := slices.ContainsFunc(x.Steps, func(s protocol.Step) bool { return s.Kind == request.KindPrepared })
		decides := slices.ContainsFunc(x.Steps, func(s protocol.Step) bool { return s.Kind == sanction.KindDecided })
		for j := range x.Steps {
			s := &x.Steps[j]
			if s.Measure != nil {
				kinds[s.ID] = string(s.Measure.Kind)
			}
			if !asks && !decides {
				continue
			}
			if asks {
				t.asked = append(t.asked, s.Kind)
			}
			t.steps[s.ID] = true
			if s.Letter != "" {
				t.letters[s.Letter] = true
			}
			for _, g := range s.Gates {
				t.gates[g] = true
			}
			for _, role := range s.By {
				t.roles[role] = true
			}
			for _, d := range s.Deadlines {
				t.rules[d.Rule] = true
				r := p.Rule(d.Rule)
				for _, met := range d.MetBy {
					t.times["for "+x.Step(met).Kind+": "+strconv.Itoa(r.Count)+" "+string(r.Mode)] = true
				}
			}
		}
	}
	for _, word := range p.Words("rungs") {
		if kinds[word] != "" {
			t.order = append(t.order, kinds[word])
		}
	}
	return t
}

// The invented country shares with any other neither step, role, clock, letter, gate nor order of what it asks of platforms and
// decides against them: the same program runs both, so that it can rest on none of them.
func TestCountriesDiffer(t *testing.T) {
	t.Parallel()
	ours := traitsOf(lawsOf(t, "xx")[0])
	if len(ours.steps) < 40 || len(ours.order) != 5 {
		t.Fatalf("%d steps, rungs %v", len(ours.steps), ours.order)
	}
	for _, id := range packs.Names() {
		if id == "xx" {
			continue
		}
		theirs := traitsOf(lawsOf(t, id)[0])
		if len(theirs.steps) < 20 {
			t.Errorf("%s: only %d steps ask or decide", id, len(theirs.steps))
		}
		for what, sets := range map[string][2]map[string]bool{
			"step": {ours.steps, theirs.steps}, "role": {ours.roles, theirs.roles}, "rule of time": {ours.rules, theirs.rules},
			"length of time": {ours.times, theirs.times}, "letter": {ours.letters, theirs.letters}, "gate": {ours.gates, theirs.gates},
		} {
			for _, name := range slices.Sorted(maps.Keys(sets[0])) {
				if sets[1][name] {
					t.Errorf("%s has the %s %s, too", id, what, name)
				}
			}
		}
		if slices.Equal(ours.order, theirs.order) || slices.Equal(ours.asked, theirs.asked) {
			t.Errorf("%s has the same order: %v, %v", id, theirs.order, theirs.asked)
		}
	}
}
