package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Row is the answer to a query of at most one row. Scan returns sql.ErrNoRows where there is none.
type Row interface{ Scan(dest ...any) error }

// row asks for at most one row; the server is asked, and what was sent before it is answered, when the row is read.
func (l *line) row(ctx context.Context, text string, args []any) Row {
	sd, err := l.statement(ctx, text)
	if err == nil && sd == nil {
		err = l.settle()
	}
	switch {
	case err != nil:
		return scanned(func([]any) error { return err })
	case sd == nil:
		return l.held.QueryRowContext(ctx, text, args...)
	}
	return scanned(func(dest []any) error {
		return l.ask(ctx, sd, args, func(r *pgconn.ResultReader) error {
			rows := pgx.RowsFromResultReader(l.conn.TypeMap(), r)
			defer rows.Close()
			if !rows.Next() {
				rows.Close()
				err := rows.Err()
				if err == nil {
					err = sql.ErrNoRows
				}
				return err
			}
			err := rows.Scan(dest...)
			rows.Close()
			return errors.Join(err, rows.Err())
		})
	})
}

// later asks for at most one row, and is answered when it is read or anything else is sent.
func (l *line) later(ctx context.Context, text string, args []any) Row {
	sd, err := l.statement(ctx, text)
	if err != nil || sd == nil {
		return l.row(ctx, text, args)
	}
	err = l.send(ctx, sd, args)
	if err == nil {
		err = l.pipe.Sync()
	}
	if err != nil {
		return scanned(func([]any) error { return err })
	}
	a := &answer{}
	l.due = a
	types := l.conn.TypeMap()
	return scanned(func(dest []any) error {
		if l.due == a {
			_ = l.answered() // it is in the answer
		}
		switch {
		case a.err != nil:
			return a.err
		case len(a.result.Rows) == 0:
			return sql.ErrNoRows
		case len(dest) != len(a.result.FieldDescriptions):
			return fmt.Errorf("%d columns for %d values", len(a.result.FieldDescriptions), len(dest))
		}
		for i, column := range a.result.FieldDescriptions {
			err := types.Scan(column.DataTypeOID, column.Format, a.result.Rows[0][i], dest[i])
			if err != nil {
				return fmt.Errorf("column %s: %w", column.Name, err)
			}
		}
		return nil
	})
}

// scanned is a Row made of what reads it.
type scanned func(dest []any) error

// Scan implements Row.
func (s scanned) Scan(dest ...any) error { return s(dest) }
