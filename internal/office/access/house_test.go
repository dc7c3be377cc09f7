package access

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/archive/seal"
	"sanad/internal/archive/store"
	"sanad/internal/archive/store/storetest"
)

var noon = act.InstantOf(time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC))

// house is a database with its keys and one book on it.
type house struct {
	t      testing.TB
	db     *store.DB
	keys   string
	keeper *seal.Keeper
	book   *Book
}

// onBoth runs a test on SQLite and, where the gate gave one, on a PostgreSQL database of its own.
func onBoth(t *testing.T, f func(t *testing.T, h *house)) {
	t.Helper()
	storetest.OnBoth(t, func(t *testing.T, url string) { f(t, newHouse(t, url)) })
}

// books counts those opened by tests, for each draws other bytes.
var books atomic.Int64

func newHouse(t testing.TB, url string) *house {
	t.Helper()
	db := storetest.Open(t, url)
	h := &house{t: t, db: db, keys: t.TempDir()}
	var err error
	h.keeper, err = seal.Open(t.Context(), h.keys, nil, seeded(t.Name()))
	must(t, err)
	t.Cleanup(func() { must(t, h.keeper.Close()) })
	h.book = h.another(nil)
	return h
}

// another opens a second book on the same house, as another process would.
func (h *house) another(p *Policies) *Book {
	h.t.Helper()
	b, err := Open(h.keeper, p, seeded(fmt.Sprint(h.t.Name(), books.Add(1))))
	must(h.t, err)
	return b
}

func (h *house) write(f func(*store.Tx) error) {
	h.t.Helper()
	must(h.t, h.db.Write(h.t.Context(), f))
}

func (h *house) read(f func(*store.Tx) error) {
	h.t.Helper()
	must(h.t, h.db.Read(h.t.Context(), f))
}

var errUndo = errors.New("undo")

// undone runs f in a transaction that is rolled back.
func (h *house) undone(f func(*store.Tx) error) {
	h.t.Helper()
	err := h.db.Write(h.t.Context(), func(tx *store.Tx) error { return errors.Join(f(tx), errUndo) })
	if err == nil || err.Error() != errUndo.Error() {
		h.t.Fatal(err)
	}
}

func (h *house) intern(codes ...string) seal.Audience {
	h.t.Helper()
	var aud seal.Audience
	h.write(func(tx *store.Tx) (err error) {
		aud, _, err = h.book.Intern(h.t.Context(), tx, codes)
		return err
	})
	return aud
}

// grant grants a mandate that holds the compartments, for 2026.
func (h *house) grant(id act.ID, codes ...string) Mandate {
	h.t.Helper()
	m := Mandate{
		ID: id, Person: idOf("person of", id.String()), Role: "officer", Institution: "authority",
		Starts: act.InstantOf(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)), Ends: act.InstantOf(time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)),
	}
	h.write(func(tx *store.Tx) error {
		for _, c := range codes {
			part, err := h.book.Compartment(h.t.Context(), tx, c)
			if err != nil {
				return err
			}
			m.Compartments = append(m.Compartments, part)
		}
		return h.book.Grant(h.t.Context(), tx, m)
	})
	return m
}

func (h *house) may(mandate, audience act.ID) (yes bool) {
	h.t.Helper()
	h.read(func(tx *store.Tx) (err error) {
		yes, err = h.book.May(h.t.Context(), tx, mandate, audience)
		return err
	})
	return yes
}

// sound fails the test when the tables and Cedar disagree anywhere.
func (h *house) sound() {
	h.t.Helper()
	h.read(func(tx *store.Tx) error {
		found, err := h.book.Recheck(h.t.Context(), tx)
		if len(found) > 0 {
			h.t.Errorf("the tables are wrong: %v", found)
		}
		return err
	})
}

// count answers a query of one number.
func count(ctx context.Context, t testing.TB, tx Tx, query string, args ...any) (n int) {
	t.Helper()
	must(t, tx.QueryRow(ctx, query, args...).Scan(&n))
	return n
}

func idOf(words ...string) (id act.ID) {
	sum := sha256.Sum256([]byte(fmt.Sprint(words)))
	copy(id[:], sum[:])
	return id
}

// locked makes dice that several goroutines may roll.
type locked struct {
	mu sync.Mutex
	r  io.Reader
}

func (l *locked) Read(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.r.Read(p)
}

func seeded(seed string) io.Reader {
	return &locked{r: rand.NewChaCha8(sha256.Sum256([]byte(seed)))}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
