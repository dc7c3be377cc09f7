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
	err := Moving(ctx, c.DB, c.Engine, func(moved []Moved) error {
		var cmds []Command
		for i := range moved {
			if i == 0 || moved[i].File != moved[i-1].File {
				cmds = append(cmds, Command{File: moved[i].File, Kind: act.DeadlineRecomputed})
			}
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

// Moved is an open deadline of a file that is due at another instant than was recorded.
type Moved struct {
	File act.ID
	protocol.Recomputed
}

// Moving finds, a batch of files at a time and file by file, the open deadlines that an engine computes to another instant
// than was recorded. The engine may be that of any pack: so an officer sees what would move. It writes nothing. A file in
// which every clock stands still has none that could move.
func Moving(ctx context.Context, db *store.DB, engine *protocol.Engine, each func([]Moved) error) error {
	after, more := act.ID{}, true
	for more {
		var moved []Moved
		err := db.Read(ctx, func(tx *store.Tx) error {
			moved, more = nil, false
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
				if len(id) != len(after) {
					return fmt.Errorf("read states: a file's id has %d bytes", len(id))
				}
				after, more = act.ID(id), n == filesTogether
				st, err := protocol.ParseState(data)
				if err != nil {
					return fmt.Errorf("state of file %s: %w", after, err)
				}
				for _, r := range engine.Recompute(st) {
					moved = append(moved, Moved{after, r})
				}
			}
			return rows.Err()
		})
		if err == nil && len(moved) > 0 {
			err = each(moved)
		}
		if err != nil {
			return err
		}
	}
	return nil
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
