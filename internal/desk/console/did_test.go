package console_test

import (
	"strconv"
	"testing"
)

// A person finds what they did themselves, and nobody else's acts; a stretch of the log in which they did nothing says so.
func TestDid(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.enter("officer")
	h.enter("visitor")
	file := h.receive("no", "a notice")
	at := "/file/" + file.String()
	h.play([]scenario{
		{name: "before anything", who: "officer", method: "GET", url: "/did", status: 200, has: []string{"You did nothing under this mandate", `aria-current="true">What I did`}},
	})
	h.perform("officer", file, "acknowledge")
	last := h.view("officer", file).Acts
	of := last[len(last)-1].Seq
	h.play([]scenario{
		{name: "what the officer did", who: "officer", method: "GET", url: "/did", status: 200, has: []string{`href="` + at + `"`, "no. " + strconv.FormatInt(of, 10)}, hasNot: []string{"You did nothing"}},
		{name: "before that act", who: "officer", method: "GET", url: "/did?before=" + strconv.FormatInt(of, 10), status: 200, has: []string{"You did nothing", `href="/did"`}, hasNot: []string{at}},
		{name: "before no number", who: "officer", method: "GET", url: "/did?before=<b>", status: 200, has: []string{at}, hasNot: []string{"<b>"}},
		{name: "before the log began", who: "officer", method: "GET", url: "/did?before=1", status: 200, hasNot: []string{"/did?before="}},
		{name: "who did nothing", who: "visitor", method: "GET", url: "/did", status: 200, has: []string{"You did nothing"}, hasNot: []string{at}},
		{name: "nobody", method: "GET", url: "/did", status: 303, to: "/sign-in"},
	})
}
