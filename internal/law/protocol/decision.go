package protocol

import (
	"slices"
	"strings"

	"sanad/internal/act"
	"sanad/internal/law/gate"
)

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
	d.dated(p, r, step)
	d.renewal(p, r, step)
	if r != nil {
		d.received(p, r, step)
	}
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
				Key: "gate." + g.ID + "." + f.Condition.ID, Args: d.explain(f.Condition, answer), Basis: []gate.Basis{g.Basis}, Err: f.Err,
			}
			switch {
			case f.Outcome != gate.Fails:
			case f.Condition.Op == gate.Nowhere:
				b.Key, b.Args = d.standing(f.Condition, answer)
			case f.Condition.Op == gate.Elapsed:
				b.Key, b.Args = still(f.Condition, answer, b.Key, b.Args)
			}
			d.blocks = append(d.blocks, b)
		}
	}
	slices.SortFunc(d.answers, func(a, b act.Answer) int { return strings.Compare(a.Gate, b.Gate) })
}

// explain gives the arguments of the message of a condition that keeps a gate closed: what was asked, what was
// expected, and what was seen where it was known.
func (d *decision) explain(c *gate.Condition, answer act.Answer) []Arg {
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
		saw = gate.Until(c.Rule)
		add("rule", c.Rule)
	case gate.Done:
		saw = ""
		add("step", c.Step)
	case gate.Elsewhere:
		saw = ""
		add("protocol", c.There.Protocol)
		add("step", c.There.Step)
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

// standing words what a court's judgment holds back: since when and, where the act that told of it started a clock, when the court has
// to have ruled.
func (d *decision) standing(c *gate.Condition, answer act.Answer) (key string, args []Arg) {
	var by act.ID
	for _, s := range answer.Saw {
		if s.Fact == c.Fact {
			by = s.From
		}
	}
	var since act.Instant
	for _, f := range d.env.q.State.Facts {
		if f.Name == c.Fact && f.From == by {
			since = f.At
		}
	}
	args = []Arg{{"since", act.OfInstant(since)}}
	for _, x := range d.env.engine.Running(d.env.q.State) {
		if x.By == by && x.Due != Never {
			return "law.block.stayed_until", append(args, Arg{"until", act.OfInstant(x.Due)})
		}
	}
	return "law.block.stayed", args
}

// still words time that has not run because it stands still, or stood still: since when and, where it runs again, until when. Of any
// other time what the gate says is enough.
func still(c *gate.Condition, answer act.Answer, key string, args []Arg) (string, []Arg) {
	told := map[string]act.Value{}
	for _, s := range answer.Saw {
		told[s.Fact] = s.Value
	}
	since, stood := told[gate.Still(c.Rule)]
	if !stood {
		return key, args
	}
	args = append(word("rule", c.Rule), Arg{"since", since})
	if until := told[gate.Until(c.Rule)]; until.Type() != "" {
		return "law.block.stood_still", append(args, Arg{"until", until})
	}
	return "law.block.stands_still", args
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
