package app

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

// upload makes a form with files; a name with a dot is a file.
func upload(t *testing.T, pairs ...string) (body []byte, media string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i < len(pairs); i += 2 {
		var to io.Writer
		var err error
		if strings.Contains(pairs[i], ".") {
			to, err = w.CreateFormFile("files", pairs[i])
		} else {
			to, err = w.CreateFormField(pairs[i])
		}
		if err == nil {
			_, err = io.WriteString(to, pairs[i+1])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), w.FormDataContentType()
}

// blobFiles counts what lies under the folder of sealed evidence.
func (h *house) blobFiles(t *testing.T) int {
	t.Helper()
	n := 0
	var walk func(folder string)
	walk = func(folder string) {
		entries, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if e.Name() == "held" { // notes of what is sealed, until it is known to be bound
				continue
			}
			if e.IsDir() {
				walk(folder + "/" + e.Name())
			} else {
				n++
			}
		}
	}
	walk(h.folder + "/" + blobsFolder)
	return n
}

// A notice with files is recorded when all of it was read and sealed: whatever ends it before leaves nothing at all.
func TestNoticeWithFiles(t *testing.T) {
	t.Parallel()
	c := newClock()
	h := testHouse(t, t.TempDir(), "", c)
	h.signing(t)
	v := newVisitor(t, h, "en")
	body, media := upload(t, "situation", "contact", "where", "https://game.example/u/7", "minor", "true", "language", "fr",
		"one.txt", strings.Repeat("what they wrote ", 5000), "two.txt", "more")
	before, blobs := tally(t, h), h.blobFiles(t)
	nothing := func(name string) {
		t.Helper()
		after := tally(t, h)
		if after["act"] != before["act"] || after["notice"] != before["notice"] || after["exhibit"] != before["exhibit"] || h.blobFiles(t) != blobs {
			t.Fatalf("%s left something: %v became %v, %d files %d", name, before, after, blobs, h.blobFiles(t))
		}
	}
	for n := 1; n < len(body)-4; n += len(body)/40 + 1 {
		w := call(v.h, "POST", "/api/v1/notices", media, string(body[:n]))
		if w.Code != 400 && w.Code != 422 {
			t.Fatalf("cut after %d bytes: %d %s", n, w.Code, w.Body)
		}
		nothing(fmt.Sprintf("cut after %d bytes", n))
	}
	sexual, sexualMedia := upload(t, "situation", "exposure", "where", "https://game.example/u/7", "one.png", "bytes")
	late, lateMedia := upload(t, "situation", "contact", "text", "x", "one.txt", "bytes", "where", "x")
	wrong, wrongMedia := upload(t, "situation", "contact", "where", "x", "minor", "perhaps", "one.txt", "bytes")
	spelt, speltMedia := upload(t, "situation", "contact", "where", "x", "minor", "1", "one.txt", "bytes")
	twice, twiceMedia := upload(t, "notice", `{"situation":"contact","where":"x","where":"y"}`, "one.txt", "bytes")
	tongue, tongueMedia := upload(t, "situation", "contact", "where", "x", "language", "klingon", "one.txt", "bytes")
	many, manyMedia := upload(t, "situation", "contact", "where", "x", "1.txt", "a", "2.txt", "a", "3.txt", "a", "4.txt", "a", "5.txt", "a", "6.txt", "a")
	large, largeMedia := upload(t, "situation", "contact", "where", "x", "1.bin", strings.Repeat("x", 10<<20+1))
	closed, closedMedia := upload(t, "situation", "contact", "where", "x", "contact", "06", "1.txt", "a")
	for _, c := range []struct {
		name, body, media string
		status            int
		has               string
	}{
		{"a file where an address is asked", string(sexual), sexualMedia, 422, "Give the address of the page"},
		{"a field after a file", string(late), lateMedia, 400, `"field":"where"`},
		{"a wrong type", string(wrong), wrongMedia, 400, `"field":"minor"`},
		{"a truth that JSON writes otherwise", string(spelt), speltMedia, 400, `"field":"minor"`},
		{"a key twice", string(twice), twiceMedia, 400, `"field":"where"`},
		{"a language of nobody", string(tongue), tongueMedia, 422, `"field":"language"`},
		{"too many", string(many), manyMedia, 422, `"field":"files"`},
		{"a large file", string(large), largeMedia, 422, `"field":"files"`},
		{"contact", string(closed), closedMedia, 422, `"field":"contact"`},
		{"no boundary", "x", "multipart/form-data", 400, `"code":"invalid"`},
		{"parts of nothing", "x", "multipart/form-data; boundary=y", 400, `"code":"invalid"`},
	} {
		w := call(v.h, "POST", "/api/v1/notices", c.media, c.body)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.has) || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %s", c.name, w.Code, w.Body)
		}
		nothing(c.name)
	}
	// An endless body is refused while it is read, one announced too large before.
	for name, length := range map[string]int64{"endless": -1, "announced": 100 << 20} {
		r := httptest.NewRequest(http.MethodPost, "/api/v1/notices", io.LimitReader(zeros{}, 100<<20))
		r.ContentLength = length
		r.Header.Set("Content-Type", jsonType)
		w := httptest.NewRecorder()
		v.h.ServeHTTP(w, r)
		if w.Code != http.StatusRequestEntityTooLarge {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	w := call(v.h, "POST", "/api/v1/notices", media, string(body))
	if w.Code != http.StatusCreated {
		t.Fatal(w.Code, w.Body)
	}
	codeOf(t, w.Body.String())
	after := tally(t, h)
	if after["act"] != before["act"]+3 || after["hash"] != before["hash"]+1 || after["exhibit"] != before["exhibit"]+2 || h.blobFiles(t) != blobs+2 {
		t.Fatalf("%v became %v", before, after)
	}
	// All fields in one part; and by the page, with a paper that is sent twice.
	body, media = upload(t, "notice", `{"situation":"contact","where":"x","minor":null}`, "one.txt", "bytes")
	if w = call(v.h, "POST", "/api/v1/notices", media, string(body)); w.Code != http.StatusCreated {
		t.Fatal(w.Code, w.Body)
	}
	page := []string{"at", "check", "danger", "no", "situation", "contact", "where", "x", "minor", "yes", "token", "0123", "shot.txt", "bytes"}
	body, media = upload(t, page...)
	first := call(v.h, "POST", "/report", media, string(body))
	again := call(v.h, "POST", "/report", media, string(body))
	a, b := codeOnPage.FindStringSubmatch(first.Body.String()), codeOnPage.FindStringSubmatch(again.Body.String())
	if first.Code != 201 || a == nil || b == nil || a[1] != b[1] || tally(t, h)["exhibit"] != before["exhibit"]+4 {
		t.Fatal(first.Code, first.Body, again.Body)
	}
	page[5] = "exposure"
	body, media = upload(t, page...)
	if w = call(v.h, "POST", "/report", media, string(body)); w.Code != 422 || !strings.Contains(w.Body.String(), "Give the address of the page") || !strings.Contains(w.Body.String(), "name=\"change\"") {
		t.Fatal(w.Code, w.Body)
	}
}

// zeros reads as zero bytes without end.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }
