package app

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sanad/internal/act"
	"sanad/internal/archive/store"
	"sanad/internal/desk/register"
	"sanad/internal/law/pack"
	"sanad/internal/office/clerk"
	"sanad/internal/office/parties"
)

// seatTerm is for how long the mandates a pack's seats start with are granted.
const seatTerm = 4 * 365 * 24 * time.Hour

// found opens a new log with the keeper's mandate and one for every seat of the pack.
func (h *house) found(ctx context.Context) error {
	return h.clerk.Found(ctx, h.key.origin, func(founder act.ID, do func(clerk.Command) (*clerk.Done, error)) error {
		_, err := do(parties.OpenLog(h.pack.Version(), h.variant))
		if err != nil {
			return err
		}
		_, err = do(register.Opening())
		if err != nil {
			return err
		}
		starts := act.InstantOf(h.legal())
		grant := func(role, institution, seat string, reads []string) error {
			who, err := do(parties.Enroll(parties.Person{Name: seat}))
			if err != nil {
				return err
			}
			_, err = do(parties.GrantSeat(parties.Seat{
				Person: who.File, Role: role, Institution: institution, Seat: seat, Compartments: reads,
				Starts: starts, Ends: starts.Add(seatTerm),
			}))
			return err
		}
		err = grant(parties.RoleKeeper, parties.House, parties.SeatKeeper, []string{partiesCompartment})
		if err != nil {
			return err
		}
		for _, i := range h.pack.Institutions {
			_, err = do(parties.EnrollInstitution(i.ID))
			if err != nil {
				return err
			}
		}
		for _, r := range h.pack.Roles {
			for _, seat := range r.Seats {
				err = grant(r.ID, r.Institution(h.governance), seat, r.Reads)
				if err != nil {
					return fmt.Errorf("seat %s: %w", seat, err)
				}
			}
		}
		return nil
	})
}

// lacksVariant says that a pack has no governance variant of a name, and what to do; nothing where it has, or none is asked for.
func lacksVariant(p *pack.Pack, name string) (what, do string) {
	if name == "" || slices.Contains(p.Variants, name) {
		return "", ""
	}
	what, do = fmt.Sprintf("the pack %s has no governance variant %q", p.ID, name), "use one of "+strings.Join(p.Variants, ", ")
	if len(p.Variants) == 0 {
		do = "leave it out, the pack names none"
	}
	return what, do
}

// govern settles under which governance variant the house works: the one its log was founded under, for it says which institution
// holds each seat; for a new log the one that was asked for, else the pack's first. Another one than the log's is refused.
func (h *house) govern(ctx context.Context) error {
	founded, named, err := h.foundedUnder(ctx)
	if err != nil {
		return err
	}
	settled, governs := h.governance, h.variant
	if founded {
		governs = named
	}
	if governs == "" {
		governs = firstVariant(h.pack)
	}
	h.governance = governs
	switch {
	case settled != "" && settled != governs:
		return fmt.Errorf("another server founded this log meanwhile, under the governance variant %s: start again", governs)
	case named != "" && !slices.Contains(h.pack.Variants, named):
		return fmt.Errorf("this log was founded under the governance variant %s, which the pack %s no longer has: use the pack it was founded under", named, h.pack.ID)
	case h.variant != "" && h.variant != h.governance:
		return fmt.Errorf("this log was founded under the governance variant %s, and its seats are held as that one says: leave --variant %s out, or begin another folder", h.governance, h.variant)
	}
	return nil
}

// foundedUnder reads the log's first act: whether there is one, and the variant it names. None is named where nobody chose: then it
// is the pack's first.
func (h *house) foundedUnder(ctx context.Context) (founded bool, named string, err error) {
	var b []byte
	err = h.db.Read(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(ctx, "SELECT envelope FROM act WHERE seq = 0").Scan(&b)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return false, "", nil
	}
	if err != nil {
		return false, "", fmt.Errorf("read how the log was founded: %w", err)
	}
	env, err := act.Decode(b)
	if err != nil {
		return false, "", fmt.Errorf("read how the log was founded: %w", err)
	}
	for _, f := range env.Facts {
		if f.Name == parties.FactVariant {
			named = f.Value.Code()
		}
	}
	return true, named, nil
}

// firstVariant is what governs where nobody chose; "" where the pack has no variants.
func firstVariant(p *pack.Pack) string {
	if len(p.Variants) == 0 {
		return ""
	}
	return p.Variants[0]
}
