package pack

import (
	"fmt"
	"slices"

	"sanad/internal/act"
	"sanad/internal/law/protocol"
)

// What an entry of the register says of how something stands is held against what its procedure did. The pack says for each word of
// the list entry_states from when on it is true, until when, and which truer words are told instead of it.

// Two things that happen without an act of their own.
const (
	Started = "start" // the procedure began or, where it decides measures, the newest of them was decided
	Over    = "over"  // the last day of the measure is past
)

// listStates closes how an entry may say that something stands.
const listStates = "entry_states"

// EntryState says when the register may tell that something stands so.
type EntryState struct {
	ID    string // word of the list entry_states
	Since []Happening
	Until []Happening
	// YieldsTo are the states that are told instead wherever they are true as well: who reads that a fine is in force must not miss
	// that a court annulled it.
	YieldsTo []string
}

// Happening is something that makes, or ends, a state.
type Happening struct {
	Kind string      // of an act, Started or Over
	Fact string      // what the act must say; "" where its kind says enough
	Is   []act.Value // one of these is what it must say
	Of   []string    // sorts of entry of which it tells; none: of all
}

// Occurrence is one thing that a procedure did, or that happened to it.
type Occurrence struct {
	Kind  string // of an act, Started or Over
	Facts act.Facts
}

// Standing lists the states that may be told of what a procedure publishes under a sort of entry, in the order of the pack's list.
// The course is what the procedure did, the oldest first. There is always one, for a pack has one that is true from the start on.
func (p *Pack) Standing(entry string, course []Occurrence) []string {
	var holds []string
	for i := range p.EntryStates {
		if s := &p.EntryStates[i]; s.holds(entry, course) {
			holds = append(holds, s.ID)
		}
	}
	var out []string
	for _, word := range p.Words(listStates) {
		s := find(p.EntryStates, func(s *EntryState) bool { return s.ID == word })
		hidden := s == nil || slices.ContainsFunc(s.YieldsTo, func(other string) bool { return slices.Contains(holds, other) })
		if !hidden && slices.Contains(holds, word) {
			out = append(out, word)
		}
	}
	return out
}

// holds reports whether something that makes the state happened, and nothing since that ends it.
func (s *EntryState) holds(entry string, course []Occurrence) bool {
	for i := range slices.Backward(course) {
		is := func(h Happening) bool { return h.was(entry, &course[i]) }
		if slices.ContainsFunc(s.Since, is) {
			return true
		}
		if slices.ContainsFunc(s.Until, is) {
			return false
		}
	}
	return false
}

func (h *Happening) was(entry string, o *Occurrence) bool {
	if h.Kind != o.Kind || len(h.Of) > 0 && !slices.Contains(h.Of, entry) {
		return false
	}
	if h.Fact == "" {
		return true
	}
	said, there := o.Facts.Get(h.Fact)
	return there && slices.ContainsFunc(h.Is, said.Equal)
}

func (l *loader) readEntries(n *node) {
	for _, n := range l.items(n, "states") {
		f := l.fields(n, "a state", "state", "since", "?until", "?yields_to")
		s := EntryState{ID: f.listed("state", listStates), YieldsTo: f.listedAll("yields_to", listStates)}
		if l.declare(f.at("state"), "state of entries", s.ID) {
			continue
		}
		s.Since, s.Until = l.happenings(f, "since"), l.happenings(f, "until")
		if len(s.Since) == 0 && f.has("since") {
			l.add(f.at("since"), fmt.Sprintf("nothing makes that something is %s", s.ID), "acts, or start where it needs none")
		}
		if slices.ContainsFunc(s.Until, func(h Happening) bool { return h.Kind == Started }) {
			l.add(f.at("until"), fmt.Sprintf("%s ends where everything starts", s.ID), "acts, or over")
		}
		l.pack.EntryStates = overlay(l.pack.EntryStates, s, func(x *EntryState) string { return x.ID })
	}
}

// happenings reads what makes or ends a state: the name of a kind of act, or a mapping that says more of it.
func (l *loader) happenings(f fields, key string) []Happening {
	var out []Happening
	for _, n := range f.list(key) {
		if n == nil {
			continue
		}
		h := Happening{}
		where := n.place
		if n.form == formMap {
			x := l.fields(n, "a happening", "act", "?fact", "?is", "?of")
			h.Kind, h.Fact, h.Of = x.code("act"), x.code("fact"), x.listedAll("of", "entries")
			where = x.at("act")
			for _, v := range x.list("is") {
				h.Is = append(h.Is, l.told(v))
			}
			if x.has("fact") != (len(h.Is) > 0) {
				l.add(n.place, "a happening names a fact and not what it is, or the other way round", "fact and is, or neither")
			}
		} else {
			h.Kind = l.code(n, key)
		}
		if h.Kind == "" {
			continue
		}
		if h.Kind != Started && h.Kind != Over {
			l.happens = append(l.happens, happens{where, h})
		} else if h.Fact != "" {
			l.add(where, fmt.Sprintf("%s is no act, and says no fact", h.Kind), "a kind of act")
		}
		out = append(out, h)
	}
	return out
}

// told reads one thing an act may say: a word, yes or no.
func (l *loader) told(n *node) act.Value {
	if n != nil && n.form == formBool {
		return l.value(n, act.Bool)
	}
	return l.value(n, act.Code)
}

// happens is a happening, to be held against the pack's protocols and the catalogue.
type happens struct {
	place
	Happening
}

// checkEntries asks that of everything that is published something can be told, of each word when, and that nothing is named which
// can't happen.
func (l *loader) checkEntries() {
	p := l.pack
	where := place{file: p.ID + "/entries.yaml"}
	publishes, emitted := false, map[string]bool{}
	for i := range p.Protocols {
		for j := range p.Protocols[i].Steps {
			kind := p.Protocols[i].Steps[j].Kind
			publishes, emitted[kind] = publishes || kind == protocol.KindPublished, true
		}
	}
	for _, h := range l.happens {
		if !emitted[h.Kind] {
			l.add(h.place, fmt.Sprintf("no step of a protocol emits %s", h.Kind), "a kind of act that a step emits, start or over")
			continue
		}
		l.checkHappening(h)
	}
	words := p.words(listStates)
	if !publishes || words == nil {
		return
	}
	always := false
	for _, word := range words {
		s := find(p.EntryStates, func(s *EntryState) bool { return s.ID == word })
		if s == nil {
			l.add(where, fmt.Sprintf("nothing says when the register may tell that something is %s", word), "a state with since: the acts it needs, or start where it needs none")
			continue
		}
		always = always || len(s.Until) == 0 && slices.ContainsFunc(s.Since, func(h Happening) bool { return h.Kind == Started && len(h.Of) == 0 })
		if p.yields(word, word, map[string]bool{}) {
			l.add(where, fmt.Sprintf("state %s yields to itself", word), "an order in which truer states stand before others")
		}
	}
	if !always {
		l.add(where, "of something published there may be nothing to tell", "a state with since: [start] and no until")
	}
}

// yields reports whether a state yields to another, directly or through others.
func (p *Pack) yields(from, to string, seen map[string]bool) bool {
	s := find(p.EntryStates, func(s *EntryState) bool { return s.ID == from })
	if s == nil || seen[from] {
		return false
	}
	seen[from] = true
	return slices.ContainsFunc(s.YieldsTo, func(word string) bool { return word == to || p.yields(word, to, seen) })
}

// checkHappening holds what an act is to say against its kind.
func (l *loader) checkHappening(h happens) {
	if l.kinds == nil || h.Fact == "" {
		return
	}
	schema, known := l.kinds.Latest(h.Kind)
	if !known {
		return // told where a step emits it
	}
	i := slices.IndexFunc(schema.Facts, func(f act.FactSchema) bool { return f.Name == h.Fact })
	if i < 0 {
		l.add(h.place, fmt.Sprintf("%s does not say a fact %s", h.Kind, h.Fact), oneOf(factsOf(schema)))
		return
	}
	fact := &schema.Facts[i]
	words := fact.Codes
	if len(words) == 0 {
		words = l.pack.words(fact.List)
	}
	for _, v := range h.Is {
		switch {
		case v.Type() != fact.Type:
			l.add(h.place, fmt.Sprintf("fact %s of %s is of type %s", h.Fact, h.Kind, fact.Type), "a value of type "+string(fact.Type))
		case fact.Type == act.Code && !slices.Contains(words, v.Code()):
			l.add(h.place, fmt.Sprintf("%s never says %q of fact %s", h.Kind, v.Code(), h.Fact), oneOf(words))
		}
	}
}
