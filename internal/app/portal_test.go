package app

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/desk/notice"
	"sanad/internal/kit/fault"
	"sanad/internal/office/clerk"
)

// codeOf reads the code of a notice a program sent.
func codeOf(t *testing.T, body string) string {
	t.Helper()
	var out struct{ Code, Proof string }
	if err := json.Unmarshal([]byte(body), &out); err != nil || len(out.Code) != 16 || strings.Contains(out.Proof, out.Code) {
		t.Fatalf("%v: %s", err, body)
	}
	return out.Code
}

// Out of scope: taken in, pointed to the right door, counted, and erased after the pack's delay, by page and by API.
func TestOutOfScope(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		c := newClock()
		h := testHouse(t, t.TempDir(), url, c)
		h.signing(t)
		v := newVisitor(t, h, "fr")
		v.ask("GET", "/", nil)
		v.answer("danger", "no")
		v.answer("situation", "quarrel")
		v.sees(200, "Le médiateur de quartier", "Allez à la table du médiateur")
		v.answer()
		v.answer("where", "x")
		v.answer("text", "a quarrel about a fence")
		v.answer("minor", "no")
		v.answer()
		v.sees(201, "Le médiateur de quartier")
		byPage := v.code()
		w := call(v.h, "POST", "/api/v1/notices", jsonType, `{"situation":"opinion","text":"I do not like it","minor":false,"language":"fr"}`)
		if w.Code != 201 {
			t.Fatal(w.Code, w.Body)
		}
		byAPI := codeOf(t, w.Body.String())
		_, err := h.notice.Accept(t.Context(), notice.Form{Situation: "quarrel", Text: "another"})
		if err != nil {
			t.Fatal(err)
		}
		p := newPlayer(t, h, c)
		for _, code := range []string{byPage, byAPI} {
			s, err := h.notice.Follow(t.Context(), code)
			if err != nil || !s.Outside {
				t.Fatalf("%+v %v", s, err)
			}
			p.file = s.File
			first := p.view("xx-officer-1").Acts[0]
			law := h.notice.Law
			if first.Kind != notice.KindMatter || law.Coerces(first.Kind, s.Situation) {
				t.Fatalf("%s about %s may be made a case of", first.Kind, s.Situation)
			}
		}
		// An officer points it to its door, and whoever has the code reads which.
		s, err := h.notice.Follow(t.Context(), byPage)
		if err != nil {
			t.Fatal(err)
		}
		p.file = s.File
		p.run = p.view("xx-officer-1").Acts[0].Procedure.ID
		cmd := p.command("xx-officer-1", "name_door", map[string]act.Value{"door": act.OfCode("mediator")}, nil)
		cmd.Protocol = h.notice.Law.Matter.Protocol
		if _, err = h.clerk.Do(t.Context(), cmd); err != nil {
			t.Fatal(err)
		}
		v.ask("POST", "/follow", map[string][]string{"code": {byPage}})
		v.sees(200, "Orienté vers qui peut agir", "Le médiateur de quartier")
		// The delay of the class passes; of one in scope nothing is erased.
		inside, err := h.notice.Accept(t.Context(), notice.Form{Situation: "contact", Text: "in scope"})
		if err != nil {
			t.Fatal(err)
		}
		c.move(44 * 24 * time.Hour)
		h.lapseAll(t)
		if n, err := h.clerk.Expire(t.Context()); err != nil || n != 0 {
			t.Fatalf("%d keys destroyed too soon, %v", n, err)
		}
		c.move(60 * 24 * time.Hour)
		if n, err := h.clerk.Expire(t.Context()); err != nil || n < 3 {
			t.Fatalf("%d keys destroyed, %v", n, err)
		}
		officer := p.seat("xx-officer-1")
		for _, code := range []string{byPage, byAPI} {
			s, err := h.notice.Follow(t.Context(), code)
			if err != nil {
				t.Fatal(err)
			}
			o, err := h.clerk.Open(t.Context(), officer, s.Act)
			if err != nil || !o.Erased || len(o.Body) > 0 {
				t.Fatalf("%+v %v", o, err)
			}
			view, err := h.clerk.View(t.Context(), officer, s.File)
			if err != nil || !slices.ContainsFunc(view.Acts, func(a clerk.Recorded) bool { return a.Kind == act.KeyDestroyed }) {
				t.Fatalf("nobody said that the key was destroyed: %v", err)
			}
		}
		if o, err := h.clerk.Open(t.Context(), officer, inside.Act); err != nil || o.Erased {
			t.Fatal("a notice in scope was erased", err)
		}
		// What is erased stays counted.
		var counts []notice.Count
		err = h.clerk.Read(t.Context(), func(tx clerk.Tx) error {
			var err error
			counts, err = notice.Store{}.CountOutside(t.Context(), tx)
			return err
		})
		if err != nil || !slices.Equal(counts, []notice.Count{{Situation: "opinion", Notices: 1}, {Situation: "quarrel", Notices: 2}}) {
			t.Fatalf("%v %v", counts, err)
		}
		h.sound(t)
	})
}

// signing signs checkpoints while a test runs, as a server does, so that no answer waits for one in vain.
func (h *house) signing(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				if err := h.sign(ctx); err != nil && ctx.Err() == nil {
					t.Error(err)
					return
				}
			}
		}
	})
	t.Cleanup(func() { cancel(); done.Wait() })
}

// lapseAll records every lapse there is.
func (h *house) lapseAll(t *testing.T) {
	t.Helper()
	for {
		n, err := h.clerk.Tick(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}

// call sends one request to a front.
func call(h http.Handler, method, target, media, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Header.Set("Content-Type", media)
	r.Header.Set("Accept-Language", "en")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// How to reach the reporter is an act of its own, for eyes of its own, erased alone.
func TestReporterNamed(t *testing.T) {
	t.Parallel()
	c := newClock()
	h := testHouse(t, t.TempDir(), "", c)
	form := notice.Form{Situation: "contact", Text: "told", Contact: "  0600 000 000 ", Danger: true}
	if _, err := h.notice.Accept(t.Context(), form); fault.CodeOf(err) != fault.Invalid {
		t.Fatal("contact was taken while it is closed", err)
	}
	v := newVisitor(t, h, "fr")
	v.ask("POST", "/report", url.Values{"at": {"minor"}, "danger": {"yes"}, "situation": {"contact"}, "text": {"x"}, "minor": {"no"}})
	v.sees(200, `value="check"`)
	v.hides(`name="contact"`)
	h.notice.Identity = true
	v.ask("POST", "/report", url.Values{"at": {"minor"}, "danger": {"yes"}, "situation": {"contact"}, "text": {"x"}, "minor": {"no"}})
	v.sees(200, `name="contact"`)
	v.answer("contact", "0600 000 000")
	v.sees(200, "0600 000 000")
	for _, outside := range []bool{false, true} {
		if outside {
			form.Situation, form.Danger = "quarrel", false
		}
		ok, err := h.notice.Accept(t.Context(), form)
		if err != nil || len(ok.Lost) > 0 {
			t.Fatalf("%+v %v", ok, err)
		}
		p := newPlayer(t, h, c)
		p.file = ok.File
		view := p.view("xx-officer-1")
		named := view.Acts[len(view.Acts)-1]
		if len(view.Acts) != 2 || named.Kind != notice.KindNamed || named.Audience == view.Acts[0].Audience || named.Key == view.Acts[0].Key {
			t.Fatalf("%+v", view.Acts)
		}
		officer := p.seat("xx-officer-1")
		o, err := h.clerk.Open(t.Context(), officer, named.ID)
		if err != nil || string(o.Body) != `{"contact":"0600 000 000"}` {
			t.Fatalf("%s %v", o.Body, err)
		}
		o, err = h.clerk.Open(t.Context(), officer, ok.Act)
		if err != nil || bytes.Contains(o.Body, []byte("0600")) || bytes.Contains(o.Body, []byte("contact\":\"")) {
			t.Fatalf("who reported stands in what was reported: %s %v", o.Body, err)
		}
		// Who handles notices and holds no compartment of reporters sees nothing of it.
		head, err := h.clerk.View(t.Context(), p.seat("xx-head-1"), ok.File)
		if err != nil || len(head.Acts) != 1 {
			t.Fatalf("%v %v", head, err)
		}
		// Their class is over before the notice's: that key alone is destroyed.
		c.move(30 * 24 * time.Hour)
		h.lapseAll(t)
		c.move(7 * 31 * 24 * time.Hour)
		if _, err = h.clerk.Expire(t.Context()); err != nil {
			t.Fatal(err)
		}
		o, err = h.clerk.Open(t.Context(), officer, named.ID)
		if err != nil || !o.Erased {
			t.Fatal("the identity stays", err)
		}
		o, err = h.clerk.Open(t.Context(), officer, ok.Act)
		if err != nil || o.Erased != outside { // what is out of scope was over before
			t.Fatal("the notice went with it, or stays", err)
		}
	}
}

// Many notices or codes from one address are asked to wait, with what was written kept on the page; others are not.
func TestAskedToWait(t *testing.T) {
	t.Parallel()
	c := newClock()
	h := testHouse(t, t.TempDir(), "", c)
	v := newVisitor(t, h, "en")
	sent := 0
	for range 40 {
		w := call(v.h, "POST", "/report", formType, url.Values{"at": {"check"}, "danger": {"no"}, "situation": {"contact"}, "text": {"kept on the page"}, "minor": {"no"}}.Encode())
		if w.Code == http.StatusCreated {
			sent++
			continue
		}
		if w.Code != http.StatusTooManyRequests || !strings.Contains(w.Body.String(), "kept on the page") || w.Header().Get("Retry-After") != "180" {
			t.Fatal(w.Code, w.Header(), w.Body)
		}
		break
	}
	if sent != 20 {
		t.Fatalf("%d notices were taken", sent)
	}
	w := call(v.h, "POST", "/api/v1/notices", jsonType, `{"situation":"contact","text":"x"}`)
	if w.Code != http.StatusTooManyRequests || !strings.Contains(w.Body.String(), `"key":"web.too_many"`) {
		t.Fatal(w.Code, w.Body)
	}
	tried := 0
	for tried < 100 && call(v.h, "POST", "/api/v1/notices/status", jsonType, `{"code":"0000 0000 0000 0000"}`).Code == http.StatusNotFound {
		tried++
	}
	if tried != 60 {
		t.Fatalf("%d codes were tried", tried)
	}
	doors := []struct{ path, form string }{{"/follow", "code=1"}, {"/follow", "code=1&go=receipt"}, {"/proof", "code=1"}}
	for _, door := range doors { // each counts with the others: codes are tried nowhere without end
		if w = call(v.h, "POST", door.path, formType, door.form); w.Code != http.StatusTooManyRequests {
			t.Errorf("%s %s: %d", door.path, door.form, w.Code)
		}
	}
	for _, door := range doors {
		c.move(time.Hour)
		for tried = 0; tried < 100; tried++ {
			if w = call(v.h, "POST", door.path, formType, door.form); w.Code != http.StatusNotFound {
				break
			}
		}
		if tried != 60 || w.Code != http.StatusTooManyRequests {
			t.Errorf("%s %s: %d codes were tried, then %d", door.path, door.form, tried, w.Code)
		}
	}
}

// No code, no address of a reporter and no word of theirs stands in the log, whatever they do and whatever goes wrong.
func TestLogSaysNothingOfReporters(t *testing.T) {
	t.Parallel()
	c := newClock()
	var log lockedBuffer
	h := built(t, plan{
		folder: t.TempDir(), pack: "xx", serve: true, legal: c.now, process: c.now, dice: newSeeded("silent"), log: slog.New(slog.NewJSONHandler(&log, nil)),
	})
	v := newVisitor(t, h, "fr")
	v.ask("POST", "/report", url.Values{"at": {"check"}, "danger": {"no"}, "situation": {"contact"}, "where": {"sesame.example"}, "minor": {"no"}})
	v.sees(http.StatusCreated)
	code := v.code()
	h.checkpoint(t)
	for _, target := range []string{"/follow", "/proof"} {
		v.ask("POST", target, url.Values{"code": {notice.Groups(code)}})
	}
	v.ask("GET", "/follow?code="+code, nil) // an address somebody made up
	v.ask("GET", "/"+code, nil)
	call(v.h, "POST", "/api/v1/notices/status", jsonType, `{"code":"`+code+`"}`)
	call(v.h, "POST", "/api/v1/notices", jsonType, `{"situation":"contact","where":"sesame.example","contact":"0612345678"}`) // refused
	for range 70 {
		call(v.h, "POST", "/follow", formType, "code="+code)
	}
	if err := h.db.Close(); err != nil { // from here on everything fails
		t.Fatal(err)
	}
	v.ask("POST", "/report", url.Values{"at": {"check"}, "danger": {"no"}, "situation": {"contact"}, "where": {"sesame.example"}, "minor": {"no"}})
	v.sees(http.StatusServiceUnavailable, `href="#f-send"`, `value="sesame.example"`) // and what was written is still there
	said := log.String()
	if !strings.Contains(said, "POST /report") {
		t.Fatal("nothing was logged")
	}
	for _, never := range []string{code, notice.Groups(code), url.QueryEscape(notice.Groups(code)), "sesame", "0612345678", "192.0.2.1"} {
		if strings.Contains(said, never) {
			t.Errorf("the log holds %q", never)
		}
	}
}
