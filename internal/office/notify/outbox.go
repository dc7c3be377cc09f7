package notify

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"sanad/internal/act"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

// Transact runs f in one transaction: clerk.Read or clerk.Door.
type Transact func(ctx context.Context, f func(clerk.Tx) error) error

// table is where those wait who are to be told. A mandate has at most one row that is open: neither seen nor handed on.
var table = clerk.Table{
	Name: "outbox", Columns: []string{"id", "mandate", "made", "due", "tries", "depth"},
	Types:    []string{"bytea", "bytea", "bigint", "bigint", "bigint", "bigint"},
	Conflict: "ON CONFLICT DO NOTHING",
}

// Projector notes whom to tell when a clock starts, has run out, or comes to be another role's: of those who hold the role that owns
// the clock and may read the act, one, always the same for a file.
type Projector struct {
	Engine  *protocol.Engine
	Process func() time.Time
	Delay   time.Duration // for whoever is at the console anyway: within it, opening the console saves the mail
}

// duty is a clock's owner, among those who may read what started it.
type duty struct {
	role     string
	audience act.ID
}

// Project implements clerk.Projector.
func (p Projector) Project(ctx context.Context, tx clerk.Tx, acts []clerk.Recorded) error {
	var told []act.ID // mandates with a row of this commit
	var rows []row
	holders := map[duty][]act.ID{}
	states, err := migrated(ctx, tx, acts)
	if err != nil {
		return fmt.Errorf("outbox: %w", err)
	}
	for _, a := range acts {
		for _, role := range p.owners(a.Envelope, states[a.File]) {
			d := duty{role, a.Audience}
			who, known := holders[d]
			if !known {
				who, err = clerk.Holders(ctx, tx, d.role, d.audience, a.Recorded)
				if err != nil {
					return fmt.Errorf("outbox: %w", err)
				}
				holders[d] = who
			}
			if len(who) == 0 {
				continue
			}
			one := who[(int(a.File[0])<<8|int(a.File[1]))%len(who)]
			if !slices.Contains(told, one) {
				told = append(told, one)
				rows = append(rows, row{id: name(a.ID, one, 0), mandate: one})
			}
		}
	}
	return insert(ctx, tx, rows, p.Process(), p.Delay)
}

func ids(rows *sql.Rows) ([]act.ID, error) {
	defer rows.Close() //nolint:errcheck // rows.Err is what tells
	var out []act.ID
	for rows.Next() {
		var b []byte
		err := rows.Scan(&b)
		if err != nil {
			return nil, fmt.Errorf("outbox: %w", err)
		}
		out = append(out, act.ID(b))
	}
	return out, rows.Err()
}

// row is one who is to be told.
type row struct {
	id, mandate act.ID
	depth       int64
}

// name makes a row's identifier of what it comes from: the same commit writes the same rows, whatever the dice say, and
// nobody reads from it what it was.
func name(from, mandate act.ID, depth int64) act.ID {
	sum := sha256.Sum256(fmt.Appendf(nil, "outbox\n%s\n%s\n%d", from, mandate, depth))
	return act.ID(sum[:16])
}

// insert writes rows set-wise. They are in order, so that two transactions never wait for one another.
func insert(ctx context.Context, tx clerk.Tx, all []row, now time.Time, delay time.Duration) error {
	if len(all) == 0 {
		return nil
	}
	slices.SortFunc(all, func(a, b row) int { return bytes.Compare(a.mandate[:], b.mandate[:]) })
	rows := table.NewRows()
	for _, r := range all {
		rows.Add(r.id[:], r.mandate[:], now.UnixMicro(), now.Add(delay).UnixMicro(), int64(0), r.depth)
	}
	err := tx.Insert(ctx, rows)
	if err != nil {
		return fmt.Errorf("outbox: %w", err)
	}
	return nil
}

// Outbox is what the console tells: who has come.
type Outbox struct {
	Read, Write Transact
	Process     func() time.Time
}

// Seen notes that a person opened the console: whatever was to be told them they see now. It writes only where something
// was.
func (o Outbox) Seen(ctx context.Context, mandate act.ID) error {
	open := 0
	err := o.Read(ctx, func(tx clerk.Tx) error {
		err := tx.QueryRow(ctx, "SELECT 1 FROM outbox WHERE mandate = ? AND seen IS NULL AND escalated IS NULL", mandate[:]).Scan(&open)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	if err == nil && open != 0 {
		err = o.Write(ctx, func(tx clerk.Tx) error {
			_, err := tx.Exec(ctx, "UPDATE outbox SET seen = ? WHERE mandate = ? AND seen IS NULL AND escalated IS NULL", o.Process().UnixMicro(), mandate[:])
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("outbox: %w", err)
	}
	return nil
}

// oneLine reports whether a text can stand in a header of a mail.
func oneLine(s string) bool {
	return !strings.ContainsFunc(s, func(c rune) bool { return c < ' ' || c == 0x7f })
}
