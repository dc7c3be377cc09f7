package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"sanad/internal/kit/lang"
)

// What stands on every page is said once by the program, and each page by itself may add to it.
func TestChrome(t *testing.T) {
	t.Parallel()
	h := build(t)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(h.pages.Add("room", fstest.MapFS{"page.html": {Data: []byte(`{{define "title"}}x{{end}}{{define "main"}}<h1>x</h1>{{end}}`)}}))
	now := time.Date(2027, 3, 4, 10, 0, 0, 0, time.UTC)
	next := now.Add(time.Hour)
	show := func(method string, view View) string {
		t.Helper()
		w := httptest.NewRecorder()
		handler := Language(h.messages, lang.English)(h.edge.Handle(func(w http.ResponseWriter, r *http.Request) error {
			return h.pages.Render(w, r, http.StatusOK, "room/page", view)
		}))
		handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, "http://x.test/queue?mine=1", nil))
		return w.Body.String()
	}
	holds := func(name, page string, want, not []string) {
		t.Helper()
		for _, s := range want {
			if !strings.Contains(page, s) {
				t.Errorf("%s lacks %q\n%s", name, s, page)
			}
		}
		for _, s := range not {
			if strings.Contains(page, s) {
				t.Errorf("%s holds %q\n%s", name, s, page)
			}
		}
	}
	holds("without", show("GET", View{}), nil, []string{"banner", "clockbar", "leave"})
	h.pages.Chrome = func(*http.Request) Chrome { return Chrome{Banner: "signin.ended", Bar: &Bar{Now: now, Next: &next}} }
	holds("with", show("GET", View{Leave: "/sign-out"}), []string{
		`<p class="banner" role="note">Your session has ended`, `action="/demo/clock"`, `name="back" value="/queue?mine=1"`, `value="hour"`, `value="next"`, "4 March 2027", `action="/sign-out"`,
	}, nil)
	if page := show("GET", View{Banner: "signin.ended"}); strings.Count(page, "Your session has ended") != 1 {
		t.Errorf("said twice\n%s", page)
	}
	h.pages.Chrome = func(*http.Request) Chrome { return Chrome{Bar: &Bar{Now: now}} }
	holds("no deadline", show("POST", View{}), []string{`name="back" value="/"`, `value="day"`}, []string{`value="next"`})
	// What answered a form is asked for in another language by sending the form again.
	holds("a form", show("POST", View{Form: "walk", FormAt: "where"}), []string{`<button form="walk" formaction="/queue?lang=ar"`, `name="go" value="where"`}, []string{`hreflang`})
	holds("a form, sent elsewhere", show("GET", View{Form: "again", FormTo: "/follow"}), []string{`<button form="again" formaction="/follow?lang=fr"`}, []string{`hreflang`})
	// Enter in a field presses the first button of its form: that one must go on, and not change the language.
	page := show("POST", View{Form: "walk"})
	first, language := strings.Index(page, `<button form="walk" class="skip" tabindex="-1" aria-hidden="true">`), strings.Index(page, `formaction=`)
	if first < 0 || first > language {
		t.Errorf("the first button of the form chooses a language\n%s", page)
	}
	holds("a form, not sent", show("GET", View{Form: "walk"}), []string{`hreflang="ar"`}, []string{"formaction"})
}
