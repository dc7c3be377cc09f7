package app

import (
	"context"
	"fmt"

	"sanad/internal/act"
	"sanad/internal/app/story"
	"sanad/internal/archive/store"
	"sanad/internal/desk/notice"
	"sanad/internal/desk/watch"
	"sanad/internal/office/clerk"
	"sanad/internal/office/letters"
)

// setWorld gives the story its hands: the same clerk and the same street door as everybody's.
func (d *demo) setWorld(ctx context.Context) error {
	d.world = story.World{
		Clock: d.clock, Kinds: d.kinds, Engine: d.pack.Engine(), Loc: d.zone(), Register: d.registerFile(),
		Do:   d.clerk.Do,
		Tick: d.clerk.Tick,
		Report: func(ctx context.Context, r story.Report) (clerk.Recorded, error) {
			done, err := d.notice.Accept(ctx, notice.Form{
				Situation: r.Situation, Platform: r.Platform, Where: r.Where, Text: r.Text, Minor: r.Minor, Danger: r.Danger, Language: r.Language,
			})
			if err != nil {
				return clerk.Recorded{}, err
			}
			o, err := d.clerk.Open(ctx, d.notice.Intake, done.Act)
			if err != nil {
				return clerk.Recorded{}, err
			}
			return o.Recorded, nil
		},
		NextDue: d.nextDue,
		Upkeep:  d.upkeep,
		Seats:   d.seats,
		Letter:  d.readLetter,
		Import:  d.importPage,
		Body: func(ctx context.Context, mandate, id act.ID) ([]byte, error) {
			o, err := d.clerk.Open(ctx, mandate, id)
			if err != nil {
				return nil, err
			}
			return o.Body, nil
		},
		Recorded: d.recorded,
	}
	return nil
}

// importPage hands a press text to the watch desk as an officer's upload does.
func (d *demo) importPage(ctx context.Context, mandate act.ID, source, situation, page string) (clerk.Recorded, error) {
	out, err := d.watch.Import(ctx, mandate, watch.Choice{Source: source, Situation: situation}, []watch.Page{{Name: "page.txt", Text: []byte(page)}})
	if err != nil {
		return clerk.Recorded{}, err
	}
	if out[0].Refused != nil {
		return clerk.Recorded{}, out[0].Refused
	}
	v, err := d.clerk.View(ctx, mandate, out[0].File)
	if err != nil {
		return clerk.Recorded{}, err
	}
	return v.Acts[0], nil
}

// readLetter reads the typed fields of a letter as the console's form does; the sender is the institution of who sends it.
func (d *demo) readLetter(role string, typed map[string]string) (any, error) {
	const sender = "letter.sender"
	if r := d.pack.Role(role); r != nil && typed[sender] == "" {
		typed[sender] = r.Institution(d.governance)
	}
	fields, wrong := letters.ReadForm(func(name string) string { return typed[name] }, act.ID{})
	if len(wrong) > 0 {
		return nil, fmt.Errorf("letter: %s: %s", wrong[0].Name, wrong[0].Key)
	}
	return fields, nil
}

// seats lists the mandates of a role's seats, in the order of the pack.
func (d *demo) seats(ctx context.Context, role string) ([]act.ID, error) {
	r := d.pack.Role(role)
	if r == nil {
		return nil, fmt.Errorf("the pack has no role %s", role)
	}
	var out []act.ID
	for _, seat := range r.Seats {
		id, err := d.mandateOfSeat(ctx, seat)
		if err != nil {
			return nil, err
		}
		out = append(out, id)
	}
	return out, nil
}

// nextDue is when the next clock of any file runs out; 0 when none runs.
func (d *demo) nextDue(ctx context.Context) (act.Instant, error) {
	var due *int64
	err := d.db.Read(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(ctx, "SELECT MIN(due) FROM timer").Scan(&due)
	})
	if err != nil || due == nil {
		return 0, err
	}
	return act.Instant(*due), nil
}

// recorded reads acts of the log in order.
func (d *demo) recorded(ctx context.Context, from int64, n int) (out []clerk.Recorded, err error) {
	err = d.db.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.Query(ctx, "SELECT seq, envelope FROM act WHERE seq >= ? ORDER BY seq LIMIT ?", from, n)
		if err != nil {
			return err
		}
		defer rows.Close() //nolint:errcheck // rows.Err is what tells
		for rows.Next() {
			var seq int64
			var b []byte
			err = rows.Scan(&seq, &b)
			if err != nil {
				return err
			}
			env, err := act.Decode(b)
			if err != nil {
				return fmt.Errorf("act %d: %w", seq, err)
			}
			out = append(out, clerk.Recorded{Seq: seq, Envelope: env})
		}
		return rows.Err()
	})
	return out, err
}
