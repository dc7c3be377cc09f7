package clerk

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"slices"
	"strings"

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
	behind int64
	files  map[act.ID]*file
	acts   []Recorded
	newer  map[look][]string // kinds of act that a command did not see, as the log has them
	where  map[act.ID]act.ID // audiences of the acts that commands name; zero for one that is not in the log
	marked bool              // the command under way made something, after a savepoint
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
	last    int64       // number of its newest act, -1 for none
	due     act.Instant // its timer, as it is stored
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
	return p, p.load(ctx, cmds)
}

// load reads what the batch needs, in few statements whatever its size.
func (p *pass) load(ctx context.Context, cmds []*Command) error {
	err := p.loadStates(ctx, cmds)
	if err != nil {
		return err
	}
	err = p.loadNewer(ctx, cmds)
	if err != nil {
		return err
	}
	return p.loadNamed(ctx, cmds)
}

// loadStates reads the states and timers of every file the batch touches.
func (p *pass) loadStates(ctx context.Context, cmds []*Command) error {
	var ids []any
	for _, cmd := range cmds {
		if cmd.File.IsZero() || p.files[cmd.File] != nil {
			continue
		}
		p.files[cmd.File] = &file{last: -1}
		ids = append(ids, cmd.File[:])
	}
	if len(ids) == 0 {
		return nil
	}
	ids = padded(ids)
	rows, err := p.tx.Query(ctx, "SELECT s.file, s.seq, s.data, t.due FROM state s LEFT JOIN timer t ON t.file = s.file WHERE s.file IN (?"+
		strings.Repeat(",?", len(ids)-1)+")", ids...)
	if err != nil {
		return fmt.Errorf("read states: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err is what tells
	for rows.Next() {
		var id, data sql.RawBytes
		var seq int64
		var due sql.NullInt64
		err = rows.Scan(&id, &seq, &data, &due)
		if err != nil {
			return fmt.Errorf("read states: %w", err)
		}
		st, err := protocol.ParseState(data)
		if err != nil {
			return fmt.Errorf("state of file %s: %w", act.ID(id), err)
		}
		f := p.files[act.ID(id)]
		f.state, f.last, f.due = *st, seq, act.Instant(due.Int64)
	}
	return rows.Err()
}

// loadNewer reads, for commands decided on an older view of a file, what was recorded since among what their mandate may
// read. Where a file has nothing newer nothing is asked.
func (p *pass) loadNewer(ctx context.Context, cmds []*Command) error {
	var looks []look
	for _, cmd := range cmds {
		f := p.files[cmd.File]
		l := look{cmd.Mandate, cmd.File, cmd.Seen}
		if f != nil && cmd.Seen <= f.last && !cmd.Mandate.IsZero() && !slices.Contains(looks, l) {
			looks = append(looks, l)
		}
	}
	p.newer = make(map[look][]string, len(looks))
	for some := range slices.Chunk(looks, 64) { // SQLite joins at most 500 queries into one
		err := p.readNewer(ctx, some)
		if err != nil {
			return fmt.Errorf("read what changed: %w", err)
		}
	}
	return nil
}

func (p *pass) readNewer(ctx context.Context, looks []look) error {
	const one = "SELECT * FROM (SELECT %d AS look, a.kind FROM act a JOIN may m ON m.audience = a.audience AND m.mandate = ? " +
		"WHERE a.file = ? AND a.seq >= ? ORDER BY a.seq LIMIT 20) q%d"
	var all []string
	var args []any
	for i, l := range looks {
		all = append(all, fmt.Sprintf(one, i, i))
		args = append(args, l.mandate[:], l.file[:], l.seen)
	}
	rows, err := p.tx.Query(ctx, strings.Join(all, " UNION ALL "), args...)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // rows.Err is what tells
	for rows.Next() {
		var i int
		var kind string
		err = rows.Scan(&i, &kind)
		if err != nil {
			return err
		}
		p.newer[looks[i]] = append(p.newer[looks[i]], kind)
	}
	return rows.Err()
}

// loadNamed reads who may read the acts that commands name: those they cite, and those theirs are to be like.
func (p *pass) loadNamed(ctx context.Context, cmds []*Command) error {
	p.where = map[act.ID]act.ID{}
	var ids []any
	for _, cmd := range cmds {
		for _, id := range append([]act.ID{cmd.Like, cmd.Act.Shown}, cmd.Act.Cites...) {
			_, known := p.where[id]
			if !id.IsZero() && !known {
				p.where[id] = act.ID{}
				ids = append(ids, id[:])
			}
		}
	}
	for some := range slices.Chunk(ids, 512) {
		some = padded(slices.Clone(some))
		err := p.readNamed(ctx, some)
		if err != nil {
			return fmt.Errorf("read cited acts: %w", err)
		}
	}
	return nil
}

func (p *pass) readNamed(ctx context.Context, ids []any) error {
	rows, err := p.tx.Query(ctx, "SELECT id, audience FROM act WHERE id IN (?"+strings.Repeat(",?", len(ids)-1)+")", ids...)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // rows.Err is what tells
	for rows.Next() {
		var id, audience sql.RawBytes
		err = rows.Scan(&id, &audience)
		if err != nil {
			return err
		}
		if len(id) != len(act.ID{}) || len(audience) != len(act.ID{}) {
			return fmt.Errorf("an identifier of %d or %d bytes", len(id), len(audience))
		}
		p.where[act.ID(id)] = act.ID(audience)
	}
	return rows.Err()
}

// padded repeats the last argument up to a power of two, so that few different statements exist.
func padded(args []any) []any {
	n := 1
	for n < len(args) {
		n *= 2
	}
	return append(args, slices.Repeat(args[len(args)-1:], n-len(args))...)
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
	due := map[act.ID]act.Instant{}
	for id, f := range p.files {
		if !f.changed {
			continue
		}
		rows.Add(id[:], f.last, f.state.AppendBinary(nil))
		p.clock(id, f, due)
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

// clock finds the first clock of a file that runs out, where that is not what its timer says.
func (p *pass) clock(id act.ID, f *file, due map[act.ID]act.Instant) {
	if len(f.state.Procedures) == 0 {
		return
	}
	next := timer.Never
	running := p.c.Engine.Running(&f.state)
	if len(running) > 0 {
		next = running[0].Due
	}
	if next != f.due {
		due[id] = next
	}
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
	env.ID, err = act.NewID(c.Dice)
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
	w := &written{ledger.Entry{ID: env.ID, File: env.File, Audience: aud.ID, Recorded: env.Recorded, Kind: env.Kind}, env}
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
	leaf := w.entry.Leaf(p.head.Origin)
	f.state.SetLeaf(aud.ID, leaf.Hash())
	if !env.Key.IsZero() {
		f.state.SetKey(aud.ID, schema.Retention, env.Key)
	}
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
