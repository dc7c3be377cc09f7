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
	offers := func(carried ...string) {
		t.Helper()
		page := askConsole(t, fronts.console, http.MethodGet, at, "", cookie).Body.String()
		for _, word := range o.h.pack.Words("entry_states") {
			if strings.Contains(page, `value="`+word+`"`) != slices.Contains(carried, word) {
				t.Errorf("offered %q: %v, carried are %v", word, !slices.Contains(carried, word), carried)
			}
		}
	}
	offers(plays.States[0])
	for _, c := range []struct {
		name, language, body string
		status               int
		must                 []string
	}{
		{"a sum, which nobody types", "fr", form("body.amount", other), http.StatusBadRequest, []string{"body.amount"}},
		{"a ruling that no court gave", "fr", form("fact.state", plays.States[2]), http.StatusUnprocessableEntity, []string{"Le dossier ne porte pas cela. On peut publier aujourd’hui : ", "En vigueur", "Mots anodins."}},
		{"a ruling that no court gave", "ar", form("fact.state", plays.States[2]), http.StatusUnprocessableEntity, []string{"لا يحمل الملف ذلك. ما يمكن نشره اليوم: ", "ساري المفعول"}},
		{"a lifting that nobody decided", "fr", form("fact.state", plays.States[3]), http.StatusUnprocessableEntity, []string{"Le dossier ne porte pas cela"}},
		{"a word of no list", "fr", form("fact.state", "forgotten"), http.StatusUnprocessableEntity, []string{"Mots anodins."}},
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
	offers(plays.States[0])
	// A court is recorded to lower the sum: the ruling says to what, and whoever publishes finds it there, with the one word for it.
	o.must(o.turn("appeal", map[string]act.Value{"stay_asked": act.OfBool(true)}, "Recours."))
	offers(plays.States[1])
	court := o.turn(plays.Rules, nil, "")
	for i := range o.h.pack.Roles {
		for _, s := range o.h.pack.Roles[i].Seats {
			if o.seat(s) == court.Mandate {
				rule(t, o, plays, fronts.console, s, amount)
			}
		}
	}
	offers(plays.States[2])
	newest := list[0].Act
	body := form("fact.state", plays.States[0], "fact.amends", newest.String())
	if w := askConsole(t, fronts.console, http.MethodPost, at+"/do?lang=fr", body, cookie); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "Réduite") {
		t.Errorf("in force after the ruling: %d\n%s", w.Code, w.Body)
	}
	body = form("fact.state", plays.States[2], "fact.amends", newest.String())
	if w := askConsole(t, fronts.console, http.MethodPost, at+"/do?lang=fr", body, cookie); w.Code != http.StatusSeeOther {
		t.Fatalf("what the court left: %d\n%s", w.Code, w.Body)
	}
	list, err = o.h.register.Entries(t.Context(), act.ID{}, 0, 10)
	if err != nil || len(list) != 1 || list[0].Standing != plays.States[2] {
		t.Fatalf("%+v %v", list, err)
	}
	o.says(list[0].Newest, row.Rung, amount/2)
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

// rule has somebody at court record on the console what it ruled: without the sum it left they are told to say it, beside the field.
func rule(t *testing.T, o *orders, plays *entryPlays, front http.Handler, seat string, amount int64) {
	t.Helper()
	cookie := comeIn(t, o.h, front, seat)
	for _, c := range []struct {
		language, left string
		status         int
		must           string
	}{
		{"fr", "", http.StatusUnprocessableEntity, "Ce jugement réduit la somme : écrivez le montant qu’il laisse."},
		{"ar", "", http.StatusUnprocessableEntity, "هذا الحكم يخفض المبلغ: اكتبوا ما أبقاه منه."},
		{"fr", fmt.Sprint(amount), http.StatusUnprocessableEntity, "moins que la somme décidée"},
		{"ar", fmt.Sprint(amount * 2), http.StatusUnprocessableEntity, "وأقل من المبلغ المقرر"},
		{"fr", fmt.Sprint(amount / 2), http.StatusSeeOther, ""},
	} {
		out := url.Values{
			"seen": {strconv.FormatInt(o.view(seat).Seen, 10)}, "protocol": {o.protocol}, "run": {o.runs[o.protocol].String()}, "step": {o.named(plays.Rules)},
			"fact.appeal": {plays.Ruling}, "fact.amount_left": {c.left}, "body": {"Jugement."},
		}
		w := askConsole(t, front, http.MethodPost, "/file/"+o.file.String()+"/do?lang="+c.language, out.Encode(), cookie)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.must) {
			t.Errorf("left %q (%s): %d, want %d with %q\n%s", c.left, c.language, w.Code, c.status, c.must, w.Body)
		}
	}
}
