package console_test

import (
	"bytes"
	"image"
	"image/png"
	"net/url"
	"strings"
	"testing"

	"sanad/internal/act"
	"sanad/internal/office/exhibits"
)

// add puts a file into custody, and returns the act that binds it.
func (h *house) add(file act.ID, name string, content []byte) act.ID {
	h.t.Helper()
	v := h.view("officer", file)
	done, err := h.exhibits.Add(h.t.Context(), h.mandates["officer"], file, v.Acts[0].ID, v.Seen, exhibits.About{Name: name}, bytes.NewReader(content))
	must(h.t, err)
	return done.Acts[0].ID
}

// A picture is never shown before somebody opens it with a reason, and to nobody else; blurred first; and never again once it
// may show a child.
func TestExhibit(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.enter("officer")
	h.enter("head")
	h.enter("trainee")
	file := h.receive("no", "a notice with a picture")
	var picture bytes.Buffer
	must(t, png.Encode(&picture, image.NewGray(image.Rect(0, 0, 40, 30))))
	binding := h.add(file, "harmless-canary.png", picture.Bytes())
	at := "/file/" + file.String()
	page := at + "/exhibit/" + binding.String()
	why := url.Values{"reason": {"assess"}, "text": {"It is said to show the account."}}.Encode()
	none := (act.ID{5}).String()
	h.play([]scenario{
		{name: "the timeline shows no picture", who: "officer", method: "GET", url: at, status: 200, has: []string{"Exhibit added", `href="` + page + `"`, "PNG picture"}, hasNot: []string{"<img", "/look/", "harmless-canary"}},
		{name: "its page shows none", who: "officer", method: "GET", url: page, status: 200, has: []string{"harmless-canary.png", "This may be a child: seal it", "Open the picture", `name="reason" value="court"`}, hasNot: []string{"<img", "/look/", "Who has seen it"}},
		{name: "no reason", who: "officer", method: "POST", url: page + "/open", body: "reason=&text=", status: 422, has: []string{"Choose a reason.", `href="#f-why-reason"`}, hasNot: []string{"<img"}},
		{name: "another site", who: "officer", method: "POST", url: page + "/open", body: why, header: []string{"Sec-Fetch-Site", "cross-site"}, status: 403},
		{name: "in full, at once", who: "officer", method: "POST", url: page + "/unveil", body: why, status: 409, has: []string{"Open this exhibit first"}},
		{name: "no such thing", who: "officer", method: "POST", url: page + "/burn", body: why, status: 404},
		{name: "no such exhibit", who: "officer", method: "GET", url: at + "/exhibit/" + none, status: 404},
		{name: "a look nobody had", who: "officer", method: "GET", url: "/look/" + none, status: 404},
		{name: "opened", who: "officer", method: "POST", url: page + "/open", body: why, status: 303, to: page},
	})
	body := h.ask("officer", "GET", page, "").body
	_, rest, _ := strings.Cut(body, `<img src="`)
	src, _, _ := strings.Cut(rest, `"`)
	if !strings.HasPrefix(src, "/look/") || !strings.Contains(body, "blurred and grey") || !strings.Contains(body, "To assess the report") {
		t.Fatalf("%q\n%s", src, body)
	}
	if got := h.ask("officer", "GET", src, ""); got.status != 200 || !strings.HasPrefix(got.header.Get("Content-Type"), "image/") {
		t.Fatalf("the look: %d %v", got.status, got.header)
	}
	h.play([]scenario{
		{name: "somebody else's look", who: "head", method: "GET", url: src, status: 409, has: []string{"This view has ended."}},
		{name: "nobody's", method: "GET", url: src, status: 303, to: "/sign-in"},
		{name: "who else looks sees who saw it", who: "head", method: "GET", url: page, status: 200, has: []string{"Who has seen it", "Officer"}, hasNot: []string{"<img"}},
		{name: "in full", who: "officer", method: "POST", url: page + "/unveil", body: why, status: 303, to: page},
		{name: "seen in full", who: "officer", method: "GET", url: page, status: 200, has: []string{"<img", "In full, without its hidden data."}},
		{name: "it may be a child", who: "officer", method: "POST", url: page + "/withhold", body: "text=", status: 303, to: page},
		{name: "nobody sees it again", who: "officer", method: "GET", url: page, status: 200, has: []string{"referred to the police"}, hasNot: []string{"<img", "/look/", "harmless-canary", "SHA-256", "<form method=\"post\" action=\"" + page}},
		{name: "nor its name in the file", who: "officer", method: "GET", url: at, status: 200, has: []string{"referred to the police"}, hasNot: []string{"<img", "harmless-canary"}},
		{name: "nor who reads less", who: "trainee", method: "GET", url: at, status: 200, hasNot: []string{"<img", "harmless-canary"}},
		{name: "not opened again", who: "officer", method: "POST", url: page + "/open", body: why, status: 403},
	})
	if got := h.ask("officer", "GET", src, ""); got.status == 200 {
		t.Error("the look is still given")
	}
}
