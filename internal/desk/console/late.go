package console

import (
	"context"
	"strings"

	"sanad/internal/act"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

// late writes what ran out and was not done since, and clears what was done after all.
func (c *change) late(ctx context.Context, tx clerk.Tx, states map[act.ID]*protocol.State) error {
	rows := overdueTable.NewRows()
	seen := map[string]bool{}
	for _, a := range c.lapsed {
		key := a.Procedure.ID.String() + a.Procedure.Step
		if seen[key] || c.store.met(states[a.File], a.Procedure) {
			continue
		}
		seen[key] = true
		rows.Add(a.File[:], a.Procedure.ID[:], a.Procedure.Step, a.Audience[:], int64(a.Effective))
	}
	err := tx.Insert(ctx, rows)
	if err != nil {
		return err
	}
	return c.settle(ctx, tx)
}

// settle clears what was done after all.
func (c *change) settle(ctx context.Context, tx clerk.Tx) error {
	alike := map[string][]settling{}
	var order []string
	for _, s := range c.done {
		key := strings.Join(s.lapses, " ") // codes hold no space
		if alike[key] == nil {
			order = append(order, key)
		}
		alike[key] = append(alike[key], s)
	}
	for _, key := range order {
		var files, runs, lapses []any
		for _, s := range alike[key] {
			files, runs = append(files, s.file[:]), append(runs, s.run[:])
		}
		for lapse := range strings.FieldsSeq(key) {
			lapses = append(lapses, lapse)
		}
		ofFile, args := in(files)
		ofRun, args := in(runs, args...)
		ofLapse, args := in(lapses, args...)
		err := tx.Send(ctx, "DELETE FROM overdue WHERE file IN "+ofFile+" AND run IN "+ofRun+" AND lapse IN "+ofLapse, args...)
		if err != nil {
			return err
		}
	}
	return nil
}

// recorded are those of some lapses that a run has seen, so that a step is not asked of the database to settle what never lapsed;
// all of them where nothing is known of the run.
func recorded(st *protocol.State, run act.ID, lapses []string) []string {
	if st == nil || st.Run(run) == nil {
		return lapses
	}
	if len(lapses) == 0 {
		return nil
	}
	var out []string
	for _, lapse := range lapses {
		if st.Run(run).Event(lapse) != nil {
			out = append(out, lapse)
		}
	}
	return out
}

// met reports whether what lapsed asked for nothing when it was recorded.
func (s Store) met(st *protocol.State, at *act.Procedure) bool {
	p := s.Engine.Protocol(at.Protocol, at.Version)
	if st == nil || p == nil {
		return false
	}
	r := st.Run(at.ID)
	return r == nil || p.Answered(r, at.Step)
}
