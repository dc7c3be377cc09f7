package pack

import (
	"fmt"
	"net/url"
	"slices"

	"sanad/internal/act"
	"sanad/internal/law/gate"
	"sanad/internal/law/legaltime"
)

// overlay puts an item in the place of the one of the same name, or after all others.
func overlay[T any](list []T, item T, name func(*T) string) []T {
	for i := range list {
		if name(&list[i]) == name(&item) {
			list[i] = item
			return list
		}
	}
	return append(list, item)
}

// items reads a file that is one list under one key.
func (l *loader) items(n *node, key string) []*node {
	return l.fields(n, "the file", key).list(key)
}

func (l *loader) readLists(n *node) {
	for _, n := range l.items(n, "lists") {
		f := l.fields(n, "a list", "id", "words", "?part_of")
		list := List{f.code("id"), f.codes("words"), f.ref("part_of", "list")}
		if l.declare(f.at("id"), "list", list.ID) {
			continue
		}
		if slices.Contains([]string{"roles", "institutions", "steps", "rules", "clocks", "protocols", "transitions"}, list.ID) {
			l.add(f.at("id"), fmt.Sprintf("list %s is made by the program", list.ID), "another name")
		}
		for i, w := range list.Words {
			if list.PartOf != "" {
				l.refer(f.item("words", i), "word of list "+list.PartOf, w)
				continue
			}
			l.require(f.at("words"), "list."+list.ID+"."+w)
		}
		l.pack.lists = overlay(l.pack.lists, list, func(x *List) string { return x.ID })
	}
}

func (l *loader) readSources(n *node) {
	for _, n := range l.items(n, "sources") {
		f := l.fields(n, "a source", "id", "address")
		s := Source{f.code("id"), f.text("address")}
		if l.declare(f.at("id"), "source", s.ID) {
			continue
		}
		if u, err := url.Parse(s.Address); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
			l.add(f.at("address"), "address is no web address", "an address that starts with https:// or http://")
		}
		l.pack.Sources = overlay(l.pack.Sources, s, func(x *Source) string { return x.ID })
	}
}

func (l *loader) readTexts(n *node) {
	for _, n := range l.items(n, "texts") {
		f := l.fields(n, "a text", "id", "title", "status", "verified", "?in_force_from", "?in_force_to", "?known_from", "source", "?note")
		t := Text{
			ID: f.code("id"), Title: f.words("title"), Status: gate.Standing(f.word("status", standings...)), Verified: f.flag("verified"),
			From: f.date("in_force_from"), To: f.date("in_force_to"), Known: f.date("known_from"), Source: f.lines("source"), Note: f.text("note"),
		}
		if l.declare(f.at("id"), "text", t.ID) {
			continue
		}
		if t.Status == gate.InForce && t.Verified && t.From.IsZero() {
			l.add(f.at("verified"), "a verified text in force does not say since when", "in_force_from, or verified: false")
		}
		if !t.To.IsZero() && t.To < t.From {
			l.add(f.at("in_force_to"), "the text ends before it begins", "a date after in_force_from")
		}
		old := l.pack.Text(t.ID)
		if old != nil && !l.pack.Fictional && (old.Status != t.Status || old.Verified != t.Verified || old.From != t.From || old.To != t.To || old.Known != t.Known) {
			l.add(f.at("status"), fmt.Sprintf("this pack changes what text %s is worth", t.ID), "the parent's status, verified and dates, or fictional: true in pack.yaml")
		}
		l.pack.Texts = overlay(l.pack.Texts, t, func(x *Text) string { return x.ID })
	}
}

// lines reads a list of short texts saying where something was read. One without a space names a source.
func (f fields) lines(key string) []string {
	f.sees(key, &Schema{Type: "array", Items: &Schema{Type: "string", MinLength: 1, MaxLength: 400}})
	var out []string
	for _, n := range f.list(key) {
		if n == nil {
			continue
		}
		if n.form != formText || n.text == "" || len([]rune(n.text)) > 400 {
			f.r.add(n.place, key+" holds something that is no short text", "1 to 400 characters each")
			continue
		}
		if act.IsCode(n.text) {
			f.r.refer(n.place, "source", n.text)
		}
		out = append(out, n.text)
	}
	return out
}

func (l *loader) readCompartments(n *node) {
	for _, n := range l.items(n, "compartments") {
		f := l.fields(n, "a compartment", "id", "?public", "?secrecy")
		c := Compartment{f.code("id"), f.flag("public"), f.listed("secrecy", "secrecy")}
		if l.declare(f.at("id"), "compartment", c.ID) {
			continue
		}
		l.require(f.at("id"), "compartment."+c.ID)
		l.pack.Compartments = overlay(l.pack.Compartments, c, func(x *Compartment) string { return x.ID })
	}
}

// listed reads a word of a closed list.
func (f fields) listed(key, list string) string {
	w := f.code(key)
	if w != "" {
		f.r.refer(f.at(key), "word of list "+list, w)
	}
	return w
}

// listedAll reads distinct words of a closed list.
func (f fields) listedAll(key, list string) []string { return f.refs(key, "word of list "+list) }

func (l *loader) readInstitutions(n *node) {
	for _, n := range l.items(n, "institutions") {
		f := l.fields(n, "an institution", "id", "name", "competence", "?can", "?cannot", "secrecy", "?source")
		i := Institution{
			ID: f.code("id"), Name: f.words("name"), Competence: f.listedAll("competence", "competences"), Can: f.listedAll("can", "powers"),
			Cannot: f.listedAll("cannot", "powers"), Secrecy: f.listedAll("secrecy", "secrecy"), Source: f.lines("source"),
		}
		if l.declare(f.at("id"), "institution", i.ID) {
			continue
		}
		for _, w := range i.Can {
			if slices.Contains(i.Cannot, w) {
				l.add(f.at("cannot"), fmt.Sprintf("%s both can and cannot %s", i.ID, w), "one or the other")
			}
		}
		l.pack.Institutions = overlay(l.pack.Institutions, i, func(x *Institution) string { return x.ID })
	}
}

func (l *loader) readRoles(n *node) {
	for _, n := range l.items(n, "roles") {
		f := l.fields(n, "a role", "id", "held_by", "reads", "seats")
		r := Role{ID: f.code("id"), Held: l.holders(f), Reads: f.refs("reads", "compartment"), Seats: f.codes("seats")}
		if l.declare(f.at("id"), "role", r.ID) {
			continue
		}
		if f.has("seats") && len(r.Seats) == 0 {
			l.add(f.at("id"), fmt.Sprintf("nobody holds role %s", r.ID), "at least one seat")
		}
		for _, s := range f.list("seats") {
			if s != nil {
				l.declare(s.place, "seat", s.text)
			}
		}
		l.require(f.at("id"), "role."+r.ID)
		l.pack.Roles = overlay(l.pack.Roles, r, func(x *Role) string { return x.ID })
	}
}

// holders reads which institution holds a role: one for all variants, or one for each.
func (l *loader) holders(f fields) []Holder {
	n := f.node.get("held_by")
	if n == nil {
		return nil
	}
	if n.form != formMap {
		return []Holder{{"", f.ref("held_by", "institution")}}
	}
	var out []Holder
	for _, k := range n.keys {
		if !slices.Contains(l.pack.Variants, k.key) {
			l.add(k.place, fmt.Sprintf("variant %q is not declared", clip(k.key)), oneOf(l.pack.Variants))
			continue
		}
		held := l.code(k.value, "held_by")
		l.refer(at(k.value), "institution", held)
		out = append(out, Holder{k.key, held})
	}
	for _, v := range l.pack.Variants {
		if n.get(v) == nil {
			l.add(n.place, fmt.Sprintf("nobody holds the role under variant %s", v), "an institution for each variant")
		}
	}
	return out
}

func (l *loader) readRules(n *node) {
	modes := make([]string, 0, 9)
	for _, m := range legaltime.Modes() {
		modes = append(modes, string(m))
	}
	for _, n := range l.items(n, "rules") {
		f := l.fields(n, "a rule of time", "id", "count", "mode", "?round", "?roll", "?side", "?scope", "basis")
		r := Rule{Rule: legaltime.Rule{
			ID: f.code("id"), Count: l.count(f), Mode: legaltime.Mode(f.word("mode", modes...)), Round: legaltime.Round(f.word("round", "up", "down")),
			Roll: legaltime.Roll(f.word("roll", "next", "none")), Side: legaltime.Side(f.word("side", "right", "duty")), Scope: f.code("scope"),
		}, Basis: l.basis(f.node.get("basis"))}
		if l.declare(f.at("id"), "rule", r.ID) {
			continue
		}
		r.Rule.Basis = r.Basis.Text
		if r.Basis.Article != "" {
			r.Rule.Basis += ":" + r.Basis.Article
		}
		if r.Mode != "" && r.Count > 0 {
			err := r.Check()
			if err != nil {
				l.add(l.fieldAt(n, err), err.Error(), "a rule that can be computed")
				continue
			}
		}
		l.require(f.at("id"), "rule."+r.ID)
		l.pack.Rules = overlay(l.pack.Rules, r, func(x *Rule) string { return x.ID })
	}
}

// basis reads the place in the law on which something rests.
func (l *loader) basis(n *node) gate.Basis {
	if n == nil {
		return gate.Basis{}
	}
	f := l.fields(n, "a basis", "text", "?article")
	return gate.Basis{Text: f.ref("text", "text"), Article: f.code("article")}
}

func (l *loader) readRetention(n *node) {
	for _, n := range l.items(n, "retention") {
		f := l.fields(n, "a retention class", "class", "?rule", "?for_ever")
		r := Retention{Class: f.code("class"), Rule: f.ref("rule", "rule")}
		if l.declare(f.at("class"), "retention class", r.Class) {
			continue
		}
		if f.has("rule") == f.flag("for_ever") {
			l.add(f.at("class"), "the class says both or neither of how long and for ever", "rule, or for_ever: true")
		}
		l.require(f.at("class"), "retention."+r.Class)
		l.pack.Retention = overlay(l.pack.Retention, r, func(x *Retention) string { return x.Class })
	}
}

func (l *loader) readParameters(n *node) {
	var same []fields
	for _, n := range l.items(n, "parameters") {
		if n != nil && n.form == formMap && n.get("same_as") != nil {
			if when := n.get(keyWhen); when != nil && !l.applies(when) {
				l.mentions(n)
				l.reads(n.get("same_as").text)
				continue
			}
			same = append(same, l.fields(n, "a parameter that is another one", "id", "same_as", "?"+keyWhen))
			continue
		}
		f := l.fields(n, "a parameter", "id", "type", "value", "?unit", "?alternatives", "?list", "?refused", "provenance", "verified", "source", "?note")
		typ := act.Type(f.word("type", "bool", "int", "code", "codes", "date"))
		p := Parameter{
			ID: f.code("id"), Value: l.value(f.node.get("value"), typ), Unit: f.listed("unit", "units"), Provenance: f.listed("provenance", "provenance"),
			Verified: f.flag("verified"), Source: f.lines("source"), Note: f.text("note"),
		}
		for _, a := range f.list("alternatives") {
			p.Alternatives = append(p.Alternatives, l.value(a, typ))
		}
		l.choices(f, &p, typ)
		if l.declare(f.at("id"), "parameter", p.ID) {
			continue
		}
		if (typ == act.Int) != f.has("unit") {
			l.add(f.at("unit"), "a number, and only a number, has a unit", "unit where type is int")
		}
		l.require(f.at("id"), "parameter."+p.ID)
		l.pack.Parameters = overlay(l.pack.Parameters, p, func(x *Parameter) string { return x.ID })
	}
	for _, f := range same {
		l.same(f)
	}
}

// value reads a typed value.
func (l *loader) value(n *node, typ act.Type) act.Value {
	if n == nil || typ == "" {
		return act.Value{}
	}
	switch {
	case typ == act.Bool && n.form == formBool:
		return act.OfBool(n.num == 1)
	case typ == act.Int && n.form == formInt && n.num >= -act.MaxInt && n.num <= act.MaxInt:
		return act.OfInt(n.num)
	case typ == act.Code && (n.form == formText || n.form == formInt) && act.IsCode(n.text):
		return act.OfCode(n.text)
	case typ == act.Codes && n.form == formList:
		var codes []string
		for _, c := range n.list {
			codes = append(codes, l.code(c, "a word"))
		}
		return act.OfCodes(codes...)
	case typ == act.Date && n.form == formText:
		d, err := legaltime.ParseDate(n.text)
		if err == nil {
			return act.OfDate(d.Time())
		}
	}
	l.add(n.place, fmt.Sprintf("%q is no value of type %s", clip(n.text), typ), "a value of type "+string(typ))
	return act.Value{}
}
