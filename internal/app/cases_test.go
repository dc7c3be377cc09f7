package app

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"sanad/internal/act"
	"sanad/internal/desk/notice"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/lang"
	"sanad/internal/office/cases"
	"sanad/internal/office/clerk"
)

// A notice is joined to a case by an act citing both; a citation never tells anyone of an act they may not read.
func TestCase(t *testing.T) {
	t.Parallel()
	c := newClock()
	h := testHouse(t, t.TempDir(), "", c)
	p := newPlayer(t, h, c)
	p.receive(yes())
	child := p.view("xx-officer-1").Acts[0].ID
	p.receive(new(false))
	plain := p.view("xx-officer-1").Acts[0].ID
	open := func(minor bool) *clerk.Done {
		t.Helper()
		done, err := h.clerk.Do(t.Context(), clerk.Command{
			Mandate: p.seat("xx-officer-1"), Of: cases.Sort, Protocol: "xx.case", Step: "open",
			Act: act.Act{Facts: act.NewFacts(map[string]act.Value{"situation": act.OfCode("contact"), "minor": act.OfBool(minor)}), Body: []byte(plainBody)},
		})
		if err != nil {
			t.Fatal(err)
		}
		return done
	}
	join := func(file *clerk.Done, cites ...act.ID) error {
		t.Helper()
		p.file = file.File
		_, err := h.clerk.Do(t.Context(), clerk.Command{
			Mandate: p.seat("xx-officer-1"), File: file.File, Protocol: "xx.case", Procedure: file.Acts[0].Procedure.ID, Step: "join",
			Seen: p.view("xx-officer-1").Seen, Act: act.Act{Cites: cites},
		})
		return err
	}
	walled, wide := open(true), open(false)
	for _, id := range []act.ID{child, plain} {
		if err := join(walled, id); err != nil {
			t.Fatal(err)
		}
	}
	if err := join(wide, plain); err != nil {
		t.Fatal(err)
	}
	for name, refused := range map[string]error{
		"a notice some readers of the case may not see": join(wide, child),
		"two at once":           join(walled, child, plain),
		"none":                  join(walled),
		"one that is not there": join(walled, act.ID{7}),
	} {
		if fault.CodeOf(refused) != fault.Invalid {
			t.Errorf("%s: %v", name, refused)
		}
	}
	h.sound(t)
}

// What is outside the scope is never joined to a case, nor is anything of a notice but the act that took it in: neither by a
// command nor through the officers' pages.
func TestNoMatterJoinsACase(t *testing.T) {
	t.Parallel()
	c := newClock()
	h := testHouse(t, t.TempDir(), "", c)
	p := newPlayer(t, h, c)
	officer := p.seat("xx-officer-1")
	p.receive(new(false))
	within, inside := p.view("xx-officer-1").Acts[0].ID, p.file
	answered := p.do("xx-officer-1", "acknowledge", nil, nil).Acts[0].ID
	matter, err := h.notice.Accept(t.Context(), notice.Form{
		Situation: "quarrel", Platform: "Jeu d'exemple", Where: "https://game.example/u/8", Text: "Somebody owes me for a phone.", Minor: new(false), Language: "fr",
	})
	if err != nil {
		t.Fatal(err)
	}
	p.file = matter.File
	outside := p.view("xx-officer-1").Acts[0]
	if outside.Kind != notice.KindMatter {
		t.Fatalf("a quarrel came in as %s", outside.Kind)
	}
	// A notice of the ordinary kind about a quarrel: the street door makes none, an officer could.
	said := func(situation string) *clerk.Done {
		t.Helper()
		done, err := h.clerk.Do(t.Context(), clerk.Command{
			Mandate: officer, Of: notice.Sort, Protocol: "xx.notice", Step: "receive", Act: act.Act{
				Facts: act.NewFacts(map[string]act.Value{"situation": act.OfCode(situation), "minor": act.OfBool(false)}), Body: []byte(plainBody),
				Commits: []act.Commit{{Name: notice.CommitCode, Sum: [32]byte{situation[0]}}},
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		return done
	}
	quarrel, contact := said("quarrel"), said("contact")
	done, err := h.clerk.Do(t.Context(), clerk.Command{
		Mandate: officer, Of: cases.Sort, Protocol: "xx.case", Step: "open",
		Act: act.Act{Facts: act.NewFacts(map[string]act.Value{"situation": act.OfCode("contact"), "minor": act.OfBool(false)}), Body: []byte(plainBody)},
	})
	if err != nil {
		t.Fatal(err)
	}
	file, run := done.File, done.Acts[0].Procedure.ID
	join := func(cited act.ID) error {
		t.Helper()
		p.file = file
		_, err := h.clerk.Do(t.Context(), clerk.Command{
			Mandate: officer, File: file, Protocol: "xx.case", Procedure: run, Step: "join", Seen: p.view("xx-officer-1").Seen, Act: act.Act{Cites: []act.ID{cited}},
		})
		return err
	}
	for name, cited := range map[string]act.ID{
		"a matter": outside.ID, "a notice about a quarrel": quarrel.Acts[0].ID, "another act of a notice": answered, "an act of the case": done.Acts[0].ID,
	} {
		err := join(cited)
		if e := fault.Of(err); e == nil || e.Code != fault.Invalid || e.Key != "case.join.outside" {
			t.Errorf("%s joined: %v", name, err)
		}
	}

	h.words = h.words.Report(func(x lang.Trouble) { t.Errorf("%s %s: %s", x.Lang, x.Key, x.What) })
	fronts, err := h.fronts(&Config{Language: lang.English})
	if err != nil {
		t.Fatal(err)
	}
	cookie := comeIn(t, h, fronts.console, "xx-officer-1")
	ask := func(method, path, body string) (int, string) {
		t.Helper()
		w := askConsole(t, fronts.console, method, path+"?lang=en", body, cookie)
		return w.Code, w.Body.String()
	}
	to := url.Values{"case": {file.String()}}.Encode()
	for name, from := range map[string]act.ID{"a matter": matter.File, "a notice about a quarrel": quarrel.File} {
		if _, page := ask("GET", "/file/"+from.String(), ""); !strings.Contains(page, "No case can be made of this matter") || strings.Contains(page, "/join") {
			t.Errorf("%s: its page offers a case", name)
		}
		if code, page := ask("POST", "/file/"+from.String()+"/join", to); code != http.StatusConflict || !strings.Contains(page, "No case can be made of this matter") {
			t.Errorf("%s joined from its page: %d", name, code)
		}
	}
	page := "/file/" + file.String()
	_, body := ask("GET", page, "")
	for _, id := range []act.ID{outside.ID, quarrel.Acts[0].ID} {
		if strings.Contains(body, `<option value="`+id.String()) {
			t.Error("the case offers what is outside the scope")
		}
	}
	for _, id := range []act.ID{within, contact.Acts[0].ID} {
		if !strings.Contains(body, `<option value="`+id.String()) {
			t.Error("the case does not offer what is within the scope")
		}
	}
	if code, _ := ask("POST", "/file/"+inside.String()+"/join", to); code != http.StatusSeeOther {
		t.Errorf("a notice within the scope: %d", code)
	}
	if err := join(contact.Acts[0].ID); err != nil {
		t.Errorf("a notice within the scope: %v", err)
	}
	p.file = file
	if n := len(p.view("xx-officer-1").Acts); n != 3 {
		t.Errorf("the case holds %d acts, want its opening and two notices", n)
	}
}
