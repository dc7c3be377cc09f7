package access

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"sanad/internal/act"
	"sanad/internal/archive/seal"
	"sanad/internal/archive/store"
)

func TestIntern(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, h *house) {
		ab := h.intern("b", "a", "b", Public)
		if len(ab.Compartments) != 2 || ab.ID.IsZero() {
			t.Fatalf("%v", ab)
		}
		if !slices.IsSortedFunc(ab.Compartments, compareIDs) {
			t.Fatal("compartments are not sorted")
		}
		pub := h.intern(Public, Public)
		if len(pub.Compartments) != 1 {
			t.Fatalf("%v", pub)
		}
		other := h.another(nil)
		h.write(func(tx *store.Tx) error {
			for _, b := range []*Book{h.book, other, h.book} {
				for _, codes := range [][]string{{"a", "b"}, {"b", "a"}, {Public, "a", "b"}} {
					again, fresh, err := b.Intern(t.Context(), tx, codes)
					if err != nil || fresh || again.ID != ab.ID || !slices.Equal(again.Compartments, ab.Compartments) {
						t.Fatalf("%v: %v %v %v", codes, again, fresh, err)
					}
				}
				again, err := b.Audience(t.Context(), tx, ab.ID)
				if err != nil || !slices.Equal(again.Compartments, ab.Compartments) {
					t.Fatalf("%v %v", again, err)
				}
				codes, err := b.Codes(t.Context(), tx, ab.Compartments)
				if err != nil || !slices.Equal(codes, []string{"a", "b"}) {
					t.Fatalf("%v %v", codes, err)
				}
			}
			if n := count(t.Context(), t, tx, "SELECT count(*) FROM audience"); n != 2 {
				t.Fatalf("%d audiences", n)
			}
			_, err := other.Audience(t.Context(), tx, idOf("nobody"))
			if !errors.Is(err, ErrUnknownAudience) {
				t.Fatal(err)
			}
			return nil
		})
		h.sound()
		if _, err := h.keeper.Take(t.Context(), ab, 1); err != nil {
			t.Fatalf("its compartments have no keys: %v", err)
		}
	})
}

// An empty audience is refused on every way there is.
func TestEmptyAudience(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, h *house) {
		h.intern("a")
		m := h.grant(idOf("m"), "a")
		h.read(func(tx *store.Tx) error {
			for _, codes := range [][]string{nil, {}} {
				aud, fresh, err := h.book.Intern(t.Context(), tx, codes)
				if !errors.Is(err, seal.ErrEmptyAudience) || fresh || !aud.ID.IsZero() {
					t.Errorf("%v: %v %v", codes, aud, err)
				}
			}
			for _, bad := range []string{"", " ", "a b", "nom accentué", strings.Repeat("a", 97)} {
				if _, _, err := h.book.Intern(t.Context(), tx, []string{bad}); err == nil {
					t.Errorf("%q became an audience", bad)
				}
			}
			return nil
		})
		empty := idOf("empty")
		for name, insert := range map[string]string{
			"size 0":      "INSERT INTO audience (id, name, size) VALUES (?, ?, 0)",
			"negative":    "INSERT INTO audience (id, name, size) VALUES (?, ?, -1)",
			"no size":     "INSERT INTO audience (id, name) VALUES (?, ?)",
			"size not an": "INSERT INTO audience (id, name, size) VALUES (?, ?, NULL)",
		} {
			err := h.db.Write(t.Context(), func(tx *store.Tx) error {
				_, err := tx.Exec(t.Context(), insert, empty[:], []byte("n"))
				return err
			})
			if err == nil || !strings.Contains(strings.ToLower(err.Error()), "constraint") {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := h.keeper.Take(t.Context(), seal.Audience{ID: empty}, 1); !errors.Is(err, seal.ErrEmptyAudience) {
			t.Errorf("seal: %v", err)
		}
		// A row that lies about its size: the database can't know, Cedar still says no, and the recheck finds it.
		h.write(func(tx *store.Tx) error {
			_, err := tx.Exec(t.Context(), "INSERT INTO audience (id, name, size) VALUES (?, ?, 1)", empty[:], []byte("n"))
			return err
		})
		if h.may(m.ID, empty) || h.book.Reads(empty, empty) {
			t.Error("an audience without compartments is read")
		}
		h.read(func(tx *store.Tx) error {
			yes, err := h.book.Allows(t.Context(), tx, m.ID, ToRead, empty, noon)
			if yes || !errors.Is(err, ErrUnknownAudience) {
				t.Errorf("%v %v", yes, err)
			}
			found, err := h.book.Recheck(t.Context(), tx)
			if !slices.Equal(found, []Mistake{{Audience: empty, What: BadAudience}}) {
				t.Errorf("%v", found)
			}
			return err
		})
	})
}

// What was rolled back must not be remembered, whatever happened around it.
func TestRollback(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		sets := [][]string{{Public}, {"a"}, {"a", "b"}}
		var lost []act.ID
		h.undone(func(tx *store.Tx) error {
			for range 3 { // the second and third time they are read, inside the transaction that will be undone
				for _, codes := range sets {
					aud, fresh, err := h.book.Intern(ctx, tx, codes)
					if err != nil {
						return err
					}
					if fresh {
						lost = append(lost, aud.ID)
					}
					_, err = h.book.Compartment(ctx, tx, codes[0])
					if err != nil {
						return err
					}
				}
			}
			return nil
		})
		if len(lost) != len(sets) {
			t.Fatalf("%d made, want %d", len(lost), len(sets))
		}
		h.undone(func(tx *store.Tx) error {
			_, fresh, err := h.book.Intern(ctx, tx, sets[2])
			if !fresh {
				t.Error("an audience that was rolled back is remembered")
			}
			return err
		})
		for _, codes := range sets {
			aud := h.intern(codes...)
			if slices.Contains(lost, aud.ID) {
				t.Fatalf("%v: an identifier came back", codes)
			}
			h.read(func(tx *store.Tx) error {
				if count(ctx, t, tx, "SELECT count(*) FROM audience WHERE id = ?", aud.ID[:]) != 1 {
					t.Errorf("%v: the book names an audience the database does not have", codes)
				}
				return nil
			})
		}
		h.sound()
		// And what was committed is remembered, once another transaction has read it.
		h.intern(sets[2]...)
		h.book.mu.RLock()
		defer h.book.mu.RUnlock()
		if len(h.book.audiences) == 0 || len(h.book.compartments) == 0 {
			t.Error("nothing is remembered: every act would ask the database")
		}
	})
}

// A savepoint that is undone inside a transaction that goes on.
func TestRollbackToSavepoint(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, h *house) {
		h.intern("a")
		var kept, undone seal.Audience
		h.write(func(tx *store.Tx) (err error) {
			_, err = tx.Exec(t.Context(), "SAVEPOINT here")
			must(t, err)
			undone, _, err = h.book.Intern(t.Context(), tx, []string{"a", "new"})
			must(t, err)
			_, err = tx.Exec(t.Context(), "ROLLBACK TO SAVEPOINT here")
			must(t, err)
			kept, _, err = h.book.Intern(t.Context(), tx, []string{"a", "new"})
			return err
		})
		again := h.intern("a", "new")
		if again.ID != kept.ID || again.ID == undone.ID {
			t.Fatalf("%v %v %v", undone, kept, again)
		}
		h.sound()
	})
}

// Several processes intern the same sets and grant mandates at once: one audience each, and no row of may missing.
func TestConcurrent(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, h *house) {
		sets := [][]string{{"a"}, {"a", "b"}, {"b", "c"}, {Public}, {"c"}, {"a", "b", "c", "d"}}
		const processes = 4
		got := make([][]act.ID, processes)
		var all sync.WaitGroup
		for p := range processes {
			b := h.another(nil)
			got[p] = make([]act.ID, len(sets))
			all.Go(func() {
				for i := range sets {
					at := (i + p) % len(sets)
					err := h.db.Write(context.WithoutCancel(t.Context()), func(tx *store.Tx) error {
						aud, _, err := b.Intern(t.Context(), tx, sets[at])
						got[p][at] = aud.ID
						if err != nil {
							return err
						}
						part, err := b.Compartment(t.Context(), tx, sets[at][0])
						if err != nil {
							return err
						}
						return b.Grant(t.Context(), tx, Mandate{
							ID: idOf("m", string(rune('a'+p)), string(rune('a'+at))), Person: idOf("p"), Role: "r", Institution: "i", Ends: 1,
							Compartments: []act.ID{part},
						})
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		for p := range processes {
			if !slices.Equal(got[p], got[0]) {
				t.Errorf("process %d interned other audiences", p)
			}
		}
		h.sound()
		h.read(func(tx *store.Tx) error {
			if n := count(t.Context(), t, tx, "SELECT count(*) FROM may"); n == 0 {
				t.Error("nobody reads anything")
			}
			return nil
		})
	})
}

func TestReads(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, h *house) {
		a, b, ab, pub := h.intern("a").ID, h.intern("b").ID, h.intern("a", "b").ID, h.intern(Public).ID
		check := func(book *Book) {
			t.Helper()
			for _, c := range []struct {
				have, want act.ID
				is         bool
			}{
				{a, a, true},
				{ab, a, true},
				{ab, b, true},
				{ab, ab, true},
				{a, ab, false},
				{a, b, false},
				{a, pub, true},
				{ab, pub, true},
				{pub, pub, true},
				{pub, a, false},
				{act.ID{}, pub, false},
				{a, act.ID{}, false},
				{act.ID{}, act.ID{}, false},
				{idOf("x"), pub, false},
				{a, idOf("x"), false},
			} {
				if got := book.Reads(c.have, c.want); got != c.is {
					t.Errorf("have %v want %v: %v", c.have, c.want, got)
				}
			}
		}
		check(h.book)
		cold := h.another(nil)
		if cold.Reads(ab, a) {
			t.Error("an audience that is not in memory is answered about")
		}
		h.read(func(tx *store.Tx) error { return cold.Known(t.Context(), tx, a, b, ab, pub, a) })
		check(cold)
		cold.Forget()
		check(cold)
		h.read(func(tx *store.Tx) error {
			if err := cold.Known(t.Context(), tx, idOf("x"), a); !errors.Is(err, ErrUnknownAudience) {
				t.Error(err)
			}
			return nil
		})
	})
}

// Who only looks makes nothing, and is told what readers of a set that nobody has interned could read.
func TestLookup(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, h *house) {
		a, pub := h.intern("a").ID, h.intern(Public).ID
		h.intern("b")
		for _, b := range []*Book{h.book, h.another(nil)} {
			h.read(func(tx *store.Tx) error { // a transaction in which making anything would fail
				look := func(codes ...string) act.ID {
					t.Helper()
					id, err := b.Lookup(t.Context(), tx, codes)
					must(t, err)
					return id
				}
				if look("a") != a || look(Public, "a") != a || look(Public) != pub {
					t.Error("what is there is not found")
				}
				ab, new := look("a", "b"), look("a", "new")
				if ab.IsZero() || new.IsZero() || ab == new || look("b", "a") != ab {
					t.Error("stand-ins are zero, or not one for a set")
				}
				if !b.Reads(ab, a) || !b.Reads(ab, pub) || !b.Reads(new, a) || !b.Reads(look("new"), pub) || b.Reads(a, ab) || b.Reads(new, ab) {
					t.Error("a stand-in reads something else than its audience would")
				}
				if n := count(t.Context(), t, tx, "SELECT count(*) FROM audience"); n != 3 {
					t.Errorf("%d audiences", n)
				}
				_, err := b.Lookup(t.Context(), tx, nil)
				if !errors.Is(err, seal.ErrEmptyAudience) {
					t.Error(err)
				}
				return nil
			})
		}
		h.read(func(tx *store.Tx) error {
			id, err := h.book.Lookup(t.Context(), tx, []string{"a", "b"})
			must(t, err)
			if id == h.intern("a", "b").ID {
				t.Error("a stand-in became an audience")
			}
			return nil
		})
	})
}
