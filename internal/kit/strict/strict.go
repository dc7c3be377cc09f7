// Package strict reads JSON as one text for one meaning: what two readers could understand in two ways is refused.
//
// It knows neither what it reads nor who sent it. It must not say more of what it refuses than the name of a key.
package strict

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"
)

// What is refused as a whole. A value of another type than v's is a *json.UnmarshalTypeError.
var (
	ErrText = errors.New("it is no UTF-8, or escapes what is no character")
	ErrJSON = errors.New("it is no JSON")
	ErrMore = errors.New("there is more after the JSON value")
)

// Unknown is a key that v does not have, in exactly these letters.
type Unknown struct{ Key string }

// Error implements error.
func (u Unknown) Error() string { return "the key " + u.Key + " is unknown" }

// Twice is a key that an object says more than once, in large or small letters: the decoder would take the last.
type Twice struct{ Key string }

// Error implements error.
func (t Twice) Error() string { return "the key " + t.Key + " is said twice" }

// JSON reads one JSON value into v. Keys are the fields' names letter by letter, large and small.
func JSON(b []byte, v any) error {
	if !utf8.Valid(b) || lone(string(b)) {
		return ErrText
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	err := d.Decode(v)
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &kind):
		return kind
	case err != nil:
		// The decoder has no type for a key it does not know; its text names the key and nothing else.
		if name, is := strings.CutPrefix(err.Error(), "json: unknown field "); is {
			return Unknown{strings.Trim(name, `"`)}
		}
		return ErrJSON
	}
	if key, is := twice(string(b)); is {
		return Twice{key}
	}
	if key, is := inexact(string(b), v); is {
		return Unknown{key}
	}
	if strings.Trim(string(b[d.InputOffset():]), " \t\r\n") != "" {
		return ErrMore
	}
	return nil
}
