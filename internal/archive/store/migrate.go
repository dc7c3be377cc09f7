package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// Migration is one step of the schema.
type Migration struct {
	Number int
	Name   string
	Sum    string // SHA-256 of the file, in hexadecimal
	text   string
}

var migrationName = regexp.MustCompile(`^(\d{4})_([a-z0-9_]+)\.sql$`)

// additive is what a migration may not do: an older program must keep working on the newer schema, and nothing
// recorded is ever lost by an upgrade.
var notAdditive = regexp.MustCompile(`(?i)\b(DROP|TRUNCATE|DELETE|RENAME|UPDATE)\b`)

// Migrations reads the files of one engine, in order. It refuses a gap, a foreign file, and a statement that
// removes or changes what is there.
func Migrations(files fs.FS) ([]Migration, error) {
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return nil, fmt.Errorf("migrations: %w", err)
	}
	out := make([]Migration, 0, len(names))
	for i, name := range names {
		m := migrationName.FindStringSubmatch(name)
		if m == nil {
			return nil, fmt.Errorf("migration %s: name it NNNN_words.sql", name)
		}
		number, err := strconv.Atoi(m[1])
		if err != nil || number != i+1 {
			return nil, fmt.Errorf("migration %s: number %d was expected", name, i+1)
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("migration %s: %w", name, err)
		}
		if found := notAdditive.FindString(string(text)); found != "" {
			return nil, fmt.Errorf("migration %s: %s is not additive", name, found)
		}
		sum := sha256.Sum256(text)
		out = append(out, Migration{number, m[2], hex.EncodeToString(sum[:]), string(text)})
	}
	if len(out) == 0 {
		return nil, errors.New("migrations: none found")
	}
	return out, nil
}

// Errors of an upgrade.
var (
	ErrNotBackedUp = errors.New("this database must be upgraded: back it up, then run sanad migrate --backed-up")
	ErrTooNew      = errors.New("this database was written by a newer version of Sanad: use that version")
	ErrAltered     = errors.New("an applied migration differs from the one in this program: use the version that applied it")
)

// Pending returns the migrations that are not applied yet; all of them on an empty database.
func (db *DB) Pending(ctx context.Context, all []Migration) (pending []Migration, err error) {
	err = db.Read(ctx, func(tx *Tx) error {
		pending, err = tx.pending(ctx, all)
		return err
	})
	return pending, err
}

func (t *Tx) pending(ctx context.Context, all []Migration) ([]Migration, error) {
	there := "SELECT count(*) FROM sqlite_master WHERE name = 'migration'"
	if t.db.engine == Postgres {
		there = "SELECT count(*) FROM pg_tables WHERE tablename = 'migration' AND schemaname = ANY (current_schemas(false))"
	}
	var n int
	err := t.QueryRow(ctx, there).Scan(&n)
	if err != nil {
		return nil, fmt.Errorf("read the schema: %w", err)
	}
	if n == 0 {
		return all, nil
	}
	rows, err := t.Query(ctx, "SELECT number, sum FROM migration ORDER BY number")
	if err != nil {
		return nil, fmt.Errorf("read the schema: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err is what tells
	done := 0
	for rows.Next() {
		var number int
		var sum string
		err = rows.Scan(&number, &sum)
		if err != nil {
			return nil, fmt.Errorf("read the schema: %w", err)
		}
		if number > len(all) {
			return nil, ErrTooNew
		}
		if number != done+1 || all[done].Sum != sum {
			return nil, fmt.Errorf("%w: number %d", ErrAltered, number)
		}
		done++
	}
	return all[done:], rows.Err()
}

// Upgrade applies what is pending, each migration with its record in one transaction, so that an interrupted
// upgrade goes on where it stopped. Before it touches an SQLite database that holds anything it writes a copy
// beside it, whose path it returns; on PostgreSQL it wants the caller's word that there is a backup.
func (db *DB) Upgrade(ctx context.Context, all []Migration, backedUp bool) (backup string, err error) {
	pending, err := db.Pending(ctx, all)
	if err != nil || len(pending) == 0 {
		return "", err
	}
	// One whose first upgrade was cut short holds nothing yet, and is as good as fresh.
	fresh := len(pending) == len(all) || db.empty(ctx)
	if !fresh && db.engine == Postgres && !backedUp {
		return "", ErrNotBackedUp
	}
	if !fresh && db.engine == SQLite {
		backup, err = db.copyBefore(ctx, pending[0].Number)
		if err != nil {
			return "", err
		}
	}
	for {
		more := false
		err = db.Write(ctx, func(tx *Tx) error {
			more, err = tx.applyNext(ctx, all)
			return err
		})
		if err != nil || !more {
			return backup, err
		}
	}
}

// empty reports whether the database has the tables of a log, and no log. Where that can't be told it holds something.
func (db *DB) empty(ctx context.Context) bool {
	n := 1
	err := db.Read(ctx, func(tx *Tx) error { return tx.QueryRow(ctx, "SELECT COUNT(*) FROM head").Scan(&n) })
	return err == nil && n == 0
}

// applyNext applies the first pending migration under a lock, so that two processes never apply one twice.
func (t *Tx) applyNext(ctx context.Context, all []Migration) (more bool, err error) {
	if t.db.engine == Postgres {
		const upgradeLock = 0x73616e6164 // "sanad"
		_, err = t.Exec(ctx, "SELECT pg_advisory_xact_lock(?)", int64(upgradeLock))
		if err != nil {
			return false, fmt.Errorf("lock the schema: %w", err)
		}
	}
	_, err = t.Exec(ctx, "CREATE TABLE IF NOT EXISTS migration (number bigint PRIMARY KEY, name text NOT NULL, sum text NOT NULL)")
	if err != nil {
		return false, fmt.Errorf("record of migrations: %w", err)
	}
	pending, err := t.pending(ctx, all)
	if err != nil || len(pending) == 0 {
		return false, err
	}
	m := pending[0]
	_, err = t.Exec(ctx, m.text)
	if err != nil {
		return false, fmt.Errorf("migration %04d %s: %w", m.Number, m.Name, err)
	}
	_, err = t.Exec(ctx, "INSERT INTO migration (number, name, sum) VALUES (?, ?, ?)", m.Number, m.Name, m.Sum)
	if err != nil {
		return false, fmt.Errorf("migration %04d %s: %w", m.Number, m.Name, err)
	}
	return len(pending) > 1, nil
}

// copyBefore writes a consistent copy of the SQLite file next to it. A copy that is already there is kept: it is
// of the same or an earlier state.
func (db *DB) copyBefore(ctx context.Context, number int) (string, error) {
	to := fmt.Sprintf("%s.before-%04d", strings.TrimSuffix(db.path, filepath.Ext(db.path)), number) + filepath.Ext(db.path)
	_, err := os.Stat(to)
	if err == nil {
		return to, nil
	}
	part := to + ".part"
	err = os.Remove(part)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("copy before the upgrade: %w", err)
	}
	err = db.lite.outside(ctx, db.write, "VACUUM INTO ?", part)
	if err != nil {
		return "", fmt.Errorf("copy before the upgrade (free some disk, then try again): %w", err)
	}
	err = syncFile(part)
	if err == nil {
		err = os.Rename(part, to)
	}
	if err == nil {
		err = syncFile(filepath.Dir(to))
	}
	if err != nil {
		return "", fmt.Errorf("copy before the upgrade: %w", err)
	}
	return to, nil
}

func syncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
