package act

import (
	"fmt"
	"slices"
	"sort"
	"strings"
)

// Envelope is the never-erased half of an act. Everything legal is decided from envelopes.
type Envelope struct {
	ID       ID
	File     ID     // the file the act belongs to
	Of       string // what that file is: notice, case, platform, mandate …
	Audience ID     // interned set of compartments; a reader holds them all
	Thread   ID     // the file as that audience sees it; also names the key that links it
	Pos      int64  // position in the thread, from 0
	Kind     string
	Version  int // version of the kind, from 1

	Recorded  Instant // when it entered the log; never goes back along the log
	Effective Instant // when it happened in law; starts clocks
	Shown     ID      // the act or exhibit that proves Effective where it is not Recorded; else zero

	Mandate   ID // in whose name; zero only for the closed list of machine acts
	Cites     []ID
	Procedure *Procedure // the step of a protocol this act performs, if any
	Deadlines []Deadline // the clocks it starts
	Law       string     // pack and version under which it was decided, as NAME@DIGEST
	Facts     Facts
	Gates     []Answer
	Commits   []Commit
	Key       ID // names the key its body is sealed under; zero when there is no body
}

// Procedure names one step in one run of a protocol.
type Procedure struct {
	ID       ID
	Protocol string
	Version  int
	Step     string
}

// Deadline records a clock as it stood when the act was done. It is evidence of what was computed then; what is
// due now is always recomputed from rule, start, suspensions and calendar.
type Deadline struct {
	Rule     string
	Start    Instant
	Due      Instant
	Calendar string
}

// Answer is what a gate saw and answered.
type Answer struct {
	Gate    string
	Version int
	Open    bool
	Because string // code of the condition that decided
	Saw     []Seen // the facts it asked, sorted by name
}

// Seen is one fact as a gate saw it, with where it came from.
type Seen struct {
	Fact  string
	Value Value // zero when unknown
	From  ID    // the act that said so; zero when unknown or derived
}

// Commit carries a salted commitment of some content under a name, unchanged from act to act.
type Commit struct {
	Name string
	Sum  [32]byte
}

// Fact is one typed, coded fact of an act.
type Fact struct {
	Name  string
	Value Value
}

// Facts is a set of facts sorted by name.
type Facts []Fact

// NewFacts builds a sorted set from a map.
func NewFacts(m map[string]Value) Facts {
	out := make(Facts, 0, len(m))
	for name, v := range m {
		out = append(out, Fact{name, v})
	}
	slices.SortFunc(out, func(a, b Fact) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// Get returns the value of a fact, and whether it is there.
func (f Facts) Get(name string) (Value, bool) {
	i := sort.Search(len(f), func(i int) bool { return f[i].Name >= name }) // by index: a fact is large
	if i == len(f) || f[i].Name != name {
		return Value{}, false
	}
	return f[i].Value, true
}

// Limits of an envelope. They bound what one act can cost every reader, for ever.
const (
	maxCites   = 64
	maxFacts   = 128
	maxGates   = 64
	maxSeen    = 64
	maxList    = 256
	maxCommits = 16
	maxClocks  = 16
	maxSize    = 64 << 10
)

// Check reports the first reason for which the envelope may not be written. It knows the form only; whether the
// kind exists and its facts are declared is the catalogue's business.
func (e *Envelope) Check() error {
	for _, must := range []struct {
		name string
		id   ID
	}{{"id", e.ID}, {"file", e.File}, {"audience", e.Audience}, {"thread", e.Thread}} {
		if must.id.IsZero() {
			return fmt.Errorf("envelope: %s is missing", must.name)
		}
	}
	if e.Pos < 0 || e.Pos > MaxInt || e.Version < 1 || e.Version > 9999 {
		return fmt.Errorf("envelope: position %d or version %d is out of range", e.Pos, e.Version)
	}
	for _, i := range []Instant{e.Recorded, e.Effective} {
		if i < minInstant || i > maxInstant {
			return fmt.Errorf("envelope: instant %d is out of range", int64(i))
		}
	}
	if e.Effective > e.Recorded {
		return fmt.Errorf("envelope: effective %s is after recorded %s", e.Effective, e.Recorded)
	}
	for _, c := range []string{e.Of, e.Kind, e.Law} {
		if err := checkCode(c); err != nil {
			return fmt.Errorf("envelope: %w", err)
		}
	}
	if e.Mandate.IsZero() != IsMachine(e.Kind) {
		return fmt.Errorf("envelope: %s: only %s are done without a mandate, and those always", e.Kind, strings.Join(MachineKinds(), ", "))
	}
	if len(e.Cites) > maxCites || len(e.Facts) > maxFacts || len(e.Gates) > maxGates || len(e.Commits) > maxCommits || len(e.Deadlines) > maxClocks {
		return fmt.Errorf("envelope: more than %d citations, %d facts, %d gates, %d commitments or %d deadlines", maxCites, maxFacts, maxGates, maxCommits, maxClocks)
	}
	for i, id := range e.Cites {
		if id.IsZero() || slices.Contains(e.Cites[:i], id) {
			return fmt.Errorf("envelope: a citation is empty or repeated")
		}
	}
	if p := e.Procedure; p != nil {
		if p.ID.IsZero() || p.Version < 1 || p.Version > 9999 {
			return fmt.Errorf("envelope: procedure without id or version")
		}
		if err := checkCodes(p.Protocol, p.Step); err != nil {
			return err
		}
	}
	for _, d := range e.Deadlines {
		if err := checkCodes(d.Rule, d.Calendar); err != nil {
			return err
		}
	}
	if err := sortedBy(e.Facts, func(f *Fact) string { return f.Name }); err != nil {
		return err
	}
	for i := range e.Facts {
		f := &e.Facts[i]
		if err := f.Value.check(); err != nil {
			return fmt.Errorf("envelope: fact %s: %w", f.Name, err)
		}
		if len(f.Value.list) > maxList {
			return fmt.Errorf("envelope: fact %s has more than %d items", f.Name, maxList)
		}
	}
	if err := sortedBy(e.Gates, func(a *Answer) string { return a.Gate }); err != nil {
		return err
	}
	for i := range e.Gates {
		if err := e.Gates[i].check(); err != nil {
			return err
		}
	}
	return sortedBy(e.Commits, func(c *Commit) string { return c.Name })
}

func (g *Answer) check() error {
	if g.Version < 1 || g.Version > 9999 || len(g.Saw) > maxSeen {
		return fmt.Errorf("envelope: gate %s: version %d or %d facts seen are out of range", g.Gate, g.Version, len(g.Saw))
	}
	if err := checkCodes(g.Because); err != nil {
		return err
	}
	if err := sortedBy(g.Saw, func(s *Seen) string { return s.Fact }); err != nil {
		return err
	}
	for i := range g.Saw {
		s := &g.Saw[i]
		if s.Value.typ == "" {
			if !s.From.IsZero() {
				return fmt.Errorf("envelope: gate %s: %s is unknown and yet comes from an act", g.Gate, s.Fact)
			}
			continue
		}
		if err := s.Value.check(); err != nil {
			return fmt.Errorf("envelope: gate %s saw %s: %w", g.Gate, s.Fact, err)
		}
	}
	return nil
}

func checkCodes(codes ...string) error {
	for _, c := range codes {
		if err := checkCode(c); err != nil {
			return fmt.Errorf("envelope: %w", err)
		}
	}
	return nil
}

// sortedBy checks that names are codes, sorted and distinct: a set has one encoding.
func sortedBy[T any](list []T, name func(*T) string) error {
	last := ""
	for i := range list {
		n := name(&list[i])
		if err := checkCode(n); err != nil {
			return fmt.Errorf("envelope: %w", err)
		}
		if i > 0 && last >= n {
			return fmt.Errorf("envelope: %q and %q are not sorted and distinct", last, n)
		}
		last = n
	}
	return nil
}
