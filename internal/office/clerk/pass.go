package clerk

import (
	"context"
	"fmt"
	"io"

	"sanad/internal/act"
	"sanad/internal/archive/ledger"
	"sanad/internal/archive/proof"
	"sanad/internal/archive/seal"
	"sanad/internal/archive/store"
	"sanad/internal/archive/timer"
	"sanad/internal/law/protocol"
	"sanad/internal/office/access"
)

// pass is one transaction's work: what was read at its start and everything its commands decided so far, kept in
// memory until the flush, so that a later command of the batch sees what an earlier one did.
type pass struct {
	c     *Clerk
	tx    *store.Tx
	head  *ledger.Head
	batch *ledger.Batch
	now   act.Instant
	// behind is by how many microseconds the clock was behind the log's newest act.
	behind  int64
	files   map[act.ID]*file
	acts    []Recorded
	pending int64             // acts of the command at work, written and not yet in the batch
	newer   map[look][]string // kinds of act that a command did not see, as the log has them
	where   map[act.ID]act.ID // audiences of the acts that commands name; zero for one that is not in the log
	marked  bool              // the command under way made something, after a savepoint
	// accessChanged means that an audience was made or a mandate changed; mandatesChanged that what was read about
	// mandates holds for no later command.
	accessChanged, mandatesChanged bool
	founder                        *access.Mandate // while the log is founded, and then only
}

// look is what somebody had seen of a file.
type look struct {
	mandate, file act.ID
	seen          int64
}

// file is a file's folded state as this pass has it.
type file struct {
	state   protocol.State
	changed bool
	last    int64                  // number of its newest act, -1 for none
	due     map[act.ID]act.Instant // its timers by audience, as they are stored
	size    int                    // of its state as it is stored, about
}

// begin locks the head, then reads the time: no act is ever recorded before one that precedes it in the log.
func (c *Clerk) begin(ctx context.Context, tx *store.Tx, cmds []*Command) (*pass, error) {
	head, err := ledger.Lock(ctx, tx)
	if err != nil {
		return nil, err
	}
	p := &pass{c: c, tx: tx, head: head, batch: ledger.NewBatch(head), files: make(map[act.ID]*file, len(cmds))}
	p.now = act.InstantOf(c.Clock())
	if p.now < head.Recorded {
		p.behind = int64(head.Recorded - p.now)
		p.now = head.Recorded
	}
	c.memo.renew(head.Access)
	c.shelf.open(head.Edge.Size())
	return p, p.load(ctx, cmds)
}

var stateTable = store.Table{
	Name: "state", Columns: []string{"file", "seq", "data"}, Types: []string{"bytea", "bigint", "bytea"},
	Conflict: "ON CONFLICT (file) DO UPDATE SET seq = excluded.seq, data = excluded.data",
}

// flush writes everything the batch decided.
func (p *pass) flush(ctx context.Context) error {
	err := p.batch.Write(ctx, p.tx)
	if err != nil {
		return err
	}
	rows := stateTable.NewRows()
	var due []timer.Timer
	for id, f := range p.files {
		if !f.changed {
			continue
		}
		const more = 512 // than it had, for what this commit adds
		data := f.state.AppendBinary(make([]byte, 0, f.size+more))
		f.size, f.changed = len(data), false
		rows.Add(id[:], f.last, data)
		due = p.clock(id, f, due)
	}
	err = p.tx.Insert(ctx, rows)
	if err != nil {
		return err
	}
	err = timer.Set(ctx, p.tx, due)
	if err != nil {
		return err
	}
	if len(p.acts) == 0 {
		return nil
	}
	for _, pr := range p.c.Projectors {
		err = pr.Project(ctx, p.tx, p.acts)
		if err != nil {
			return fmt.Errorf("read model: %w", err)
		}
	}
	if !p.accessChanged {
		return nil
	}
	return ledger.AccessChanged(ctx, p.tx)
}

// clock finds, for each audience of a file, the first clock that runs out, where that is not what its timer says.
func (p *pass) clock(id act.ID, f *file, due []timer.Timer) []timer.Timer {
	if len(f.state.Procedures) == 0 {
		return due
	}
	next := map[act.ID]act.Instant{}
	for _, r := range p.c.Engine.Running(&f.state) { // the soonest first
		if next[r.Audience] == timer.Never {
			next[r.Audience] = r.Due
		}
	}
	for i := range f.state.Threads { // in their order, so that the same acts write the same
		audience := f.state.Threads[i].Audience
		if next[audience] != f.due[audience] {
			due = append(due, timer.Timer{File: id, Audience: audience, Due: next[audience]})
		}
	}
	f.due = next
	return due
}

// written is an act that is decided, sealed and folded, and not yet in the batch.
type written struct {
	entry ledger.Entry
	env   *act.Envelope
}

// write gives a decided act its place, seals it, and folds it into the file. Folding comes last: when write fails the
// file's state is as it was.
func (p *pass) write(ctx context.Context, f *file, env *act.Envelope, aud seal.Audience, body []byte) (*written, error) {
	c := p.c
	schema, ok := c.Catalogue.Lookup(env.Kind, env.Version)
	if !ok {
		return nil, invalid("error.kind_unknown", "kind", env.Kind)
	}
	if schema.Body != (body != nil) {
		return nil, invalid("error.body", "kind", env.Kind)
	}
	var err error
	seq, prior := p.head.Edge.Size()+p.pending, f.last+1
	if p.pending > 0 { // all acts of a command are of one file
		prior = seq
	}
	env.ID, err = c.names.Name(seq, c.Dice)
	if err != nil {
		return nil, err
	}
	env.Recorded, env.Audience = p.now, aud.ID
	if env.Effective == 0 {
		env.Effective = env.Recorded
	}
	prev, err := p.place(ctx, f, env, aud, schema)
	if err != nil {
		return nil, err
	}
	err = c.Catalogue.Admit(env, c.Lists)
	if err != nil {
		return nil, invalidCause(err)
	}
	w := &written{ledger.Entry{ID: env.ID, File: env.File, Audience: aud.ID, Prior: prior, Recorded: env.Recorded, Kind: env.Kind}, env}
	w.entry.Envelope, err = act.Encode(env)
	if err != nil {
		return nil, invalidCause(err)
	}
	err = p.seal(ctx, &w.entry, env, aud, body, prev)
	if err != nil {
		return nil, err
	}
	err = f.state.Fold(env)
	if err != nil {
		return nil, invalidCause(err)
	}
	f.state.SetLeaf(aud.ID, w.entry.Hash(p.head.Origin))
	if !env.Key.IsZero() {
		f.state.SetKey(aud.ID, schema.Retention, env.Key)
	}
	p.pending++
	return w, nil
}

// place puts an act at the end of its thread, under the thread's data key; a first act takes blank keys for both.
func (p *pass) place(ctx context.Context, f *file, env *act.Envelope, aud seal.Audience, schema act.Schema) (prev proof.Sum, err error) {
	th := f.state.Thread(aud.ID)
	if th != nil {
		env.Thread, env.Pos, prev = th.ID, th.Next, th.Last
	} else {
		env.Thread, err = p.take(ctx, aud)
		if err != nil {
			return prev, err
		}
	}
	if !schema.Body {
		return prev, nil
	}
	if th != nil {
		env.Key = th.Key(schema.Retention)
	}
	if env.Key.IsZero() {
		env.Key, err = p.take(ctx, aud)
	}
	return prev, err
}

// add puts written acts into the batch: from here on they are part of the commit.
func (p *pass) add(f *file, acts []*written) {
	p.pending = 0
	for _, w := range acts {
		seq, _ := p.batch.Add(&w.entry)
		f.last, f.changed = seq, true
		p.acts = append(p.acts, Recorded{seq, w.env})
		if p.c.Book.Concerns(w.env) {
			p.accessChanged, p.mandatesChanged = true, true
		}
	}
}

func (p *pass) take(ctx context.Context, aud seal.Audience) (act.ID, error) {
	ids, err := p.c.Keeper.Take(ctx, aud, 1)
	if err != nil {
		return act.ID{}, fmt.Errorf("take a key: %w", err)
	}
	return ids[0], nil
}

// seal draws the salts, seals the body and links the leaf.
func (p *pass) seal(ctx context.Context, e *ledger.Entry, env *act.Envelope, aud seal.Audience, body []byte, prev proof.Sum) error {
	key, err := p.c.Keeper.LinkKey(ctx, aud, env.Thread)
	if err != nil {
		return fmt.Errorf("open the thread's key: %w", err)
	}
	e.Link = proof.LinkSum(proof.Sum(key), prev)
	var salts [64]byte
	_, err = io.ReadFull(p.c.Dice, salts[:])
	if err != nil {
		return err
	}
	copy(e.Salt[:], salts[:32])
	if body == nil {
		return nil
	}
	var bodySalt proof.Sum
	copy(bodySalt[:], salts[32:])
	e.BodySum = proof.BodySum(bodySalt, body)
	e.Body, err = p.c.Keeper.SealBody(ctx, aud, env.Key, env.ID[:], bodySalt, body)
	if err != nil {
		return fmt.Errorf("seal: %w", err)
	}
	return nil
}
