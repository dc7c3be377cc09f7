package app

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sanad/internal/archive/store"
	"sanad/internal/office/clerk"
)

// A start reads no file's state: one that can't be read would stop it. So it takes as long with many files as with few.
func TestStartReadsNoFile(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		c := newClock()
		folder := t.TempDir()
		h := testHouse(t, folder, url, c)
		receiveMany(t, h, 3)
		change := func(query string, args ...any) {
			t.Helper()
			err := h.db.Write(t.Context(), func(tx *store.Tx) error {
				_, err := tx.Exec(t.Context(), query, args...)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		change("UPDATE state SET data = ? WHERE 1 = 1", []byte("no state"))
		// Of the acts a start looks only for keys that were destroyed, which have an index of their own.
		change("UPDATE act SET envelope = ? WHERE file IN (SELECT file FROM notice)", []byte("no envelope"))
		again := under(t, folder, url, "xx", c)
		err := again.holdsLaw(t.Context())
		if err != nil {
			t.Errorf("a start reads files: %v", err)
		}
		change("INSERT INTO version (protocol, version) VALUES (?, ?)", "xx.lost", int64(3))
		err = again.holdsLaw(t.Context())
		if err == nil || !strings.Contains(err.Error(), "state of file") {
			t.Errorf("with a version that the law does not hold nobody looks for procedures under it: %v", err)
		}
	})
}

// What a start does look for in tables that grow it finds by an index of that alone.
func TestStartLooksByIndexes(t *testing.T) {
	t.Parallel()
	h := testHouse(t, t.TempDir(), "", newClock())
	for query, index := range map[string]string{
		"SELECT envelope FROM act WHERE kind = 'key.destroyed'": "act_destroyed",
		"SELECT key FROM exhibit WHERE withheld = 1":            "exhibit_referred",
	} {
		err := h.db.Read(t.Context(), func(tx *store.Tx) error {
			var id, parent, unused int
			var step string
			err := tx.QueryRow(t.Context(), "EXPLAIN QUERY PLAN "+query).Scan(&id, &parent, &unused, &step)
			if err == nil && !strings.HasSuffix(step, " USING INDEX "+index) {
				t.Errorf("%s: %s", query, step)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// listed lists what the table of versions holds.
func (o *desks) listed() []string {
	o.t.Helper()
	var out []string
	err := o.h.db.Read(o.t.Context(), func(tx *store.Tx) error {
		rows, err := tx.Query(o.t.Context(), "SELECT protocol || ' ' || CAST(version AS text) FROM version ORDER BY 1")
		if err != nil {
			return err
		}
		defer rows.Close() //nolint:errcheck // rows.Err is what tells
		for rows.Next() {
			var v string
			err = rows.Scan(&v)
			if err != nil {
				return err
			}
			out = append(out, v)
		}
		return rows.Err()
	})
	if err != nil {
		o.t.Fatal(err)
	}
	return out
}

// Every version that a run is put under is listed, with the act that does it and never before; a refused command lists none, and a
// rebuild finds the same. On a database that an older program wrote the list is made at the first start.
func TestVersionsAreListed(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		o := newDesks(t, url, "xx")
		o.c.move(time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC).Sub(o.c.now()))
		before := o.listed()
		if slices.Contains(before, "xx.duty 1") || len(before) == 0 {
			t.Fatalf("%q", before)
		}
		_, err := o.try(o.routine("xx-visitor-1", "xx.duty", "charge"))
		if err == nil {
			t.Fatal("anybody may charge")
		}
		if got := o.listed(); !slices.Equal(got, before) {
			t.Fatalf("a refused command lists %q", got)
		}
		o.step("xx-tribune-1", "xx.duty", "charge")
		one := append(slices.Clone(before), "xx.duty 1")
		slices.Sort(one)
		if got := o.listed(); !slices.Equal(got, one) {
			t.Fatalf("%q, want %q", got, one)
		}
		o.c.move(60 * 24 * time.Hour)
		o.must(clerk.Migrate(o.seat("xx-head-1"), o.file, o.runs["xx.duty"], 2, o.view("xx-head-1").Seen, "law_changed", "because"))
		two := append(slices.Clone(one), "xx.duty 2")
		slices.Sort(two)
		if got := o.listed(); !slices.Equal(got, two) {
			t.Fatalf("%q, want %q", got, two)
		}
		asTheLogSays(t, o.h)

		err = o.h.db.Write(t.Context(), func(tx *store.Tx) error { // as the migration leaves an older database
			_, err := tx.Exec(t.Context(), "DELETE FROM version; INSERT INTO version (protocol, version) VALUES ('', 0)")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		again := under(t, o.h.folder, url, withoutOldDuty(t), o.c)
		err = again.holdsLaw(t.Context())
		if err != nil {
			t.Fatalf("nothing open is lost: %v", err)
		}
		if got := o.listed(); !slices.Equal(got, two) {
			t.Fatalf("at the first start %q, want %q", got, two)
		}
	})
}
