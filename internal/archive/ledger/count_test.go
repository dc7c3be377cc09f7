package ledger

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"

	"sanad/internal/archive/store"
	"sanad/internal/archive/store/storetest"
)

// What bench/ measures in time is counted here, where it can be asked at every change: a count doesn't depend on the
// machine or on who else uses it.

// A commit writes one row of hashes however many acts it has, and one row an act.
func TestOneHashRowACommit(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, db *store.DB) {
		signer, _ := keys(t, 1)
		newAuthor(1).commit(t, db, signer, sizes()...)
		var got [3]int64
		err := db.Read(t.Context(), func(tx *store.Tx) error {
			return tx.QueryRow(t.Context(), "SELECT (SELECT count(*) FROM hash), (SELECT count(*) FROM act), (SELECT sum(length(hashes)) / 32 FROM hash)").Scan(&got[0], &got[1], &got[2])
		})
		want := [3]int64{int64(len(sizes())), 40, 78} // a tree of 40 leaves has 40 + 20 + 10 + 5 + 2 + 1 hashes that are final
		if err != nil || got != want {
			t.Fatalf("%v, want %v, %v", got, want, err)
		}
	})
}

// entries makes n acts of an author who writes nothing down.
func entries(t testing.TB, n int) []*Entry {
	t.Helper()
	a := newAuthor(1)
	head := &Head{Origin: origin}
	batch := NewBatch(head)
	list := make([]*Entry, 0, n)
	a.keep = func(e *Entry) { list = append(list, e) }
	for range n {
		err := a.write(head, batch)
		if err != nil {
			t.Fatal(err)
		}
	}
	return list
}

// Adding an act to a batch allocates a bounded number of times, whatever the length of the log.
func TestAllocationsOfAdd(t *testing.T) {
	list := entries(t, 40)
	for _, before := range []int{0, 10_000} {
		head := &Head{Origin: origin}
		var leaf [32]byte
		for range before {
			head.Edge.Append(leaf, nil)
		}
		batch := NewBatch(head)
		next := 0
		got := testing.AllocsPerRun(400, func() {
			batch.Add(list[next%len(list)])
			next++
		})
		const most = 20 // the row's values, HMAC's state; slices that grow are rare by then
		if got > most {
			t.Errorf("after %d acts: %.0f allocations to add one, at most %d", before, got, most)
		}
	}
}

// Callers who wait while a commit is under way share the next one, all of them.
func TestWaitingCallersShareOneCommit(t *testing.T) {
	t.Parallel()
	list := entries(t, 40)
	synctest.Test(t, func(t *testing.T) {
		head := &Head{Origin: origin}
		var commits []int
		underWay := make(chan struct{})
		group := store.NewGroup(64, func(in []*Entry) []store.Result[int64] {
			if len(commits) == 0 {
				<-underWay
			}
			batch := NewBatch(head)
			out := make([]store.Result[int64], len(in))
			for i, e := range in {
				out[i].Out, _ = batch.Add(e)
			}
			commits = append(commits, batch.Len())
			return out
		})
		var callers sync.WaitGroup
		ask := func(e *Entry) {
			_, err := group.Do(t.Context(), e)
			if err != nil {
				t.Error(err)
			}
		}
		callers.Go(func() { ask(list[0]) })
		synctest.Wait() // the first is being committed
		for i := range 32 {
			callers.Go(func() { ask(list[1+i]) })
		}
		synctest.Wait() // the others wait
		close(underWay)
		callers.Wait()
		group.Close()
		if len(commits) != 2 || commits[0] != 1 || commits[1] != 32 {
			t.Errorf("commits of %v acts", commits)
		}
	})
}

// A commit on SQLite writes the pages of its rows and few more. An index over random names would show here: it dirties a
// page of its own for nearly every act.
func TestPagesACommit(t *testing.T) {
	t.Parallel()
	path := filepath.Join(memoryDir(t), "sanad.db")
	db := storetest.Open(t, path)
	signer, _ := keys(t, 1)
	a := newAuthor(1)
	a.commit(t, db, signer, 3000)
	before := walBytes(t, path)
	a.commit(t, db, signer, 32)
	const frame = 4096 + 24
	pages := (walBytes(t, path) - before) / frame
	// Three or four rows fill a page; then hashes, head, checkpoint, and the pages above them.
	if pages < 8 || pages > 24 {
		t.Errorf("a commit of 32 acts wrote %d pages", pages)
	}
}

func walBytes(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path + "-wal")
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}
