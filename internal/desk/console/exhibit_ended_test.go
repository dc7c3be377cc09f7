package console_test

import (
	"bytes"
	"image"
	"image/png"
	"net/url"
	"strings"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/archive/store"
)

// Who reads a file in a role that opens nothing is told so, and offered nothing; and is refused what they ask all the same.
func TestExhibitNotOpened(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.enter("officer")
	h.enter("head")
	h.enter("trainee")
	file := h.receive("no", "a notice with a picture")
	page := "/file/" + file.String() + "/exhibit/" + h.add(file, "a.png", blank(t)).String()
	why := url.Values{"reason": {"assess"}, "text": {"It is said to show the account."}, "to": {"xx-court"}}.Encode()
	before := len(h.view("officer", file).Acts)
	told := "your role does not open this exhibit"
	all := []scenario{
		{name: "the officer's page", who: "officer", method: "GET", url: page, status: 200, has: []string{page + "/open", page + "/withhold", page + "/copy", page + "/give"}, hasNot: []string{told}},
		{name: "the head's page", who: "head", method: "GET", url: page, status: 200, has: []string{told}, hasNot: []string{page + "/", "This may be a child"}},
	}
	for _, do := range []string{"open", "unveil", "read", "withhold", "copy", "give"} {
		body := why
		if do == "withhold" {
			body = "text="
		}
		status := map[string]int{"unveil": 409}[do] // what nobody opened is not unveiled
		if status == 0 {
			status = 403
		}
		all = append(all,
			scenario{name: "the head: " + do, who: "head", method: "POST", url: page + "/" + do, body: body, status: status, hasNot: []string{"PNG", "<img"}},
			scenario{name: "nobody: " + do, method: "POST", url: page + "/" + do, body: body, status: 401},
		)
	}
	h.play(all)
	if after := len(h.view("officer", file).Acts); after != before {
		t.Errorf("%d acts became %d", before, after)
	}
}

// A mandate that has ended opens nothing and gives nothing out, though it began to look while it was in force.
func TestExhibitAfterTheMandate(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(h *house, officer act.ID){
		"its day came": func(h *house, _ act.ID) { h.legal.move(2 * time.Minute) },
		"it was ended": func(h *house, officer act.ID) {
			must(h.t, h.db.Write(h.t.Context(), func(tx *store.Tx) error {
				return h.book.End(h.t.Context(), tx, officer, act.InstantOf(h.legal.now()))
			}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			file := h.receive("no", "a notice with a picture")
			var picture bytes.Buffer
			must(t, png.Encode(&picture, image.NewGray(image.Rect(0, 0, 40, 30))))
			page := "/file/" + file.String() + "/exhibit/" + h.add(file, "a.png", picture.Bytes()).String()
			h.legal.move(120*24*time.Hour - time.Minute) // the last of its time
			h.enter("officer")
			why := url.Values{"reason": {"assess"}, "text": {"It is said to show the account."}, "to": {"xx-court"}}.Encode()
			if got := h.ask("officer", "POST", page+"/open", why); got.status != 303 {
				t.Fatalf("%d\n%s", got.status, got.body)
			}
			_, rest, _ := strings.Cut(h.ask("officer", "GET", page, "").body, `<img src="`)
			look, _, _ := strings.Cut(rest, `"`)
			if got := h.ask("officer", "GET", look, ""); got.status != 200 || got.header.Get("Content-Type") != "image/png" {
				t.Fatalf("%q: %d", look, got.status)
			}
			end(h, h.mandates["officer"])
			for _, do := range []string{"GET " + look, "GET " + page, "POST " + page + "/open", "POST " + page + "/unveil", "POST " + page + "/read", "POST " + page + "/copy", "POST " + page + "/give", "POST " + page + "/withhold"} {
				method, at, _ := strings.Cut(do, " ")
				got := h.ask("officer", method, at, why)
				if got.status != 403 && got.status != 401 && (got.status != 303 || !strings.HasPrefix(got.location, "/sign-in")) || strings.Contains(got.body, "PNG") {
					t.Errorf("%s: %d to %q", do, got.status, got.location)
				}
			}
		})
	}
}
