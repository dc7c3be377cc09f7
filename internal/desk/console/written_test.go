package console_test

import (
	"strings"
	"testing"
	"time"

	"sanad/internal/act"
)

// Another language is asked with the form that is on the page: what was written is there again, what was wrong is said again in
// that language, and nothing is recorded.
func TestWrittenSurvivesAnotherLanguage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.enter("officer")
	file := h.openCase("no", "")
	at := "/file/" + file.String()
	slip := h.form("officer", file, "begin", "fact.platform", meadow.String(), "body.reasons.fr", "parce que", "body.failures", "many")
	whole := h.form("officer", file, "begin", "fact.platform", meadow.String(), "body.reasons.fr", "parce que", "body.identifiers", "one", "body.failures", "3", "fact.seen_at", "2026-03-01T10:30")
	start := "protocol=xx.case&step=open&fact.situation=blackmail&body=half+a+sentence"
	acts := len(h.view("officer", file).Acts)
	h.play([]scenario{
		{name: "a page nobody wrote on is a link", who: "officer", method: "GET", url: at, status: 200, has: []string{`href="?lang=ar"`}, hasNot: []string{"formaction"}},
		{name: "what came back is sent again", who: "officer", method: "POST", url: at + "/do", body: slip, status: 422, has: []string{
			`formaction="` + at + `/written?lang=ar"`, `name="go" value="wrong"`, `tabindex="-1" aria-hidden="true"`,
		}},
		{name: "in Arabic", who: "officer", method: "POST", url: at + "/written?lang=ar", body: slip + "&go=wrong", status: 422, has: []string{
			`dir="rtl"`, "parce que</textarea>", `value="many"`, `formaction="` + at + `/written?lang=fr"`, `class="field bad"`,
		}, hasNot: []string{"Write a whole number"}},
		{name: "and back", who: "officer", method: "POST", url: at + "/written?lang=en", body: slip + "&go=wrong", status: 422, has: []string{"parce que</textarea>", "Write a whole number, in digits."}},
		{name: "what was mended meanwhile is not handed in", who: "officer", method: "POST", url: at + "/written?lang=fr", body: whole + "&go=wrong", status: 200, has: []string{"parce que</textarea>", `name="go" value="on"`}},
		{name: "a step of nobody's", who: "officer", method: "POST", url: at + "/written", body: strings.Replace(whole, "step=begin", "step=nothing", 1) + "&go=on", status: 200, hasNot: []string{"formaction"}},
		{name: "a field of nobody's", who: "officer", method: "POST", url: at + "/written", body: whole + "&go=on&who=me", status: 400},
		{name: "no file of theirs", who: "officer", method: "POST", url: "/file/" + (act.ID{9}).String() + "/written", body: whole + "&go=on", status: 404},
		{name: "nobody", method: "POST", url: at + "/written", body: whole + "&go=on", status: 401, has: []string{"nothing is lost", `action="/sign-in" target="_blank"`}, hasNot: []string{"parce que"}},
		{name: "the form that opens a file", who: "officer", method: "GET", url: "/new/case", status: 200, has: []string{`formaction="/new/case/written?lang=ar"`, `name="go" value="on"`}},
		{name: "half written", who: "officer", method: "POST", url: "/new/case/written?lang=ar", body: start + "&go=on", status: 200, has: []string{`dir="rtl"`, "half a sentence</textarea>"}, hasNot: []string{`class="field bad"`}},
		{name: "with a slip", who: "officer", method: "POST", url: "/new/case/written?lang=en", body: "protocol=xx.case&step=open&body=half&go=wrong", status: 422, has: []string{"half</textarea>", "give an answer"}},
		{name: "no sort that is opened here", who: "officer", method: "POST", url: "/new/register/written", body: start + "&go=on", status: 404},
	})
	if n := len(h.view("officer", file).Acts); n != acts {
		t.Fatalf("%d acts after looking, %d before", n, acts)
	}
}

// What somebody writes about an exhibit survives another language; a page that answered a form with nothing to keep leads back to
// itself.
func TestWrittenAboutAnExhibit(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.enter("officer")
	file := h.receive("no", "a notice with a picture")
	page := "/file/" + file.String() + "/exhibit/" + h.add(file, "a.png", blank(t)).String()
	h.play([]scenario{
		{name: "it came back", who: "officer", method: "POST", url: page + "/give", body: "to=xx-court&reason=&text=by+a+letter", status: 422, has: []string{
			`form="about-give" formaction="` + page + `/give?lang=ar"`, `id="about-give"`, "by a letter</textarea>",
		}},
		{name: "in Arabic", who: "officer", method: "POST", url: page + "/give?lang=ar", body: "to=xx-court&reason=court&text=by+a+letter&go=on", status: 200, has: []string{
			`dir="rtl"`, "by a letter</textarea>", `value="xx-court" selected`,
		}},
		{name: "what nobody does", who: "officer", method: "POST", url: page + "/sell", body: "go=on", status: 404},
	})
	if given := h.given(file); len(given) != 0 {
		t.Fatalf("%d gifts by looking", len(given))
	}
	add := "/file/" + file.String() + "/exhibits/add"
	none, media := parts(t, "", nil)
	h.play([]scenario{{name: "a page that keeps nothing", who: "officer", method: "POST", url: add, body: none, header: []string{"Content-Type", media}, status: 422, has: []string{`href="` + add + `?lang=ar"`}}})
}

// A session that ends while somebody writes costs them nothing: once they are in again, what they sent is sent again as it is.
func TestWrittenSurvivesTheSession(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.enter("officer")
	file := h.openCase("no", "")
	at := "/file/" + file.String()
	whole := h.form("officer", file, "begin", "fact.platform", meadow.String(), "body.reasons.fr", "parce que", "body.identifiers", "one", "fact.seen_at", "2026-03-01T10:30")
	h.process.move(9 * time.Hour)
	h.play([]scenario{{name: "too late", who: "officer", method: "POST", url: at + "/do", body: whole, status: 401, has: []string{
		"Nothing was recorded, and nothing is lost", `action="/sign-in" target="_blank"`,
	}, hasNot: []string{"parce que", "Begin"}}})
	h.enter("officer")
	h.play([]scenario{{name: "sent again", who: "officer", method: "POST", url: at + "/do", body: whole, status: 303, to: at}})
}
