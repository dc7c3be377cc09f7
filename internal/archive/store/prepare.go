package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync"
)

// writer is SQLite's one writing connection, with the statements prepared on it. Holding the connection keeps
// them prepared from one transaction to the next.
type writer struct {
	turn  sync.Mutex
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
	bare  map[string]driver.StmtExecContext // insertions, prepared past database/sql
	row   []driver.NamedValue               // room for the arguments of one insertion
}

// open takes the writing connection out of its pool of one. The caller holds turn.
func (w *writer) open(ctx context.Context, pool *sql.DB) error {
	if w.conn != nil {
		return nil
	}
	conn, err := pool.Conn(ctx)
	if err != nil {
		return err
	}
	w.conn, w.stmts, w.bare = conn, map[string]*sql.Stmt{}, map[string]driver.StmtExecContext{}
	return nil
}

// outside runs a statement that can't stand in a transaction.
func (w *writer) outside(ctx context.Context, pool *sql.DB, text string, args ...any) error {
	w.turn.Lock()
	defer w.turn.Unlock()
	err := w.open(ctx, pool)
	if err != nil {
		return err
	}
	_, err = w.conn.ExecContext(ctx, text, args...)
	return err
}

// begin starts a transaction on the writing connection. The caller holds turn.
func (w *writer) begin(ctx context.Context, pool *sql.DB) (*sql.Tx, error) {
	err := w.open(ctx, pool)
	if err != nil {
		return nil, err
	}
	tx, err := w.conn.BeginTx(ctx, nil)
	if err != nil && ctx.Err() == nil {
		// Whatever broke this connection, the next transaction gets a fresh one.
		_ = w.conn.Raw(func(any) error { return driver.ErrBadConn })
		w.drop()
	}
	return tx, err
}

// drop closes the connection with its statements: one left open would keep the file half open, and what was written in
// its write-ahead log.
func (w *writer) drop() {
	for _, stmt := range w.stmts {
		_ = stmt.Close()
	}
	_ = w.conn.Raw(func(any) error {
		for _, stmt := range w.bare {
			_ = stmt.(driver.Stmt).Close() //nolint:forcetypeassert // it was prepared as one
		}
		return nil
	})
	_ = w.conn.Close()
	w.conn, w.stmts, w.bare = nil, nil, nil
}

// mostStatements bounds what is kept prepared; the texts are few, for the counts of rows in them are powers of two.
const mostStatements = 512

// exec runs a statement inside the transaction under way on the writing connection, preparing it only once.
func (w *writer) exec(ctx context.Context, text string, args []any) (sql.Result, error) {
	stmt, err := w.prepared(ctx, text) //nolint:sqlclosecheck // it stays prepared; drop closes it
	if errors.Is(err, errTooMany) {
		return w.conn.ExecContext(ctx, text, args...)
	}
	if err != nil {
		return nil, err
	}
	return stmt.ExecContext(ctx, args...)
}

var errTooMany = errors.New("too many statements are prepared")

// prepared is a statement on the writing connection. Nobody may use it again before they are done with what it gave.
func (w *writer) prepared(ctx context.Context, text string) (*sql.Stmt, error) {
	stmt, ok := w.stmts[text]
	if ok {
		return stmt, nil
	}
	if len(w.stmts) >= mostStatements {
		return nil, errTooMany
	}
	stmt, err := w.conn.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	w.stmts[text] = stmt
	return stmt, nil
}

// insert runs an insertion inside the transaction under way. It hands the values to the driver as they are: looking at each
// once more, as database/sql does, is a tenth of what writing a row costs.
func (w *writer) insert(ctx context.Context, text string, args []any) error {
	w.row = w.row[:0]
	for i, v := range args {
		switch x := v.(type) {
		case nil, []byte, int64, string:
		case *int64:
			v = nil
			if x != nil {
				v = *x
			}
		default:
			return fmt.Errorf("a value of type %T is not []byte, int64 or string", v)
		}
		w.row = append(w.row, driver.NamedValue{Ordinal: i + 1, Value: v})
	}
	defer clear(w.row)
	return w.conn.Raw(func(conn any) error {
		stmt, ok := w.bare[text]
		if !ok {
			prepared, err := conn.(driver.ConnPrepareContext).PrepareContext(ctx, text) //nolint:forcetypeassert // the driver is ours to choose
			if err != nil {
				return err
			}
			stmt = prepared.(driver.StmtExecContext) //nolint:forcetypeassert // as above
			w.bare[text] = stmt
		}
		_, err := stmt.ExecContext(ctx, w.row)
		return err
	})
}

func (w *writer) close() {
	w.turn.Lock()
	defer w.turn.Unlock()
	if w.conn != nil {
		w.drop()
	}
}
