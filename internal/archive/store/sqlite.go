package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"

	"modernc.org/sqlite"
)

// openSQLite opens one writing connection and a pool of readers on the same file.
func openSQLite(ctx context.Context, path string, readOnly bool) (*DB, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("database %s: %w", path, err)
	}
	db := &DB{engine: SQLite, path: abs}
	if readOnly {
		return db, db.openToLook(ctx)
	}
	err = makePrivate(abs)
	if err != nil {
		return nil, err
	}
	durable := liteWant{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1"}
	db.write = pool(liteConnector{
		dsn: liteDSN(abs, "_txlock=immediate", "_pragma=busy_timeout(10000)", "_pragma=journal_mode(WAL)", "_pragma=synchronous(FULL)",
			"_pragma=foreign_keys(1)", "_pragma=secure_delete(1)", "_pragma=cache_size(-65536)", "_pragma=wal_autocheckpoint("+strconv.Itoa(writerPages)+")", "_pragma=temp_store(2)"),
		want: durable,
	}, 1)
	err = ping(ctx, db.write, db)
	if err != nil {
		return nil, errors.Join(err, db.write.Close())
	}
	db.read = pool(liteConnector{
		dsn:  liteDSN(abs, "_pragma=busy_timeout(10000)", "_pragma=query_only(1)", "_pragma=synchronous(FULL)", "_pragma=cache_size(-16000)", "_pragma=temp_store(2)"),
		want: liteWant{"journal_mode": "wal", "synchronous": "2", "query_only": "1"},
	}, 2*runtime.NumCPU()+2+1) // one for the mover
	err = ping(ctx, db.read, db)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	db.startMover()
	return db, nil
}

// makePrivate makes the database's file for its owner alone, before SQLite would make it for everyone.
func makePrivate(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("open database: %w", err)
	}
	return f.Close()
}

// openToLook opens the file for reading only. A copy on a read-only medium, which SQLite refuses because it can't share memory
// there, is opened as one that nobody changes; that is sound only where no write-ahead log holds newer acts.
func (db *DB) openToLook(ctx context.Context) error {
	look := func(mode string) error {
		db.read = pool(liteConnector{dsn: liteDSN(db.path, mode, "_pragma=query_only(1)", "_pragma=busy_timeout(10000)", "_pragma=cache_size(-16000)")}, runtime.NumCPU())
		db.write = db.read
		var n int
		return db.read.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_master").Scan(&n)
	}
	err := look("mode=ro")
	if err == nil {
		return nil
	}
	wal, serr := os.Stat(db.path + "-wal")
	if serr == nil && wal.Size() > 0 {
		return errors.Join(fmt.Errorf("open database %s, whose newest acts are in its -wal file: copy both to a folder that can be written: %w", db.path, err), db.read.Close())
	}
	closed := db.read.Close()
	again := look("mode=ro&immutable=1")
	if again != nil {
		return errors.Join(fmt.Errorf("open database %s: %w", db.path, again), closed, db.read.Close())
	}
	return closed
}

func liteDSN(path string, options ...string) string {
	u := url.URL{Scheme: "file", Path: path}
	dsn := u.String() + "?"
	for i, o := range options {
		if i > 0 {
			dsn += "&"
		}
		dsn += o
	}
	return dsn
}

func pool(c driver.Connector, most int) *sql.DB {
	db := sql.OpenDB(c)
	db.SetMaxOpenConns(most)
	db.SetMaxIdleConns(most)
	return db
}

func ping(ctx context.Context, p *sql.DB, db *DB) error {
	err := p.PingContext(ctx)
	if err != nil {
		return fmt.Errorf("open database %s: %w", db.path, err)
	}
	return nil
}

// liteWant is what every connection must answer to PRAGMA name.
type liteWant map[string]string

// liteConnector opens connections and asserts their settings: a connection that could lose an acknowledged commit
// never enters a pool.
type liteConnector struct {
	dsn  string
	want liteWant
}

func (c liteConnector) Driver() driver.Driver { return &sqlite.Driver{} }

func (c liteConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Driver().Open(c.dsn)
	if err != nil {
		return nil, err
	}
	for name, want := range c.want {
		got, err := pragma(ctx, conn, name)
		if err == nil && got != want {
			err = fmt.Errorf("PRAGMA %s is %s, must be %s: is the folder on a file system without shared memory?", name, got, want)
		}
		if err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	return conn, nil
}

func pragma(ctx context.Context, conn driver.Conn, name string) (string, error) {
	q, ok := conn.(driver.QueryerContext)
	if !ok {
		return "", fmt.Errorf("driver cannot query")
	}
	rows, err := q.QueryContext(ctx, "PRAGMA "+name, nil)
	if err != nil {
		return "", fmt.Errorf("PRAGMA %s: %w", name, err)
	}
	defer rows.Close() //nolint:errcheck // read to its end below
	dest := make([]driver.Value, len(rows.Columns()))
	err = rows.Next(dest)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("PRAGMA %s: %w", name, err)
	}
	return fmt.Sprint(dest[0]), nil
}
