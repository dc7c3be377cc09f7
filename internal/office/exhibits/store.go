package exhibits

import (
	"context"
	"fmt"

	"sanad/internal/act"
	"sanad/internal/office/clerk"
)

// Store keeps the list of exhibits in step with the log.
type Store struct{}

var table = clerk.Table{
	Name:    "exhibit",
	Columns: []string{"id", "file", "audience", "key", "sealed", "act", "media", "picture", "withheld"},
	Types:   []string{"bytea", "bytea", "bytea", "bytea", "bytea", "bytea", "text", "bigint", "bigint"},
}

// What the column withheld says.
const (
	open     int64 = 0
	referred int64 = 1 // it may show a child: its key is destroyed
	police   int64 = 2 // the same exhibit as it was sealed again
)

// Project implements clerk.Projector: new exhibits are written set-wise.
func (Store) Project(ctx context.Context, tx clerk.Tx, acts []clerk.Recorded) error {
	rows := table.NewRows()
	var gone []act.ID
	for _, a := range acts {
		switch a.Kind {
		case KindAdded:
			e := exhibitOf(a)
			isPicture, state := int64(0), open
			if e.Picture {
				isPicture = 1
			}
			if e.Sealed {
				state = police
			}
			rows.Add(e.blob[:], a.File[:], a.Audience[:], e.key[:], sealedSum(a), a.ID[:], e.Media, isPicture, state)
		case KindWithheld:
			gone = append(gone, ident(a, factBlob))
		}
	}
	if rows.Len() > 0 {
		err := tx.Insert(ctx, rows)
		if err != nil {
			return fmt.Errorf("exhibit: %w", err)
		}
	}
	for _, blob := range gone {
		_, err := tx.Exec(ctx, "UPDATE exhibit SET withheld = ? WHERE id = ?", referred, blob[:])
		if err != nil {
			return fmt.Errorf("exhibit: %w", err)
		}
	}
	return nil
}

func sealedSum(a clerk.Recorded) []byte {
	for _, c := range a.Commits {
		if c.Name == commitSealed {
			return c.Sum[:]
		}
	}
	return nil
}
