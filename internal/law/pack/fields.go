package pack

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"sanad/internal/act"
	"sanad/internal/law/legaltime"
)

func sortedKeys(keys []entry) []int {
	order := make([]int, len(keys))
	for i := range order {
		order[i] = i
	}
	sort.Slice(order, func(i, j int) bool { return keys[order[i]].key < keys[order[j]].key })
	return order
}

// fields is one mapping whose keys are known. Reading a field of the wrong form reports it and returns the zero
// value, so that one pass over a pack finds everything.
type fields struct {
	r    *loader
	node *node
	what string
}

// fields checks the keys of a mapping: keys names those allowed, with ? before those that may be left out.
func (l *loader) fields(n *node, what string, keys ...string) fields {
	f := fields{l, n, what}
	l.shapes.open(n, what, keys)
	if n == nil || n.form != formMap {
		if n != nil {
			l.add(n.place, fmt.Sprintf("%s is %s", what, n.form), "a mapping with "+strings.Join(plain(keys), ", "))
		}
		f.node = &node{form: formMap, place: at(n)}
		f.what = ""
		return f
	}
	names := plain(keys)
	for _, k := range n.keys {
		if !slices.Contains(names, k.key) {
			l.add(k.place, fmt.Sprintf("%s has no key %q", what, clip(k.key)), oneOf(names))
		}
	}
	for _, k := range keys {
		if k[0] != '?' && n.get(k) == nil {
			l.add(n.place, fmt.Sprintf("%s has no %s", what, k), k)
		}
	}
	return f
}

func at(n *node) place {
	if n == nil {
		return place{}
	}
	return n.place
}

func plain(keys []string) []string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = strings.TrimPrefix(k, "?")
	}
	return out
}

func (f fields) has(key string) bool { return f.node.get(key) != nil }

// at returns the place of a field, of the mapping where the field is not there.
func (f fields) at(key string) place {
	if n := f.node.get(key); n != nil {
		return n.place
	}
	return f.node.place
}

func (f fields) want(key string, want form) *node {
	n := f.node.get(key)
	if n == nil {
		return nil
	}
	if n.form != want {
		f.r.add(n.place, fmt.Sprintf("%s is %s", key, n.form), want.String())
		return nil
	}
	return n
}

// text returns a line for people, at most 400 characters.
func (f fields) text(key string) string {
	f.sees(key, &Schema{Type: "string", MinLength: 1, MaxLength: 400})
	n := f.want(key, formText)
	if n == nil {
		return ""
	}
	if strings.TrimSpace(n.text) == "" || len([]rune(n.text)) > 400 {
		f.r.add(n.place, key+" is blank or too long", "1 to 400 characters")
	}
	return n.text
}

// maxName keeps names short enough to stand in codes made of several.
const maxName = 40

// code returns a name: a code of at most 40 characters. A number written without quotes is taken as its digits.
func (f fields) code(key string) string {
	f.sees(key, codeSchema())
	n := f.node.get(key)
	if n == nil {
		return ""
	}
	return f.r.code(n, key)
}

func (l *loader) code(n *node, what string) string {
	if n == nil {
		return ""
	}
	if n.form != formText && n.form != formInt || !act.IsCode(n.text) || len(n.text) > maxName {
		l.add(n.place, fmt.Sprintf("%s is not a code", what), fmt.Sprintf("1 to %d letters, digits and . _ @ : / + -", maxName))
		return ""
	}
	return n.text
}

// word returns one of a few words.
func (f fields) word(key string, allowed ...string) string {
	f.sees(key, &Schema{Enum: allowed})
	n := f.want(key, formText)
	if n == nil {
		return ""
	}
	if !slices.Contains(allowed, n.text) {
		f.r.add(n.place, fmt.Sprintf("%s can't be %q", key, clip(n.text)), oneOf(allowed))
		return ""
	}
	return n.text
}

func (f fields) num(key string, least, most int64) int {
	f.sees(key, &Schema{Type: "integer", Minimum: &least, Maximum: &most})
	n := f.want(key, formInt)
	if n == nil {
		return 0
	}
	if n.num < least || n.num > most {
		f.r.add(n.place, fmt.Sprintf("%s is %d", key, n.num), fmt.Sprintf("%d to %d", least, most))
		return int(least)
	}
	return int(n.num)
}

func (f fields) flag(key string) bool {
	f.sees(key, &Schema{Type: "boolean"})
	n := f.want(key, formBool)
	return n != nil && n.num == 1
}

func (f fields) date(key string) legaltime.Date {
	f.sees(key, &Schema{Type: "string", Pattern: `^[0-9]{4}-[0-9]{2}-[0-9]{2}$`})
	n := f.node.get(key)
	if n == nil {
		return 0
	}
	d, err := legaltime.ParseDate(n.text)
	if err != nil || n.form != formText {
		f.r.add(n.place, fmt.Sprintf("%s is no date", key), "a date like 2026-01-31")
		return 0
	}
	return d
}

// list returns the items of a list.
func (f fields) list(key string) []*node {
	f.sees(key, &Schema{Type: "array"})
	n := f.want(key, formList)
	if n == nil {
		return nil
	}
	return n.list
}

// codes returns a list of distinct names.
func (f fields) codes(key string) []string {
	f.sees(key, &Schema{Type: "array", Items: codeSchema(), Unique: true})
	var out []string
	for _, n := range f.list(key) {
		c := f.r.code(n, key)
		if c == "" {
			continue
		}
		if slices.Contains(out, c) {
			f.r.add(n.place, fmt.Sprintf("%s is there twice", c), "each once")
			continue
		}
		out = append(out, c)
	}
	return out
}

// ref returns a name that must be declared in the pack under that sort of thing.
func (f fields) ref(key, sort string) string {
	c := f.code(key)
	if c != "" {
		f.r.refer(f.at(key), sort, c)
	}
	return c
}

// refs returns names that must be declared in the pack.
func (f fields) refs(key, sort string) []string {
	for _, n := range f.list(key) {
		if n != nil && n.form == formText && act.IsCode(n.text) {
			f.r.refer(n.place, sort, n.text)
		}
	}
	return f.codes(key)
}

// words returns text in each of the pack's languages.
func (f fields) words(key string) map[string]string {
	f.sees(key, &Schema{Type: "object", Others: &Schema{Type: "string", MinLength: 1, MaxLength: 400}})
	n := f.want(key, formMap)
	if n == nil {
		return nil
	}
	out := map[string]string{}
	for _, k := range n.keys {
		if k.value == nil {
			continue
		}
		if k.value.form != formText || strings.TrimSpace(k.value.text) == "" || len([]rune(k.value.text)) > 400 {
			f.r.add(k.value.place, key+" is not a text", "1 to 400 characters in each language")
			continue
		}
		out[k.key] = k.value.text
	}
	f.r.spoken = append(f.r.spoken, spoken{n.place, key, out})
	return out
}

// item returns the place of an item of a list, of the list where there is no such item.
func (f fields) item(key string, i int) place {
	items := f.list(key)
	if i >= len(items) || items[i] == nil {
		return f.at(key)
	}
	return items[i].place
}
