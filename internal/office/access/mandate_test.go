package access

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sanad/internal/act"
	"sanad/internal/archive/store"
)

func TestGrantAndEnd(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, h *house) {
		before := h.intern("a", "b")
		m := h.grant(idOf("m"), "a", "b", "b")
		n := h.grant(idOf("n"))
		after, pub, c := h.intern("b"), h.intern(Public), h.intern("a", "c")
		for _, w := range []struct {
			who, what act.ID
			want      bool
		}{
			{m.ID, before.ID, true},
			{m.ID, after.ID, true},
			{m.ID, pub.ID, true},
			{m.ID, c.ID, false},
			{n.ID, before.ID, false},
			{n.ID, after.ID, false},
			{n.ID, pub.ID, true},
			{m.ID, idOf("x"), false},
			{idOf("x"), pub.ID, false},
			{act.ID{}, pub.ID, false},
		} {
			if got := h.may(w.who, w.what); got != w.want {
				t.Errorf("%v %v: %v", w.who, w.what, got)
			}
		}
		h.sound()
		h.read(func(tx *store.Tx) error {
			got, err := h.book.Mandate(t.Context(), tx, m.ID)
			must(t, err)
			if len(got.Compartments) != 3 || got.Role != m.Role || got.Person != m.Person || got.Starts != m.Starts || got.Ends != m.Ends {
				t.Errorf("%+v", got)
			}
			if !got.InForce(noon) || !got.InForce(m.Starts) || got.InForce(m.Starts-1) || got.InForce(m.Ends) {
				t.Error("its term is wrong")
			}
			for at, want := range map[act.Instant]bool{noon: true, m.Starts - 1: false, m.Ends: false} {
				yes, err := h.book.Allows(t.Context(), tx, m.ID, ToRead, before.ID, at)
				if err != nil || yes != want {
					t.Errorf("%v: %v %v", at, yes, err)
				}
			}
			_, err = h.book.Mandate(t.Context(), tx, idOf("x"))
			if !errors.Is(err, ErrUnknownMandate) {
				t.Error(err)
			}
			return nil
		})

		h.write(func(tx *store.Tx) error {
			_, err := h.book.Invite(t.Context(), tx, m.ID, noon)
			must(t, err)
			_, err = h.book.OpenSession(t.Context(), tx, m.ID, noon)
			must(t, err)
			must(t, h.book.End(t.Context(), tx, m.ID, noon))
			for _, table := range []string{"may", "invite", "session", "mandate_part"} {
				if left := count(t.Context(), t, tx, "SELECT count(*) FROM "+table+" WHERE mandate = ?", m.ID[:]); left != 0 {
					t.Errorf("%s keeps %d rows of an ended mandate", table, left)
				}
			}
			return nil
		})
		later := h.intern("b", "a", "d")
		free := h.intern("b", "d")
		for _, aud := range []act.ID{before.ID, after.ID, pub.ID, later.ID, free.ID} {
			if h.may(m.ID, aud) {
				t.Error("an ended mandate reads")
			}
		}
		if !h.may(n.ID, pub.ID) {
			t.Error("another mandate was ended too")
		}
		h.sound()
		h.write(func(tx *store.Tx) error {
			got, err := h.book.Mandate(t.Context(), tx, m.ID)
			must(t, err)
			if got.Ends != noon || got.InForce(noon-1) {
				t.Errorf("%+v", got)
			}
			must(t, h.book.End(t.Context(), tx, m.ID, noon+1)) // again, and later: nothing changes
			got, err = h.book.Mandate(t.Context(), tx, m.ID)
			if err != nil || got.Ends != noon {
				t.Errorf("%+v %v", got, err)
			}
			if err := h.book.End(t.Context(), tx, idOf("x"), noon); !errors.Is(err, ErrUnknownMandate) {
				t.Error(err)
			}
			if _, err := h.book.Invite(t.Context(), tx, m.ID, noon); !errors.Is(err, ErrUnknownMandate) {
				t.Errorf("an ended mandate is invited: %v", err)
			}
			return nil
		})
	})
}

func TestGrantRefuses(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, h *house) {
		good := h.grant(idOf("m"), "a")
		for name, c := range map[string]struct {
			spoil func(*Mandate)
			says  string
		}{
			"twice":                {func(m *Mandate) {}, "granted already"},
			"no id":                {func(m *Mandate) { m.ID = act.ID{} }, "identifier"},
			"no person":            {func(m *Mandate) { m.Person = act.ID{} }, "person"},
			"ends before it began": {func(m *Mandate) { m.Ends = m.Starts - 1 }, "after it starts"},
			"ends as it starts":    {func(m *Mandate) { m.Ends = m.Starts }, "after it starts"},
			"a role in words":      {func(m *Mandate) { m.Role = "chef du bureau" }, "codes"},
			"no institution":       {func(m *Mandate) { m.Institution = "" }, "codes"},
			"a seat in words":      {func(m *Mandate) { m.Seat = "la première" }, "codes"},
			"unknown compartment": {func(m *Mandate) {
				m.ID, m.Compartments = idOf("other"), []act.ID{idOf("nowhere")}
			}, ErrUnknownCompartment.Error()},
		} {
			m := good
			m.Compartments = slices.Clone(good.Compartments)
			c.spoil(&m)
			err := h.db.Write(t.Context(), func(tx *store.Tx) error { return h.book.Grant(t.Context(), tx, m) })
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s: %v", name, err)
			}
		}
		h.sound()
	})
}

// A row too many shows a secret, one too few hides work: the recheck finds both.
func TestRecheckFinds(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, h *house) {
		a, b := h.intern("a"), h.intern("b")
		m := h.grant(idOf("m"), "a")
		h.sound()
		h.write(func(tx *store.Tx) error {
			_, err := tx.Exec(t.Context(), "UPDATE may SET audience = ? WHERE mandate = ? AND audience = ?", b.ID[:], m.ID[:], a.ID[:])
			return err
		})
		want := []Mistake{{m.ID, b.ID, RowTooMuch}, {m.ID, a.ID, RowMissing}}
		h.read(func(tx *store.Tx) error {
			found, err := h.book.Recheck(t.Context(), tx)
			slices.SortFunc(found, func(x, y Mistake) int { return strings.Compare(x.What, y.What) })
			if !slices.Equal(found, want) {
				t.Errorf("%v", found)
			}
			return err
		})
		// A compartment moved from one audience to another: the hash tells.
		h.write(func(tx *store.Tx) error {
			_, err := tx.Exec(t.Context(), "UPDATE audience_part SET compartment = ? WHERE audience = ?", a.Compartments[0][:], b.ID[:])
			return err
		})
		h.read(func(tx *store.Tx) error {
			found, err := h.book.Recheck(t.Context(), tx)
			if !slices.Contains(found, Mistake{Audience: b.ID, What: BadAudience}) {
				t.Errorf("%v", found)
			}
			return err
		})
	})
}

// For any mandates and audiences, made in any order, a list that joins `may` shows exactly the objects that Cedar,
// asked about each, and a naive model, let its reader open. Every scenario is rolled back, and the book goes on.
func TestListIsObject(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, h *house) {
		codes := []string{Public, "a", "b", "c", "d"}
		h.intern(codes...) // compartments exist from here on; audiences come and go
		pairs, yeses := 0, 0
		rapid.Check(t, func(rt *rapid.T) {
			s := &scenario{h: h, rt: rt, held: map[act.ID][]string{}, ended: map[act.ID]bool{}, audiences: map[act.ID][]string{}}
			steps := rapid.SliceOfN(rapid.SampledFrom([]string{"intern", "intern", "grant", "end"}), 1, 24).Draw(rt, "steps")
			h.undone(func(tx *store.Tx) error {
				for _, what := range steps {
					some := rapid.SliceOfNDistinct(rapid.SampledFrom(codes), 1, len(codes), rapid.ID[string]).Draw(rt, "codes")
					err := s.step(tx, what, some)
					if err != nil {
						return err
					}
				}
				all, yes := s.compare(tx)
				pairs, yeses = pairs+all, yeses+yes
				found, err := h.book.Recheck(t.Context(), tx)
				if len(found) > 0 {
					rt.Errorf("recheck: %v", found)
				}
				return err
			})
		})
		t.Logf("%d pairs compared, %d of them read", pairs, yeses)
		least := 20
		if testing.Short() { // a fifth of the runs
			least = 4
		}
		if yeses < least || pairs-yeses < least {
			t.Errorf("%d of %d pairs read: hardly anything was compared", yeses, pairs)
		}
		h.sound()
	})
}

// scenario is a naive model of who reads what, beside the tables.
type scenario struct {
	h         *house
	rt        *rapid.T
	order     []act.ID
	held      map[act.ID][]string
	ended     map[act.ID]bool
	audiences map[act.ID][]string
}

func (s *scenario) step(tx *store.Tx, what string, some []string) error {
	ctx, book := s.h.t.Context(), s.h.book
	switch {
	case what == "intern":
		aud, _, err := book.Intern(ctx, tx, some)
		s.audiences[aud.ID] = some
		return err
	case what == "grant":
		m := Mandate{ID: idOf("mandate", fmt.Sprint(len(s.order))), Person: idOf("p"), Role: "r", Institution: "i", Ends: noon + 1}
		for _, c := range some {
			part, err := book.Compartment(ctx, tx, c)
			if err != nil {
				return err
			}
			m.Compartments = append(m.Compartments, part)
		}
		s.order, s.held[m.ID] = append(s.order, m.ID), append([]string{Public}, some...)
		return book.Grant(ctx, tx, m)
	case len(s.order) > 0:
		one := rapid.SampledFrom(s.order).Draw(s.rt, "ended")
		s.ended[one] = true
		return book.End(ctx, tx, one, noon+1)
	default:
		return nil
	}
}

func (s *scenario) compare(tx *store.Tx) (pairs, yeses int) {
	ctx, t := s.h.t.Context(), s.h.t
	for m, has := range s.held {
		listed := map[act.ID]bool{}
		rows, err := tx.Query(ctx, "SELECT m.mandate, a.id FROM audience a JOIN may m ON m.audience = a.id WHERE m.mandate = ?", m[:])
		must(t, err)
		must(t, groups(rows, func(_ act.ID, ids []act.ID) error {
			for _, id := range ids {
				listed[id] = true
			}
			return nil
		}))
		for aud, needs := range s.audiences {
			object, err := s.h.book.Allows(ctx, tx, m, ToRead, aud, noon)
			must(t, err)
			needed := func(c string) bool { return c != Public && !slices.Contains(has, c) }
			model := !s.ended[m] && !slices.ContainsFunc(needs, needed)
			if listed[aud] != object || object != model {
				s.rt.Errorf("mandate of %v, audience of %v: list %v, object %v, model %v", has, needs, listed[aud], object, model)
			}
			pairs++
			if model {
				yeses++
			}
		}
	}
	return pairs, yeses
}
