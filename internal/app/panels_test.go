package app

import (
	"net/http"
	"strings"
	"testing"

	"sanad/internal/act"
	"sanad/internal/desk/sanction"
	"sanad/internal/kit/lang"
)

// What the desks know of a platform, a case and an alert stands on their pages, for whoever may read it: what is public for
// everybody, requests and measures for those who read the case. Everything is worded in three languages.
func TestPanels(t *testing.T) {
	t.Parallel()
	o := newDesks(t, "", "xx")
	o.drawn(nil)
	o.step("xx-envoy-1", "xx.demand", "dispatch")
	o.onward(20)
	o.heard() // four alerts are cited on the way
	o.climb("tithe")
	tie := o.alert("newspaper")
	file, platform := o.file, o.platform

	o.h.words = o.h.words.Report(func(x lang.Trouble) { t.Errorf("%s %s: %s", x.Lang, x.Key, x.What) })
	fronts, err := o.h.fronts(&Config{Language: lang.English})
	if err != nil {
		t.Fatal(err)
	}
	cookies := map[string]string{}
	read := func(seat string, id act.ID, language string) string {
		t.Helper()
		if cookies[seat] == "" {
			cookies[seat] = comeIn(t, o.h, fronts.console, seat)
		}
		w := askConsole(t, fronts.console, "GET", "/file/"+id.String()+"?lang="+language, "", cookies[seat])
		if w.Code != http.StatusOK {
			t.Fatalf("%s: %d\n%s", seat, w.Code, w.Body)
		}
		return plainText(w.Body.String())
	}
	tied, err := o.h.clerk.Open(t.Context(), o.seat("xx-herald-1"), tie)
	if err != nil {
		t.Fatal(err)
	}
	alert := tied.File
	for _, c := range []struct {
		who         string
		file        act.ID
		has, hasNot []string
	}{
		{"xx-tribune-1", platform, []string{
			"Who it is 60,000 users (Weekly visits), counted on", "Above the threshold", "Represented", "Requests served 3", "Overdue, without a full answer 3", "Answered in time 0",
			"Measures against it", "Tithe", "In force", "7,000", "What it was told 5 alerts count.", "4 independent sources.", "A newspaper", "Counts",
		}, nil},
		{"xx-herald-1", platform, []string{
			"Who it is 60,000 users", "No request that you may read was served on it.", "No measure that you may read was decided against it.", "What it was told 5 alerts count.",
		}, []string{"Tithe", "7,000", "Requests served"}},
		{"xx-envoy-1", file, []string{"Requests in this case", "Example Play I", "Overdue"}, nil},
		{"xx-herald-1", alert, []string{"Platforms concerned", "Example Play I"}, []string{"Tithe"}},
	} {
		page := read(c.who, c.file, "en")
		for _, text := range c.has {
			if !strings.Contains(page, text) {
				t.Errorf("%s does not read %q on\n%s", c.who, text, page)
			}
		}
		for _, text := range c.hasNot {
			if strings.Contains(page, text) {
				t.Errorf("%s reads %q", c.who, text)
			}
		}
		read(c.who, c.file, "fr")
		read(c.who, c.file, "ar")
	}
}

// What a platform knew is counted and cited by the desk of alerts: the officer types no number of it.
func TestKnowledgeIsCounted(t *testing.T) {
	t.Parallel()
	w := newWorkers(t, "xx")
	o := &desks{t: t, h: w.h, c: w.c, asks: w.h.asks, ladder: w.h.ladder, runs: map[string]act.ID{}, told: map[string]int{}, enrolled: map[act.ID]act.ID{}}
	o.weather(false)
	o.platform = o.enrol(true)
	o.openCase("contact")
	o.step("xx-tribune-1", "xx.ladder", "accuse")
	o.step("xx-tribune-1", "xx.ladder", "summon")
	o.step("xx-ombudsman-1", "xx.ladder", "listen")
	o.step("xx-tribune-1", "xx.ladder", "consult")
	o.step("xx-ombudsman-1", "xx.ladder", "advise")
	ties := []act.ID{o.alert("newspaper"), o.alert("charity")}
	at := "/file/" + o.file.String()
	form := [][2]string{{"fact.refused_change", "yes"}, {"body", "harmless words"}}
	code, _, body := w.send("xx-tribune-1", at, at+"/do", "xx.ladder", "know", form)
	if code != http.StatusSeeOther {
		t.Fatalf("%d\n%s", code, errorsOf(body))
	}
	acts := o.view("xx-tribune-1").Acts
	last := acts[len(acts)-1]
	if last.Kind != sanction.KindKnowledge || len(last.Cites) != len(ties) {
		t.Fatalf("%s cites %d acts", last.Kind, len(last.Cites))
	}
	for name, want := range map[string]int64{"alerts": 2, "alert_sources": 1} {
		if v, _ := last.Facts.Get(name); v.Int() != want {
			t.Errorf("%s: %d, want %d", name, v.Int(), want)
		}
	}
}
