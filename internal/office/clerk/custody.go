package clerk

import (
	"context"
	"errors"
	"fmt"
	"io"

	"sanad/internal/act"
	"sanad/internal/archive/seal"
	"sanad/internal/archive/store"
	"sanad/internal/kit/fault"
	"sanad/internal/office/access"
)

// Held is sealed evidence that no act binds yet.
type Held struct {
	seal.Receipt
	Blob act.ID
	Key  act.ID
}

// Hold seals what r gives, for the audience of an act that the mandate may read, under a key of its own. Nothing is left
// where it fails.
func (c *Clerk) Hold(ctx context.Context, mandate, like act.ID, r io.Reader, limit int64) (*Held, error) {
	var aud seal.Audience
	err := c.DB.Read(ctx, func(tx *store.Tx) error {
		var err error
		aud, err = c.audienceLike(ctx, tx, mandate, like)
		return err
	})
	if err != nil {
		return nil, err
	}
	var h Held
	h.Blob, err = act.NewID(c.Dice)
	if err != nil {
		return nil, err
	}
	keys, err := c.Keeper.Take(ctx, aud, 1)
	if err != nil {
		return nil, fmt.Errorf("take a key: %w", err)
	}
	h.Key = keys[0]
	h.Receipt, err = c.Blobs.Put(ctx, aud, h.Key, h.Blob, r, limit)
	if errors.Is(err, seal.ErrTooLarge) {
		return nil, fault.Invalid.New("exhibit.too_large").With("max", limit).Because(err)
	}
	if err != nil {
		return nil, fault.Unavailable.New("exhibit.not_kept").Because(err)
	}
	return &h, nil
}

// Release removes evidence whose act was refused, and returns why it was. Where nobody knows whether the act was recorded,
// because somebody stopped waiting or the database was lost, the evidence stays: sealed bytes that nothing binds harm nobody,
// and bound bytes that are gone would.
func (c *Clerk) Release(ctx context.Context, h *Held, why error) error {
	if errors.Is(why, context.Canceled) || errors.Is(why, context.DeadlineExceeded) || errors.Is(why, ErrUnknown) {
		return why
	}
	return errors.Join(why, c.Blobs.Remove(context.WithoutCancel(ctx), h.Blob))
}

// Stream opens sealed evidence for a mandate that the policies let do what it is opened for, now: no key is touched for anybody
// else.
func (c *Clerk) Stream(ctx context.Context, mandate act.ID, do access.Action, audience, key, blob act.ID) (io.ReadCloser, error) {
	yes, err := c.Allows(ctx, mandate, do, audience)
	if err == nil && !yes {
		err = forbidden()
	}
	if err != nil {
		return nil, err
	}
	var aud seal.Audience
	err = c.DB.Read(ctx, func(tx *store.Tx) error {
		var err error
		aud, err = c.Book.Audience(ctx, tx, audience)
		return err
	})
	if err != nil {
		return nil, err
	}
	return c.Blobs.Open(ctx, aud, key, blob)
}

// Allows asks the policies whether a mandate may do something with what an audience reads, now. A mandate that is not in force, or
// that there is none of, may nothing.
func (c *Clerk) Allows(ctx context.Context, mandate act.ID, do access.Action, audience act.ID) (yes bool, err error) {
	err = c.DB.Read(ctx, func(tx *store.Tx) error {
		var err error
		yes, err = c.Book.Allows(ctx, tx, mandate, do, audience, act.InstantOf(c.Clock()))
		return err
	})
	switch {
	case errors.Is(err, access.ErrUnknownMandate) || errors.Is(err, access.ErrUnknownAudience):
		return false, nil
	case errors.Is(err, access.ErrPolicy):
		return false, c.barred(ctx, err)
	}
	return yes, err
}

// audienceLike is the audience of an act that the mandate may read.
func (c *Clerk) audienceLike(ctx context.Context, tx *store.Tx, mandate, like act.ID) (seal.Audience, error) {
	where, err := c.readAudience(ctx, tx, like)
	if errors.Is(err, errNoAct) {
		return seal.Audience{}, notFound()
	}
	if err != nil {
		return seal.Audience{}, err
	}
	may, err := c.Book.May(ctx, tx, mandate, where)
	if err != nil {
		return seal.Audience{}, err
	}
	if !may {
		return seal.Audience{}, notFound()
	}
	return c.Book.Audience(ctx, tx, where)
}
