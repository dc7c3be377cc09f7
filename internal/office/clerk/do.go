package clerk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"sanad/internal/act"
	"sanad/internal/archive/ledger"
	"sanad/internal/archive/proof"
	"sanad/internal/archive/seal"
	"sanad/internal/law/protocol"
	"sanad/internal/office/access"
)

// do decides one command and writes it into the pass. When it refuses, nothing of it is left, in the pass or in the
// transaction.
func (p *pass) do(ctx context.Context, asked *Command) (*Done, error) {
	p.cmd = *asked // what is filled in below must not be there when the command is tried again
	p.cmd.Grant, p.cmd.Rests, p.cmd.Course, p.cmd.Cited = nil, nil, nil, nil
	before := p.accessChanged
	defer p.tx.leave()
	done, err := p.carryOut(ctx, &p.cmd)
	p.fresh()
	if !p.marked {
		return done, err
	}
	p.marked = false
	if err != nil && !isRefusal(err) {
		return nil, err
	}
	if err != nil {
		p.accessChanged = before
		_, rerr := p.tx.take().Exec(ctx, "ROLLBACK TO SAVEPOINT command")
		if rerr != nil {
			return nil, fmt.Errorf("take back what a refused command made: %v", rerr) //nolint:errorlint // never a refusal
		}
	}
	_, rerr := p.tx.take().Exec(ctx, "RELEASE SAVEPOINT command")
	if rerr != nil {
		return nil, fmt.Errorf("release a savepoint: %w", rerr)
	}
	return done, err
}

// carryOut does what a command asks.
func (p *pass) carryOut(ctx context.Context, cmd *Command) (*Done, error) {
	if cmd.Step == "" && act.IsMachine(cmd.Kind) {
		return p.machine(ctx, cmd)
	}
	who, err := p.mandate(ctx, cmd.Mandate)
	if err != nil {
		return nil, err
	}
	f, err := p.open(ctx, cmd)
	if err != nil {
		return nil, err
	}
	if !cmd.Act.In.IsZero() {
		return nil, invalidCause(errors.New("only what a desk decides may follow in another file"))
	}
	w := &work{p: p, cmd: cmd, who: who, f: f}
	err = w.dated()
	if err != nil {
		return nil, err
	}
	switch {
	case cmd.Step != "":
		err = w.step(ctx)
	case cmd.Kind == protocol.KindMigrated:
		err = w.migrate(ctx)
	default:
		err = w.plain(ctx)
	}
	if err != nil {
		return nil, err
	}
	p.add(w.acts)
	return &Done{File: cmd.File, Acts: slices.Clone(p.acts[len(p.acts)-len(w.acts):])}, nil
}

// open finds the file of a command, or starts one, and checks that the person saw everything they could see.
func (p *pass) open(ctx context.Context, cmd *Command) (*file, error) {
	if cmd.File.IsZero() {
		if cmd.Of == "" {
			return nil, invalid("error.file_sort")
		}
		id, err := act.NewID(p.c.Dice)
		if err != nil {
			return nil, err
		}
		cmd.File = id
		f := &file{last: -1}
		p.files[id] = f
		return f, nil
	}
	f := p.files[cmd.File]
	if f == nil || f.state.Acts == 0 {
		return nil, notFound()
	}
	seen := false
	for _, t := range f.state.Threads {
		var err error
		seen, err = p.may(ctx, cmd.Mandate, t.Audience)
		if err != nil {
			return nil, err
		}
		if seen {
			break
		}
	}
	if !seen {
		return nil, notFound() // the same answer as for a file that does not exist
	}
	if cmd.Seen > f.last {
		return f, nil
	}
	return f, p.unseen(ctx, cmd)
}

// unseen refuses a command decided on an older view, saying what has changed since among what the person may see:
// a hidden thread never makes a conflict.
func (p *pass) unseen(ctx context.Context, cmd *Command) error {
	kinds := slices.Clone(p.newer[look{cmd.Mandate, cmd.File, cmd.Seen}])
	for _, a := range p.acts { // of this batch, not in the table yet
		if a.File != cmd.File || a.Seq < cmd.Seen {
			continue
		}
		may, err := p.may(ctx, cmd.Mandate, a.Audience)
		if err != nil {
			return err
		}
		if may {
			kinds = append(kinds, a.Kind)
		}
	}
	if len(kinds) > 0 {
		return conflict(kinds)
	}
	return nil
}

// work is one command on its way.
type work struct {
	p    *pass
	cmd  *Command
	who  access.Mandate
	f    *file
	acts []*written
	back map[*file]*before // files as they were before a command of several acts
}

// step does one step of a protocol.
func (w *work) step(ctx context.Context) error {
	p, cmd := w.p, w.cmd
	if w.f.state.Acts > 0 && cmd.Of != "" && cmd.Of != w.f.state.Sort {
		return invalid("error.file_sort")
	}
	var audiences []seal.Audience
	var interning error
	q := protocol.Question{
		State: &w.f.state, Sort: cmd.Of, Now: p.now, Effective: cmd.Act.Effective,
		Mandate: w.who.ID, Person: w.who.Person, Roles: []string{w.who.Role},
		Audience: func(codes []string) act.ID {
			aud, err := p.intern(ctx, append(slices.Clone(codes), cmd.Act.Add...))
			if err != nil {
				interning = errors.Join(interning, err)
				return act.ID{}
			}
			audiences = append(audiences, aud)
			return aud.ID
		},
		Reads: p.c.Book.Reads, Proposed: cmd.Act.Facts,
	}
	out, err := p.outside(ctx)
	if err != nil {
		return err
	}
	q.Since, err = w.since(ctx)
	if err != nil {
		return err
	}
	if out != nil {
		q.Outside = out
	}
	grant, err := p.c.Engine.Allow(q, protocol.Place{Protocol: cmd.Protocol, Run: cmd.Procedure, Step: cmd.Step})
	if interning != nil {
		return interning
	}
	if out != nil && out.err != nil {
		return out.err
	}
	if err != nil {
		return closedGate(err)
	}
	err = w.proven(ctx, grant.Step)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(audiences, func(a seal.Audience) bool { return a.ID == grant.Interned })
	if at < 0 {
		return fmt.Errorf("step %s: no audience", cmd.Step)
	}
	aud := audiences[at]
	cmd.Grant = &grant
	err = w.carry(ctx, &grant)
	if err != nil {
		return err
	}
	err = w.rest(ctx, grant.Kind)
	if err != nil {
		return err
	}
	w.cmd.Act.Facts = withoutOwn(grant.Step, w.cmd.Act.Facts)
	acts, err := w.decide(grant.Kind)
	if err != nil {
		return err
	}
	err = w.carried(&grant, &acts[0])
	if err != nil {
		return err
	}
	run := cmd.Procedure
	if grant.Opens {
		run, err = act.NewID(p.c.Dice)
		if err != nil {
			return err
		}
	}
	clocks := len(grant.Facts) > 0
	for i := range acts {
		a := &acts[i]
		a.Facts = withoutClocks(a.Facts)
		if w.elsewhere(a) {
			err = w.follow(ctx, a, grant.Law)
			if err != nil {
				return w.undo(err)
			}
			continue
		}
		if clocks { // acts of the machine may follow
			w.remember(w.f, nil)
		}
		w.remember(w.f, acts)
		env := w.envelope(w.f, a, grant.Law)
		if i == 0 { // the first act performs the step; others follow from it
			env.Procedure = &act.Procedure{ID: run, Protocol: grant.Protocol, Version: grant.Version, Step: grant.Place.Step}
			env.Deadlines, env.Gates = grant.Deadlines, grant.Gates
			env.Facts = withClocks(env.Facts, grant.Facts)
			env.Cites = merge(env.Cites, grant.Cites)
			env.Commits = mergeCommits(env.Commits, grant.Commits)
		}
		err = w.record(ctx, w.f, env, aud, a.Body)
		if err != nil {
			return w.undo(err)
		}
	}
	if !clocks {
		return nil
	}
	moved, err := p.moved(ctx, w.f, p.c.Engine.Shifted(&w.f.state))
	if err != nil {
		return w.undo(err)
	}
	w.acts = append(w.acts, moved...)
	return nil
}

// plain records an act that no protocol rules, for those whom the house allows it.
func (w *work) plain(ctx context.Context) error {
	rule, ok := w.p.c.Plain[w.cmd.Kind]
	if !ok || rule.Follows {
		return invalid("error.kind_unknown", "kind", w.cmd.Kind)
	}
	if len(rule.Roles) > 0 && !slices.Contains(rule.Roles, w.who.Role) {
		return forbidden()
	}
	acts, err := w.decide(w.cmd.Kind)
	if err != nil {
		return err
	}
	law := w.p.c.Engine.Law().Version
	for i := range acts {
		a := &acts[i]
		if w.elsewhere(a) {
			err = w.follow(ctx, a, law)
			if err != nil {
				return w.undo(err)
			}
			continue
		}
		w.remember(w.f, acts)
		a.Facts = withoutClocks(a.Facts)
		aud, err := w.plainAudience(ctx, rule, a)
		if err == nil && i == 0 { // what follows from it is the desk's word
			err = w.permitted(ctx, rule, aud)
		}
		if err != nil {
			return w.undo(err)
		}
		err = w.record(ctx, w.f, w.envelope(w.f, a, law), aud, a.Body)
		if err != nil {
			return w.undo(err)
		}
	}
	return nil
}

// permitted asks the policies, in the transaction, whether the mandate may do what recording an act says that it does.
func (w *work) permitted(ctx context.Context, rule Plain, aud seal.Audience) error {
	if rule.Needs == "" {
		return nil
	}
	yes, err := w.p.c.Book.Allows(ctx, w.p.tx.take(), w.who.ID, rule.Needs, aud.ID, w.p.now)
	if err == nil && yes {
		return nil
	}
	return w.p.c.barred(ctx, err)
}

// plainAudience is that of the act it is to be like, or what the house says for its kind.
func (w *work) plainAudience(ctx context.Context, rule Plain, a *act.Act) (seal.Audience, error) {
	if w.cmd.Like.IsZero() {
		return w.p.intern(ctx, append(slices.Clone(rule.Compartments), append(w.cmd.Act.Add, a.Add...)...))
	}
	where, err := w.p.audienceOf(ctx, w.f, w.cmd.Like)
	if errors.Is(err, errNoAct) {
		return seal.Audience{}, notFound()
	}
	if err != nil {
		return seal.Audience{}, err
	}
	may, err := w.p.may(ctx, w.who.ID, where)
	if err != nil {
		return seal.Audience{}, err
	}
	if !may {
		return seal.Audience{}, notFound()
	}
	return w.p.audience(ctx, where)
}

// decide asks the desk, or takes the command's own act where the kind needs no desk.
func (w *work) decide(kind string) ([]act.Act, error) {
	decide := w.p.c.Deciders[kind]
	if decide == nil {
		a := w.cmd.Act
		a.Kind = kind
		return []act.Act{a}, nil
	}
	acts, err := decide(&w.f.state, w.cmd, w.p.now)
	if err != nil {
		return nil, err
	}
	if len(acts) == 0 || acts[0].Kind != kind {
		return nil, fmt.Errorf("the desk decided nothing for %s", kind)
	}
	for i := range acts {
		if act.IsMachine(acts[i].Kind) {
			return nil, fmt.Errorf("the desk decided %s for %s: only machines do that", acts[i].Kind, kind)
		}
	}
	if w.elsewhere(&acts[0]) {
		return nil, fmt.Errorf("the desk put %s itself in another file", kind)
	}
	return acts, nil
}

func (w *work) envelope(f *file, a *act.Act, law string) *act.Envelope {
	id, of := f.state.File, f.state.Sort
	if f.state.Acts == 0 {
		id, of = w.cmd.File, w.cmd.Of
	}
	env := &act.Envelope{
		File: id, Of: of, Kind: a.Kind, Version: a.Version, Effective: a.Effective, Shown: a.Shown, Mandate: w.who.ID,
		Cites: a.Cites, Law: law, Facts: a.Facts, Commits: a.Commits,
	}
	if env.Version == 0 {
		s, _ := w.p.c.Catalogue.Latest(a.Kind)
		env.Version = s.Version
	}
	return env
}

// record completes what only the clerk knows of drafts and signatures, checks citations, and writes.
func (w *work) record(ctx context.Context, f *file, env *act.Envelope, aud seal.Audience, body []byte) error {
	switch env.Kind {
	case protocol.KindDrafted:
		var err error
		body, env.Commits, err = w.p.fix(body)
		if err != nil {
			return err
		}
	case protocol.KindSigned:
		facts := map[string]act.Value{protocol.FactPerson: act.OfID(w.who.Person), protocol.FactRole: act.OfCode(w.who.Role)}
		for _, x := range env.Facts {
			if _, ours := facts[x.Name]; !ours {
				facts[x.Name] = x.Value
			}
		}
		env.Facts = act.NewFacts(facts)
	}
	err := w.p.cited(ctx, f, env, aud, w.who.ID)
	if err != nil {
		return err
	}
	err = w.mayCite(ctx, env)
	if err != nil {
		return err
	}
	wr, err := w.p.write(ctx, f, env, aud, body)
	if err != nil {
		return err
	}
	w.acts = append(w.acts, wr)
	return nil
}

// Draft is the body of a draft.fixed act: the content that is signed, with the salt of its commitment.
type Draft struct {
	Salt    []byte `json:"salt"`
	Content []byte `json:"content"`
}

// fix wraps the content of a draft with the salt of its commitment, which every signature and the decision carry.
func (p *pass) fix(content []byte) ([]byte, []act.Commit, error) {
	var salt proof.Sum
	_, err := io.ReadFull(p.c.Dice, salt[:])
	if err != nil {
		return nil, nil, fmt.Errorf("draw a salt: %w", err)
	}
	body, err := json.Marshal(Draft{salt[:], content})
	if err != nil {
		return nil, nil, fmt.Errorf("fix a draft: %w", err)
	}
	return body, []act.Commit{{Name: protocol.CommitContent, Sum: proof.ContentSum(salt, content)}}, nil
}

// cited checks that an act cites only what its author may read and what every reader of it may read: a citation never
// tells anyone that a hidden act exists.
func (p *pass) cited(ctx context.Context, f *file, env *act.Envelope, aud seal.Audience, mandate act.ID) error {
	ids := env.Cites
	if !env.Shown.IsZero() {
		ids = append(slices.Clone(ids), env.Shown)
	}
	for _, id := range ids {
		where, err := p.audienceOf(ctx, f, id)
		if errors.Is(err, errNoAct) {
			return invalid("error.cites_unknown")
		}
		if err != nil {
			return err
		}
		may, err := p.may(ctx, mandate, where)
		if err != nil {
			return err
		}
		if !may {
			return invalid("error.cites_unknown") // as if it did not exist
		}
		if where != aud.ID && !p.c.Book.Reads(aud.ID, where) {
			return invalid("error.cites_hidden")
		}
	}
	return nil
}

// mayCite asks, for a kind of act that may not cite everything, whether it may cite what it cites. Acts of the log are read in one
// statement, and none for any other kind.
func (w *work) mayCite(ctx context.Context, env *act.Envelope) error {
	may := w.p.c.Cites[env.Kind]
	if may == nil || len(env.Cites) == 0 {
		return nil
	}
	known := map[act.ID]*act.Envelope{}
	for i := range w.p.acts { // of this commit, not in the table yet
		known[w.p.acts[i].ID] = w.p.acts[i].Envelope
	}
	for _, wr := range w.acts {
		known[wr.env.ID] = wr.env
	}
	stored, err := ledger.ByIDs(ctx, w.p.tx.take(), w.p.c.names, env.Cites)
	if err != nil {
		return fmt.Errorf("read cited acts: %w", err)
	}
	for _, s := range stored {
		known[s.ID], err = act.Decode(s.Envelope)
		if err != nil {
			return fmt.Errorf("act %s: %w", s.ID, err)
		}
	}
	for _, id := range env.Cites {
		cited := known[id]
		if cited == nil {
			return invalid("error.cites_unknown")
		}
		now, err := w.saidNow(ctx, cited.File)
		if err != nil {
			return err
		}
		err = may(env, cited, now)
		if err != nil {
			return err
		}
	}
	return nil
}

func merge(a, b []act.ID) []act.ID {
	out := slices.Clone(a)
	for _, id := range b {
		if !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// mergeCommits adds what a step must carry to what the desk commits to; the law's word stands where both speak.
func mergeCommits(desk, law []act.Commit) []act.Commit {
	out := slices.Clone(law)
	for _, c := range desk {
		if !slices.ContainsFunc(law, func(l act.Commit) bool { return l.Name == c.Name }) {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b act.Commit) int { return strings.Compare(a.Name, b.Name) })
	return out
}
