package console

import (
	"context"

	"sanad/internal/act"
	"sanad/internal/office/clerk"
)

// Line and Lines are how the queue was filled before there was a docket; app still names them and nothing reads them.
type Line struct {
	File  act.ID
	Sort  string
	Stage string
	Since act.Instant
}

// Lines lists lines.
type Lines interface {
	Queue(ctx context.Context, tx clerk.Tx, mandate act.ID, skip, limit int) ([]Line, error)
}
