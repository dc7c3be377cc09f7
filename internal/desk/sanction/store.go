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

// States of a measure. Expired and paid are told by the calendar and by sums, never by a person.
const (
	StateStanding = "standing"
	StateAppealed = "appealed" // somebody appealed; it has effect meanwhile
	StateStayed   = "stayed"   // a court suspended it
	StateAnnulled = "annulled"
	StateLifted   = "lifted"
	StateExpired  = "expired"
	StatePaid     = "paid"
)

// Store keeps the list of measures in step with the log. It follows envelopes only, and can be made again from them.
type Store struct{ Law *Law }

var table = clerk.Table{
	Name:    "measure",
	Columns: []string{"act", "file", "run", "audience", "platform", "rung", "decided", "amount", "paid", "expires", "state"},
	Types:   []string{"bytea", "bytea", "bytea", "bytea", "bytea", "text", "bigint", "bigint", "bigint", "text", "text"},
}

// Project implements clerk.Projector.
func (s Store) Project(ctx context.Context, tx clerk.Tx, acts []clerk.Recorded) error {
	for _, a := range acts {
		if a.Procedure == nil {
			continue
		}
		var err error
		switch a.Kind {
		case KindDecided:
			err = s.imposed(ctx, tx, a)
		case KindRenewed, KindPaid, KindLifted, KindAppealed, KindAppealRuled:
			err = s.followed(ctx, tx, a)
		case protocol.KindSuspended, protocol.KindResumed:
			err = s.stayed(ctx, tx, a)
		}
		if err != nil {
			return fmt.Errorf("measures: %w", err)
		}
	}
	return nil
}

// imposed adds a measure. Whom it is against was said when the proceeding was opened, in this run or in another of the case.
func (s Store) imposed(ctx context.Context, tx clerk.Tx, a clerk.Recorded) error {
	platform, err := platformOf(ctx, tx, a)
	if err != nil {
		return err
	}
	var against, amount any
	if !platform.IsZero() {
		against = platform[:]
	}
	if v, said := a.Facts.Get(factAmount); said {
		amount = v.Int()
	}
	rung, _ := a.Facts.Get(factRung)
	expires, _ := a.Facts.Get(factExpires)
	rows := table.NewRows()
	rows.Add(a.ID[:], a.File[:], a.Procedure.ID[:], a.Audience[:], against, rung.Code(), int64(a.Effective), amount, int64(0), expires.String(), StateStanding)
	return tx.Insert(ctx, rows)
}

// platformOf finds what a run is against, as the commit under way knows it.
func platformOf(ctx context.Context, tx clerk.Tx, a clerk.Recorded) (act.ID, error) {
	states, err := clerk.States(ctx, tx, []act.ID{a.File})
	if err != nil {
		return act.ID{}, err
	}
	state := states[a.File]
	if state == nil {
		return act.ID{}, fmt.Errorf("file %s has no state", a.File)
	}
	var found act.ID
	own, seq := false, int64(-1)
	for i := range state.Facts {
		f := &state.Facts[i]
		// What its own run says goes before what the rest of the case says, and the newest before the rest.
		mine := f.Run == a.Procedure.ID
		if f.Name != factPlatform || own && !mine || own == mine && f.Seq < seq {
			continue
		}
		// Only what this measure's readers may read: whom it is against can be told in a thread of its own.
		readable, err := covers(ctx, tx, a.Audience, state.Threads[f.Thread].Audience)
		if err != nil {
			return act.ID{}, err
		}
		if readable {
			found, _ = f.Value.ID()
			own, seq = mine, f.Seq
		}
	}
	return found, nil
}

// covers reports whether every reader of what is written for one audience may read what is written for another: whoever holds
// all compartments of the first holds all of the second.
func covers(ctx context.Context, tx clerk.Tx, have, want act.ID) (bool, error) {
	if have == want {
		return true, nil
	}
	var missing int64
	err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM audience_part w WHERE w.audience = ? AND NOT EXISTS
		(SELECT 1 FROM audience_part h WHERE h.audience = ? AND h.compartment = w.compartment)`, want[:], have[:]).Scan(&missing)
	if err != nil {
		return false, fmt.Errorf("read audiences: %w", err)
	}
	return missing == 0, nil
}

// followed moves the measures an act is about. What is annulled or lifted stays so.
func (s Store) followed(ctx context.Context, tx clerk.Tx, a clerk.Recorded) error {
	for _, id := range a.Cites {
		var at []byte
		var rung string
		err := tx.QueryRow(ctx, "SELECT audience, rung FROM measure WHERE act = ? AND run = ?", id[:], a.Procedure.ID[:]).Scan(&at, &rung)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return fmt.Errorf("read a measure: %w", err)
		}
		audience, err := s.joint(ctx, tx, act.ID(at), a.Audience)
		if err != nil {
			return err
		}
		if audience.IsZero() {
			continue // no one audience may read both, so that the list goes on saying what it said
		}
		query, args := s.move(a, rung)
		args = append(args, audience[:], id[:])
		_, err = tx.Exec(ctx, "UPDATE measure SET "+query+", audience = ? WHERE act = ? AND state NOT IN ('"+StateAnnulled+"', '"+StateLifted+"')", args...)
		if err != nil {
			return fmt.Errorf("move a measure: %w", err)
		}
	}
	return nil
}

// joint is the one of two audiences whose readers may read what is written for both; zero where there is none.
func (s Store) joint(ctx context.Context, tx clerk.Tx, a, b act.ID) (act.ID, error) {
	for _, x := range [][2]act.ID{{a, b}, {b, a}} {
		yes, err := covers(ctx, tx, x[0], x[1])
		if err != nil || yes {
			return x[0], err
		}
	}
	return act.ID{}, nil
}

// move says what an act changes of the measure it cites, which decided a rung.
func (s Store) move(a clerk.Recorded, rung string) (set string, args []any) {
	switch a.Kind {
	case KindPaid:
		paid, _ := a.Facts.Get(factPaid)
		return "paid = paid + ?", []any{paid.Int()}
	case KindRenewed:
		expires, _ := a.Facts.Get(factExpires)
		return "expires = ?", []any{expires.String()}
	case KindLifted:
		return "state = ?", []any{StateLifted}
	case KindAppealed:
		return "state = ?", []any{StateAppealed}
	}
	ruling, _ := a.Facts.Get(factAppeal)
	state := StateStanding
	switch {
	case s.Law.words(listAnnuls, ruling.Code()):
		state = StateAnnulled
	case s.Law.words(listStays, ruling.Code()):
		state = StateStayed
	}
	left, lowered := a.Facts.Get(factLeft)
	decided := s.Law.rungs[rung].amount
	switch {
	case lowered:
		return "state = ?, amount = ?", []any{state, left.Int()}
	case decided > 0 && s.Law.words(listUpholds, ruling.Code()):
		return "state = ?, amount = ?", []any{state, decided}
	}
	return "state = ?", []any{state}
}
