package app

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	"sanad/internal/archive/store"
)

// dbTable is a table as the database itself describes it.
type dbTable struct {
	name    string
	columns []string
	types   []string // bytea, bigint or text
	key     []string // columns of its primary key
}

// tablesOf lists the tables of a database, in the order of their names.
func tablesOf(t testing.TB, db *store.DB) []*dbTable {
	t.Helper()
	query := `SELECT m.name, c.name, c.type, c.pk FROM sqlite_master m JOIN pragma_table_info(m.name) c
		WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY m.name, c.cid`
	if db.Engine() == store.Postgres {
		query = `SELECT c.table_name, c.column_name, c.data_type, COALESCE((SELECT k.ordinal_position FROM information_schema.table_constraints p
			JOIN information_schema.key_column_usage k ON k.constraint_name = p.constraint_name AND k.table_name = p.table_name
			WHERE p.table_name = c.table_name AND p.constraint_type = 'PRIMARY KEY' AND k.column_name = c.column_name), 0)
			FROM information_schema.columns c WHERE c.table_schema = current_schema() ORDER BY c.table_name, c.ordinal_position`
	}
	var out []*dbTable
	err := db.Read(t.Context(), func(tx *store.Tx) error {
		rows, err := tx.Query(t.Context(), query)
		if err != nil {
			return err
		}
		defer rows.Close() //nolint:errcheck // rows.Err is what tells
		keys := map[string]int{}
		for rows.Next() {
			var table, column, typ string
			var rank int
			err = rows.Scan(&table, &column, &typ, &rank)
			if err != nil {
				return err
			}
			if len(out) == 0 || out[len(out)-1].name != table {
				out = append(out, &dbTable{name: table})
			}
			d := out[len(out)-1]
			d.columns = append(d.columns, column)
			d.types = append(d.types, map[string]string{"blob": "bytea", "integer": "bigint"}[strings.ToLower(typ)])
			if d.types[len(d.types)-1] == "" {
				d.types[len(d.types)-1] = strings.ToLower(typ)
			}
			if rank > 0 {
				d.key = append(d.key, column)
				keys[table+"."+column] = rank
			}
		}
		for _, d := range out {
			slices.SortFunc(d.key, func(a, b string) int { return keys[d.name+"."+a] - keys[d.name+"."+b] })
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// rows reads the whole table, by primary key. Values are []byte, int64, string or nil.
func (d *dbTable) rows(t testing.TB, db *store.DB) map[string][]any {
	t.Helper()
	out := map[string][]any{}
	err := db.Read(t.Context(), func(tx *store.Tx) error {
		rows, err := tx.Query(t.Context(), "SELECT "+strings.Join(d.columns, ", ")+" FROM "+d.name)
		if err != nil {
			return err
		}
		defer rows.Close() //nolint:errcheck // rows.Err is what tells
		for rows.Next() {
			row, err := d.scan(rows)
			if err != nil {
				return err
			}
			var key []any
			for _, column := range d.key {
				key = append(key, row[slices.Index(d.columns, column)])
			}
			out[fmt.Sprintf("%x", key)] = row
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func (d *dbTable) scan(rows *sql.Rows) ([]any, error) {
	row, to := make([]any, len(d.columns)), make([]any, len(d.columns))
	for i := range row {
		to[i] = &row[i]
	}
	return row, rows.Scan(to...)
}
