package app

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"sanad/internal/act"
	"sanad/internal/kit/lang"
)

// A letter is seen as it will be sent before it is: the preview records nothing and loses nothing that was typed, a field that
// is missing refuses, and what was sent is read again from the file.
func TestConsoleLetter(t *testing.T) {
	t.Parallel()
	o := newDesks(t, "", "xx")
	fronts, err := o.h.fronts(&Config{Language: lang.English})
	if err != nil {
		t.Fatal(err)
	}
	o.openCase("contact")
	o.step("xx-tribune-1", "xx.ladder", "accuse")
	cookie := comeIn(t, o.h, fronts.console, "xx-tribune-1")
	at := "/file/" + o.file.String()
	seen := func() int64 {
		v, err := o.h.clerk.View(t.Context(), o.seat("xx-tribune-1"), o.file)
		if err != nil {
			t.Fatal(err)
		}
		return v.Seen
	}
	form := func(more ...string) string {
		out := url.Values{
			"seen": {strconv.FormatInt(seen(), 10)}, "protocol": {"xx.ladder"}, "run": {o.runs["xx.ladder"].String()}, "step": {"summon"},
			"letter.addressee": {"Prairie des jeux"}, "letter.address": {"1, rue d'Exemple"}, "letter.languages.fr": {"yes"},
			"letter.facts.fr": {"Ce qui a été constaté."}, "letter.reasons.fr": {"Parce que la loi le demande."}, "letter.ask.fr": {"Venez."},
			"letter.hearing": {o.c.now().AddDate(0, 0, 20).Format("2006-01-02T15:04")}, "letter.place": {"Salle 3"},
		}
		for i := 0; i < len(more); i += 2 {
			out.Set(more[i], more[i+1])
		}
		return out.Encode()
	}
	page := askConsole(t, fronts.console, "GET", at+"?lang=en", "", cookie).Body.String()
	offered := regexp.MustCompile(`name="(letter\.[a-z.]+)"`)
	named := map[string]bool{}
	for _, m := range offered.FindAllStringSubmatch(page, -1) {
		named[m[1]] = true
	}
	keep := func(body string) string { // only what this letter asks
		values, err := url.ParseQuery(body)
		if err != nil {
			t.Fatal(err)
		}
		for name := range values {
			if strings.HasPrefix(name, "letter.") && !named[name] {
				values.Del(name)
			}
		}
		return values.Encode()
	}
	before := seen()
	// What is missing is listed in the order in which the form asks, before a preview as before sending.
	for _, how := range []string{"preview", "at-once"} {
		blank := keep(form("letter.addressee", "", "letter.address", "", "letter.facts.fr", ""))
		if how == "preview" {
			blank += "&preview=yes"
		}
		w := askConsole(t, fronts.console, "POST", at+"/do?lang=en", blank, cookie)
		name, address, facts := strings.Index(w.Body.String(), `-letter.addressee"`), strings.Index(w.Body.String(), `-letter.address"`), strings.Index(w.Body.String(), `-letter.facts.fr"`)
		if w.Code != http.StatusUnprocessableEntity || name < 0 || address < name || facts < address {
			t.Errorf("%s: %d, slips at %d, %d, %d", how, w.Code, name, address, facts)
		}
	}
	w := askConsole(t, fronts.console, "POST", at+"/do?lang=en", keep(form("preview", "yes")), cookie)
	if body := w.Body.String(); w.Code != http.StatusOK || !strings.Contains(body, `<article class="letter"`) || !strings.Contains(body, "Nothing is sent or recorded yet") ||
		!strings.Contains(body, `value="Prairie des jeux"`) {
		t.Fatalf("preview: %d\n%s", w.Code, body)
	}
	if !strings.Contains(w.Body.String(), `name="go" value="preview"`) || !strings.Contains(w.Body.String(), `name="preview" value="yes" class="skip"`) {
		t.Fatalf("another language would lose the preview, or the key Enter send the letter\n%s", w.Body)
	}
	w = askConsole(t, fronts.console, "POST", at+"/written?lang=ar", keep(form())+"&go=preview", cookie)
	if body := w.Body.String(); w.Code != http.StatusOK || !strings.Contains(body, `<article class="letter"`) || !strings.Contains(body, `value="Prairie des jeux"`) || !strings.Contains(body, `dir="rtl"`) {
		t.Fatalf("the preview in Arabic: %d\n%s", w.Code, body)
	}
	w = askConsole(t, fronts.console, "POST", at+"/do?lang=en", keep(form("letter.addressee", "")), cookie)
	if body := w.Body.String(); w.Code != http.StatusUnprocessableEntity || !strings.Contains(body, "letter.addressee") || !strings.Contains(body, "rue d&#39;Exemple") {
		t.Fatalf("without an addressee: %d\n%s", w.Code, body)
	}
	// The summary follows the form, in which the name stands before the address.
	w = askConsole(t, fronts.console, "POST", at+"/do?lang=en", keep(form("letter.addressee", "", "letter.address", "")), cookie)
	_, summary, _ := strings.Cut(w.Body.String(), `id="errors"`)
	summary, _, _ = strings.Cut(summary, "</ul>")
	if name, where := strings.Index(summary, `letter.addressee"`), strings.Index(summary, `letter.address"`); name < 0 || where < name {
		t.Fatalf("out of order:\n%s", summary)
	}
	// To whom it goes is never guessed; of a platform that somebody chose, the record says where its papers are served.
	if strings.Contains(page, "A Delegate") || strings.Contains(page, "Example Play Ltd") {
		t.Fatalf("a letter is addressed before anybody said to whom it goes\n%s", page)
	}
	for _, c := range []struct {
		to            act.ID
		name, address string
	}{{o.enrol(true), "A Delegate", "2 Example Street"}, {o.enrol(false), "Example Play Ltd", "1 Example Street"}} {
		w = askConsole(t, fronts.console, "POST", at+"/do?lang=en", keep(form("preview", "yes", "letter.addressee", "", "letter.address", "", "fact.addressee", c.to.String())), cookie)
		if body := w.Body.String(); w.Code != http.StatusOK || !strings.Contains(body, `value="`+c.name+`"`) || !strings.Contains(body, c.address) {
			t.Fatalf("%s: %d\n%s", c.name, w.Code, body)
		}
	}
	if seen() != before {
		t.Fatal("something was recorded")
	}
	w = askConsole(t, fronts.console, "POST", at+"/do?lang=en", keep(form()), cookie)
	if w.Code != http.StatusSeeOther {
		t.Fatalf("sent: %d\n%s", w.Code, w.Body)
	}
	page = askConsole(t, fronts.console, "GET", at+"?lang=en", "", cookie).Body.String()
	letter := regexp.MustCompile(`href="(` + at + `/letter/[a-z0-9]+)"`).FindStringSubmatch(page)
	if letter == nil || !strings.Contains(page, `<svg class="ladder-picture"`) {
		t.Fatalf("no letter, or no ladder\n%s", page)
	}
	w = askConsole(t, fronts.console, "GET", letter[1]+"?lang=en", "", cookie)
	if body := w.Body.String(); w.Code != http.StatusOK || !strings.Contains(body, "Prairie des jeux") || strings.Contains(body, "Nothing is sent") {
		t.Fatalf("the letter: %d\n%s", w.Code, body)
	}
	if w = askConsole(t, fronts.console, "GET", letter[1], "", comeIn(t, o.h, fronts.console, "xx-visitor-1")); w.Code != http.StatusNotFound {
		t.Errorf("who may not read the case reads its letter: %d", w.Code)
	}
}
