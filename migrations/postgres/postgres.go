// Package postgres carries the migrations of PostgreSQL. They are append-only and additive: a file that
// has been released is never edited.
package postgres

import "embed"

// Files holds NNNN_name.sql, applied in the order of their numbers.
//
//go:embed *.sql
var Files embed.FS
