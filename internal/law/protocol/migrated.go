package protocol

import (
	"fmt"
	"slices"
	"strings"

	"sanad/internal/act"
)

// KindMigrated is the act by which a run goes on under another version of its protocol. It performs no step, and what it says is
// no fact of the file: no gate can ask it.
const KindMigrated = "procedure.migrated"

// Facts of KindMigrated. FactRun is also one of deadline.recomputed.
const (
	FactRun      = "run"
	FactProtocol = "protocol"
	FactFrom     = "from_version"
	FactTo       = "to_version"
	FactReason   = "reason"
	FactRenamed  = "renamed" // old:new, names of steps and lapses
	FactRetimed  = "retimed" // step:old:new, rules of the clocks that run
	FactKept     = "kept"    // step:rule:least, where the rule before gave somebody more time
)

// Lists of a pack that close what a migration says. The pack makes them of its protocols.
const (
	ListProtocols   = "protocols"
	ListTransitions = "transitions"
)

// MigrationReasons are why a run may be migrated.
func MigrationReasons() []string { return []string{"law_changed", "wrong_version", "taken_back"} }

// migrated declares KindMigrated; its body holds the reasons in words.
func migrated(sorts []string) act.Schema {
	return act.Schema{
		Kind: KindMigrated, Version: 1, Of: sorts, Purpose: "kind." + KindMigrated, Basis: act.BasisProtocol, Retention: "procedure", Body: true,
		Facts: []act.FactSchema{
			{Name: FactRun, Type: act.Ident, Required: true},
			{Name: FactProtocol, Type: act.Code, Required: true, List: ListProtocols},
			{Name: FactFrom, Type: act.Int, Required: true},
			{Name: FactTo, Type: act.Int, Required: true},
			{Name: FactReason, Type: act.Code, Required: true, Codes: MigrationReasons()},
			{Name: FactRenamed, Type: act.Codes, List: ListTransitions},
			{Name: FactRetimed, Type: act.Codes, List: ListTransitions},
			{Name: FactKept, Type: act.Codes, List: ListTransitions},
		},
	}
}

// transition joins names that hold no colon; a pack whose names do has no second version of a protocol.
func transition(names ...string) string { return strings.Join(names, ":") }

// moves is a migration as its act tells it.
type moves struct {
	run                     act.ID
	from, to                int
	renamed, retimed, keeps [][]string
}

// migration reads what a migration says, nil for any other act. It refuses one of a run the state has not, or has under another
// version.
func (s *State) migration(e *act.Envelope) (*moves, error) {
	if e.Kind != KindMigrated {
		return nil, nil //nolint:nilnil // it is another act
	}
	m := &moves{}
	value := func(name string) act.Value {
		v, _ := e.Facts.Get(name)
		return v
	}
	m.run, _ = value(FactRun).ID()
	m.from, m.to = int(value(FactFrom).Int()), int(value(FactTo).Int())
	r := s.Run(m.run)
	if m.from < 1 || m.to < 1 || m.from == m.to || r == nil && !s.Partly || r != nil && !s.Partly && r.Version != m.from && r.Version != m.to {
		return nil, fmt.Errorf("fold: act %s migrates a run of this file from version %d to %d, which it can't", e.ID, m.from, m.to)
	}
	for name, into := range map[string]*[][]string{FactRenamed: &m.renamed, FactRetimed: &m.retimed, FactKept: &m.keeps} {
		for _, word := range value(name).Codes() {
			*into = append(*into, strings.Split(word, ":"))
		}
	}
	return m, nil
}

// fold migrates the run. Of the several acts of one migration the first changes names and version; each changes its own clocks.
func (m *moves) fold(s *State) {
	r := s.Run(m.run)
	if r == nil {
		return
	}
	if r.Version != m.to {
		m.rename(s, r)
		opened := r.Opened
		if opened == 0 {
			opened = r.Version
		}
		r.Version, r.Opened = m.to, opened
		if m.to == opened {
			r.Opened = 0
		}
	}
	for _, x := range m.retimed {
		if c := r.clock(x[0], x[1]); len(x) == 3 && c != nil {
			c.retime(x[2])
		}
	}
	for _, x := range m.keeps {
		if c := r.clock(x[0], x[1]); len(x) == 3 && c != nil {
			c.Kept = x[2]
		}
	}
}

func (m *moves) rename(s *State, r *Run) {
	now := func(name *string) {
		for _, x := range m.renamed {
			if len(x) == 2 && x[0] == *name {
				*name = x[1]
				return
			}
		}
	}
	for i := range r.Events {
		now(&r.Events[i].Step)
	}
	for i := range r.Clocks {
		c := &r.Clocks[i]
		now(&c.Step)
		for j := range c.Since {
			now(&c.Since[j].Step)
		}
		for j := range c.Spans {
			now(&c.Spans[j].Step)
		}
		slices.SortFunc(c.Since, func(a, b Mark) int { return strings.Compare(a.Step, b.Step) })
	}
	for i := range s.Drafts {
		if s.Drafts[i].Run == r.ID {
			now(&s.Drafts[i].Step)
		}
	}
}

// retime puts a clock under another rule. Due stays what was computed under the rule Was, to which it may come back.
func (c *Clock) retime(rule string) {
	if c.Was == "" {
		c.Was = c.Rule
	}
	c.Rule, c.Kept = rule, ""
	if c.Rule == c.Was {
		c.Was = ""
	}
}

// migrated opens the last part of a state's encoding, which only states with migrated runs have.
const migratedMark = 'v'

func (w *stateWriter) migrated(s *State) {
	var runs []int
	for i := range s.Procedures {
		r := &s.Procedures[i]
		if r.Opened != 0 || slices.ContainsFunc(r.Clocks, func(c Clock) bool { return c.Was != "" || c.Kept != "" }) {
			runs = append(runs, i)
		}
	}
	if len(runs) == 0 {
		return
	}
	w.b = append(w.b, migratedMark)
	w.int(int64(len(runs)))
	for _, i := range runs {
		r := &s.Procedures[i]
		w.int(int64(i))
		w.int(int64(r.Opened))
		for j := range r.Clocks {
			w.str(r.Clocks[j].Was)
			w.str(r.Clocks[j].Kept)
		}
	}
}

func (r *stateReader) migrated(s *State) {
	if r.bad || r.at == len(r.b) || r.b[r.at] != migratedMark {
		return
	}
	r.at++
	for range r.len(2) {
		i := r.index(len(s.Procedures))
		opened := int(r.int())
		if r.bad {
			return
		}
		run := &s.Procedures[i]
		run.Opened = opened
		for j := range run.Clocks {
			run.Clocks[j].Was, run.Clocks[j].Kept = r.str(), r.str()
		}
	}
}
