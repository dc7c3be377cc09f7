package clerk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

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
	c    *Clerk
	tx   turn
	head *ledger.Head
	// locked tells how the head stands; nil where it was asked before anything was decided.
	locked func() (*ledger.Head, error)
	first  int64   // number of the first act of this pass
	cmd    Command // at work
	now    act.Instant
	// behind is by how many microseconds the clock was behind the log's newest act.
	behind  int64
	files   map[act.ID]*file
	acts    []Recorded
	decided []*written        // what stands behind acts, in their order
	sealer  *sealer           // nil where acts are sealed as they are decided
	early   *early            // what is written of them meanwhile; nil where nothing is
	pending int64             // acts of the command at work, written and not yet added
	touched []*file           // the files they are in
	newer   map[look][]string // kinds of act that a command did not see, as the log has them
	where   map[act.ID]act.ID // audiences of the acts that commands name; zero for one that is not in the log
	marked  bool              // the command under way made something, after a savepoint
	// accessChanged means that an audience was made or a mandate changed; mandatesChanged that what was read about
	// mandates holds for no later command.
	accessChanged, mandatesChanged bool
	founder                        *access.Mandate // while the log is founded, and then only
	lists                          []edition       // versions of protocols that the pass put into their table
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
	passing bool                   // nobody is at work on it: it is not kept at hand
	setAll  bool                   // its timers may be other than due says: all are to be set
	last    int64                  // number of its newest act, -1 for none
	tip     int64                  // number plus one of the newest act that the command at work wrote in it; 0 for none
	due     map[act.ID]act.Instant // its timers by audience, as they are stored
	tails   []tail                 // the newest acts of threads whose leaves the state does not know yet
}

// begin locks the head, then reads the time: no act is ever recorded before one that precedes it in the log. With trust it starts
// from the head as this clerk left it, while the database still locks it; stands says afterwards whether that was the head.
func (c *Clerk) begin(ctx context.Context, tx *store.Tx, cmds []*Command, trust bool) (*pass, error) {
	locked := ledger.LockLater(ctx, tx)
	var head *ledger.Head
	if trust && c.left != nil {
		head = c.left.Clone()
	} else {
		var err error
		head, err = locked()
		if err != nil {
			return nil, err
		}
		locked = nil
	}
	p := &pass{c: c, tx: turn{tx: tx}, head: head, locked: locked, first: head.Edge.Size(), files: make(map[act.ID]*file, len(cmds))}
	p.now = act.InstantOf(c.Clock())
	if p.now < head.Recorded {
		p.behind = int64(head.Recorded - p.now)
		p.now = head.Recorded
	}
	c.memo.renew(head.Access)
	c.shelf.open(head.Edge.Size())
	return p, p.load(ctx, cmds)
}

// errMoved means that another process has written to the log since this one did: what was decided is not what it would be now.
var errMoved = errors.New("the log has grown meanwhile")

// stands makes sure that the head is what the pass started from, if it did not wait for that. Where it is, nothing was recorded before
// the lock was had and after the time was read, either.
func (p *pass) stands() error {
	if p.locked == nil {
		return nil
	}
	head, err := p.locked()
	if err == nil && !head.Same(p.head) {
		err = errMoved
	}
	return err
}

var stateTable = store.Table{
	Name: "state", Columns: []string{"file", "seq", "data"}, Types: []string{"bytea", "bigint", "bytea"},
	Conflict: "ON CONFLICT (file) DO UPDATE SET seq = excluded.seq, data = excluded.data",
}

// flush writes everything the batch decided. Read models come first: they need nothing of what is still being sealed beside them.
func (p *pass) flush(ctx context.Context) error {
	p.handOver(1)
	tx := p.tx.take()
	err := p.stands()
	if err == nil {
		err = p.project(ctx)
	}
	if err != nil {
		return err
	}
	batch, err := p.sealed(ctx)
	if err != nil {
		return err
	}
	encoded := p.beside(p.encode) // while the acts are being written
	err = batch.Write(ctx, tx)
	s, serr := encoded()
	err = errors.Join(err, serr)
	if err != nil {
		return err
	}
	err = tx.Insert(ctx, s.rows)
	if err != nil {
		return err
	}
	err = timer.Set(ctx, tx, s.due)
	if err != nil || !p.accessChanged || len(p.acts) == 0 {
		return err
	}
	return ledger.AccessChanged(ctx, tx)
}

// project has the read models follow what the batch decided. What they ask of files they get as the batch leaves them.
func (p *pass) project(ctx context.Context) error {
	if len(p.acts) == 0 {
		return nil
	}
	err := p.listVersions(ctx)
	if err == nil {
		err = p.listKept(ctx)
	}
	if err != nil {
		return err
	}
	tx := p.tx.take()
	known := context.WithValue(ctx, passOf{tx}, p)
	for _, pr := range p.c.Projectors {
		err = pr.Project(known, tx, p.acts)
		if err != nil {
			return fmt.Errorf("read model: %w", err)
		}
	}
	return nil
}

// states is what changed of files, ready to be written.
type states struct {
	rows *store.Rows
	due  []timer.Timer
}

// mostKept is how many bytes of a room to encode in are kept from one commit to the next.
const mostKept = 4 << 20

// encode prepares what changed of files.
func (p *pass) encode() states {
	s := states{rows: stateTable.NewRowsFor(len(p.files))}
	all := p.c.encoded[:0] // one after the other; a slice of it is a file's for good, even when the next one has to make room
	for _, id := range p.changed() {
		f := p.files[id]
		from := len(all)
		all = f.state.AppendBinary(all)
		f.changed = false
		s.rows.Add(id[:], f.last, all[from:len(all):len(all)])
		s.due = p.clock(id, f, s.due)
	}
	if cap(all) <= mostKept {
		p.c.encoded = all
	}
	return s
}

// changed lists the files that changed; where they are many in the order of their names, in which their rows lie, so that each page is
// come to once.
func (p *pass) changed() []act.ID {
	out := make([]act.ID, 0, len(p.files))
	for id, f := range p.files {
		if f.changed {
			out = append(out, id)
		}
	}
	const many = 64
	if len(out) >= many {
		slices.SortFunc(out, func(a, b act.ID) int { return bytes.Compare(a[:], b[:]) })
	}
	return out
}

// clock finds, for each audience of a file, the first clock that runs out, where that is not what its timer says.
func (p *pass) clock(id act.ID, f *file, due []timer.Timer) []timer.Timer {
	if len(f.state.Procedures) == 0 {
		return due
	}
	next := map[act.ID]act.Instant{}
	for _, r := range p.c.Engine.Running(&f.state) { // the soonest first
		if next[r.Audience] == timer.Never && r.Still == nil { // what stands still runs out never
			next[r.Audience] = r.Due
		}
	}
	for i := range f.state.Threads { // in their order, so that the same acts write the same
		audience := f.state.Threads[i].Audience
		if next[audience] != f.due[audience] || f.setAll && next[audience] != timer.Never {
			due = append(due, timer.Timer{File: id, Audience: audience, Due: next[audience]})
		}
	}
	f.due = next
	return due
}

// write gives a decided act its place and what is random about it, and folds it into the file, after which it only remains to be
// sealed. When write fails the file's state is as it was.
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
	seq, prior := p.first+int64(len(p.decided))+p.pending, f.last+1
	if f.tip > 0 {
		prior = f.tip
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
	w := &written{
		file: f, env: env, aud: aud, body: body, prev: prev, before: f.tail(aud.ID),
		entry: ledger.Entry{ID: env.ID, File: env.File, Audience: aud.ID, Prior: prior, Recorded: env.Recorded, Kind: env.Kind},
	}
	err = p.fits(w)
	if err != nil {
		return nil, invalidCause(err)
	}
	err = p.draw(w)
	if err != nil {
		return nil, err
	}
	err = f.state.Fold(env)
	if err != nil {
		return nil, invalidCause(err)
	}
	if !env.Key.IsZero() {
		f.state.SetKey(aud.ID, schema.Retention, env.Key)
	}
	err = p.hand(ctx, w)
	if err != nil {
		return nil, err
	}
	p.pending++
	f.tip = seq + 1
	p.touched = append(p.touched, f)
	return w, nil
}

// place puts an act at the end of its thread, under the thread's data key; a first act takes blank keys for both.
func (p *pass) place(ctx context.Context, f *file, env *act.Envelope, aud seal.Audience, schema act.Schema) (prev proof.Sum, err error) {
	th := f.state.Thread(aud.ID)
	if th != nil {
		env.Thread, env.Pos, prev = th.ID, th.Next, th.Last
	} else {
		env.Thread, err = p.take(ctx, aud, seal.ForThreads)
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
		env.Key, err = p.take(ctx, aud, seal.ForBodies)
	}
	return prev, err
}

// fresh forgets what the command at work wrote and did not add.
func (p *pass) fresh() {
	for _, f := range p.touched {
		f.tip = 0
	}
	p.pending, p.touched = 0, p.touched[:0]
}

// add makes written acts part of the commit.
func (p *pass) add(acts []*written) {
	p.fresh()
	for _, w := range acts {
		seq := p.first + int64(len(p.decided))
		p.decided = append(p.decided, w)
		w.file.last, w.file.changed = seq, true
		p.acts = append(p.acts, Recorded{seq, w.env})
		if p.c.Book.Concerns(w.env) {
			p.accessChanged, p.mandatesChanged = true, true
		}
	}
	p.handOver(chunk)
}

func (p *pass) take(ctx context.Context, aud seal.Audience, use seal.Use) (act.ID, error) {
	ids, err := p.c.Keeper.TakeFor(ctx, aud, 1, use)
	if err != nil {
		return act.ID{}, fmt.Errorf("take a key: %w", err)
	}
	return ids[0], nil
}
