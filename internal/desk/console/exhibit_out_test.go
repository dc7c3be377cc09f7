package console_test

import (
	"bytes"
	"image"
	"image/png"
	"mime/multipart"
	"net/url"
	"strings"
	"testing"

	"sanad/internal/act"
	"sanad/internal/office/exhibits"
)

// parts is a form with a file, as a browser sends it, and its media type; fields go by name and value in turn.
func parts(t *testing.T, name string, content []byte, fields ...string) (body, media string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i < len(fields); i += 2 {
		must(t, w.WriteField(fields[i], fields[i+1]))
	}
	f, err := w.CreateFormFile("file", name)
	must(t, err)
	_, err = f.Write(content)
	must(t, err)
	must(t, w.Close())
	return b.String(), w.FormDataContentType()
}

// blank is a picture with something in it that no copy may keep.
func blank(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	must(t, png.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 30))))
	return append(b.Bytes(), "hidden-canary"...)
}

// An officer adds an exhibit by the page: it is sealed, listed, and bound by an act; what was cut or is not wanted leaves nothing.
func TestAddExhibit(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.enter("officer")
	h.enter("visitor")
	file := h.receive("no", "a notice")
	shown := h.receiveAbout("exposure")
	at := "/file/" + file.String()
	add := at + "/exhibits/add"
	body, media := parts(t, "letter-canary.png", blank(t))
	with := []string{"Content-Type", media}
	none, noneMedia := parts(t, "", nil)
	unknown, unknownMedia := parts(t, "x.png", blank(t), "who", "me")
	empty, emptyMedia := parts(t, "empty.png", nil)
	acts := len(h.view("officer", file).Acts)
	h.play([]scenario{
		{name: "a way to add one", who: "officer", method: "GET", url: at, status: 200, has: []string{`href="` + add + `"`, "No exhibit."}},
		{name: "the form", who: "officer", method: "GET", url: add, status: 200, has: []string{`type="file"`, `enctype="multipart/form-data"`, "at most."}},
		{name: "not where only an address is taken", who: "officer", method: "GET", url: "/file/" + shown.String(), status: 200, has: []string{"Never send the picture"}, hasNot: []string{"/exhibits/add"}},
		{name: "nor by its address", who: "officer", method: "GET", url: "/file/" + shown.String() + "/exhibits/add", status: 422, hasNot: []string{`type="file"`}},
		{name: "nor by sending it", who: "officer", method: "POST", url: "/file/" + shown.String() + "/exhibits/add", body: body, header: with, status: 422},
		{name: "a file that is hidden", who: "visitor", method: "POST", url: add, body: body, header: with, status: 404},
		{name: "nobody", method: "POST", url: add, body: body, header: with, status: 401, has: []string{"nothing is lost"}},
		{name: "another site", who: "officer", method: "POST", url: add, body: body, header: append([]string{"Sec-Fetch-Site", "cross-site"}, with...), status: 403},
		{name: "no file", who: "officer", method: "POST", url: add, body: none, header: []string{"Content-Type", noneMedia}, status: 422, has: []string{"Choose a file.", `href="#f-add-file"`}},
		{name: "an empty one", who: "officer", method: "POST", url: add, body: empty, header: []string{"Content-Type", emptyMedia}, status: 422, has: []string{`href="#f-add-file"`}},
		{name: "a field of nobody's", who: "officer", method: "POST", url: add, body: unknown, header: []string{"Content-Type", unknownMedia}, status: 400},
		{name: "cut", who: "officer", method: "POST", url: add, body: body[:len(body)-30], header: with, status: 422, has: []string{`href="#f-add-file"`}},
	})
	if n := len(h.view("officer", file).Acts); n != acts {
		t.Fatalf("%d acts after refusals, %d before", n, acts)
	}
	got := h.ask("officer", "POST", add, body, with...)
	if got.status != 303 || !strings.HasPrefix(got.location, at+"?done=") {
		t.Fatalf("%d to %q\n%s\n%s", got.status, got.location, got.body, h.log)
	}
	h.play([]scenario{
		{name: "added", who: "officer", method: "GET", url: got.location, status: 200, has: []string{"The exhibit is sealed", "PNG picture", "Exhibit added", "/exhibit/"}, hasNot: []string{"<img", "letter-canary", "No exhibit."}},
	})
}

// What leaves the house does so by an act that says to whom and why: a copy without hidden data to any institution, the original to
// a court alone.
func TestGiveExhibit(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.enter("officer")
	h.enter("head")
	file := h.receive("no", "a notice with a picture")
	original := blank(t)
	binding := h.add(file, "a.png", original)
	page := "/file/" + file.String() + "/exhibit/" + binding.String()
	form := func(to, reason, text string) string {
		return url.Values{"to": {to}, "reason": {reason}, "text": {text}}.Encode()
	}
	why := "It is asked for by a letter of Monday."
	h.play([]scenario{
		{name: "both ways, and nobody had it", who: "officer", method: "GET", url: page, status: 200, has: []string{"Give a copy", "Give the original", "Notice Office", "Court of Xanadu", `id="f-give-to"`, `id="f-copy-to"`}, hasNot: []string{"To whom it was given"}},
		{name: "not for who may not open it", who: "head", method: "GET", url: page, status: 200, hasNot: []string{"Give a copy", "Give the original"}},
		{name: "nor by sending it", who: "head", method: "POST", url: page + "/copy", body: form("xx-office", "court", why), status: 403},
		{name: "to nobody", who: "officer", method: "POST", url: page + "/copy", body: form("", "court", why), status: 422, has: []string{"Choose who receives it.", `href="#f-copy-to"`}},
		{name: "to somebody unheard of", who: "officer", method: "POST", url: page + "/copy", body: form("elsewhere", "court", why), status: 422, has: []string{"Choose who receives it."}},
		{name: "without a reason", who: "officer", method: "POST", url: page + "/copy", body: form("xx-office", "", ""), status: 422, has: []string{"Choose a reason.", `href="#f-copy-reason"`}},
		{name: "the original, to an office", who: "officer", method: "POST", url: page + "/give", body: form("xx-office", "court", why), status: 403, has: []string{"court"}},
	})
	if given := h.given(file); len(given) != 0 {
		t.Fatalf("%d gifts after refusals", len(given))
	}
	got := h.ask("officer", "POST", page+"/copy", form("xx-office", "prepare", why))
	if got.status != 200 || got.header.Get("Content-Type") != "image/png" || !strings.HasPrefix(got.header.Get("Content-Disposition"), "attachment") ||
		strings.Contains(got.body, "hidden-canary") || !strings.HasPrefix(got.body, "\x89PNG") {
		t.Fatalf("the copy: %d %v %.60q", got.status, got.header, got.body)
	}
	got = h.ask("officer", "POST", page+"/give", form("xx-court", "court", why))
	if got.status != 200 || got.header.Get("Content-Type") != "application/octet-stream" || got.body != string(original) {
		t.Fatalf("the original: %d %v, %d bytes", got.status, got.header, len(got.body))
	}
	given := h.given(file)
	if len(given) != 2 || given[0].Original || given[0].To != "xx-office" || !given[1].Original || given[1].To != "xx-court" {
		t.Errorf("recorded: %+v", given)
	}
	h.play([]scenario{
		{name: "the page tells", who: "head", method: "GET", url: page, status: 200, has: []string{"To whom it was given", "Court of Xanadu", "The original"}},
		{name: "it may be a child", who: "officer", method: "POST", url: page + "/withhold", body: "text=", status: 303, to: page},
		{name: "no copy any more", who: "officer", method: "GET", url: page, status: 200, hasNot: []string{"Give a copy", "Give the original"}},
		{name: "nor by sending it", who: "officer", method: "POST", url: page + "/copy", body: form("xx-office", "court", why), status: 403},
	})
}

func (h *house) given(file act.ID) []exhibits.Given {
	h.t.Helper()
	return exhibits.Of(h.view("officer", file).Acts)[0].Given
}
