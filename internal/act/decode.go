package act

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
)

// Decode reads a canonical encoding. It accepts exactly the bytes Encode writes: another order, a space, an
// escape or a trailing byte is refused, so that one envelope has one encoding and one commitment. All strings of the
// envelope share one copy of b: clone those that are kept for long.
func Decode(b []byte) (*Envelope, error) {
	if len(b) > maxSize {
		return nil, fmt.Errorf("envelope: %d bytes, at most %d", len(b), maxSize)
	}
	r := reader{b: string(b)}
	e := &Envelope{}
	r.raw(`{"v":1,"id":`)
	e.ID = r.id()
	r.raw(`,"file":`)
	e.File = r.id()
	r.raw(`,"of":`)
	e.Of = r.str()
	r.raw(`,"audience":`)
	e.Audience = r.id()
	r.raw(`,"thread":`)
	e.Thread = r.id()
	r.raw(`,"pos":`)
	e.Pos = r.int()
	r.raw(`,"kind":`)
	e.Kind = r.str()
	r.raw(`,"version":`)
	e.Version = int(r.int())
	r.raw(`,"recorded":`)
	e.Recorded = r.at()
	r.raw(`,"effective":`)
	e.Effective = r.at()
	e.Shown = r.optID(`,"shown":`)
	e.Mandate = r.optID(`,"mandate":`)
	r.list(`,"cites":[`, maxCites, func() { e.Cites = append(e.Cites, r.id()) })
	if r.has(`,"procedure":{"id":`) {
		p := &Procedure{ID: r.id()}
		r.raw(`,"protocol":`)
		p.Protocol = r.str()
		r.raw(`,"version":`)
		p.Version = int(r.int())
		r.raw(`,"step":`)
		p.Step = r.str()
		r.raw(`}`)
		e.Procedure = p
	}
	r.list(`,"deadlines":[`, maxClocks, func() { e.Deadlines = append(e.Deadlines, r.deadline()) })
	r.raw(`,"law":`)
	e.Law = r.str()
	var few [8]Fact // most acts have no more: they are gathered without growing a slice
	facts := few[:0]
	r.list(`,"facts":[`, maxFacts, func() {
		r.raw(`{"name":`)
		f := Fact{Name: r.str()}
		r.raw(`,`)
		f.Value = r.value()
		r.raw(`}`)
		facts = append(facts, f)
	})
	if len(facts) > 0 {
		e.Facts = slices.Clone(facts)
	}
	r.list(`,"gates":[`, maxGates, func() { e.Gates = append(e.Gates, r.answer()) })
	r.list(`,"commits":[`, maxCommits, func() {
		r.raw(`{"name":`)
		c := Commit{Name: r.str()}
		r.raw(`,"sum":`)
		c.Sum = r.sum()
		r.raw(`}`)
		e.Commits = append(e.Commits, c)
	})
	e.Key = r.optID(`,"key":`)
	r.raw(`}`)
	if r.err == nil && r.at0 != len(b) {
		r.fail("the end")
	}
	if r.err != nil {
		return nil, r.err
	}
	if err := e.Check(); err != nil {
		return nil, err
	}
	return e, nil
}

type reader struct {
	b   string
	at0 int
	err error
}

func (r *reader) fail(want string) {
	if r.err == nil {
		r.err = fmt.Errorf("envelope: byte %d: expected %s", r.at0, want)
	}
}

func (r *reader) has(s string) bool {
	if r.err != nil || !strings.HasPrefix(r.b[r.at0:], s) {
		return false
	}
	r.at0 += len(s)
	return true
}

func (r *reader) raw(s string) {
	if !r.has(s) {
		r.fail(s)
	}
}

// str reads a quoted word; codes hold no quote and no backslash, so none is looked for.
func (r *reader) str() string {
	r.raw(`"`)
	if r.err != nil {
		return ""
	}
	n := strings.IndexByte(r.b[r.at0:], '"')
	if n < 0 || n > maxCode {
		r.fail("a code in quotes")
		return ""
	}
	s := r.b[r.at0 : r.at0+n]
	r.at0 += n + 1
	return s
}

func (r *reader) int() int64 {
	if r.err != nil {
		return 0
	}
	text := r.b[r.at0:]
	digits := strings.TrimPrefix(text, "-")
	n, end := int64(0), 0
	for end < len(digits) && end < maxDigits && digits[end] >= '0' && digits[end] <= '9' {
		n = 10*n + int64(digits[end]-'0')
		end++
	}
	signed := len(digits) < len(text)
	if end == 0 || digits[0] == '0' && (end > 1 || signed) || n > MaxInt {
		r.fail("an integer")
		return 0
	}
	r.at0 += len(text) - len(digits) + end
	if signed {
		return -n
	}
	return n
}

// maxDigits is enough for MaxInt; a digit after that many is not what must follow a number.
const maxDigits = 16

func (r *reader) bool() bool {
	if r.has("true") {
		return true
	}
	r.raw("false")
	return false
}

func (r *reader) id() ID {
	id, ok := readID(r.str())
	if !ok {
		r.fail("an identifier")
	}
	return id
}

func (r *reader) optID(key string) ID {
	if !r.has(key) {
		return ID{}
	}
	id := r.id()
	if id.IsZero() {
		r.fail("an identifier that is not empty")
	}
	return id
}

func (r *reader) at() Instant {
	i, ok := readInstant(r.str())
	if !ok {
		r.fail("an instant")
	}
	return i
}

func (r *reader) sum() (out [32]byte) {
	text := r.str()
	b, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(b) != len(out) || base64.StdEncoding.EncodeToString(b) != text {
		r.fail("32 bytes in base64")
		return out
	}
	copy(out[:], b)
	return out
}

// list reads what writer.list wrote: at least one item once the key is there.
func (r *reader) list(key string, most int, item func()) {
	if !r.has(key) {
		return
	}
	for n := 1; ; n++ {
		item()
		if r.err != nil || r.has(`]`) {
			return
		}
		if n == most {
			r.fail("fewer items")
			return
		}
		r.raw(`,`)
	}
}

func (r *reader) deadline() (d Deadline) {
	r.raw(`{"rule":`)
	d.Rule = r.str()
	r.raw(`,"start":`)
	d.Start = r.at()
	r.raw(`,"due":`)
	d.Due = r.at()
	r.raw(`,"calendar":`)
	d.Calendar = r.str()
	r.raw(`}`)
	return d
}

func (r *reader) answer() (g Answer) {
	r.raw(`{"gate":`)
	g.Gate = r.str()
	r.raw(`,"version":`)
	g.Version = int(r.int())
	r.raw(`,"open":`)
	g.Open = r.bool()
	r.raw(`,"because":`)
	g.Because = r.str()
	r.list(`,"saw":[`, maxSeen, func() {
		r.raw(`{"fact":`)
		s := Seen{Fact: r.str()}
		if !r.has(`}`) {
			r.raw(`,`)
			s.Value = r.value()
			s.From = r.optID(`,"from":`)
			r.raw(`}`)
		}
		g.Saw = append(g.Saw, s)
	})
	r.raw(`}`)
	return g
}

func (r *reader) value() Value {
	typ := Type(r.str())
	r.raw(`:`)
	switch typ {
	case Bool:
		return OfBool(r.bool())
	case Int:
		return OfInt(r.int())
	case At:
		return OfInstant(r.at())
	case Code, Date, Ident:
		return Value{typ: typ, text: r.str()}
	case Codes, Idents:
		v := Value{typ: typ}
		r.raw(`[`)
		if r.has(`]`) {
			return v
		}
		for r.err == nil {
			v.list = append(v.list, r.str())
			if r.has(`]`) {
				break
			}
			if len(v.list) == maxList {
				r.fail("fewer items")
			}
			r.raw(`,`)
		}
		return v
	default:
		r.fail("a type of fact")
		return Value{}
	}
}
