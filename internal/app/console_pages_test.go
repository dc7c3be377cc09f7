package app

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sanad/internal/kit/lang"
)

var sectionLink = regexp.MustCompile(`<li><a href="(/[a-z/]+)"`)

// Whoever comes in finds the queue and every page its menu leads to, in three languages, with no message missing; the files on
// it open; and nothing of it is a door that only a demonstration has.
func TestConsolePages(t *testing.T) {
	t.Parallel()
	c := newClock()
	h := testHouse(t, t.TempDir(), "", c)
	h.words = h.words.Report(func(x lang.Trouble) { t.Errorf("%s %s: %s", x.Lang, x.Key, x.What) })
	fronts, err := h.fronts(&Config{Language: lang.French})
	if err != nil {
		t.Fatal(err)
	}
	p := newPlayer(t, h, c)
	p.receive(new(false))
	file := "/file/" + p.file.String()
	links, files := map[string]bool{}, 0
	for _, role := range h.pack.Roles {
		if len(role.Seats) == 0 {
			continue
		}
		cookie := comeIn(t, h, fronts.console, role.Seats[0])
		for _, l := range []string{"fr", "ar", "en"} {
			get := func(path string) string {
				w := askConsole(t, fronts.console, "GET", path+"?lang="+l, "", cookie)
				if w.Code != http.StatusOK {
					t.Errorf("%s at %s: %d\n%s", role.ID, path, w.Code, w.Body)
				}
				return w.Body.String()
			}
			queue := get("/queue")
			for _, link := range sectionLink.FindAllStringSubmatch(queue, -1) {
				links[link[1]] = true
				get(link[1])
			}
			if strings.Contains(queue, file) {
				files++
				get(file)
			}
		}
		for _, path := range []string{"/demo/clock", "/demo/enter", "/as"} {
			if w := askConsole(t, fronts.console, "POST", path, "", cookie); w.Code != http.StatusNotFound {
				t.Errorf("%s at %s: %d", role.ID, path, w.Code)
			}
		}
	}
	if files == 0 || !links["/queue"] || !links["/new/case"] || !links["/watch"] {
		t.Errorf("%d files opened, by menus that lead to %v", files, links)
	}
	if w := askConsole(t, fronts.console, "GET", "/", "", ""); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/queue" {
		t.Errorf("the first page: %d to %q", w.Code, w.Header().Get("Location"))
	}
}

// A page of a desk that answered a form leads, in another language, to itself: never to the first page.
func TestAnswerInAnotherLanguage(t *testing.T) {
	t.Parallel()
	h := testHouse(t, t.TempDir(), "", newClock())
	fronts, err := h.fronts(&Config{Language: lang.French})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/watch", strings.NewReader("--x\r\nContent-Disposition: form-data; name=\"source\"\r\n\r\npress\r\n--x--\r\n"))
	r.Header.Set("Accept", "text/html")
	r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Cookie", comeIn(t, h, fronts.console, "xx-herald-1"))
	w := httptest.NewRecorder()
	fronts.console.ServeHTTP(w, r)
	if body := w.Body.String(); w.Code != http.StatusUnprocessableEntity || !strings.Contains(body, `href="/watch?lang=ar"`) {
		t.Errorf("%d\n%s", w.Code, body)
	}
}

// comeIn lets a seat in, and returns the cookie of its session.
func comeIn(t *testing.T, h *house, console http.Handler, seat string) string {
	t.Helper()
	code, err := h.invite(t.Context(), seat)
	if err != nil {
		t.Fatal(err)
	}
	w := askConsole(t, console, "POST", "/sign-in", url.Values{"code": {code}}.Encode(), "")
	for _, c := range w.Result().Cookies() {
		if c.Name == "session" {
			return fmt.Sprintf("%s=%s", c.Name, c.Value)
		}
	}
	t.Fatalf("%s: %d\n%s", seat, w.Code, w.Body)
	return ""
}

func askConsole(t *testing.T, console http.Handler, method, target, body, cookie string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	r.Header.Set("Accept", "text/html")
	r.Header.Set("Cookie", cookie)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", formType)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	w := httptest.NewRecorder()
	console.ServeHTTP(w, r)
	return w
}

// Where nothing can be chosen yet, the page says what comes first, and who does it.
func TestNothingToChoose(t *testing.T) {
	t.Parallel()
	h := testHouse(t, t.TempDir(), "", newClock())
	fronts, err := h.fronts(&Config{Language: lang.French})
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, role := range h.pack.Roles {
		if len(role.Seats) == 0 {
			continue
		}
		cookie := comeIn(t, h, fronts.console, role.Seats[0])
		w := askConsole(t, fronts.console, "GET", "/new/case?lang=en", "", cookie)
		if w.Code != http.StatusOK {
			continue // this role opens no case
		}
		seen++
		body := w.Body.String()
		enrols := strings.Contains(body, `<li><a href="/new/platform">`)
		said := strings.Contains(body, "No platform is enrolled yet") && enrols == strings.Contains(body, `first. <a href="/new/platform">New platform</a>`) && enrols != strings.Contains(body, "first. By: ")
		if !said {
			t.Errorf("%s, who may enrol: %v\n%s", role.ID, enrols, body)
		}
	}
	if seen == 0 {
		t.Error("nobody opens a case")
	}
}

// No case is opened on what is out of scope, and nobody is offered it: not to be told so once they have typed.
func TestNewCaseOffersItsScope(t *testing.T) {
	t.Parallel()
	h := testHouse(t, t.TempDir(), "", newClock())
	fronts, err := h.fronts(&Config{Language: lang.English})
	if err != nil {
		t.Fatal(err)
	}
	seat := seatOf(t, h.pack, []string{"officer"})
	page := askConsole(t, fronts.console, "GET", "/new/case?lang=en", "", comeIn(t, h, fronts.console, seat)).Body.String()
	scope := h.pack.Words("in_scope")
	for _, word := range h.pack.Words("situations") {
		if offered := strings.Contains(page, `value="`+word+`"`); offered != slices.Contains(scope, word) {
			t.Errorf("%s is offered: %v", word, offered)
		}
	}
}
