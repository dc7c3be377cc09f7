package web

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// endless counts what is read from it.
type endless struct{ read int }

func (e *endless) Read(b []byte) (int, error) { e.read += len(b); return len(b), nil }

func TestLimit(t *testing.T) {
	t.Parallel()
	var got error
	read := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, got = io.Copy(io.Discard, r.Body) })
	serve := func(h http.Handler, body io.Reader, length int64) error {
		got = nil
		r := httptest.NewRequest(http.MethodPost, "/", body)
		r.ContentLength = length
		h.ServeHTTP(httptest.NewRecorder(), r)
		return got
	}
	ten := Limit(10)(read)
	for name, c := range map[string]struct {
		h      http.Handler
		length int
		limit  int64 // 0: it passes
	}{
		"at the limit":       {ten, 10, 0},
		"one byte more":      {ten, 11, 10},
		"larger further in":  {Limit(10)(Limit(20)(read)), 20, 0},
		"and its own limit":  {Limit(10)(Limit(20)(read)), 21, 20},
		"smaller further in": {Limit(10)(Limit(5)(read)), 6, 5},
	} {
		for _, announced := range []int64{int64(c.length), -1} {
			err := serve(c.h, strings.NewReader(strings.Repeat("x", c.length)), announced)
			var large *http.MaxBytesError
			if c.limit == 0 && err != nil || c.limit != 0 && (!errors.As(err, &large) || large.Limit != c.limit) {
				t.Errorf("%s, announced %d: %v", name, announced, err)
			}
		}
	}
	body := &endless{}
	if serve(ten, body, 100<<20) == nil || body.read != 0 {
		t.Errorf("%d bytes were read of a body announced too large", body.read)
	}
	if serve(ten, body, -1) == nil || body.read > 1<<16 {
		t.Errorf("%d bytes were read of an endless body", body.read)
	}
}
