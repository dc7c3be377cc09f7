package store

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5/pgtype"
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

// Reset forgets the rows, which were written, and keeps their room for others.
func (r *Rows) Reset() {
	clear(r.args)
	r.n, r.args = 0, r.args[:0]
}

// Len returns how many rows were added.
func (r *Rows) Len() int { return r.n }

// maxRows is how many rows go into one SQLite statement. Counts are powers of two, so that few statements exist.
const maxRows = 64

// Insert writes all rows: on PostgreSQL in one statement, on SQLite in few. PostgreSQL tells what went wrong with it when the next
// statement is asked or the transaction is committed, for nobody waits for the answer.
func (t *Tx) Insert(ctx context.Context, r *Rows) error {
	if r.n == 0 {
		return nil
	}
	if t.db.engine == Postgres {
		err := t.line.insert(ctx, r)
		if err != nil {
			return fmt.Errorf("insert into %s: %w", r.table.Name, err)
		}
		return nil
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

// postgres writes the PostgreSQL statement for any number of rows: every column is handed over as one array.
func (t *Table) postgres() string {
	t.once.Do(func() {
		arrays := make([]string, len(t.Types))
		for i, typ := range t.Types {
			arrays[i] = fmt.Sprintf("$%d::%s[]", i+1, typ)
		}
		t.pg = fmt.Sprintf("INSERT INTO %s (%s) SELECT * FROM unnest(%s) %s", t.Name, strings.Join(t.Columns, ","), strings.Join(arrays, ","), t.Conflict)
	})
	return t.pg
}

// elements are the types that columns may have, by their number in PostgreSQL's catalogue.
var elements = map[string]uint32{"bytea": pgtype.ByteaOID, "text": pgtype.TextOID, "bigint": pgtype.Int8OID}

// arrays encodes every column as PostgreSQL takes an array in its binary form (array_recv): dimensions, whether there are nulls, type,
// length, lower bound, and for each element its length and bytes. It appends to room and returns it with what lies in it.
func (r *Rows) arrays(room []byte) (columns [][]byte, all []byte, err error) {
	width := len(r.table.Columns)
	columns = make([][]byte, width)
	for c, typ := range r.table.Types {
		element, ok := elements[typ]
		if !ok {
			return nil, room, fmt.Errorf("table %s: type %s is not bytea, bigint or text", r.table.Name, typ)
		}
		from := len(room)
		for _, n := range []uint32{1, 1, element, uint32(r.n), 1} {
			room = binary.BigEndian.AppendUint32(room, n)
		}
		for i := range r.n {
			room = appendElement(room, typ, r.args[i*width+c])
		}
		columns[c] = room[from:len(room):len(room)]
	}
	return columns, room, nil
}

// appendElement encodes one value; what is not of the column's type is NULL, but a text is never.
func appendElement(room []byte, typ string, value any) []byte {
	const null, eight = 1<<32 - 1, 8
	switch typ {
	case "text":
		text, _ := value.(string)
		return append(binary.BigEndian.AppendUint32(room, uint32(len(text))), text...)
	case "bigint":
		n, ok := value.(int64)
		if p, _ := value.(*int64); p != nil {
			n, ok = *p, true
		}
		if !ok {
			return binary.BigEndian.AppendUint32(room, null)
		}
		return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32(room, eight), uint64(n))
	default:
		b, _ := value.([]byte)
		if b == nil {
			return binary.BigEndian.AppendUint32(room, null)
		}
		return append(binary.BigEndian.AppendUint32(room, uint32(len(b))), b...)
	}
}
