package act

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Type is the type of a coded fact. There is no text type: an envelope carries codes, numbers, dates and
// identifiers only.
type Type string

// The types of fact. Their text is part of the canonical encoding and never changes.
const (
	Bool   Type = "bool"
	Int    Type = "int"   // an integer between -MaxInt and MaxInt; sums of money in the currency's smallest unit
	Code   Type = "code"  // one word of a closed list
	Codes  Type = "codes" // a set of such words, sorted
	Date   Type = "date"  // a civil date, 2006-01-02
	At     Type = "at"    // an instant
	Ident  Type = "id"
	Idents Type = "ids" // a set of identifiers, sorted
)

// MaxInt is the largest integer a fact may hold: what every JSON reader holds exactly.
const MaxInt = 1<<53 - 1

// Value is a typed fact's value. The zero Value has no type and is not valid in an envelope.
type Value struct {
	typ  Type
	num  int64 // Bool, Int, At
	text string
	list []string // Codes; Idents as text
}

// OfBool returns a truth value.
func OfBool(b bool) Value {
	if b {
		return Value{typ: Bool, num: 1}
	}
	return Value{typ: Bool}
}

// OfInt returns an integer.
func OfInt(n int64) Value { return Value{typ: Int, num: n} }

// OfCode returns one code.
func OfCode(code string) Value { return Value{typ: Code, text: code} }

// OfCodes returns a set of codes; order and repetition of the arguments do not matter.
func OfCodes(codes ...string) Value {
	list := slices.Clone(codes)
	slices.Sort(list)
	return Value{typ: Codes, list: slices.Compact(list)}
}

// OfDate returns the civil date of t, in t's own location.
func OfDate(t time.Time) Value { return Value{typ: Date, text: t.Format(time.DateOnly)} }

// OfInstant returns an instant.
func OfInstant(i Instant) Value { return Value{typ: At, num: int64(i)} }

// OfID returns an identifier.
func OfID(id ID) Value { return Value{typ: Ident, text: id.String()} }

// OfIDs returns a set of identifiers.
func OfIDs(ids ...ID) Value {
	list := make([]string, len(ids))
	for i, id := range ids {
		list[i] = id.String()
	}
	slices.Sort(list)
	return Value{typ: Idents, list: slices.Compact(list)}
}

// Type returns the value's type, "" for the zero Value.
func (v Value) Type() Type { return v.typ }

// Bool returns the truth value; false when the value is of another type.
func (v Value) Bool() bool { return v.typ == Bool && v.num == 1 }

// Int returns the integer, 0 when the value is of another type.
func (v Value) Int() int64 {
	if v.typ != Int {
		return 0
	}
	return v.num
}

// Code returns the code, "" when the value is of another type.
func (v Value) Code() string {
	if v.typ != Code {
		return ""
	}
	return v.text
}

// Codes returns a copy of the set of codes, sorted.
func (v Value) Codes() []string {
	if v.typ != Codes {
		return nil
	}
	return slices.Clone(v.list)
}

// Date returns the civil date at midnight UTC; false when the value is not a date.
func (v Value) Date() (time.Time, bool) {
	if v.typ != Date {
		return time.Time{}, false
	}
	t, err := time.Parse(time.DateOnly, v.text)
	return t, err == nil
}

// Instant returns the instant; false when the value is of another type.
func (v Value) Instant() (Instant, bool) { return Instant(v.num), v.typ == At }

// ID returns the identifier; false when the value is of another type.
func (v Value) ID() (ID, bool) {
	if v.typ != Ident {
		return ID{}, false
	}
	id, err := ParseID(v.text)
	return id, err == nil
}

// IDs returns the set of identifiers.
func (v Value) IDs() []ID {
	if v.typ != Idents {
		return nil
	}
	ids := make([]ID, 0, len(v.list))
	for _, text := range v.list {
		id, err := ParseID(text)
		if err == nil {
			ids = append(ids, id)
		}
	}
	return ids
}

// Equal reports whether two values have the same type and content.
func (v Value) Equal(w Value) bool {
	return v.typ == w.typ && v.num == w.num && v.text == w.text && slices.Equal(v.list, w.list)
}

// String writes the value as a person would read it, without its type.
func (v Value) String() string {
	switch v.typ {
	case Bool:
		return fmt.Sprint(v.num == 1)
	case Int:
		return fmt.Sprint(v.num)
	case At:
		return Instant(v.num).String()
	case Codes, Idents:
		return strings.Join(v.list, ", ")
	default:
		return v.text
	}
}

// check reports why the value may not stand in an envelope.
func (v Value) check() error {
	switch v.typ {
	case Bool:
		return nil
	case Int:
		if v.num < -MaxInt || v.num > MaxInt {
			return fmt.Errorf("%d is beyond ±%d", v.num, int64(MaxInt))
		}
		return nil
	case At:
		if Instant(v.num) < minInstant || Instant(v.num) > maxInstant {
			return fmt.Errorf("instant %d is out of range", v.num)
		}
		return nil
	case Code:
		return checkCode(v.text)
	case Date:
		if !isDate(v.text) {
			return fmt.Errorf("%q is not a date like 2006-01-02", clip(v.text))
		}
		return nil
	case Ident:
		return checkID(v.text)
	case Codes, Idents:
		for i, item := range v.list {
			if i > 0 && v.list[i-1] >= item {
				return fmt.Errorf("%q and %q are not sorted and distinct", clip(v.list[i-1]), clip(item))
			}
			if v.typ == Codes {
				if err := checkCode(item); err != nil {
					return err
				}
				continue
			}
			if err := checkID(item); err != nil {
				return err
			}
		}
		return nil
	default:
		return fmt.Errorf("a fact needs one of the eight types, got %q", clip(string(v.typ)))
	}
}

func checkID(text string) error {
	id, err := ParseID(text)
	if err == nil && id.IsZero() {
		err = fmt.Errorf("an identifier names nothing")
	}
	return err
}

// maxCode is the longest code, in bytes: enough for an identifier of a law or a rule, too short for a story.
const maxCode = 96

// IsCode reports whether s may stand as a code: 1 to 96 of the ASCII letters, digits and . _ @ : / + -
// It never needs escaping in JSON, HTML, URLs or SQL.
func IsCode(s string) bool { return checkCode(s) == nil }

func checkCode(s string) error {
	if s == "" || len(s) > maxCode {
		return fmt.Errorf("a code has 1 to %d characters, %q has %d", maxCode, clip(s), len(s))
	}
	for i := range len(s) {
		if !codeByte[s[i]] {
			return fmt.Errorf("%q is not a code: letters, digits and . _ @ : / + - only", clip(s))
		}
	}
	return nil
}

// isDate reports whether text is a day of the years 1 to 9999, written as time.DateOnly has it.
func isDate(text string) bool {
	if len(text) != len(time.DateOnly) || text[4] != '-' || text[7] != '-' {
		return false
	}
	number := func(digits string) (n int) {
		for i := range len(digits) {
			if digits[i] < '0' || digits[i] > '9' {
				return -1
			}
			n = n*10 + int(digits[i]-'0')
		}
		return n
	}
	year, month, day := number(text[:4]), number(text[5:7]), number(text[8:])
	if year < 1 || month < 1 || day < 1 {
		return false
	}
	y, m, d := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC).Date() // another day where there is no such
	return y == year && int(m) == month && d == day
}

var codeByte = func() (set [256]bool) {
	for _, c := range []byte("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._@:/+-") {
		set[c] = true
	}
	return set
}()
