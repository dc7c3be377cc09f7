package pack

import (
	"encoding/hex"
	"slices"

	"sanad/internal/act"
	"sanad/internal/law/gate"
	"sanad/internal/law/legaltime"
	"sanad/internal/law/protocol"
)

// Pack is a country's law, read and checked, with everything of its parents laid under it. It never changes
// after Load and may be shared.
type Pack struct {
	ID        string
	Edition   string // the version its authors gave it; Version is what acts name
	Languages []string
	Parents   []string // ids of the packs it extends, nearest first
	Fictional bool     // it holds invented law: nothing decided under it has any effect
	Variants  []string // governance variants; the first one is the default
	Migrates  []string // roles that may migrate a procedure where its versions name none

	Sources      []Source
	Texts        []Text
	Institutions []Institution
	Roles        []Role
	Compartments []Compartment
	Facts        []Fact
	Gates        []gate.Gate
	Rules        []Rule
	Retention    []Retention
	Parameters   []Parameter
	Letters      []Letter
	Remedies     []Remedy
	EntryStates  []EntryState
	Protocols    []protocol.Protocol
	Policies     []Policies // the parents' first
	Calendar     *legaltime.Calendar
	// HolidaySources says for each holiday of the calendar where its date comes from.
	HolidaySources map[string][]string

	lists    []List
	messages map[string]map[string]string // by language, then key
	digest   [32]byte
	engine   *protocol.Engine
}

// Source is where something said of the law was read.
type Source struct{ ID, Address string }

// Text is a legal text with its real standing.
type Text struct {
	ID       string
	Title    map[string]string // by language
	Status   gate.Standing
	Verified bool // a jurist signed it off; false counts as not in force
	From, To legaltime.Date
	Known    legaltime.Date // when it became known; zero: as soon as it was in force
	Source   []string       // ids of sources, or words
	Note     string         // for readers of the pack; not shown on pages
}

// Institution is a body with its powers and its duties of secrecy.
type Institution struct {
	ID         string
	Name       map[string]string
	Competence []string // words of the list competences
	Can        []string // words of the list powers
	Cannot     []string // words of the list powers
	Secrecy    []string // words of the list secrecy
	Unit       bool     // part of another institution
	Source     []string
}

// Role is what a mandate is held for.
type Role struct {
	ID    string
	Held  []Holder
	Reads []string // compartments it reads, besides what is public
	Seats []string // stable ids of the mandates that exist from the start
}

// Holder says which institution holds a role under a governance variant.
type Holder struct{ Variant, Institution string }

// Institution returns the institution that holds the role under a variant, "" when none does.
func (r *Role) Institution(variant string) string {
	for _, h := range r.Held {
		if h.Variant == variant || h.Variant == "" {
			return h.Institution
		}
	}
	return ""
}

// Compartment is a label for a secret.
type Compartment struct {
	ID      string
	Public  bool   // held by everyone
	Secrecy string // word of the list secrecy; "" when no regime of secrecy names it
}

// List is a closed list of codes.
type List struct {
	ID     string
	Words  []string
	PartOf string // the list all its words also belong to, and under which they are worded; "" for none
}

// Fact declares a fact gates may ask.
type Fact struct {
	ID      string
	Type    act.Type
	List    string   // closes it, for codes
	SaidBy  []string // kinds of act that say it
	Outside bool     // it comes from outside the file, through Question.Outside
	OfRun   bool     // it counts in the procedure that says it and in no other, also where a file has one such procedure only
	Since   bool     // it is said for one measure: it counts until the next is decided, and no more for the one after
}

// Rule is a rule of time with the legal text it comes from.
type Rule struct {
	legaltime.Rule
	Basis gate.Basis
}

// Retention says how long bodies of a class are kept after the file's last act.
type Retention struct {
	Class string
	Rule  string // a rule of time; "" keeps them for ever
}

// Parameter is a number, or choice, of the law that somebody had to fix, with where it comes from.
type Parameter struct {
	ID           string
	SameAs       string // the parameter whose value this one is, "" where it has one of its own
	Value        act.Value
	Unit         string // word of the list units
	Alternatives []act.Value
	List         string      // of a code, the closed list whose words the value and the alternatives are; may be empty
	Refused      []act.Value // alternatives that this program has no words for: a pack that chooses one does not load
	Provenance   string      // word of the list provenance
	Verified     bool
	Source       []string
	Note         string
}

// Digest returns the SHA-256 of the pack's content and of its parents', in a form that layout, comments and the
// order of keys do not change. Of policies it is the text that counts.
func (p *Pack) Digest() [32]byte { return p.digest }

// Version names the pack and its content, as ID@ and the first twelve hexadecimal digits of Digest: what
// act.Envelope.Law holds.
func (p *Pack) Version() string { return p.ID + "@" + hex.EncodeToString(p.digest[:6]) }

// Engine returns the engine that interprets this pack.
func (p *Pack) Engine() *protocol.Engine { return p.engine }

// Has reports whether a word belongs to a closed list. Besides the pack's own lists there are roles, institutions
// and steps (of any protocol).
func (p *Pack) Has(list, word string) bool {
	return slices.Contains(p.words(list), word)
}

// Words returns the words of a closed list, in the order of the pack; nil when there is no such list.
func (p *Pack) Words(list string) []string { return slices.Clone(p.words(list)) }

func (p *Pack) words(list string) []string {
	for i := range p.lists {
		if p.lists[i].ID == list {
			return p.lists[i].Words
		}
	}
	return nil
}

// Lists returns the names of all closed lists, sorted.
func (p *Pack) Lists() []string {
	out := make([]string, len(p.lists))
	for i := range p.lists {
		out[i] = p.lists[i].ID
	}
	slices.Sort(out)
	return out
}

// Message returns the pack's wording of a key in a language, with {name} where an argument goes.
func (p *Pack) Message(language, key string) (string, bool) {
	text, ok := p.messages[language][key]
	return text, ok
}

// Messages returns the pack's wording in a language, by key. The map is shared: nobody may change it.
func (p *Pack) Messages(language string) map[string]string { return p.messages[language] }

// Role returns a role, nil when the pack has none of that name.
func (p *Pack) Role(id string) *Role { return find(p.Roles, func(r *Role) bool { return r.ID == id }) }

// Text returns a legal text, nil when the pack has none of that name.
func (p *Pack) Text(id string) *Text { return find(p.Texts, func(t *Text) bool { return t.ID == id }) }

// Rule returns a rule of time, nil when the pack has none of that name.
func (p *Pack) Rule(id string) *Rule { return find(p.Rules, func(r *Rule) bool { return r.ID == id }) }

// Gate returns a gate, nil when the pack has none of that name.
func (p *Pack) Gate(id string) *gate.Gate {
	return find(p.Gates, func(g *gate.Gate) bool { return g.ID == id })
}

// Institution returns an institution, nil when the pack has none of that name.
func (p *Pack) Institution(id string) *Institution {
	return find(p.Institutions, func(i *Institution) bool { return i.ID == id })
}

// Compartment returns a compartment, nil when the pack has none of that name.
func (p *Pack) Compartment(id string) *Compartment {
	return find(p.Compartments, func(c *Compartment) bool { return c.ID == id })
}

// Parameter returns a parameter, nil when the pack has none of that name.
func (p *Pack) Parameter(id string) *Parameter {
	return find(p.Parameters, func(x *Parameter) bool { return x.ID == id })
}

func find[T any](list []T, is func(*T) bool) *T {
	for i := range list {
		if is(&list[i]) {
			return &list[i]
		}
	}
	return nil
}
