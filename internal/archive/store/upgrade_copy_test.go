package store

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

// behind makes an SQLite database of many pages that is behind by one migration, and says where the copy before that goes.
func behind(t *testing.T) (path string, files fstest.MapFS, whole string) {
	t.Helper()
	folder := t.TempDir()
	path = filepath.Join(folder, "test.db")
	db, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	files = thingFiles(db)
	_, err = upgrade(t, db, files, false)
	if err == nil {
		err = db.Write(t.Context(), func(tx *Tx) error {
			rows := things.NewRows()
			for i := range 2000 {
				rows.Add([]byte{byte(i >> 8), byte(i)}, int64(i), strings.Repeat("kept ", 50))
			}
			return tx.Insert(t.Context(), rows)
		})
	}
	err = errors.Join(err, db.Close())
	if err != nil {
		t.Fatal(err)
	}
	files["0002_more.sql"] = oneTable("more", "n bigint")
	return path, files, filepath.Join(folder, "test.before-0002.db")
}

// What an upgrade left behind that was killed while it copied is no copy: the next one writes its own, and that opens.
func TestHalfACopyIsWrittenAnew(t *testing.T) {
	t.Parallel()
	path, files, whole := behind(t)
	part := whole + ".part"
	if err := os.WriteFile(part, []byte("SQLite format 3\x00 and no more of it"), 0o600); err != nil {
		t.Fatal(err)
	}
	backup, err := upgrade(t, mustOpen(t, path), files, false)
	if err != nil || backup != whole {
		t.Fatal(backup, err)
	}
	if _, err := os.Stat(part); !os.IsNotExist(err) {
		t.Errorf("half a copy is still there: %v", err)
	}
	n := 0
	err = mustOpen(t, backup).Read(t.Context(), func(tx *Tx) error { return tx.QueryRow(t.Context(), "SELECT COUNT(*) FROM thing").Scan(&n) })
	if err != nil || n != 2000 {
		t.Errorf("the copy holds %d, %v", n, err)
	}
}

// A copy that ends in the middle never stands under the name that the next start takes for a whole one, and nothing is upgraded.
func TestCopyThatFailsIsNone(t *testing.T) {
	t.Parallel()
	path, files, whole := behind(t)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := len(b) / 2; i < len(b)*3/4; i++ { // a disk that can't be read in one place
		b[i] = 0xff
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	db := mustOpen(t, path)
	backup, err := upgrade(t, db, files, false)
	if err == nil || backup != "" {
		t.Fatalf("the copy %q of what can't be read, %v", backup, err)
	}
	if _, err := os.Stat(whole); !os.IsNotExist(err) {
		t.Errorf("half a copy stands for a whole one: %v", err)
	}
	all, err := Migrations(files)
	if err != nil {
		t.Fatal(err)
	}
	if pending, err := db.Pending(t.Context(), all); err != nil || len(pending) != 1 {
		t.Errorf("%d are pending, %v", len(pending), err)
	}
}
