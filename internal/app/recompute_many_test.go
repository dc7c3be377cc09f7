package app

import (
	"context"
	"encoding/binary"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/archive/store"
	"sanad/internal/archive/store/storetest"
	"sanad/internal/office/clerk"
)

// many is more files than are read at a time.
const many = 1024 + 100

// receiveMany opens files in which a clock runs.
func receiveMany(t testing.TB, h *house, n int) {
	t.Helper()
	for done := 0; done < n; {
		cmds := make([]clerk.Command, min(1024, n-done))
		for i := range cmds {
			cmds[i] = newNotice(h, 0)
			binary.BigEndian.PutUint64(cmds[i].Act.Commits[0].Sum[:], uint64(done+i+1))
		}
		for _, r := range h.clerk.DoAll(t.Context(), cmds) {
			if r.Err != nil {
				t.Fatal(r.Err)
			}
		}
		done += len(cmds)
	}
}

// asTheLogSays fails where the log is not sound, or where what follows from it is not what a rebuild makes of it.
func asTheLogSays(t *testing.T, h *house) {
	t.Helper()
	h.sound(t)
	again, err := h.rebuild(t.Context(), true)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range again {
		if r.New+r.Gone > 0 {
			t.Errorf("a rebuild changes %s: %+v", r.Table, r)
		}
	}
}

// recomputed counts the files and the acts that say when a clock is due now.
func recomputed(t *testing.T, h *house) (files, acts int) {
	t.Helper()
	err := h.db.Read(t.Context(), func(tx *store.Tx) error {
		return tx.QueryRow(t.Context(), "SELECT COUNT(DISTINCT file), COUNT(*) FROM act WHERE kind = ?", act.DeadlineRecomputed).Scan(&files, &acts)
	})
	if err != nil {
		t.Fatal(err)
	}
	return files, acts
}

// Many files are written a batch at a time, each in one commit. Cut short between two, the work is taken up where it was left; each
// deadline is recorded once, and the same seed gives the same log.
func TestManyDeadlinesMove(t *testing.T) {
	t.Parallel()
	twice := func(t *testing.T, url func() string) {
		var logs []string
		for range 2 {
			logs = append(logs, moveMany(t, url()))
		}
		if logs[0] != logs[1] {
			t.Errorf("the same seed gives another log:\n%s\n%s", logs[0], logs[1])
		}
	}
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		twice(t, func() string { return "" })
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		twice(t, func() string { return storetest.Postgres(t) })
	})
}

// moveMany has many deadlines move and returns the log's checkpoint.
func moveMany(t *testing.T, url string) string {
	t.Helper()
	c := newClock()
	folder := t.TempDir()
	receiveMany(t, testHouse(t, folder, url, c), many)
	ctx, cut := context.WithCancel(t.Context())
	defer cut()
	var commits atomic.Int64
	counted := func() time.Time { // a commit asks once
		if commits.Add(1) == 1 {
			cut()
		}
		return c.now()
	}
	legal := c.now
	h := built(t, plan{
		folder: folder, url: url, pack: otherCalendar(t, "2", c.now().AddDate(0, 0, 1).Format(time.DateOnly)),
		legal: func() time.Time { return legal() }, process: c.now, dice: newSeeded("other"), log: testLog(t),
	})
	legal = counted
	for i, want := range []int{1024, many - 1024, 0} {
		n, err := h.clerk.Recompute(ctx)
		if n != want || (err != nil) != (i == 0) {
			t.Fatalf("the %d. time %d moved, want %d; %v", i+1, n, want, err)
		}
		ctx = t.Context()
	}
	files, acts := recomputed(t, h)
	if files != many || acts != many || commits.Load() != 2 {
		t.Fatalf("%d files have %d acts, made in %d commits", files, acts, commits.Load())
	}
	asTheLogSays(t, h)
	cp := h.checkpoint(t)
	return fmt.Sprintf("%d %s", cp.Size, cp.Note)
}

// Where the database refuses what moved in one file, the others of its batch are recorded and the error is told.
func TestOneFileThatCannotMove(t *testing.T) {
	t.Parallel()
	const open = 20
	c := newClock()
	folder := t.TempDir()
	h := testHouse(t, folder, "", c)
	receiveMany(t, h, open)
	one := under(t, folder, "", otherCalendar(t, "2", c.now().AddDate(0, 0, 1).Format(time.DateOnly)), c)
	err := one.db.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(t.Context(), "CREATE TRIGGER refused BEFORE INSERT ON act WHEN NEW.file = (SELECT file FROM timer ORDER BY file LIMIT 1 OFFSET 7) BEGIN SELECT RAISE(ABORT, 'refused'); END")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	n, err := one.clerk.Recompute(t.Context())
	files, acts := recomputed(t, one)
	if err == nil || n != open-1 || files != open-1 || acts != open-1 {
		t.Fatalf("%d moved, %d files have %d acts, %v", n, files, acts, err)
	}
	err = one.db.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(t.Context(), "DROP TRIGGER refused")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	n, err = one.clerk.Recompute(t.Context())
	if err != nil || n != 1 {
		t.Fatalf("%d moved, %v", n, err)
	}
	asTheLogSays(t, one)
}
