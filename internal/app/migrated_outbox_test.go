package app

import (
	"slices"
	"testing"
	"time"

	"sanad/internal/archive/store"
	"sanad/internal/office/clerk"
)

// awaited lists the seats of those whom the outbox is to tell something, and empties it.
func (o *desks) awaited() []string {
	o.t.Helper()
	var out []string
	err := o.h.db.Write(o.t.Context(), func(tx *store.Tx) error {
		rows, err := tx.Query(o.t.Context(), "SELECT m.seat FROM outbox o JOIN mandate m ON m.id = o.mandate ORDER BY m.seat")
		if err != nil {
			return err
		}
		for rows.Next() {
			var seat string
			err = rows.Scan(&seat)
			if err != nil {
				return err
			}
			out = append(out, seat)
		}
		if rows.Err() != nil {
			return rows.Err()
		}
		err = rows.Close() //nolint:sqlclosecheck // before anything else is asked of the connection
		if err != nil {
			return err
		}
		_, err = tx.Exec(o.t.Context(), "DELETE FROM outbox")
		return err
	})
	if err != nil {
		o.t.Fatal(err)
	}
	return out
}

// When a procedure goes on under a version in which what waits is another role's, that role is told with the migration, and with
// whatever comes after it; where it stays the same role's nobody is told. So for a clock that runs and for one that has run out.
func TestOutboxFollowsMigration(t *testing.T) {
	t.Parallel()
	same := "xx"
	other := copyPack(t, map[string]packEdit{"protocols/duty-2.yaml": {"owner: tribune, met_by: [name_delegate]", "owner: steward, met_by: [name_delegate]"}})
	for _, c := range []struct {
		name, packed   string
		migrated, back []string // who is told of a migration to the newer version, and of one back to the older
		late           []string // of the lapse under the newer
	}{
		{"the same role", same, nil, nil, []string{"xx-tribune-1"}},
		{"another role", other, []string{"xx-steward-1"}, []string{"xx-tribune-1"}, []string{"xx-steward-1"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			onBoth(t, func(t *testing.T, url string) {
				o := newDesks(t, url, c.packed)
				goTo := func(day string) {
					at, err := time.Parse(time.DateOnly, day)
					if err != nil {
						t.Fatal(err)
					}
					o.c.move(at.Add(9 * time.Hour).Sub(o.c.now()))
				}
				told := func(when string, want []string) {
					t.Helper()
					if got := o.awaited(); !slices.Equal(got, want) {
						t.Errorf("%s: the outbox tells %q, want %q", when, got, want)
					}
				}
				migrate := func(to int) {
					t.Helper()
					o.must(clerk.Migrate(o.seat("xx-head-1"), o.file, o.runs["xx.duty"], to, o.view("xx-head-1").Seen, "law_changed", "because"))
				}
				goTo("2026-12-01")
				o.step("xx-tribune-1", "xx.duty", "charge")
				o.tick()
				o.awaited()
				o.step("xx-tribune-1", "xx.duty", "announce")
				told("a clock starts", []string{"xx-tribune-1"})
				goTo("2027-01-05")
				o.tick()
				o.awaited()
				migrate(2)
				told("to the newer version", c.migrated)
				migrate(1)
				told("back", c.back)
				migrate(2)
				o.awaited()
				goTo("2027-06-10")
				o.tick()
				told("it ran out", c.late)
				migrate(1)
				told("back, when it had run out", c.back)
				migrate(2)
				told("and forth", c.migrated)
				o.step("xx-tribune-1", "xx.duty", "name_delegate")
				migrate(1)
				told("back, when it was done late", nil)
			})
		})
	}
}
