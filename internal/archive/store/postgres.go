package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// ErrNotDurable means that the server's settings could lose a commit that was acknowledged.
var ErrNotDurable = errors.New("the PostgreSQL server could lose an acknowledged act")

// durable are the settings without which a server loses acknowledged commits.
var durable = []string{"fsync", "full_page_writes", "synchronous_commit"}

// Lossy is an expression that is true where a commit of the same transaction could be lost after it was acknowledged. A connection is
// asked when it is opened, but whoever runs the server may change its settings afterwards.
func Lossy(e Engine) string {
	if e != Postgres {
		return "0"
	}
	out := "'off' IN ("
	for i, name := range durable {
		if i > 0 {
			out += ", "
		}
		out += "current_setting('" + name + "')"
	}
	return out + ")"
}

func openPostgres(ctx context.Context, url string) (*DB, error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("database address: %w", err)
	}
	const most = 24
	p := stdlib.OpenDB(*cfg, stdlib.OptionAfterConnect(assertDurable))
	p.SetMaxOpenConns(most)
	p.SetMaxIdleConns(most)
	db := &DB{engine: Postgres, write: p, read: p}
	err = p.PingContext(ctx)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open database: %w", err), p.Close())
	}
	return db, nil
}

// assertDurable refuses a connection on which a commit could be acknowledged before it is safe.
func assertDurable(ctx context.Context, conn *pgx.Conn) error {
	for _, name := range durable {
		var got string
		err := conn.QueryRow(ctx, "SHOW "+name).Scan(&got)
		if err != nil {
			return fmt.Errorf("SHOW %s: %w", name, err)
		}
		if got == "off" {
			return fmt.Errorf("%w: %s is off; set it on in postgresql.conf, for the database and for the role", ErrNotDurable, name)
		}
	}
	return nil
}
