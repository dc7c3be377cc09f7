package clerk

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"sanad/internal/act"
)

// Bodies remembers what public acts say, each body opened once and read as a T: an act never changes. Whatever is erased, in
// whichever process, is forgotten with the rest. The zero value is empty; it is safe for concurrent use.
type Bodies[T any] struct {
	mu     sync.Mutex
	erased uint64 // of the keeper, when what follows was opened
	opened map[act.ID]*T
}

// mostBodies is how many bodies are remembered.
const mostBodies = 8192

// Of returns what acts say, in JSON, by their identifier: nil for one that says nothing, is not everyone's to read, does not exist,
// or was erased.
func (b *Bodies[T]) Of(ctx context.Context, c *Clerk, ids []act.ID) (map[act.ID]*T, error) {
	erased, err := c.Keeper.Erased()
	if err != nil {
		return nil, fmt.Errorf("public bodies: %w", err)
	}
	out, unknown := b.known(ids, erased)
	opened, err := c.OpenPublicAll(ctx, unknown)
	if err != nil {
		return nil, fmt.Errorf("public bodies: %w", err)
	}
	for _, id := range unknown {
		var body *T
		if o := opened[id]; o != nil && o.Body != nil {
			err = json.Unmarshal(o.Body, &body)
			if err != nil {
				return nil, fmt.Errorf("body of act %s: %w", id, err)
			}
		}
		out[id] = body
	}
	b.keep(out, unknown, erased)
	return out, nil
}

// known returns what is remembered, and what has to be opened.
func (b *Bodies[T]) known(ids []act.ID, erased uint64) (out map[act.ID]*T, unknown []act.ID) {
	out = make(map[act.ID]*T, len(ids))
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.opened == nil || b.erased != erased {
		b.opened, b.erased = map[act.ID]*T{}, erased
	}
	for _, id := range ids {
		body, there := b.opened[id]
		switch {
		case there:
			out[id] = body
		case !id.IsZero():
			unknown = append(unknown, id)
		}
	}
	return out, unknown
}

// keep remembers what was opened, unless something was erased meanwhile.
func (b *Bodies[T]) keep(all map[act.ID]*T, fresh []act.ID, erased uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.erased != erased {
		return
	}
	for _, id := range fresh {
		b.opened[id] = all[id]
	}
	for id := range b.opened {
		if len(b.opened) <= mostBodies {
			return
		}
		if _, asked := all[id]; !asked { // who asks for many asks for the same again soon
			delete(b.opened, id)
		}
	}
}
