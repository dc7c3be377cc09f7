package console_test

import (
	"net/url"
	"strings"
	"testing"

	"sanad/internal/act"
)

// A file is found by its number as it stands on a page or in a letter; for who may not read it, it is not there.
func TestFind(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.enter("officer")
	h.enter("visitor")
	file := h.receive("no", "a notice")
	number := file.String()[:8]
	at := "/file/" + file.String()
	ask := func(text string) string { return "/find?" + url.Values{"number": {text}}.Encode() }
	other := (act.ID{1, 2, 3, 4, 5}).String()[:8]
	h.play([]scenario{
		{name: "on the queue", who: "officer", method: "GET", url: "/queue", status: 200, has: []string{`action="/find"`, "Number of the file"}},
		{name: "its number", who: "officer", method: "GET", url: ask(number), status: 303, to: at},
		{name: "in capitals, in two parts", who: "officer", method: "GET", url: ask(" " + strings.ToUpper(number[:4]) + "-" + strings.ToUpper(number[4:])), status: 303, to: at},
		{name: "all of it", who: "officer", method: "GET", url: ask(file.String()), status: 303, to: at},
		{name: "its address", who: "officer", method: "GET", url: ask("https://console.test" + at + "?skip=30"), status: 303, to: at},
		{name: "another", who: "officer", method: "GET", url: ask(other), status: 404, has: []string{"No file of this number is open to you.", `href="#f-number"`, `value="` + other + `"`}},
		{name: "too short", who: "officer", method: "GET", url: ask("ab"), status: 422, has: []string{"at least 4 letters"}},
		{name: "nothing", who: "officer", method: "GET", url: "/find", status: 422},
		{name: "no number", who: "officer", method: "GET", url: ask("<b>1980</b>"), status: 422, hasNot: []string{"<b>1980"}},
		{name: "who may not read it", who: "visitor", method: "GET", url: ask(number), status: 404, hasNot: []string{at}},
		{name: "nobody", method: "GET", url: ask(number), status: 303, to: "/sign-in"},
	})
}
