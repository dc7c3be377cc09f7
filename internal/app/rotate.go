package app

import (
	"context"
	"flag"
	"fmt"

	"sanad/internal/act"
	"sanad/internal/office/clerk"
)

func keyRotateFlags(fs *flag.FlagSet) Run {
	given := ConfigFlags(fs, "data", "db", "db_file", "pack", "variant")
	return func(ctx context.Context, env Env, args []string) int {
		err := inside(ctx, env, given, func(h *house) error { return h.rotate(ctx, env, args) })
		if err != nil {
			return say(env, "key rotate", err)
		}
		return ExitGood
	}
}

// rotate gives compartments new keys, all of them where none is named, and wraps again what the old ones wrapped.
func (h *house) rotate(ctx context.Context, env Env, codes []string) error {
	found, err := h.compartments(ctx)
	if err != nil {
		return err
	}
	if len(codes) == 0 {
		for code := range found {
			codes = append(codes, code)
		}
	}
	for _, code := range codes {
		id, ok := found[code]
		if !ok {
			return fmt.Errorf("there is no compartment %q", code)
		}
		err = h.keeper.Rotate(ctx, id)
		if err != nil {
			return fmt.Errorf("rotate the key of a compartment: %w", err)
		}
	}
	fmt.Fprintf(env.Stdout, "%d compartments have new keys\n", len(codes))
	return nil
}

// compartments finds the identifiers of all compartments by their codes.
func (h *house) compartments(ctx context.Context) (map[string]act.ID, error) {
	out := map[string]act.ID{}
	err := h.clerk.Read(ctx, func(tx clerk.Tx) error {
		rows, err := tx.Query(ctx, "SELECT id FROM compartment")
		if err != nil {
			return fmt.Errorf("compartments: %w", err)
		}
		defer rows.Close() //nolint:errcheck // rows.Err is what tells
		var ids []act.ID
		for rows.Next() {
			var b []byte
			err = rows.Scan(&b)
			if err != nil {
				return fmt.Errorf("compartments: %w", err)
			}
			ids = append(ids, act.ID(b))
		}
		err = rows.Err()
		if err != nil {
			return fmt.Errorf("compartments: %w", err)
		}
		for _, id := range ids {
			code, err := h.book.Codes(ctx, tx, []act.ID{id})
			if err != nil {
				return err
			}
			out[code[0]] = id
		}
		return nil
	})
	return out, err
}

// finishRotations goes on with what a crash interrupted.
func (h *house) finishRotations(ctx context.Context) error {
	ids, err := h.keeper.Unfinished(ctx)
	if err != nil {
		return err
	}
	for _, id := range ids {
		err = h.keeper.Rotate(ctx, id)
		if err != nil {
			return fmt.Errorf("finish an interrupted rotation: %w", err)
		}
	}
	return nil
}
