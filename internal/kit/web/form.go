package web

import (
	"net/url"
	"strings"

	"sanad/internal/kit/fault"
	"sanad/internal/kit/lang"
)

// Form is a form as it is shown: what the person typed stays, what is wrong is said beside it. Its methods describe
// fields for the partials field, area and choice: {{template "field" (.Form.Field "where" "notice.where")}} takes
// its label from notice.where.label, and its hint from notice.where.hint where there is one.
type Form struct {
	Values url.Values
	Errors []fault.Field
}

// Field is one field of a form.
type Field struct {
	Name     string
	Key      string
	Value    string
	Error    *fault.Field
	Optional bool
	Type     string    // of the input element
	Complete string    // autocomplete: off, one-time-code …
	Mode     string    // which keys a phone shows, as inputmode says it; "" for those of a text
	Hint     lang.Args // what its hint names
	Options  []Option
}

// Option is one answer among several.
type Option struct {
	Value   string
	Key     string
	Checked bool
}

// Field describes a field that must be filled.
func (f Form) Field(name, key string) Field {
	out := Field{Name: name, Key: key, Value: f.Values.Get(name), Type: "text", Complete: "off"}
	for i := range f.Errors {
		if f.Errors[i].Name == name {
			out.Error = &f.Errors[i]
			break
		}
	}
	return out
}

// May describes a field that may stay empty.
func (f Form) May(name, key string) Field {
	out := f.Field(name, key)
	out.Optional = true
	return out
}

// Code describes a field for a code that was sent, offered from messages where the phone can.
func (f Form) Code(name, key string) Field {
	out := f.Field(name, key)
	out.Complete = "one-time-code"
	return out
}

// Digits describes a field for digits: a phone shows no other keys.
func (f Form) Digits(name, key string) Field {
	out := f.Field(name, key)
	out.Mode = "numeric"
	return out
}

// Choice describes a choice of one answer; each is value=key.
func (f Form) Choice(name, key string, answers ...string) Field {
	out := f.Field(name, key)
	for _, a := range answers {
		value, word, _ := strings.Cut(a, "=")
		out.Options = append(out.Options, Option{value, word, value == out.Value})
	}
	return out
}

// ID is the id of the field's element.
func (f Field) ID() string { return "f-" + f.Name }

// Described lists the ids of what explains the field, for aria-describedby.
func (f Field) Described(hint bool) string {
	var ids []string
	if hint {
		ids = append(ids, f.ID()+"-hint")
	}
	if f.Error != nil {
		ids = append(ids, f.ID()+"-error")
	}
	return strings.Join(ids, " ")
}
