package app

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"sanad/internal/act"
	"sanad/internal/office/clerk"
	"sanad/internal/office/parties"
)

func keyShowFlags(fs *flag.FlagSet) Run {
	given := ConfigFlags(fs, "data")
	return func(_ context.Context, env Env, _ []string) int {
		c, err := given.Load(env.Getenv)
		if err != nil {
			return say(env, "key show", err)
		}
		key, err := logKeyOf(c.Data)
		if err != nil {
			return say(env, "key show", err)
		}
		fmt.Fprintln(env.Stdout, key.vkey)
		return ExitGood
	}
}

// logKeyOf reads the key of the log that a data folder holds.
func logKeyOf(folder string) (*logKey, error) {
	key, err := readLogKey(filepath.Join(folder, keysFolder))
	info, there := os.Stat(folder)
	switch {
	case there == nil && !info.IsDir():
		err = fmt.Errorf("%s is no folder: name the one that holds the log with --data", folder)
	case errors.Is(err, errNoLogKey):
		err = fmt.Errorf("%s holds no log yet: start sanad serve on it once, or name the folder with --data", folder)
	}
	return key, err
}

// inviteTerm is how long a code for the console is good.
const inviteTerm = 24 * time.Hour

func inviteFlags(fs *flag.FlagSet) Run {
	given := ConfigFlags(fs, "data", "db", "db_file", "pack", "variant")
	mandate := fs.String("mandate", "", "`ID` of the mandate, or the seat it holds; sanad console mandates lists them")
	return func(ctx context.Context, env Env, _ []string) int {
		if *mandate == "" {
			return say(env, "console invite", errors.New("name the mandate with --mandate; sanad console mandates lists them"))
		}
		err := inside(ctx, env, given, func(h *house) error {
			code, err := h.invite(ctx, *mandate)
			if err == nil {
				fmt.Fprintln(env.Stdout, code)
				fmt.Fprintf(env.Stderr, "It works once, until %s. It is kept nowhere: write it down now.\n", h.process().Add(inviteTerm).Format(time.RFC3339))
			}
			return err
		})
		if err != nil {
			return say(env, "console invite", err)
		}
		return ExitGood
	}
}

// invite makes a code for a mandate, and records that one was made: who lets himself in as somebody else leaves a trace.
func (h *house) invite(ctx context.Context, mandateOrSeat string) (string, error) {
	mandate, err := h.mandateOfSeat(ctx, mandateOrSeat)
	if err != nil {
		return "", err
	}
	keeper, err := h.mandateOfSeat(ctx, parties.SeatKeeper)
	if err != nil {
		return "", err
	}
	expires := act.InstantOf(h.process().Add(inviteTerm))
	view, err := h.clerk.View(ctx, keeper, mandate)
	if err != nil {
		return "", fmt.Errorf("there is no mandate %q: sanad console mandates lists them", mandateOrSeat)
	}
	cmd := parties.NoteInvitation(mandate, expires, view.Seen)
	cmd.Mandate = keeper
	_, err = h.clerk.Do(ctx, cmd)
	if err != nil {
		return "", fmt.Errorf("record the invitation: %w", err)
	}
	var code string
	err = h.clerk.Door(ctx, func(tx clerk.Tx) error {
		code, err = h.book.Invite(ctx, tx, mandate, expires)
		return err
	})
	return code, err
}

func mandatesFlags(fs *flag.FlagSet) Run {
	given := ConfigFlags(fs, "data", "db", "db_file", "pack", "variant")
	return func(ctx context.Context, env Env, _ []string) int {
		err := look(ctx, env, given, func(h *house) error {
			return h.clerk.Read(ctx, func(tx clerk.Tx) error { return listMandates(ctx, env, tx) })
		})
		if err != nil {
			return say(env, "console mandates", err)
		}
		return ExitGood
	}
}

// listMandates prints who may come in: seats, roles and terms, no names.
func listMandates(ctx context.Context, env Env, tx clerk.Tx) error {
	rows, err := tx.Query(ctx, "SELECT id, seat, role, institution, starts, ends FROM mandate ORDER BY seat, starts")
	if err != nil {
		return fmt.Errorf("mandates: %w", err)
	}
	defer rows.Close()                                        //nolint:errcheck // rows.Err is what tells
	table := tabwriter.NewWriter(env.Stdout, 0, 0, 2, ' ', 0) // a pack's names are as long as it likes
	for rows.Next() {
		var id sql.RawBytes
		var seat, role, institution string
		var starts, ends act.Instant
		err = rows.Scan(&id, &seat, &role, &institution, &starts, &ends)
		if err != nil {
			return fmt.Errorf("mandates: %w", err)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s – %s\n", act.ID(id), seat, role, institution,
			starts.Time().Format(time.DateOnly), ends.Time().Format(time.DateOnly))
	}
	return errors.Join(rows.Err(), table.Flush())
}
