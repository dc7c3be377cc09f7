package access

import (
	"context"
	"slices"
	"strings"

	"sanad/internal/act"
)

// Lookup returns the audience of a set of compartments where there is one, and makes none: zero where there is not.
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
		if err != nil || parts[i].IsZero() {
			return act.ID{}, err
		}
	}
	slices.SortFunc(parts, compareIDs)
	found, err := b.find(ctx, tx, parts)
	if err != nil || found.ID.IsZero() {
		return act.ID{}, err
	}
	return found.ID, b.Known(ctx, tx, found.ID)
}
