package act

import (
	"encoding/base64"
	"fmt"
	"strconv"
)

// Format is the version of the envelope's encoding. Every format ever written decodes for ever.
const Format = 1

// Encode returns the canonical encoding of an envelope: JSON in one line, keys in a fixed order, absent parts
// left out, no white space, no escapes (nothing that may stand in an envelope needs one). Equal envelopes have
// equal encodings. It refuses what Check refuses and what would be larger than 64 KiB.
func Encode(e *Envelope) ([]byte, error) {
	if err := e.Check(); err != nil {
		return nil, err
	}
	const usual = 1280 // bytes; a step with its facts seldom needs more
	return AppendChecked(make([]byte, 0, usual), e)
}

// AppendChecked appends what Encode returns, for who has just asked Check and has room for many envelopes.
func AppendChecked(to []byte, e *Envelope) ([]byte, error) {
	w := writer{to}
	w.raw(`{"v":1,"id":`).id(e.ID).raw(`,"file":`).id(e.File).raw(`,"of":`).str(e.Of)
	w.raw(`,"audience":`).id(e.Audience).raw(`,"thread":`).id(e.Thread).raw(`,"pos":`).int(e.Pos)
	w.raw(`,"kind":`).str(e.Kind).raw(`,"version":`).int(int64(e.Version))
	w.raw(`,"recorded":`).at(e.Recorded).raw(`,"effective":`).at(e.Effective)
	w.optID(`,"shown":`, e.Shown).optID(`,"mandate":`, e.Mandate)
	w.list(`,"cites":[`, len(e.Cites), func(i int) { w.id(e.Cites[i]) })
	if p := e.Procedure; p != nil {
		w.raw(`,"procedure":{"id":`).id(p.ID).raw(`,"protocol":`).str(p.Protocol)
		w.raw(`,"version":`).int(int64(p.Version)).raw(`,"step":`).str(p.Step).raw(`}`)
	}
	w.list(`,"deadlines":[`, len(e.Deadlines), func(i int) {
		d := e.Deadlines[i]
		w.raw(`{"rule":`).str(d.Rule).raw(`,"start":`).at(d.Start).raw(`,"due":`).at(d.Due)
		w.raw(`,"calendar":`).str(d.Calendar).raw(`}`)
	})
	w.raw(`,"law":`).str(e.Law)
	w.list(`,"facts":[`, len(e.Facts), func(i int) {
		w.raw(`{"name":`).str(e.Facts[i].Name).raw(`,`).value(e.Facts[i].Value).raw(`}`)
	})
	w.list(`,"gates":[`, len(e.Gates), func(i int) {
		g := e.Gates[i]
		w.raw(`{"gate":`).str(g.Gate).raw(`,"version":`).int(int64(g.Version))
		w.raw(`,"open":`).raw(strconv.FormatBool(g.Open)).raw(`,"because":`).str(g.Because)
		w.list(`,"saw":[`, len(g.Saw), func(i int) { w.seen(g.Saw[i]) })
		w.raw(`}`)
	})
	w.list(`,"commits":[`, len(e.Commits), func(i int) {
		w.raw(`{"name":`).str(e.Commits[i].Name).raw(`,"sum":"`)
		w.b = base64.StdEncoding.AppendEncode(w.b, e.Commits[i].Sum[:])
		w.raw(`"}`)
	})
	w.optID(`,"key":`, e.Key).raw(`}`)
	if n := len(w.b) - len(to); n > maxSize {
		return nil, fmt.Errorf("envelope: %d bytes, at most %d", n, maxSize)
	}
	return w.b, nil
}

type writer struct{ b []byte }

func (w *writer) raw(s string) *writer { w.b = append(w.b, s...); return w }

func (w *writer) str(s string) *writer {
	w.b = append(w.b, '"')
	w.b = append(w.b, s...)
	w.b = append(w.b, '"')
	return w
}

func (w *writer) int(n int64) *writer { w.b = strconv.AppendInt(w.b, n, 10); return w }

func (w *writer) id(id ID) *writer {
	w.b = append(w.b, '"')
	w.b = id.append(w.b)
	w.b = append(w.b, '"')
	return w
}

func (w *writer) optID(key string, id ID) *writer {
	if id.IsZero() {
		return w
	}
	return w.raw(key).id(id)
}

func (w *writer) at(i Instant) *writer {
	w.b = append(w.b, '"')
	w.b = i.append(w.b)
	w.b = append(w.b, '"')
	return w
}

// list writes key, the items and a closing bracket; nothing when there are no items.
func (w *writer) list(key string, n int, item func(int)) {
	if n == 0 {
		return
	}
	w.raw(key)
	for i := range n {
		if i > 0 {
			w.raw(`,`)
		}
		item(i)
	}
	w.raw(`]`)
}

func (w *writer) seen(s Seen) {
	w.raw(`{"fact":`).str(s.Fact)
	if s.Value.typ != "" {
		w.raw(`,`).value(s.Value)
	}
	w.optID(`,"from":`, s.From).raw(`}`)
}

// value writes "type":content, the type being the key.
func (w *writer) value(v Value) *writer {
	w.str(string(v.typ)).raw(`:`)
	switch v.typ {
	case Bool:
		w.raw(strconv.FormatBool(v.num == 1))
	case Int:
		w.int(v.num)
	case At:
		w.at(Instant(v.num))
	case Codes, Idents:
		w.raw(`[`)
		for i, item := range v.list {
			if i > 0 {
				w.raw(`,`)
			}
			w.str(item)
		}
		w.raw(`]`)
	default:
		w.str(v.text)
	}
	return w
}
