package access

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Settle makes the table `may` say what the policies of this book say, where it was made under others, and tells how many rows it
// mended. Call it before anybody comes in; where it mended any, whoever remembers what mandates read must forget it.
// Under the policies it was made under it reads one row.
//
// It refuses to decide about an audience that is not what it was made of: with fewer compartments it would have more readers.
func (b *Book) Settle(ctx context.Context, tx Tx) (mended int, err error) {
	sum := b.policies.digest()
	var was []byte
	err = tx.QueryRow(ctx, "SELECT digest FROM policies").Scan(&was)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("read which policies were applied: %w", err)
	}
	if bytes.Equal(was, sum[:]) {
		return 0, nil
	}
	var mandates int
	err = tx.QueryRow(ctx, "SELECT count(*) FROM mandate").Scan(&mandates)
	if err == nil && mandates > 0 {
		mended, err = b.decideAgain(ctx, tx)
	}
	if err == nil {
		_, err = tx.Exec(ctx, "INSERT INTO policies (id, digest) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET digest = excluded.digest", sum[:])
	}
	return mended, wrap("apply the policies to who reads what", err)
}

// decideAgain decides about every mandate and every audience, and mends the rows that say otherwise.
func (b *Book) decideAgain(ctx context.Context, tx Tx) (mended int, err error) {
	_, err = b.lock(ctx, tx)
	if err != nil {
		return 0, err
	}
	var wrong []Mistake
	err = b.recheck(ctx, tx, func(m Mistake) { wrong = append(wrong, m) })
	if err != nil {
		return 0, err
	}
	for _, m := range wrong {
		switch m.What {
		case RowMissing:
			_, err = tx.Exec(ctx, "INSERT INTO may (mandate, audience) VALUES (?, ?)", m.Mandate[:], m.Audience[:])
		case RowTooMuch:
			_, err = tx.Exec(ctx, "DELETE FROM may WHERE mandate = ? AND audience = ?", m.Mandate[:], m.Audience[:])
		default:
			err = fmt.Errorf("audience %s: %s: restore the database from a backup", m.Audience, m.What)
		}
		if err != nil {
			return 0, err
		}
	}
	return len(wrong), nil
}
