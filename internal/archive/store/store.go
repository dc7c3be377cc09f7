// Package store opens the database, embedded or PostgreSQL, hands out transactions, writes sets of rows in one
// statement and upgrades the schema. It knows SQL and nothing of acts, law or people; what the tables mean is the
// business of the rooms that own them.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
)

// Engine is one of the two database engines.
type Engine string

// The engines.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// DB is an open database. It is safe for concurrent use.
type DB struct {
	engine Engine
	path   string // of the SQLite file
	write  *sql.DB
	read   *sql.DB
	rebind sync.Map // SQL with ? → SQL with $1
	lite   writer   // SQLite's writing connection
	mover  *mover   // nil on PostgreSQL, and where a file is only read
}

// Open opens the database that url names: a path or file for SQLite, postgres:// for PostgreSQL. It refuses a
// server or a connection whose settings could lose an acknowledged commit.
func Open(ctx context.Context, url string) (*DB, error) {
	if strings.HasPrefix(url, "postgres://") || strings.HasPrefix(url, "postgresql://") {
		return openPostgres(ctx, url)
	}
	if scheme, _, ok := strings.Cut(url, "://"); ok {
		return nil, fmt.Errorf("database %s://…: use a path for SQLite or postgres:// for PostgreSQL", scheme)
	}
	return openSQLite(ctx, url, false)
}

// OpenReadOnly opens an SQLite file without ever writing to it: what a verifier needs.
func OpenReadOnly(ctx context.Context, path string) (*DB, error) {
	_, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	db, err := openSQLite(ctx, path, true)
	if err != nil {
		return nil, err
	}
	return db, nil
}

// Engine says which engine this is.
func (db *DB) Engine() Engine { return db.engine }

// Path returns the SQLite file's path, "" on PostgreSQL.
func (db *DB) Path() string { return db.path }

// Close closes every connection.
func (db *DB) Close() error {
	if db.mover != nil {
		db.mover.close()
	}
	db.lite.close()
	err := db.read.Close()
	if db.write != db.read {
		err = errors.Join(err, db.write.Close())
	}
	return err
}

// Write runs f in one transaction that may write, and commits it if f returns nil. When Write returns nil the
// commit is on stable storage.
func (db *DB) Write(ctx context.Context, f func(*Tx) error) error {
	if db.engine == SQLite {
		db.lite.turn.Lock()
		defer db.lite.turn.Unlock()
		tx, err := db.lite.begin(context.WithoutCancel(ctx), db.write) // a cut call must not take the one connection with it
		err = db.run(tx, err, true, f)
		if db.mover != nil && db.lite.conn != nil {
			db.mover.wrote(db.lite.conn)
		}
		return err
	}
	return db.writeLine(ctx, f)
}

// Read runs f in one read-only transaction: everything it reads is of one moment.
func (db *DB) Read(ctx context.Context, f func(*Tx) error) error {
	opts := &sql.TxOptions{ReadOnly: true}
	if db.engine == Postgres {
		opts.Isolation = sql.LevelRepeatableRead
	}
	if db.engine == SQLite {
		opts = nil // the read pool is query_only; the driver has no read-only transactions
	}
	tx, err := db.read.BeginTx(ctx, opts)
	return db.run(tx, err, false, f)
}

func (db *DB) run(tx *sql.Tx, err error, lite bool, f func(*Tx) error) error {
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	ended := false
	defer func() {
		if !ended { // f panicked: the connection must not stay inside a transaction
			_ = tx.Rollback()
		}
	}()
	err = f(&Tx{q: tx, db: db, lite: lite})
	ended = true
	if err != nil {
		return errors.Join(err, ignoreDone(tx.Rollback()))
	}
	err = tx.Commit()
	if err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}

// Tx is a transaction. SQL is written once with ? for arguments and runs on both engines.
type Tx struct {
	q    querier
	db   *DB
	lite bool  // it is on SQLite's writing connection
	line *line // where it writes to PostgreSQL
}

// querier is what of a transaction, or of a connection that is in one, statements need.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Engine says which engine this is, for the few statements that differ.
func (t *Tx) Engine() Engine { return t.db.engine }

// Exec runs a statement and returns how many rows it changed.
func (t *Tx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	var res sql.Result
	var err error
	switch {
	case len(args) == 0: // it may be several statements, as a migration is
		err = t.settle()
		if err == nil {
			res, err = t.q.ExecContext(ctx, query)
		}
	case t.lite:
		res, err = t.db.lite.exec(ctx, query, args)
	case t.line != nil:
		return t.line.exec(ctx, t.db.bind(query), args)
	default:
		res, err = t.q.ExecContext(ctx, t.db.bind(query), args...)
	}
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// Send runs a statement with arguments of which nobody asks how many rows it changed. Like Insert it waits for nothing on PostgreSQL.
func (t *Tx) Send(ctx context.Context, query string, args ...any) error {
	if t.line != nil {
		return t.line.tell(ctx, t.db.bind(query), args)
	}
	_, err := t.Exec(ctx, query, args...)
	return err
}

// Query runs a query; the caller closes the rows.
func (t *Tx) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	err := t.settle()
	if err != nil {
		return nil, err
	}
	return t.q.QueryContext(ctx, t.db.bind(query), args...)
}

// QueryRow runs a query of at most one row.
func (t *Tx) QueryRow(ctx context.Context, query string, args ...any) Row {
	if t.lite {
		stmt, err := t.db.lite.prepared(ctx, query) //nolint:sqlclosecheck // it stays prepared; the connection closes it
		if err == nil {
			return stmt.QueryRowContext(ctx, args...)
		}
	}
	if t.line != nil {
		return t.line.row(ctx, t.db.bind(query), args)
	}
	return t.q.QueryRowContext(ctx, t.db.bind(query), args...)
}

// Later is QueryRow for whoever has something else to do until they read the row: PostgreSQL is asked at once.
func (t *Tx) Later(ctx context.Context, query string, args ...any) Row {
	if t.line != nil {
		return t.line.later(ctx, t.db.bind(query), args)
	}
	return t.QueryRow(ctx, query, args...)
}

// settle waits for what was sent to PostgreSQL, so that something else can be asked.
func (t *Tx) settle() error {
	if t.line == nil {
		return nil
	}
	return t.line.settle()
}

// bind turns ? into $1, $2 … for PostgreSQL. No statement of ours holds a literal question mark.
func (db *DB) bind(query string) string {
	if db.engine == SQLite {
		return query
	}
	known, ok := db.rebind.Load(query)
	if ok {
		return known.(string) //nolint:forcetypeassert // only strings are stored below
	}
	var b strings.Builder
	n := 0
	for _, part := range strings.SplitAfter(query, "?") {
		text, found := strings.CutSuffix(part, "?")
		b.WriteString(text)
		if found {
			n++
			b.WriteString("$" + strconv.Itoa(n))
		}
	}
	db.rebind.Store(query, b.String())
	return b.String()
}
