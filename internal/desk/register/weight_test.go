package register_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"sanad/internal/desk/register"
	"sanad/internal/desk/register/registertest"
)

// A page of the list with everything it needs, fonts included, weighs 60 KB at most, with nothing compressed: full of entries that have a long name, a
// measure, a sum, reasons, and an update that changed it, in the language that needs the most bytes.
func TestFullPageIsLight(t *testing.T) {
	t.Parallel()
	const most = 60 << 10
	h := registertest.New(t, "")
	h.Public.Fictional = true
	body := func(amount int) []byte {
		return []byte(`{"reasons":{"fr":"` + strings.Repeat("Motif. ", 500) + `","ar":"` + strings.Repeat("سبب. ", 500) + `"},"measure":"tithe","amount":` + strconv.Itoa(amount) + `,"remedy":"appeal"}`)
	}
	for i := range register.PerPage + 1 {
		platform := h.Platform(strings.Repeat("منصة التواصل ", 5) + strconv.Itoa(i))
		first := publish(t, h, platform, body(1_000_000), decided...)
		h.Clock.Move(time.Hour)
		publish(t, h, platform, body(600_000), "state", "contested", "decided_on", "2026-03-02", "amends", first.ID.String())
	}
	weighs := func(body string) (sum int) {
		for _, name := range regexp.MustCompile(`/static/[^"]+\.(?:css|svg|js|woff2)`).FindAllString(body, -1) {
			if strings.Contains(name, "tifinagh") {
				continue // asked for by no page that has nothing written so
			}
			sent := registertest.Scenario{Name: name, Target: name, Status: 200}.Play(t, h.Site).Body.String()
			sum += len(sent)
			if strings.HasSuffix(name, ".css") {
				for _, font := range regexp.MustCompile(`/static/[^"]*naskh[^"]*`).FindAllString(sent, -1) {
					sum += registertest.Scenario{Name: font, Target: font, Status: 200}.Play(t, h.Site).Body.Len()
				}
			}
		}
		return sum
	}
	for _, language := range []string{"ar", "fr", "en"} {
		w := registertest.Scenario{Name: language, Target: "/register", Language: language, Status: 200, Has: []string{"after="}}.Play(t, h.Site)
		if rows := strings.Count(w.Body.String(), "<time"); rows != register.PerPage {
			t.Errorf("%s: %d entries on a page", language, rows)
		}
		with := weighs(w.Body.String())
		if with < 40_000 {
			t.Fatalf("only %d bytes of sheet and fonts were found", with)
		}
		if n := w.Body.Len() + with; n > most {
			t.Errorf("%s: %d bytes, %d of them the page; %d at most", language, n, w.Body.Len(), most)
		}
	}
}
