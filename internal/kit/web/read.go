package web

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"sanad/internal/kit/fault"
	"sanad/internal/kit/lang"
)

// ReadForm reads a posted form. A field that is not among known, one given twice, and one that is no readable text
// are refused by name; line ends become \n and the address's own query is not looked at.
func ReadForm(r *http.Request, known ...string) (url.Values, error) {
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, cut(err)
	}
	form, err := url.ParseQuery(string(b))
	if err != nil {
		return nil, fault.Invalid.New(keyUnreadable).Because(errors.New("the form's encoding is broken"))
	}
	refusal := fault.Invalid.New(keyUnreadable)
	for _, name := range sorted(form) {
		args := lang.Args{"field": lang.Code(clip(name))}
		values := form[name]
		switch {
		case !slices.Contains(known, name):
			refusal = refusal.At(clip(name), "web.field.unknown", args)
		case len(values) > 1:
			refusal = refusal.At(name, "web.field.twice", args)
		case !readable(values[0]):
			refusal = refusal.At(name, "web.field.text", args)
		default:
			form[name] = []string{strings.ReplaceAll(values[0], "\r\n", "\n")}
		}
	}
	if len(refusal.Fields) > 0 {
		return nil, refusal
	}
	return form, nil
}

// ReadJSON reads one JSON value into v. A key v does not have, one said twice, a second value behind the first, what is no
// character and a value of another type are refused.
func ReadJSON(r *http.Request, v any) error {
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return cut(err)
	}
	if !utf8.Valid(b) || lone(string(b)) {
		return fault.Invalid.New(keyUnreadable).Because(errors.New("the body is no UTF-8"))
	}
	d := json.NewDecoder(strings.NewReader(string(b)))
	d.DisallowUnknownFields()
	err = d.Decode(v)
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &kind):
		return fault.Invalid.New(keyUnreadable).At(kind.Field, "web.field.type", lang.Args{"field": lang.Code(clip(kind.Field))})
	case err != nil:
		// The decoder has no type for a key it does not know; its text names the key and nothing else.
		if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
			name = clip(strings.Trim(name, `"`))
			return fault.Invalid.New(keyUnreadable).At(name, "web.field.unknown", lang.Args{"field": lang.Code(name)})
		}
		return fault.Invalid.New(keyUnreadable).Because(errors.New("the body is no JSON"))
	}
	if name := twice(string(b)); name != "" {
		return fault.Invalid.New(keyUnreadable).At(name, "web.field.twice", lang.Args{"field": lang.Code(name)})
	}
	if d.More() {
		return fault.Invalid.New(keyUnreadable).Because(errors.New("there is more after the JSON value"))
	}
	return nil
}

// cut says that a body could not be read to its end. The network's own error stays behind: it names addresses.
func cut(err error) error {
	if large, ok := tooLarge(err); ok {
		return large
	}
	return fault.Invalid.New(keyCut).Because(io.ErrUnexpectedEOF)
}

// readable accepts UTF-8 without control characters other than tab and ends of line.
func readable(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, func(r rune) bool {
		return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0x7f
	}) < 0
}

func sorted(form url.Values) []string {
	names := make([]string, 0, len(form))
	for name := range form {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// clip keeps a name somebody sent to a length that can be shown.
func clip(s string) string {
	if !readable(s) {
		return "?"
	}
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}
