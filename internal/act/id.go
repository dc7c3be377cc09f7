package act

import (
	"encoding/base32"
	"fmt"
	"io"
)

// ID is an opaque random identifier of 128 bits. It says nothing about what it names.
type ID [16]byte

var idText = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// idLen is the length of an identifier's text: 26 characters of RFC 4648 base32 in lower case.
const idLen = 26

// NewID draws an identifier from dice. The only error is that of dice.
func NewID(dice io.Reader) (ID, error) {
	var id ID
	_, err := io.ReadFull(dice, id[:])
	if err != nil {
		return ID{}, fmt.Errorf("draw an identifier: %w", err)
	}
	return id, nil
}

// IsZero reports whether the identifier names nothing.
func (id ID) IsZero() bool { return id == ID{} }

// String returns the 26-character text of the identifier.
func (id ID) String() string {
	return string(id.append(nil))
}

func (id ID) append(to []byte) []byte { return idText.AppendEncode(to, id[:]) }

// MarshalText implements encoding.TextMarshaler with the same text as String.
func (id ID) MarshalText() ([]byte, error) { return id.append(nil), nil }

// UnmarshalText implements encoding.TextUnmarshaler; it accepts exactly what String writes.
func (id *ID) UnmarshalText(text []byte) error {
	got, err := ParseID(string(text))
	if err != nil {
		return err
	}
	*id = got
	return nil
}

// ParseID reads the text of an identifier. Only the canonical text is accepted, so two different texts never
// name the same thing.
func ParseID(text string) (ID, error) {
	var id ID
	if len(text) != idLen {
		return ID{}, fmt.Errorf("an identifier has %d characters, %q has %d", idLen, clip(text), len(text))
	}
	n, err := idText.Decode(id[:], []byte(text))
	if err != nil || n != len(id) || id.String() != text {
		return ID{}, fmt.Errorf("%q is not an identifier", clip(text))
	}
	return id, nil
}

// clip keeps a refused input from filling a message.
func clip(s string) string {
	const most = 60
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}
