package web

import (
	"errors"
	"net/http"
	"strings"
	"testing"
)

func TestRecover(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		value any
		want  string
	}{
		"text":  {"words of ours", "panic: words of ours"},
		"error": {errors.New("an error"), "panic: an error"},
		"data":  {struct{ Name string }{"somebody"}, "panic: a struct"},
	} {
		var got error
		resp := ask(Recover(record(&got))(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(c.value) })), "GET", "/", "")
		if resp.StatusCode != http.StatusTeapot || got == nil || !strings.Contains(got.Error(), c.want) {
			t.Errorf("%s: %d %v", name, resp.StatusCode, got)
		}
		if strings.Contains(got.Error(), "somebody") {
			t.Errorf("%s: what was panicked with reached the log: %v", name, got)
		}
		if !strings.Contains(got.Error(), "TestRecover") {
			t.Errorf("%s: the place is not named: %v", name, got)
		}
	}
}

// Half a page is not followed by an error page: the connection is cut, and the fault is still logged.
func TestRecoverAfterTheFirstByte(t *testing.T) {
	t.Parallel()
	var got error
	h := Recover(record(&got))(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("half"))
		panic("late")
	}))
	defer func() {
		if p := recover(); p != http.ErrAbortHandler { //nolint:errorlint // a panic's value, not an error chain
			t.Errorf("ended with %v", p)
		}
		if got == nil {
			t.Error("the fault was not reported")
		}
	}()
	ask(h, "GET", "/", "")
}

func TestRecoverLetsAbortThrough(t *testing.T) {
	t.Parallel()
	var got error
	defer func() {
		if p := recover(); p != http.ErrAbortHandler || got != nil { //nolint:errorlint // as above
			t.Errorf("ended with %v, reported %v", p, got)
		}
	}()
	ask(Recover(record(&got))(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })), "GET", "/", "")
}
