package access

import (
	"context"
	"slices"
	"strings"

	"sanad/internal/act"
)

// Lookup returns the audience of a set of compartments without making anything, for who only looks. Where nobody has
// interned it yet the identifier is a stand-in, good for asking Reads what its readers could read, and for nothing
// else: it is never written, and no act can bear it. (With no identifier at all a page would show every fact hidden
// and every gate closed, where the step, which makes the audience, goes through.)
func (b *Book) Lookup(ctx context.Context, tx Tx, codes []string) (act.ID, error) {
	set, err := normal(codes)
	if err != nil {
		return act.ID{}, err
	}
	b.mu.RLock()
	aud, ok := b.audiences[strings.Join(set, " ")]
	b.mu.RUnlock()
	if ok {
		return aud.ID, nil
	}
	parts := make([]act.ID, len(set))
	for i, code := range set {
		parts[i], err = b.lookup(ctx, tx, code)
		if err != nil {
			return act.ID{}, err
		}
		if parts[i].IsZero() {
			parts[i] = standIn(hashed(&b.codeKey, []byte("nowhere "), []byte(code)))
		}
	}
	slices.SortFunc(parts, compareIDs)
	aud, err = b.find(ctx, tx, parts)
	if err != nil {
		return act.ID{}, err
	}
	if aud.ID.IsZero() {
		aud.ID = standIn(hashed(&b.setKey, []byte("nowhere "), b.setName(parts)))
	}
	if len(set) > 1 || set[0] != Public {
		_, err = b.lookup(ctx, tx, Public) // Reads must recognise it
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.parts[aud.ID] = parts
	return aud.ID, err
}

// standIn makes an identifier of a keyed hash: the same for the same thing, and nobody's.
func standIn(hash []byte) act.ID { return act.ID(hash[:len(act.ID{})]) }
