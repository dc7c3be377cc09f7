package app

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"sanad/internal/archive/store"
	"sanad/internal/archive/store/storetest"
	"sanad/internal/office/clerk"
)

// tallied counts, by triggers, the rows that are added, changed and removed in every table of a house.
type tallied struct{ db *store.DB }

// count says how many rows of a table were written, and of how many bytes those added and changed are together.
type count struct{ added, changed, removed, bytes int64 }

func newTallied(t testing.TB, db *store.DB) tallied {
	t.Helper()
	const into = "INSERT INTO tally VALUES "
	texts := []string{"CREATE TABLE tally (name text, what text, bytes bigint)"}
	if db.Engine() == store.Postgres {
		texts = append(texts, "CREATE FUNCTION tallied() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "+into+"(TG_TABLE_NAME, TG_OP, octet_length(NEW::text)); RETURN NULL; END $$")
	}
	for _, d := range tablesOf(t, db) {
		if db.Engine() == store.Postgres {
			texts = append(texts, fmt.Sprintf("CREATE TRIGGER tally AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION tallied()", d.name))
			continue
		}
		size := "0"
		for _, column := range d.columns {
			size += " + COALESCE(length(CAST(NEW." + column + " AS BLOB)), 0)"
		}
		for _, what := range []string{"INSERT", "UPDATE", "DELETE"} {
			if what == "DELETE" {
				size = "0"
			}
			texts = append(texts, fmt.Sprintf("CREATE TRIGGER tally_%s_%s AFTER %s ON %s BEGIN %s('%s', '%s', %s); END", d.name, what, what, d.name, into, d.name, what, size))
		}
	}
	err := db.Write(t.Context(), func(tx *store.Tx) error {
		for _, text := range texts {
			_, err := tx.Exec(t.Context(), text)
			if err != nil {
				return fmt.Errorf("%w: %s", err, text)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return tallied{db}
}

// counts returns what was written since it was last asked, by table.
func (a tallied) counts(t testing.TB) map[string]count {
	t.Helper()
	out := map[string]count{}
	err := a.db.Write(t.Context(), func(tx *store.Tx) error {
		rows, err := tx.Query(t.Context(), "SELECT name, what, COUNT(*), CAST(COALESCE(SUM(bytes), 0) AS bigint) FROM tally GROUP BY name, what")
		if err != nil {
			return err
		}
		defer rows.Close() //nolint:errcheck // rows.Err is what tells
		for rows.Next() {
			var name, what string
			var n, bytes int64
			err = rows.Scan(&name, &what, &n, &bytes)
			if err != nil {
				return err
			}
			c := out[name]
			c.bytes += bytes
			switch what {
			case "INSERT":
				c.added = n
			case "UPDATE":
				c.changed = n
			default:
				c.removed = n
			}
			out[name] = c
		}
		err = rows.Err()
		if err != nil {
			return err
		}
		_, err = tx.Exec(t.Context(), "DELETE FROM tally")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// What the benchmark compares the clerk with writes as many rows as the clerk into the same tables, of the same size: one command
// to a commit and many, a notice and a step. It fails here when the clerk comes to write a row that the bare rows lack.
func TestBareRowsAreTheClerks(t *testing.T) {
	t.Parallel()
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			sameRows(t, engine)
		})
	}
}

func sameRows(t *testing.T, engine string) {
	const clients = 32
	clock := running()
	open := func() *house {
		url := ""
		if engine == "postgres" {
			url = storetest.Postgres(t)
		}
		return randomHouse(t, t.TempDir(), url, clock)
	}
	d := newBenchDesk(t, open(), clients)
	bare := newBareRows(t, open(), clock, clients)
	d.open(t)
	bare.open(t)
	for i := range clients { // the first of its kind may write what later ones find there
		for _, assess := range []func(int) error{d.assess, bare.assess} {
			err := assess(i)
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	clerks, bares := newTallied(t, d.h.db), newTallied(t, bare.h.db)
	for _, c := range []struct {
		name   string
		tables int
		clerk  func(i int) clerk.Command
		bare   func(i int) bareRow
	}{
		{"notice", 7, func(int) clerk.Command { return d.receiving() }, func(int) bareRow { return bareRow{&bare.received, newBareFile()} }},
		{"assess", 6, d.assessing, func(i int) bareRow { return bareRow{&bare.assessed, bare.files[i]} }},
	} {
		for _, together := range []int{1, clients} {
			var cmds []clerk.Command
			var rows []bareRow
			for i := range together {
				cmds, rows = append(cmds, c.clerk(i)), append(rows, c.bare(i))
			}
			for i, r := range d.h.clerk.DoAll(t.Context(), cmds) {
				if r.Err == nil && r.Out.File == d.files[i].id {
					r.Err = d.saw(i, r.Out, nil)
				}
				if r.Err != nil {
					t.Fatal(r.Err)
				}
			}
			for _, r := range bare.group.DoAll(t.Context(), rows) {
				if r.Err != nil {
					t.Fatal(r.Err)
				}
			}
			what := fmt.Sprintf("%s, %d together", c.name, together)
			want := clerks.counts(t)
			if len(want) < c.tables {
				t.Errorf("%s: the clerk wrote %d tables, not %d: is everything counted?", what, len(want), c.tables)
			}
			differ(t, what, want, bares.counts(t))
		}
	}
}

// differ compares what two houses wrote. Sizes may differ by what numbers take that are not as long.
func differ(t *testing.T, what string, want, got map[string]count) {
	t.Helper()
	var said strings.Builder
	for _, name := range slices.Sorted(maps.Keys(want)) {
		w, g := want[name], got[name]
		fmt.Fprintf(&said, " %s %+v", name, w)
		if w.added != g.added || w.changed != g.changed || w.removed != g.removed {
			t.Errorf("%s: of %s the clerk adds %d rows, changes %d and removes %d; the bare rows add %d, change %d and remove %d",
				what, name, w.added, w.changed, w.removed, g.added, g.changed, g.removed)
			continue
		}
		if d := g.bytes - w.bytes; max(d, -d)*50 > w.bytes && name != "head" && name != "hash" { // theirs follow the log's size
			t.Errorf("%s: %s gets %d bytes of the clerk's and %d bare", what, name, w.bytes, g.bytes)
		}
	}
	t.Logf("%s:%s", what, said.String())
	for name := range got {
		if _, both := want[name]; !both {
			t.Errorf("%s: the bare rows write %s, which the clerk does not", what, name)
		}
	}
}
