package pack

import (
	"fmt"
	"slices"

	"sanad/internal/act"
	"sanad/internal/law/gate"
)

func (l *loader) readGates(n *node) {
	top := l.fields(n, "the file", "?facts", "?gates")
	for _, n := range top.list("facts") {
		l.readFact(n)
	}
	for _, n := range top.list("gates") {
		l.readGate(n)
	}
}

func (l *loader) readFact(n *node) {
	f := l.fields(n, "a fact", "id", "type", "?list", "?said_by", "?outside", "?of_run", "?since")
	fact := Fact{
		ID: f.code("id"), Type: act.Type(f.word("type", "bool", "int", "code", "codes", "date", "at", "id", "ids")), List: f.ref("list", "list"),
		SaidBy: f.codes("said_by"), Outside: f.flag("outside"), OfRun: f.flag("of_run"), Since: f.word("since", "measure") != "",
	}
	if l.declare(f.at("id"), "fact", fact.ID) {
		return
	}
	coded := fact.Type == act.Code || fact.Type == act.Codes
	if fact.Type != "" && coded != f.has("list") {
		l.add(f.at("id"), fmt.Sprintf("fact %s is of type %s; a coded fact, and only that, has a closed list", fact.ID, fact.Type), "list where type is code or codes")
	}
	if fact.Outside == (len(fact.SaidBy) > 0) {
		l.add(f.at("id"), fmt.Sprintf("it is not clear who says fact %s", fact.ID), "said_by with kinds of act, or outside: true")
	}
	if fact.Outside && fact.Since {
		l.add(f.at("since"), fmt.Sprintf("fact %s comes from outside and is said for one measure", fact.ID), "one of outside and since")
	}
	if fact.Outside && fact.OfRun {
		l.add(f.at("of_run"), fmt.Sprintf("fact %s comes from outside and counts in one procedure", fact.ID), "one of outside and of_run")
	}
	for _, k := range f.list("said_by") {
		if k != nil {
			l.said = append(l.said, saying{k.place, fact, k.text})
		}
	}
	l.require(f.at("id"), "fact."+fact.ID)
	l.pack.Facts = overlay(l.pack.Facts, fact, func(x *Fact) string { return x.ID })
}

// saying is the claim that a kind of act says a fact, to be held against the catalogue.
type saying struct {
	place
	fact Fact
	kind string
}

func (l *loader) readGate(n *node) {
	f := l.fields(n, "a gate", "id", "version", "basis", "test")
	g := gate.Gate{ID: f.code("id"), Version: f.num("version", 1, 9999), Basis: l.basis(f.node.get("basis"))}
	if l.declare(f.at("id"), "gate", g.ID) {
		return
	}
	b := conditions{l: l, gate: g.ID, ids: map[string]bool{}, where: map[string]place{}}
	if test := f.node.get("test"); test != nil {
		g.Test = b.read(test, true)
	}
	if asks := len(g.Facts()); asks > 48 {
		l.add(f.at("test"), fmt.Sprintf("the gate asks %d facts", asks), "at most 48")
	}
	old := l.pack.Gate(g.ID)
	if old != nil && g.Version <= old.Version {
		l.add(f.at("version"), fmt.Sprintf("gate %s replaces version %d of the parent", g.ID, old.Version), fmt.Sprintf("a version above %d, so that acts tell the two apart", old.Version))
	}
	l.require(f.at("id"), "gate."+g.ID)
	l.steps[g.ID] = b.where
	l.pack.Gates = overlay(l.pack.Gates, g, func(x *gate.Gate) string { return x.ID })
}

// conditions reads the tree of one gate, or of one audience rule.
type conditions struct {
	l     *loader
	gate  string
	ids   map[string]bool
	where map[string]place // of the steps and drafts it names
}

// read reads one condition. named is true while a failure below is told under its own name, so that a name must
// be there.
func (b *conditions) read(n *node, named bool) gate.Condition {
	l := b.l
	if n == nil {
		return gate.Condition{}
	}
	if n.form != formMap {
		l.add(n.place, "a condition is "+n.form.String(), "a mapping with one of "+fmt.Sprint(gate.Ops()))
		return gate.Condition{}
	}
	l.shapes.open(n, aCondition, nil)
	c := gate.Condition{}
	var body *node
	for _, k := range n.keys {
		if k.key == "id" {
			c.ID = l.code(k.value, "id")
			continue
		}
		op, ok := gate.ParseOp(k.key)
		switch {
		case !ok:
			l.add(k.place, fmt.Sprintf("a condition has no form %q", clip(k.key)), oneOf(gate.Ops()))
		case c.Op != 0:
			l.add(k.place, fmt.Sprintf("a condition has two forms, %s and %s", c.Op, op), "one form; put the other into all")
		default:
			c.Op, body = op, k.value
		}
	}
	if c.Op == 0 || body == nil {
		if c.Op == 0 {
			l.add(n.place, "a condition says nothing", oneOf(gate.Ops()))
		}
		return c
	}
	b.name(n, &c, named)
	b.form(body, &c, named)
	return c
}

// name checks that whatever may decide has a name of its own, and that it is worded.
func (b *conditions) name(n *node, c *gate.Condition, named bool) {
	switch {
	case !named && c.ID != "":
		b.l.add(n.place, fmt.Sprintf("condition %s stands below any, not or a named all, where only the whole is told", c.ID), "no id here")
	case named && c.ID == "" && c.Op != gate.All:
		b.l.add(n.place, "the condition has no id, so that nobody could be told what is missing", "id")
	case c.ID != "" && b.ids[c.ID]:
		b.l.add(n.place, fmt.Sprintf("two conditions of gate %s are called %s", b.gate, c.ID), "each name once")
	case c.ID == gate.Open:
		b.l.add(n.place, "a condition can't be called open", "another name")
	case c.ID != "":
		b.l.require(n.place, "gate."+b.gate+"."+c.ID)
	}
	b.ids[c.ID] = true
}

func (b *conditions) form(n *node, c *gate.Condition, named bool) {
	l := b.l
	switch c.Op {
	case gate.All, gate.Any:
		if n.form != formList || len(n.list) == 0 {
			l.add(n.place, fmt.Sprintf("%s holds no conditions", c.Op), "a list of conditions")
			return
		}
		for _, x := range n.list {
			c.Of = append(c.Of, b.read(x, named && c.Op == gate.All && c.ID == ""))
		}
	case gate.Not:
		inner := b.read(n, false)
		if inner.Op == gate.Known {
			l.add(n.place, "nothing opens because something is not known", "a fact that says so")
		}
		c.Of = []gate.Condition{inner}
	case gate.Known:
		c.Fact = b.fact(n)
	case gate.Eq, gate.Ne, gate.Ge, gate.Le:
		f := l.fields(n, c.Op.String(), "fact", "to")
		c.Fact = b.fact(f.node.get("fact"))
		typ := l.factType(c.Fact)
		if (c.Op == gate.Ge || c.Op == gate.Le) && typ != act.Int && typ != "" {
			l.add(f.at("fact"), fmt.Sprintf("fact %s is of type %s", c.Fact, typ), "a fact of type int; for times use before")
			return
		}
		c.Value = l.value(l.given(f.node.get("to")), typ)
		if typ == act.Code && c.Value.Code() != "" {
			l.refer(f.at("to"), "word of list "+l.factList(c.Fact), c.Value.Code())
		}
	case gate.In:
		f := l.fields(n, "in", "fact", "?words", "?list")
		c.Fact = b.fact(f.node.get("fact"), act.Code, act.Codes)
		c.Words = f.refs("words", "word of list "+l.factList(c.Fact))
		if f.has("list") {
			name := f.ref("list", "list")
			c.Words = append(c.Words, l.pack.words(name)...)
		}
		if f.has("words") == f.has("list") {
			l.add(n.place, "in needs either words or a list", "words, or the name of a list")
		}
	case gate.Has:
		f := l.fields(n, "has", "fact", "word")
		c.Fact = b.fact(f.node.get("fact"), act.Codes)
		c.Words = []string{f.listed("word", l.factList(c.Fact))}
	case gate.Nowhere:
		f := l.fields(n, "nowhere", "fact", "word")
		c.Fact = b.fact(f.node.get("fact"), act.Code)
		c.Words = []string{f.listed("word", l.factList(c.Fact))}
	case gate.Elsewhere:
		b.elsewhere(n, c)
	case gate.Before:
		f := l.fields(n, "before", "fact", "?than")
		c.Fact = b.fact(f.node.get("fact"), act.Date, act.At)
		if f.has("than") {
			c.Other = b.fact(f.node.get("than"), act.Date, act.At)
		}
	case gate.LawInForce:
		f := l.fields(n, "law_in_force", "?text", "?article", "?on")
		c.Text, c.Article = f.ref("text", "text"), f.code("article")
		for _, x := range f.list("on") {
			c.On = append(c.On, b.fact(x, act.Date, act.At))
		}
	case gate.Done:
		c.Step = b.step(n)
	case gate.Signed:
		f := l.fields(n, "signed", "step", "count")
		c.Step, c.Count = b.step(f.node.get("step")), f.num("count", 1, 16)
	case gate.Elapsed:
		f := l.fields(n, "elapsed", "rule", "?since_fact", "?since_step")
		c.Rule = f.ref("rule", "rule")
		if f.has("since_fact") == f.has("since_step") {
			l.add(n.place, "elapsed needs one start", "since_fact or since_step")
		}
		c.Fact, c.Step = b.fact(f.node.get("since_fact"), act.Date, act.At), b.step(f.node.get("since_step"))
	}
}

// elsewhere reads what is looked for in procedures of another protocol. Whether that has the step is checked once all are read.
func (b *conditions) elsewhere(n *node, c *gate.Condition) {
	f := b.l.fields(n, "elsewhere", "protocol", "step", "?same", "?until")
	c.There.Protocol, c.There.Step = f.ref("protocol", "protocol"), f.code("step")
	for _, x := range f.list("same") {
		c.On = append(c.On, b.fact(x))
	}
	c.There.Until = b.fact(f.node.get("until"), act.Date, act.At)
	b.l.others = append(b.l.others, otherStep{f.at("step"), c.There.Protocol, c.There.Step})
}

// fact reads the name of a declared fact, of one of some types when any are given.
func (b *conditions) fact(n *node, types ...act.Type) string {
	if n == nil {
		return ""
	}
	name := b.l.code(n, "the name of a fact")
	if name == "" {
		return ""
	}
	b.l.refer(n.place, "fact", name)
	typ := b.l.factType(name)
	if typ != "" && len(types) > 0 && !slices.Contains(types, typ) {
		b.l.add(n.place, fmt.Sprintf("fact %s is of type %s", name, typ), fmt.Sprintf("a fact of type %v", types))
	}
	return name
}

// step reads the name of a step or lapse; whether each protocol that asks the gate has it is checked later.
func (b *conditions) step(n *node) string {
	if n == nil {
		return ""
	}
	name := b.l.code(n, "the name of a step")
	if name != "" {
		b.where[name] = n.place
	}
	return name
}

func (l *loader) factType(name string) act.Type {
	f := find(l.pack.Facts, func(f *Fact) bool { return f.ID == name })
	if f == nil {
		return ""
	}
	return f.Type
}

func (l *loader) factList(name string) string {
	f := find(l.pack.Facts, func(f *Fact) bool { return f.ID == name })
	if f == nil {
		return ""
	}
	return f.List
}
