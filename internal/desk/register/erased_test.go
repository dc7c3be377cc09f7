package register_test

import (
	"testing"

	"sanad/internal/act"
	"sanad/internal/desk/register/registertest"
)

// What was erased is shown no more, whoever showed it a moment ago: an entry says so in the place of its reasons, and a platform has
// no name any more. What was not erased is still there.
func TestErasedIsForgotten(t *testing.T) {
	t.Parallel()
	registertest.OnBoth(t, func(t *testing.T, h *registertest.House) {
		gamo, lumora := h.Platform("Gamo"), h.Platform("Lumora")
		gone := publish(t, h, gamo, reasons("first"), decided...)
		enrolment, err := h.Registry.Enrolment(t.Context(), gamo)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []registertest.Scenario{
			{Name: "entry", Target: "/register/" + gone.ID.String(), Status: 200, Has: []string{"Motifs first", "Gamo"}},
			{Name: "platform", Target: "/platforms/" + gamo.String(), Status: 200, Has: []string{"Gamo"}},
		} {
			s.Play(t, h.Site)
		}
		for _, id := range []act.ID{gone.ID, enrolment} {
			o, err := h.Clerk.OpenPublic(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			err = h.Clerk.Keeper.Destroy(t.Context(), o.Key)
			if err != nil {
				t.Fatal(err)
			}
		}
		for _, s := range []registertest.Scenario{
			{Name: "entry, erased", Target: "/register/" + gone.ID.String(), Status: 200, HasNot: []string{"Motifs first", "Gamo"}},
			{Name: "list, erased", Target: "/register", Status: 200, HasNot: []string{"Motifs first", "Gamo"}},
			{Name: "platform, erased", Target: "/platforms/" + gamo.String(), Status: 404, HasNot: []string{"Gamo"}},
			{Name: "platform, kept", Target: "/platforms/" + lumora.String(), Status: 200, Has: []string{"Lumora"}},
		} {
			s.Play(t, h.Site)
		}
	})
}
