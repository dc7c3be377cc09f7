package seal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// store is keys.db: one connection that writes, a few that read.
type store struct {
	write, read *sql.DB
}

// Rows of compartment and key are appended and overwritten, never deleted and never of another length: see the
// package comment on erasing. Zeros instead of a wrapped key mean destroyed.
const schema = `
CREATE TABLE office (
	seq INTEGER PRIMARY KEY CHECK (seq = 1),
	wrapped BLOB NOT NULL
) STRICT;
CREATE TABLE compartment (
	seq INTEGER PRIMARY KEY,
	id BLOB NOT NULL CHECK (length(id) = 16),
	version INTEGER NOT NULL CHECK (version BETWEEN 1 AND 4294967295),
	wrapped BLOB NOT NULL,
	UNIQUE (id, version)
) STRICT;
CREATE TABLE audience (
	id BLOB PRIMARY KEY CHECK (length(id) = 16),
	compartments BLOB NOT NULL CHECK (length(compartments) >= 16 AND length(compartments) % 16 = 0)
) STRICT;
CREATE TABLE key (
	seq INTEGER PRIMARY KEY,
	id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
	audience BLOB NOT NULL CHECK (length(audience) = 16),
	wrapped BLOB NOT NULL
) STRICT;
CREATE TABLE rotation (
	compartment BLOB PRIMARY KEY CHECK (length(compartment) = 16),
	target INTEGER NOT NULL
) STRICT;
PRAGMA user_version = 1;
PRAGMA application_id = 1396788560;
`

const schemaVersion = 1

// settings of every connection. A key must be on the disc before the act that needs it; erased bytes must be
// gone from it; nothing may spill into a temporary folder.
var settings = []string{
	"busy_timeout(10000)",
	"journal_mode(WAL)",
	"secure_delete(1)",
	"synchronous(FULL)",
	"temp_store(MEMORY)",
}

func openStore(ctx context.Context, folder string) (*store, error) {
	path, err := filepath.Abs(filepath.Join(folder, storeFile))
	if err != nil {
		return nil, fmt.Errorf("open the key store: %w", err)
	}
	// SQLite gives its log and its shared index the mode of the file it finds.
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the key store: %w", err)
	}
	err = f.Close()
	if err != nil {
		return nil, fmt.Errorf("open the key store: %w", err)
	}
	// Making the file one with a log beside it can't wait for another process that does the same: they take turns.
	done, err := turn(path + ".opening")
	if err != nil {
		return nil, fmt.Errorf("open the key store: %w", err)
	}
	defer done()
	s := &store{}
	s.write, err = dial(path, url.Values{"_pragma": settings, "_txlock": {"immediate"}}, 1)
	if err == nil {
		s.read, err = dial(path, url.Values{"_pragma": append(settings[:len(settings):len(settings)], "query_only(1)")}, 4)
	}
	if err == nil {
		err = s.check(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

func dial(path string, query url.Values, connections int) (*sql.DB, error) {
	name := url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: query.Encode()}
	db, err := sql.Open("sqlite", name.String())
	if err != nil {
		return nil, fmt.Errorf("open the key store: %w", err)
	}
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// check refuses a file system or a build on which the settings did not take: SQLite answers a journal mode it
// cannot have with another one, and no error.
func (s *store) check(ctx context.Context) error {
	var journal string
	var synchronous, secure int
	err := s.write.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&journal)
	if err == nil {
		err = s.write.QueryRowContext(ctx, "PRAGMA synchronous").Scan(&synchronous)
	}
	if err == nil {
		err = s.write.QueryRowContext(ctx, "PRAGMA secure_delete").Scan(&secure)
	}
	if err != nil {
		return fmt.Errorf("open the key store: %w", err)
	}
	if journal != "wal" || synchronous != 2 || secure != 1 {
		return fmt.Errorf("the key store cannot be made durable here (journal %s, synchronous %d, secure_delete %d): use a local disc", journal, synchronous, secure)
	}
	return nil
}

// prepare makes the tables of a new store and refuses those of a newer program.
func prepare(ctx context.Context, tx *sql.Tx) error {
	var version int
	err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version)
	if err != nil {
		return fmt.Errorf("open the key store: %w", err)
	}
	switch version {
	case schemaVersion:
		return nil
	case 0:
		_, err = tx.ExecContext(ctx, schema)
		if err != nil {
			return fmt.Errorf("make the key store: %w", err)
		}
		return nil
	default:
		return fmt.Errorf("the key store has form %d, this program knows %d: run the newer program that wrote it", version, schemaVersion)
	}
}

// update runs do in one durable transaction that holds the write lock from its beginning.
func (s *store) update(ctx context.Context, do func(*sql.Tx) error) error {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("write the key store: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	err = do(tx)
	if err != nil {
		return err
	}
	err = tx.Commit()
	if err != nil {
		return fmt.Errorf("commit to the key store: %w", err)
	}
	return nil
}

// view runs do on one snapshot.
func (s *store) view(ctx context.Context, do func(*sql.Tx) error) error {
	tx, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return fmt.Errorf("read the key store: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	return do(tx)
}

// cut moves the write-ahead log into the file and truncates it, so that no overwritten bytes survive in it.
func (s *store) cut(ctx context.Context) error {
	var busy, frames, moved int
	err := s.write.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &moved)
	if err != nil {
		return fmt.Errorf("cut the key store's log: %w", err)
	}
	if busy != 0 {
		return ErrStillRead
	}
	return nil
}

func (s *store) close() error {
	var err error
	for _, db := range []*sql.DB{s.read, s.write} {
		if db != nil {
			err = errors.Join(err, db.Close())
		}
	}
	if err != nil {
		return fmt.Errorf("close the key store: %w", err)
	}
	return nil
}
