package register_test

import (
	"strings"
	"testing"

	"sanad/internal/archive/store"
	"sanad/internal/desk/register"
	"sanad/internal/desk/register/registertest"
	"sanad/internal/office/clerk"
)

// However long the register, what the public asks goes by an index on both engines: no query reads all of a table, none sorts.
func TestNoQueryScans(t *testing.T) {
	t.Parallel()
	registertest.OnBoth(t, func(t *testing.T, h *registertest.House) {
		platform := h.Platform("Gamo")
		for i := range 3 {
			publish(t, h, platform, reasons(string(rune('a'+i))), decided...)
		}
		err := h.DB.Write(t.Context(), func(tx *store.Tx) error {
			prefix, bad := "EXPLAIN QUERY PLAN ", []string{"SCAN ", "TEMP B-TREE"}
			if h.DB.Engine() == store.Postgres {
				// A few rows are read whole, whatever indexes there are: what counts is how many would be.
				_, err := tx.Exec(t.Context(), "SET LOCAL enable_seqscan = off")
				if err != nil {
					return err
				}
				prefix, bad = "EXPLAIN ", []string{"Seq Scan", "Sort"}
			}
			for query, args := range register.Queries() {
				plan := register.Explain(t, clerk.Tx(tx), prefix, query, args...)
				for _, x := range bad {
					// An index read in its order, which LIMIT ends, is a scan in SQLite's words.
					if strings.Contains(strings.ReplaceAll(plan, "SCAN dump", ""), x) {
						t.Errorf("%s\n%s", query, plan)
					}
				}
				if !strings.Contains(strings.ToUpper(plan), "INDEX") && !strings.Contains(plan, "SCAN dump") && !strings.Contains(plan, "PRIMARY KEY") {
					t.Errorf("%s goes by no index\n%s", query, plan)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
