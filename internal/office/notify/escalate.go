package notify

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"sanad/internal/act"
	"sanad/internal/office/clerk"
)

// unread is an open row that nobody answered in time.
type unread struct {
	row
	role, institution, seat string
	inForce                 bool
}

// errTaken means that another process, or the person, was first.
var errTaken = errors.New("the row was closed meanwhile")

// escalate hands on what was not seen in time, one row a transaction.
func (s *Sender) escalate(ctx context.Context) error {
	var all []unread
	err := s.Read(ctx, func(tx clerk.Tx) (err error) {
		all, err = s.unread(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	for _, u := range all {
		err = s.Write(ctx, func(tx clerk.Tx) error { return s.handOn(ctx, tx, u) })
		if err != nil && !errors.Is(err, errTaken) {
			return fmt.Errorf("hand on what is due: %w", err)
		}
	}
	return nil
}

func (s *Sender) unread(ctx context.Context, tx clerk.Tx) ([]unread, error) {
	const together = 64
	legal := int64(act.InstantOf(s.Legal()))
	rows, err := tx.Query(ctx, `SELECT o.id, o.mandate, o.depth, m.role, m.institution, m.seat, m.starts, m.ends FROM outbox o JOIN mandate m ON m.id = o.mandate
		WHERE o.seen IS NULL AND o.escalated IS NULL AND o.made <= ? ORDER BY o.made, o.id LIMIT ?`, s.Process().Add(-s.After).UnixMicro(), together)
	if err != nil {
		return nil, fmt.Errorf("outbox: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err is what tells
	var out []unread
	for rows.Next() {
		var u unread
		var id, mandate []byte
		var starts, ends int64
		err = rows.Scan(&id, &mandate, &u.depth, &u.role, &u.institution, &u.seat, &starts, &ends)
		if err != nil {
			return nil, fmt.Errorf("outbox: %w", err)
		}
		u.id, u.mandate, u.inForce = act.ID(id), act.ID(mandate), starts <= legal && legal < ends
		out = append(out, u)
	}
	return out, rows.Err()
}

// handOn tells the next one and closes the row. The new row comes first and the old one is closed after it: the clerk,
// which only ever inserts, then never waits for us while we wait for it. A reminder to the same person must go the other
// way round, and waits for nobody.
func (s *Sender) handOn(ctx context.Context, tx clerk.Tx, u unread) error {
	next, err := s.next(ctx, tx, u)
	if err != nil {
		return err
	}
	now := s.Process()
	again := []row{{name(u.id, next, u.depth+1), next, u.depth + 1}}
	if next.IsZero() {
		again = nil
	}
	if next != u.mandate {
		err = insert(ctx, tx, again, now, 0)
		if err != nil {
			return err
		}
	}
	n, err := tx.Exec(ctx, "UPDATE outbox SET escalated = ? WHERE id = ? AND seen IS NULL AND escalated IS NULL", now.UnixMicro(), u.id[:])
	if err != nil {
		return err
	}
	if n == 0 {
		return errTaken
	}
	if next == u.mandate {
		return insert(ctx, tx, again, now, 0)
	}
	return nil
}

// next finds who is told after somebody: the next of their role by seat; once all of them were, the head of their
// institution; once there is nobody above, they themselves again. Zero where nobody is left.
func (s *Sender) next(ctx context.Context, tx clerk.Tx, u unread) (act.ID, error) {
	legal := int64(act.InstantOf(s.Legal()))
	rows, err := tx.Query(ctx, "SELECT id FROM mandate WHERE role = ? AND (starts <= ? AND ends > ? OR id = ?) ORDER BY seat, id", u.role, legal, legal, u.mandate[:])
	if err != nil {
		return act.ID{}, fmt.Errorf("outbox: %w", err)
	}
	all, err := ids(rows)
	if err != nil {
		return act.ID{}, err
	}
	if at := slices.Index(all, u.mandate); at >= 0 && u.depth+1 < int64(len(all)) {
		return all[(at+1)%len(all)], nil
	}
	head, err := s.seat(ctx, tx, s.Heads[u.institution], legal)
	switch {
	case err != nil:
		return act.ID{}, err
	case !head.IsZero():
		return head, nil
	case u.inForce:
		return u.mandate, nil
	}
	return act.ID{}, nil
}

// seat finds the mandate in force of a seat; zero where there is none.
func (s *Sender) seat(ctx context.Context, tx clerk.Tx, seat string, legal int64) (act.ID, error) {
	if seat == "" {
		return act.ID{}, nil
	}
	var b []byte
	err := tx.QueryRow(ctx, "SELECT id FROM mandate WHERE seat = ? AND starts <= ? AND ends > ? ORDER BY starts DESC, id LIMIT 1", seat, legal, legal).Scan(&b)
	if errors.Is(err, sql.ErrNoRows) {
		return act.ID{}, nil
	}
	if err != nil {
		return act.ID{}, fmt.Errorf("outbox: %w", err)
	}
	return act.ID(b), nil
}

// kept is how long a closed row is kept.
const kept = 30 * 24 * time.Hour

// sweep removes closed rows that nobody needs any more.
func (s *Sender) sweep(ctx context.Context) error {
	return s.Write(ctx, func(tx clerk.Tx) error {
		_, err := tx.Exec(ctx, "DELETE FROM outbox WHERE made < ? AND (seen IS NOT NULL OR escalated IS NOT NULL)", s.Process().Add(-kept).UnixMicro())
		if err != nil {
			return fmt.Errorf("outbox: %w", err)
		}
		return nil
	})
}
