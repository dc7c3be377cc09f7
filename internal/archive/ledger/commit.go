package ledger

import (
	"context"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"sanad/internal/archive/proof"
	"sanad/internal/archive/store"
)

// Commits lists with which act each commit of the log began, in their order: the rows of hashes tell.
func Commits(ctx context.Context, tx *store.Tx) ([]int64, error) {
	rows, err := tx.Query(ctx, "SELECT first FROM hash ORDER BY first")
	if err != nil {
		return nil, fmt.Errorf("read the log's commits: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err is what tells
	var out []int64
	for rows.Next() {
		var first int64
		err = rows.Scan(&first)
		if err != nil {
			return nil, fmt.Errorf("read the log's commits: %w", err)
		}
		level, seq := tlog.SplitStoredHashIndex(first)
		if level != 0 || len(out) == 0 && seq != 0 || len(out) > 0 && seq <= out[len(out)-1] {
			return nil, fmt.Errorf("the log's hashes are not in order at %d: ask sanad verify", first)
		}
		out = append(out, seq)
	}
	return out, rows.Err()
}

// Range reads the acts from one number to another, which is not among them, with the hashes of their leaves. It fails where one
// is missing or is not what the log committed to.
func Range(ctx context.Context, tx *store.Tx, origin string, from, to int64) ([]*Stored, []proof.Sum, error) {
	var list []*Stored
	err := read(ctx, tx, &list, "SELECT "+actColumns+" FROM act WHERE seq >= ? AND seq < ? ORDER BY seq", from, to)
	if err != nil {
		return nil, nil, err
	}
	if int64(len(list)) != to-from {
		return nil, nil, fmt.Errorf("of the acts %d to %d only %d are there: ask sanad verify", from, to-1, len(list))
	}
	indexes := make([]int64, len(list))
	for i := range list {
		indexes[i] = tlog.StoredHashIndex(0, list[i].Seq)
	}
	committed, err := HashesIn(ctx, tx).ReadHashes(indexes)
	if err != nil {
		return nil, nil, err
	}
	leaves := make([]proof.Sum, len(list))
	for i, s := range list {
		leaves[i] = s.Hash(origin)
		if leaves[i] != proof.Sum(committed[i]) {
			return nil, nil, fmt.Errorf("act %d is not what the log committed to: ask sanad verify", s.Seq)
		}
	}
	return list, leaves, nil
}
