package pack

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"sanad/internal/act"
)

// keyWhen marks an item of a list that stands there only under one choice of a parameter, or some.
const keyWhen = "when"

// choosing are the files of a pack in which an item of a list may be for a choice alone, besides protocols.
var choosing = []string{"gates.yaml", "rules.yaml", "letters.yaml"}

// under returns a file as it stands under the pack's parameters.
func (l *loader) under(file string, n *node) *node {
	if slices.Contains(choosing, file) || strings.HasPrefix(file, "protocols/") {
		return l.chosen(n)
	}
	return n
}

// chosen returns a file as it stands under the pack's parameters: items of lists that are for another choice are left out. What it
// is given stays as it was written, for the digest.
func (l *loader) chosen(n *node) *node {
	if n == nil {
		return nil
	}
	out := *n
	switch n.form {
	case formMap:
		out.keys = slices.Clone(n.keys)
		for i := range out.keys {
			out.keys[i].value = l.chosen(out.keys[i].value)
		}
	case formList:
		out.list = nil
		for _, item := range n.list {
			if item == nil || item.form != formMap || item.get(keyWhen) == nil {
				out.list = append(out.list, l.chosen(item))
				continue
			}
			if l.applies(item.get(keyWhen)) {
				item = l.chosen(item)
				item.keys = slices.DeleteFunc(item.keys, func(e entry) bool { return e.key == keyWhen })
				out.list = append(out.list, item)
				continue
			}
			l.mentions(item)
		}
	default: // a scalar stands as it is
	}
	return &out
}

// mentions notes the parameters that an item takes something from which does not stand under this choice, and would under another.
func (l *loader) mentions(n *node) {
	if n == nil {
		return
	}
	for _, k := range n.keys {
		if k.key == "parameter" && k.value != nil && k.value.form == formText {
			l.reads(k.value.text)
		}
		l.mentions(k.value)
	}
	for _, item := range n.list {
		l.mentions(item)
	}
}

// applies reports whether a parameter has the value, or one of those, that an item of a list is for; where it is for the choices of
// several, whether all have. A choice that the parameter does not offer is told: what is for it could never stand.
func (l *loader) applies(n *node) bool {
	if n != nil && n.form == formList {
		all := len(n.list) > 0
		for _, one := range n.list {
			all = l.applies(one) && all
		}
		return all
	}
	f := l.fields(n, aChoice, "parameter", "is")
	id := f.ref("parameter", "parameter")
	l.reads(id)
	is := f.node.get("is")
	if id == "" || is == nil {
		return l.shapes != nil
	}
	wanted := []*node{is}
	if is.form == formList {
		wanted = is.list
	}
	value := l.fixed[id]
	if value == nil {
		l.unfixed = append(l.unfixed, reference{f.at("parameter"), "parameter", id})
		return l.shapes != nil
	}
	found := false
	for _, w := range wanted {
		if w == nil {
			continue
		}
		if !slices.Contains(l.offers[id], w.text) {
			l.add(w.place, fmt.Sprintf("parameter %s is never %q", id, clip(w.text)), oneOf(l.offers[id]))
		}
		found = found || w.form == value.form && w.text == value.text
	}
	return found || l.shapes != nil // who describes files sees every item
}

// offer notes what a parameter may be, as it is written: its value and the alternatives, in every layer that says some.
func (l *loader) offer(id string, item *node) {
	all := []*node{item.get("value")}
	if other := item.get("alternatives"); other != nil {
		all = append(all, other.list...)
	}
	for _, v := range all {
		if v != nil && v.text != "" && !slices.Contains(l.offers[id], v.text) {
			l.offers[id] = append(l.offers[id], v.text)
		}
	}
}

// reads notes that something depends on a parameter.
func (l *loader) reads(id string) { l.taken[id] = true }

// checkRead refuses a parameter that nothing reads: whoever changes it would think that something changed. Read is what a rule, a
// gate, a message or an item of a list takes from it, what the desks ask for by its name, and what has a second name that is read.
func (l *loader) checkRead() {
	for again := true; again; {
		again = false
		for i := range l.pack.Parameters {
			p := &l.pack.Parameters[i]
			if p.SameAs != "" && (l.taken[p.ID] || l.asked(p.ID)) && !l.taken[p.SameAs] {
				l.taken[p.SameAs], again = true, true
			}
		}
	}
	for i := range l.pack.Parameters {
		id := l.pack.Parameters[i].ID
		if !l.taken[id] && !l.asked(id) {
			l.add(l.declared["parameter"][id], fmt.Sprintf("parameter %s is read by nothing", id),
				"a rule, a gate, a message or an item with when that takes it, or no such parameter")
		}
	}
}

// asked reports whether desks look for a parameter by its name. A rung's parameters are those of a step, or of a word of the ladder.
func (l *loader) asked(id string) bool {
	if slices.Contains([]string{"threshold-users", "threshold-metric", "request-identifiers", "request-preserved", "request-confidential", "failures-within"}, id) {
		return true
	}
	rung, ok := strings.CutPrefix(id, "rung-")
	if !ok {
		return false
	}
	for _, end := range []string{"-amount", "-longest"} {
		if step, ok := strings.CutSuffix(rung, end); ok && (slices.Contains(l.pack.words("steps"), step) || slices.Contains(l.pack.words("rungs"), step)) {
			return true
		}
	}
	return false
}

// choices reads what a parameter's value and alternatives are words of, and which of them this program can't carry out.
func (l *loader) choices(f fields, p *Parameter, typ act.Type) {
	if f.has("list") {
		p.List = f.ref("list", "list")
		if typ != act.Code && typ != "" {
			l.add(f.at("list"), fmt.Sprintf("a parameter of type %s has no list", typ), "list where type is code")
			return
		}
		for _, n := range append([]*node{f.node.get("value")}, f.list("alternatives")...) {
			if n != nil {
				l.refer(n.place, "word of list "+p.List, n.text)
			}
		}
	}
	for _, n := range f.list("refused") {
		v := l.value(n, typ)
		if !slices.ContainsFunc(append(slices.Clone(p.Alternatives), p.Value), v.Equal) {
			l.add(at(n), fmt.Sprintf("parameter %s offers no such choice", p.ID), "one of its alternatives")
			continue
		}
		p.Refused = append(p.Refused, v)
		l.reads(p.ID)
		if v.Equal(p.Value) {
			l.add(f.at("value"), fmt.Sprintf("parameter %s is %q, for which this program has no words", p.ID, f.node.get("value").text), "a choice that is not among refused")
		}
	}
}

// spokenValue is where a message says what a parameter is: [=ID].
var spokenValue = regexp.MustCompile(`\[=([A-Za-z0-9._-]+)\]`)

// sayParameters puts into messages what parameters are, so that a letter says the number that the law holds: digits, or the wording
// of a word in its list.
func (l *loader) sayParameters() {
	for _, language := range sortedNames(l.pack.messages) {
		texts := l.pack.messages[language]
		for _, key := range sortedNames(texts) {
			if !strings.Contains(texts[key], "[=") {
				continue
			}
			texts[key] = spokenValue.ReplaceAllStringFunc(texts[key], func(found string) string {
				id := spokenValue.FindStringSubmatch(found)[1]
				p, at := l.pack.Parameter(id), l.messages[language][key]
				l.reads(id)
				switch {
				case p == nil:
					l.add(at, fmt.Sprintf("message %s says parameter %q, which is not declared", key, id), oneOf(sortedNames(l.declared["parameter"])))
				case p.Value.Type() == act.Int:
					return strconv.FormatInt(p.Value.Int(), 10)
				case p.List != "":
					return texts["list."+p.List+"."+p.Value.Code()]
				default:
					l.add(at, fmt.Sprintf("message %s says parameter %s, which is neither a number nor a word of a list", key, id), "a parameter of type int, or of type code with a list")
				}
				return found
			})
		}
	}
}
