package protocol

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"sanad/internal/act"
	"sanad/internal/law/gate"
)

// Engine interprets one law. It holds no state: any number of goroutines may ask it.
type Engine struct {
	law       *Law
	protocols []*Protocol // by id, then the newest version first
	gates     map[string]*gate.Gate
	texts     map[string]*Text
}

// New prepares the law for questions. It refuses a law that names what it does not hold.
func New(law *Law) (*Engine, error) {
	if !act.IsCode(law.Version) || law.Time == nil {
		return nil, errors.New("a law needs a version, which is a code, and a way to compute deadlines")
	}
	e := &Engine{law: law, gates: map[string]*gate.Gate{}, texts: map[string]*Text{}}
	for i := range law.Gates {
		e.gates[law.Gates[i].ID] = &law.Gates[i]
	}
	for i := range law.Texts {
		e.texts[law.Texts[i].ID] = &law.Texts[i]
	}
	for i := range law.Protocols {
		p := &law.Protocols[i]
		for j := range p.Steps {
			for _, g := range p.Steps[j].Gates {
				if e.gates[g] == nil {
					return nil, fmt.Errorf("step %s of %s asks gate %s, which the law does not hold", p.Steps[j].ID, p.ID, g)
				}
			}
		}
		e.protocols = append(e.protocols, p)
	}
	slices.SortFunc(e.protocols, func(a, b *Protocol) int {
		if c := strings.Compare(a.ID, b.ID); c != 0 {
			return c
		}
		return b.Version - a.Version
	})
	return e, nil
}

// Law returns what the engine interprets. Nobody may change it.
func (e *Engine) Law() *Law { return e.law }

// Gate returns a gate of the law; nil when it holds none of that name.
func (e *Engine) Gate(id string) *gate.Gate { return e.gates[id] }

// Protocol returns a version of a protocol, the newest when version is zero; nil when the law has none.
func (e *Engine) Protocol(id string, version int) *Protocol {
	for _, p := range e.protocols {
		if p.ID == id && (version == 0 || p.Version == version) {
			return p
		}
	}
	return nil
}

// Step returns a step of the protocol, nil when it has none of that name.
func (p *Protocol) Step(id string) *Step {
	for i := range p.Steps {
		if p.Steps[i].ID == id {
			return &p.Steps[i]
		}
	}
	return nil
}

// StepOf returns what the law says of a step that was done in a run; nil for a lapse, and where the law holds no such version.
func (e *Engine) StepOf(r *Run, id string) *Step {
	p := e.Protocol(r.Protocol, r.Version)
	if p == nil {
		return nil
	}
	return p.Step(id)
}

// Closable reports whether some step closes runs of the protocol; one without is permanent.
func (p *Protocol) Closable() bool {
	return slices.ContainsFunc(p.Steps, func(s Step) bool { return s.Closes })
}

// Closed reports whether a closing step of the protocol was done in the run.
func (p *Protocol) Closed(r *Run) bool {
	if r == nil {
		return false
	}
	for i := range p.Steps {
		if p.Steps[i].Closes && r.Event(p.Steps[i].ID) != nil {
			return true
		}
	}
	return false
}

// Possible lists every step of every open procedure of the file, and the first steps of procedures it could
// open, in the order of the law: what may be done now, by whom, by when, and what blocks the rest.
func (e *Engine) Possible(q Question) []Move {
	var moves []Move
	sort := q.sort()
	for i := range q.State.Procedures {
		r := &q.State.Procedures[i]
		p := e.Protocol(r.Protocol, r.Version)
		if p == nil || p.Closed(r) {
			continue
		}
		clocks := e.running(q.State, r, p, nil)
		for j := range p.Steps {
			moves = append(moves, e.move(q, p, r, &p.Steps[j], clocks))
		}
	}
	for i, p := range e.protocols {
		if i > 0 && e.protocols[i-1].ID == p.ID {
			continue
		}
		p = e.Opening(p.ID, q.on(), q.Now)
		if p.Sort != sort || !p.Many && q.State.hasRun(p.ID) {
			continue
		}
		for j := range p.Steps {
			if p.Steps[j].After.IsStart() {
				moves = append(moves, e.move(q, p, nil, &p.Steps[j], nil))
			}
		}
	}
	return moves
}

func (q *Question) sort() string {
	if q.State.Acts > 0 {
		return q.State.Sort
	}
	return q.Sort
}

func (s *State) hasRun(protocol string) bool {
	for i := range s.Procedures {
		if s.Procedures[i].Protocol == protocol {
			return true
		}
	}
	return false
}

func (e *Engine) move(q Question, p *Protocol, r *Run, step *Step, clocks []Running) Move {
	d := e.decide(q, p, r, step)
	m := Move{Place: d.place, Version: p.Version, Open: len(d.blocks) == 0, Step: step, Audience: d.audience, Blocks: d.blocks, Answers: d.answers}
	m.Started = r != nil && r.Event(step.ID) != nil
	if draft := d.draft(step.rests()); draft != nil {
		m.Drafted = draft.By
	}
	for _, c := range clocks {
		if slices.Contains(c.MetBy, step.ID) {
			m.Due = append(m.Due, c)
		}
	}
	return m
}

// Allow says whether a step may be done now. The error is a *Refusal with everything that blocks it.
func (e *Engine) Allow(q Question, at Place) (Grant, error) {
	p, r, blocks := e.find(q, at)
	if len(blocks) > 0 {
		return Grant{}, &Refusal{at, blocks}
	}
	step := p.Step(at.Step)
	d := e.decide(q, p, r, step)
	if q.Roles == nil {
		d.block(WhyRole, words("roles", step.By))
	}
	g := Grant{
		Place: d.place, Version: p.Version, Law: e.law.Version, Step: step, Kind: step.Kind, Role: performer(step, q.Roles), Opens: r == nil, Closes: step.Closes,
		Audience: d.audience, Interned: d.env.audience, Gates: d.answers, Commits: d.commits, Cites: d.cites,
	}
	start := q.on()
	for i := range step.Deadlines {
		rule := step.Deadlines[i].Rule
		if !awaited(p, r, step, &step.Deadlines[i]) {
			continue
		}
		due, err := e.law.Time.Due(rule, start)
		if err != nil {
			d.block(WhyDeadline, word("rule", rule))
			d.blocks[len(d.blocks)-1].Err = err
			continue
		}
		g.Deadlines = append(g.Deadlines, act.Deadline{Rule: rule, Start: start, Due: due, Calendar: e.law.Time.Calendar()})
	}
	g.Facts = e.notifies(q.State, p, r, step, step.sets(e.clockFacts(d, p, r, step, start)), start)
	if len(d.blocks) > 0 {
		return Grant{}, &Refusal{at, d.blocks}
	}
	return g, nil
}

// performer is the role, of those somebody has, in which they perform a step; "" where they have none of its own.
func performer(step *Step, roles []string) string {
	for _, role := range roles {
		if slices.Contains(step.By, role) {
			return role
		}
	}
	return ""
}

// find resolves a place to a protocol and a run, nil for a run that would be opened.
func (e *Engine) find(q Question, at Place) (*Protocol, *Run, []Block) {
	unknown := func() []Block {
		return []Block{{Why: WhyUnknown, Key: "law.block.unknown", Args: word("step", at.Step)}}
	}
	if at.Run.IsZero() {
		p := e.Opening(at.Protocol, q.on(), q.Now)
		if p == nil || p.Sort != q.sort() || p.Step(at.Step) == nil {
			return nil, nil, unknown()
		}
		if !p.Many && q.State.hasRun(p.ID) {
			return nil, nil, []Block{{Why: WhyDone, Key: "law.block.done"}}
		}
		return p, nil, nil
	}
	r := q.State.Run(at.Run)
	if r == nil || r.Protocol != at.Protocol {
		return nil, nil, unknown()
	}
	p := e.Protocol(r.Protocol, r.Version)
	if p == nil || p.Step(at.Step) == nil {
		return nil, nil, unknown()
	}
	return p, r, nil
}
