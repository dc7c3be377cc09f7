package store

import (
	"path/filepath"
	"strings"
	"testing"
)

// What commits wrote is moved beside them: the mover is asked after enough pages, disturbs nobody who reads, and lets the log start
// anew.
func TestMover(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	db := mustOpen(t, filepath.Join(t.TempDir(), "test.db"))
	_, err := upgrade(t, db, thingFiles(db), false)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name byte) {
		t.Helper()
		err := db.Write(ctx, func(tx *Tx) error {
			rows := things.NewRows()
			for i := range 20 {
				rows.Add([]byte{name, byte(i)}, int64(i), strings.Repeat("x", 4000))
			}
			return tx.Insert(ctx, rows)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	count := func(tx *Tx) (n int) {
		t.Helper()
		err := tx.QueryRow(ctx, "SELECT count(*) FROM thing").Scan(&n)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	length := func() (pages int) {
		t.Helper()
		var busy, moved int
		err := db.read.QueryRowContext(ctx, "PRAGMA wal_checkpoint(NOOP)").Scan(&busy, &pages, &moved)
		if err != nil {
			t.Fatal(err)
		}
		return pages
	}
	write(0)
	before := db.mover.pages
	write(1)
	if n := db.mover.pages - before; n < 20 || n > 60 {
		t.Errorf("a commit of 20 pages and few more was counted as %d", n)
	}
	err = db.Read(ctx, func(tx *Tx) error {
		if n := count(tx); n != 40 {
			t.Errorf("%d rows", n)
		}
		write(2)
		db.mover.pass(ctx, db.read, &db.lite.turn)
		write(3)
		if n := count(tx); n != 40 {
			t.Errorf("%d rows in a transaction that read 40", n)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	long := length()
	if long < 80 {
		t.Errorf("the log has %d pages though somebody reads what is before them", long)
	}
	db.mover.pass(ctx, db.read, &db.lite.turn)
	write(4)
	if n := length(); n < 20 || n > 60 {
		t.Errorf("the log goes on at %d pages, after %d", n, long)
	}
	db.mover.enough = 1
	write(5)
	if db.mover.pages != 0 {
		t.Errorf("%d pages and the mover was not asked", db.mover.pages)
	}
	err = db.Close() // also while it is at it
	if err != nil {
		t.Fatal(err)
	}
	db = mustOpen(t, db.Path())
	err = db.Read(ctx, func(tx *Tx) error {
		if n := count(tx); n != 120 {
			t.Errorf("%d rows after all", n)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
