package web

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"sanad/internal/kit/fault"
	"sanad/internal/kit/lang"
)

type formPage struct {
	Form Form
	Left Left
}

var room = fstest.MapFS{
	"_part.html": {Data: []byte(`{{define "part"}}<i title="{{text "letter.reference.file" "number" .}}">{{t "letter.reference.file" "number" .}}</i>{{end}}`)},
	"ask.html": {Data: []byte(`{{define "title"}}{{text "letter.reference.file" "number" "<7>"}}{{end}}
{{define "main"}}{{template "errors" .Data.Form}}<form method="post">
{{template "field" (.Data.Form.Field "where" "notice.where")}}{{template "area" (.Data.Form.May "text" "notice.text")}}
{{template "choice" (.Data.Form.Choice "minor" "notice.minor" "yes=page.yes" "no=page.no")}}</form>
{{template "left" .Data.Left}}{{template "part" "منصة"}}{{end}}`)},
}

func TestPages(t *testing.T) {
	t.Parallel()
	h := build(t)
	err := h.pages.Add("notice", room)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)
	data := formPage{
		Form{url.Values{"where": {`"><script>`}, "minor": {"no"}}, []fault.Field{{Name: "where", Key: "notice.where.missing"}}},
		Left{now.Add(-time.Hour), now.Add(3 * time.Hour), now},
	}
	srv := Chain(h.edge.Handle(func(w http.ResponseWriter, r *http.Request) error {
		return h.pages.Render(w, r, 200, "notice/ask", View{Nav: []Link{{"/", "queue.title", true}}, Banner: "law.status.bill", Who: "Mona <x>", Data: data})
	}), Language(h.messages, "fr"))
	for l, want := range map[lang.Lang][]string{
		lang.English: {
			`<html lang="en" dir="ltr">`, "File \u2068&lt;7&gt;\u2069 · Sanad</title>", `aria-current="page">To do`, "<strong>3\u00a0h left</strong>", `value="25"`,
			`href="#f-where">Write an address`, `aria-describedby="f-where-hint f-where-error" aria-invalid="true"`, `value="&#34;&gt;&lt;script&gt;"`,
			`value="no" checked`, `<span class="quiet">(optional)</span>`, `datetime="2026-03-04T13:00:00Z"`, "<bdi>Mona &lt;x&gt;</bdi>", "?lang=ar&amp;q=1",
			"<i title=\"File \u2068منصة\u2069\">File <bdi>منصة</bdi></i>", `lang="ar" dir="rtl" hreflang="ar">العربية`,
		},
		lang.Arabic:  {`<html lang="ar" dir="rtl">`, "<strong>بقيت 3\u00a0ساعات</strong>", "الأربعاء 4 مارس 2026 على الساعة 13:00"},
		lang.Amazigh: {`<html lang="zgh" dir="ltr">`, `<span lang="fr" dir="ltr">Où peut-on le voir`, "ⵎⴰⵕⵚ"},
	} {
		resp := ask(srv, "GET", "/x?q=1", "", "Accept-Language", string(l))
		body := resp.Body
		for _, s := range want {
			if !strings.Contains(body, s) {
				t.Errorf("%s: %s is not on the page", l, s)
			}
		}
		for _, never := range []string{"<script", "style=", "onclick", "ZgotmplZ", "&lt;bdi", "&lt;span"} {
			if strings.Contains(body, never) {
				t.Errorf("%s: %s is on the page", l, never)
			}
		}
		if resp.Header.Get("Content-Type") != "text/html; charset=utf-8" {
			t.Error(resp.Header.Get("Content-Type"))
		}
		if t.Failed() {
			t.Logf("%s", body)
		}
	}
	// After a form was sent, a link can't send it again: it leads to the first page.
	if body := ask(srv, "POST", "/x?q=1", "", "Accept-Language", "en").Body; !strings.Contains(body, `href="/?lang=ar"`) {
		t.Error("the language link after a form leads nowhere good")
	}
}

// A page that fails has shown nothing, and the reader is told.
func TestPageFailsWhole(t *testing.T) {
	t.Parallel()
	h := build(t)
	err := h.pages.Add("x", fstest.MapFS{"bad.html": {Data: []byte(`{{define "title"}}x{{end}}{{define "main"}}half{{.Data.Nope.More}}{{end}}`)}})
	if err != nil {
		t.Fatal(err)
	}
	srv := Chain(h.edge.Handle(func(w http.ResponseWriter, r *http.Request) error {
		return h.pages.Render(w, r, 200, "x/bad", View{Data: 3})
	}), Language(h.messages, "fr"))
	resp := ask(srv, "GET", "/", "", "Accept", "text/html")
	if body := resp.Body; resp.StatusCode != http.StatusInternalServerError || strings.Contains(body, "half") || !strings.Contains(body, "La faute est de notre côté") {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
	for name, files := range map[string]fstest.MapFS{
		"no main":      {"a.html": {Data: []byte(`{{define "title"}}x{{end}}`)}},
		"broken":       {"a.html": {Data: []byte(`{{define "title"}}`)}},
		"no such call": {"a.html": {Data: []byte(`{{define "title"}}x{{end}}{{define "main"}}{{nope}}{{end}}`)}},
	} {
		if h.pages.Add("y", files) == nil {
			t.Errorf("%s: was added", name)
		}
	}
	if h.pages.Render(nil, mustRequest("fr"), 200, "error", View{}) == nil {
		t.Error("a page without a language was rendered")
	}
}

func TestLeft(t *testing.T) {
	t.Parallel()
	const h = time.Hour
	at := time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		due, now time.Duration
		gone     int
		level    string
	}{
		{48 * h, 0, 0, "calm"},
		{48 * h, 35 * h, 72, "calm"},
		{48 * h, 36 * h, 75, "soon"},
		{48 * h, 48 * h, 100, "late"},
		{48 * h, 90 * h, 100, "late"},
		{0, 0, 100, "late"},
		{48 * h, -5 * h, 0, "calm"},
	} {
		l := Left{at, at.Add(c.due), at.Add(c.now)}
		if l.Gone() != c.gone || l.Level() != c.level {
			t.Errorf("%s of %s: %d %s", c.now, c.due, l.Gone(), l.Level())
		}
	}
}

func BenchmarkPage(b *testing.B) {
	m, pages := benchPages(b)
	r := mustRequest("ar")
	p := m.For(lang.Arabic)
	var out bytes.Buffer
	view := View{Data: errorPage{Words: worded(p, "error.conflict"), Key: "file.conflict", Args: lang.Args{"count": 3}}}
	b.ReportAllocs()
	for b.Loop() {
		out.Reset()
		err := pages.execute(&out, r, p, "error", view)
		if err != nil {
			b.Fatal(err)
		}
	}
}
