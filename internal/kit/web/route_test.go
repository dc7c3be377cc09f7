package web

import (
	"net/http"
	"testing"
)

func TestRouted(t *testing.T) {
	t.Parallel()
	var got error
	mux := http.NewServeMux()
	mux.Handle("GET /a", fine)
	mux.Handle("GET /b/", fine)
	h := Routed(mux, record(&got))
	for _, c := range []struct {
		method, target string
		status         int
		err            error
	}{
		{"GET", "/a", 200, nil},
		{"GET", "/b", 307, nil}, // the mux's own redirect to /b/ still works
		{"GET", "/c", http.StatusTeapot, errNotFound},
		{"GET", "/x/../c", http.StatusTeapot, errNotFound},
		{"POST", "/a", http.StatusTeapot, errMethod},
	} {
		got = nil
		resp := ask(h, c.method, c.target, "")
		if resp.StatusCode != c.status && (c.status != http.StatusTemporaryRedirect || resp.StatusCode != http.StatusMovedPermanently) || got != c.err { //nolint:errorlint // identity is meant
			t.Errorf("%s %s: %d %v", c.method, c.target, resp.StatusCode, got)
		}
		if c.err == errMethod && resp.Header.Get("Allow") == "" { //nolint:errorlint // identity is meant
			t.Error("the allowed methods are not named")
		}
	}
}
