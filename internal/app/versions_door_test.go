package app

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sanad/internal/desk/notice"
	"sanad/internal/kit/lang"
)

// later writes a copy of the invented country's pack in which a protocol has another version from 2027 on: its first step has another
// name there.
func later(t *testing.T, name, first, next string) string {
	t.Helper()
	at := "protocols/" + name + ".yaml"
	const until = "version: 1\nin_force: {to: \"2026-12-31\"}\n"
	folder := copyPack(t, map[string]packEdit{at: {"version: 1\n", until}})
	b, err := os.ReadFile(filepath.Join(folder, at))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer(
		until, "version: 2\nin_force: {from: \"2027-01-01\"}\nrenames: {"+first+": "+next+"}\n",
		"id: "+first+"\n", "id: "+next+"\n", "["+first+"]", "["+next+"]", "["+first+",", "["+next+",",
	).Replace(string(b))
	err = os.WriteFile(filepath.Join(folder, "protocols", name+"-2.yaml"), []byte(text), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range []string{"fr", "ar", "en"} {
		err = os.WriteFile(filepath.Join(folder, "messages", l+".later.yaml"), []byte("step.xx."+name+"."+next+": \"Another step "+l+"\"\n"), 0o600)
		if err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// The street door takes notices in under the law of the day, also where a newer version waits, and goes over to it while it is open.
func TestStreetDoorUnderTheLawOfTheDay(t *testing.T) {
	t.Parallel()
	o := newDesks(t, "", later(t, "notice", "receive", "receive_anew"))
	fronts, err := o.h.fronts(&Config{Language: lang.English})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		day, step string
		version   int
	}{{"2026-12-30", "receive", 1}, {"2027-01-04", "receive_anew", 2}} {
		at, err := time.Parse(time.DateOnly, c.day)
		if err != nil {
			t.Fatal(err)
		}
		o.c.move(at.Add(12 * time.Hour).Sub(o.c.now()))
		w := call(fronts.public, http.MethodPost, "/api/v1/notices", jsonType, `{"situation":"contact","where":"https://game.example/u/7"}`)
		if w.Code != http.StatusCreated {
			t.Fatalf("%s: %d %s", c.day, w.Code, w.Body)
		}
		ok, err := o.h.notice.Accept(t.Context(), notice.Form{Situation: "contact", Where: "x"})
		if err != nil {
			t.Fatal(err)
		}
		got, err := o.h.clerk.Open(t.Context(), o.h.notice.Intake, ok.Act)
		if err != nil || got.Procedure.Step != c.step || got.Procedure.Version != c.version {
			t.Errorf("%s: step %s of version %d, %v", c.day, got.Procedure.Step, got.Procedure.Version, err)
		}
	}
}

// The console opens a file under the law of the day, and leads nobody to a step of a version that is not in force.
func TestConsoleStartsUnderTheLawOfTheDay(t *testing.T) {
	t.Parallel()
	o := newDesks(t, "", later(t, "case", "open", "begin"))
	fronts, err := o.h.fronts(&Config{Language: lang.English})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ day, step, other string }{{"2026-12-30", "open", "begin"}, {"2027-01-04", "begin", "open"}} {
		at, err := time.Parse(time.DateOnly, c.day)
		if err != nil {
			t.Fatal(err)
		}
		o.c.move(at.Add(12 * time.Hour).Sub(o.c.now()))
		officer := comeIn(t, o.h, fronts.console, "xx-officer-1")
		for _, s := range []struct {
			step   string
			status int
		}{{c.step, http.StatusSeeOther}, {c.other, http.StatusNotFound}} {
			body := url.Values{"protocol": {"xx.case"}, "step": {s.step}, "fact.situation": {"contact"}, "fact.minor": {"no"}, "body": {"words of a test"}}
			w := askConsole(t, fronts.console, http.MethodPost, "/new/case?lang=en", body.Encode(), officer)
			if w.Code != s.status {
				t.Errorf("%s: %s answers %d, want %d\n%s", c.day, s.step, w.Code, s.status, w.Body)
			}
		}
		for _, page := range []struct{ at, has string }{{"/queue", `href="/new/case"`}, {"/new/case", `name="step" value="` + c.step + `"`}} {
			w := askConsole(t, fronts.console, http.MethodGet, page.at+"?lang=en", "", officer)
			if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), page.has) {
				t.Errorf("%s: %s answers %d without %s", c.day, page.at, w.Code, page.has)
			}
		}
	}
}
