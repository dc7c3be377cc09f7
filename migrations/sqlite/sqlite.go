// Package sqlite carries the migrations of the embedded database. They are append-only and additive: a file that
// has been released is never edited.
package sqlite

import "embed"

// Files holds NNNN_name.sql, applied in the order of their numbers.
//
//go:embed *.sql
var Files embed.FS
