package console

import (
	"context"
	"slices"

	"sanad/internal/act"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

// rerun is a run that a commit put under another version of its protocol.
type rerun struct{ file, run act.ID }

// rerule notes a migration. It is no step: its file stays listed by the newest one.
func (c *change) rerule(a *clerk.Recorded) {
	v, _ := a.Facts.Get(protocol.FactRun)
	run, ok := v.ID()
	if r := (rerun{a.File, run}); ok && !slices.Contains(c.rerun, r) { // each of its threads tells of it
		c.rerun = append(c.rerun, r)
	}
}

// rejudge writes anew what the docket says of files with a run that was migrated: whether they are open, and what ran out unmet in
// that run, under the names and the rules it has now. It comes after everything else of the commit.
func (c *change) rejudge(ctx context.Context, tx clerk.Tx) error {
	if len(c.rerun) == 0 {
		return nil
	}
	files := make([]act.ID, len(c.rerun))
	for i := range c.rerun {
		files[i] = c.rerun[i].file
	}
	states, err := statesOf(ctx, tx, files)
	if err != nil {
		return err
	}
	rows := overdueTable.NewRows()
	for _, x := range c.rerun {
		_, err = tx.Exec(ctx, "DELETE FROM overdue WHERE file = ? AND run = ?", x.file[:], x.run[:])
		if err != nil {
			return err
		}
		st := states[x.file]
		if st == nil || st.Run(x.run) == nil {
			continue
		}
		open := flag(c.store.open(st))
		_, err = tx.Exec(ctx, "UPDATE docket SET open = ? WHERE file = ? AND open <> ?", open, x.file[:], open)
		if err != nil {
			return err
		}
		for _, ev := range c.store.Engine.Unmet(st.Run(x.run)) {
			audience := st.Threads[ev.Thread].Audience
			rows.Add(x.file[:], x.run[:], ev.Step, audience[:], int64(ev.Last))
		}
	}
	return tx.Insert(ctx, rows)
}
