package strict

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strings"
)

// inexact returns a key that names a field of v in other letters than its own. The decoder takes WHERE for where; a second
// reader, who holds to the contract, does not see it.
func inexact(b string, v any) (key string, is bool) {
	w := walker{d: json.NewDecoder(strings.NewReader(b))}
	w.value(reflect.TypeOf(v))
	return w.key, w.found
}

type walker struct {
	d     *json.Decoder
	key   string
	found bool
}

// value reads one value, which was decoded into a t before; nil stands for what has no fields.
func (w *walker) value(t reflect.Type) {
	token, err := w.d.Token()
	if err != nil {
		return // it was decoded before: there is none
	}
	t = plain(t)
	switch token {
	case json.Delim('{'):
		of := fields(t)
		for w.d.More() && !w.found {
			name, _ := w.d.Token()
			key, _ := name.(string)
			inner, known := of[key]
			switch {
			case t != nil && t.Kind() == reflect.Map:
				inner = t.Elem()
			case of != nil && !known:
				w.key, w.found = key, true
				return
			}
			w.value(inner)
		}
	case json.Delim('['):
		var inner reflect.Type
		if t != nil && (t.Kind() == reflect.Slice || t.Kind() == reflect.Array) {
			inner = t.Elem()
		}
		for w.d.More() && !w.found {
			w.value(inner)
		}
	default:
		return
	}
	if !w.found {
		_, _ = w.d.Token() // the end of it
	}
}

var (
	readsJSON = reflect.TypeFor[json.Unmarshaler]()
	readsText = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// plain is a type without its pointers; nil where it reads itself and knows no fields.
func plain(t reflect.Type) reflect.Type {
	for t != nil {
		if p := reflect.PointerTo(t); p.Implements(readsJSON) || p.Implements(readsText) || t.Kind() == reflect.Interface {
			return nil
		}
		if t.Kind() != reflect.Pointer {
			return t
		}
		t = t.Elem()
	}
	return nil
}

// fields returns the fields of a struct by the name that JSON has for them; nil of another type.
func fields(t reflect.Type) map[string]reflect.Type {
	if t == nil || t.Kind() != reflect.Struct {
		return nil
	}
	out := map[string]reflect.Type{}
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name == "" && f.Anonymous: // its own fields are among the visible ones
			continue
		case name == "":
			name = f.Name
		}
		out[name] = f.Type
	}
	return out
}
