package app

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"time"

	"sanad/internal/act"
	"sanad/internal/office/clerk"
	"sanad/internal/office/parties"
)

func grantFlags(fs *flag.FlagSet) Run {
	given := ConfigFlags(fs, "data", "db", "db_file", "pack", "variant")
	seat := fs.String("seat", "", "`SEAT` of the pack that is to be held; sanad console mandates lists those that are")
	person := fs.String("person", "", "`NAME` of who is to hold it; or the ID of somebody who holds, or held, another")
	until := fs.String("until", "", "the last `DATE` of the mandate, as 2030-12-31")
	return func(ctx context.Context, env Env, _ []string) int {
		err := inside(ctx, env, given, func(h *house) error {
			ends, err := time.ParseInLocation(time.DateOnly, *until, h.zone())
			if err != nil {
				return fmt.Errorf("--until %q is no date: give the mandate's last day, as 2030-12-31", *until)
			}
			who, mandate, err := h.grant(ctx, *seat, *person, act.InstantOf(ends.AddDate(0, 0, 1)))
			if err == nil {
				fmt.Fprintf(env.Stdout, "%s  %s\n", mandate, *seat)
				fmt.Fprintf(env.Stderr, "Person %s. Now make a code for them: sanad console invite --mandate %s\n", who, *seat)
			}
			return err
		})
		if err != nil {
			return say(env, "console grant", err)
		}
		return ExitGood
	}
}

func endFlags(fs *flag.FlagSet) Run {
	given := ConfigFlags(fs, "data", "db", "db_file", "pack", "variant")
	mandate := fs.String("mandate", "", "`ID` of the mandate, or the seat it holds; sanad console mandates lists them")
	return func(ctx context.Context, env Env, _ []string) int {
		err := inside(ctx, env, given, func(h *house) error { return h.dismiss(ctx, *mandate) })
		if err != nil {
			return say(env, "console end", err)
		}
		return ExitGood
	}
}

// grant gives a seat that nobody holds to a person, from now until just before ends, in the keeper's name: as the pack of today and
// the log's variant say what it reads and for which institution. The keeper's own seat may be given while it is held, for without
// a keeper nobody could give it. A name enrols a new person; an ID is of somebody who was given a mandate before.
func (h *house) grant(ctx context.Context, seat, person string, ends act.Instant) (who, mandate act.ID, err error) {
	post, err := h.post(seat)
	if err != nil {
		return who, mandate, err
	}
	if person == "" {
		return who, mandate, errors.New("to whom? Give --person, a name or the ID of somebody who was given a mandate before")
	}
	post.Starts, post.Ends = act.InstantOf(h.legal()), ends
	if post.Starts >= post.Ends {
		return who, mandate, errors.New("--until is behind us: give a day to come")
	}
	held, err := h.mandateOfSeat(ctx, seat)
	if err == nil && seat != parties.SeatKeeper {
		return who, mandate, fmt.Errorf("the seat %s is held by mandate %s: end that one first, with sanad console end --mandate %s", seat, held, held)
	}
	keeper, err := h.mandateOfSeat(ctx, parties.SeatKeeper)
	if err != nil {
		return who, mandate, err
	}
	do := func(cmd clerk.Command) (*clerk.Done, error) {
		cmd.Mandate = keeper
		return h.clerk.Do(ctx, cmd)
	}
	post.Person, err = act.ParseID(person)
	if err == nil {
		err = h.enrolled(ctx, post.Person)
	} else {
		var enrolled *clerk.Done
		enrolled, err = do(parties.Enroll(parties.Person{Name: person}))
		if err == nil {
			post.Person = enrolled.File
		}
	}
	if err != nil {
		return who, mandate, err
	}
	done, err := do(parties.GrantSeat(post))
	if err != nil {
		return who, mandate, fmt.Errorf("record the mandate: %w", err)
	}
	return post.Person, done.File, nil
}

// post is what a seat of the pack, or the keeper's, is held for.
func (h *house) post(seat string) (parties.Seat, error) {
	if seat == parties.SeatKeeper {
		return parties.Seat{Role: parties.RoleKeeper, Institution: parties.House, Seat: seat, Compartments: []string{partiesCompartment}}, nil
	}
	for _, r := range h.pack.Roles {
		for _, s := range r.Seats {
			if s == seat {
				return parties.Seat{Role: r.ID, Institution: r.Institution(h.governance), Seat: seat, Compartments: r.Reads}, nil
			}
		}
	}
	return parties.Seat{}, fmt.Errorf("the pack %s has no seat %q: its roles.yaml lists them", h.pack.ID, seat)
}

// enrolled refuses the ID of a person to whom no mandate was ever given.
func (h *house) enrolled(ctx context.Context, person act.ID) error {
	return h.clerk.Read(ctx, func(tx clerk.Tx) error {
		var n int
		err := tx.QueryRow(ctx, "SELECT COUNT(*) FROM mandate WHERE person = ?", person[:]).Scan(&n)
		if err == nil && n == 0 {
			err = fmt.Errorf("nobody known has the ID %s: give a name", person)
		}
		return err
	})
}

// dismiss takes a mandate back for good, from now on, in the keeper's name. The last keeper stays.
func (h *house) dismiss(ctx context.Context, mandateOrSeat string) error {
	if mandateOrSeat == "" {
		return errors.New("name the mandate with --mandate; sanad console mandates lists them")
	}
	mandate, err := h.mandateOfSeat(ctx, mandateOrSeat)
	if err != nil {
		return err
	}
	keeper, err := h.mandateOfSeat(ctx, parties.SeatKeeper)
	if err != nil {
		return err
	}
	if mandate == keeper {
		return errors.New("this is the keeper's mandate, without which nobody could give another: give the seat to somebody first, with sanad console grant --seat keeper")
	}
	view, err := h.clerk.View(ctx, keeper, mandate)
	if err != nil {
		return fmt.Errorf("there is no mandate %q: sanad console mandates lists them", mandateOrSeat)
	}
	cmd := parties.EndMandate(mandate, view.Seen)
	cmd.Mandate = keeper
	_, err = h.clerk.Do(ctx, cmd)
	if err != nil {
		return fmt.Errorf("record the end of the mandate: %w", err)
	}
	return nil
}
