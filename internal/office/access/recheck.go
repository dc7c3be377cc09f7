package access

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"sanad/internal/act"

	"github.com/cedar-policy/cedar-go"
)

// Mistake is a difference between the tables and what they must say.
type Mistake struct {
	Mandate  act.ID // zero where it is about the audience alone
	Audience act.ID
	What     string
}

// The kinds of mistake. A row too many shows a secret; a row too few hides what is due.
const (
	RowMissing  = "may read it, and has no row"
	RowTooMuch  = "has a row, and may not read it"
	BadAudience = "its compartments are not those it was made of"
)

// mostMistakes is how many are listed: whoever has a thousand needs no list.
const mostMistakes = 1000

// Recheck decides every pair of mandate and audience again, by Cedar and with no short cut, and compares the table
// `may`; it also compares every audience with the hash and the size it was interned under. It reads everything.
func (b *Book) Recheck(ctx context.Context, tx Tx) (found []Mistake, err error) {
	err = b.recheck(ctx, tx, func(m Mistake) {
		if len(found) < mostMistakes {
			found = append(found, m)
		}
	})
	return found, err
}

func (b *Book) recheck(ctx context.Context, tx Tx, add func(Mistake)) error {
	audiences, err := b.recheckAudiences(ctx, tx, add)
	if err != nil {
		return fmt.Errorf("recheck audiences: %w", err)
	}
	var ids []act.ID
	mandates := map[act.ID]*Mandate{}
	rows, err := tx.Query(ctx, "SELECT id, id FROM mandate ORDER BY id")
	if err == nil {
		err = groups(rows, func(id act.ID, _ []act.ID) error {
			ids = append(ids, id)
			mandates[id] = &Mandate{ID: id} // ended, unless eachHolder finds what it holds
			return nil
		})
	}
	if err == nil {
		err = eachHolder(ctx, tx, nil, func(m *Mandate) error {
			keep := *m
			keep.Compartments = slices.Clone(m.Compartments)
			mandates[m.ID] = &keep
			return nil
		})
	}
	if err != nil {
		return fmt.Errorf("recheck mandates: %w", err)
	}
	for _, id := range ids {
		err = b.recheckMandate(ctx, tx, mandates[id], audiences, add)
		if err != nil {
			return fmt.Errorf("recheck mandate %s: %w", id, err)
		}
	}
	return nil
}

// target is an audience as Cedar sees it.
type target struct {
	id   act.ID
	what *cedar.Entity
}

// recheckAudiences reads all audiences, with no compartments where they have lost them.
func (b *Book) recheckAudiences(ctx context.Context, tx Tx, add func(Mistake)) ([]target, error) {
	parts := map[act.ID][]act.ID{}
	rows, err := tx.Query(ctx, "SELECT audience, compartment FROM audience_part ORDER BY audience, compartment")
	if err != nil {
		return nil, err
	}
	err = groups(rows, func(id act.ID, members []act.ID) error {
		parts[id] = members
		return nil
	})
	if err != nil {
		return nil, err
	}
	rows, err = tx.Query(ctx, "SELECT id, name, size FROM audience ORDER BY id")
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // rows.Err is what tells
	var all []target
	for rows.Next() {
		var raw, name sql.RawBytes
		var size int64
		err = rows.Scan(&raw, &name, &size)
		if err != nil {
			return nil, err
		}
		id, err := toID(raw)
		if err != nil {
			return nil, err
		}
		if int64(len(parts[id])) != size || string(name) != string(b.setName(parts[id])) {
			add(Mistake{Audience: id, What: BadAudience})
		}
		all = append(all, target{id, resource(id.String(), idNames(parts[id]))})
	}
	return all, rows.Err()
}

func (b *Book) recheckMandate(ctx context.Context, tx Tx, m *Mandate, audiences []target, add func(Mistake)) error {
	written := map[act.ID]bool{}
	rows, err := tx.Query(ctx, "SELECT mandate, audience FROM may WHERE mandate = ?", m.ID[:])
	if err != nil {
		return err
	}
	err = groups(rows, func(_ act.ID, ids []act.ID) error {
		for _, id := range ids {
			written[id] = true
		}
		return nil
	})
	if err != nil {
		return err
	}
	who := m.entity()
	for _, a := range audiences {
		yes, err := b.policies.decide(who, ToRead, a.what)
		if err != nil {
			return err
		}
		switch {
		case yes && !written[a.id]:
			add(Mistake{m.ID, a.id, RowMissing})
		case !yes && written[a.id]:
			add(Mistake{m.ID, a.id, RowTooMuch})
		}
	}
	return nil
}
