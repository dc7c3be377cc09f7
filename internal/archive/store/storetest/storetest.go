// Package storetest gives tests and benchmarks databases of their own: a file for SQLite, and a database on the PostgreSQL server
// that the gate started. It knows what the newest schema is and nothing
// of what stands in it.
package storetest

import (
	"database/sql"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"sanad/internal/archive/store"
	"sanad/migrations/postgres"
	"sanad/migrations/sqlite"
)

// OnBoth runs a test on SQLite and, where the gate gave a server, on PostgreSQL, side by side: with "" for a file that the test
// makes, and with the address of an empty database.
func OnBoth(t *testing.T, f func(t *testing.T, url string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		f(t, "")
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		f(t, Postgres(t))
	})
}

// made counts the databases of this process.
var made atomic.Int64

// Postgres makes an empty database on the gate's server and returns its address; without a server the test is skipped. Each call
// makes another. It stays until the server goes: to drop one makes the server write out all of them.
func Postgres(t testing.TB) string {
	t.Helper()
	server := os.Getenv("SANAD_TEST_PG")
	if server == "" {
		t.Skip("missing: SANAD_TEST_PG names no PostgreSQL server; make test starts one")
	}
	admin, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close() //nolint:errcheck // the database is there, or was refused
	room, _, _ := strings.Cut(filepath.Base(os.Args[0]), ".")
	name := fmt.Sprintf("test_%s_%d_%d", room, os.Getpid(), made.Add(1))
	for _, q := range []string{"DROP DATABASE IF EXISTS " + name + " WITH (FORCE)", "CREATE DATABASE " + name} {
		_, err = admin.ExecContext(t.Context(), q) //nolint:gosec // G701: a name that this function makes of the program and two numbers
		if err != nil {
			t.Fatal(err)
		}
	}
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

// Open opens a database at the newest schema, and closes it when the test ends: the one at an address, or a new file where that
// is "".
func Open(t testing.TB, url string) *store.DB {
	t.Helper()
	if url == "" {
		url = filepath.Join(t.TempDir(), "sanad.db")
	}
	db, err := store.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		err := db.Close()
		if err != nil {
			t.Error(err)
		}
	})
	var files fs.FS = sqlite.Files
	if db.Engine() == store.Postgres {
		files = postgres.Files
	}
	all, err := store.Migrations(files)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Upgrade(t.Context(), all, false)
	if err != nil {
		t.Fatal(err)
	}
	return db
}
