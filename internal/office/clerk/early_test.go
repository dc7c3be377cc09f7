package clerk

import (
	"testing"

	"sanad/internal/archive/store"
)

// While a command has the transaction, with a savepoint perhaps, nothing of others is written into it.
func TestTurn(t *testing.T) {
	t.Parallel()
	tx := &store.Tx{}
	at := turn{tx: tx}
	wrote := func() (did bool) {
		err := at.between(func(got *store.Tx) error {
			did = got == tx
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return did
	}
	if !wrote() {
		t.Error("nobody has it, and nothing was written")
	}
	for range 2 { // one command asks the database twice
		if at.take() != tx || wrote() {
			t.Error("a command has it, and something was written")
		}
	}
	at.leave()
	at.leave()
	if !wrote() {
		t.Error("the command left it, and nothing was written")
	}
}
