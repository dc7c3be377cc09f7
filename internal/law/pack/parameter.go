package pack

import "slices"

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
	value := l.fixed[f.ref("parameter", "parameter")]
	if value == nil {
		return nil
	}
	here := *value
	here.place = n.place
	return &here
}

// count reads how many units of time a rule gives.
func (l *loader) count(f fields) int {
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
