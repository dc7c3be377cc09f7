package console_test

import (
	"strconv"
	"strings"
	"testing"

	"sanad/internal/archive/store"
	"sanad/internal/archive/store/storetest"
)

// transactions are how many a page reads in. PostgreSQL numbers those of a connection one after the other, read or written, and
// one page after the other asks over one connection: the difference of two numbers counts what lay between.
func (h *house) transactions(f func()) int {
	h.t.Helper()
	number := func() (connection string, n int) {
		var text string
		must(h.t, h.db.Read(h.t.Context(), func(tx *store.Tx) error {
			return tx.QueryRow(h.t.Context(), "SELECT virtualtransaction FROM pg_locks WHERE pid = pg_backend_pid() LIMIT 1").Scan(&text)
		}))
		connection, last, _ := strings.Cut(text, "/")
		n, err := strconv.Atoi(last)
		must(h.t, err)
		return connection, n
	}
	one, before := number()
	f()
	same, after := number()
	if one != same {
		h.t.Fatalf("asked over connections %s and %s: what lay between is not counted", one, same)
	}
	return after - before - 1
}

// However many acts, drafts and steps a file has, its page reads in the same few transactions.
func TestPageReadsInFewTransactions(t *testing.T) {
	t.Parallel()
	h := newHouseOn(t, storetest.Postgres(t))
	h.enter("officer")
	h.enter("head")
	file := h.receive("yes", "What a parent wrote.")
	address := "/file/" + file.String()
	read := func(who, address string) int {
		h.ask(who, "GET", address, "") // what is learned once about access is not counted
		return h.transactions(func() {
			got := h.ask(who, "GET", address, "")
			if got.status != 200 {
				t.Fatalf("%s: %d", address, got.status)
			}
		})
	}
	few := read("officer", address)
	h.perform("officer", file, "acknowledge")
	for range 40 {
		h.perform("officer", file, "assess", "fact.aim", "minors", "fact.reasons", "yes", "body", "What was seen.")
	}
	h.perform("officer", file, "invite", "body", "You may say what you think of this.")
	many := read("officer", address)
	h.openCase("yes", file.String())
	h.openCase("yes", "")
	more := read("officer", address)
	t.Logf("transactions of a file's page: %d with one act, %d with forty, %d with cases to choose from", few, many, more)
	const most = 6 // who asks, the file, what is opened, the cases to choose from and their names, who did what
	if few > most || many > most || more > most {
		t.Errorf("a file's page reads in %d transactions with one act, %d with forty, %d with cases to choose from; at most %d", few, many, more, most)
	}
	queue := read("officer", "/queue")
	if queue > 3 { // who asks, the queue, the names of platforms
		t.Errorf("the queue reads in %d transactions", queue)
	}
}
