package pack

import (
	"fmt"
	"slices"
)

// fix notes the values of a layer's parameters before anything is read. Layers come here from the outermost inwards, so that
// an overlay's value stands before its parent's wherever a rule or a gate takes its number from the parameter.
func (l *loader) fix(file *node) {
	if file == nil || file.form != formMap {
		return
	}
	items := file.get("parameters")
	if items == nil {
		return
	}
	for _, n := range items.list {
		if n == nil || n.form != formMap || n.get("id") == nil || n.get("value") == nil {
			continue
		}
		id := n.get("id").text
		l.offer(id, n)
		if l.fixed[id] == nil {
			l.fixed[id] = n.get("value")
		}
	}
}

// given returns a value as it stands, or that of the parameter it names with {parameter: ID}: a number of the law stands
// once, with where it comes from. It is nil where there is no such parameter, which is told.
func (l *loader) given(n *node) *node {
	if n == nil || n.form != formMap {
		return n
	}
	f := l.fields(n, "a value", "parameter")
	id := f.ref("parameter", "parameter")
	l.reads(id)
	value := l.fixed[id]
	if value == nil {
		l.unfixed = append(l.unfixed, reference{n.place, "parameter", id})
		return nil
	}
	here := *value
	here.place = n.place
	return &here
}

// same reads a parameter that is another one under a second name, so that its value stands once. Whatever an overlay makes of the
// other, this one follows.
func (l *loader) same(f fields) {
	p := Parameter{ID: f.code("id"), SameAs: f.ref("same_as", "parameter")}
	if l.declare(f.at("id"), "parameter", p.ID) {
		return
	}
	l.require(f.at("id"), "parameter."+p.ID)
	l.pack.Parameters = overlay(l.pack.Parameters, p, func(x *Parameter) string { return x.ID })
}

// follow gives every parameter that is another one what that one is, once all layers are read.
func (l *loader) follow() {
	for _, r := range l.unfixed {
		if _, there := l.declared["parameter"][r.name]; there {
			l.add(r.place, fmt.Sprintf("parameter %s is another one under a second name", r.name), "the parameter that has the value")
		}
	}
	for i := range l.pack.Parameters {
		p := &l.pack.Parameters[i]
		if p.SameAs == "" {
			continue
		}
		other := l.pack.Parameter(p.SameAs)
		switch {
		case other == nil: // told as undeclared
		case other.SameAs != "":
			l.add(l.declared["parameter"][p.ID], fmt.Sprintf("parameter %s is the same as %s, which is itself another one", p.ID, other.ID), "a parameter with a value")
		default:
			was := *other
			was.ID, was.SameAs = p.ID, other.ID
			*p = was
		}
	}
}

// count reads how many units of time a rule gives: so many, those of a parameter, or those of two together.
func (l *loader) count(f fields) int {
	if n := f.node.get("count"); n != nil && n.form == formList {
		return l.together(f, n)
	}
	n := l.given(f.node.get("count"))
	if n == nil && f.has("count") {
		return 1 // the parameter is told as missing
	}
	keys := slices.DeleteFunc(slices.Clone(f.node.keys), func(e entry) bool { return e.key == "count" })
	if n != nil {
		keys = append(keys, entry{n.place, "count", n})
	}
	return fields{l, &node{place: f.node.place, form: formMap, keys: keys}, f.what}.num("count", 1, 1_000_000)
}

// together reads a count that is made of several, each a number or a parameter's: two times of the law that follow each other.
func (l *loader) together(f fields, n *node) int {
	total := int64(0)
	for _, part := range n.list {
		x := l.given(part)
		switch {
		case x == nil: // the parameter is told as missing
		case x.form != formInt || x.num < 1:
			l.add(x.place, "count holds "+x.form.String(), "whole numbers, or parameters that are")
		default:
			total += x.num
		}
	}
	keys := slices.DeleteFunc(slices.Clone(f.node.keys), func(e entry) bool { return e.key == "count" })
	keys = append(keys, entry{n.place, "count", &node{place: n.place, form: formInt, num: total}})
	return fields{l, &node{place: f.node.place, form: formMap, keys: keys}, f.what}.num("count", 1, 1_000_000)
}
