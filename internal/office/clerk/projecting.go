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

// passOf is where a projector's context has the pass of the transaction it is given.
type passOf struct{ tx Tx }

// Known returns the folded state of a file that the commit under way touches, to a projector; nil for any other file and for
// whoever else asks. Nobody may change it or keep it beyond the transaction.
func Known(ctx context.Context, tx Tx, file act.ID) *protocol.State {
	p, _ := ctx.Value(passOf{tx}).(*pass)
	if p == nil {
		return nil
	}
	f := p.files[file]
	if f == nil || f.state.Acts == 0 {
		return nil
	}
	return &f.state
}

// States finds the folded states of files, as the transaction has them; one that does not exist is missing. A projector gets those
// of its commit without reading them. Nobody may change what is returned or keep it beyond the transaction.
func States(ctx context.Context, tx Tx, files []act.ID) (map[act.ID]*protocol.State, error) {
	out := make(map[act.ID]*protocol.State, len(files))
	var rest []any
	for _, id := range files {
		if out[id] != nil {
			continue
		}
		out[id] = Known(ctx, tx, id)
		if out[id] != nil {
			continue
		}
		delete(out, id)
		rest = append(rest, id[:])
	}
	for some := range slices.Chunk(rest, 512) {
		err := readStates(ctx, tx, some, out)
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// holding is a mandate of a role that may read an audience.
type holding struct {
	mandate      act.ID
	starts, ends act.Instant
}

// duty is a role, among those who may read an audience.
type duty struct {
	role     string
	audience act.ID
}

// Holders lists the mandates of a role that are in force and may read an audience, in the order of their seats. A projector is
// answered out of what the clerk remembers, as long as nothing about access changes.
func Holders(ctx context.Context, tx Tx, role string, audience act.ID, now act.Instant) ([]act.ID, error) {
	p, _ := ctx.Value(passOf{tx}).(*pass)
	d := duty{role, audience}
	var all []holding
	known := false
	if p != nil && !p.accessChanged {
		all, known = p.c.memo.holders[d]
	}
	if !known {
		var err error
		all, err = readHolders(ctx, tx, d)
		if err != nil {
			return nil, fmt.Errorf("read who holds a role: %w", err)
		}
		if p != nil && !p.accessChanged {
			p.c.memo.holders[d] = all
		}
	}
	var out []act.ID
	for _, h := range all {
		if h.starts <= now && now < h.ends {
			out = append(out, h.mandate)
		}
	}
	return out, nil
}

func readHolders(ctx context.Context, tx Tx, d duty) ([]holding, error) {
	rows, err := tx.Query(ctx, `SELECT m.id, m.starts, m.ends FROM mandate m JOIN may y ON y.mandate = m.id AND y.audience = ?
		WHERE m.role = ? ORDER BY m.seat, m.id`, d.audience[:], d.role)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // rows.Err is what tells
	var out []holding
	for rows.Next() {
		var id sql.RawBytes
		var h holding
		err = rows.Scan(&id, &h.starts, &h.ends)
		if err != nil {
			return nil, err
		}
		if len(id) != len(h.mandate) {
			return nil, fmt.Errorf("an identifier of %d bytes", len(id))
		}
		h.mandate = act.ID(id)
		out = append(out, h)
	}
	return out, rows.Err()
}

func readStates(ctx context.Context, tx Tx, files []any, into map[act.ID]*protocol.State) error {
	files = padded(files)
	rows, err := tx.Query(ctx, "SELECT data FROM state WHERE file IN (?"+strings.Repeat(",?", len(files)-1)+")", files...)
	if err != nil {
		return fmt.Errorf("read states: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err is what tells
	for rows.Next() {
		var data sql.RawBytes
		err = rows.Scan(&data)
		if err != nil {
			return fmt.Errorf("read states: %w", err)
		}
		s, err := protocol.ParseState(data)
		if err != nil {
			return fmt.Errorf("read states: %w", err)
		}
		into[s.File] = s
	}
	return rows.Err()
}
