package access

import (
	"strings"
	"testing"

	"sanad/internal/act"
	"sanad/internal/archive/store"
)

// Where other policies come, who reads what is decided anew, once, and whatever a row said before.
func TestSettle(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, h *house) {
		officer, visitor := idOf("officer"), idOf("visitor")
		h.grant(officer, "a")
		h.grant(visitor)
		aud := h.intern("a")
		settle := func(p *Policies) (mended int) {
			t.Helper()
			b := h.another(p)
			h.write(func(tx *store.Tx) (err error) {
				mended, err = b.Settle(t.Context(), tx)
				return err
			})
			return mended
		}
		spoil := func() {
			t.Helper()
			h.write(func(tx *store.Tx) error {
				_, err := tx.Exec(t.Context(), "DELETE FROM may WHERE mandate = ? AND audience = ?", officer[:], aud.ID[:])
				if err == nil {
					_, err = tx.Exec(t.Context(), "INSERT INTO may (mandate, audience) VALUES (?, ?)", visitor[:], aud.ID[:])
				}
				return err
			})
			if h.may(officer, aud.ID) || !h.may(visitor, aud.ID) {
				t.Fatal("nothing was spoiled")
			}
		}
		if n := settle(nil); n != 0 {
			t.Fatalf("%d rows of a sound table were mended", n)
		}
		for i, p := range []*Policies{of(t, `@id("x") permit (principal in Role::"officer", action == Action::"open", resource);`), nil} {
			spoil()
			if n := settle(p); n != 2 || !h.may(officer, aud.ID) || h.may(visitor, aud.ID) {
				t.Fatalf("policies %d: %d rows mended", i, n)
			}
			h.sound()
			if n := settle(p); n != 0 {
				t.Fatalf("policies %d: %d rows mended again", i, n)
			}
		}
	})
}

// On an empty log there is nothing to decide, and nothing is made.
func TestSettleMakesNothing(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, h *house) {
		h.write(func(tx *store.Tx) error {
			_, err := h.book.Settle(t.Context(), tx)
			if n := count(t.Context(), t, tx, "SELECT count(*) FROM compartment"); n != 0 {
				t.Errorf("%d compartments were made", n)
			}
			return err
		})
	})
}

// An audience that lost a compartment would have more readers: nothing is decided about it.
func TestSettleRefusesSpoiltAudiences(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, h *house) {
		reader := idOf("reader")
		h.grant(reader, "a")
		aud := h.intern("a", "b")
		h.write(func(tx *store.Tx) error {
			b, err := h.book.Compartment(t.Context(), tx, "b")
			if err == nil {
				_, err = tx.Exec(t.Context(), "DELETE FROM audience_part WHERE audience = ? AND compartment = ?", aud.ID[:], b[:])
			}
			return err
		})
		err := h.db.Write(t.Context(), func(tx *store.Tx) error {
			_, err := h.another(nil).Settle(t.Context(), tx)
			return err
		})
		if err == nil || !strings.Contains(err.Error(), BadAudience) {
			t.Fatal(err)
		}
		h.read(func(tx *store.Tx) error {
			if n := count(t.Context(), t, tx, "SELECT count(*) FROM policies"); n != 0 {
				t.Error("they count as applied")
			}
			return nil
		})
		if h.may(reader, aud.ID) {
			t.Error("it is read with less")
		}
	})
}

// What was made under one set of policies and asked under another follows the other at once: who opens is in no table.
func TestPoliciesAreAskedAnew(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, h *house) {
		officer := idOf("officer")
		m := h.grant(officer, "a")
		aud := h.intern("a")
		may := func(b *Book, do Action, at act.Instant) (yes bool) {
			t.Helper()
			h.read(func(tx *store.Tx) (err error) {
				yes, err = b.Allows(t.Context(), tx, officer, do, aud.ID, at)
				return err
			})
			return yes
		}
		open := h.another(of(t, `@id("x") permit (principal in Role::"officer", action == Action::"open", resource)
			when { resource.compartments.contains(Compartment::"a") };`))
		for name, c := range map[string]struct {
			b    *Book
			do   Action
			at   act.Instant
			want bool
		}{
			"permitted":        {open, ToOpen, noon, true},
			"another act":      {open, ToExport, noon, false},
			"no permit":        {h.book, ToOpen, noon, false},
			"reading":          {h.book, ToRead, noon, true},
			"before its start": {open, ToOpen, m.Starts - 1, false},
			"at its end":       {open, ToOpen, m.Ends, false},
		} {
			if got := may(c.b, c.do, c.at); got != c.want {
				t.Errorf("%s: %v", name, got)
			}
		}
		h.write(func(tx *store.Tx) error { return h.book.End(t.Context(), tx, officer, noon) })
		for _, do := range []Action{ToRead, ToOpen} {
			if may(open, do, noon-1) {
				t.Errorf("a mandate that was ended may %s", do)
			}
		}
	})
}
