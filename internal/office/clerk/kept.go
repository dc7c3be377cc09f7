package clerk

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"sanad/internal/act"
	"sanad/internal/archive/ledger"
	"sanad/internal/archive/store"
	"sanad/internal/law/protocol"
)

// What an act of some kinds cites is kept as long as the act's own file: a notice that a case was made of is that case's evidence.
// keptTable says so file by file, with the retention class of what is cited.
var keptTable = store.Table{
	Name: "kept", Columns: []string{"file", "class", "sake"}, Types: []string{"bytea", "text", "bytea"}, Conflict: "ON CONFLICT DO NOTHING",
}

// listKept lists what acts of the pass keep.
func (p *pass) listKept(ctx context.Context) error {
	var citing []*act.Envelope
	for i := range p.acts {
		if slices.Contains(p.c.Keeps, p.acts[i].Kind) {
			citing = append(citing, p.acts[i].Envelope)
		}
	}
	if len(citing) == 0 {
		return nil
	}
	known := make(map[act.ID]*act.Envelope, len(p.acts))
	for i := range p.acts { // of this commit, not in the table yet
		known[p.acts[i].ID] = p.acts[i].Envelope
	}
	return p.c.listKept(ctx, p.tx.take(), citing, known)
}

func (c *Clerk) listKept(ctx context.Context, tx *store.Tx, citing []*act.Envelope, known map[act.ID]*act.Envelope) error {
	var asked []act.ID
	for _, e := range citing {
		for _, id := range e.Cites {
			if known[id] == nil {
				asked = append(asked, id)
			}
		}
	}
	stored, err := ledger.ByIDs(ctx, tx, c.names, asked)
	if err != nil {
		return fmt.Errorf("read what is kept: %w", err)
	}
	for _, s := range stored {
		known[s.ID], err = act.Decode(s.Envelope)
		if err != nil {
			return fmt.Errorf("act %s: %w", s.ID, err)
		}
	}
	rows := keptTable.NewRows()
	for _, e := range citing {
		for _, id := range e.Cites {
			cited := known[id]
			if cited == nil || cited.File == e.File {
				continue
			}
			s, declared := c.Catalogue.Lookup(cited.Kind, cited.Version)
			if declared {
				rows.Add(cited.File[:], s.Retention, e.File[:])
			}
		}
	}
	return tx.Insert(ctx, rows)
}

// listKeptOnce lists what is kept for the sake of files that were there before the table was; it reads them once.
func (c *Clerk) listKeptOnce(ctx context.Context) error {
	const unlisted = "FROM kept WHERE class = ''"
	missing := 0
	err := c.DB.Read(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(ctx, "SELECT COUNT(*) "+unlisted).Scan(&missing)
	})
	if err != nil || missing == 0 || len(c.Keeps) == 0 {
		return err
	}
	return c.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := ledger.Lock(ctx, tx)
		if err != nil {
			return err
		}
		citing, err := c.ofKinds(ctx, tx, c.Keeps)
		if err == nil {
			err = c.listKept(ctx, tx, citing, map[act.ID]*act.Envelope{})
		}
		if err == nil {
			_, err = tx.Exec(ctx, "DELETE "+unlisted)
		}
		return err
	})
}

// ofKinds reads every act of some kinds.
func (c *Clerk) ofKinds(ctx context.Context, tx *store.Tx, kinds []string) (out []*act.Envelope, err error) {
	args := make([]any, len(kinds))
	for i, kind := range kinds {
		args[i] = kind
	}
	rows, err := tx.Query(ctx, "SELECT envelope FROM act WHERE kind IN (?"+strings.Repeat(",?", len(kinds)-1)+")", args...)
	if err != nil {
		return nil, fmt.Errorf("read acts: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err is what tells
	for rows.Next() {
		var b []byte
		err = rows.Scan(&b)
		if err != nil {
			return nil, fmt.Errorf("read acts: %w", err)
		}
		e, err := act.Decode(b)
		if err != nil {
			return nil, fmt.Errorf("read acts: %w", err)
		}
		out = append(out, e)
	}
	return out, rows.Err()
}

// kept lists the retention classes of a file that are kept for the sake of another whose own time is not over: the class of what
// that one cites, and its exhibits. Who told it is not among them.
func (p *pass) kept(ctx context.Context, file act.ID) ([]string, error) {
	sakes, err := p.sakes(ctx, file)
	if err != nil || len(sakes) == 0 {
		return nil, err
	}
	var files []act.ID
	for _, s := range sakes {
		files = append(files, s.file)
	}
	states, err := States(context.WithValue(ctx, passOf{p.tx.take()}, p), p.tx.take(), files)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, s := range sakes {
		st := states[s.file]
		if st == nil || slices.Contains(out, s.class) {
			continue
		}
		over, err := p.caseOver(ctx, st)
		if err != nil {
			return nil, err
		}
		if !over {
			out = append(out, s.class, exhibitClass)
		}
	}
	return out, nil
}

// sake is a file for the sake of which a retention class of another is kept.
type sake struct {
	class string
	file  act.ID
}

func (p *pass) sakes(ctx context.Context, file act.ID) (out []sake, err error) {
	rows, err := p.tx.take().Query(ctx, "SELECT class, sake FROM kept WHERE file = ?", file[:])
	if err != nil {
		return nil, fmt.Errorf("read what is kept: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err is what tells
	for rows.Next() {
		var s sake
		var id []byte
		err = rows.Scan(&s.class, &id)
		if err != nil {
			return nil, fmt.Errorf("read what is kept: %w", err)
		}
		if len(id) != len(s.file) {
			return nil, fmt.Errorf("read what is kept: a file's id has %d bytes", len(id))
		}
		s.file = act.ID(id)
		out = append(out, s)
	}
	return out, rows.Err()
}

// caseOver reports whether nothing of a file's procedures is to be kept any more.
func (p *pass) caseOver(ctx context.Context, st *protocol.State) (bool, error) {
	if p.unfinished(st) || len(p.c.Engine.Running(st)) > 0 || len(p.c.Engine.Lost(st)) > 0 {
		return false, nil
	}
	last, err := p.lastActed(ctx, st.File)
	if err != nil {
		return false, err
	}
	until, ends := p.c.Keep(exhibitClass, last)
	return ends && p.now > until, nil
}

// unfinished reports whether a run of a file that can be closed is not.
func (p *pass) unfinished(st *protocol.State) bool {
	return slices.ContainsFunc(st.Procedures, func(r protocol.Run) bool {
		law := p.c.Engine.Protocol(r.Protocol, r.Version)
		return law != nil && law.Closable() && !law.Closed(&r)
	})
}
