package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Table describes a set-wise insertion: where to and which columns. Make one once and keep it.
type Table struct {
	Name     string
	Columns  []string
	Types    []string // PostgreSQL types of the columns: bytea, bigint, text
	Conflict string   // what follows the rows, such as ON CONFLICT …; may be empty

	once  sync.Once
	pg    string
	lites sync.Map // rows → statement
}

// Rows collects rows for a Table, column by column.
type Rows struct {
	table *Table
	n     int
	args  []any // row by row, for SQLite
}

// NewRows starts an empty set of rows.
func (t *Table) NewRows() *Rows {
	return &Rows{table: t}
}

// NewRowsFor starts a set of rows with room for n of them.
func (t *Table) NewRowsFor(n int) *Rows {
	return &Rows{table: t, args: make([]any, 0, n*len(t.Columns))}
}

// Add appends one row; its values are []byte, int64, *int64 or string, in the order of the columns; nil is NULL.
func (r *Rows) Add(values ...any) {
	if len(values) != len(r.table.Columns) {
		panic(fmt.Sprintf("table %s has %d columns, the row %d", r.table.Name, len(r.table.Columns), len(values)))
	}
	r.args = append(r.args, values...)
	r.n++
}

// Len returns how many rows were added.
func (r *Rows) Len() int { return r.n }

// maxRows is how many rows go into one SQLite statement. Counts are powers of two, so that few statements exist.
const maxRows = 64

// Insert writes all rows: on PostgreSQL in one statement, on SQLite in few.
func (t *Tx) Insert(ctx context.Context, r *Rows) error {
	if r.n == 0 {
		return nil
	}
	if t.db.engine == Postgres {
		return t.insertPG(ctx, r)
	}
	width := len(r.table.Columns)
	args := r.args
	for left := r.n; left > 0; {
		n := maxRows
		for n > left {
			n /= 2
		}
		err := t.db.lite.insert(ctx, r.table.lite(n), args[:n*width])
		if err != nil {
			return fmt.Errorf("insert into %s: %w", r.table.Name, err)
		}
		args = args[n*width:]
		left -= n
	}
	return nil
}

// lite writes the SQLite statement for n rows.
func (t *Table) lite(n int) string {
	known, ok := t.lites.Load(n)
	if ok {
		return known.(string) //nolint:forcetypeassert // only strings are stored below
	}
	row := "(" + strings.TrimSuffix(strings.Repeat("?,", len(t.Columns)), ",") + ")"
	text := fmt.Sprintf("INSERT OR FAIL INTO %s (%s) VALUES %s %s", t.Name, strings.Join(t.Columns, ","),
		strings.Join(slices.Repeat([]string{row}, n), ","), t.Conflict)
	t.lites.Store(n, text)
	return text
}

// insertPG hands every column over as one array.
func (t *Tx) insertPG(ctx context.Context, r *Rows) error {
	table := r.table
	table.once.Do(func() {
		arrays := make([]string, len(table.Types))
		for i, typ := range table.Types {
			arrays[i] = fmt.Sprintf("$%d::%s[]", i+1, typ)
		}
		table.pg = fmt.Sprintf("INSERT INTO %s (%s) SELECT * FROM unnest(%s) %s", table.Name,
			strings.Join(table.Columns, ","), strings.Join(arrays, ","), table.Conflict)
	})
	width := len(table.Columns)
	args := make([]any, width)
	for c, typ := range table.Types {
		switch typ {
		case "bytea":
			col := make([][]byte, r.n)
			for i := range col {
				col[i], _ = r.args[i*width+c].([]byte)
			}
			args[c] = col
		case "text":
			col := make([]string, r.n)
			for i := range col {
				col[i], _ = r.args[i*width+c].(string)
			}
			args[c] = col
		case "bigint":
			col := make([]*int64, r.n)
			for i := range col {
				switch v := r.args[i*width+c].(type) {
				case int64:
					col[i] = &v
				case *int64:
					col[i] = v
				}
			}
			args[c] = col
		default:
			return fmt.Errorf("table %s: type %s is not bytea, bigint or text", table.Name, typ)
		}
	}
	_, err := t.tx.ExecContext(ctx, table.pg, args...)
	if err != nil {
		return fmt.Errorf("insert into %s: %w", table.Name, err)
	}
	return nil
}
