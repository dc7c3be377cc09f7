package sanction

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"sanad/internal/act"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

// stayed moves the measure that a court stays, or stays no longer, by a step that says so of itself and cites nothing: the one of its
// procedure that was appealed against, else the one that was decided last.
func (s Store) stayed(ctx context.Context, tx clerk.Tx, a clerk.Recorded) error {
	word, said := a.Facts.Get(protocol.FactStay)
	if !said {
		return nil
	}
	which, state := "state NOT IN ('"+StateAnnulled+"', '"+StateLifted+"') ORDER BY CASE state WHEN '"+StateAppealed+"' THEN 0 ELSE 1 END, decided DESC", StateStayed
	if word.Code() != protocol.StayStanding {
		which, state = "state = '"+StateStayed+"' ORDER BY decided DESC", StateAppealed
	}
	var id, at []byte
	err := tx.QueryRow(ctx, "SELECT act, audience FROM measure WHERE run = ? AND "+which+" LIMIT 1", a.Procedure.ID[:]).Scan(&id, &at)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read a measure: %w", err)
	}
	audience, err := s.joint(ctx, tx, act.ID(at), a.Audience)
	if err != nil || audience.IsZero() {
		return err
	}
	_, err = tx.Exec(ctx, "UPDATE measure SET state = ?, audience = ? WHERE act = ?", state, audience[:], id)
	if err != nil {
		return fmt.Errorf("stay a measure: %w", err)
	}
	return nil
}
