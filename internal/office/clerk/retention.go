package clerk

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"

	"sanad/internal/act"
	"sanad/internal/archive/store"
	"sanad/internal/law/protocol"
)

// factKeys is the fact of key.destroyed that names what was erased.
const factKeys = "keys"

// mostKeysAnAct is how many keys one act names at the most: as many as a fact may list.
const mostKeysAnAct = 256

// exhibitClass is the retention class of exhibits, and of all that belongs to a procedure.
const exhibitClass = "procedure"

// Kinds declares what the clerk itself records, in files of the given sorts.
func Kinds(sorts ...string) []act.Schema {
	return []act.Schema{{
		Kind: act.KeyDestroyed, Version: 1, Of: sorts, Purpose: "kind.key.destroyed", Basis: act.BasisRetention, Retention: "procedure",
		Facts: []act.FactSchema{{Name: factKeys, Type: act.Idents, Required: true}},
	}}
}

// Expire destroys the keys of bodies and exhibits whose time is over, in every file, and returns how many keys that were. The act
// that says so is committed first: what a crash leaves undone, DestroyAgain does.
func (c *Clerk) Expire(ctx context.Context) (int, error) {
	destroyed := 0
	var after act.ID
	for {
		n, next, err := c.ExpireSome(ctx, after)
		destroyed += n
		if err != nil || next.IsZero() {
			return destroyed, err
		}
		after = next
	}
}

// aVisit is how many files are looked at together.
const aVisit = 500

// ExpireSome is Expire for the next files after one, few enough to be done between two other things; the zero identifier comes
// before the first. It returns the file to go on after, zero when these were the last. A file that fails stops none of the others:
// its error is returned with where to go on.
func (c *Clerk) ExpireSome(ctx context.Context, after act.ID) (destroyed int, next act.ID, err error) {
	err = c.listKeptOnce(ctx)
	if err != nil {
		return 0, after, err
	}
	files, next, err := c.visit(ctx, after)
	if err != nil || len(files) == 0 {
		return 0, next, err
	}
	cmds := make([]Command, len(files))
	for i, f := range files {
		cmds[i] = Command{File: f, Kind: act.KeyDestroyed}
	}
	var ids []act.ID
	for _, r := range c.DoAll(ctx, cmds) {
		if r.Err != nil {
			err = errors.Join(err, r.Err)
			continue
		}
		for _, a := range r.Out.Acts {
			ids = append(ids, keysOf(a.Envelope)...)
		}
	}
	derr := c.Keeper.Destroy(ctx, ids...)
	if derr != nil {
		return 0, next, errors.Join(err, fmt.Errorf("destroy keys: %w", derr))
	}
	return len(ids), next, err
}

// visited is when a file was last acted in.
type visited struct {
	file  act.ID
	acted act.Instant
}

// visit reads some files in the order in which the database keeps them, so that it looks at no other, and returns those in which
// something may have outlived its time, and the file to go on after.
func (c *Clerk) visit(ctx context.Context, after act.ID) (files []act.ID, next act.ID, err error) {
	var page []visited
	err = c.DB.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.Query(ctx, visiting, after[:], aVisit)
		if err != nil {
			return fmt.Errorf("read files: %w", err)
		}
		defer rows.Close() //nolint:errcheck // rows.Err is what tells
		for rows.Next() {
			var id []byte
			var v visited
			err = rows.Scan(&id, &v.acted)
			if err != nil {
				return fmt.Errorf("read files: %w", err)
			}
			v.file = act.ID(id)
			page = append(page, v)
			if bytes.Compare(next[:], id) < 0 {
				next = v.file
			}
		}
		return rows.Err()
	})
	if err != nil {
		return nil, after, err
	}
	if len(page) < aVisit {
		next = act.ID{}
	}
	// What was acted in later is kept for no less long: the law is asked about a few files, and answers for all.
	slices.SortStableFunc(page, func(a, b visited) int { return cmp.Compare(a.acted, b.acted) })
	classes, now := c.classes(), act.InstantOf(c.Clock())
	young := sort.Search(len(page), func(i int) bool { return !c.outlived(classes, page[i].acted, now) })
	for _, v := range page[:young] {
		files = append(files, v.file)
	}
	return files, next, nil
}

// The time of a file counts from the last thing that happened in it. What the house does to it of its own accord is none: were an
// erasure one, it would prolong what is left.
const (
	upkeep = "('" + act.KeyDestroyed + "', '" + act.DeadlineRecomputed + "', '" + act.RegisterDumped + "', '" + act.JournalDigest + "')"
	// acted goes back from the newest acts of some files to the newest that is no upkeep, or to the first.
	acted = ", back (file, at) AS (SELECT file, at FROM page UNION ALL SELECT b.file, a.prior - 1 FROM back b JOIN act a ON a.seq = b.at " +
		"WHERE a.prior > 0 AND a.kind IN " + upkeep + ") " +
		"SELECT b.file, a.recorded FROM back b JOIN act a ON a.seq = b.at WHERE a.prior = 0 OR a.kind NOT IN " + upkeep
	// visiting goes along the key of the table: the database looks at no more files than it gives.
	visiting = "WITH RECURSIVE page (file, at) AS (SELECT file, seq FROM state WHERE file > ? ORDER BY file LIMIT ?)" + acted
	actedIn  = "WITH RECURSIVE page (file, at) AS (SELECT file, seq FROM state WHERE file = ?)" + acted
)

// classes are the retention classes of all kinds, each once.
func (c *Clerk) classes() []string {
	var out []string
	for _, s := range c.Catalogue.All() {
		if !slices.Contains(out, s.Retention) {
			out = append(out, s.Retention)
		}
	}
	return out
}

// outlived reports whether some class of body is not kept until now from an instant on.
func (c *Clerk) outlived(classes []string, from, now act.Instant) bool {
	return slices.ContainsFunc(classes, func(class string) bool {
		until, ends := c.Keep(class, from)
		return ends && now > until
	})
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
		rows, err := tx.Query(ctx, "SELECT envelope FROM act WHERE kind = '"+act.KeyDestroyed+"'") // spelled out, for its index is of these alone
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
			ids = append(ids, keysOf(env)...)
		}
		return rows.Err()
	})
	if err != nil {
		return err
	}
	left, err := c.Keeper.Undestroyed(ctx, ids)
	if err != nil {
		return fmt.Errorf("look which destroyed keys are still there: %w", err)
	}
	return c.Keeper.Destroy(ctx, left...)
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
	last, err := p.lastActed(ctx, f.state.File)
	if err != nil {
		return nil, err
	}
	kept, err := p.kept(ctx, cmd.File)
	if err != nil {
		return nil, err
	}
	s, ok := p.c.Catalogue.Latest(act.KeyDestroyed)
	if !ok {
		return nil, invalid("error.kind_unknown", "kind", act.KeyDestroyed)
	}
	ended := p.ended(f, last, kept)
	var acts []*written
	for i := range f.state.Threads {
		t := &f.state.Threads[i]
		keys, classes, err := p.over(ctx, cmd.File, t, ended)
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

// ended says which retention classes are over in a file. A class that holds a whole file ends all others in it: what came with
// something is not kept longer than that. What belongs to a procedure is never over before the procedure is, and what is kept for
// the sake of another file not before that one.
func (p *pass) ended(f *file, last act.Instant, kept []string) func(class string) bool {
	over := func(class string) bool {
		until, ends := p.c.Keep(class, last)
		return ends && p.now > until
	}
	for i := range f.state.Threads {
		for _, k := range f.state.Threads[i].Keys {
			if slices.Contains(p.c.Whole, k.Class) && over(k.Class) {
				return func(string) bool { return true }
			}
		}
	}
	if p.unfinished(&f.state) {
		kept = append(kept, exhibitClass)
	}
	return func(class string) bool { return !slices.Contains(kept, class) && over(class) }
}

// over lists the keys of a thread whose retention is over: of bodies by class, and of the exhibits bound in it.
func (p *pass) over(ctx context.Context, file act.ID, t *protocol.Thread, ended func(class string) bool) (keys []act.ID, classes []string, err error) {
	for _, k := range t.Keys {
		if !k.ID.IsZero() && ended(k.Class) {
			keys, classes = append(keys, k.ID), append(classes, k.Class)
		}
	}
	if !ended(exhibitClass) {
		return keys, classes, nil
	}
	rows, err := p.tx.take().Query(ctx, "SELECT key FROM exhibit WHERE file = ? AND audience = ?", file[:], t.Audience[:])
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

// lastActed is when something last happened in a file.
func (p *pass) lastActed(ctx context.Context, file act.ID) (act.Instant, error) {
	for i := len(p.acts) - 1; i >= 0; i-- {
		if a := &p.acts[i]; a.File == file && !strings.Contains(upkeep, "'"+a.Kind+"'") {
			return a.Recorded, nil
		}
	}
	var id []byte
	var at int64
	err := p.tx.take().QueryRow(ctx, actedIn, file[:]).Scan(&id, &at)
	if err != nil {
		return 0, fmt.Errorf("read when a file was last acted in: %w", err)
	}
	return act.Instant(at), nil
}
