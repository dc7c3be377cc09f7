package app

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"sanad/internal/kit/lang"
)

// A file's page offers the other version to whoever may decide it, says what keeps a procedure where it is, gives back what was
// written when something is missing, and offers the way back.
func TestConsoleMigrates(t *testing.T) {
	t.Parallel()
	o := newDesks(t, "", "xx")
	o.h.words = o.h.words.Report(func(x lang.Trouble) { t.Errorf("%s %s: %s", x.Lang, x.Key, x.What) })
	fronts, err := o.h.fronts(&Config{Language: lang.English})
	if err != nil {
		t.Fatal(err)
	}
	o.c.move(time.Date(2026, 12, 30, 9, 0, 0, 0, time.UTC).Sub(o.c.now()))
	o.step("xx-tribune-1", "xx.duty", "charge")
	o.c.move(4 * 24 * time.Hour)
	run, at := o.runs["xx.duty"].String(), "/file/"+o.file.String()
	form := func(to, reason, text string) string {
		return url.Values{"seen": {strconv.FormatInt(o.view("xx-head-1").Seen, 10)}, "run": {run}, "to": {to}, "reason": {reason}, "text": {text}}.Encode()
	}
	stale := func(text string) string {
		return url.Values{"seen": {"1"}, "run": {run}, "to": {"2"}, "reason": {"law_changed"}, "text": {text}}.Encode()
	}
	head, tribune := comeIn(t, o.h, fronts.console, "xx-head-1"), comeIn(t, o.h, fronts.console, "xx-tribune-1")
	for _, c := range []struct {
		name, who, method, body string
		status                  int
		has, lacks              string
	}{
		{"offered to the head", head, "GET", "", http.StatusOK, "Move to version 2", "Why it is not possible"},
		{"offered to nobody else", tribune, "GET", "", http.StatusOK, "Announce the duty", "Move to version 2"},
		{"refused to anybody else", tribune, "POST", form("2", "law_changed", "it did"), http.StatusForbidden, "belongs to", ""},
		{"no reasons", head, "POST", form("2", "law_changed", " "), http.StatusUnprocessableEntity, "Write the reasons for the change", ""},
		{"no ground", head, "POST", form("2", "", "it changed in winter"), http.StatusUnprocessableEntity, "it changed in winter", ""},
		{"said on top, and kept for another language", head, "POST", form("2", "", "it changed in winter"), http.StatusUnprocessableEntity, `href="#f-migrate0-reason"`, ""},
		{"sent again in Arabic", head, "POST", form("2", "", "it changed in winter"), http.StatusUnprocessableEntity, `formaction="` + at + `/migrate?lang=ar"`, ""},
		{"shown again, what was wrong said again", head, "POST", form("2", "", "it changed in winter") + "&go=wrong", http.StatusUnprocessableEntity, "it changed in winter", ""},
		{"shown again, nothing recorded", head, "POST", form("2", "law_changed", "it changed in winter") + "&go=on", http.StatusOK, "it changed in winter", `class="field bad"`},
		{"shown again, before anything was said of it", head, "POST", form("2", "", "") + "&go=on", http.StatusOK, `name="go" value="on"`, `class="field bad"`},
		{"a file that changed meanwhile keeps what was written", head, "POST", stale("it changed in winter"), http.StatusConflict, "it changed in winter</textarea>", ""},
		{"no such version", head, "POST", form("9", "law_changed", "it did"), http.StatusConflict, "does not hold this version", ""},
		{"done", head, "POST", form("2", "law_changed", "it changed in winter"), http.StatusSeeOther, "", ""},
		{"told, with the way back", tribune, "GET", "", http.StatusOK, "it changed in winter", "Move to version"},
		{"the way back", head, "GET", "", http.StatusOK, "Move to version 1", "Move to version 2"},
		{"back", head, "POST", form("1", "taken_back", "too early"), http.StatusSeeOther, "", ""},
	} {
		path := at
		if c.method == "POST" {
			path += "/migrate"
			if c.body != "" && c.name == "back" {
				c.body = form("1", "taken_back", "too early")
			}
		}
		w := askConsole(t, fronts.console, c.method, path+"?lang=en", c.body, c.who)
		body := plainSpaces(w.Body.String())
		if w.Code != c.status || !strings.Contains(body, c.has) || c.lacks != "" && strings.Contains(body, c.lacks) {
			t.Errorf("%s: %d, want %d with %q and without %q\n%s", c.name, w.Code, c.status, c.has, c.lacks, body)
		}
	}
	for _, l := range []string{"fr", "ar"} { // no message is missing
		if w := askConsole(t, fronts.console, "GET", at+"?lang="+l, "", head); w.Code != http.StatusOK {
			t.Errorf("%s: %d", l, w.Code)
		}
	}
	if r := o.view("xx-head-1").Moves; len(r) == 0 {
		t.Error("nothing may be done any more")
	}
}
