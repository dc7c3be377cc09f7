package app

import (
	"testing"

	"sanad/internal/archive/store/storetest"
	"sanad/internal/office/clerk"
)

// On PostgreSQL the clerk waits for the server twice a commit, however many commands share it: when it locks the log's head, which
// goes out behind the beginning of the transaction, and for the commit, which goes out behind all rows.
func TestCommitWaitsTwice(t *testing.T) {
	t.Parallel()
	const clients, commits = 32, 5
	l := newLine(t, storetest.Postgres(t))
	d := newBenchDesk(t, randomHouse(t, t.TempDir(), l.url, running()), clients)
	d.open(t)
	for _, what := range []struct {
		name       string
		command    func(i int) clerk.Command
		statements int64
	}{
		// begin, the head, rows of docket, notice, outbox, act, hash, head, state and timer, commit
		{"notice", func(int) clerk.Command { return d.receiving() }, 11},
		// begin, the head, docket, notice, act, hash, head, state, commit
		{"assess", d.assessing, 9},
	} {
		for _, together := range []int{1, clients} {
			waits, statements := int64(1<<32), int64(1<<32)
			for range commits { // of which the first may prepare statements, and any may meet a connection that was idle for long
				var cmds []clerk.Command
				for i := range together {
					cmds = append(cmds, what.command(i))
				}
				w, s := l.waits.Load(), l.statements.Load()
				for i, r := range d.h.clerk.DoAll(t.Context(), cmds) {
					if r.Err == nil && r.Out.File == d.files[i].id {
						r.Err = d.saw(i, r.Out, nil)
					}
					if r.Err != nil {
						t.Fatal(r.Err)
					}
				}
				waits, statements = min(waits, l.waits.Load()-w), min(statements, l.statements.Load()-s)
			}
			if waits != 2 || statements > what.statements {
				t.Errorf("%s, %d together: %d waits and %d statements, want 2 and at most %d", what.name, together, waits, statements, what.statements)
			}
		}
	}
}
