package seal

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"slices"
	"sync/atomic"
	"testing"

	"sanad/internal/act"
)

// counting counts the statements that read a store.
type counting struct {
	inner driver.Driver
	name  string
	asked atomic.Int64
}

func (c *counting) Connect(context.Context) (driver.Conn, error) {
	conn, err := c.inner.Open(c.name)
	if err != nil {
		return nil, err
	}
	return &counted{conn, c}, nil
}

func (c *counting) Driver() driver.Driver { return c.inner }

type counted struct {
	driver.Conn
	by *counting
}

func (c *counted) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	return c.Conn.(driver.ConnBeginTx).BeginTx(ctx, opts) //nolint:forcetypeassert // the driver's own, and a test
}

func (c *counted) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	c.by.asked.Add(1)
	return c.Conn.(driver.QueryerContext).QueryContext(ctx, query, args) //nolint:forcetypeassert // likewise
}

// Which of many keys are still there is asked in as many statements as there are some hundred of them, and answers as asking for each
// does: what was destroyed and what was never there is left out.
func TestUndestroyed(t *testing.T) {
	t.Parallel()
	folder := keysFolder(t)
	k := openKeeper(t, folder, "1")
	aud := audience(t, k, "a", "police")
	const statements = 4
	ids := take(t, k, aud, statements*mostAsked-2)
	var gone, want []act.ID
	for i, id := range ids {
		if i%7 == 0 {
			gone = append(gone, id)
		} else {
			want = append(want, id)
		}
	}
	must(t, k.Destroy(t.Context(), gone...))
	var path string
	must(t, k.store.read.QueryRow("SELECT file FROM pragma_database_list WHERE name = 'main'").Scan(&path))
	count := &counting{inner: k.store.read.Driver(), name: path}
	must(t, k.store.read.Close())
	k.store.read = sql.OpenDB(count)

	got, err := k.Undestroyed(t.Context(), append(slices.Clone(ids), act.ID{15: 1}, ids[1]))
	must(t, err)
	if !slices.Equal(got, want) {
		t.Errorf("%d keys are still there, want %d, in the order asked", len(got), len(want))
	}
	if n := count.asked.Load(); n != statements {
		t.Errorf("it took %d statements, want %d", n, statements)
	}
	for i, id := range ids[:14] {
		destroyed, err := k.Destroyed(t.Context(), id)
		must(t, err)
		if destroyed != (i%7 == 0) {
			t.Errorf("key %d: destroyed is %v", i, destroyed)
		}
	}
	none, err := k.Undestroyed(t.Context(), nil)
	must(t, err)
	if n := count.asked.Load(); len(none) != 0 || n != statements+14 {
		t.Errorf("nothing was asked: %v, %d statements in all", none, n)
	}
}
