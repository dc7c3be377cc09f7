package pack

import (
	"fmt"
	"slices"
	"strings"

	"sanad/internal/act"
	"sanad/internal/law/protocol"
)

// check looks at the pack as a whole: that every name is declared, worded, known to the catalogue, and that every
// protocol can be walked to its end.
func (l *loader) check() {
	if len(l.pack.Languages) == 0 {
		return // said already
	}
	l.makeLists()
	l.checkVersions()
	l.follow()
	l.checkRules()
	l.checkRefs()
	l.sayParameters()
	l.checkOthers()
	l.checkMessages()
	l.checkRead()
	l.checkKinds()
	l.checkEntries()
	for i := range l.flows {
		l.checkFlow(&l.flows[i])
	}
}

// makeLists adds the lists the program itself closes facts with.
func (l *loader) makeLists() {
	p := l.pack
	roles, institutions, steps, rules := List{ID: "roles"}, List{ID: "institutions"}, List{ID: "steps"}, List{ID: "rules"}
	for i := range p.Rules {
		rules.Words = append(rules.Words, p.Rules[i].ID)
	}
	for i := range p.Roles {
		roles.Words = append(roles.Words, p.Roles[i].ID)
	}
	for i := range p.Institutions {
		institutions.Words = append(institutions.Words, p.Institutions[i].ID)
	}
	for i := range p.Protocols {
		for j := range p.Protocols[i].Steps {
			steps.Words = append(steps.Words, p.Protocols[i].Steps[j].ID)
		}
	}
	slices.Sort(steps.Words)
	steps.Words = slices.Compact(steps.Words)
	protocols := List{ID: protocol.ListProtocols, Words: []string{}}
	for i := range p.Protocols {
		if id := p.Protocols[i].ID; !slices.Contains(protocols.Words, id) {
			protocols.Words = append(protocols.Words, id)
		}
	}
	p.lists = append(p.lists, roles, institutions, steps, rules, clocksOf(p.Protocols), protocols)
}

func (l *loader) checkRefs() {
	for _, r := range l.refs {
		if list, ok := strings.CutPrefix(r.sort, "word of list "); ok {
			words := l.pack.words(list)
			if words == nil && list != "" && l.missing(list) {
				continue
			}
			if !slices.Contains(words, r.name) {
				l.add(r.place, fmt.Sprintf("%q is no word of the list %s", r.name, list), oneOf(words))
			}
			continue
		}
		if r.sort == "list" && l.pack.words(r.name) != nil {
			continue
		}
		if _, ok := l.declared[r.sort][r.name]; !ok {
			l.add(r.place, fmt.Sprintf("%s %q is not declared", r.sort, r.name), oneOf(sortedNames(l.declared[r.sort])))
		}
	}
}

// checkOthers finds gates that ask for a step which the protocol they name does not have.
func (l *loader) checkOthers() {
	for _, x := range l.others {
		var steps []string
		for i := range l.pack.Protocols {
			if p := &l.pack.Protocols[i]; p.ID == x.protocol {
				for j := range p.Steps {
					steps = append(steps, p.Steps[j].ID)
				}
			}
		}
		if steps != nil && x.step != "" && !slices.Contains(steps, x.step) {
			l.add(x.place, fmt.Sprintf("protocol %s has no step %q", x.protocol, x.step), oneOf(steps))
		}
	}
}

// missing reports whether a list is told as undeclared where it is named, so that its words need not be.
func (l *loader) missing(list string) bool {
	return slices.ContainsFunc(l.refs, func(r reference) bool { return r.sort == "list" && r.name == list })
}

// checkKinds holds the pack against the kinds of act the program knows.
func (l *loader) checkKinds() {
	if l.kinds == nil {
		return
	}
	var kinds []string
	for _, s := range l.kinds.All() {
		if len(kinds) == 0 || kinds[len(kinds)-1] != s.Kind {
			kinds = append(kinds, s.Kind)
		}
		l.checkSchema(s)
	}
	for _, e := range l.emitted {
		if _, ok := l.kinds.Latest(e.name); !ok {
			l.add(e.place, fmt.Sprintf("kind of act %q is not one this program knows", e.name), oneOf(kinds))
		} else if act.IsMachine(e.name) {
			l.add(e.place, fmt.Sprintf("only a machine emits %s", e.name), "a kind of act that people do")
		} else if e.name == protocol.KindMigrated {
			l.add(e.place, fmt.Sprintf("%s is done in any procedure and is no step of one", e.name), "roles under migrates instead")
		}
	}
	l.checkSayings()
	for _, s := range l.said {
		schema, ok := l.kinds.Latest(s.kind)
		if !ok {
			l.add(s.place, fmt.Sprintf("kind of act %q is not one this program knows", s.kind), oneOf(kinds))
			continue
		}
		i := slices.IndexFunc(schema.Facts, func(f act.FactSchema) bool { return f.Name == s.fact.ID })
		if i < 0 || schema.Facts[i].Type != s.fact.Type {
			l.add(s.place, fmt.Sprintf("%s does not say a fact %s of type %s", s.kind, s.fact.ID, s.fact.Type), oneOf(factsOf(schema)))
		}
	}
	for i := range l.pack.Protocols {
		p := &l.pack.Protocols[i]
		for j := range p.Steps {
			s, ok := l.kinds.Latest(p.Steps[j].Kind)
			w := slices.IndexFunc(l.flows, func(w flow) bool { return w.id == p.ID && w.version == p.Version })
			if ok && w >= 0 && !slices.Contains(s.Of, p.Sort) {
				l.add(l.flows[w].steps[j], fmt.Sprintf("%s does not belong to files of sort %s", s.Kind, p.Sort), oneOf(s.Of))
			}
		}
	}
}

// checkSchema asks whether the pack closes every open list and keeps every class that a kind in use needs.
func (l *loader) checkSchema(s act.Schema) {
	used := slices.ContainsFunc(l.pack.Protocols, func(p protocol.Protocol) bool {
		return slices.ContainsFunc(p.Steps, func(x protocol.Step) bool { return x.Kind == s.Kind })
	})
	if !used {
		return
	}
	for _, f := range s.Facts {
		if f.List != "" && f.Required && l.pack.words(f.List) == nil {
			l.add(place{file: l.pack.ID + "/lists.yaml"}, fmt.Sprintf("list %s, which closes fact %s of %s, is not declared", f.List, f.Name, s.Kind), "a list "+f.List)
		}
	}
	if !slices.ContainsFunc(l.pack.Retention, func(r Retention) bool { return r.Class == s.Retention }) {
		l.add(place{file: l.pack.ID + "/retention.yaml"}, fmt.Sprintf("retention class %s of %s is not declared", s.Retention, s.Kind), "a class "+s.Retention)
	}
}

func factsOf(s act.Schema) []string {
	var out []string
	for _, f := range s.Facts {
		out = append(out, fmt.Sprintf("%s (%s)", f.Name, f.Type))
	}
	return out
}

// checkFlow checks one protocol: its names, and that it can be walked.
func (l *loader) checkFlow(w *flow) {
	p := find(l.pack.Protocols, func(p *protocol.Protocol) bool { return p.ID == w.id && p.Version == w.version })
	if p == nil {
		return
	}
	lapses := map[string]bool{}
	for i := range p.Steps {
		for _, d := range p.Steps[i].Deadlines {
			if p.Step(d.Lapses) != nil {
				l.add(w.steps[i], fmt.Sprintf("lapse %s has the name of a step", d.Lapses), "another name")
			}
			if lapses[d.Lapses] {
				l.add(w.steps[i], fmt.Sprintf("two deadlines of %s lapse as %s", p.ID, d.Lapses), "a name for each")
			}
			lapses[d.Lapses] = true
		}
	}
	problems := len(l.list)
	for _, n := range w.names {
		step := p.Step(n.name)
		switch {
		case n.drafts && (step == nil || step.Move != "draft"):
			l.add(n.place, fmt.Sprintf("%q is no draft step of %s", clip(n.name), p.ID), oneOf(draftSteps(p)))
		case step == nil && !(n.sort == "event" && lapses[n.name]):
			l.add(n.place, fmt.Sprintf("%s has no step %q", p.ID, clip(n.name)), oneOf(stepNames(p)))
		}
	}
	l.checkClocks(p, w)
	l.checkRenewals(p, w)
	l.checkNotifications(p, w)
	for i := range p.Steps {
		for j, id := range p.Steps[i].Gates {
			l.checkGateSteps(p, id, lapses, w.gates[i], j)
		}
	}
	if len(l.list) == problems {
		l.walk(p, w)
	}
}

// checkGateSteps checks that a gate's steps exist in the protocol that asks it.
func (l *loader) checkGateSteps(p *protocol.Protocol, id string, lapses map[string]bool, places []place, j int) {
	g := l.pack.Gate(id)
	if g == nil || j >= len(places) {
		return
	}
	for _, name := range sortedNames(l.usesGate(g)) {
		if p.Step(name) == nil && !lapses[name] {
			l.add(places[j], fmt.Sprintf("gate %s asks for step %q, which %s does not have", id, name, p.ID), oneOf(stepNames(p)))
		}
	}
}

func stepNames(p *protocol.Protocol) []string {
	var out []string
	for i := range p.Steps {
		out = append(out, p.Steps[i].ID)
	}
	return out
}

func draftSteps(p *protocol.Protocol) []string {
	var out []string
	for i := range p.Steps {
		if p.Steps[i].Move == "draft" {
			out = append(out, p.Steps[i].ID)
		}
	}
	return out
}
