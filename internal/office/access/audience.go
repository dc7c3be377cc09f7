package access

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sanad/internal/act"
	"sanad/internal/archive/seal"

	"github.com/cedar-policy/cedar-go"
)

// mostParts bounds what one audience costs every decision about it.
const mostParts = 64

// normal returns the codes of an audience sorted, each once, and without the public one, unless it is alone.
func normal(codes []string) ([]string, error) {
	set := slices.Clone(codes)
	slices.Sort(set)
	set = slices.Compact(set)
	if len(set) == 0 {
		return nil, seal.ErrEmptyAudience
	}
	if len(set) > mostParts {
		return nil, fmt.Errorf("an audience of %d compartments, at most %d: give the case a compartment of its own", len(set), mostParts)
	}
	if len(set) > 1 {
		set = slices.DeleteFunc(set, func(c string) bool { return c == Public })
	}
	for _, c := range set {
		if !act.IsCode(c) {
			return nil, errors.New("the name of a compartment is a code: letters, digits and . _ @ : / + - only")
		}
	}
	return set, nil
}

// Intern returns the audience of a set of compartments, making what is new of it, and decides at once which mandates
// may read it; fresh tells that it was made in this transaction. seal.ErrEmptyAudience when no code is given. The
// slice of compartments is sorted and shared: nobody may change it.
func (b *Book) Intern(ctx context.Context, tx Tx, codes []string) (aud seal.Audience, fresh bool, err error) {
	set, err := normal(codes)
	if err != nil {
		return aud, false, err
	}
	key := strings.Join(set, " ") // a code holds no space
	b.mu.RLock()
	aud, ok := b.audiences[key]
	b.mu.RUnlock()
	if ok {
		return aud, false, nil
	}
	parts := make([]act.ID, len(set))
	for i, code := range set {
		parts[i], err = b.Compartment(ctx, tx, code)
		if err != nil {
			return aud, false, err
		}
	}
	slices.SortFunc(parts, compareIDs)
	aud, err = b.find(ctx, tx, parts)
	if err == nil && aud.ID.IsZero() {
		aud, fresh, err = b.write(ctx, tx, parts)
	}
	if err != nil {
		return seal.Audience{}, false, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.parts[aud.ID] = aud.Compartments
	if !fresh && b.trusts(tx) {
		b.audiences[key] = aud
	}
	return aud, fresh, nil
}

// find looks an audience up by the keyed hash of its compartments; zero where there is none.
func (b *Book) find(ctx context.Context, tx Tx, parts []act.ID) (seal.Audience, error) {
	id, err := scanID(tx.QueryRow(ctx, "SELECT id FROM audience WHERE name = ?", b.setName(parts)))
	return seal.Audience{ID: id, Compartments: parts}, wrap("find an audience", err)
}

// setName is the keyed hash of the sorted compartments: it tells whoever reads the table nothing.
func (b *Book) setName(parts []act.ID) []byte {
	all := make([][]byte, len(parts))
	for i := range parts {
		all[i] = parts[i][:]
	}
	return hashed(&b.setKey, all...)
}

// write makes an audience and a row of `may` for every mandate that Cedar lets read it.
func (b *Book) write(ctx context.Context, tx Tx, parts []act.ID) (aud seal.Audience, fresh bool, err error) {
	_, err = b.lock(ctx, tx)
	if err != nil {
		return aud, false, err
	}
	aud, err = b.find(ctx, tx, parts) // somebody may have been first
	if err != nil || !aud.ID.IsZero() {
		return aud, false, err
	}
	aud.ID, err = act.NewID(b.dice)
	if err != nil {
		return aud, false, err
	}
	n, err := tx.Exec(ctx, "INSERT INTO audience (id, name, size) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING", aud.ID[:], b.setName(parts), int64(len(parts)))
	if err == nil && n == 0 {
		err = errors.New("it is being made elsewhere: try again")
	}
	if err == nil {
		err = insertPairs(ctx, tx, "INSERT INTO audience_part (audience, compartment)", aud.ID, parts, false)
	}
	if err != nil {
		return aud, false, fmt.Errorf("write an audience: %w", err)
	}
	what := resource(aud.ID.String(), idNames(parts))
	var readers []act.ID
	err = eachHolder(ctx, tx, parts, func(m *Mandate) error {
		yes, err := b.policies.decide(m.entity(), ToRead, what)
		if yes {
			readers = append(readers, m.ID)
		}
		return err
	})
	if err == nil {
		err = insertPairs(ctx, tx, "INSERT INTO may (mandate, audience)", aud.ID, readers, true)
	}
	if err != nil {
		return aud, false, fmt.Errorf("decide who reads a new audience: %w", err)
	}
	return aud, true, nil
}

// idNames names compartments by their identifiers: decisions about reading need no sealed name to be opened.
func idNames(ids []act.ID) []cedar.String {
	out := make([]cedar.String, len(ids))
	for i, id := range ids {
		out[i] = cedar.String(id.String())
	}
	return out
}

// Audience returns an audience with its compartments, sorted and shared. ErrUnknownAudience when there is none.
func (b *Book) Audience(ctx context.Context, tx Tx, id act.ID) (seal.Audience, error) {
	err := b.Known(ctx, tx, id)
	if err != nil {
		return seal.Audience{}, err
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	return seal.Audience{ID: id, Compartments: b.parts[id]}, nil
}

// Known reads the compartments of those audiences that are not in memory yet, so that Reads can answer about them.
// ErrUnknownAudience when one does not exist.
func (b *Book) Known(ctx context.Context, tx Tx, ids ...act.ID) error {
	var missing []act.ID
	b.mu.RLock()
	for _, id := range ids {
		if b.parts[id] == nil && !slices.Contains(missing, id) {
			missing = append(missing, id)
		}
	}
	b.mu.RUnlock()
	if len(missing) == 0 {
		return nil
	}
	_, err := b.lookup(ctx, tx, Public) // Reads must recognise it
	if err != nil {
		return err
	}
	for batch := range slices.Chunk(missing, mostRows) {
		list, args := inList(batch)
		rows, err := tx.Query(ctx, "SELECT audience, compartment FROM audience_part WHERE audience IN "+list+" ORDER BY audience, compartment", args...)
		if err != nil {
			return fmt.Errorf("read audiences: %w", err)
		}
		err = groups(rows, func(id act.ID, parts []act.ID) error {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.parts[id] = parts
			return nil
		})
		if err != nil {
			return fmt.Errorf("read audiences: %w", err)
		}
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	for _, id := range missing {
		if b.parts[id] == nil {
			return fmt.Errorf("audience %s: %w", id, ErrUnknownAudience)
		}
	}
	return nil
}

// Reads reports whether everyone who reads audience have may read audience want: want's compartments are all have's,
// or want is public. It does no I/O; about an audience that is not in memory it says no (see Known and May).
func (b *Book) Reads(have, want act.ID) bool {
	b.mu.RLock()
	defer b.mu.RUnlock()
	held, asked := b.parts[have], b.parts[want]
	if len(held) == 0 || len(asked) == 0 {
		return false
	}
	for _, c := range asked {
		_, holds := slices.BinarySearchFunc(held, c, compareIDs)
		if !holds && !b.public[c] {
			return false
		}
	}
	return true
}
