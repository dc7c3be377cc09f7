package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
)

// onBoth runs a test on SQLite and, where the gate gave one, on a PostgreSQL database of its own.
func onBoth(t *testing.T, f func(t *testing.T, open func() *DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "test.db")
		f(t, func() *DB { return mustOpen(t, path) })
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		url := freshPostgres(t)
		f(t, func() *DB { return mustOpen(t, url) })
	})
}

func mustOpen(t *testing.T, url string) *DB {
	t.Helper()
	db, err := Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// freshPostgres makes a database of the test's own on the gate's server and returns its address.
func freshPostgres(t *testing.T) string {
	t.Helper()
	server := os.Getenv("SANAD_TEST_PG")
	if server == "" {
		t.Skip("missing: SANAD_TEST_PG names no PostgreSQL server; make test starts one")
	}
	name := fmt.Sprintf("t%d_%s", os.Getpid(), strings.ToLower(strings.NewReplacer("/", "_", "#", "_", "-", "_").Replace(t.Name())))
	name = name[:min(len(name), 60)]
	admin := mustOpen(t, server)
	for _, q := range []string{"DROP DATABASE IF EXISTS " + name, "CREATE DATABASE " + name} {
		if _, err := admin.write.ExecContext(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	url, err := withDatabase(server, name)
	if err != nil {
		t.Fatal(err)
	}
	return url
}

var things = Table{Name: "thing", Columns: []string{"id", "n", "what"}, Types: []string{"bytea", "bigint", "text"}, Conflict: "ON CONFLICT (id) DO UPDATE SET n = excluded.n"}

func oneTable(name, columns string) *fstest.MapFile {
	return &fstest.MapFile{Data: []byte("CREATE TABLE " + name + " (" + columns + ");")}
}

func thingFiles(db *DB) fstest.MapFS {
	blob := "BLOB"
	if db.Engine() == Postgres {
		blob = "bytea"
	}
	return fstest.MapFS{"0001_thing.sql": oneTable("thing", "id "+blob+" PRIMARY KEY, n bigint, what text")}
}

func upgrade(t *testing.T, db *DB, files fstest.MapFS, backedUp bool) (string, error) {
	t.Helper()
	all, err := Migrations(files)
	if err != nil {
		t.Fatal(err)
	}
	return db.Upgrade(t.Context(), all, backedUp)
}

func TestInsertSets(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, open func() *DB) {
		db := open()
		if _, err := upgrade(t, db, thingFiles(db), false); err != nil {
			t.Fatal(err)
		}
		for _, n := range []int{1, 2, 63, 65, 200} {
			err := db.Write(t.Context(), func(tx *Tx) error {
				rows := things.NewRows()
				for i := range n {
					var num any = int64(n)
					if i == 0 {
						num = (*int64)(nil)
					}
					rows.Add(fmt.Appendf(nil, "id%03d", i), num, "w")
				}
				return tx.Insert(t.Context(), rows)
			})
			if err != nil {
				t.Fatal(err)
			}
			var count, nulls int
			err = db.Read(t.Context(), func(tx *Tx) error {
				return tx.QueryRow(t.Context(), "SELECT count(*), count(*) - count(n) FROM thing WHERE what = ?", "w").Scan(&count, &nulls)
			})
			if err != nil || nulls != 1 || count < n {
				t.Fatalf("%d rows: %d there, %d null, %v", n, count, nulls, err)
			}
		}
	})
}

// An insertion goes past the checks of database/sql, so it makes its own.
func TestInsertRefusesOtherTypes(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	db := mustOpen(t, filepath.Join(t.TempDir(), "test.db"))
	_, err := upgrade(t, db, thingFiles(db), false)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Write(ctx, func(tx *Tx) error {
		rows := things.NewRows()
		rows.Add([]byte("a"), 1.5, "w")
		return tx.Insert(ctx, rows)
	})
	if err == nil || !strings.Contains(err.Error(), "float64") {
		t.Error(err)
	}
}

func TestFailedWriteLeavesNothing(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, open func() *DB) {
		db := open()
		if _, err := upgrade(t, db, thingFiles(db), false); err != nil {
			t.Fatal(err)
		}
		why := errors.New("refused")
		for range 3 {
			err := db.Write(t.Context(), func(tx *Tx) error {
				rows := things.NewRows()
				rows.Add([]byte("x"), int64(1), "w")
				if err := tx.Insert(t.Context(), rows); err != nil {
					return err
				}
				return why
			})
			if !errors.Is(err, why) {
				t.Fatal(err)
			}
		}
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic was swallowed")
				}
			}()
			_ = db.Write(t.Context(), func(tx *Tx) error {
				rows := things.NewRows()
				rows.Add([]byte("p"), int64(1), "w")
				if err := tx.Insert(t.Context(), rows); err != nil {
					return err
				}
				panic("a defect")
			})
		}()
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		_ = db.Write(gone, func(*Tx) error { return nil })
		var n int
		err := db.Read(t.Context(), func(tx *Tx) error {
			return tx.QueryRow(t.Context(), "SELECT count(*) FROM thing").Scan(&n)
		})
		if err != nil || n != 0 {
			t.Fatalf("%d rows, %v", n, err)
		}
	})
}

func TestUpgrade(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, open func() *DB) {
		db := open()
		files := thingFiles(db)
		if _, err := upgrade(t, db, files, false); err != nil {
			t.Fatal(err)
		}
		first, _ := Migrations(files)
		files["0002_more.sql"] = oneTable("more", "n bigint")
		files["0003_last.sql"] = &fstest.MapFile{Data: []byte("CREATE TABLE half (n bigint); CREATE TABLE broken (;")}
		backup, err := upgrade(t, db, files, true)
		if err == nil {
			t.Fatal("a broken migration was applied")
		}
		all, _ := Migrations(files)
		pending, err := db.Pending(t.Context(), all)
		if err != nil || len(pending) != 1 {
			t.Fatalf("after the interruption %d are pending, %v", len(pending), err)
		}
		files["0003_last.sql"] = oneTable("half", "n bigint") // nothing of the broken file was kept
		if _, err = upgrade(t, db, files, db.Engine() == SQLite); db.Engine() == Postgres && !errors.Is(err, ErrNotBackedUp) {
			t.Fatalf("without a backup: %v", err)
		}
		if _, err = upgrade(t, db, files, true); err != nil {
			t.Fatal(err)
		}
		if db.Engine() == SQLite {
			old := mustOpen(t, backup)
			left, err := old.Pending(t.Context(), first)
			if err != nil || len(left) != 0 || !strings.Contains(backup, "before-0002") {
				t.Fatalf("the copy %s: %v, %v", backup, left, err)
			}
		}
		if _, err := db.Pending(t.Context(), first); !errors.Is(err, ErrTooNew) {
			t.Fatalf("an older program: %v", err)
		}
		files["0002_more.sql"] = oneTable("more", "n bigint, m bigint")
		if _, err := upgrade(t, db, files, true); !errors.Is(err, ErrAltered) {
			t.Fatalf("an altered migration: %v", err)
		}
	})
}

func TestUpgradeBySeveral(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, open func() *DB) {
		var group sync.WaitGroup
		for range 4 {
			db := open()
			group.Go(func() {
				all, err := Migrations(thingFiles(db))
				if err == nil {
					_, err = db.Upgrade(context.Background(), all, false)
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
	})
}

func TestMigrationsRefused(t *testing.T) {
	t.Parallel()
	for name, files := range map[string]fstest.MapFS{
		"none":    {},
		"gap":     {"0002_x.sql": oneTable("x", "n bigint")},
		"name":    {"1_x.sql": oneTable("x", "n bigint")},
		"drops":   {"0001_x.sql": &fstest.MapFile{Data: []byte("ALTER TABLE act DROP COLUMN body;")}},
		"changes": {"0001_x.sql": &fstest.MapFile{Data: []byte("update act set body = ''")}},
	} {
		if _, err := Migrations(files); err == nil {
			t.Errorf("%s: was accepted", name)
		}
	}
}

// The settings that keep acknowledged acts are asserted on every connection a pool opens.
func TestDurableSettings(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, open func() *DB) {
		db := open()
		want := map[string]string{"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
		ask := "SHOW "
		if db.Engine() == SQLite {
			want = map[string]string{"journal_mode": "wal", "synchronous": "2"}
			ask = "PRAGMA "
		}
		// Hold several connections at once, so that each is a different one.
		for range 3 {
			conn, err := db.read.Conn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close() //nolint:errcheck // returned to the pool
			for name, w := range want {
				var got string
				if err := conn.QueryRowContext(t.Context(), ask+name).Scan(&got); err != nil || got != w {
					t.Errorf("%s is %s, want %s (%v)", name, got, w, err)
				}
			}
		}
	})
	t.Run("a setting that loses acts is refused", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "x.db")
		c := liteConnector{dsn: liteDSN(path, "_pragma=journal_mode(WAL)", "_pragma=synchronous(OFF)"), want: liteWant{"synchronous": "2"}}
		if conn, err := c.Connect(t.Context()); err == nil {
			t.Fatal("opened", conn)
		}
		url := freshPostgres(t)
		bad, err := withOption(url, "synchronous_commit=off")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Open(t.Context(), bad); !errors.Is(err, ErrNotDurable) {
			t.Fatalf("synchronous_commit=off: %v", err)
		}
	})
}

// After a clean end everything is in the one file, for its owner alone; a copy that nobody may write can still be read.
func TestCleanEnd(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "test.db")
	db, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := upgrade(t, db, thingFiles(db), false); err != nil {
		t.Fatal(err)
	}
	err = db.Write(t.Context(), func(tx *Tx) error {
		rows := things.NewRows()
		rows.Add([]byte("x"), int64(1), "w")
		return tx.Insert(t.Context(), rows)
	})
	if err != nil || db.Close() != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path + "-wal"); err == nil {
		t.Error("a write-ahead log is left behind")
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	look, err := OpenReadOnly(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer look.Close() //nolint:errcheck // only read
	var n int
	err = look.Read(t.Context(), func(tx *Tx) error {
		return tx.QueryRow(t.Context(), "SELECT count(*) FROM thing").Scan(&n)
	})
	if err != nil || n != 1 {
		t.Fatalf("%d rows, %v", n, err)
	}
	if err := look.Write(t.Context(), func(tx *Tx) error {
		_, err := tx.Exec(t.Context(), "DELETE FROM thing")
		return err
	}); err == nil {
		t.Fatal("a database opened for reading was written")
	}
}
