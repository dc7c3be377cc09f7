package notice

import (
	"slices"
	"strings"
	"time"

	"sanad/internal/act"
	"sanad/internal/kit/lang"
	"sanad/internal/law/pack"
	"sanad/internal/law/protocol"
)

// Place is a step of a protocol.
type Place struct{ Protocol, Step string }

// Law is what the street door reads of a pack. What a pack leaves out is nil, and the door does without it.
type Law struct {
	Received    Place             // the step that takes in an ordinary notice: Desk.Protocol and Desk.Receive
	Danger      Place             // the one for someone in danger now; zero: the ordinary one
	Matter      Place             // the one for what is out of scope; zero: the ordinary one
	Named       map[string]string // by protocol: the step that records how to reach the reporter
	Scope       []string          // those of which the law may coerce somebody; nil: all
	AddressOnly []string          // those of which an address is taken and never a file
	Child       []string          // those a child is asked about; nil: those in scope
	Emergency   []Number
	Doors       map[string][]string // by situation out of scope: who can help, the best first
	Away        string              // where the quick way out of the child's page leads; "": somewhere plain
	Languages   []string            // of the country, besides those the pages are in: an answer may be wanted in one
	pack        *pack.Pack          // whose protocols change with time; nil: what is said above holds always
	Zone        *time.Location      // of the country's legal time; nil: UTC
}

// Number is whom to call when someone is in danger. Its name and wording are messages, by Word.
type Number struct {
	Word string
	Tel  string // digits, with + in front where the pack has it
}

// LawOf reads a pack as it is in force at an instant. Of the steps that emit a kind it takes the first, in the order of the pack.
func LawOf(p *pack.Pack, now act.Instant) Law {
	l := Law{
		pack: p, Scope: p.Words("in_scope"), AddressOnly: p.Words("address_only"), Child: p.Words("child_situations"),
		Doors: map[string][]string{}, Languages: p.Languages,
	}
	if p.Calendar != nil {
		l.Zone = p.Calendar.Location()
	}
	for _, w := range p.Words("situations") {
		doors := p.Words("doors_" + w)
		if doors != nil {
			l.Doors[w] = doors
		}
	}
	for _, w := range p.Words("emergency") {
		for _, language := range p.Languages {
			number, ok := p.Message(language, "emergency."+w+".number")
			if tel := dialled(number); ok && tel != "" {
				l.Emergency = append(l.Emergency, Number{w, tel})
				break
			}
		}
	}
	for _, language := range p.Languages {
		if l.Away == "" {
			l.Away, _ = p.Message(language, "child.away")
		}
	}
	return l.at(now)
}

// at is the law with the steps that a notice taken in at an instant goes through: of each protocol the version under which a run
// opens then.
func (l Law) at(now act.Instant) Law {
	if l.pack == nil {
		return l
	}
	l.Received, l.Danger, l.Matter, l.Named = Place{}, Place{}, Place{}, map[string]string{}
	seen := map[string]bool{}
	for i := range l.pack.Protocols {
		p := &l.pack.Protocols[i]
		if p.Sort != Sort || seen[p.ID] {
			continue
		}
		seen[p.ID] = true
		l.read(l.pack.Engine().Opening(p.ID, now, now))
	}
	return l
}

// read takes the steps the door needs from a protocol.
func (l *Law) read(p *protocol.Protocol) {
	starts := map[string]*Place{KindReceived: &l.Received, KindDanger: &l.Danger, KindMatter: &l.Matter}
	for i := range p.Steps {
		s := &p.Steps[i]
		at := starts[s.Kind]
		if at != nil && s.After.IsStart() && *at == (Place{}) {
			*at = Place{p.ID, s.ID}
		}
		if _, have := l.Named[p.ID]; s.Kind == KindNamed && !have {
			l.Named[p.ID] = s.ID
		}
	}
}

// Outside reports whether a situation is out of the scope within which the law may coerce somebody. No case is opened on it,
// and it counts as no alert.
func (l *Law) Outside(situation string) bool {
	return l.Scope != nil && !slices.Contains(l.Scope, situation)
}

// Coerces reports whether a case may be made of a notice that began with an act of a kind, about a situation, and an alert
// counted about it.
func (l *Law) Coerces(kind, situation string) bool {
	return kind != KindMatter && !l.Outside(situation)
}

// languages are the codes of those in which an answer may be wanted.
func (l *Law) languages() []string {
	var out []string
	for _, spoken := range lang.All() {
		out = append(out, string(spoken))
	}
	for _, code := range l.Languages {
		if !slices.Contains(out, code) {
			out = append(out, code)
		}
	}
	return out
}

// AddressAlone reports whether a situation takes an address and never a file.
func (l *Law) AddressAlone(situation string) bool { return slices.Contains(l.AddressOnly, situation) }

// split parts situations into those in scope and the others, in their order.
func (l *Law) split(situations []string) (inside, outside []string) {
	for _, w := range situations {
		if l.Outside(w) {
			outside = append(outside, w)
		} else {
			inside = append(inside, w)
		}
	}
	return inside, outside
}

// ofChild are the situations on the child's page.
func (l *Law) ofChild(situations []string) []string {
	if l.Child != nil {
		return l.Child
	}
	inside, _ := l.split(situations)
	return inside
}

// dialled keeps of a number as it is printed what a telephone dials.
func dialled(number string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' {
			return r
		}
		return -1
	}, number)
}
