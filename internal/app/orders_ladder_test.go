package app

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"sanad/internal/desk/sanction"
	"sanad/internal/kit/lang"
)

// A renewal is no rung of the ladder: it is a mark on the rung that it prolongs, in the picture and in the table beside it.
func TestRenewalIsAMarkOnItsRung(t *testing.T) {
	t.Parallel()
	c := readOrders(t).Blocks[0]
	o := newOrders(t, c.Protocol)
	day := func(n int) string { return o.c.now().AddDate(0, 0, n).Format(time.DateOnly) }
	content := sanction.Content{Rung: o.named(c.Rung), Expires: day(c.Days), Reasons: "Motifs.", Targets: []sanction.Target{{Kind: c.Kind, Value: c.Targets[0]}}}
	o.decide(content.Rung, true, content)
	o.sent(o.to("tell the party"), nil)
	fronts, err := o.h.fronts(&Config{Language: lang.English})
	if err != nil {
		t.Fatal(err)
	}
	cookie := comeIn(t, o.h, fronts.console, o.by(o.plays.Decides))
	rungs, renewed := 0, ""
	for _, p := range o.h.pack.Protocols {
		for _, s := range p.Steps {
			if s.Measure != nil && s.Renews == "" && p.Sort == "case" {
				rungs++
			}
			if p.ID == c.Protocol && s.Renews != "" {
				words, _ := o.h.pack.Message("en", "step."+p.ID+"."+s.ID)
				renewed = words
			}
		}
	}
	picture := func(marks int, has ...string) {
		t.Helper()
		w := askConsole(t, fronts.console, http.MethodGet, "/file/"+o.file.String()+"?lang=en", "", cookie)
		_, figure, _ := strings.Cut(w.Body.String(), `<figure class="ladder">`)
		figure, _, _ = strings.Cut(figure, "</figure>")
		if got := strings.Count(figure, `<g class="rung `); got != rungs {
			t.Errorf("%d rungs, want %d", got, rungs)
		}
		if got := strings.Count(figure, ` again"`); got != marks {
			t.Errorf("%d marks of renewals, want %d\n%s", got, marks, figure)
		}
		if strings.Contains(figure, renewed) || slices.ContainsFunc(has, func(s string) bool { return !strings.Contains(figure, s) }) {
			t.Errorf("lacks one of %q, or names a renewal as a measure:\n%s", has, figure)
		}
	}
	if rungs < 2 || renewed == "" {
		t.Fatal("there is nothing to look at")
	}
	picture(0)
	content.Expires = day(c.Days + 5)
	o.renew(content)
	picture(1, `class="full again"`, "renewed")
}
