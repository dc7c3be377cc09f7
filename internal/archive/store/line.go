package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// line is a writing transaction on PostgreSQL. What is written is sent at once and nobody waits for the answer: the server works on
// it while the next rows are being made. What became of it is told by the next statement that is waited for, and by the commit,
// which goes out behind the last rows. So a commit takes as many round trips as it asks questions, and one more.
type line struct {
	held  *sql.Conn
	conn  *pgx.Conn
	known *statements
	pipe  *pgconn.Pipeline // nil while nothing is under way
	sent  int              // statements under way
	due   *answer          // what was asked and not read yet; nothing is sent behind it
}

// answer is that to a query of at most one row which nobody waited for.
type answer struct {
	result *pgconn.Result
	err    error
}

// statements are those prepared on a connection.
type statements struct {
	named  bool // false where the address asks for none: a pooler between us and the server may not keep them
	byText map[string]*pgconn.StatementDescription
	made   int
	room   []byte // where rows are encoded, one set after the other
}

// mostRoom is how many bytes of it are kept from one transaction to the next.
const mostRoom = 4 << 20

const statementsKey = "sanad/statements" // in what a connection carries with it

var errUnfinished = errors.New("the server did not end the transaction")

// writeLine runs f in one transaction on PostgreSQL, and commits it if f returns nil.
func (db *DB) writeLine(ctx context.Context, f func(*Tx) error) (err error) {
	l, err := db.openLine(ctx)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	ended := false
	defer func() {
		if !ended { // f panicked: the connection must not stay inside a transaction
			_ = l.rollback(ctx)
		}
		err = errors.Join(err, l.held.Close())
	}()
	err = f(&Tx{q: l.held, db: db, line: l})
	ended = true
	if err != nil {
		return errors.Join(err, l.rollback(ctx))
	}
	err = l.commit(ctx)
	if err != nil {
		return errors.Join(fmt.Errorf("commit: %w", err), l.rollback(ctx))
	}
	return nil
}

// openLine takes a connection and begins a transaction on it, which the server hears of with the first statement.
func (db *DB) openLine(ctx context.Context) (*line, error) {
	held, err := db.write.Conn(ctx)
	if err != nil {
		return nil, err
	}
	l := &line{held: held}
	err = held.Raw(func(c any) error {
		std, ok := c.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("a connection of type %T", c)
		}
		l.conn = std.Conn() // nobody else has it before held is closed
		return nil
	})
	if err != nil {
		return nil, errors.Join(err, held.Close())
	}
	carried := l.conn.PgConn().CustomData()
	known, ok := carried[statementsKey].(*statements)
	if !ok {
		known = &statements{
			named:  l.conn.Config().DefaultQueryExecMode == pgx.QueryExecModeCacheStatement,
			byText: map[string]*pgconn.StatementDescription{},
		}
		carried[statementsKey] = known
	}
	l.known = known
	l.open(ctx)
	l.pipe.SendQueryParams("begin", nil, nil, nil, nil)
	l.sent++
	return l, nil
}

// open makes sure that statements can be sent one behind the other.
func (l *line) open(ctx context.Context) {
	if l.pipe == nil {
		l.pipe, l.sent = l.conn.PgConn().StartPipeline(ctx), 0
	}
}

// statement finds a prepared statement, and prepares one that is new. It is nil where none is to be kept.
func (l *line) statement(ctx context.Context, text string) (*pgconn.StatementDescription, error) {
	err := l.answered()
	if err != nil {
		return nil, err
	}
	sd := l.known.byText[text]
	if sd != nil || !l.known.named || len(l.known.byText) >= mostStatements {
		return sd, nil
	}
	err = l.settle()
	if err != nil {
		return nil, err
	}
	l.known.made++ // whatever comes of it: the name may be taken
	sd, err = l.conn.PgConn().Prepare(ctx, fmt.Sprintf("sanad_%d", l.known.made), text, nil)
	if err != nil {
		return nil, err
	}
	l.known.byText[text] = sd
	return sd, nil
}

// insert sends a set of rows.
func (l *line) insert(ctx context.Context, r *Rows) error {
	err := ctx.Err()
	if err != nil {
		return err
	}
	text := r.table.postgres()
	sd, err := l.statement(ctx, text)
	if err != nil {
		return err
	}
	values, room, err := r.arrays(l.known.room[:0])
	if err != nil {
		return err
	}
	if cap(room) <= mostRoom {
		l.known.room = room
	}
	l.open(ctx)
	binary := []int16{pgx.BinaryFormatCode} // all of them
	if sd == nil {
		l.pipe.SendQueryParams(text, values, nil, binary, nil)
	} else {
		l.pipe.SendQueryStatement(sd, values, binary, nil)
	}
	l.sent++
	return l.pipe.Flush()
}

// send sends a prepared statement with its arguments.
func (l *line) send(ctx context.Context, sd *pgconn.StatementDescription, args []any) error {
	err := ctx.Err()
	if err != nil {
		return err
	}
	var b pgx.ExtendedQueryBuilder
	err = b.Build(l.conn.TypeMap(), sd, args)
	if err != nil {
		return err
	}
	l.open(ctx)
	l.pipe.SendQueryStatement(sd, b.ParamValues, b.ParamFormats, b.ResultFormats)
	l.sent++
	return nil
}

// ask sends a prepared statement, waits, and has its answer read, before which those sent before it were.
func (l *line) ask(ctx context.Context, sd *pgconn.StatementDescription, args []any, read func(*pgconn.ResultReader) error) error {
	err := l.send(ctx, sd, args)
	if err != nil {
		return err
	}
	return l.answers(l.pipe.Sync(), read)
}

// answers has the answer to the last statement sent read. err is what went wrong with sending it.
func (l *line) answers(err error, read func(*pgconn.ResultReader) error) error {
	for ; err == nil && l.sent > 0; l.sent-- {
		var some any
		some, err = l.pipe.GetResults()
		if err != nil {
			break
		}
		r, ok := some.(*pgconn.ResultReader)
		switch {
		case !ok:
			err = fmt.Errorf("the server answered with %T", some)
		case l.sent > 1:
			_, err = r.Close()
		default:
			err = read(r)
		}
	}
	return l.closed(err)
}

// answered waits for what was asked without waiting.
func (l *line) answered() error {
	a := l.due
	if a == nil {
		return nil
	}
	l.due = nil
	a.err = l.answers(nil, func(r *pgconn.ResultReader) error {
		a.result = r.Read()
		return a.result.Err
	})
	return a.err
}

// settle waits for what is under way and returns what went wrong with it.
func (l *line) settle() error {
	err := l.answered()
	if err != nil || l.pipe == nil {
		return err
	}
	return l.closed(l.pipe.Sync())
}

// closed ends what is under way, which was synchronized, and returns what went wrong first.
func (l *line) closed(err error) error {
	cerr := l.pipe.Close()
	l.pipe, l.sent = nil, 0
	if err != nil {
		return err
	}
	return cerr
}

// What a connection says of its transaction (PostgreSQL documentation, ReadyForQuery).
const (
	statusIdle   = 'I'
	statusFailed = 'E'
)

// commit ends the transaction behind what is under way, of which it tells what went wrong: then the server commits nothing.
func (l *line) commit(ctx context.Context) error {
	err := ctx.Err()
	if err == nil {
		err = l.answered()
	}
	if err != nil {
		return err
	}
	if l.pipe == nil && l.conn.PgConn().TxStatus() == statusFailed {
		return errors.New("a statement failed, and nobody said so")
	}
	l.open(ctx)
	l.pipe.SendQueryParams("commit", nil, nil, nil, nil)
	l.sent++
	err = l.settle()
	if err == nil && l.conn.PgConn().TxStatus() != statusIdle {
		err = errUnfinished
	}
	return err
}

// rollback takes back what is left of the transaction; a connection on which that fails is not used again.
func (l *line) rollback(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx) // cut short, it would cost the connection
	_ = l.settle()                   // it is taken back, whatever became of it
	pg := l.conn.PgConn()
	if pg.IsClosed() || pg.TxStatus() == statusIdle {
		return nil
	}
	_, err := pg.Exec(ctx, "rollback").ReadAll()
	if err == nil && pg.TxStatus() == statusIdle {
		return nil
	}
	_ = l.held.Raw(func(any) error { return driver.ErrBadConn })
	return errors.Join(fmt.Errorf("roll back: %w", errUnfinished), err)
}

// exec runs a statement and returns how many rows it changed.
func (l *line) exec(ctx context.Context, text string, args []any) (n int64, err error) {
	sd, err := l.statement(ctx, text)
	if err != nil {
		return 0, err
	}
	if sd == nil {
		return l.execOnce(ctx, text, args)
	}
	err = l.ask(ctx, sd, args, func(r *pgconn.ResultReader) error {
		tag, err := r.Close()
		n = tag.RowsAffected()
		return err
	})
	return n, err
}

// tell sends a statement whose answer nobody waits for.
func (l *line) tell(ctx context.Context, text string, args []any) error {
	sd, err := l.statement(ctx, text)
	if err != nil {
		return err
	}
	if sd == nil {
		_, err = l.execOnce(ctx, text, args)
		return err
	}
	err = l.send(ctx, sd, args)
	if err != nil {
		return err
	}
	return l.pipe.Flush()
}

// execOnce runs a statement that is not kept prepared.
func (l *line) execOnce(ctx context.Context, text string, args []any) (int64, error) {
	err := l.settle()
	if err != nil {
		return 0, err
	}
	res, err := l.held.ExecContext(ctx, text, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}
