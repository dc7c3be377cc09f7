package access

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sanad/internal/act"
	"sanad/internal/archive/store"
)

func compareIDs(a, b act.ID) int { return slices.Compare(a[:], b[:]) }

func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}

// scanID reads one identifier; zero where there is no row.
func scanID(row store.Row) (act.ID, error) {
	var b []byte
	err := row.Scan(&b)
	if errors.Is(err, sql.ErrNoRows) {
		return act.ID{}, nil
	}
	if err != nil {
		return act.ID{}, err
	}
	return toID(b)
}

func toID(b []byte) (act.ID, error) {
	if len(b) != len(act.ID{}) {
		return act.ID{}, fmt.Errorf("an identifier of %d bytes: restore the database from a backup", len(b))
	}
	return act.ID(b), nil
}

// mostRows is how many rows of two columns go into one statement; counts are powers of two, so that few different
// statements exist.
const mostRows = 256

// insertPairs writes rows of two identifiers, such as a mandate and an audience; first stands in all of them.
// swap tells that the columns are the other way round.
func insertPairs(ctx context.Context, tx Tx, into string, first act.ID, seconds []act.ID, swap bool) error {
	for len(seconds) > 0 {
		n := mostRows
		for n > len(seconds) {
			n /= 2
		}
		args := make([]any, 0, 2*n)
		for i := range n {
			if swap {
				args = append(args, seconds[i][:], first[:])
				continue
			}
			args = append(args, first[:], seconds[i][:])
		}
		_, err := tx.Exec(ctx, into+" VALUES (?,?)"+strings.Repeat(",(?,?)", n-1)+" ON CONFLICT DO NOTHING", args...)
		if err != nil {
			return err
		}
		seconds = seconds[n:]
	}
	return nil
}

// inList returns "(?,?,…)" and the arguments for a list of identifiers, the last repeated up to a power of two.
func inList(ids []act.ID) (string, []any) {
	n := 1
	for n < len(ids) {
		n *= 2
	}
	args := make([]any, n)
	for i := range args {
		args[i] = ids[min(i, len(ids)-1)][:]
	}
	return "(?" + strings.Repeat(",?", n-1) + ")", args
}

// groups reads rows of (key, member), sorted by key, and hands over each key with its members.
func groups(rows *sql.Rows, each func(key act.ID, members []act.ID) error) error {
	defer rows.Close() //nolint:errcheck // rows.Err is what tells
	var key act.ID
	var members []act.ID
	started := false
	for rows.Next() {
		var k, m sql.RawBytes
		err := rows.Scan(&k, &m)
		if err != nil {
			return err
		}
		id, err := toID(k)
		if err != nil {
			return err
		}
		if started && id != key {
			err = each(key, members)
			if err != nil {
				return err
			}
			members = nil
		}
		key, started = id, true
		id, err = toID(m)
		if err != nil {
			return err
		}
		members = append(members, id)
	}
	err := rows.Err()
	if err != nil || !started {
		return err
	}
	return each(key, members)
}
