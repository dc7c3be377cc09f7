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
	"sanad/internal/kit/strict"
	"sanad/internal/kit/text"
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
	err = strict.JSON(b, v)
	refusal := fault.Invalid.New(keyUnreadable)
	var kind *json.UnmarshalTypeError
	var unknown strict.Unknown
	var twice strict.Twice
	field := func(name, key string) error {
		name = clip(name)
		return refusal.At(name, key, lang.Args{"field": lang.Code(name)})
	}
	switch {
	case errors.As(err, &kind) && kind.Field == "":
		return fault.Invalid.New(keyNoObject) // a list, a number: no field is wrong, the whole is
	case errors.As(err, &kind):
		return field(kind.Field, "web.field.type")
	case errors.As(err, &unknown):
		return field(unknown.Key, "web.field.unknown")
	case errors.As(err, &twice):
		return field(twice.Key, "web.field.twice")
	case err != nil:
		return refusal.Because(err)
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

// readable accepts UTF-8 without control characters other than tab and ends of line, which are made \n of.
func readable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return text.IsControl(r) && r != '\r' })
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
