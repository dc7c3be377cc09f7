package app

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"sanad/internal/act"
	"sanad/internal/kit/lang"
)

// visit is one request, whom it comes from, and what its answer must and must not hold.
type visit struct {
	name, who         string // who: a seat; "" for anybody
	console           bool   // which door
	method, url, body string
	header            []string // names and values in turn
	status            int
	to                string // where a redirect leads
	has, hasNot       []string
	same              string // the name of an earlier one whose answer is this one's, word for word
}

// doors are those of a house, with whoever came in.
type doors struct {
	t        *testing.T
	h        *house
	fronts   *fronts
	sessions map[string]string // cookies by seat
	answers  map[string]string
}

func newDoors(t *testing.T, h *house) *doors {
	t.Helper()
	fronts, err := h.fronts(&Config{Language: lang.French})
	if err != nil {
		t.Fatal(err)
	}
	return &doors{t, h, fronts, map[string]string{}, map[string]string{}}
}

// enter lets seats in as people come in: by a code.
func (d *doors) enter(seats ...string) {
	d.t.Helper()
	for _, seat := range seats {
		code, err := d.h.invite(d.t.Context(), seat)
		if err != nil {
			d.t.Fatal(err)
		}
		w := d.ask(&visit{console: true, method: "POST", url: "/sign-in", body: url.Values{"code": {code}}.Encode()})
		set := w.Result().Cookies()
		if w.Code != http.StatusSeeOther || len(set) != 1 {
			d.t.Fatalf("%s does not get in: %d\n%s", seat, w.Code, w.Body)
		}
		d.sessions[seat] = set[0].Name + "=" + set[0].Value
	}
}

func (d *doors) ask(v *visit) *httptest.ResponseRecorder {
	d.t.Helper()
	r := httptest.NewRequest(v.method, v.url, strings.NewReader(v.body))
	if !strings.HasPrefix(v.url, "/api/") {
		r.Header.Set("Accept", "text/html")
	}
	r.Header.Set("Accept-Language", "en")
	if v.body != "" {
		r.Header.Set("Content-Type", formType)
	}
	for i := 0; i+1 < len(v.header); i += 2 {
		r.Header.Set(v.header[i], v.header[i+1])
	}
	if v.who != "" {
		r.Header.Add("Cookie", d.sessions[v.who])
	}
	w := httptest.NewRecorder()
	door := d.fronts.public
	if v.console {
		door = d.fronts.console
	}
	door.ServeHTTP(w, r)
	return w
}

// unique takes out of an answer what no two have alike: its reference, and the address that was asked for.
func unique(v *visit, w *httptest.ResponseRecorder) string {
	body := strings.ReplaceAll(w.Body.String(), w.Header().Get("X-Request-Id"), "REFERENCE")
	return strings.ReplaceAll(body, v.url, "ADDRESS")
}

func (d *doors) play(all []visit) {
	d.t.Helper()
	for i := range all {
		v := &all[i]
		w := d.ask(v)
		body := w.Body.String()
		if w.Code != v.status {
			d.t.Errorf("%s: status %d, want %d\n%s", v.name, w.Code, v.status, body)
			continue
		}
		if to := w.Header().Get("Location"); to != v.to {
			d.t.Errorf("%s: leads to %q, want %q", v.name, to, v.to)
		}
		for _, x := range v.has {
			if !strings.Contains(body, x) {
				d.t.Errorf("%s: does not hold %q\n%s", v.name, x, body)
			}
		}
		for _, x := range append(v.hasNot, "goroutine", ".go:", "SQL", "%!", "<no value>", "ZgotmplZ") {
			if strings.Contains(body, x) {
				d.t.Errorf("%s: holds %q\n%s", v.name, x, body)
			}
		}
		d.answers[v.name] = unique(v, w)
		if v.same != "" && d.answers[v.name] != d.answers[v.same] {
			d.t.Errorf("%s: not word for word as %s:\n%s\n%s", v.name, v.same, d.answers[v.name], d.answers[v.same])
		}
		d.guarded(v.name, w.Header())
	}
}

// guarded wants what keeps a page to itself on every answer, whatever it is.
func (d *doors) guarded(name string, h http.Header) {
	d.t.Helper()
	for key, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; " +
			"form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
		"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin",
		"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
	} {
		if got := h.Get(key); got != want {
			d.t.Errorf("%s: %s: %q", name, key, got)
		}
	}
	if h.Get("Permissions-Policy") == "" || h.Get("Server") != "" || h.Get("X-Powered-By") != "" {
		d.t.Errorf("%s: headers %v", name, h)
	}
}

// What somebody may not read is not there: file, act, letter, picture and move answer as for what never was, word for word.
func TestHiddenIsUnknown(t *testing.T) {
	t.Parallel()
	c := newClock()
	h := testHouse(t, t.TempDir(), "", c)
	d := newDoors(t, h)
	d.enter("xx-officer-1", "xx-trainee-1", "xx-visitor-1")
	of, at := newPlayer(t, h, c), newPlayer(t, h, c)
	of.receive(yes())
	first := of.view("xx-officer-1").Acts[0].ID
	child, never := "/file/"+of.file.String(), "/file/"+act.ID{1}.String()
	at.receive(new(false))
	open := "/file/" + at.file.String()
	cmd := at.command("xx-officer-1", "acknowledge", nil, nil)
	if _, err := h.clerk.Do(t.Context(), cmd); err != nil {
		t.Fatal(err)
	}
	cmd = at.command("xx-officer-1", "assess", map[string]act.Value{"tried": act.OfInt(1)}, []byte(plainBody))
	cmd.Act.Add = []string{"child"}
	hidden, err := h.clerk.Do(t.Context(), cmd)
	if err != nil {
		t.Fatal(err)
	}
	move := url.Values{"seen": {"0"}, "protocol": {"xx.notice"}, "step": {"acknowledge"}}.Encode()
	const officer, trainee, visitor = "xx-officer-1", "xx-trainee-1", "xx-visitor-1"
	d.play([]visit{
		{name: "the officer reads the child's file", who: officer, console: true, method: "GET", url: child, status: 200, has: []string{"asks children for their school"}},
		{name: "no such file", who: trainee, console: true, method: "GET", url: never, status: 404, has: []string{"<h1>"}},
		{name: "the child's file, to who reads no child's", who: trainee, console: true, method: "GET", url: child, status: 404, same: "no such file", hasNot: []string{"school"}},
		{name: "the child's file, to who reads nothing", who: visitor, console: true, method: "GET", url: child, status: 404, same: "no such file"},
		{name: "no file at all", who: visitor, console: true, method: "GET", url: "/file/x", status: 404},
		{name: "no such picture", who: trainee, console: true, method: "GET", url: "/look/" + act.ID{1}.String(), status: 404},
		{name: "an act of the child's file as a picture", who: trainee, console: true, method: "GET", url: "/look/" + first.String(), status: 404, same: "no such picture"},
		{name: "no such exhibit", who: trainee, console: true, method: "GET", url: never + "/exhibit/" + act.ID{1}.String(), status: 404},
		{name: "an exhibit of the child's file", who: trainee, console: true, method: "GET", url: child + "/exhibit/" + first.String(), status: 404, same: "no such exhibit"},
		{name: "no such letter", who: trainee, console: true, method: "GET", url: never + "/letter/" + act.ID{1}.String(), status: 404},
		{name: "a letter of the child's file", who: trainee, console: true, method: "GET", url: child + "/letter/" + first.String(), status: 404, same: "no such letter"},
		{name: "a move in no file", who: trainee, console: true, method: "POST", url: never + "/do", body: move, status: 404},
		{name: "a move in the child's file", who: trainee, console: true, method: "POST", url: child + "/do", body: move, status: 404, same: "a move in no file"},
		{name: "joining no file", who: trainee, console: true, method: "POST", url: never + "/join", body: "case=" + act.ID{2}.String(), status: 404},
		{name: "joining the child's file", who: trainee, console: true, method: "POST", url: child + "/join", body: "case=" + act.ID{2}.String(), status: 404, same: "joining no file"},
		{name: "a file with a thread that is hidden", who: trainee, console: true, method: "GET", url: open, status: 200, hasNot: []string{hidden.Acts[0].ID.String(), "harmless words"}},
		{name: "the same to who reads that thread", who: officer, console: true, method: "GET", url: open, status: 200},
		{name: "the queue of who reads no child's", who: trainee, console: true, method: "GET", url: "/queue", status: 200, hasNot: []string{of.file.String()}},
		{name: "the queue of who reads nothing", who: visitor, console: true, method: "GET", url: "/queue", status: 200, hasNot: []string{of.file.String(), at.file.String()}},
		{name: "inside without coming in", console: true, method: "GET", url: child, status: 303, to: "/sign-in?because=required"},
		{name: "a file by the public's door", who: officer, method: "GET", url: child, status: 404},
		{name: "no such entry", method: "GET", url: "/register/" + act.ID{1}.String(), status: 404},
		{name: "an act that is not public, as an entry", method: "GET", url: "/register/" + first.String(), status: 404, same: "no such entry"},
		{name: "no such proof", method: "GET", url: "/register/" + act.ID{1}.String() + "/proof", status: 404},
		{name: "an act that is not public, its proof", method: "GET", url: "/register/" + first.String() + "/proof", status: 404, same: "no such proof"},
		{name: "no such platform", method: "GET", url: "/platforms/" + act.ID{1}.String(), status: 404},
		{name: "a file that is no platform", method: "GET", url: "/platforms/" + of.file.String(), status: 404, same: "no such platform"},
		{name: "the register of what is no platform", method: "GET", url: "/register?platform=" + of.file.String(), status: 404, hasNot: []string{"school"}},
	})
}

// The language is the one of the address, else of the cookie, else of the browser, else the house's; what is wrong is said in it.
func TestLanguageOfAnswers(t *testing.T) {
	t.Parallel()
	d := newDoors(t, testHouse(t, t.TempDir(), "", newClock()))
	accept := func(l string) []string { return []string{"Accept-Language", l} }
	both := func(cookie, l string) []string { return append(accept(l), "Cookie", "language="+cookie) }
	d.play([]visit{
		{name: "the browser's", method: "GET", url: "/", header: accept("ar-MA,fr;q=0.5"), status: 200, has: []string{`<html lang="ar" dir="rtl">`}},
		{name: "one nobody here speaks", method: "GET", url: "/", header: accept("ja"), status: 200, has: []string{`<html lang="fr" dir="ltr">`}},
		{name: "the first that is spoken", method: "GET", url: "/", header: accept("ja,en;q=0.3,ar;q=0.2"), status: 200, has: []string{`<html lang="en"`}},
		{name: "the cookie before the browser", method: "GET", url: "/", header: both("ar", "fr"), status: 200, has: []string{`<html lang="ar"`}},
		{name: "the address before the cookie", method: "GET", url: "/?lang=en", header: both("ar", "fr"), status: 200, has: []string{`<html lang="en"`}},
		{name: "an address that names none", method: "GET", url: "/?lang=../../etc", header: both("ar", "fr"), status: 200, has: []string{`<html lang="ar"`}},
		{name: "Amazigh", method: "GET", url: "/", header: accept("zgh"), status: 200, has: []string{`<html lang="zgh" dir="ltr">`, `lang="fr"`}},
		{name: "Amazigh as browsers name it", method: "GET", url: "/", header: accept("tzm-Latn-MA,fr;q=0.1"), status: 200, has: []string{`<html lang="zgh" dir="ltr">`}},
		{name: "spoken Arabic", method: "GET", url: "/", header: accept("ary"), status: 200, has: []string{`<html lang="ar" dir="rtl">`}},
		{name: "a header without end", method: "GET", url: "/", header: accept(strings.Repeat("x-x,", 100_000) + "ar"), status: 200, has: []string{`<html lang="fr"`}},
		{name: "not found in Arabic", method: "GET", url: "/nowhere", header: accept("ar"), status: 404, has: []string{"تعذر العثور على هذه الصفحة", `dir="rtl"`}, hasNot: []string{"cannot be found"}},
		{name: "not found in French", method: "GET", url: "/nowhere", header: accept("fr"), status: 404, has: []string{"introuvable"}},
		{name: "not found, to a program", method: "GET", url: "/api/v1/nothing", header: accept("ar"), status: 404, has: []string{`"code":"not_found"`, "لم يتغير أي شيء"}},
		{name: "wrong method in Arabic", method: "DELETE", url: "/", header: accept("ar"), status: 405, has: []string{"لا يقبل هذا النوع من الطلبات"}},
		{name: "wrong method on the console in French", console: true, method: "PUT", url: "/queue", header: accept("fr"), status: 405, has: []string{"pas pour ce genre de demande"}},
		{name: "a field nobody asked for, in Arabic", method: "POST", url: "/follow", body: "code=1&role=admin", header: accept("ar"), status: 400, has: []string{"role", `dir="rtl"`}},
		{name: "no text, in French", method: "POST", url: "/follow", body: "code=%ff", header: accept("fr"), status: 400, has: []string{`lang="fr"`}},
		{name: "another site", method: "POST", url: "/follow", body: "code=1", header: []string{"Sec-Fetch-Site", "cross-site", "Accept-Language", "ar"}, status: 403, has: []string{`dir="rtl"`}},
	})
}

// Every route answers another method as wrong, says which are right, sets no cookie on the public's side and keeps its
// pages to itself; HEAD is GET without the page.
func TestEveryRoute(t *testing.T) {
	t.Parallel()
	h := testHouse(t, t.TempDir(), "", newClock())
	d := newDoors(t, h)
	d.enter("xx-officer-1")
	h.checkpoint(t)
	if _, err := h.register.Dump(t.Context()); err != nil {
		t.Fatal(err)
	}
	public, inside := h.routers(t)
	for console, mux := range map[bool]*http.ServeMux{false: public, true: inside} {
		methods := map[string][]string{}
		for _, p := range patterns(t, mux) {
			method, path, _ := strings.Cut(p, " ")
			methods[path] = append(methods[path], method)
		}
		for path, allowed := range methods {
			target := strings.NewReplacer("{$}", "", "{id}", act.ID{1}.String(), "{act}", act.ID{2}.String(), "{sort}", "case", "{what}", "open").Replace(path)
			for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} {
				name := fmt.Sprintf("%s %s (console %v)", method, path, console)
				w := d.ask(&visit{who: map[bool]string{true: "xx-officer-1"}[console], console: console, method: method, url: target})
				d.guarded(name, w.Header())
				has := strings.Join(allowed, " ")
				right := strings.Contains(has, method) || method == "HEAD" && strings.Contains(has, "GET")
				if right == (w.Code == http.StatusMethodNotAllowed) {
					t.Errorf("%s: %d", name, w.Code)
				}
				if !right && w.Header().Get("Allow") == "" {
					t.Errorf("%s: does not say what is allowed", name)
				}
				if w.Code >= 500 {
					t.Errorf("%s: %d\n%s", name, w.Code, w.Body)
				}
				if !console && len(w.Result().Cookies()) > 0 {
					t.Errorf("%s: sets %v", name, w.Result().Cookies())
				}
				if cache := w.Header().Get("Cache-Control"); cache != "no-store" && !slices.Contains([]string{"/static/", "/api/v1/register", "/register/dump"}, path) {
					t.Errorf("%s: Cache-Control %q", name, cache)
				}
			}
		}
	}
}

// Over a real connection: HEAD has the headers of GET and no body, and what pages are made of need not be sent twice.
func TestHeadAndStatic(t *testing.T) {
	t.Parallel()
	d := newDoors(t, testHouse(t, t.TempDir(), "", newClock()))
	server := httptest.NewServer(d.fronts.public)
	t.Cleanup(server.Close)
	type answer struct {
		status int
		header http.Header
		body   []byte
	}
	ask := func(method, path string, header ...string) answer {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept", "text/html")
		for i := 0; i+1 < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		resp, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(resp.Body)
		err = errors.Join(err, resp.Body.Close())
		if err != nil {
			t.Fatal(err)
		}
		return answer{resp.StatusCode, resp.Header, b}
	}
	page := ask("GET", "/")
	_, after, ok := bytes.Cut(page.body, []byte(`rel="stylesheet" href="`))
	if !ok {
		t.Fatalf("no style\n%s", page.body)
	}
	style, _, _ := strings.Cut(string(after), `"`)
	for _, path := range []string{"/", "/child", "/follow", "/register", "/platforms", "/api/openapi.json", "/nowhere", style} {
		got, head := ask("GET", path), ask("HEAD", path)
		if head.status != got.status || len(head.body) > 0 || len(got.body) == 0 || head.header.Get("Content-Type") != got.header.Get("Content-Type") {
			t.Errorf("HEAD %s: %d with %d bytes, GET %d with %d", path, head.status, len(head.body), got.status, len(got.body))
		}
	}
	got := ask("GET", style)
	if cache := got.header.Get("Cache-Control"); !strings.Contains(cache, "immutable") || got.header.Get("Content-Type") != "text/css; charset=utf-8" {
		t.Fatalf("%s: %v", style, got.header)
	}
	tag := got.header.Get("ETag")
	if again := ask("GET", style, "If-None-Match", tag); tag == "" || again.status != http.StatusNotModified || len(again.body) > 0 {
		t.Errorf("%s again: %d with %d bytes (ETag %q)", style, again.status, len(again.body), tag)
	}
	for _, path := range []string{"/static/", "/static/../sanad.css", "/static/sanad.css", strings.Replace(style, ".css", ".js", 1), "/static/%2e%2e/%2e%2e/etc/passwd"} {
		if r := ask("GET", path); r.status != http.StatusNotFound {
			t.Errorf("%s: %d", path, r.status)
		}
	}
}
