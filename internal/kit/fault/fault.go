// Package fault is the one error type of the house: a code that says what kind of refusal it is, a message key that
// says it to a person in their language, and the cause, which only the log may see.
//
// Rooms return it, kit/web turns it into a page or a problem document at the edge, and nobody else looks inside.
// It must not know the words of any language, nor HTTP.
package fault

import (
	"errors"
	"maps"
)

// Code is the kind of a refusal. An error that carries none is unexpected: a fault of ours.
type Code string

// The codes.
const (
	Invalid     Code = "invalid"     // what was given cannot be used; the person can mend it
	NotFound    Code = "not_found"   // there is nothing there, or nothing this person may see
	Forbidden   Code = "forbidden"   // this person may not do it, whatever they give
	Conflict    Code = "conflict"    // it changed since the person looked
	ClosedGate  Code = "closed_gate" // the law does not allow this step now
	Unavailable Code = "unavailable" // we cannot now; later it may work
)

// Error is a refusal. Key and Args are for the person, Err is for the log.
type Error struct {
	Code   Code
	Key    string
	Args   map[string]any
	Fields []Field
	Err    error
}

// Field says what is wrong with one field of a form or a document.
type Field struct {
	Name string // as the form or the document names it
	Key  string
	Args map[string]any
}

// New starts a refusal of this kind. The key names a message which says what happened and what to do next.
func (c Code) New(key string) *Error { return &Error{Code: c, Key: key} }

// With adds a named argument of the message to a copy of e, so that a refusal kept in a variable can be reused.
func (e *Error) With(name string, value any) *Error {
	out := *e
	out.Args = maps.Clone(e.Args)
	if out.Args == nil {
		out.Args = map[string]any{}
	}
	out.Args[name] = value
	return &out
}

// Because adds to a copy of e the cause that the log will show.
func (e *Error) Because(err error) *Error {
	out := *e
	out.Err = err
	return &out
}

// At adds to a copy of e what is wrong with one field.
func (e *Error) At(field, key string, args map[string]any) *Error {
	out := *e
	out.Fields = append(e.Fields[:len(e.Fields):len(e.Fields)], Field{field, key, args})
	return &out
}

// Error names code, key and cause. Arguments stay out: they may be what somebody wrote, and this text is logged.
func (e *Error) Error() string {
	s := string(e.Code) + ": " + e.Key
	for _, f := range e.Fields {
		s += " " + f.Name + "=" + f.Key
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// CodeOf returns the code of the first refusal in the chain of err, "" when there is none.
func CodeOf(err error) Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// Of returns the first refusal in the chain of err, nil when there is none.
func Of(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}
