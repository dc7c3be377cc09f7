package pack

import (
	"fmt"
	"slices"

	"sanad/internal/law/gate"
	"sanad/internal/law/protocol"
)

// maxSteps bounds one protocol.
const maxSteps = 64

// flow is a protocol with the places of its parts, to be checked once the whole pack is read.
type flow struct {
	place
	id      string
	version int
	endless bool // what it is about never ends, so that no step closes it
	steps   []place
	names   []usage // steps and lapses that must exist in it
	gates   [][]place
	clocks  []clockUse // what it does to clocks, checked once its deadlines are known
	validity
}

// usage is a name used within a protocol.
type usage struct {
	place
	name   string
	sort   string // step or event
	drafts bool   // it must be a draft step
}

func (l *loader) protocol(n *node) {
	f := l.fields(n, "a protocol", "id", "version", "applies_to", "?coercive", "?runs", "?permanent", "?in_force", "?known_from", "?renames", "?migrates", "steps")
	p := protocol.Protocol{
		ID: f.code("id"), Version: f.num("version", 1, 9999), Sort: f.code("applies_to"), Coercive: f.flag("coercive"),
		Many: f.word("runs", "one", "many") == "many",
	}
	if l.again(f, p.ID, p.Version) {
		return
	}
	l.require(f.at("id"), "protocol."+p.ID)
	w := flow{place: f.at("id"), id: p.ID, version: p.Version, endless: f.flag("permanent"), validity: l.validity(f)}
	p.Migrates = f.refs("migrates", "role")
	for _, n := range f.list("steps") {
		if n == nil {
			continue
		}
		p.Steps = append(p.Steps, l.step(n, &p, &w))
	}
	if len(p.Steps) == 0 || len(p.Steps) > maxSteps {
		l.add(f.at("steps"), fmt.Sprintf("the protocol has %d steps", len(p.Steps)), fmt.Sprintf("1 to %d steps", maxSteps))
	}
	for i := range l.flows {
		old := &l.flows[i]
		if old.id == p.ID && old.version >= p.Version && !l.here(old.place) {
			l.add(f.at("version"), fmt.Sprintf("protocol %s replaces version %d of the parent", p.ID, old.version), fmt.Sprintf("a version above %d, so that open procedures keep theirs", old.version))
			return
		}
	}
	l.flows = append(l.flows, w)
	l.pack.Protocols = append(l.pack.Protocols, p)
}

func (l *loader) step(n *node, p *protocol.Protocol, w *flow) protocol.Step {
	f := l.fields(n, "a step", "id", "emits", "by", "?decides", "?after", "?repeat", "?closes", "?deadlines", "?gates", "?basis", "?letter", "?served",
		"?remedy", "?publishes", "?handoff", "audience", "?signatures", "?draft", "?commits", "?measure", "?lifts", "?renews", "?notifies",
		"?suspends", "?resumes", "?extends", "?sets", "?elsewhere")
	s := protocol.Step{
		ID: f.code("id"), By: f.refs("by", "role"), Decides: f.ref("decides", "role"), Repeat: f.flag("repeat"), Closes: f.flag("closes"),
		Gates: f.refs("gates", "gate"), Letter: f.listed("letter", "letters"), Served: f.listed("served", "service"), Remedy: f.listed("remedy", "remedies"),
		Publishes: f.listed("publishes", "entries"), Handoff: f.ref("handoff", "role"), Commits: f.codes("commits"),
		Elsewhere: f.flag("elsewhere"),
	}
	if s.ID != "" {
		for _, old := range p.Steps {
			if old.ID == s.ID {
				l.add(f.at("id"), fmt.Sprintf("two steps of %s are called %s", p.ID, s.ID), "each name once")
			}
		}
	}
	if f.has("by") && len(s.By) == 0 {
		l.add(f.at("by"), fmt.Sprintf("nobody performs step %s", s.ID), "at least one role")
	}
	l.require(f.at("id"), "step."+p.ID+"."+s.ID)
	l.emits(f, &s)
	if s.Elsewhere && s.Move != "wait" {
		l.add(f.at("elsewhere"), fmt.Sprintf("step %s emits %s", s.ID, s.Kind), "wait: of any other kind the program says whether it may be told late")
	}
	l.after(f, &s, w)
	for _, b := range f.list("basis") {
		s.Basis = append(s.Basis, l.basis(b))
	}
	for _, d := range f.list("deadlines") {
		s.Deadlines = append(s.Deadlines, l.deadline(d, p, &s, w))
	}
	s.Audience = l.audience(f.node.get("audience"))
	l.signing(f, &s, w)
	l.measure(f, p, &s)
	l.renewal(f, p, &s, w)
	if f.has("lifts") {
		s.Lifts = f.code("lifts")
		w.names = append(w.names, usage{f.at("lifts"), s.Lifts, "step", false})
	}
	l.notifies(f, &s, w)
	l.sets(f, &s)
	l.time(f, &s, w)
	w.steps = append(w.steps, f.at("id"))
	var gates []place
	for _, g := range f.list("gates") {
		gates = append(gates, at(g))
	}
	w.gates = append(w.gates, gates)
	return s
}

func (l *loader) emits(f fields, s *protocol.Step) {
	word := f.code("emits")
	kind, builtin := protocol.Builtin(word)
	if builtin {
		s.Move, s.Kind = word, kind
		return
	}
	s.Kind = word
	if word != "" {
		l.emitted = append(l.emitted, reference{f.at("emits"), "kind", word})
	}
}

func (l *loader) after(f fields, s *protocol.Step, w *flow) {
	n := f.node.get("after")
	if n == nil {
		return
	}
	a := l.fields(n, "after", "?any_of", "?all_of", "?not")
	s.After = protocol.After{Any: a.codes("any_of"), All: a.codes("all_of"), None: a.codes("not")}
	for _, key := range []string{"any_of", "all_of", "not"} {
		for _, x := range a.list(key) {
			if x != nil {
				w.names = append(w.names, usage{x.place, x.text, "event", false})
			}
		}
	}
}

func (l *loader) deadline(n *node, p *protocol.Protocol, s *protocol.Step, w *flow) protocol.Deadline {
	f := l.fields(n, "a deadline", "name", "rule", "owner", "met_by", "lapses", "?starts", "?resumes")
	d := protocol.Deadline{Name: f.code("name"), Rule: f.ref("rule", "rule"), Owner: f.ref("owner", "role"), MetBy: f.codes("met_by"), Lapses: f.code("lapses")}
	if n == nil || n.form != formMap {
		return d
	}
	for _, x := range f.list("met_by") {
		if x != nil {
			w.names = append(w.names, usage{x.place, x.text, "step", false})
		}
	}
	if f.has("met_by") && len(d.MetBy) == 0 {
		l.add(f.at("met_by"), fmt.Sprintf("nothing meets deadline %s", d.Name), "at least one step")
	}
	for _, old := range s.Deadlines {
		if old.Rule == d.Rule || old.Name == d.Name {
			l.add(f.at("name"), fmt.Sprintf("two deadlines of step %s share the name %s or the rule %s", s.ID, d.Name, d.Rule), "each once")
		}
	}
	l.follows(f, &d, w)
	l.require(f.at("name"), "deadline."+p.ID+"."+d.Name)
	l.require(f.at("lapses"), "step."+p.ID+"."+d.Lapses)
	return d
}

func (l *loader) audience(n *node) protocol.Audience {
	if n == nil {
		return protocol.Audience{}
	}
	f := l.fields(n, "an audience", "compartments", "?add")
	a := protocol.Audience{Compartments: f.refs("compartments", "compartment")}
	if f.has("compartments") && len(a.Compartments) == 0 {
		l.add(f.at("compartments"), "an audience is empty", "at least one compartment")
	}
	if len(a.Compartments) > 1 {
		for _, id := range a.Compartments {
			if c := l.pack.Compartment(id); c != nil && c.Public {
				l.add(f.at("compartments"), fmt.Sprintf("compartment %s is public and stands beside others", id), "it alone, or the others")
			}
		}
	}
	for _, n := range f.list("add") {
		g := l.fields(n, "an added compartment", "compartment", "unless")
		b := conditions{l: l, gate: "audience", ids: map[string]bool{}, where: map[string]place{}}
		added := protocol.Added{Compartment: g.ref("compartment", "compartment")}
		if unless := g.node.get("unless"); unless != nil {
			added.Unless = b.read(unless, false)
		}
		a.Add = append(a.Add, added)
	}
	return a
}

func (l *loader) signing(f fields, s *protocol.Step, w *flow) {
	if n := f.node.get("signatures"); n != nil {
		g := l.fields(n, "signatures", "draft", "count", "roles")
		s.Signatures = &protocol.Signatures{Draft: g.code("draft"), Count: g.num("count", 1, 16), Roles: g.refs("roles", "role")}
		w.names = append(w.names, usage{g.at("draft"), s.Signatures.Draft, "step", true})
		if g.has("roles") && len(s.Signatures.Roles) == 0 {
			l.add(g.at("roles"), "nobody may sign", "at least one role")
		}
	}
	if f.has("draft") {
		s.Draft = f.code("draft")
		w.names = append(w.names, usage{f.at("draft"), s.Draft, "step", true})
	}
	if (s.Move == "sign") != f.has("draft") {
		l.add(f.at("id"), fmt.Sprintf("step %s: a step that signs, and only that, names a draft", s.ID), "draft where emits is sign")
	}
}

// measure reads what a step imposes. The words are enumerations of the program: a pack can't add to them.
func (l *loader) measure(f fields, p *protocol.Protocol, s *protocol.Step) {
	n := f.node.get("measure")
	if n == nil {
		return
	}
	g := l.fields(n, "a measure", "kind", "target", "executor")
	m := protocol.Measure{Kind: protocol.MeasureKind(g.code("kind")), Target: protocol.TargetKind(g.code("target")), Executor: protocol.Executor(g.code("executor"))}
	s.Measure = &m
	if err := protocol.CheckMeasureKind(string(m.Kind)); err != nil {
		l.add(g.at("kind"), err.Error(), oneOf(protocol.MeasureKinds()))
	} else if err := m.Check(); err != nil {
		l.add(g.at("target"), err.Error(), "a target and an executor this kind of measure can have")
	}
	if !p.Coercive {
		l.add(n.place, fmt.Sprintf("step %s imposes a measure in a protocol that is not coercive", s.ID), "coercive: true in the protocol")
	}
	l.binding(f, s)
}

// binding checks what no step that imposes a measure, or prolongs one, may lack.
func (l *loader) binding(f fields, s *protocol.Step) {
	for _, must := range []string{"basis", "gates", "remedy", "letter", "publishes", "signatures"} {
		if !f.has(must) {
			l.add(f.at("id"), fmt.Sprintf("step %s imposes a measure without %s", s.ID, must), must)
		}
	}
	if s.Signatures != nil && s.Signatures.Count < 2 {
		l.add(f.at("signatures"), "a measure is signed by one person", "count: 2 or more")
	}
	if s.Measure.Grave() && (s.Decides == "" || slices.Contains(s.By, s.Decides)) {
		l.add(f.at("id"), fmt.Sprintf("step %s is decided by those who perform it", s.ID), "decides, with the role of a court or of an authority as independent")
	}
}

// usesGate reports the steps and lapses that a gate names.
func (l *loader) usesGate(g *gate.Gate) map[string]place { return l.steps[g.ID] }
