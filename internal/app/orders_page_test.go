package app

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"sanad/internal/desk/sanction"
	"sanad/internal/kit/lang"
)

// Who passes an order on finds on the page what was decided and is not asked for it. A browser that sends something else is told
// what was decided, beside what was typed, and nothing leaves.
func TestOrderOnThePage(t *testing.T) {
	t.Parallel()
	row := readOrders(t).Blocks[0]
	o := newOrders(t, row.Protocol)
	carrier := o.by(row.Role)
	targets := []sanction.Target{{Kind: sanction.Host, Value: "play.example"}, {Kind: sanction.Host, Value: "www.play.example"}}
	last := o.c.now().AddDate(0, 0, 20)
	o.decide(row.Rung, true, sanction.Content{Rung: row.Rung, Expires: last.Format(time.DateOnly), Targets: targets, Reasons: "Motif que personne ne transmet."})
	o.sent(o.to("tell the party"), nil)
	o.does("hear that the letter came", nil, "Accusé de réception.")
	o.published()
	fronts, err := o.h.fronts(&Config{Language: lang.English})
	if err != nil {
		t.Fatal(err)
	}
	cookie := comeIn(t, o.h, fronts.console, carrier)
	at := "/file/" + o.file.String()
	form := func(more ...string) string {
		out := url.Values{
			"seen": {strconv.FormatInt(o.view(carrier).Seen, 10)}, "protocol": {o.protocol}, "run": {o.runs[o.protocol].String()}, "step": {row.Passes},
			"letter.addressee": {"Opérateur fictif"}, "letter.address": {"1 rue de l’Exemple"}, "letter.ask.fr": {"Exécutez."}, "letter.ask.ar": {"نفذوا."},
		}
		for i := 0; i < len(more); i += 2 {
			out.Set(more[i], more[i+1])
		}
		return out.Encode()
	}
	decided := last.Format("2 January 2006")
	for _, c := range []struct {
		name, method, path, body string
		status                   int
		must, not                []string
	}{
		{"the form", "GET", at + "?lang=en", "", http.StatusOK, []string{"play.example", "www.play.example", decided, "This is decided"}, []string{`name="letter.targets"`, `name="letter.expires"`, "Motif que personne"}},
		{"the form in Arabic", "GET", at + "?lang=ar", "", http.StatusOK, []string{"play.example", "هذا ما تقرر"}, []string{`name="letter.targets"`}},
		{
			"a network", "POST", at + "/do?lang=en", form("letter.targets", "10.0.0.0/8"), http.StatusUnprocessableEntity,
			[]string{"aims at something else than the decision", "www.play.example", "Opérateur fictif"},
			[]string{"Motif que personne"},
		},
		{"every port", "POST", at + "/do?lang=fr", form("letter.targets", "0.0.0.0/0 port 443"), http.StatusUnprocessableEntity, []string{"Elle vise seulement"}, nil},
		{"for ever", "POST", at + "/do?lang=en", form("letter.expires", "2099-12-31"), http.StatusUnprocessableEntity, []string{"goes on for longer than the decision", decided}, nil},
		{"for ever, to be seen first", "POST", at + "/do?lang=en", form("letter.expires", "2099-12-31", "preview", "yes"), http.StatusUnprocessableEntity, []string{"goes on for longer"}, []string{`<article class="letter"`}},
		{"as it was decided, to be seen first", "POST", at + "/do?lang=en", form("preview", "yes"), http.StatusOK, []string{`<article class="letter"`, "<bdi>www.play.example</bdi>"}, []string{"Motif que personne"}},
		{"as it was decided", "POST", at + "/do?lang=en", form(), http.StatusSeeOther, nil, nil},
	} {
		before := o.view(carrier).Seen
		w := askConsole(t, fronts.console, c.method, c.path, c.body, cookie)
		body := w.Body.String()
		if w.Code != c.status {
			t.Fatalf("%s: %d\n%s", c.name, w.Code, body)
		}
		missing := slices.DeleteFunc(slices.Clone(c.must), func(s string) bool { return strings.Contains(body, s) })
		there := slices.DeleteFunc(slices.Clone(c.not), func(s string) bool { return !strings.Contains(body, s) })
		if len(missing) > 0 || len(there) > 0 {
			t.Errorf("%s: lacks %q, has %q\n%s", c.name, missing, there, body)
		}
		if sent := o.view(carrier).Seen > before; sent != (c.status == http.StatusSeeOther) {
			t.Errorf("%s: recorded: %v", c.name, sent)
		}
	}
}
