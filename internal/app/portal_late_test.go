package app

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/desk/notice"
	"sanad/internal/kit/lang"
)

// Whoever has a code is told what happens next and by when, at every stage: while the clock runs, once it ran out, and where the
// law sets no date at all. A program is given the date while there is one, and none after.
func TestFollowSaysNext(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, db string) {
		c := newClock()
		h := testHouse(t, t.TempDir(), db, c)
		p := newPlayer(t, h, c)
		code := notice.Groups(p.receive(yes()).Code)
		due, err := h.notice.Follow(t.Context(), code)
		if err != nil || due.Due == 0 {
			t.Fatalf("%+v %v", due, err)
		}
		at := due.Due.Time().In(h.pack.Calendar.Location())
		follow := func(name string, says map[string][]string, silent map[string]string, api string, not ...string) {
			t.Helper()
			for _, l := range []string{"fr", "ar", "en"} {
				v := newVisitor(t, h, l)
				v.ask("POST", "/follow", url.Values{"code": {code}})
				v.sees(200, says[l]...)
				if silent[l] != "" {
					v.hides(silent[l])
				}
			}
			v := newVisitor(t, h, "en")
			w := call(v.h, "POST", "/api/v1/notices/status", jsonType, `{"code":"`+code+`"}`)
			if w.Code != 200 || !strings.Contains(w.Body.String(), api) {
				t.Errorf("%s: the API says %d %s, want %s", name, w.Code, w.Body, api)
			}
		}
		missed := map[string]string{"fr": "ce n’est pas fait", "ar": "ولم يتم", "en": "was not"}
		free := map[string]string{"fr": "La loi ne fixe pas de date pour cela", "ar": "لا يحدد القانون أجلا لذلك", "en": "The law sets no date for this"}
		next := map[string]string{"fr": "Ensuite\u00a0: une personne le lit", "ar": "يقرؤه شخص", "en": "Next: a person reads it"}
		says := func(more ...map[string]string) map[string][]string {
			out := map[string][]string{}
			for _, l := range []string{"fr", "ar", "en"} {
				for _, m := range more {
					out[l] = append(out[l], m[l])
				}
			}
			return out
		}
		moment := map[string]string{}
		for _, l := range []lang.Lang{"fr", "ar", "en"} {
			moment[string(l)] = h.words.For(l).Day(at.Add(-time.Minute)) // it runs to midnight: the last day is the one before
		}
		follow("a clock runs", says(next), missed, `"next":"`+at.Format(time.RFC3339Nano)+`"`)
		c.move(at.Sub(c.now()) + time.Minute)
		p.tick()
		follow("it ran out", says(next, missed, moment), free, `"stage":"received"`)
		follow("it ran out", says(next), free, `"next":null`)
		p.do("xx-officer-1", "acknowledge", nil, nil)
		follow("no clock", says(free), missed, `"next":null`)
		p.do("xx-officer-1", "close", map[string]act.Value{"outcome": act.OfCode("found")}, []byte(plainBody))
		follow("closed", nil, free, `"stage":"closed"`)
	})
}
