package app

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"sanad/internal/archive/proof"
	"sanad/internal/desk/notice"
	"sanad/internal/kit/lang"
)

// scenario is one request to the public's door, what must come back, and what must not.
type scenario struct {
	name, method, target, media, language, body string
	status                                      int
	has, hasNot                                 []string
}

func (s *scenario) play(t *testing.T, h http.Handler) string {
	t.Helper()
	r := httptest.NewRequest(s.method, s.target, strings.NewReader(s.body))
	if s.media != "" {
		r.Header.Set("Content-Type", s.media)
	}
	if !strings.HasPrefix(s.target, "/api/") {
		r.Header.Set("Accept", "text/html")
	}
	r.Header.Set("Accept-Language", s.language)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	body := w.Body.String()
	if w.Code != s.status {
		t.Errorf("%s: status %d, want %d\n%s", s.name, w.Code, s.status, body)
	}
	for _, x := range s.has {
		if !strings.Contains(body, x) {
			t.Errorf("%s: does not hold %q\n%s", s.name, x, body)
		}
	}
	for _, x := range append(s.hasNot, "goroutine", ".go:", "SQL", "%!") {
		if strings.Contains(body, x) {
			t.Errorf("%s: holds %q\n%s", s.name, x, body)
		}
	}
	return body
}

const (
	jsonType = "application/json"
	formType = "application/x-www-form-urlencoded"
)

func TestStreetDoor(t *testing.T) {
	t.Parallel()
	c := newClock()
	h := testHouse(t, t.TempDir(), "", c)
	fronts, err := h.fronts(&Config{Language: lang.French})
	if err != nil {
		t.Fatal(err)
	}
	good := `{"situation":"contact","platform":"Jeu","where":"https://x.example/u","text":"نص <script>alert(1)</script>","minor":true,"language":"ar"}`
	before := h.verify(t).Acts
	form := url.Values{"at": {"check"}, "danger": {"no"}, "situation": {"contact"}, "where": {"x"}, "text": {"<b>kept</b>"}, "minor": {"yes"}, "token": {"a paper"}}
	for _, s := range []scenario{
		{name: "first question in French", method: "GET", target: "/", language: "fr", status: 200, has: []string{`lang="fr" dir="ltr"`, "Quelqu’un est-il en danger maintenant", `href="/child"`, `href="/follow"`}},
		{name: "first question in Arabic", method: "GET", target: "/", language: "ar", status: 200, has: []string{`lang="ar" dir="rtl"`, "هل هناك شخص في خطر الآن"}},
		{name: "first question in English", method: "GET", target: "/", language: "en", status: 200, has: []string{"Is someone in danger now?"}},
		{name: "a page of a report by its address", method: "GET", target: "/report", language: "en", status: 303},
		{name: "an unknown field", method: "POST", target: "/report", media: formType, body: form.Encode() + "&admin=1", language: "en", status: 400, has: []string{"admin"}},
		{name: "a situation of no list", method: "POST", target: "/report", media: formType, body: strings.Replace(form.Encode(), "contact", "weather", 1), language: "en", status: 422, has: []string{`href="#f-situation"`}},
		{name: "bad UTF-8", method: "POST", target: "/report", media: formType, body: "situation=contact&where=%ff%fe", language: "en", status: 400},
		{name: "too long", method: "POST", target: "/report", media: formType, body: url.Values{"at": {"told"}, "danger": {"no"}, "situation": {"contact"}, "where": {"x"}, "text": {strings.Repeat("é", 10_001)}}.Encode(), language: "fr", status: 422, has: []string{"10\u202f000", "éé"}},
		{name: "too large", method: "POST", target: "/report", media: formType, body: "text=" + strings.Repeat("x", 2<<20), language: "fr", status: 413},
		{name: "another media type", method: "POST", target: "/report", media: jsonType, body: "{}", language: "fr", status: 415},
		{name: "API: another media type", method: "POST", target: "/api/v1/notices", media: "text/plain", body: good, language: "ar", status: 415, has: []string{`"code":"invalid"`, jsonType}},
		{name: "API: contact while closed", method: "POST", target: "/api/v1/notices", media: jsonType, language: "en", body: strings.Replace(good, `"minor"`, `"contact":"0600000000","minor"`, 1), status: 422, has: []string{`"field":"contact"`, "not taken here yet"}, hasNot: []string{"0600000000"}},
		{name: "API: contact of no type", method: "POST", target: "/api/v1/notices", media: jsonType, language: "en", body: strings.Replace(good, `"minor"`, `"contact":7,"minor"`, 1), status: 400, has: []string{`"field":"contact"`}},
		{name: "API: danger out of scope", method: "POST", target: "/api/v1/notices", media: jsonType, language: "en", body: `{"situation":"quarrel","text":"x","danger":true}`, status: 422, has: []string{`"field":"situation"`}},
		{name: "wrong method", method: "DELETE", target: "/", language: "fr", status: 405},
		{name: "no such page", method: "GET", target: "/admin", language: "ar", status: 404, has: []string{`dir="rtl"`}},
		{name: "API: unknown field", method: "POST", target: "/api/v1/notices", media: jsonType, language: "en", body: strings.Replace(good, `"minor"`, `"admin":1,"minor"`, 1), status: 400, has: []string{`"code":"invalid"`, "admin"}},
		{name: "API: wrong type", method: "POST", target: "/api/v1/notices", media: jsonType, language: "en", body: strings.Replace(good, `true`, `"yes"`, 1), status: 400, has: []string{"minor"}},
		{name: "API: no JSON", method: "POST", target: "/api/v1/notices", media: jsonType, language: "ar", body: "{", status: 400, has: []string{`"code":"invalid"`}},
		{name: "API: bad UTF-8", method: "POST", target: "/api/v1/notices", media: jsonType, language: "en", body: "{\"text\":\"\xff\"}", status: 400},
		{name: "API: half a character", method: "POST", target: "/api/v1/notices", media: jsonType, language: "en", body: strings.Replace(good, "Jeu", `\ud800`, 1), status: 400, has: []string{`"code":"invalid"`}},
		{name: "API: a key twice", method: "POST", target: "/api/v1/notices", media: jsonType, language: "en", body: strings.Replace(good, `"minor":true`, `"minor":true,"minor":false`, 1), status: 400, has: []string{`"field":"minor"`, "given twice"}},
		{name: "API: a language of nobody", method: "POST", target: "/api/v1/notices", media: jsonType, language: "en", body: strings.Replace(good, `"ar"`, `"klingon"`, 1), status: 422, has: []string{`"field":"language"`, "fr", "ar", "zgh"}, hasNot: []string{"klingon"}},
		{name: "API: a code's key twice", method: "POST", target: "/api/v1/notices/status", media: jsonType, language: "en", body: `{"code":"1","code":"2"}`, status: 400, has: []string{`"field":"code"`}},
		{name: "API: two values", method: "POST", target: "/api/v1/notices", media: jsonType, language: "en", body: good + good, status: 400},
		{name: "API: nothing said", method: "POST", target: "/api/v1/notices", media: jsonType, language: "fr", body: `{}`, status: 422, has: []string{"situation", "where"}},
		{name: "API: no code", method: "POST", target: "/api/v1/notices/status", media: jsonType, language: "fr", body: `{"code":"1234"}`, status: 404, has: []string{`"code":"not_found"`, "Ce code n’est pas connu", "seize chiffres"}, hasNot: []string{"page", "adresse"}},
		{name: "API: a list", method: "POST", target: "/api/v1/notices", media: jsonType, language: "fr", body: `[]`, status: 400, has: []string{`"key":"web.no_object"`, "un objet JSON", "Rien n’a été enregistré."}, hasNot: []string{`"errors"`, "encore là"}},
		{name: "API: a code nobody was given", method: "POST", target: "/api/v1/notices/status", media: jsonType, language: "fr", body: `{"code":"0000 0000 0000 0000"}`, status: 404},
		{name: "follow a code nobody was given", method: "POST", target: "/follow", media: formType, language: "ar", body: "code=0000+0000+0000+0000", status: 404, has: []string{`dir="rtl"`, `aria-invalid="true"`}},
	} {
		s.play(t, fronts.public)
	}
	if now := h.verify(t).Acts; now != before {
		t.Fatalf("refused input recorded %d acts", now-before)
	}
	if _, _, cp, err := h.clerk.Head(t.Context()); err != nil || cp != nil {
		t.Fatal("a checkpoint is there already")
	}
	ok, err := h.notice.Accept(t.Context(), notice.Form{Situation: "contact", Where: "x"})
	if err != nil {
		t.Fatal(err)
	}
	h.checkpoint(t)
	state := (&scenario{name: "state", method: "POST", target: "/api/v1/notices/status", media: jsonType, language: "fr", body: `{"code":"` + notice.Groups(ok.Code) + `"}`, status: 200, has: []string{`"stage":"received"`}}).play(t, fronts.public)
	if strings.Contains(state, ok.Code) {
		t.Fatal("the code comes back")
	}
	(&scenario{name: "followed", method: "POST", target: "/follow", media: formType, language: "fr", body: url.Values{"code": {notice.Groups(ok.Code)}}.Encode(), status: 200, has: []string{"Reçu"}}).play(t, fronts.public)
	receipt := (&scenario{name: "proof", method: "POST", target: "/proof", media: formType, language: "fr", body: "code=" + ok.Code, status: 200}).play(t, fronts.public)
	verifier, err := note.NewVerifier(h.key.vkey)
	if err != nil {
		t.Fatal(err)
	}
	checked, err := proof.CheckReceipt([]byte(receipt), verifier)
	if err != nil || checked.Envelope.Kind != notice.KindReceived {
		t.Fatalf("%+v %v", checked, err)
	}
	var said notice.Form
	if err := json.Unmarshal(checked.Body, &said); err != nil || said.Where != "x" {
		t.Fatalf("the proof opens %q, %v", checked.Body, err)
	}
	(&scenario{name: "checkpoint", method: "GET", target: "/api/v1/checkpoint", language: "fr", status: 200, has: []string{h.key.origin}}).play(t, fronts.public)
	page := (&scenario{name: "sent by a form", method: "POST", target: "/report", media: formType, body: form.Encode(), language: "ar", status: 201, has: []string{`dir="rtl"`, `class="code" dir="ltr"`}}).play(t, fronts.public)
	if strings.Contains(page, "kept") {
		t.Fatal("a receipt shows what was written")
	}
}
