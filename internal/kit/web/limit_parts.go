package web

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"sanad/internal/kit/fault"
	"sanad/internal/kit/lang"
)

// maxField bounds one field of a form with files, in bytes.
const maxField = 256 << 10

// Parts reads a form with files (multipart/form-data) part by part, as it arrives: nothing is kept in a temporary file, and a
// file is nowhere before File reads it.
type Parts struct {
	Fields []string // names of fields; each comes once at most, and before the first file
	Files  []string // names of file fields
	// File takes one file. fields are all fields of the form. What it does not read is skipped.
	File func(fields url.Values, name string, r io.Reader) error
}

// Read reads a request's whole body. An error of File ends it. A body cut short is refused as such, whatever File made of the
// broken end.
func (p *Parts) Read(r *http.Request) (url.Values, error) {
	body := &tail{ReadCloser: r.Body}
	r = r.WithContext(r.Context())
	r.Body = body
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, fault.Invalid.New(keyUnreadable).Because(errors.New("the form's parts are not told apart"))
	}
	fields := url.Values{}
	files := false
	for {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) && body.ended(r) {
			return fields, nil
		}
		if err != nil {
			return nil, cut(err)
		}
		name := part.FormName()
		switch {
		case slices.Contains(p.Files, name):
			one := &remembering{r: part}
			if part.FileName() == "" { // a browser's way to say that no file was chosen
				err = nothing(one)
			} else {
				files = true
				err = p.File(fields, part.FileName(), one)
			}
			if one.err != nil {
				return nil, cut(one.err)
			}
		case files:
			err = fault.Invalid.New(keyUnreadable).At(clip(name), "web.field.late", lang.Args{"field": lang.Code(clip(name))})
		default:
			err = p.field(fields, name, part)
		}
		if err != nil {
			return nil, err
		}
	}
}

// tail keeps the end of what was read of a body: the reader of parts says the same of a last boundary and of a body that ended
// before one.
type tail struct {
	io.ReadCloser
	end []byte
}

// Read implements io.Reader.
func (t *tail) Read(b []byte) (int, error) {
	const kept = 4 << 10
	n, err := t.ReadCloser.Read(b)
	t.end = append(t.end, b[:n]...)
	if len(t.end) > 2*kept {
		t.end = append(t.end[:0], t.end[len(t.end)-kept:]...)
	}
	return n, err
}

// ended reports whether the last boundary was read.
func (t *tail) ended(r *http.Request) bool {
	_, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && bytes.Contains(t.end, []byte("--"+params["boundary"]+"--"))
}

// field reads one field.
func (p *Parts) field(fields url.Values, name string, part *multipart.Part) error {
	wrong := func(key string) error {
		return fault.Invalid.New(keyUnreadable).At(clip(name), key, lang.Args{"field": lang.Code(clip(name))})
	}
	if !slices.Contains(p.Fields, name) {
		return wrong("web.field.unknown")
	}
	if fields.Has(name) {
		return wrong("web.field.twice")
	}
	b, err := io.ReadAll(io.LimitReader(part, maxField+1))
	if err != nil {
		return cut(err)
	}
	if len(b) > maxField {
		return fault.Invalid.New(keyTooLarge).With("max", lang.Size(maxField))
	}
	if !readable(string(b)) {
		return wrong("web.field.text")
	}
	fields.Set(name, strings.ReplaceAll(string(b), "\r\n", "\n"))
	return nil
}

// nothing reads a file that is none.
func nothing(r io.Reader) error {
	n, err := io.Copy(io.Discard, r)
	if err == nil && n > 0 {
		err = fault.Invalid.New(keyUnreadable).Because(errors.New("a file without a name"))
	}
	return err
}

// remembering keeps the error that reading met, for whoever reads from it may word it as their own.
type remembering struct {
	r   io.Reader
	err error
}

// Read implements io.Reader.
func (x *remembering) Read(b []byte) (int, error) {
	n, err := x.r.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		x.err = err
	}
	return n, err
}
