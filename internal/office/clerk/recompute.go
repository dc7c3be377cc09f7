package clerk

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"sanad/internal/act"
	"sanad/internal/archive/store"
	"sanad/internal/law/protocol"
)

// recompute records, for every open clock of a file that is due at another instant than was recorded, when it is due now. It
// says nothing where nothing moved: whoever asks twice gets nothing twice.
func (p *pass) recompute(ctx context.Context, cmd *Command) (*Done, error) {
	f := p.files[cmd.File]
	if f == nil || f.state.Acts == 0 {
		return nil, notFound()
	}
	acts, err := p.moved(ctx, f, p.c.Engine.Recompute(&f.state))
	if err != nil {
		return nil, err
	}
	f.changed = true // its timer is set anew even where only the calendar has another name
	p.add(acts)
	return &Done{File: cmd.File, Acts: slices.Clone(p.acts[len(p.acts)-len(acts):])}, nil
}

// moved writes an act for each clock of a file that is due at another instant than was recorded, in the thread of the act that
// started it.
func (p *pass) moved(ctx context.Context, f *file, moved []protocol.Recomputed) ([]*written, error) {
	var acts []*written
	for i := range moved {
		r := &moved[i]
		aud, err := p.audience(ctx, r.Audience)
		if err != nil {
			return nil, err
		}
		s, ok := p.c.Catalogue.Latest(act.DeadlineRecomputed)
		if !ok {
			return nil, invalid("error.kind_unknown", "kind", act.DeadlineRecomputed)
		}
		law := p.c.Engine.Law()
		deadline, facts := r.Envelope(law.Time.Calendar())
		w, err := p.write(ctx, f, &act.Envelope{
			File: f.state.File, Of: f.state.Sort, Kind: act.DeadlineRecomputed, Version: s.Version, Cites: []act.ID{r.By},
			Deadlines: []act.Deadline{deadline}, Facts: facts, Law: law.Version,
		}, aud, nil)
		if err != nil {
			return nil, fmt.Errorf("record when a clock is due now: %v", err) //nolint:errorlint // it is never refused half way
		}
		acts = append(acts, w)
	}
	return acts, nil
}

// Recompute computes every open deadline again, and records each one that is due at another instant than was recorded last:
// a holiday was announced, a day off was decreed. It returns how many acts that were. It may be cut short at any place and
// begun again, by any number of processes: what is recorded is not recorded twice.
func (c *Clerk) Recompute(ctx context.Context) (int, error) {
	n := 0
	err := c.Moving(ctx, func(files []act.ID, _ []protocol.Recomputed) error {
		cmds := make([]Command, len(files))
		for i, f := range files {
			cmds[i] = Command{File: f, Kind: act.DeadlineRecomputed}
		}
		var errs error
		for _, r := range c.DoAll(ctx, cmds) {
			if r.Err != nil {
				errs = errors.Join(errs, r.Err)
				continue
			}
			n += len(r.Out.Acts)
		}
		return errs
	})
	return n, err
}

// Moving finds, a batch of files at a time, the open deadlines that are due at another instant than was recorded, and hands on
// the files that have some, with those deadlines. It writes nothing.
func (c *Clerk) Moving(ctx context.Context, each func(files []act.ID, moved []protocol.Recomputed) error) error {
	return Moving(ctx, c.DB, c.Engine, each)
}

// Moving does the same for an engine of any pack: what would move if it were in force. Files are those with a clock that
// runs; a file in which every clock stands still has none that could move.
func Moving(ctx context.Context, db *store.DB, engine *protocol.Engine, each func(files []act.ID, moved []protocol.Recomputed) error) error {
	after := act.ID{}
	for {
		var files []act.ID
		var moved []protocol.Recomputed
		more := false
		err := db.Read(ctx, func(tx *store.Tx) error {
			files, moved, more = nil, nil, false
			rows, err := tx.Query(ctx, "SELECT s.file, s.data FROM state s WHERE s.file > ? AND EXISTS (SELECT 1 FROM timer t WHERE t.file = s.file) "+
				"ORDER BY s.file LIMIT ?", after[:], filesTogether)
			if err != nil {
				return fmt.Errorf("read states: %w", err)
			}
			defer rows.Close() //nolint:errcheck // rows.Err is what tells
			for n := 1; rows.Next(); n++ {
				var id, data sql.RawBytes
				err = rows.Scan(&id, &data)
				if err != nil {
					return fmt.Errorf("read states: %w", err)
				}
				if len(id) != len(act.ID{}) {
					return fmt.Errorf("read states: a file's id has %d bytes", len(id))
				}
				after, more = act.ID(id), n == filesTogether
				st, err := protocol.ParseState(data)
				if err != nil {
					return fmt.Errorf("state of file %s: %w", act.ID(id), err)
				}
				list := engine.Recompute(st)
				if len(list) > 0 {
					files, moved = append(files, after), append(moved, list...)
				}
			}
			return rows.Err()
		})
		if err != nil {
			return err
		}
		if len(files) > 0 {
			err = each(files, moved)
			if err != nil {
				return err
			}
		}
		if !more {
			return nil
		}
	}
}

// filesTogether is how many files are read at a time: enough to spread a statement, few enough to hold in memory.
const filesTogether = 1024

// withoutClocks leaves out what only the engine may say of clocks, whoever said it.
func withoutClocks(facts act.Facts) act.Facts {
	ours := func(f act.Fact) bool { return slices.Contains(clockFacts, f.Name) }
	if !slices.ContainsFunc(facts, ours) {
		return facts
	}
	return slices.DeleteFunc(slices.Clone(facts), ours)
}

// withClocks adds what the engine says of clocks.
func withClocks(facts, clocks act.Facts) act.Facts {
	if len(clocks) == 0 {
		return facts
	}
	all := map[string]act.Value{}
	for _, f := range slices.Concat(facts, clocks) {
		all[f.Name] = f.Value
	}
	return act.NewFacts(all)
}

var clockFacts = protocol.ClockFacts()
