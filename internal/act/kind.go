package act

import (
	"fmt"
	"slices"
	"sort"
)

// The closed list of what a machine may emit, each in the thread it concerns. Findings, measures and letters are
// people's.
const (
	DeadlineLapsed     = "deadline.lapsed"
	DeadlineRecomputed = "deadline.recomputed"
	KeyDestroyed       = "key.destroyed"
	JournalDigest      = "journal.digest"
	RegisterDumped     = "register.dumped"
)

// MachineKinds returns the closed list of kinds that are done without a mandate.
func MachineKinds() []string {
	return []string{DeadlineLapsed, DeadlineRecomputed, JournalDigest, KeyDestroyed, RegisterDumped}
}

// IsMachine reports whether a kind is on the closed list.
func IsMachine(kind string) bool { return slices.Contains(MachineKinds(), kind) }

// On what an act is recorded. A kind's basis is part of no act: it may be told more exactly without touching what is recorded.
const (
	BasisProtocol  = "protocol"  // the step that it performs: the texts that the pack gives for that step
	BasisHouse     = "house"     // the law that seats the authority: who is there, in whose name, and since when
	BasisCustody   = "custody"   // the duty to account for evidence: who brought it, looked at it, hid it or gave it away
	BasisUpkeep    = "upkeep"    // the duty to keep the register open to all, and to keep its copies
	BasisRetention = "retention" // the pack's time for each class of body, at whose end it is erased
)

// Bases are all of them.
func Bases() []string {
	return []string{BasisProtocol, BasisHouse, BasisCustody, BasisUpkeep, BasisRetention}
}

// Schema declares one version of one kind of act. A declared version never changes meaning; another meaning is
// another version.
type Schema struct {
	Kind      string
	Version   int
	Of        []string // kinds of file it may belong to
	Facts     []FactSchema
	Purpose   string // message key: why this is recorded
	Basis     string // on what it is recorded: one of Bases
	Retention string // class: how long its body is kept; the pack gives the time
	Body      bool   // whether it has a sealed body
	// Elsewhere says that what it records happened outside the house, which was told of it later: an act of the kind may be effective
	// before it is recorded. Any other kind is done by being recorded. It is part of no act, like Basis.
	Elsewhere bool
	Commits   []string
}

// Elsewhere returns a schema whose kind records what happened outside the house.
func Elsewhere(s Schema) Schema {
	s.Elsewhere = true
	return s
}

// FactSchema declares one fact of a kind.
type FactSchema struct {
	Name     string
	Type     Type
	Required bool
	Codes    []string // closed list for Code and Codes; empty means a list of the pack, named by List
	List     string   // name of the pack's list that closes a Code or Codes fact
}

// Catalogue is the set of kinds that may be written. It is filled once at start and only read afterwards.
type Catalogue struct{ kinds map[string][]Schema }

// NewCatalogue declares all given schemas. It refuses a kind without purpose, basis, retention class or file
// kind, an open code, and a version that leaves a gap.
func NewCatalogue(schemas ...Schema) (*Catalogue, error) {
	c := &Catalogue{kinds: map[string][]Schema{}}
	sorted := slices.Clone(schemas)
	sort.SliceStable(sorted, func(i, j int) bool {
		if sorted[i].Kind != sorted[j].Kind {
			return sorted[i].Kind < sorted[j].Kind
		}
		return sorted[i].Version < sorted[j].Version
	})
	for _, s := range sorted {
		if err := s.check(); err != nil {
			return nil, err
		}
		if s.Version != len(c.kinds[s.Kind])+1 {
			return nil, fmt.Errorf("kind %s: version %d follows %d", s.Kind, s.Version, len(c.kinds[s.Kind]))
		}
		c.kinds[s.Kind] = append(c.kinds[s.Kind], s)
	}
	return c, nil
}

func (s Schema) check() error {
	if !IsCode(s.Kind) || s.Purpose == "" || !IsCode(s.Basis) || !IsCode(s.Retention) || len(s.Of) == 0 {
		return fmt.Errorf("kind %s: kind, files, purpose, legal basis and retention class must all be declared", s.Kind)
	}
	if IsMachine(s.Kind) && s.Body {
		return fmt.Errorf("kind %s: a machine writes no body", s.Kind)
	}
	seen := map[string]bool{}
	for _, f := range s.Facts {
		if !IsCode(f.Name) || seen[f.Name] {
			return fmt.Errorf("kind %s: fact %q is no code, or declared twice", s.Kind, f.Name)
		}
		seen[f.Name] = true
		coded := f.Type == Code || f.Type == Codes
		if coded != (len(f.Codes) > 0 || f.List != "") {
			return fmt.Errorf("kind %s: fact %s: a coded fact, and only that, needs its closed list", s.Kind, f.Name)
		}
	}
	return nil
}

// Latest returns the newest version of a kind.
func (c *Catalogue) Latest(kind string) (Schema, bool) {
	versions := c.kinds[kind]
	if len(versions) == 0 {
		return Schema{}, false
	}
	return versions[len(versions)-1], true
}

// Lookup returns one version of a kind.
func (c *Catalogue) Lookup(kind string, version int) (Schema, bool) {
	versions := c.kinds[kind]
	if version < 1 || version > len(versions) {
		return Schema{}, false
	}
	return versions[version-1], true
}

// All returns every declared schema, sorted by kind and version.
func (c *Catalogue) All() []Schema {
	var out []Schema
	for _, versions := range c.kinds {
		out = append(out, versions...)
	}
	sort.Slice(out, func(i, j int) bool {
		if out[i].Kind != out[j].Kind {
			return out[i].Kind < out[j].Kind
		}
		return out[i].Version < out[j].Version
	})
	return out
}

// Lists answers whether a word belongs to a named closed list of the pack in force.
type Lists interface{ Has(list, word string) bool }

// Elsewhere returns the kinds that record what happened outside the house. What one version of a kind says of that holds for all.
func (c *Catalogue) Elsewhere() map[string]bool {
	out := map[string]bool{}
	for kind, versions := range c.kinds {
		if slices.ContainsFunc(versions, func(s Schema) bool { return s.Elsewhere }) {
			out[kind] = true
		}
	}
	return out
}

// Admit reports the first reason for which an envelope does not fit its kind: an undeclared kind, a file of the
// wrong sort, a fact that is undeclared, missing, of another type or outside its list, an undeclared commitment.
func (c *Catalogue) Admit(e *Envelope, lists Lists) error {
	s, ok := c.Lookup(e.Kind, e.Version)
	if !ok {
		return fmt.Errorf("kind %s version %d is not declared", e.Kind, e.Version)
	}
	if !slices.Contains(s.Of, e.Of) {
		return fmt.Errorf("%s belongs to %v, not to a file of sort %s", e.Kind, s.Of, e.Of)
	}
	if !s.Body && !e.Key.IsZero() {
		return fmt.Errorf("%s has no body", e.Kind)
	}
	declared := 0
	for _, f := range s.Facts {
		v, there := e.Facts.Get(f.Name)
		if !there {
			if f.Required {
				return fmt.Errorf("%s: fact %s is missing", e.Kind, f.Name)
			}
			continue
		}
		declared++
		if err := f.admit(v, lists); err != nil {
			return fmt.Errorf("%s: fact %s: %w", e.Kind, f.Name, err)
		}
	}
	if declared != len(e.Facts) {
		for _, f := range e.Facts {
			if !slices.ContainsFunc(s.Facts, func(x FactSchema) bool { return x.Name == f.Name }) {
				return fmt.Errorf("%s: fact %s is not declared", e.Kind, f.Name)
			}
		}
	}
	for _, com := range e.Commits {
		if !slices.Contains(s.Commits, com.Name) {
			return fmt.Errorf("%s: commitment %s is not declared", e.Kind, com.Name)
		}
	}
	return nil
}

func (f FactSchema) admit(v Value, lists Lists) error {
	if v.typ != f.Type {
		return fmt.Errorf("is %s, declared %s", v.typ, f.Type)
	}
	words := v.list
	switch f.Type {
	case Code:
		words = []string{v.text}
	case Codes:
	default:
		return nil
	}
	for _, w := range words {
		if len(f.Codes) > 0 && !slices.Contains(f.Codes, w) {
			return fmt.Errorf("%q is not one of %v", w, f.Codes)
		}
		if len(f.Codes) == 0 && (lists == nil || !lists.Has(f.List, w)) {
			return fmt.Errorf("%q is not in the pack's list %s", w, f.List)
		}
	}
	return nil
}
