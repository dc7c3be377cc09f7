package protocol

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"sanad/internal/act"
)

// stateFormat is the version of a state's encoding. A state of another format is not read but rebuilt.
const stateFormat = 4

// stillFormat is the first in which clocks have a ledger. States of the one before are read: their clocks never stood still.
const stillFormat = 4

// ErrFormat says that a state was written by another version of the program: rebuild it from envelopes.
var ErrFormat = errors.New("the state is of another format; rebuild it from the file's envelopes")

// types numbers the types of fact for the encoding; an index never changes meaning within one format.
var types = [...]act.Type{act.Bool, act.Int, act.Code, act.Codes, act.Date, act.At, act.Ident, act.Idents}

// AppendBinary appends the state's encoding: deterministic, so equal states have equal bytes.
func (s *State) AppendBinary(b []byte) []byte {
	w := stateWriter{append(b, stateFormat)}
	w.id(s.File)
	w.str(s.Sort)
	w.int(s.Acts)
	w.int(int64(len(s.Threads)))
	for i := range s.Threads {
		t := &s.Threads[i]
		w.id(t.Audience)
		w.id(t.ID)
		w.int(t.Next)
		w.b = append(w.b, t.Last[:]...)
		w.int(int64(len(t.Keys)))
		for _, k := range t.Keys {
			w.str(k.Class)
			w.id(k.ID)
		}
	}
	w.int(int64(len(s.Procedures)))
	for i := range s.Procedures {
		w.run(&s.Procedures[i])
	}
	sayers := s.sayers()
	w.int(int64(len(sayers)))
	for _, id := range sayers {
		w.id(id)
	}
	w.int(int64(len(s.Facts)))
	for i := range s.Facts {
		f := &s.Facts[i]
		w.str(f.Name)
		w.int(int64(f.Thread))
		w.int(s.runIndex(f.Run))
		w.value(f.Value)
		w.int(int64(slices.Index(sayers, f.From)))
		w.int(int64(f.At))
		w.int(f.Seq)
	}
	w.int(int64(len(s.Drafts)))
	for i := range s.Drafts {
		d := &s.Drafts[i]
		w.id(d.Run)
		w.str(d.Step)
		w.id(d.By)
		w.int(int64(d.Thread))
		w.b = append(w.b, d.Content[:]...)
		w.int(int64(len(d.Signatures)))
		for _, g := range d.Signatures {
			w.id(g.Mandate)
			w.id(g.Person)
			w.str(g.Role)
			w.id(g.By)
			w.int(int64(g.Thread))
		}
	}
	w.migrated(s)
	return w.b
}

// sayers lists the acts that facts are from, each once: most acts say several.
func (s *State) sayers() []act.ID {
	var ids []act.ID
	for i := range s.Facts {
		if !slices.Contains(ids, s.Facts[i].From) {
			ids = append(ids, s.Facts[i].From)
		}
	}
	return ids
}

// runIndex numbers the runs from 1; 0 is no run.
func (s *State) runIndex(run act.ID) int64 {
	for i := range s.Procedures {
		if s.Procedures[i].ID == run {
			return int64(i) + 1
		}
	}
	return 0
}

type stateWriter struct{ b []byte }

func (w *stateWriter) id(id act.ID) { w.b = append(w.b, id[:]...) }

func (w *stateWriter) int(n int64) { w.b = binary.AppendVarint(w.b, n) }

func (w *stateWriter) str(s string) {
	w.int(int64(len(s)))
	w.b = append(w.b, s...)
}

func (w *stateWriter) run(r *Run) {
	w.id(r.ID)
	w.str(r.Protocol)
	w.int(int64(r.Version))
	w.int(int64(len(r.Events)))
	for i := range r.Events {
		e := &r.Events[i]
		w.str(e.Step)
		w.int(e.Count)
		w.int(int64(e.First))
		w.int(int64(e.Last))
		w.id(e.By)
		w.int(int64(e.Thread))
		w.int(e.Seq)
	}
	w.int(int64(len(r.Clocks)))
	for i := range r.Clocks {
		c := &r.Clocks[i]
		w.str(c.Step)
		w.str(c.Rule)
		w.int(int64(c.Start))
		w.int(int64(c.Due))
		w.str(c.Calendar)
		w.id(c.By)
		w.int(int64(c.Thread))
		w.int(c.Seq)
		w.int(int64(len(c.Since)))
		for _, m := range c.Since {
			w.str(m.Step)
			w.int(int64(m.At))
		}
		w.ledger(c)
	}
}

func (w *stateWriter) value(v act.Value) {
	for i, t := range types {
		if t == v.Type() {
			w.b = append(w.b, byte(i))
		}
	}
	switch v.Type() {
	case act.Bool:
		if v.Bool() {
			w.b = append(w.b, 1)
			return
		}
		w.b = append(w.b, 0)
	case act.Int:
		w.int(v.Int())
	case act.At:
		at, _ := v.Instant()
		w.int(int64(at))
	case act.Code:
		w.str(v.Code())
	case act.Date:
		day, _ := v.Date()
		w.int(day.Unix() / secondsADay)
	case act.Codes:
		codes := v.Codes()
		w.int(int64(len(codes)))
		for _, c := range codes {
			w.str(c)
		}
	case act.Ident:
		id, _ := v.ID()
		w.id(id)
	case act.Idents:
		ids := v.IDs()
		w.int(int64(len(ids)))
		for _, id := range ids {
			w.id(id)
		}
	}
}

const secondsADay = 24 * 60 * 60

// ParseState reads what AppendBinary wrote. It returns ErrFormat for another format; any other error means that
// the bytes are damaged. Both are mended by rebuilding the state from the file's envelopes.
func ParseState(b []byte) (*State, error) {
	if len(b) == 0 || b[0] != stateFormat && b[0] != stillFormat-1 {
		return nil, ErrFormat
	}
	// One copy holds every string of the state.
	r := stateReader{b: b, at: 1, text: string(b), format: b[0]}
	s := &State{File: r.id(), Sort: r.str(), Acts: r.int()}
	s.Threads = make([]Thread, r.len(16+16+1+32+1))
	for i := range s.Threads {
		t := &s.Threads[i]
		t.Audience, t.ID, t.Next = r.id(), r.id(), r.int()
		t.Last = r.sum()
		t.Keys = make([]Key, r.len(17))
		for j := range t.Keys {
			t.Keys[j] = Key{r.str(), r.id()}
		}
	}
	threads := len(s.Threads)
	s.Procedures = make([]Run, r.len(20))
	for i := range s.Procedures {
		r.run(&s.Procedures[i], threads)
	}
	sayers := make([]act.ID, r.len(16))
	for i := range sayers {
		sayers[i] = r.id()
	}
	s.Facts = make([]Fact, r.len(8))
	for i := range s.Facts {
		f := &s.Facts[i]
		f.Name, f.Thread = r.str(), r.index(threads)
		if run := r.index(len(s.Procedures) + 1); run > 0 {
			f.Run = s.Procedures[run-1].ID
		}
		f.Value = r.value()
		if by := r.index(len(sayers)); by < len(sayers) {
			f.From = sayers[by]
		}
		f.At, f.Seq = act.Instant(r.int()), r.int()
	}
	s.Drafts = make([]Draft, r.len(67))
	for i := range s.Drafts {
		d := &s.Drafts[i]
		d.Run, d.Step, d.By, d.Thread, d.Content = r.id(), r.str(), r.id(), r.index(threads), r.sum()
		d.Signatures = make([]Signature, r.len(50))
		for j := range d.Signatures {
			d.Signatures[j] = Signature{r.id(), r.id(), r.str(), r.id(), r.index(threads)}
		}
	}
	r.migrated(s)
	if !r.bad && r.at != len(b) {
		r.bad = true
	}
	if r.bad {
		return nil, fmt.Errorf("the state is damaged at byte %d of %d; rebuild it from the file's envelopes", r.at, len(b))
	}
	return s, nil
}

type stateReader struct {
	b    []byte
	text string
	at   int
	bad  bool

	format byte
}

func (r *stateReader) take(n int) int {
	if r.bad || n < 0 || n > len(r.b)-r.at {
		r.bad = true
		return -1
	}
	from := r.at
	r.at += n
	return from
}

func (r *stateReader) id() (id act.ID) {
	if from := r.take(len(id)); from >= 0 {
		copy(id[:], r.b[from:])
	}
	return id
}

func (r *stateReader) sum() (sum [32]byte) {
	if from := r.take(len(sum)); from >= 0 {
		copy(sum[:], r.b[from:])
	}
	return sum
}

func (r *stateReader) int() int64 {
	if r.bad {
		return 0
	}
	n, size := binary.Varint(r.b[r.at:])
	if size <= 0 {
		r.bad = true
		return 0
	}
	r.at += size
	return n
}

func (r *stateReader) str() string {
	n := r.int()
	if n < 0 || n > int64(len(r.b)) {
		r.bad = true
		return ""
	}
	from := r.take(int(n))
	if from < 0 {
		return ""
	}
	return r.text[from:r.at]
}

// len reads a count and refuses one that the bytes left can't hold, each item having at least size bytes.
func (r *stateReader) len(size int) int {
	n := r.int()
	if r.bad || n < 0 || n > int64((len(r.b)-r.at)/size) {
		r.bad = true
		return 0
	}
	return int(n)
}

func (r *stateReader) index(below int) int {
	n := r.int()
	if n < 0 || n >= int64(below) {
		r.bad = true
		return 0
	}
	return int(n)
}

func (r *stateReader) run(p *Run, threads int) {
	p.ID, p.Protocol, p.Version = r.id(), r.str(), int(r.int())
	p.Events = make([]Event, r.len(22))
	for i := range p.Events {
		e := &p.Events[i]
		e.Step, e.Count, e.First, e.Last = r.str(), r.int(), act.Instant(r.int()), act.Instant(r.int())
		e.By, e.Thread, e.Seq = r.id(), r.index(threads), r.int()
	}
	p.Clocks = make([]Clock, r.len(24))
	for i := range p.Clocks {
		c := &p.Clocks[i]
		c.Step, c.Rule, c.Start, c.Due = r.str(), r.str(), act.Instant(r.int()), act.Instant(r.int())
		c.Calendar, c.By, c.Thread, c.Seq = r.str(), r.id(), r.index(threads), r.int()
		c.Since = make([]Mark, r.len(2))
		for j := range c.Since {
			c.Since[j] = Mark{r.str(), act.Instant(r.int())}
		}
		if r.format >= stillFormat {
			r.ledger(c)
		}
	}
}

func (r *stateReader) value() act.Value {
	from := r.take(1)
	if from < 0 || int(r.b[from]) >= len(types) {
		r.bad = true
		return act.Value{}
	}
	switch types[r.b[from]] {
	case act.Bool:
		at := r.take(1)
		return act.OfBool(at >= 0 && r.b[at] == 1)
	case act.Int:
		return act.OfInt(r.int())
	case act.At:
		return act.OfInstant(act.Instant(r.int()))
	case act.Code:
		return act.OfCode(r.str())
	case act.Date:
		return r.date()
	case act.Codes:
		codes := make([]string, r.len(1))
		for i := range codes {
			codes[i] = r.str()
		}
		return act.OfCodes(codes...)
	case act.Ident:
		return act.OfID(r.id())
	default:
		ids := make([]act.ID, r.len(16))
		for i := range ids {
			ids[i] = r.id()
		}
		return act.OfIDs(ids...)
	}
}

func (r *stateReader) date() act.Value {
	days := r.int()
	day := time.Unix(days*secondsADay, 0).UTC()
	if days < -1e6 || days > 4e6 || day.Year() < 1 || day.Year() > 9999 {
		r.bad = true
		return act.Value{}
	}
	return act.OfDate(day)
}
