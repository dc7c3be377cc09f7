package clerk

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"sanad/internal/act"
	"sanad/internal/law/protocol"
)

// shelf keeps files as the last commits left them: somebody at work on a file does one step after the other. It holds while
// the log is as long as this clerk left it; as soon as another process has added to it nothing here is used.
type shelf struct {
	size  int64
	files map[act.ID]*file
}

// mostAtHand is how many files are kept; with more, all are dropped and gathered anew.
const mostAtHand = 1024

// open drops everything if the log is not as long as it was left.
func (s *shelf) open(size int64) {
	if s.size != size || s.files == nil {
		*s = shelf{size: size, files: map[act.ID]*file{}}
	}
}

// take hands a file out, nil where it is not at hand. It is the caller's until it is put back.
func (s *shelf) take(id act.ID) *file {
	f := s.files[id]
	delete(s.files, id)
	return f
}

// put keeps the files of a committed pass, after which the log has size acts.
func (s *shelf) put(size int64, files map[act.ID]*file) {
	s.size = size
	if len(s.files)+len(files) > mostAtHand {
		clear(s.files)
	}
	for id, f := range files {
		if f.state.Acts > 0 && !f.passing {
			s.files[id] = f
		}
	}
}

// load reads what the batch needs, in few statements whatever its size.
func (p *pass) load(ctx context.Context, cmds []*Command) error {
	err := p.loadStates(ctx, cmds)
	if err != nil {
		return err
	}
	err = p.loadPointed(ctx, cmds)
	if err != nil {
		return err
	}
	err = p.loadNewer(ctx, cmds)
	if err != nil {
		return err
	}
	return p.loadNamed(ctx, cmds)
}

// loadStates reads the states and timers of every file the batch touches, but for those that are at hand.
func (p *pass) loadStates(ctx context.Context, cmds []*Command) error {
	ids := make([]act.ID, 0, len(cmds))
	for _, cmd := range cmds {
		many, ok := cmd.Input.(*staleFiles)
		if ok {
			err := p.gatherStale(ctx, many)
			if err != nil {
				return err
			}
		}
		ids = append(ids, cmd.File)
	}
	return p.gather(ctx, ids)
}

// file is a file that no command names, read when it is first needed and was not foreseen.
func (p *pass) file(ctx context.Context, id act.ID) (*file, error) {
	if p.files[id] == nil {
		err := p.gather(ctx, []act.ID{id})
		if err != nil {
			return nil, err
		}
	}
	return p.files[id], nil
}

// gather makes files part of the pass, reading those that are not at hand in one statement. One that does not exist has no acts.
func (p *pass) gather(ctx context.Context, files []act.ID) error {
	var ids []any
	for _, id := range files {
		if id.IsZero() || p.files[id] != nil {
			continue
		}
		known := p.c.shelf.take(id)
		if known != nil {
			p.files[id] = known
			continue
		}
		p.files[id] = &file{last: -1}
		ids = append(ids, id[:])
	}
	if len(ids) == 0 {
		return nil
	}
	ids = padded(ids)
	rows, err := p.tx.take().Query(ctx, "SELECT s.file, s.seq, s.data, t.audience, t.due FROM state s LEFT JOIN timer t ON t.file = s.file WHERE s.file IN (?"+
		strings.Repeat(",?", len(ids)-1)+")", ids...)
	if err != nil {
		return fmt.Errorf("read states: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err is what tells
	for rows.Next() {
		var id, data, audience sql.RawBytes
		var seq int64
		var due sql.NullInt64
		err = rows.Scan(&id, &seq, &data, &audience, &due)
		if err != nil {
			return fmt.Errorf("read states: %w", err)
		}
		f := p.files[act.ID(id)]
		if f.due == nil { // a row a timer: the state is read once
			st, err := protocol.ParseState(data)
			if err != nil {
				return fmt.Errorf("state of file %s: %w", act.ID(id), err)
			}
			f.state, f.last, f.due = *st, seq, map[act.ID]act.Instant{}
		}
		if due.Valid && len(audience) == len(act.ID{}) {
			f.due[act.ID(audience)] = act.Instant(due.Int64)
		}
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
	const one = "SELECT * FROM (WITH RECURSIVE chain (at) AS (SELECT CAST(? AS bigint) UNION ALL " +
		"SELECT b.prior - 1 FROM chain c JOIN act b ON b.seq = c.at WHERE b.prior > ?) SELECT %d AS look, a.kind FROM chain c " +
		"JOIN act a ON a.seq = c.at JOIN may m ON m.audience = a.audience AND m.mandate = ? ORDER BY a.seq LIMIT 20) q%d"
	var all []string
	var args []any
	for i, l := range looks {
		all = append(all, fmt.Sprintf(one, i, i))
		args = append(args, p.files[l.file].last, l.seen, l.mandate[:])
	}
	rows, err := p.tx.take().Query(ctx, strings.Join(all, " UNION ALL "), args...)
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
	var numbers []any
	for _, cmd := range cmds {
		for _, id := range append([]act.ID{cmd.Like, cmd.Act.Shown}, cmd.Act.Cites...) {
			_, known := p.where[id]
			if !id.IsZero() && !known {
				p.where[id] = act.ID{}
				numbers = append(numbers, p.c.names.Seq(id))
			}
		}
	}
	for some := range slices.Chunk(numbers, 512) {
		some = padded(slices.Clone(some))
		err := p.readNamed(ctx, some)
		if err != nil {
			return fmt.Errorf("read cited acts: %w", err)
		}
	}
	return nil
}

func (p *pass) readNamed(ctx context.Context, numbers []any) error {
	rows, err := p.tx.take().Query(ctx, "SELECT id, audience FROM act WHERE seq IN (?"+strings.Repeat(",?", len(numbers)-1)+")", numbers...)
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
		_, asked := p.where[act.ID(id)]
		if asked { // a made-up identifier leads to an act of another
			p.where[act.ID(id)] = act.ID(audience)
		}
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
