package app

import (
	"html"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/desk/notice"
	"sanad/internal/desk/registry"
	"sanad/internal/desk/sanction"
	"sanad/internal/desk/watch"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/lang"
	"sanad/internal/law/gate"
	"sanad/internal/law/pack"
	"sanad/internal/law/protocol"
	"sanad/internal/office/cases"
	"sanad/internal/office/clerk"
	"sanad/packs"
)

// realPack is the embedded pack whose law is meant and whose texts are partly missing: what it recommends is no law yet.
var realPack = packs.Default()

// realStep finds the first step of a pack that emits a kind, on a sort of file, and its protocol.
func realStep(t *testing.T, p *pack.Pack, sort, kind string) (*protocol.Protocol, *protocol.Step) {
	t.Helper()
	for i := range p.Protocols {
		for j := range p.Protocols[i].Steps {
			if s := &p.Protocols[i].Steps[j]; p.Protocols[i].Sort == sort && s.Kind == kind {
				return &p.Protocols[i], s
			}
		}
	}
	t.Fatalf("the pack has no step for %s", kind)
	return nil, nil
}

func seatOf(t testing.TB, p *pack.Pack, roles []string) string {
	t.Helper()
	for _, r := range p.Roles {
		if slices.Contains(roles, r.ID) && len(r.Seats) > 0 {
			return r.Seats[0]
		}
	}
	t.Fatalf("nobody sits in %v", roles)
	return ""
}

// realHouse serves the real pack.
func realHouse(t *testing.T, c *clock) *house {
	t.Helper()
	h := built(t, plan{
		folder: t.TempDir(), pack: realPack, serve: true, legal: c.now, process: c.now, dice: newSeeded("real"), log: testLog(t),
	})
	return h
}

// proceed opens a proceeding against a platform, as the law in force lets anyone: that much coerces nobody.
func proceed(t *testing.T, h *house, c *clock) act.ID {
	t.Helper()
	do := func(cmd clerk.Command, roles []string) *clerk.Done {
		t.Helper()
		var err error
		cmd.Mandate, err = h.mandateOfSeat(t.Context(), seatOf(t, h.pack, roles))
		if err != nil {
			t.Fatal(err)
		}
		done, err := h.clerk.Do(t.Context(), cmd)
		if err != nil {
			t.Fatal(err)
		}
		return done
	}
	p, s := realStep(t, h.pack, registry.Sort, registry.KindEnrolled)
	platform := do(clerk.Command{Of: registry.Sort, Protocol: p.ID, Step: s.ID, Act: act.Act{
		Facts: act.NewFacts(map[string]act.Value{"line": act.OfCode(h.pack.Words("lines")[0])}),
		Body:  []byte(`{"name":"Nébuleuse","other_names":[],"company":"Nébuleuse SA","country":"XX","addresses":[],"website":"https://example.org"}`),
	}}, s.By).File
	p, then := realStep(t, h.pack, cases.Sort, sanction.KindOpened)
	var first *protocol.Step
	for i := range p.Steps {
		if p.Steps[i].Kind == cases.KindOpened {
			first = &p.Steps[i]
		}
	}
	if first == nil {
		t.Fatalf("%s opens no case", p.ID)
	}
	opened := do(clerk.Command{Of: cases.Sort, Protocol: p.ID, Step: first.ID, Act: act.Act{
		Facts: act.NewFacts(map[string]act.Value{"situation": act.OfCode(h.pack.Words("in_scope")[0]), "minor": act.OfBool(false), "platform": act.OfID(platform)}), Body: []byte(plainBody),
	}}, first.By)
	do(clerk.Command{File: opened.File, Protocol: p.ID, Procedure: opened.Acts[0].Procedure.ID, Step: then.ID, Seen: opened.Acts[0].Seq + 1, Act: act.Act{
		Facts: act.NewFacts(map[string]act.Value{
			"platform": act.OfID(platform), "obligation": act.OfCode(h.pack.Words("obligations")[0]), "facts_from": act.OfDate(c.now().AddDate(0, 0, -30).Truncate(24 * time.Hour)),
		}), Body: []byte(plainBody),
	}}, then.By)
	return opened.File
}

// proposed reports whether a step rests on a text that is no law, signed off or not.
func proposed(p *pack.Pack, s *protocol.Step) bool {
	return slices.ContainsFunc(s.Basis, func(b gate.Basis) bool {
		t := p.Text(b.Text)
		return t != nil && t.Status != gate.InForce
	})
}

// missing are the texts on which a step rests and which are not in force, or were signed off by no jurist, named in a language.
func missing(p *pack.Pack, s *protocol.Step, language string) []string {
	var out []string
	for _, b := range s.Basis {
		if t := p.Text(b.Text); t != nil && (t.Status != gate.InForce || !t.Verified) {
			out = append(out, t.Title[language])
		}
	}
	return out
}

// asksItsLaw tells a step at which a gate asks whether what it rests on is in force.
func asksItsLaw(p *pack.Pack, s *protocol.Step) (id string) {
	for _, name := range s.Gates {
		g := p.Gate(name)
		if g == nil {
			continue
		}
		g.Test.Walk(func(c *gate.Condition) {
			if c.Op == gate.LawInForce {
				id = name
			}
		})
	}
	return id
}

// Under the law as it stands no platform is coerced: each step that needs a text nobody has enacted is refused to the officer who
// asks for it, signed in, on the file, by the gate of legality, which names the text; in French and in Arabic. Nothing is written.
func TestRealLawRefusesEachStep(t *testing.T) {
	t.Parallel()
	c := newClock()
	h := realHouse(t, c)
	fronts, err := h.fronts(&Config{Language: lang.French})
	if err != nil {
		t.Fatal(err)
	}
	file := proceed(t, h, c)
	cookies, readers := map[string]string{}, map[string]act.ID{}
	enter := func(roles []string) (string, act.ID) {
		seat := seatOf(t, h.pack, roles)
		if cookies[seat] == "" {
			cookies[seat] = comeIn(t, h, fronts.console, seat)
		}
		id, err := h.mandateOfSeat(t.Context(), seat)
		if err != nil {
			t.Fatal(err)
		}
		return cookies[seat], id
	}
	asked, measures, texts := 0, 0, map[string]bool{}
	for i := range h.pack.Protocols {
		p := &h.pack.Protocols[i]
		if p.Sort != cases.Sort {
			continue
		}
		for j := range p.Steps {
			s := &p.Steps[j]
			legality := asksItsLaw(h.pack, s)
			if len(missing(h.pack, s, "fr")) == 0 {
				if s.Measure != nil {
					t.Errorf("%s %s imposes a measure and rests on what is in force", p.ID, s.ID)
				}
				continue
			}
			if legality == "" {
				if !p.Coercive && s.Measure == nil && !proposed(h.pack, s) { // what was not signed off and coerces nobody goes on
					continue
				}
				t.Errorf("%s %s rests on a text that is not in force, and no gate asks about that", p.ID, s.ID)
				continue
			}
			cookie, mandate := enter(s.By)
			sent := url.Values{"seen": {"0"}, "protocol": {p.ID}, "run": {""}, "step": {s.ID}}
			view, err := h.clerk.View(t.Context(), mandate, file)
			if err != nil { // who carries orders out reads no file before there is an order: for them there is none
				w := askConsole(t, fronts.console, "POST", "/file/"+file.String()+"/do", sent.Encode(), cookie)
				if w.Code != http.StatusNotFound {
					t.Errorf("%s %s by who does not read the file: %d", p.ID, s.ID, w.Code)
				}
				continue
			}
			readers[cookie] = mandate
			sent.Set("seen", strconv.FormatInt(view.Seen, 10))
			for _, l := range []string{"fr", "ar"} {
				w := askConsole(t, fronts.console, "POST", "/file/"+file.String()+"/do?lang="+l, sent.Encode(), cookie)
				page := html.UnescapeString(w.Body.String())
				if w.Code != http.StatusForbidden && w.Code != http.StatusConflict {
					t.Errorf("%s %s: %d", p.ID, s.ID, w.Code)
				}
				for _, want := range append(missing(h.pack, s, l), `<html lang="`+l+`"`) {
					if !strings.Contains(page, want) {
						t.Errorf("%s %s in %s: the refusal does not say %q\n%s", p.ID, s.ID, l, want, page)
					}
				}
			}
			asked++
			if s.Measure != nil {
				measures++
			}
			for _, text := range missing(h.pack, s, "fr") {
				texts[text] = true
			}
		}
	}
	for _, mandate := range readers {
		view, err := h.clerk.View(t.Context(), mandate, file)
		if err != nil || len(view.Acts) != 2 {
			t.Fatalf("%+v, %v: something was done after all", view, err)
		}
	}
	t.Logf("%d steps were refused, %d of them measures, for want of %d texts", asked, measures, len(texts))
	if asked < 60 || measures < 8 || len(texts) < 2 {
		t.Errorf("only %d steps were asked for, %d of them measures, for want of %d texts", asked, measures, len(texts))
	}
}

// What the law does not let anyone coerce for is received and led to its door, and never becomes more: no case is opened about it,
// nor joined by it, and it counts as no alert; by the page, by the API, by an import, by a command.
func TestRealLawTakesNoMatter(t *testing.T) {
	t.Parallel()
	c := newClock()
	h := realHouse(t, c)
	h.signing(t)
	fronts, err := h.fronts(&Config{Language: lang.French})
	if err != nil {
		t.Fatal(err)
	}
	opening, first := realStep(t, h.pack, cases.Sort, cases.KindOpened)
	reads, _ := realStep(t, h.pack, notice.Sort, notice.KindMatter)
	officer := seatOf(t, h.pack, first.By)
	cookie, p := comeIn(t, h, fronts.console, officer), newPlayer(t, h, c)
	theCase := proceed(t, h, c)
	herald := p.seat(seatOf(t, h.pack, h.watch.Law.Roles))
	tried := 0
	for _, word := range h.pack.Words("situations") {
		if !h.notice.Law.Outside(word) {
			continue
		}
		tried++
		byAPI := call(fronts.public, "POST", "/api/v1/notices", jsonType, `{"situation":"`+word+`","platform":"X","text":"words of a test","minor":false,"language":"fr"}`)
		if byAPI.Code != http.StatusCreated {
			t.Fatalf("%s: %d %s", word, byAPI.Code, byAPI.Body)
		}
		byPage := call(fronts.public, "POST", "/report", formType, url.Values{"at": {"check"}, "danger": {"no"}, "situation": {word}, "text": {"words of a test"}, "minor": {"no"}}.Encode())
		if byPage.Code != http.StatusCreated {
			t.Fatalf("%s by the page: %d", word, byPage.Code)
		}
		for _, code := range []string{codeOf(t, byAPI.Body.String()), codeOnPage.FindStringSubmatch(byPage.Body.String())[1]} {
			s, err := h.notice.Follow(t.Context(), code)
			if err != nil || !s.Outside {
				t.Fatalf("%s: %+v %v", word, s, err)
			}
			p.file = s.File
			if a := p.view(officer).Acts[0]; a.Kind != notice.KindMatter || a.Procedure.Protocol != reads.ID {
				t.Errorf("%s came in as %s under %s", word, a.Kind, a.Procedure.Protocol)
			}
			w := askConsole(t, fronts.console, "GET", "/file/"+s.File.String(), "", cookie)
			if w.Code != http.StatusOK || strings.Contains(w.Body.String(), "/join") || strings.Contains(w.Body.String(), `aria-labelledby="joining"`) {
				t.Errorf("%s: the page of the file (%d) offers a case", word, w.Code)
			}
			w = askConsole(t, fronts.console, "POST", "/file/"+s.File.String()+"/join", url.Values{"case": {theCase.String()}}.Encode(), cookie)
			if w.Code < 400 {
				t.Errorf("%s joined a case: %d", word, w.Code)
			}
		}
		_, err := h.clerk.Do(t.Context(), clerk.Command{Mandate: p.seat(officer), Of: cases.Sort, Protocol: opening.ID, Step: first.ID, Act: act.Act{
			Facts: act.NewFacts(map[string]act.Value{"situation": act.OfCode(word), "minor": act.OfBool(false)}), Body: []byte(plainBody),
		}})
		if fault.CodeOf(err) != fault.Invalid {
			t.Errorf("a case was opened about %s: %v", word, err)
		}
		_, err = h.watch.Import(t.Context(), herald, watch.Choice{Source: h.watch.Law.Sources[0], Situation: word}, []watch.Page{{Name: "x.txt", Text: []byte("Un titre\n\nUn texte.\n")}})
		if e := fault.Of(err); e == nil || e.Fields[0].Key != "watch.scope" {
			t.Errorf("%s by an import: %v", word, err)
		}
	}
	if tried < 4 {
		t.Errorf("%d situations are out of scope", tried)
	}
}
