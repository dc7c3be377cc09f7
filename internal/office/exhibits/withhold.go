package exhibits

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"unicode/utf8"

	"sanad/internal/act"
	"sanad/internal/archive/seal"
	"sanad/internal/archive/store"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/picture"
	"sanad/internal/office/access"
	"sanad/internal/office/clerk"
)

// Withhold is for "this may be a child". The exhibit is sealed again for those who read it now and hold the police compartment as
// well; one commit says so to its readers and binds the new seal for the police; then the key it could be opened with is destroyed.
// From that commit on nothing renders it. text may be empty: nobody is made to describe.
func (x *Room) Withhold(ctx context.Context, mandate, binding act.ID, text string) error {
	if !utf8.ValidString(text) || utf8.RuneCountInString(text) > mostReason {
		return fault.Invalid.New("exhibit.reason.invalid").At("text", "exhibit.reason.long", map[string]any{"max": mostReason})
	}
	e, v, err := x.find(ctx, mandate, binding)
	if err != nil {
		return err
	}
	err = withheld(e)
	if err != nil {
		return err
	}
	if x.Rules.Police == "" {
		return fault.Unavailable.New("exhibit.no_police")
	}
	codes, err := x.codes(ctx, e.audience)
	if err != nil {
		return err
	}
	police := slices.Compact(slices.Sorted(slices.Values(append(slices.Clone(codes), x.Rules.Police))))
	sealed, bound, err := x.again(ctx, mandate, e, police)
	if err != nil {
		return err
	}
	referral, err := telling(KindWithheld, e, strings.TrimSpace(text), map[string]act.Value{factBlob: act.OfID(e.blob)})
	if err != nil {
		return x.Clerk.Release(ctx, sealed, err)
	}
	referral.Add, bound.Add = codes, police
	ctx = context.WithoutCancel(ctx)
	done, err := x.Clerk.Do(ctx, clerk.Command{
		Mandate: mandate, File: e.File, Kind: KindWithheld, Seen: v.Seen, Input: &told{[]act.Act{referral, bound}},
	})
	if err != nil {
		return x.Clerk.Release(ctx, sealed, err)
	}
	if len(done.Acts) != 2 { // the decisions of exhibits are not wired: what was sealed again is bound by nothing
		return x.Clerk.Release(ctx, sealed, errors.New("an exhibit was withheld and not bound for the police"))
	}
	err = x.Clerk.Keeper.Destroy(ctx, e.key)
	if err != nil && x.Clerk.Log != nil { // it is withheld all the same, and Finish destroys the key
		x.Clerk.Log.ErrorContext(ctx, "the key of a withheld exhibit was not destroyed yet", slog.Any("err", err))
	}
	return nil
}

// codes are the compartments of an audience.
func (x *Room) codes(ctx context.Context, audience act.ID) (codes []string, err error) {
	err = x.Clerk.DB.Read(ctx, func(tx *store.Tx) error {
		aud, err := x.Clerk.Book.Audience(ctx, tx, audience)
		if err != nil {
			return err
		}
		codes, err = x.Clerk.Book.Codes(ctx, tx, aud.Compartments)
		return err
	})
	return codes, wrap("find who may read an exhibit", err)
}

// again seals an exhibit for another audience, from seal to seal through memory, and makes the act that binds it there.
func (x *Room) again(ctx context.Context, mandate act.ID, e *Exhibit, codes []string) (*clerk.Held, act.Act, error) {
	var none act.Act
	aud, err := x.audience(ctx, codes)
	if err != nil {
		return nil, none, err
	}
	in, err := x.stream(ctx, mandate, access.ToOpen, e)
	if err != nil {
		return nil, none, err
	}
	defer in.Close() //nolint:errcheck // a reader, read to its end or given up
	w := picture.Watch(in)
	sealed, err := x.seal(ctx, aud, w, MaxSize)
	if err != nil {
		return nil, none, err
	}
	about, err := x.about(ctx, mandate, e.Act)
	switch {
	case fault.CodeOf(err) == fault.NotFound: // what was said of it is erased; it is not
		about = About{Size: sealed.Size, Clear: sealed.Clear[:]}
	case err != nil:
		return nil, none, x.Clerk.Release(ctx, sealed, err)
	case !bytes.Equal(about.Clear, sealed.Clear[:]):
		return nil, none, x.Clerk.Release(ctx, sealed, fmt.Errorf("exhibit %s is not what its act says: %w", e.Act, seal.ErrSealBroken))
	}
	about.Media = string(w.Info().Kind)
	a, err := binding(sealed, about, e.Picture || w.Info().Picture, e.Act)
	if err != nil {
		return nil, none, x.Clerk.Release(ctx, sealed, err)
	}
	return sealed, a, nil
}

// Finish destroys the keys of withheld exhibits that are still there: after a crash between the act and the deed, and after a
// restore from an older copy of the keys. Call it when the house opens, before anybody comes in.
func (x *Room) Finish(ctx context.Context) error {
	var keys []act.ID
	err := x.Clerk.DB.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.Query(ctx, fmt.Sprintf("SELECT key FROM exhibit WHERE withheld = %d", referred)) // spelled out, for its index is of these alone
		if err != nil {
			return err
		}
		defer rows.Close() //nolint:errcheck // rows.Err is what tells
		for rows.Next() {
			var b []byte
			err = rows.Scan(&b)
			if err != nil {
				return err
			}
			keys = append(keys, act.ID(b))
		}
		return rows.Err()
	})
	if err == nil {
		keys, err = x.Clerk.Keeper.Undestroyed(ctx, keys)
	}
	if err == nil {
		err = x.Clerk.Keeper.Destroy(ctx, keys...)
	}
	return wrap("destroy keys of withheld exhibits", err)
}
