package register

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"sanad/internal/act"
	"sanad/internal/office/clerk"
)

// explained tells how a database goes about a query.
func explained(ctx context.Context, tx clerk.Tx, prefix, query string, args ...any) (string, error) {
	rows, err := tx.Query(ctx, prefix+query, args...)
	if err != nil {
		return "", err
	}
	defer rows.Close() //nolint:errcheck // rows.Err is what tells
	names, err := rows.Columns()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for rows.Next() {
		cells, to := make([]any, len(names)), make([]any, len(names))
		for i := range cells {
			to[i] = &cells[i]
		}
		err = rows.Scan(to...)
		if err != nil {
			return "", err
		}
		fmt.Fprint(&b, cells...)
		b.WriteByte('\n')
	}
	return b.String(), rows.Err()
}

// Queries are those that the public asks, with arguments.
func Queries() map[string][]any {
	id := make([]byte, len(act.ID{}))
	return map[string][]any{
		queryAll: {int64(act.MaxInt), 41}, queryOf: {id, int64(act.MaxInt), 41}, queryOne: {id}, queryRun: {id}, queryIn: {id, 200}, queryNew: {1},
	}
}

// Explain tells how a database goes about a query.
func Explain(t *testing.T, tx clerk.Tx, prefix, query string, args ...any) string {
	t.Helper()
	out, err := explained(t.Context(), tx, prefix, query, args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Answered are the structures that the API's answers are made of, by the name of their description.
func Answered() map[string]any {
	return map[string]any{"Register": answer{}, "Entry": element{}, "Rest": Rest{}}
}

// PerPage is how many entries a page of the list shows.
const PerPage = perPage
