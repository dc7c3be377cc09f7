package web

import (
	"bytes"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"sanad/internal/kit/fault"
)

// part is one part of a form; a name of a file makes it one.
type part struct{ field, file, content string }

func parts(t *testing.T, all ...part) (body []byte, media string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, p := range all {
		var to io.Writer
		var err error
		if p.file == "" {
			to, err = w.CreateFormField(p.field)
		} else {
			to, err = w.CreateFormFile(p.field, p.file)
		}
		if err == nil {
			_, err = io.WriteString(to, p.content)
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

func TestParts(t *testing.T) {
	t.Parallel()
	a, b, one := part{field: "a", content: "x\r\ny"}, part{field: "b", content: "z"}, part{"files", "one.png", "first"}
	for _, c := range []struct {
		name  string
		parts []part
		took  string // what File was given
		field string // that is refused, with key
		key   string
	}{
		{name: "fields and files", parts: []part{a, b, one, {"files", "ملف.png", "second"}}, took: "one.png=first ملف.png=second "},
		{name: "no file", parts: []part{a}},
		{name: "an unknown field", parts: []part{{field: "c", content: "x"}}, field: "c", key: "web.field.unknown"},
		{name: "a field twice", parts: []part{a, a}, field: "a", key: "web.field.twice"},
		{name: "a field after a file", parts: []part{one, a}, took: "one.png=first ", field: "a", key: "web.field.late"},
		{name: "no text", parts: []part{{field: "a", content: "\xff"}}, field: "a", key: "web.field.text"},
		{name: "a long field", parts: []part{{field: "a", content: strings.Repeat("x", maxField+1)}}, key: keyTooLarge},
		{name: "an unknown file", parts: []part{{"other", "x.png", "x"}}, field: "other", key: "web.field.unknown"},
	} {
		body, media := parts(t, c.parts...)
		took := ""
		reader := Parts{Fields: []string{"a", "b"}, Files: []string{"files"}, File: func(fields url.Values, name string, r io.Reader) error {
			content, err := io.ReadAll(r)
			took += name + "=" + string(content) + " "
			return err
		}}
		r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
		r.Header.Set("Content-Type", media)
		said, err := reader.Read(r)
		if took != c.took {
			t.Errorf("%s: took %q", c.name, took)
		}
		if c.key == "" {
			if err != nil || said.Get("a") != "x\ny" && said.Has("a") {
				t.Errorf("%s: %v %v", c.name, said, err)
			}
			continue
		}
		e := fault.Of(err)
		if e == nil || c.field != "" && (len(e.Fields) != 1 || e.Fields[0].Name != c.field || e.Fields[0].Key != c.key) || c.field == "" && e.Key != c.key {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// A body cut at any byte is refused as cut, also where File words the broken end as its own failure.
func TestPartsCut(t *testing.T) {
	t.Parallel()
	body, media := parts(t, part{field: "a", content: "said"}, part{"files", "one.png", strings.Repeat("x", 300)})
	for n := range len(body) - 4 { // the last line end says nothing more
		reader := Parts{Fields: []string{"a"}, Files: []string{"files"}, File: func(_ url.Values, _ string, r io.Reader) error {
			_, err := io.Copy(io.Discard, r)
			if err != nil {
				return errors.New("the disk is full")
			}
			return nil
		}}
		r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body[:n]))
		r.Header.Set("Content-Type", media)
		_, err := reader.Read(r)
		if e := fault.Of(err); e == nil || e.Key != keyCut {
			t.Fatalf("cut after %d of %d bytes: %v", n, len(body), err)
		}
	}
}

func TestPartsTooLarge(t *testing.T) {
	t.Parallel()
	body, media := parts(t, part{"files", "one.png", strings.Repeat("x", 5000)})
	var got error
	h := Limit(1000)(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, got = (&Parts{Files: []string{"files"}, File: func(_ url.Values, _ string, r io.Reader) error {
			_, err := io.Copy(io.Discard, r)
			return err
		}}).Read(r)
	}))
	r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader(body))
	r.ContentLength = -1
	r.Header.Set("Content-Type", media)
	h.ServeHTTP(httptest.NewRecorder(), r)
	if e := fault.Of(got); e == nil || e.Key != keyTooLarge {
		t.Fatal(got)
	}
	r = httptest.NewRequest(http.MethodPost, "/", strings.NewReader("x"))
	r.Header.Set("Content-Type", "multipart/form-data")
	if _, err := (&Parts{}).Read(r); fault.CodeOf(err) != fault.Invalid {
		t.Fatal(err)
	}
}
