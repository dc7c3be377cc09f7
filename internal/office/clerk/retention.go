package clerk

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"sanad/internal/act"
	"sanad/internal/archive/seal"
	"sanad/internal/archive/store"
	"sanad/internal/law/protocol"
)

// factKeys is the fact of key.destroyed that names what was erased.
const factKeys = "keys"

// mostKeysAnAct is how many keys one act names at the most: as many as a fact may list.
const mostKeysAnAct = 256

// exhibitClass is the retention class of exhibits.
const exhibitClass = "procedure"

// Kinds declares what the clerk itself records, in files of the given sorts.
func Kinds(sorts ...string) []act.Schema {
	return []act.Schema{{
		Kind: act.KeyDestroyed, Version: 1, Of: sorts, Purpose: "kind.key.destroyed", Basis: "retention", Retention: "procedure",
		Facts: []act.FactSchema{{Name: factKeys, Type: act.Idents, Required: true}},
	}}
}

// Expire destroys the keys of bodies and exhibits whose time is over, and returns how many keys that were. The act that says
// so is committed first: what a crash leaves undone, DestroyAgain does.
func (c *Clerk) Expire(ctx context.Context) (int, error) {
	destroyed := 0
	after := int64(-1)
	for {
		files, last, err := c.resting(ctx, after)
		if err != nil || last == after {
			return destroyed, err
		}
		after = last
		var ids []act.ID
		for _, f := range files {
			done, err := c.Do(ctx, Command{File: f, Kind: act.KeyDestroyed})
			if err != nil {
				return destroyed, err
			}
			for _, a := range done.Acts {
				ids = append(ids, keysOf(a.Envelope)...)
			}
		}
		if len(ids) == 0 {
			continue
		}
		err = c.Keeper.Destroy(ctx, ids...)
		if err != nil {
			return destroyed, fmt.Errorf("destroy keys: %w", err)
		}
		destroyed += len(ids)
	}
}

// resting reads a page of files, those nobody has touched for longest first, and returns the ones in which something may
// have outlived its time, and where the page ended.
func (c *Clerk) resting(ctx context.Context, after int64) (files []act.ID, last int64, err error) {
	const page = 500
	last = after
	now := act.InstantOf(c.Clock())
	err = c.DB.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.Query(ctx, "SELECT s.file, s.seq, a.recorded FROM state s JOIN act a ON a.seq = s.seq WHERE s.seq > ? ORDER BY s.seq LIMIT ?", after, page)
		if err != nil {
			return fmt.Errorf("read files: %w", err)
		}
		defer rows.Close() //nolint:errcheck // rows.Err is what tells
		for rows.Next() {
			var id []byte
			var touched act.Instant
			err = rows.Scan(&id, &last, &touched)
			if err != nil {
				return fmt.Errorf("read files: %w", err)
			}
			if c.outlived(touched, now) {
				files = append(files, act.ID(id))
			}
		}
		return rows.Err()
	})
	return files, last, err
}

// outlived reports whether some class of body is not kept until now from an instant on.
func (c *Clerk) outlived(from, now act.Instant) bool {
	for _, s := range c.Catalogue.All() {
		until, ends := c.Keep(s.Retention, from)
		if ends && now > until {
			return true
		}
	}
	return false
}

func keysOf(e *act.Envelope) []act.ID {
	v, _ := e.Facts.Get(factKeys)
	return v.IDs()
}

// DestroyAgain destroys every key that the log says was destroyed: after a restore from an older copy of the keys, and after
// a crash between the act and the deed.
func (c *Clerk) DestroyAgain(ctx context.Context) error {
	var ids []act.ID
	err := c.DB.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.Query(ctx, "SELECT envelope FROM act WHERE kind = ?", act.KeyDestroyed)
		if err != nil {
			return fmt.Errorf("read what was destroyed: %w", err)
		}
		defer rows.Close() //nolint:errcheck // rows.Err is what tells
		for rows.Next() {
			var b []byte
			err = rows.Scan(&b)
			if err != nil {
				return fmt.Errorf("read what was destroyed: %w", err)
			}
			env, err := act.Decode(b)
			if err != nil {
				return fmt.Errorf("read what was destroyed: %w", err)
			}
			for _, id := range keysOf(env) {
				gone, err := c.Keeper.Destroyed(ctx, id)
				if err != nil && !errors.Is(err, seal.ErrUnknownKey) {
					return fmt.Errorf("read what was destroyed: %w", err)
				}
				if !gone && !errors.Is(err, seal.ErrUnknownKey) {
					ids = append(ids, id)
				}
			}
		}
		return rows.Err()
	})
	if err != nil || len(ids) == 0 {
		return err
	}
	return c.Keeper.Destroy(ctx, ids...)
}

// expire records, thread by thread, the keys of a file whose retention is over: only when no clock runs in it.
func (p *pass) expire(ctx context.Context, cmd *Command) (*Done, error) {
	f := p.files[cmd.File]
	if f == nil || f.state.Acts == 0 {
		return nil, notFound()
	}
	if len(p.c.Engine.Running(&f.state)) > 0 || len(p.c.Engine.Lost(&f.state)) > 0 { // nobody knows what runs under a law that is not at hand
		return &Done{File: cmd.File}, nil
	}
	last, err := p.lastActed(ctx, f)
	if err != nil {
		return nil, err
	}
	s, ok := p.c.Catalogue.Latest(act.KeyDestroyed)
	if !ok {
		return nil, invalid("error.kind_unknown", "kind", act.KeyDestroyed)
	}
	var acts []*written
	for i := range f.state.Threads {
		t := &f.state.Threads[i]
		keys, classes, err := p.over(ctx, cmd.File, t, last)
		if err != nil {
			return nil, err
		}
		if len(keys) == 0 {
			continue
		}
		aud, err := p.audience(ctx, t.Audience)
		if err != nil {
			return nil, err
		}
		for some := range slices.Chunk(keys, mostKeysAnAct) {
			w, err := p.write(ctx, f, &act.Envelope{
				File: cmd.File, Of: f.state.Sort, Kind: act.KeyDestroyed, Version: s.Version, Law: p.c.Engine.Law().Version,
				Facts: act.NewFacts(map[string]act.Value{factKeys: act.OfIDs(some...)}),
			}, aud, nil)
			if err != nil {
				return nil, fmt.Errorf("record a destruction: %v", err) //nolint:errorlint // it is never refused half way
			}
			acts = append(acts, w)
		}
		for _, class := range classes { // the next body takes a new key
			f.state.SetKey(t.Audience, class, act.ID{})
		}
	}
	p.add(acts)
	return &Done{File: cmd.File, Acts: slices.Clone(p.acts[len(p.acts)-len(acts):])}, nil
}

// over lists the keys of a thread whose retention is over: of bodies by class, and of the exhibits bound in it.
func (p *pass) over(ctx context.Context, file act.ID, t *protocol.Thread, last act.Instant) (keys []act.ID, classes []string, err error) {
	ended := func(class string) bool {
		until, ends := p.c.Keep(class, last)
		return ends && p.now > until
	}
	for _, k := range t.Keys {
		if !k.ID.IsZero() && ended(k.Class) {
			keys, classes = append(keys, k.ID), append(classes, k.Class)
		}
	}
	if !ended(exhibitClass) {
		return keys, classes, nil
	}
	rows, err := p.tx.Query(ctx, "SELECT key FROM exhibit WHERE file = ? AND audience = ?", file[:], t.Audience[:])
	if err != nil {
		return nil, nil, fmt.Errorf("read exhibits: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err is what tells
	for rows.Next() {
		var b []byte
		err = rows.Scan(&b)
		if err != nil {
			return nil, nil, fmt.Errorf("read exhibits: %w", err)
		}
		gone, err := p.c.Keeper.Destroyed(ctx, act.ID(b))
		if err != nil {
			return nil, nil, fmt.Errorf("look at a key: %w", err)
		}
		if !gone {
			keys = append(keys, act.ID(b))
		}
	}
	return keys, classes, rows.Err()
}

// lastActed is when the newest act of a file was recorded.
func (p *pass) lastActed(ctx context.Context, f *file) (act.Instant, error) {
	for i := len(p.acts) - 1; i >= 0; i-- {
		if p.acts[i].Seq == f.last {
			return p.acts[i].Recorded, nil
		}
	}
	var at int64
	err := p.tx.QueryRow(ctx, "SELECT recorded FROM act WHERE seq = ?", f.last).Scan(&at)
	if err != nil {
		return 0, fmt.Errorf("read when a file was last touched: %w", err)
	}
	return act.Instant(at), nil
}
