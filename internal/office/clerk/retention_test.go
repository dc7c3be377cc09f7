package clerk

import (
	"database/sql"
	"errors"
	"slices"
	"strings"
	"testing"

	"sanad/internal/act"
	"sanad/internal/archive/store"
)

// However many files there are, retention looks at those it was asked for and no other: it goes along keys, and sorts nothing.
func TestRetentionLooksAtNoOtherFile(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	db := migrated(t)
	var plan []string
	err := db.Read(ctx, func(tx *store.Tx) (err error) {
		var none act.ID
		var rows *sql.Rows
		rows, err = tx.Query(ctx, "EXPLAIN QUERY PLAN "+visiting, none[:], aVisit)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, rows.Close()) }()
		for rows.Next() {
			var id, parent, unused int
			var line string
			err = rows.Scan(&id, &parent, &unused, &line)
			if err != nil {
				return err
			}
			plan = append(plan, line)
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	searched := 0
	for _, step := range plan {
		table, how, _ := strings.Cut(strings.TrimPrefix(step, "SEARCH "), " ")
		switch {
		case !strings.HasPrefix(step, "SEARCH "):
			ok := slices.Contains([]string{"CO-ROUTINE back", "CO-ROUTINE page", "SETUP", "RECURSIVE STEP", "SCAN page", "SCAN b"}, step)
			if !ok { // anything else would go through a table, or sort
				t.Fatalf("%q", plan)
			}
		case table == "state" && strings.HasPrefix(how, "USING PRIMARY KEY (file>?)"), table == "a" && strings.HasPrefix(how, "USING INTEGER PRIMARY KEY"):
			searched++
		default:
			t.Fatalf("%q", plan)
		}
	}
	if searched != 3 {
		t.Fatalf("%q", plan)
	}
}
