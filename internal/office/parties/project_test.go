package parties

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"sanad/internal/act"
	"sanad/internal/archive/seal"
	"sanad/internal/archive/store"
	"sanad/internal/archive/store/storetest"
	"sanad/internal/office/access"
	"sanad/internal/office/clerk"
)

// house is a database with its keys and its book.
type house struct {
	t    *testing.T
	db   *store.DB
	book *access.Book
}

// onBoth runs a test on SQLite and, where the gate gave one, on a PostgreSQL database of its own.
func onBoth(t *testing.T, f func(h *house)) {
	t.Helper()
	storetest.OnBoth(t, func(t *testing.T, url string) { f(newHouse(t, url)) })
}

func newHouse(t *testing.T, url string) *house {
	t.Helper()
	db := storetest.Open(t, url)
	random := &locked{r: rand.NewChaCha8(sha256.Sum256([]byte(t.Name())))}
	keeper, err := seal.Open(t.Context(), t.TempDir(), nil, random)
	must(t, err)
	t.Cleanup(func() { must(t, keeper.Close()) })
	book, err := access.Open(keeper, nil, random)
	must(t, err)
	return &house{t, db, book}
}

type locked struct {
	mu sync.Mutex
	r  io.Reader
}

func (l *locked) Read(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.r.Read(p)
}

func (h *house) write(f func(*store.Tx) error) {
	h.t.Helper()
	must(h.t, h.db.Write(h.t.Context(), f))
}

func (h *house) project(acts ...*act.Envelope) error {
	var recorded []clerk.Recorded
	for i, e := range acts {
		recorded = append(recorded, clerk.Recorded{Seq: int64(i), Envelope: e})
	}
	return h.db.Write(h.t.Context(), func(tx *store.Tx) error { return Projector{h.book}.Project(h.t.Context(), tx, recorded) })
}

func TestProject(t *testing.T) {
	t.Parallel()
	onBoth(t, func(h *house) {
		t, ctx := h.t, h.t.Context()
		const planted = "canary-case-of-the-olives"
		s := seat()
		var before seal.Audience
		h.write(func(tx *store.Tx) (err error) {
			s.Walled[0], err = h.book.Compartment(ctx, tx, planted)
			must(t, err)
			before, _, err = h.book.Intern(ctx, tx, []string{planted, "child"})
			return err
		})
		f := newFile(t, "mandate")
		granted, err := f.do(GrantSeat(s))
		must(t, err)
		person, err := newFile(t, "person").do(Enroll(Person{"Mona Exemple"})) // of no concern to who reads what
		must(t, err)
		must(t, h.project(person, granted))
		may := func(want bool, codes ...string) {
			t.Helper()
			h.write(func(tx *store.Tx) error {
				aud, _, err := h.book.Intern(ctx, tx, codes)
				must(t, err)
				got, err := h.book.May(ctx, tx, f.id, aud.ID)
				if err == nil && got != want {
					t.Errorf("%v: %v", codes, got)
				}
				found, rerr := h.book.Recheck(ctx, tx)
				if len(found) > 0 {
					t.Errorf("%v", found)
				}
				return errors.Join(err, rerr)
			})
		}
		may(true, planted, "child")
		may(true, planted, "handling")
		may(true, access.Public)
		may(false, "bank")
		h.write(func(tx *store.Tx) error {
			m, err := h.book.Mandate(ctx, tx, f.id)
			must(t, err)
			want := access.Mandate{ID: f.id, Person: mona, Role: "officer", Institution: "office", Seat: "officer-1", Starts: noon, Ends: later, Compartments: m.Compartments}
			if fmt.Sprint(m) != fmt.Sprint(want) || len(m.Compartments) != 4 {
				t.Errorf("%+v", m)
			}
			return nil
		})
		if h.db.Path() != "" {
			files, err := filepath.Glob(h.db.Path() + "*")
			must(t, err)
			for _, name := range files {
				b, err := os.ReadFile(name)
				must(t, err)
				if bytes.Contains(b, []byte(planted)) {
					t.Errorf("%s holds the name of a compartment", filepath.Base(name))
				}
			}
		}

		ended, err := f.do(EndMandate(f.id, 1))
		must(t, err)
		must(t, h.project(ended))
		may(false, planted, "child")
		may(false, access.Public)
		h.write(func(tx *store.Tx) error {
			m, err := h.book.Mandate(ctx, tx, f.id)
			if err != nil || m.Ends != ended.Effective || m.InForce(noon) {
				t.Errorf("%+v %v", m, err)
			}
			if got, err := h.book.May(ctx, tx, f.id, before.ID); got || err != nil {
				t.Errorf("%v %v", got, err)
			}
			return nil
		})

		// Who may read what can be built again from the envelopes.
		h.write(func(tx *store.Tx) error {
			for _, table := range []string{"may", "mandate_part", "mandate"} {
				_, err := tx.Exec(ctx, "DELETE FROM "+table)
				must(t, err)
			}
			return nil
		})
		must(t, h.project(granted))
		may(true, planted, "child")
		must(t, h.project(ended))
		may(false, planted, "child")
	})
}

// A grant that access refuses takes the commit with it, rather than leave log and table apart.
func TestProjectRefuses(t *testing.T) {
	t.Parallel()
	onBoth(t, func(h *house) {
		s := seat()
		s.Walled = []act.ID{idOf("nowhere")}
		e, err := newFile(h.t, "m").do(GrantSeat(s))
		must(h.t, err)
		err = h.project(e)
		if !errors.Is(err, access.ErrUnknownCompartment) {
			h.t.Errorf("%v", err)
		}
		h.write(func(tx *store.Tx) error {
			_, err := h.book.Mandate(h.t.Context(), tx, e.File)
			if !errors.Is(err, access.ErrUnknownMandate) {
				h.t.Errorf("%v", err)
			}
			return nil
		})
	})
}
