package app

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"sanad/internal/desk/notice"
	"sanad/internal/kit/lang"
)

// visitor is a browser without scripts: it keeps what a page's form carries and fills in the rest.
type visitor struct {
	t        *testing.T
	h        http.Handler
	language string
	page     string
	status   int
	fields   url.Values // of the form on the page
	largest  int
}

func newVisitor(t *testing.T, h *house, language string) *visitor {
	t.Helper()
	fronts, err := h.fronts(&Config{Language: lang.French})
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{t: t, h: fronts.public, language: language}
}

var (
	hiddenInput = regexp.MustCompile(`<input type="hidden" name="([a-z]+)" value="([^"]*)">`)
	codeOnPage  = regexp.MustCompile(`class="code" dir="ltr">([0-9 ]+)<`)
)

func (v *visitor) ask(method, target string, body url.Values) {
	v.t.Helper()
	r := httptest.NewRequest(method, target, strings.NewReader(body.Encode()))
	r.Header.Set("Accept", "text/html")
	r.Header.Set("Accept-Language", v.language)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", formType)
	}
	w := httptest.NewRecorder()
	v.h.ServeHTTP(w, r)
	v.page, v.status, v.largest = w.Body.String(), w.Code, max(v.largest, w.Body.Len())
	v.fields = url.Values{}
	for _, m := range hiddenInput.FindAllStringSubmatch(v.page, -1) {
		v.fields.Set(m[1], html.UnescapeString(m[2]))
	}
	if w.Header().Get("Cache-Control") != "no-store" {
		v.t.Errorf("%s %s may be stored", method, target)
	}
}

// answer sends the form on the page with some answers, as name and value in turn.
func (v *visitor) answer(pairs ...string) {
	v.t.Helper()
	for i := 0; i+1 < len(pairs); i += 2 {
		v.fields.Set(pairs[i], pairs[i+1])
	}
	target := "/report"
	if m := regexp.MustCompile(`<form (?:id="walk" )?method="post" action="([^"]+)"`).FindStringSubmatch(v.page); m != nil {
		target = m[1]
	}
	v.ask(http.MethodPost, target, v.fields)
}

// sees wants a status and texts on the page.
func (v *visitor) sees(status int, has ...string) {
	v.t.Helper()
	if v.status != status {
		v.t.Fatalf("status %d, want %d\n%s", v.status, status, v.page)
	}
	for _, x := range has {
		if !strings.Contains(v.page, x) {
			v.t.Fatalf("the page does not hold %q\n%s", x, v.page)
		}
	}
}

func (v *visitor) hides(not ...string) {
	v.t.Helper()
	for _, x := range not {
		if strings.Contains(v.page, x) {
			v.t.Fatalf("the page holds %q\n%s", x, v.page)
		}
	}
}

// code is the code on a receipt.
func (v *visitor) code() string {
	v.t.Helper()
	m := codeOnPage.FindStringSubmatch(v.page)
	if m == nil {
		v.t.Fatalf("there is no code on the page\n%s", v.page)
	}
	code, err := notice.ReadCode(m[1])
	if err != nil {
		v.t.Fatal(err)
	}
	return code
}

// A report, one question a page, with a slip, a step back and a change of mind: nothing that was written is lost, and what is
// sent is what was last said.
func TestReportWalk(t *testing.T) {
	t.Parallel()
	c := newClock()
	h := testHouse(t, t.TempDir(), "", c)
	for _, language := range []string{"fr", "ar", "en"} {
		before := h.verify(t).Acts
		v := newVisitor(t, h, language)
		v.ask("GET", "/", nil)
		v.sees(200, `name="danger" value="yes"`, `action="/report"`)
		v.answer()
		v.sees(422, `href="#f-danger"`, `role="alert"`)
		v.answer("danger", "no")
		v.sees(200, `name="situation" value="contact"`, `value="quarrel"`)
		v.answer("situation", "contact")
		v.sees(200, `name="platform"`, `name="where"`)
		v.answer("platform", "لعبة", "where", "")
		v.sees(200, `name="text"`)
		v.answer("text", " ")
		v.sees(422, `href="#f-text"`)
		v.answer("text", `He said "come" & <b>now</b>`)
		v.sees(200, `name="minor" value="unknown"`)
		v.answer("go", "told") // back: what was written is there
		v.sees(200, `He said &#34;come&#34; &amp; &lt;b&gt;now&lt;/b&gt;</textarea>`)
		v.fields.Del("go")
		v.answer("text", `He said "come" & <b>now</b>`)
		v.answer("minor", "yes")
		v.sees(200, "لعبة", "&lt;b&gt;now", `name="change" value="where"`)
		v.hides("<b>now")
		v.answer("change", "where")
		v.sees(200, `value="لعبة"`, `name="then" value="check"`)
		v.fields.Del("change")
		v.answer("platform", "لعبة أخرى", "where", "https://game.example/u/7")
		v.sees(200, "لعبة أخرى", "https://game.example/u/7")
		if h.verify(t).Acts != before {
			t.Fatal("something was recorded before it was sent")
		}
		paper := v.fields
		v.answer()
		v.sees(201, `class="code" dir="ltr"`, `<a href="/follow" dir="ltr">`, "/follow</a>")
		code := v.code()
		v.hides("come", "game.example")
		// The same paper sent again, by a thumb that was too fast or a browser that reloads: the one receipt.
		v.ask("POST", "/report", paper)
		if v.sees(201); v.code() != code || h.verify(t).Acts != before+1 {
			t.Fatal("one paper made two notices")
		}
		// Changed in between it is another.
		paper.Set("platform", "another")
		v.ask("POST", "/report", paper)
		if v.sees(201); v.code() == code || h.verify(t).Acts != before+2 {
			t.Fatal("a changed paper is not another notice")
		}
		s, err := h.notice.Follow(t.Context(), code)
		if err != nil || s.Situation != "contact" || s.Outside || s.Danger {
			t.Fatalf("%+v %v", s, err)
		}
		if v.largest > 30_000 {
			t.Errorf("%s: a page has %d bytes", language, v.largest)
		}
	}
}

// Someone is in danger: whom to call comes first, and the report goes on under the shortest clock.
func TestReportDanger(t *testing.T) {
	t.Parallel()
	c := newClock()
	h := testHouse(t, t.TempDir(), "", c)
	v := newVisitor(t, h, "fr")
	v.ask("GET", "/", nil)
	v.answer("danger", "yes")
	v.sees(200, `href="tel:700"`, `href="tel:72233"`, "Le Guet", `<bdi dir="ltr">7 22 33</bdi>`)
	v.answer()
	v.sees(200, `value="contact"`)
	v.hides(`value="quarrel"`) // out of scope has no short clock
	v.answer("situation", "blackmail")
	v.answer("where", "@someone")
	v.answer()
	v.answer("minor", "unknown")
	v.sees(200, `type="hidden" name="danger" value="yes"`)
	v.answer()
	v.sees(201, `href="tel:700"`)
	s, err := h.notice.Follow(t.Context(), v.code())
	if err != nil || !s.Danger || s.Due.Time().Sub(c.now()).Hours() != 3 {
		t.Fatalf("%+v %v", s, err)
	}
	// Forged: danger with what is out of scope leads back to the question.
	v.ask("POST", "/report", url.Values{"at": {"check"}, "danger": {"yes"}, "situation": {"quarrel"}, "text": {"kept"}, "minor": {"no"}})
	v.sees(422, `href="#f-situation"`, `value="kept"`)
}

// The child's page: simple, nameless, with a way out and a name in the history that says nothing.
func TestChildPage(t *testing.T) {
	t.Parallel()
	c := newClock()
	h := testHouse(t, t.TempDir(), "", c)
	for _, l := range []struct{ language, title, ours string }{
		{"fr", "<title>Page d’accueil</title>", "Un adulte que je ne connais pas m’écrit"},
		{"ar", "<title>الصفحة الرئيسية</title>", `value="contact"`},
		{"en", "<title>Home page</title>", `value="contact"`},
	} {
		v := newVisitor(t, h, l.language)
		v.ask("GET", "/child", nil)
		v.sees(200, l.title, l.ours, `data-leave`, `rel="noreferrer noopener"`, `accesskey="q"`, `href="tel:700"`)
		v.hides(`name="contact"`, `name="minor"`, `type="file"`, `value="quarrel"`, `name="name"`)
		v.answer()
		v.sees(422, `href="#f-situation"`, `href="#f-text"`, l.title)
		v.answer("situation", "contact", "text", "<i>mine</i>", "danger", "yes")
		v.sees(201, l.title, `class="code" dir="ltr"`, `href="tel:700"`, `data-leave`)
		v.hides("mine")
		s, err := h.notice.Follow(t.Context(), v.code())
		if err != nil || !s.Danger {
			t.Fatalf("%+v %v", s, err)
		}
		p := newPlayer(t, h, c)
		p.file = s.File
		if minor, ok := p.view("xx-officer-1").Acts[0].Facts.Get("minor"); !ok || !minor.Bool() {
			t.Fatal("a child's report does not say that a minor is concerned")
		}
		if _, err := h.clerk.View(t.Context(), p.seat("xx-trainee-1"), s.File); err == nil {
			t.Fatal("somebody without the compartment of children reads it")
		}
	}
}

// One paper is one notice whenever it is sent again: at once by two hands, and to a program that was started since and remembers
// nothing.
func TestOnePaperIsOneNotice(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		c := newClock()
		h := testHouse(t, t.TempDir(), url, c)
		form := notice.Form{Situation: "contact", Text: "sent by two thumbs", Minor: yes()}
		before := tally(t, h)
		codes := make([]string, 8)
		var all sync.WaitGroup
		for i := range codes {
			all.Go(func() {
				ok, err := h.notice.AcceptOnce(t.Context(), form, "one paper")
				if err != nil {
					t.Error(err)
					return
				}
				codes[i] = ok.Code
			})
		}
		all.Wait()
		d := h.notice
		started := &notice.Desk{
			Clerk: d.Clerk, Intake: d.Intake, Protocol: d.Protocol, Receive: d.Receive, Words: d.Words, Law: d.Law, CodeKey: d.CodeKey, Dice: d.Dice, Read: d.Read,
		}
		ok, err := started.AcceptOnce(t.Context(), form, "one paper")
		if err != nil || slices.ContainsFunc(codes, func(code string) bool { return code != ok.Code }) {
			t.Fatalf("%v and %+v, %v", codes, ok, err)
		}
		after := tally(t, h)
		if after["notice"] != before["notice"]+1 || after["act"] != before["act"]+1 {
			t.Fatalf("%v became %v", before, after)
		}
		other, err := started.AcceptOnce(t.Context(), form, "another paper")
		if err != nil || other.Code == ok.Code {
			t.Fatal("another paper has the same code", err)
		}
		h.sound(t)
	})
}

// On paper stands the name that people type, whatever the proxy in front calls this server; without one, what the visitor asked for.
func TestReceiptNamesSite(t *testing.T) {
	t.Parallel()
	h := testHouse(t, t.TempDir(), "", newClock())
	for _, c := range []struct{ site, want, not string }{
		{"", ">example.com/follow<", "sanad.example.org"},
		{"sanad.example.org", ">sanad.example.org/follow<", "example.com/follow"},
	} {
		fronts, err := h.fronts(&Config{Language: lang.French, Site: c.site})
		if err != nil {
			t.Fatal(err)
		}
		s := scenario{
			name: "a receipt of " + c.site, method: "POST", target: "/report", media: formType, language: "fr", status: 201,
			body: "at=check&danger=no&situation=contact&text=told+" + c.site + "&minor=unknown", has: []string{c.want}, hasNot: []string{c.not},
		}
		s.play(t, fronts.public)
	}
}
