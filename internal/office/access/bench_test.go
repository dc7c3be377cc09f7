package access

import (
	"errors"
	"fmt"
	"testing"

	"sanad/internal/act"
	"sanad/internal/archive/store"
	"sanad/internal/archive/store/storetest"
)

func benchHouse(b *testing.B, engine string) *house {
	b.Helper()
	if engine == "sqlite" {
		return newHouse(b, "")
	}
	return newHouse(b, storetest.Postgres(b))
}

// crowd grants n mandates that hold six compartments each, of twenty.
func (h *house) crowd(n int) {
	h.write(func(tx *store.Tx) error {
		var parts []act.ID
		for i := range 20 {
			part, err := h.book.Compartment(h.t.Context(), tx, fmt.Sprint("c", i))
			if err != nil {
				return err
			}
			parts = append(parts, part)
		}
		for i := range n {
			m := Mandate{ID: idOf("m", fmt.Sprint(i)), Person: idOf("p"), Role: "officer", Institution: "authority", Seat: "desk", Ends: 1}
			for k := range 6 {
				m.Compartments = append(m.Compartments, parts[(i+k*3)%len(parts)])
			}
			err := h.book.Grant(h.t.Context(), tx, m)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// BenchmarkIntern makes one new audience where there are 1,000 mandates of six compartments, and rolls it back.
func BenchmarkIntern(b *testing.B) {
	for _, engine := range []string{"sqlite", "postgres"} {
		b.Run(engine, func(b *testing.B) {
			h := benchHouse(b, engine)
			h.crowd(1000)
			for name, codes := range map[string][]string{"everyone": {Public}, "a third": {"c3"}, "few": {"c0", "c3", "c6", "c9"}} {
				b.Run(name, func(b *testing.B) {
					for b.Loop() {
						h.undone(func(tx *store.Tx) error {
							_, fresh, err := h.book.Intern(b.Context(), tx, codes)
							if !fresh {
								err = errors.Join(err, errors.New("not new"))
							}
							return err
						})
					}
				})
			}
		})
	}
}

// BenchmarkInternKnown is what an act usually costs.
func BenchmarkInternKnown(b *testing.B) {
	h := benchHouse(b, "sqlite")
	h.intern("a", "b")
	h.read(func(tx *store.Tx) error {
		b.ReportAllocs()
		for b.Loop() {
			_, _, err := h.book.Intern(b.Context(), tx, []string{"a", "b"})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// BenchmarkGrant decides one mandate about 4,060 audiences, all sets of three out of thirty, and rolls it back.
func BenchmarkGrant(b *testing.B) {
	for _, engine := range []string{"sqlite", "postgres"} {
		b.Run(engine, func(b *testing.B) {
			h := benchHouse(b, engine)
			var m Mandate
			h.write(func(tx *store.Tx) error {
				var parts []act.ID
				for i := range 30 {
					part, err := h.book.Compartment(b.Context(), tx, fmt.Sprint("c", i))
					if err != nil {
						return err
					}
					parts = append(parts, part)
				}
				m = Mandate{ID: idOf("m"), Person: idOf("p"), Role: "officer", Institution: "authority", Ends: 1, Compartments: parts[:15]}
				for i := range parts {
					for j := range i {
						for k := range j {
							_, _, err := h.book.Intern(b.Context(), tx, []string{fmt.Sprint("c", i), fmt.Sprint("c", j), fmt.Sprint("c", k)})
							if err != nil {
								return err
							}
						}
					}
				}
				return nil
			})
			for b.Loop() {
				h.undone(func(tx *store.Tx) error { return h.book.Grant(b.Context(), tx, m) })
			}
			h.read(func(tx *store.Tx) error {
				b.ReportMetric(float64(count(b.Context(), b, tx, "SELECT count(*) FROM audience")), "audiences")
				return nil
			})
		})
	}
}

// BenchmarkMay is one look into the table.
func BenchmarkMay(b *testing.B) {
	h := benchHouse(b, "sqlite")
	aud, m := h.intern("a"), h.grant(idOf("m"), "a")
	h.read(func(tx *store.Tx) error {
		for b.Loop() {
			yes, err := h.book.May(b.Context(), tx, m.ID, aud.ID)
			if err != nil || !yes {
				return errors.Join(err, errors.New("no"))
			}
		}
		return nil
	})
}
