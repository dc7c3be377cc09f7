package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"sync"
)

// writer is SQLite's one writing connection, with the statements prepared on it. Holding the connection keeps
// them prepared from one transaction to the next.
type writer struct {
	turn  sync.Mutex
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
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
	w.conn, w.stmts = conn, map[string]*sql.Stmt{}
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
	_ = w.conn.Close()
	w.conn, w.stmts = nil, nil
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

func (w *writer) close() {
	w.turn.Lock()
	defer w.turn.Unlock()
	if w.conn != nil {
		w.drop()
	}
}
