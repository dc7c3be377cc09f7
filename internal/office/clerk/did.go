package clerk

import (
	"context"
	"fmt"
	"math"

	"sanad/internal/act"
	"sanad/internal/archive/store"
)

// mostBack is how many acts of the log one look back passes over: no index is kept by who did what, for it would cost every act a
// page of its own, so that a look is bounded by what it reads and not by what it finds.
const mostBack = 1000

// mostDid is how many acts of its own a mandate is told of at once.
const mostDid = 40

// Stretch is what a mandate did in one stretch of the log.
type Stretch struct {
	Acts     []Recorded  // the newest first
	From, To act.Instant // when the oldest and the newest act of the stretch were recorded, whoever did them; zero where it is empty
	Before   int64       // number before which the next stretch ends; 0 where there is none
}

// Did looks back through the log, from before an act's number or, for 0, from its end, for what a mandate did and may still read.
func (c *Clerk) Did(ctx context.Context, mandate act.ID, before int64) (*Stretch, error) {
	if before <= 0 {
		before = math.MaxInt64
	}
	out := &Stretch{}
	err := c.DB.Read(ctx, func(tx *store.Tx) error {
		all, err := c.back(ctx, tx, before)
		if err != nil || len(all) == 0 {
			return err
		}
		oldest := all[len(all)-1]
		out.From, out.To, out.Before = oldest.Recorded, all[0].Recorded, oldest.Seq
		for _, a := range all {
			if a.Mandate != mandate {
				continue
			}
			may, err := c.Book.May(ctx, tx, mandate, a.Audience)
			if err != nil {
				return err
			}
			if may {
				out.Acts = append(out.Acts, a)
			}
			if len(out.Acts) == mostDid {
				out.From, out.Before = a.Recorded, a.Seq
				break
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("what a mandate did: %w", err)
	}
	return out, nil
}

// back reads a stretch of the log, the newest first.
func (c *Clerk) back(ctx context.Context, tx *store.Tx, before int64) (out []Recorded, err error) {
	rows, err := tx.Query(ctx, "SELECT seq, envelope FROM act WHERE seq < ? ORDER BY seq DESC LIMIT ?", before, mostBack)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // rows.Err is what tells
	for rows.Next() {
		var a Recorded
		var b []byte
		err = rows.Scan(&a.Seq, &b)
		if err == nil {
			a.Envelope, err = act.Decode(b)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, rows.Err()
}
