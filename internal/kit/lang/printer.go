package lang

import (
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"
)

// Args are the arguments of a message by name. Their types say how they are written; see Printer.Text.
type Args = map[string]any

// Arguments with a way of their own to be written.
type (
	// Key is a message worded in place of the argument: the name of a role, of an institution.
	Key string
	// Day is a date: 4 March 2026.
	Day time.Time
	// Moment is a date with its day of the week and the time of day.
	Moment time.Time
	// Clock is a time of day: 10:00.
	Clock time.Time
	// Code is a number or name of a thing, written as it is and isolated: never grouped, never translated.
	Code string
	// Worded is text already in the reader's language.
	Worded string
	// Size is a number of bytes, in thousands.
	Size int64
	// List is written with the language's commas and its word for and.
	List []any
)

// Printer words messages in one language. It may be used by any number of goroutines.
type Printer struct {
	messages *Messages
	lang     Lang
}

// For returns the printer of a language; French where the language is none of ours.
func (m *Messages) For(l Lang) *Printer { return &Printer{m, l.speech().code} }

// Of returns the printer of another language with the same messages.
func (p *Printer) Of(l Lang) *Printer { return p.messages.For(l) }

// Lang returns the language of the printer.
func (p *Printer) Lang() Lang { return p.lang }

// Dir returns rtl or ltr.
func (p *Printer) Dir() string { return p.lang.Dir() }

// Has reports whether some language words the key.
func (p *Printer) Has(key string) bool {
	m, _ := p.find(key)
	return m != nil
}

// Text words a message as plain text, for titles, mails and attributes. Whole numbers are grouped, a time.Time is a
// Moment in its own location, a time.Duration is words, a string is written as it is; what could disturb the
// direction of the sentence is isolated with invisible marks.
//
// What cannot be worded is reported and shown as its key or its {name}: a reader sees something is amiss, a test fails.
func (p *Printer) Text(key string, args Args) string {
	s, _ := p.word(key, args, plain)
	return s
}

// HTML words a message for a page: everything is escaped, isolated arguments stand in bdi elements, and a message
// that had to be taken from another language says which in a lang attribute.
func (p *Printer) HTML(key string, args Args) template.HTML {
	s, from := p.word(key, args, markup)
	if from != p.lang {
		s = fmt.Sprintf(`<span lang="%s" dir="%s">%s</span>`, from, from.Dir(), s)
	}
	return template.HTML(s) //nolint:gosec // G203: markup escaped every part of it
}

// out is where words go: each function writes one kind of fragment.
type out struct {
	escape  func(string) string
	isolate func(string) string
}

var (
	plain  = out{func(s string) string { return s }, Isolate}
	markup = out{template.HTMLEscapeString, func(s string) string { return string(BDI(s)) }}
)

func (p *Printer) find(key string) (*message, Lang) {
	if m := p.messages.tables[p.lang][key]; m != nil {
		return m, p.lang
	}
	for _, l := range p.lang.speech().next {
		if m := p.messages.tables[l][key]; m != nil {
			return m, l
		}
	}
	return nil, p.lang
}

// word returns the wording and the language it is in.
func (p *Printer) word(key string, args Args, to out) (string, Lang) {
	m, from := p.find(key)
	if m == nil {
		p.report(key, "no language words this key")
		return to.isolate(key), p.lang
	}
	if from != p.lang {
		if p.lang.speech().full {
			p.report(key, "worded only in "+string(from))
		}
		p = p.messages.For(from)
	}
	t := m.one
	if t == nil {
		n, ok := integer(args[count])
		if !ok {
			p.report(key, "its plural needs the argument count, a whole number")
		}
		t = m.forms[from.Plural(n)]
		if t == nil {
			t = m.forms[Other]
		}
	}
	var b strings.Builder
	for i, w := range t.words {
		b.WriteString(to.escape(w))
		if i == len(t.names) {
			break
		}
		v, given := args[t.names[i]]
		if !given {
			p.report(key, "the argument "+t.names[i]+" is not given")
			b.WriteString(to.escape("{" + t.names[i] + "}"))
			continue
		}
		b.WriteString(p.value(key, v, to))
	}
	return b.String(), from
}

func (p *Printer) report(key, what string) {
	p.messages.report(Trouble{p.lang, key, what})
}

// value writes one argument.
func (p *Printer) value(key string, v any, to out) string {
	if n, ok := integer(v); ok {
		return to.escape(p.Number(n))
	}
	switch v := v.(type) {
	case string:
		return p.fragment(v, to)
	case Code:
		return p.fragment(string(v), to)
	case Worded:
		return to.escape(string(v))
	case Key:
		s, _ := p.word(string(v), nil, to)
		return s
	case Day:
		return to.escape(p.Day(time.Time(v)))
	case Moment:
		return to.escape(p.Moment(time.Time(v)))
	case time.Time:
		return to.escape(p.Moment(v))
	case *time.Time: // as views hold what may be missing; a page asks before it says it
		if v == nil {
			return ""
		}
		return to.escape(p.Moment(*v))
	case Clock:
		return to.escape(p.Clock(time.Time(v)))
	case time.Duration:
		return to.escape(p.Duration(v))
	case Size:
		return to.escape(p.Size(int64(v)))
	case List:
		return p.list(key, v, to)
	case template.HTML:
		p.report(key, "an argument is HTML: give text, it is escaped here")
		return p.fragment(string(v), to)
	case fmt.Stringer:
		return p.fragment(v.String(), to)
	}
	p.report(key, fmt.Sprintf("an argument is a %T, which has no way to be written", v))
	return to.isolate("?")
}

func (p *Printer) fragment(s string, to out) string {
	if settled(s, p.lang.speech().rtl) {
		return to.escape(s)
	}
	return to.isolate(s)
}

// list joins with messages, two by two, so that a language can attach its word for and to what follows.
func (p *Printer) list(key string, items List, to out) string {
	words := make([]string, len(items))
	for i, v := range items {
		words[i] = p.value(key, v, to)
	}
	switch len(words) {
	case 0:
		return to.escape(p.form("form.list.none", nil))
	case 1:
		return words[0]
	}
	last := len(words) - 1
	return strings.Join(words[:last], to.escape(p.form("form.list.comma", nil))) + to.escape(p.form("form.list.and", nil)) + words[last]
}

// integer reads any whole number, of a named type too when it is an int or an int64 in disguise.
func integer(v any) (int64, bool) {
	switch v := v.(type) {
	case int:
		return int64(v), true
	case int64:
		return v, true
	case int32:
		return int64(v), true
	case uint8:
		return int64(v), true
	case uint16:
		return int64(v), true
	case uint32:
		return int64(v), true
	}
	return 0, false
}

// Untranslated lists, sorted, the keys that some language words and this one does not.
func (m *Messages) Untranslated(l Lang) []string {
	seen := map[string]bool{}
	for other, table := range m.tables {
		for key := range table {
			if other != l && m.tables[l][key] == nil {
				seen[key] = true
			}
		}
	}
	keys := make([]string, 0, len(seen))
	for key := range seen {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
