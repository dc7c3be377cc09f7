package app

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/kit/lang"
)

// Who publishes on the console something else than what was decided is told so beside what they wrote, in their language, and
// nothing is recorded.
func TestEntryOnThePage(t *testing.T) {
	t.Parallel()
	plays := readEntries(t)
	row := plays.Entries[slices.IndexFunc(plays.Entries, func(e entryPlay) bool { return e.Protocol == plays.Next.After })]
	o := newOrders(t, row.Protocol)
	amount := o.noted(row)
	command := o.turn(plays.Publishes, nil, "")
	var seat string
	for i := range o.h.pack.Roles {
		for _, s := range o.h.pack.Roles[i].Seats {
			if o.seat(s) == command.Mandate {
				seat = s
			}
		}
	}
	fronts, err := o.h.fronts(&Config{Language: lang.English})
	if err != nil {
		t.Fatal(err)
	}
	cookie := comeIn(t, o.h, fronts.console, seat)
	at := "/file/" + o.file.String()
	today := o.c.now().Format(time.DateOnly)
	form := func(more ...string) string {
		out := url.Values{
			"seen": {strconv.FormatInt(o.view(seat).Seen, 10)}, "protocol": {o.protocol}, "run": {o.runs[o.protocol].String()}, "step": {plays.Publishes},
			"body.reasons.fr": {"Mots anodins."}, "body.reasons.ar": {"كلمات عادية."}, "fact.state": {plays.States[0]},
		}
		for i := 0; i < len(more); i += 2 {
			out.Set(more[i], more[i+1])
		}
		return out.Encode()
	}
	other := fmt.Sprint(amount * 10)
	for _, c := range []struct {
		name, language, body string
		status               int
		must                 []string
	}{
		{"another sum", "fr", form("body.amount", other), http.StatusUnprocessableEntity, []string{"La décision porte sur un autre montant", "Mots anodins."}},
		{"another sum", "ar", form("body.amount", other), http.StatusUnprocessableEntity, []string{"يتعلق القرار بمبلغ آخر"}},
		{"a day, which nobody types", "fr", form("fact.decided_on", "2025-01-26"), http.StatusBadRequest, []string{"decided_on"}},
		{"what was decided", "fr", form(), http.StatusSeeOther, nil},
		{"a second time", "fr", form(), http.StatusUnprocessableEntity, []string{"Cette décision est déjà inscrite"}},
		{"a second time", "ar", form(), http.StatusUnprocessableEntity, []string{"هذا القرار مقيد من قبل"}},
	} {
		before := o.acts()
		body := c.body
		if c.name == "a second time" { // of the file as it stands then
			body = form()
		}
		w := askConsole(t, fronts.console, http.MethodPost, at+"/do?lang="+c.language, body, cookie)
		page := w.Body.String()
		if w.Code != c.status {
			t.Fatalf("%s: %d\n%s", c.name, w.Code, page)
		}
		for _, s := range c.must {
			if !strings.Contains(page, s) {
				t.Errorf("%s (%s): lacks %q\n%s", c.name, c.language, s, page)
			}
		}
		if recorded := o.acts() > before; recorded != (c.status == http.StatusSeeOther) {
			t.Errorf("%s: recorded: %v", c.name, recorded)
		}
	}
	list, err := o.h.register.Entries(t.Context(), act.ID{}, 0, 10)
	if err != nil || len(list) != 1 {
		t.Fatalf("%+v %v", list, err)
	}
	if list[0].Decided != today {
		t.Errorf("decided on %s, want %s", list[0].Decided, today)
	}
	o.says(list[0].Act, row.Rung, amount)
	// What is lifted is the measure that was decided, whatever stands afterwards; and what decides nothing tells no measure of its file.
	o.c.move(48 * time.Hour)
	cookie = comeIn(t, o.h, fronts.console, seat) // the session ended meanwhile
	o.must(o.turn(plays.Lifts, map[string]act.Value{"rung": act.OfCode(o.h.pack.Words("rungs")[0])}, "Levée."))
	o.must(o.turn(plays.TellsLift, nil, ""))
	lifted := o.c.now().Format(time.DateOnly)
	post := func(body url.Values) string {
		t.Helper()
		for key, text := range map[string]string{"seen": strconv.FormatInt(o.view(seat).Seen, 10), "body.reasons.fr": "Mots anodins.", "body.reasons.ar": "كلمات عادية."} {
			body.Set(key, text)
		}
		if w := askConsole(t, fronts.console, http.MethodPost, at+"/do?lang=fr", body.Encode(), cookie); w.Code != http.StatusSeeOther {
			t.Fatalf("%v: %d\n%s", body, w.Code, w.Body)
		}
		list, err := o.h.register.Entries(t.Context(), act.ID{}, 0, 10)
		if err != nil {
			t.Fatal(err)
		}
		return list[0].Published.Measure + " " + list[0].Decided
	}
	if got, want := post(url.Values{"protocol": {o.protocol}, "run": {o.runs[o.protocol].String()}, "step": {plays.PublishesLift}, "fact.state": {plays.States[3]}}), row.Rung+" "+lifted; got != want {
		t.Errorf("the lifting tells %q, want %q", got, want)
	}
	o.protocol = plays.Beside.Protocol
	o.must(o.turn(plays.Beside.Starts, nil, "Ordre du jour."))
	o.must(o.turn(plays.Beside.Meets, map[string]act.Value{"heard": act.OfBool(true)}, "Procès-verbal."))
	if got, want := post(url.Values{"protocol": {o.protocol}, "run": {o.runs[o.protocol].String()}, "step": {plays.Beside.Publishes}, "fact.state": {plays.Beside.State}, "fact.decided_on": {lifted}}), " "+lifted; got != want {
		t.Errorf("what decides nothing tells %q, want %q", got, want)
	}
}
