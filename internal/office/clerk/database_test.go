package clerk

import (
	"path/filepath"
	"testing"

	"sanad/internal/archive/store"
	"sanad/migrations/sqlite"
)

// migrated opens an empty database of the newest schema.
func migrated(t *testing.T) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		err := db.Close()
		if err != nil {
			t.Error(err)
		}
	})
	all, err := store.Migrations(sqlite.Files)
	if err == nil {
		_, err = db.Upgrade(t.Context(), all, false)
	}
	if err != nil {
		t.Fatal(err)
	}
	return db
}
