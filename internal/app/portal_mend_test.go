package app

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"sanad/internal/desk/notice"
)

var receivedOnPage = regexp.MustCompile(`<p class="quiet">(Reçu le [^<]+)</p>`)

// A receipt says when the report came in, and goes on saying so however far the report has come since.
func TestReceiptSaysWhen(t *testing.T) {
	t.Parallel()
	c := newClock()
	h := testHouse(t, t.TempDir(), "", c)
	v := newVisitor(t, h, "fr")
	v.ask("GET", "/child", nil)
	v.answer("situation", "contact", "text", "il m'écrit")
	v.sees(201, `<bdi class="code" dir="ltr">`, "<h2>Ton code</h2>")
	v.hides("Reçu le") // a child's page says what is next, and nothing that is not needed
	code := v.code()
	v.ask("POST", "/follow", map[string][]string{"code": {code}, "go": {"receipt"}})
	first := receivedOnPage.FindStringSubmatch(v.page)
	if first == nil {
		t.Fatal("a receipt does not say when the report was received\n", v.page)
	}
	c.move(48 * time.Hour)
	p := newPlayer(t, h, c)
	s, err := h.notice.Follow(t.Context(), code)
	if err != nil {
		t.Fatal(err)
	}
	p.file = s.File
	p.run = p.view("xx-officer-1").Acts[0].Procedure.ID
	cmd := p.command("xx-officer-1", "acknowledge", nil, nil)
	cmd.Protocol = h.notice.Law.Received.Protocol
	_, err = h.clerk.Do(t.Context(), cmd)
	if err != nil {
		t.Fatal(err)
	}
	v.ask("POST", "/follow", map[string][]string{"code": {code}, "go": {"receipt"}})
	v.sees(200, first[0])
	s, err = h.notice.Follow(t.Context(), code)
	if err != nil || s.Stage != notice.StageAcknowledged || s.Since <= s.Received {
		t.Fatalf("%+v %v", s, err)
	}
}

// Who hears a page hears first that something is to be mended; a child's page keeps the name that tells nothing.
func TestTitleSaysWrong(t *testing.T) {
	t.Parallel()
	h := testHouse(t, t.TempDir(), "", newClock())
	for language, words := range map[string]string{"fr": "À corriger", "ar": "يحتاج إلى تصحيح", "en": "To be corrected"} {
		v := newVisitor(t, h, language)
		v.ask("GET", "/", nil)
		v.hides("<title>" + words)
		v.answer()
		v.sees(422, "<title>"+words+" · ")
		v.answer("danger", "no")
		v.hides("<title>" + words)
		v.ask("POST", "/follow", map[string][]string{"code": {"1234"}})
		v.sees(404, "<title>"+words+" · ")
		v.ask("POST", "/child", map[string][]string{"text": {"x"}})
		v.sees(422)
		v.hides("<title>" + words)
	}
}

// A page that must be filled in does not call itself optional: something is told, or an address was given before.
func TestToldOrAddressed(t *testing.T) {
	t.Parallel()
	h := testHouse(t, t.TempDir(), "", newClock())
	for _, where := range []string{"", "@loup"} {
		v := newVisitor(t, h, "en")
		v.ask("GET", "/", nil)
		v.answer("danger", "no")
		v.answer("situation", "contact")
		v.answer("where", where)
		v.sees(200, `name="text"`)
		if optional := strings.Contains(v.page, "(optional)"); optional != (where != "") {
			t.Errorf("after the address %q the story is optional: %v", where, optional)
		}
	}
}

// A program that names a situation nobody offers is told which there are; a person is asked to choose.
func TestSituationsAreNamed(t *testing.T) {
	t.Parallel()
	h := testHouse(t, t.TempDir(), "", newClock())
	v := newVisitor(t, h, "en")
	w := call(v.h, "POST", "/api/v1/notices", jsonType, `{"situation":"weather","where":"x"}`)
	if body := w.Body.String(); w.Code != http.StatusUnprocessableEntity || !strings.Contains(body, "notice.situation.unknown") {
		t.Fatal(w.Code, body)
	}
	for _, word := range h.notice.Words {
		if !strings.Contains(w.Body.String(), word) {
			t.Errorf("%s is not named: %s", word, w.Body)
		}
	}
	v.ask("POST", "/child", map[string][]string{"situation": {"weather"}, "text": {"x"}})
	v.sees(422, `href="#f-situation"`)
	v.hides(h.notice.Words[len(h.notice.Words)-1] + "\u2069")
}

// Whoever chooses a film by mistake gets the page back with all they wrote, in words of the page, whatever length was announced.
func TestFilmKeepsReport(t *testing.T) {
	t.Parallel()
	h := testHouse(t, t.TempDir(), "", newClock())
	h.signing(t)
	v := newVisitor(t, h, "fr")
	before := tally(t, h)
	for name, size := range map[string]int{"a little too large": 10<<20 + 1, "larger than all may be": 60 << 20} {
		head, media := upload(t, "at", "check", "danger", "no", "situation", "contact", "where", "x", "text", "toute une histoire", "minor", "yes", "token", "0123", "film.mp4", "")
		at := bytes.LastIndex(head, []byte("\r\n--"))
		body := io.MultiReader(bytes.NewReader(head[:at]), io.LimitReader(zeros{}, int64(size)), bytes.NewReader(head[at:]))
		r := httptest.NewRequest(http.MethodPost, "/report", body)
		r.ContentLength = int64(len(head) + size)
		r.Header.Set("Content-Type", media)
		r.Header.Set("Accept", "text/html")
		r.Header.Set("Accept-Language", "fr")
		w := httptest.NewRecorder()
		v.h.ServeHTTP(w, r)
		page := w.Body.String()
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(page, "toute une histoire") || !strings.Contains(page, "10 Mo au plus") || !strings.Contains(page, `id="f-send"`) {
			t.Errorf("%s: %d %s", name, w.Code, page)
		}
	}
	if after := tally(t, h); after["act"] != before["act"] || h.blobFiles(t) != 0 {
		t.Errorf("something was kept: %v became %v", before, after)
	}
}
