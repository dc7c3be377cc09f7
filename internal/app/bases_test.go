package app

import (
	"slices"
	"testing"

	"sanad/internal/act"
)

// Every kind names on what it is recorded, and none that needs no protocol says that it rests on a step of one.
func TestKindsNameTheirBasis(t *testing.T) {
	t.Parallel()
	h := testHouse(t, t.TempDir(), "", newClock())
	plain := h.plain()
	for _, s := range h.clerk.Catalogue.All() {
		if !slices.Contains(act.Bases(), s.Basis) {
			t.Errorf("%s rests on %q, which nothing explains", s.Kind, s.Basis)
		}
		rule, without := plain[s.Kind]
		if without && !rule.Follows && s.Basis == act.BasisProtocol {
			t.Errorf("%s is recorded without a protocol and says that it rests on one", s.Kind)
		}
		performed := false
		for _, p := range h.pack.Engine().Law().Protocols {
			for i := range p.Steps {
				performed = performed || p.Steps[i].Kind == s.Kind
			}
		}
		if performed && s.Basis != act.BasisProtocol {
			t.Errorf("%s is performed by a step and says that it rests on %s", s.Kind, s.Basis)
		}
	}
}
