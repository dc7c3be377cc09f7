package store

import (
	"context"
	"fmt"
	"net/url"
)

// Fresh makes an empty PostgreSQL database of that name on the server db is connected to, dropping one that is there, and
// returns its address. It is for tests and benchmarks, which each want a database of their own; name is a plain
// identifier.
func (db *DB) Fresh(ctx context.Context, server, name string) (address string, err error) {
	for _, q := range []string{"DROP DATABASE IF EXISTS " + name + " WITH (FORCE)", "CREATE DATABASE " + name} {
		_, err = db.write.ExecContext(ctx, q)
		if err != nil {
			return "", fmt.Errorf("fresh database: %w", err)
		}
	}
	u, err := url.Parse(server)
	if err != nil {
		return "", fmt.Errorf("fresh database: %w", err)
	}
	u.Path = "/" + name
	return u.String(), nil
}
