package ledger

import (
	"errors"
	"testing"

	"sanad/internal/archive/store"
	"sanad/internal/archive/store/storetest"
)

// A server whose settings change while it runs is noticed at the next commit, and by whoever asks how the head stands.
func TestLossySince(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.Postgres(t))
	err := db.Write(t.Context(), func(tx *store.Tx) error { return Found(t.Context(), tx, origin) })
	if err != nil {
		t.Fatal(err)
	}
	for _, mode := range []string{"on", "off"} {
		err := db.Write(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(t.Context(), "SET LOCAL synchronous_commit = "+mode)
			if err != nil {
				return err
			}
			_, read := ReadHead(t.Context(), tx)
			_, lock := Lock(t.Context(), tx)
			if bad := mode == "off"; errors.Is(read, store.ErrNotDurable) != bad || errors.Is(lock, store.ErrNotDurable) != bad {
				t.Errorf("synchronous_commit %s: read %v, locked %v", mode, read, lock)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
