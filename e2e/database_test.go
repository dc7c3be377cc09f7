package e2e

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"
)

// onBoth runs a test on SQLite and on a PostgreSQL database of its own. db is "" for the file in the folder.
func onBoth(t *testing.T, f func(t *testing.T, db string)) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		f(t, "")
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		f(t, freshPostgres(t))
	})
}

// open opens a database for looking at, or for forging, behind the program's back.
func open(t testing.TB, dir, db string) *sql.DB {
	t.Helper()
	driver, at := "sqlite", "file:"+filepath.Join(dir, "sanad.db")+"?_pragma=busy_timeout(10000)"
	if db != "" {
		driver, at = "pgx", db
	}
	pool, err := sql.Open(driver, at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pool.Close() })
	return pool
}

func exec1(t testing.TB, pool *sql.DB, query string, args ...any) {
	t.Helper()
	_, err := pool.ExecContext(context.Background(), query, args...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func count(t testing.TB, pool *sql.DB, query string) int64 {
	t.Helper()
	var n int64
	err := pool.QueryRowContext(context.Background(), query).Scan(&n)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// freshPostgres makes a database of the test's own on the gate's server and returns its address.
func freshPostgres(t testing.TB) string {
	t.Helper()
	server := os.Getenv("SANAD_TEST_PG")
	if server == "" {
		t.Skip("missing: SANAD_TEST_PG names no PostgreSQL server; make test starts one")
	}
	name := "e2e_" + strings.ToLower(strings.NewReplacer("/", "_", "#", "_", "-", "_").Replace(strings.TrimPrefix(t.Name(), "Test")))
	name = fmt.Sprintf("%s_%d", name[:min(len(name), 48)], os.Getpid())
	admin := open(t, "", server)
	exec1(t, admin, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
	exec1(t, admin, "CREATE DATABASE "+name)
	t.Cleanup(func() {
		_, _ = admin.ExecContext(context.Background(), "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
	})
	return pgWith(t, server, name, nil)
}

// pgWith names another database of a server, with further parameters.
func pgWith(t testing.TB, server, database string, more map[string]string) string {
	t.Helper()
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	if database != "" {
		u.Path = "/" + database
	}
	q := u.Query()
	for k, v := range more {
		q.Set(k, v)
	}
	u.RawQuery = strings.ReplaceAll(q.Encode(), "+", "%20")
	return u.String()
}

// half finds what a commit cut in the middle would leave: rows that belong together and are not all there. Each
// statement counts what must not exist, in one pass of each table: a soak asks after every kill.
var half = map[string]string{
	"notices without their act":             "SELECT count(*) FROM (SELECT act, file FROM notice EXCEPT SELECT id, file FROM act) x",
	"acts that received no notice":          "SELECT count(*) FROM (SELECT id FROM act WHERE kind = 'notice.received' EXCEPT SELECT act FROM notice) x",
	"files whose state is not of their end": "SELECT count(*) FROM (SELECT file, max(seq) AS last FROM act GROUP BY file) f WHERE NOT EXISTS (SELECT 1 FROM state s WHERE s.file = f.file AND s.seq = f.last)",
	"states without acts":                   "SELECT count(*) FROM (SELECT file FROM state EXCEPT SELECT file FROM act) x",
	"notices without a clock":               "SELECT count(*) FROM notice n WHERE NOT EXISTS (SELECT 1 FROM timer t WHERE t.file = n.file)",
	"a head that counts others":             "SELECT count(*) FROM head WHERE size <> (SELECT count(*) FROM act)",
	"checkpoints of acts not there":         "SELECT count(*) FROM checkpoint WHERE size > (SELECT count(*) FROM act)",
}

// whole wants no half act in a database.
func whole(t testing.TB, pool *sql.DB) {
	t.Helper()
	for what, query := range half {
		if n := count(t, pool, query); n != 0 {
			t.Errorf("%d %s", n, what)
		}
	}
}
