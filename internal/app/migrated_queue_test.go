package app

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/archive/store"
	"sanad/internal/desk/console"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

// queued is what the queue is made of, for the file at hand: the next clock, what ran out unmet, whether the file is open.
func (o *desks) queued() []string {
	o.t.Helper()
	var out []string
	err := o.h.db.Read(o.t.Context(), func(tx *store.Tx) error {
		for _, q := range []struct{ what, query string }{
			{"clock", "SELECT MIN(due), '' FROM timer WHERE file = ? HAVING COUNT(*) > 0"},
			{"ran out", "SELECT due, lapse FROM overdue WHERE file = ? ORDER BY due, lapse"},
			{"open", "SELECT 0, '' FROM docket WHERE file = ? AND open = 1"},
		} {
			rows, err := tx.Query(o.t.Context(), q.query, o.file[:])
			if err != nil {
				return err
			}
			for rows.Next() {
				var due int64
				var name string
				err = rows.Scan(&due, &name)
				if err != nil {
					break
				}
				if due == 0 {
					out = append(out, q.what)
					continue
				}
				out = append(out, fmt.Sprint(q.what, " ", name, " ", act.Instant(due).Time().UTC().Format(time.DateOnly)))
			}
			if rows.Err() != nil || err != nil {
				return fmt.Errorf("%w, %w", err, rows.Err())
			}
			err = rows.Close() //nolint:sqlclosecheck // one query after the other, on one connection
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		o.t.Fatal(err)
	}
	return out
}

// When a procedure is put under another version, the queue follows in the same commit: the date of the clock that runs, what ran out
// under its new name, and what settles it there. A rebuild finds nothing to change.
func TestQueueFollowsMigration(t *testing.T) {
	t.Parallel()
	folder := copyPack(t, map[string]packEdit{"rules.yaml": {
		`{id: delegate, count: 5, mode: months, round: up, roll: next, side: right, basis: {text: xx-platform-act, article: "7"}}
  - {id: delegate-short, count: 3, mode: months, round: up, roll: next, side: right,`,
		`{id: delegate, count: 5, mode: months, round: up, roll: next, side: duty, basis: {text: xx-platform-act, article: "7"}}
  - {id: delegate-short, count: 3, mode: months, round: up, roll: next, side: duty,`,
	}})
	onBoth(t, func(t *testing.T, url string) {
		o := newDesks(t, url, folder)
		goTo := func(day string) {
			at, err := time.Parse(time.DateOnly, day)
			if err != nil {
				t.Fatal(err)
			}
			o.c.move(at.Add(9 * time.Hour).Sub(o.c.now()))
		}
		migrate := func(to int) {
			seen := o.view("xx-head-1").Seen
			o.must(clerk.Migrate(o.seat("xx-head-1"), o.file, o.runs["xx.duty"], to, seen, protocol.MigrationReasons()[0], "the law has changed"))
		}
		goTo("2026-11-02")
		for _, c := range []struct {
			name string
			do   func()
			want []string
			page []string // lapses that the file's page still asks about
		}{
			{"told", func() { o.step("xx-tribune-1", "xx.duty", "charge"); o.step("xx-tribune-1", "xx.duty", "announce") }, []string{"clock  2027-04-02", "open"}, nil},
			{"the new version is shorter", func() { goTo("2027-01-05"); migrate(2) }, []string{"clock  2027-02-03", "open"}, nil},
			{"back", func() { migrate(1) }, []string{"clock  2027-04-02", "open"}, nil},
			{"it runs out", func() { migrate(2); goTo("2027-02-10"); o.tick() }, []string{"ran out unnamed 2027-02-03", "open"}, []string{"unnamed"}},
			{"back, where it has another name", func() { migrate(1) }, []string{"ran out unfulfilled 2027-02-03", "open"}, []string{"unfulfilled"}},
			{"and forth", func() { migrate(2) }, []string{"ran out unnamed 2027-02-03", "open"}, []string{"unnamed"}},
			{"done late", func() { o.step("xx-tribune-1", "xx.duty", "name_delegate") }, []string{"open"}, nil},
			{"still done, under the other name", func() { migrate(1) }, []string{"open"}, nil},
		} {
			c.do()
			if got := o.queued(); !slices.Equal(got, c.want) {
				t.Fatalf("%s: the queue has %q, want %q", c.name, got, c.want)
			}
			var page []string
			for _, r := range console.Unmet(o.h.pack.Engine(), o.view("xx-head-1")) {
				page = append(page, r.Lapses)
			}
			if !slices.Equal(page, c.page) {
				t.Fatalf("%s: the page has %q, want %q", c.name, page, c.page)
			}
		}
		again, err := o.h.rebuild(t.Context(), true)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range again {
			if r.New+r.Gone > 0 {
				t.Errorf("a rebuild changes %s: %+v", r.Table, r)
			}
		}
	})
}
