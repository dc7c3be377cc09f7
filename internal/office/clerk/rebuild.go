package clerk

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"sanad/internal/act"
	"sanad/internal/archive/ledger"
	"sanad/internal/archive/proof"
	"sanad/internal/archive/store"
	"sanad/internal/archive/timer"
)

// Rebuilt says what became of one table. Rows that are other than they were count as both gone and new.
type Rebuilt struct {
	Table         string
	Rows          int64 // now
	New, Gone     int64
	Acts, Commits int64 // of the log, the same in all
}

var errOnlyLooked = errors.New("only looked")

// Rebuild makes what follows from the log's envelopes anew: the tables named are emptied, then every commit of the log is read
// again in its order and folded, its states and timers are written, and the projectors keep their read models, each commit as it
// was made. It opens no body and needs no key. All of it is one transaction, which keeps every other writer out: what was there
// before stays until the end, and where anything fails. Where dry, it says what would become of each table and changes nothing.
//
// Call it before any command.
func (c *Clerk) Rebuild(ctx context.Context, tables []string, projectors []Projector, dry bool) ([]Rebuilt, error) {
	var out []Rebuilt
	c.shelf, c.listed = shelf{}, nil
	err := c.DB.Write(ctx, func(tx *store.Tx) error {
		head, err := ledger.Lock(ctx, tx)
		if err != nil {
			return err
		}
		before := make([]digest, len(tables))
		for i, table := range tables {
			before[i], err = digestOf(ctx, tx, table)
			if err != nil {
				return err
			}
			_, err = tx.Exec(ctx, "DELETE FROM "+table)
			if err != nil {
				return fmt.Errorf("empty %s: %w", table, err)
			}
		}
		commits, err := c.replay(ctx, tx, head, projectors)
		if err != nil {
			return err
		}
		for i, table := range tables {
			now, err := digestOf(ctx, tx, table)
			if err != nil {
				return err
			}
			r := now.against(before[i])
			r.Table, r.Acts, r.Commits = table, head.Edge.Size(), commits
			out = append(out, r)
		}
		if dry {
			return errOnlyLooked
		}
		return nil
	})
	c.shelf, c.listed = shelf{}, nil
	if err != nil && !errors.Is(err, errOnlyLooked) {
		return nil, fmt.Errorf("rebuild: %w", err)
	}
	return out, nil
}

// replay goes through the log commit by commit.
func (c *Clerk) replay(ctx context.Context, tx *store.Tx, head *ledger.Head, projectors []Projector) (int64, error) {
	starts, err := ledger.Commits(ctx, tx)
	if err != nil {
		return 0, err
	}
	c.shelf.open(0)
	for i, from := range starts {
		err = ctx.Err()
		if err != nil {
			return 0, err
		}
		to := head.Edge.Size()
		if i+1 < len(starts) {
			to = starts[i+1]
		}
		acts, leaves, err := ledger.Range(ctx, tx, head.Origin, from, to)
		if err != nil {
			return 0, err
		}
		p := &pass{c: c, tx: turn{tx: tx}, head: head, first: from, files: map[act.ID]*file{}, accessChanged: true}
		err = p.again(ctx, acts, leaves)
		if err != nil {
			return 0, err
		}
		err = p.keep(ctx, projectors)
		if err != nil {
			return 0, fmt.Errorf("acts %d to %d: %w", from, to-1, err)
		}
		c.shelf.put(to, p.files)
	}
	return int64(len(starts)), nil
}

// again folds the acts of a commit that was made.
func (p *pass) again(ctx context.Context, acts []*ledger.Stored, leaves []proof.Sum) error {
	ids := make([]act.ID, len(acts))
	for i, s := range acts {
		ids[i] = s.File
	}
	const most = 512 // arguments of a statement
	for len(ids) > 0 {
		n := min(most, len(ids))
		err := p.gather(ctx, ids[:n])
		if err != nil {
			return err
		}
		ids = ids[n:]
	}
	for i, s := range acts {
		env, err := act.Decode(s.Envelope)
		if err == nil && (env.ID != s.ID || env.File != s.File || env.Audience != s.Audience) {
			err = errors.New("its envelope names another")
		}
		if err != nil {
			return fmt.Errorf("act %d: %w", s.Seq, err)
		}
		schema, known := p.c.Catalogue.Lookup(env.Kind, env.Version)
		if !known {
			return fmt.Errorf("act %d: %s version %d is of a newer program: use that", s.Seq, env.Kind, env.Version)
		}
		f := p.files[env.File]
		err = f.state.Fold(env)
		if err != nil {
			return fmt.Errorf("act %d: %w", s.Seq, err)
		}
		if !env.Key.IsZero() {
			f.state.SetKey(env.Audience, schema.Retention, env.Key)
		}
		f.state.SetLeaf(env.Audience, leaves[i])
		if env.Kind == act.KeyDestroyed {
			f.forgetKeys(env)
		}
		f.last, f.changed = s.Seq, true
		p.acts = append(p.acts, Recorded{s.Seq, env})
	}
	return nil
}

// forgetKeys takes destroyed keys out of a file's state: the next body takes a new one.
func (f *file) forgetKeys(env *act.Envelope) {
	th := f.state.Thread(env.Audience)
	for _, id := range keysOf(env) {
		for i := range th.Keys {
			if th.Keys[i].ID == id {
				th.Keys[i].ID = act.ID{}
			}
		}
	}
}

// keep writes states and timers of a commit and has the read models follow.
func (p *pass) keep(ctx context.Context, projectors []Projector) error {
	s, tx := p.encode(), p.tx.take()
	err := tx.Insert(ctx, s.rows)
	if err != nil {
		return err
	}
	err = timer.Set(ctx, tx, s.due)
	if err != nil {
		return err
	}
	err = p.listVersions(ctx)
	if err == nil {
		err = p.listKept(ctx)
	}
	if err != nil {
		return err
	}
	p.c.listed = append(p.c.listed, p.lists...)
	known := context.WithValue(ctx, passOf{tx}, p)
	for _, pr := range projectors {
		err = pr.Project(known, tx, p.acts)
		if err != nil {
			return fmt.Errorf("read model: %w", err)
		}
	}
	return nil
}

// digest counts the rows of a table by what is in them.
type digest map[[16]byte]int64

func digestOf(ctx context.Context, tx *store.Tx, table string) (digest, error) {
	rows, err := tx.Query(ctx, "SELECT * FROM "+table)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", table, err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err is what tells
	columns, err := rows.Columns()
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", table, err)
	}
	row, to := make([]any, len(columns)), make([]any, len(columns))
	for i := range row {
		to[i] = &row[i]
	}
	d := digest{}
	for rows.Next() {
		err = rows.Scan(to...)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", table, err)
		}
		sum := sha256.Sum256(fmt.Appendf(nil, "%x", row))
		d[[16]byte(sum[:16])]++
	}
	return d, rows.Err()
}

func (d digest) against(before digest) (r Rebuilt) {
	for sum, n := range d {
		r.Rows += n
		r.New += max(0, n-before[sum])
	}
	for sum, n := range before {
		r.Gone += max(0, n-d[sum])
	}
	return r
}
