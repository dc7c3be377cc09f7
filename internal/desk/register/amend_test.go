package register_test

import (
	"testing"
	"time"

	"sanad/internal/desk/register/registertest"
	"sanad/internal/kit/fault"
)

// An appeal that lowers a sum enters the new one and leaves the old one to be read: on the list, on the entry, and for programs.
func TestSumAmended(t *testing.T) {
	t.Parallel()
	registertest.OnBoth(t, func(t *testing.T, h *registertest.House) {
		platform := h.Platform("Gamo")
		sum := func(digits string) []byte {
			return []byte(`{"reasons":{"fr":"Motifs","ar":"الأسباب"},"measure":"tithe","amount":` + digits + `}`)
		}
		first := publish(t, h, platform, sum("731000"), decided...)
		for _, s := range []registertest.Scenario{
			{Name: "before: list", Target: "/register", Status: 200, Has: []string{"731"}, HasNot: []string{"avant"}},
			{Name: "before: API", API: true, Target: "/api/v1/register", Status: 200, Has: []string{`"amount":731000`, `"law":[{"text":"xx-platform-act","article":"14"}]`}, HasNot: []string{"amount_was"}},
			{Name: "before: entry", Target: "/register/" + first.ID.String(), Status: 200, Has: []string{"article 14", "<title>Inscription 1\u00a0: ", "mars 2026 · Gamo · "}, HasNot: []string{"avant"}},
		} {
			s.Play(t, h.Site)
		}
		h.Clock.Move(48 * time.Hour)
		publish(t, h, platform, sum("264000"), "state", "contested", "decided_on", "2026-03-02", "amends", first.ID.String())
		for _, s := range []registertest.Scenario{
			{Name: "list", Target: "/register", Status: 200, Has: []string{"731", "264", "avant"}},
			{Name: "entry", Target: "/register/" + first.ID.String(), Status: 200, Has: []string{"731", "264", "avant"}},
			{Name: "entry in Arabic", Target: "/register/" + first.ID.String(), Language: "ar", Status: 200, Has: []string{"قبل ذلك", "المادة"}},
			{Name: "API", API: true, Target: "/api/v1/register", Status: 200, Has: []string{`"amount":264000,"amount_was":731000`}},
		} {
			s.Play(t, h.Site)
		}
	})
}

// What a publication rests on is read from the law of its step: nobody gives it.
func TestLawIsNotGiven(t *testing.T) {
	t.Parallel()
	h := registertest.New(t, "")
	before := h.Acts()
	_, err := say(t, h, h.Platform("Gamo"), []byte(`{"reasons":{"fr":"Motifs","ar":"الأسباب"},"law":[{"text":"mine"}]}`), decided...)
	if e := fault.Of(err); e == nil || e.Code != fault.Invalid || e.Fields[0].Key != "register.law.given" {
		t.Errorf("somebody gave the law: %v", err)
	}
	if now := h.Acts(); now > before+1 { // the platform alone
		t.Errorf("%d acts were recorded", now-before)
	}
}
