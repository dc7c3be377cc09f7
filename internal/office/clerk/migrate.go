package clerk

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sanad/internal/act"
	"sanad/internal/archive/store"
	"sanad/internal/law/protocol"
	"sanad/internal/office/access"
)

// Migrate is the command that puts a run of a protocol under another version. seen is what Command.Seen is; why is one of
// protocol.MigrationReasons, and reasons say it in words.
func Migrate(mandate, file, run act.ID, to int, seen int64, why, reasons string) Command {
	return Command{
		Mandate: mandate, File: file, Procedure: run, Kind: protocol.KindMigrated, Seen: seen,
		Act: act.Act{
			Facts: act.NewFacts(map[string]act.Value{protocol.FactTo: act.OfInt(int64(to)), protocol.FactReason: act.OfCode(why)}),
			Body:  []byte(reasons),
		},
	}
}

// migrate writes one act into every thread that holds something of the run: who reads any of it learns under which law it goes on.
func (w *work) migrate(ctx context.Context) error {
	p, cmd := w.p, w.cmd
	if cmd.Act.Effective != 0 {
		return invalid("error.effective_here") // it says what holds from now on
	}
	to, _ := cmd.Act.Facts.Get(protocol.FactTo)
	why, _ := cmd.Act.Facts.Get(protocol.FactReason)
	if !slices.Contains(protocol.MigrationReasons(), why.Code()) || len(cmd.Act.Body) == 0 {
		return invalid("error.migrate_reason")
	}
	var asking error
	may := func(audience act.ID) bool {
		ok, err := p.may(ctx, w.who.ID, audience)
		asking = errors.Join(asking, err)
		return ok
	}
	m := p.c.Engine.Migration(protocol.Question{
		State: &w.f.state, Now: p.now, Mandate: w.who.ID, Person: w.who.Person, Roles: []string{w.who.Role}, May: may,
	}, cmd.Procedure, int(to.Int()))
	if asking != nil {
		return asking
	}
	if !m.Open {
		return closedGate(&protocol.Refusal{Place: protocol.Place{Protocol: m.Protocol, Run: m.Run, Step: protocol.KindMigrated}, Blocks: m.Blocks})
	}
	slices.SortStableFunc(m.Moved, func(a, b protocol.Moved) int { // the first is what the command is answered with
		return flag(may(b.Audience)) - flag(may(a.Audience))
	})
	if asking != nil {
		return asking
	}
	if len(m.Moved) == 0 || !may(m.Moved[0].Audience) {
		return notFound() // of a run none of which they may read
	}
	w.remember(w.f, nil)
	for _, moved := range m.Moved {
		aud, err := p.audience(ctx, moved.Audience)
		if err != nil {
			return w.undo(err)
		}
		facts := act.NewFacts(map[string]act.Value{protocol.FactReason: why})
		facts = append(facts, moved.Facts...)
		slices.SortFunc(facts, func(a, b act.Fact) int { return strings.Compare(a.Name, b.Name) })
		env := w.envelope(w.f, &act.Act{Kind: protocol.KindMigrated, Facts: facts}, p.c.Engine.Law().Version)
		err = w.record(ctx, w.f, env, aud, cmd.Act.Body)
		if err != nil {
			return w.undo(err)
		}
	}
	return nil
}

func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Migratable is a run with the answer whether it may go on under another version.
type Migratable struct {
	File act.ID
	Seen int64 // for the command that migrates it
	protocol.Migration
}

// Migratables lists the open runs of a protocol that are under another version than to, among the files a mandate may read, each
// with what speaks against migrating it. It reads every state.
func (c *Clerk) Migratables(ctx context.Context, mandate act.ID, id string, to int) ([]Migratable, error) {
	var out []Migratable
	err := c.DB.Read(ctx, func(tx *store.Tx) error {
		who, err := c.Book.Mandate(ctx, tx, mandate)
		now := act.InstantOf(c.Clock())
		if errors.Is(err, access.ErrUnknownMandate) || err == nil && (now < who.Starts || now >= who.Ends) {
			return forbidden()
		}
		if err != nil {
			return err
		}
		type found struct {
			file  act.ID
			seen  int64
			state *protocol.State
		}
		var files []found
		err = everyState(ctx, tx, func(file act.ID, seq int64, st *protocol.State) {
			if slices.ContainsFunc(st.Procedures, func(r protocol.Run) bool { return r.Protocol == id && r.Version != to }) {
				files = append(files, found{file, seq + 1, st})
			}
		})
		if err != nil {
			return err
		}
		for _, f := range files {
			may := map[act.ID]bool{}
			for _, t := range f.state.Threads {
				may[t.Audience], err = c.Book.May(ctx, tx, mandate, t.Audience)
				if err != nil {
					return err
				}
			}
			for i := range f.state.Procedures {
				r := &f.state.Procedures[i]
				if r.Protocol != id || r.Version == to || len(r.Events) == 0 || !slices.ContainsFunc(r.Events, func(e protocol.Event) bool { return may[f.state.Threads[e.Thread].Audience] }) {
					continue
				}
				m := c.Engine.Migration(protocol.Question{
					State: f.state, Now: now, Mandate: who.ID, Person: who.Person, Roles: []string{who.Role}, May: func(a act.ID) bool { return may[a] },
				}, r.ID, to)
				if !slices.ContainsFunc(m.Blocks, func(b protocol.Block) bool { return b.Why == protocol.WhyClosed }) {
					out = append(out, Migratable{f.file, f.seen, m})
				}
			}
		}
		return nil
	})
	return out, err
}

// everyState reads the states of all files.
func everyState(ctx context.Context, tx *store.Tx, each func(file act.ID, seq int64, st *protocol.State)) error {
	rows, err := tx.Query(ctx, "SELECT file, seq, data FROM state ORDER BY file")
	if err != nil {
		return fmt.Errorf("read states: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err is what tells
	for rows.Next() {
		var id, data sql.RawBytes
		var seq int64
		err = rows.Scan(&id, &seq, &data)
		if err != nil {
			return fmt.Errorf("read states: %w", err)
		}
		if len(id) != len(act.ID{}) {
			return fmt.Errorf("a file's identifier of %d bytes", len(id))
		}
		st, err := protocol.ParseState(data)
		if err != nil {
			return fmt.Errorf("state of file %s: %w", act.ID(id), err)
		}
		each(act.ID(id), seq, st)
	}
	return rows.Err()
}
