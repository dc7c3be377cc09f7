package pack

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"sanad/internal/law/gate"
	"sanad/internal/law/protocol"
)

// SchemaDraft is the version of JSON Schema that files of a pack are described in: the one every editor's YAML support reads.
const SchemaDraft = "http://json-schema.org/draft-07/schema#"

// Schema is a JSON Schema, as far as files of a pack need it.
type Schema struct {
	Draft       string             `json:"$schema,omitempty"`
	Title       string             `json:"title,omitempty"`
	Ref         string             `json:"$ref,omitempty"`
	Type        any                `json:"type,omitempty"` // a word, or several
	Enum        []string           `json:"enum,omitempty"`
	Pattern     string             `json:"pattern,omitempty"`
	MinLength   int                `json:"minLength,omitempty"`
	MaxLength   int                `json:"maxLength,omitempty"`
	Minimum     *int64             `json:"minimum,omitempty"`
	Maximum     *int64             `json:"maximum,omitempty"`
	Items       *Schema            `json:"items,omitempty"`
	MinItems    int                `json:"minItems,omitempty"`
	MaxItems    int                `json:"maxItems,omitempty"`
	Unique      bool               `json:"uniqueItems,omitempty"`
	Properties  map[string]*Schema `json:"properties,omitempty"`
	Required    []string           `json:"required,omitempty"`
	Others      any                `json:"additionalProperties,omitempty"` // false, or the schema of every other key
	OneOf       []*Schema          `json:"oneOf,omitempty"`
	AnyOf       []*Schema          `json:"anyOf,omitempty"`
	Definitions map[string]*Schema `json:"definitions,omitempty"`
}

// Schemas describes every file of a pack, by the name of the schema: pack, lists, …, protocol, messages. They are made by
// watching the loader read the packs that are given, so that what it asks of a file is what the schema says. Each sort of thing a
// pack may hold must be there in one of them. A pack that does not load is read as far as it goes.
func Schemas(packs map[string]fs.FS) map[string]*Schema {
	seen := &shapes{of: map[string]*shape{}, is: map[*node]string{}}
	for _, name := range slices.Sorted(maps.Keys(packs)) {
		l := newLoader(func(id string) (fs.FS, error) {
			if packs[id] == nil {
				return nil, fs.ErrNotExist
			}
			return packs[id], nil
		}, nil)
		l.shapes = seen
		l.layer(packs[name], name, nil)
	}
	seen.link()
	out := map[string]*Schema{"messages": {Type: "object", Others: &Schema{Type: "string", MinLength: 1, MaxLength: 2000}}}
	for _, s := range sections {
		out[strings.TrimSuffix(s.file, ".yaml")] = seen.schema("the file " + s.file)
	}
	out["calendar"], out["pack"], out["protocol"] = seen.schema("a calendar"), seen.schema("a pack"), &Schema{AnyOf: []*Schema{refTo("a protocol"), {Type: "array", Items: refTo("a protocol"), MinItems: 1}}}
	for name, s := range out {
		s.Draft, s.Title = SchemaDraft, "A pack's "+name
		s.Definitions = seen.defined(s)
	}
	return out
}

// SchemaOf names the schema of a file of a pack, by its path in the pack's folder; "" where no part of a pack is called that.
func SchemaOf(file string) string {
	switch {
	case !known(file):
		return ""
	case strings.HasPrefix(file, "protocols/"):
		return "protocol"
	case strings.HasPrefix(file, "messages/"):
		return "messages"
	}
	return strings.TrimSuffix(file, ".yaml")
}

// shapes is what the loader was seen to read, by what it calls it.
type shapes struct {
	of map[string]*shape
	is map[*node]string // what each mapping was read as
}

// shape is one sort of mapping.
type shape struct {
	keys     []string // with ? before those that may be left out
	read     map[string]*Schema
	mappings map[string][]string // of each key, what the mappings there were read as
	items    map[string][]string // of each key, what the mappings of the list there were read as
}

func nameOf(n *node, what string) string {
	if what != "the file" {
		return what
	}
	_, file, _ := strings.Cut(n.file, "/")
	return what + " " + file
}

func (s *shapes) open(n *node, what string, keys []string) {
	if s == nil || n == nil || n.form != formMap {
		return
	}
	what = nameOf(n, what)
	s.is[n] = what
	if s.of[what] == nil {
		s.of[what] = &shape{keys, map[string]*Schema{}, map[string][]string{}, map[string][]string{}}
	}
}

// sees notes as what a key is read. What says more stands before what says less.
func (f fields) sees(key string, as *Schema) {
	s := f.r.shapes
	if s == nil || f.what == "" {
		return
	}
	x := s.of[nameOf(f.node, f.what)]
	if x == nil {
		return
	}
	old := x.read[key]
	if old == nil || old.Items == nil && as.Items != nil {
		x.read[key] = as
	}
}

// link finds out what lies in what.
func (s *shapes) link() {
	add := func(to map[string][]string, key, what string) {
		if what != "" && !slices.Contains(to[key], what) {
			to[key] = append(to[key], what)
			slices.Sort(to[key])
		}
	}
	for n, what := range s.is {
		x := s.of[what]
		for _, k := range n.keys {
			if k.value == nil || x == nil {
				continue
			}
			add(x.mappings, k.key, s.is[k.value])
			for _, item := range k.value.list {
				add(x.items, k.key, s.is[item])
			}
		}
	}
}

const (
	aCondition = "a condition"
	aCode      = "a code"
	aChoice    = "a choice"
	aSetting   = "a setting"
)

// conditional is what may stand in a list under a choice alone.
var conditional = []string{aCondition, "a fact", "a gate", "a rule of time", "a letter", "a remedy", "a protocol", "a step", "a deadline", aSetting}

// choiceSchema is what an item says of when it stands.
func choiceSchema() *Schema {
	return &Schema{AnyOf: []*Schema{refTo(aChoice), {Type: "array", Items: refTo(aChoice), MinItems: 1}}}
}

func codeSchema() *Schema { return refTo(aCode) }

// schema is that of one sort of mapping.
func (s *shapes) schema(what string) *Schema {
	x := s.of[what]
	if x == nil {
		return &Schema{}
	}
	out := &Schema{Type: "object", Properties: map[string]*Schema{}, Others: false}
	for _, key := range x.keys {
		name := strings.TrimPrefix(key, "?")
		if name == key {
			out.Required = append(out.Required, key)
		}
		out.Properties[name] = s.property(what, x, name)
	}
	return out
}

func (s *shapes) property(what string, x *shape, key string) *Schema {
	if special := specials()[what+"."+key]; special != nil {
		return special
	}
	read := x.read[key]
	switch {
	case len(x.items[key]) > 0:
		return &Schema{Type: "array", Items: anyOf(x.items[key])}
	case len(x.mappings[key]) > 0:
		return anyOf(x.mappings[key])
	case read != nil:
		return read
	}
	return &Schema{}
}

func anyOf(whats []string) *Schema {
	if len(whats) == 1 {
		return refTo(whats[0])
	}
	var out []*Schema
	for _, w := range whats {
		out = append(out, refTo(w))
	}
	return &Schema{AnyOf: out}
}

func refTo(what string) *Schema {
	return &Schema{Ref: "#/definitions/" + strings.ReplaceAll(what, " ", "_")}
}

// defined are the definitions a schema needs, and those that they need.
func (s *shapes) defined(top *Schema) map[string]*Schema {
	all := map[string]*Schema{}
	for what := range s.of {
		all[what] = s.schema(what)
	}
	all[aCondition] = s.condition()
	for _, what := range conditional {
		if x := all[what]; x != nil && x.Properties != nil && s.of[aChoice] != nil {
			x.Properties[keyWhen] = choiceSchema()
		}
	}
	all[aCode] = &Schema{Type: []string{"string", "integer"}, Pattern: fmt.Sprintf("^[A-Za-z0-9._@:/+-]{1,%d}$", maxName)} // digits may stand without quotes
	need := map[string]*Schema{}
	var walk func(*Schema)
	walk = func(x *Schema) {
		if x == nil {
			return
		}
		if name, is := strings.CutPrefix(x.Ref, "#/definitions/"); is && need[name] == nil {
			need[name] = all[strings.ReplaceAll(name, "_", " ")]
			walk(need[name])
		}
		walk(x.Items)
		for _, k := range x.Properties {
			walk(k)
		}
		for _, o := range append(slices.Clone(x.OneOf), x.AnyOf...) {
			walk(o)
		}
		if o, is := x.Others.(*Schema); is {
			walk(o)
		}
	}
	walk(top)
	return need
}

// condition is a gate's tree: one form, and a name where it may decide.
func (s *shapes) condition() *Schema {
	out := &Schema{Type: "object", Properties: map[string]*Schema{"id": codeSchema()}, Others: false}
	for _, word := range gate.Ops() {
		op, _ := gate.ParseOp(word)
		form := s.schema(word)
		switch op {
		case gate.All, gate.Any:
			form = &Schema{Type: "array", Items: refTo(aCondition), MinItems: 1}
		case gate.Not:
			form = refTo(aCondition)
		case gate.Known, gate.Done:
			form = codeSchema()
		}
		out.Properties[word] = form
		out.OneOf = append(out.OneOf, &Schema{Required: []string{word}})
	}
	return out
}

// specials are what the loader reads with more than one look.
func specials() map[string]*Schema {
	scalar := []string{"string", "integer", "boolean", "array"}
	given := &Schema{AnyOf: []*Schema{{Type: scalar}, refTo("a value")}}
	least, most := int64(1), int64(1_000_000)
	whole := &Schema{Type: "integer", Minimum: &least, Maximum: &most}
	words := func(words []string) *Schema {
		return &Schema{Type: "array", Items: &Schema{Enum: words}, Unique: true}
	}
	out := map[string]*Schema{
		"a rule of time.count":                 {AnyOf: []*Schema{whole, refTo("a value"), {Type: "array", Items: &Schema{AnyOf: []*Schema{whole, refTo("a value")}}, MinItems: 2}}},
		"a choice.is":                          {AnyOf: []*Schema{{Type: []string{"string", "integer", "boolean"}}, {Type: "array", Items: &Schema{Type: []string{"string", "integer", "boolean"}}, MinItems: 1}}},
		"a parameter that is another one.when": choiceSchema(),
		"a parameter.refused":                  {Type: "array", Items: &Schema{Type: scalar}},
		"a role.held_by":                       {AnyOf: []*Schema{codeSchema(), {Type: "object", Others: codeSchema()}}},
		"a parameter.value":                    {Type: scalar},
		"a parameter.alternatives":             {Type: "array", Items: &Schema{Type: scalar}},
		"a letter.requires":                    words(LetterFields()),
		"a measure.kind":                       {Enum: protocol.MeasureKinds()},
		"law_in_force.on":                      {Type: "array", Items: codeSchema()},
		"elsewhere.same":                       {Type: "array", Items: codeSchema()},
		"a protocol.renames":                   {Type: "object", Others: codeSchema()},
		"a step.sets":                          {AnyOf: []*Schema{{Type: "object", Others: codeSchema()}, {Type: "array", Items: refTo(aSetting)}}},
		"a state.since":                        happenings(),
		"a state.until":                        happenings(),
		"a happening.is":                       {Type: "array", Items: &Schema{Type: []string{"string", "boolean"}}, MinItems: 1},
		"a protocol.steps":                     {Type: "array", Items: refTo("a step"), MinItems: 1, MaxItems: maxSteps},
	}
	for _, op := range gate.Ops() {
		for _, key := range []string{"fact", "than", "step", "since_fact", "since_step", "protocol", "until"} {
			out[op+"."+key] = codeSchema()
		}
		out[op+".to"] = given
	}
	return out
}

// happenings are acts by their kind alone, or with more said of them.
func happenings() *Schema {
	return &Schema{Type: "array", Items: &Schema{AnyOf: []*Schema{codeSchema(), refTo("a happening")}}, MinItems: 1}
}

// JSON writes a schema for people and editors.
func (s *Schema) JSON() []byte {
	b, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		panic("a schema holds words, numbers and lists: " + err.Error()) // types of this file only
	}
	return append(b, '\n')
}
