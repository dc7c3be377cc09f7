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
		Place: d.place, Version: p.Version, Law: e.law.Version, Step: step, Kind: step.Kind, Opens: r == nil, Closes: step.Closes,
		Audience: d.audience, Interned: d.env.audience, Gates: d.answers, Commits: d.commits, Cites: d.cites,
	}
	start := q.on()
	for i := range step.Deadlines {
		rule := step.Deadlines[i].Rule
		due, err := e.law.Time.Due(rule, start)
		if err != nil {
			d.block(WhyDeadline, word("rule", rule))
			d.blocks[len(d.blocks)-1].Err = err
			continue
		}
		g.Deadlines = append(g.Deadlines, act.Deadline{Rule: rule, Start: start, Due: due, Calendar: e.law.Time.Calendar()})
	}
	g.Facts = e.clockFacts(d, p, r, step, start)
	if len(d.blocks) > 0 {
		return Grant{}, &Refusal{at, d.blocks}
	}
	return g, nil
}

// find resolves a place to a protocol and a run, nil for a run that would be opened.
func (e *Engine) find(q Question, at Place) (*Protocol, *Run, []Block) {
	unknown := []Block{{Why: WhyUnknown, Key: "law.block.unknown", Args: word("step", at.Step)}}
	if at.Run.IsZero() {
		p := e.Opening(at.Protocol, q.on(), q.Now)
		if p == nil || p.Sort != q.sort() || p.Step(at.Step) == nil {
			return nil, nil, unknown
		}
		if !p.Many && q.State.hasRun(p.ID) {
			return nil, nil, []Block{{Why: WhyDone, Key: "law.block.done"}}
		}
		return p, nil, nil
	}
	r := q.State.Run(at.Run)
	if r == nil || r.Protocol != at.Protocol {
		return nil, nil, unknown
	}
	p := e.Protocol(r.Protocol, r.Version)
	if p == nil || p.Step(at.Step) == nil {
		return nil, nil, unknown
	}
	return p, r, nil
}

// decision gathers what is found out about one step.
type decision struct {
	place    Place
	env      env
	audience []string
	answers  []act.Answer
	blocks   []Block
	commits  []act.Commit
	cites    []act.ID
}

func (d *decision) block(why Why, args []Arg, basis ...gate.Basis) {
	d.blocks = append(d.blocks, Block{Why: why, Key: "law.block." + string(why), Args: args, Basis: basis})
}

func (e *Engine) decide(q Question, p *Protocol, r *Run, step *Step) *decision {
	d := &decision{place: Place{Protocol: p.ID, Step: step.ID}}
	if r != nil {
		d.place.Run = r.ID
	}
	d.env = env{engine: e, q: &q, run: r, step: step}
	d.audience = d.env.compartments(step.Audience)
	if q.Audience != nil {
		d.env.audience = q.Audience(d.audience)
	}
	if p.Closed(r) {
		d.block(WhyClosed, nil)
		return d
	}
	d.version(p, r, step)
	d.order(r, step)
	if q.Roles != nil && !slices.ContainsFunc(step.By, func(role string) bool { return slices.Contains(q.Roles, role) }) {
		d.block(WhyRole, words("roles", step.By), step.Basis...)
	}
	d.law(p, step)
	d.gates(step.Gates)
	d.signatures(p, step)
	return d
}

// order checks what has to come before, what excludes the step, and that it is not done twice.
func (d *decision) order(r *Run, step *Step) {
	happened := func(name string) bool { return r != nil && r.Event(name) != nil }
	a := &step.After
	if len(a.Any) > 0 && !slices.ContainsFunc(a.Any, happened) {
		d.block(WhyOrder, words("steps", a.Any), step.Basis...)
	}
	for i, name := range a.All {
		if !happened(name) {
			d.block(WhyOrder, words("steps", a.All[i:i+1]), step.Basis...)
		}
	}
	for i, name := range a.None {
		if happened(name) {
			d.block(WhyAfter, words("steps", a.None[i:i+1]), step.Basis...)
		}
	}
	if !step.Repeat && happened(step.ID) {
		d.block(WhyDone, nil, step.Basis...)
	}
}

// law refuses a step that imposes a measure, or stands in a coercive protocol and names a basis, while any text
// it rests on is not verified and in force. It holds whatever gates the pack gives the step.
func (d *decision) law(p *Protocol, step *Step) {
	if step.Measure == nil && !p.Coercive {
		return
	}
	if step.Measure != nil && len(step.Basis) == 0 {
		d.block(WhyLaw, []Arg{{"text", act.OfCode("none")}, {"standing", act.OfCode(string(gate.Missing))}})
	}
	for _, b := range step.Basis {
		standing := d.env.Standing(b.Text, d.env.q.Now)
		if standing != gate.InForce {
			d.block(WhyLaw, []Arg{{"text", act.OfCode(b.Text)}, {"standing", act.OfCode(string(standing))}}, b)
		}
	}
}

func (d *decision) gates(gates []string) {
	d.answers = slices.Grow(d.answers, len(gates))
	for _, id := range gates {
		g := d.env.engine.gates[id]
		answer, failing := g.Evaluate(&d.env)
		d.answers = append(d.answers, answer)
		for _, f := range failing {
			b := Block{
				Why: WhyGate, Gate: g.ID, Condition: f.Condition.ID, Outcome: f.Outcome.String(),
				Key: "gate." + g.ID + "." + f.Condition.ID, Args: explain(f.Condition, answer), Basis: []gate.Basis{g.Basis}, Err: f.Err,
			}
			d.blocks = append(d.blocks, b)
		}
	}
	slices.SortFunc(d.answers, func(a, b act.Answer) int { return strings.Compare(a.Gate, b.Gate) })
}

// explain gives the arguments of the message of a condition that keeps a gate closed: what was asked, what was
// expected, and what was seen where it was known.
func explain(c *gate.Condition, answer act.Answer) []Arg {
	var args []Arg
	add := func(name, code string) {
		if code != "" {
			args = append(args, Arg{name, act.OfCode(code)})
		}
	}
	saw := c.Fact
	switch c.Op {
	case gate.LawInForce:
		text := c.Text
		for _, s := range answer.Saw { // of those the step rests on, the first that is worth nothing
			name, is := strings.CutPrefix(s.Fact, "law:")
			if text == "" && is && s.Value.Code() != string(gate.InForce) {
				text = name
			}
		}
		saw = "law:" + text
		add("text", text)
		add("article", c.Article)
	case gate.Signed:
		saw = "signed:" + c.Step
		args = append(args, Arg{"need", act.OfInt(int64(c.Count))})
	case gate.Elapsed:
		saw = "until:" + c.Rule
		add("rule", c.Rule)
	case gate.Done:
		saw = ""
		add("step", c.Step)
	default:
		add("fact", c.Fact)
		if c.Value.Type() != "" {
			args = append(args, Arg{"need", c.Value})
		}
	}
	for _, s := range answer.Saw {
		if s.Fact == saw && s.Value.Type() != "" {
			args = append(args, Arg{"have", s.Value})
		}
	}
	return args
}

// signatures checks the draft a step rests on and collects what its act must carry.
func (d *decision) signatures(p *Protocol, step *Step) {
	switch {
	case step.Move == "sign":
		draft := d.draft(step.Draft)
		if draft == nil {
			d.block(WhyDraft, word("step", step.Draft), step.Basis...)
			return
		}
		q := d.env.q
		if slices.ContainsFunc(draft.Signatures, func(g Signature) bool {
			return !q.Person.IsZero() && g.Person == q.Person || !q.Mandate.IsZero() && g.Mandate == q.Mandate
		}) {
			d.block(WhySigned, nil, step.Basis...)
		}
		d.carry(draft)
	case step.Signatures != nil:
		need := step.Signatures
		draft := d.draft(need.Draft)
		have := 0
		if draft != nil && !d.used(p, need.Draft) {
			d.carry(draft)
			for _, g := range draft.Signatures {
				if slices.Contains(need.Roles, g.Role) && d.env.visible(g.Thread) {
					have++
					d.cites = append(d.cites, g.By)
				}
			}
		}
		if have < need.Count {
			d.block(WhySignatures, append([]Arg{{"have", act.OfInt(int64(have))}, {"need", act.OfInt(int64(need.Count))}}, words("roles", need.Roles)...), step.Basis...)
		}
	}
}

// draft returns the standing draft of a step of this run that the readers of the act may read.
func (d *decision) draft(step string) *Draft {
	if d.env.run == nil {
		return nil
	}
	draft := d.env.q.State.Draft(d.env.run.ID, step)
	if draft == nil || !d.env.visible(draft.Thread) {
		return nil
	}
	return draft
}

// used reports whether a step was already done under the standing draft: its signatures serve one decision, whichever of
// those that rest on the same draft it was.
func (d *decision) used(p *Protocol, draft string) bool {
	drafted := d.env.run.Event(draft)
	if drafted == nil {
		return false
	}
	return slices.ContainsFunc(p.Steps, func(s Step) bool {
		done := d.env.run.Event(s.ID)
		return s.Signatures != nil && s.Signatures.Draft == draft && done != nil && done.Seq > drafted.Seq
	})
}

func (d *decision) carry(draft *Draft) {
	d.commits = []act.Commit{{Name: CommitContent, Sum: draft.Content}}
	d.cites = append(d.cites, draft.By)
}

func word(name, code string) []Arg { return []Arg{{name, act.OfCode(code)}} }

func words(name string, codes []string) []Arg { return []Arg{{name, act.OfCodes(codes...)}} }
