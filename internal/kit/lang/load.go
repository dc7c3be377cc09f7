package lang

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// maxFile bounds one file of messages, in bytes.
const maxFile = 1 << 20

// Messages are the wordings of every language. They are never changed once built: layers make new ones.
type Messages struct {
	tables  map[Lang]map[string]*message
	trouble func(Trouble)
	unknown *atomic.Uint64
}

// Trouble is a message that could not be worded as asked, noticed when it was shown.
type Trouble struct {
	Lang Lang
	Key  string
	What string
}

// Load reads LANGUAGE.yaml and LANGUAGE.ROOM.yaml for every language it finds at the top of files. The error lists everything wrong, each
// with its file, line and column.
func Load(files fs.FS) (*Messages, error) {
	m := &Messages{tables: map[Lang]map[string]*message{}, unknown: new(atomic.Uint64)}
	return m.With(files)
}

// With lays a pack's files over these messages: keys it words again are its own. It may not use an argument that
// the message it replaces does not have, for nobody would fill it.
func (m *Messages) With(files fs.FS) (*Messages, error) {
	names, err := fs.Glob(files, "*.yaml")
	if err != nil {
		return nil, err
	}
	var wrong []error
	layer := map[Lang]map[string]*message{}
	for _, name := range names {
		code, _, _ := strings.Cut(path.Base(name), ".")
		l := Lang(code)
		if l.speech().code != l {
			wrong = append(wrong, fmt.Errorf("%s: no language of that code: expected one of %s", name, codes()))
			continue
		}
		b, err := fs.ReadFile(files, name)
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		table, errs := parse(name, l, b)
		wrong = append(wrong, errs...)
		if layer[l] == nil {
			layer[l] = map[string]*message{}
		}
		for _, key := range slices.Sorted(maps.Keys(table)) {
			if layer[l][key] != nil {
				wrong = append(wrong, fmt.Errorf("%s: %s is worded in another file of %s, too: expected each key once", name, key, l))
			}
			layer[l][key] = table[key]
		}
	}
	return m.over(layer, wrong)
}

// WithWords lays words that were read elsewhere over these messages, as With does; place says where from in errors.
func (m *Messages) WithWords(place string, words map[Lang]map[string]string) (*Messages, error) {
	var wrong []error
	layer := map[Lang]map[string]*message{}
	for _, l := range slices.Sorted(maps.Keys(words)) {
		if l.speech().code != l {
			wrong = append(wrong, fmt.Errorf("%s: no language %q: expected one of %s", place, l, codes()))
			continue
		}
		table := map[string]*message{}
		for _, key := range slices.Sorted(maps.Keys(words[l])) {
			t, err := cut(words[l][key])
			switch {
			case err != nil:
				wrong = append(wrong, fmt.Errorf("%s: %s in %s: %w", place, key, l, err))
			case !isKey(key):
				wrong = append(wrong, fmt.Errorf("%s: %q in %s is no key: expected words joined by dots", place, key, l))
			default:
				table[key] = &message{place: place, one: t}
			}
		}
		layer[l] = table
	}
	return m.over(layer, wrong)
}

// Report returns the same messages with somebody to tell of every trouble: a test fails, a server counts.
func (m *Messages) Report(f func(Trouble)) *Messages {
	out := *m
	out.trouble = f
	return &out
}

// Unknown returns how many times a message could not be worded as asked, since these messages or those below
// them were loaded.
func (m *Messages) Unknown() uint64 { return m.unknown.Load() }

func (m *Messages) report(t Trouble) {
	m.unknown.Add(1)
	if m.trouble != nil {
		m.trouble(t)
	}
}

// over lays a layer over these messages; wrong is what reading the layer found already.
func (m *Messages) over(layer map[Lang]map[string]*message, wrong []error) (*Messages, error) {
	out := *m
	out.tables = map[Lang]map[string]*message{}
	for _, l := range All() {
		table := maps.Clone(m.tables[l])
		if table == nil {
			table = map[string]*message{}
		}
		for _, key := range slices.Sorted(maps.Keys(layer[l])) {
			now := layer[l][key]
			if before := table[key]; before != nil {
				has := before.names()
				for _, name := range now.names() {
					if !slices.Contains(has, name) {
						wrong = append(wrong, fmt.Errorf("%s: %s in %s uses {%s}, which nobody fills: expected only %v", now.place, key, l, name, has))
					}
				}
			}
			table[key] = now
		}
		out.tables[l] = table
	}
	if len(wrong) > 0 {
		return nil, errors.Join(wrong...)
	}
	return &out, nil
}

func codes() string {
	var out []string
	for _, l := range All() {
		out = append(out, string(l))
	}
	return strings.Join(out, ", ")
}

// parse reads one file.
func parse(name string, l Lang, b []byte) (map[string]*message, []error) {
	if len(b) > maxFile {
		return nil, []error{fmt.Errorf("%s: %d bytes: expected at most %d", name, len(b), maxFile)}
	}
	if !utf8.Valid(b) {
		return nil, []error{fmt.Errorf("%s: this is no UTF-8: save the file as UTF-8", name)}
	}
	file, err := parser.ParseBytes(b, 0)
	if err != nil {
		return nil, []error{syntax(name, err)}
	}
	table := map[string]*message{}
	if len(file.Docs) == 0 || file.Docs[0].Body == nil {
		return table, nil // a language nobody has written yet
	}
	top, ok := file.Docs[0].Body.(ast.MapNode)
	if !ok || len(file.Docs) > 1 {
		return nil, []error{fmt.Errorf("%s: expected one mapping of keys to texts", at(name, file.Docs[0].Body))}
	}
	var wrong []error
	for each := top.MapRange(); each.Next(); {
		key, value := each.Key().String(), each.Value()
		m, err := read(l, value)
		switch {
		case !isKey(key):
			wrong = append(wrong, fmt.Errorf("%s: %.40q is no key: expected words joined by dots", at(name, each.Key()), key))
		case err != nil:
			wrong = append(wrong, fmt.Errorf("%s: %s: %w", at(name, value), key, err))
		default:
			m.place = at(name, each.Key())
			table[key] = m
		}
	}
	return table, wrong
}

// read turns a value into a message.
func read(l Lang, value ast.Node) (*message, error) {
	if forms, ok := value.(ast.MapNode); ok {
		m := &message{forms: map[Form]*text{}}
		for each := forms.MapRange(); each.Next(); {
			f := Form(each.Key().String())
			if !slices.Contains(l.Forms(), f) {
				return nil, fmt.Errorf("%s has no plural form %q: expected %v", l, f, l.Forms())
			}
			t, err := words(each.Value())
			if err != nil {
				return nil, fmt.Errorf("%s: %w", f, err)
			}
			m.forms[f] = t
		}
		if m.forms[Other] == nil {
			return nil, fmt.Errorf("the form other is missing: %s needs %v", l, l.Forms())
		}
		return m, nil
	}
	t, err := words(value)
	if err != nil {
		return nil, err
	}
	return &message{one: t}, nil
}

func words(value ast.Node) (*text, error) {
	s := ""
	switch n := value.(type) {
	case *ast.StringNode:
		s = n.Value
	case *ast.LiteralNode:
		s = strings.TrimRight(n.Value.Value, "\n")
	default:
		return nil, fmt.Errorf("this is no text: put it in quotes")
	}
	if s == "" {
		return nil, errors.New("the text is empty: leave the key out where there is nothing to say")
	}
	for _, r := range s {
		if r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return nil, fmt.Errorf("character U+%04X changes how text is read: leave it out, arguments are isolated already", r)
		}
	}
	return cut(s)
}

func syntax(name string, err error) error {
	var y yaml.Error
	if errors.As(err, &y) {
		return fmt.Errorf("%s: %s", where(name, y.GetToken()), y.GetMessage())
	}
	return fmt.Errorf("%s: this is no YAML: %w", name, err)
}

func at(name string, n ast.Node) string { return where(name, n.GetToken()) }

func where(name string, t *token.Token) string {
	if t == nil || t.Position == nil {
		return name
	}
	return fmt.Sprintf("%s:%d:%d", name, t.Position.Line, t.Position.Column)
}
