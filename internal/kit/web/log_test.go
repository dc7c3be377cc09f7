package web

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// A request is logged by its route. Nothing of who asked or what for is: address, query, headers, method's spelling.
func TestLog(t *testing.T) {
	t.Parallel()
	h := build(t)
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	clock := func() time.Time { at = at.Add(3 * time.Millisecond); return at }
	mux := http.NewServeMux()
	mux.HandleFunc("POST /file/{id}", func(w http.ResponseWriter, r *http.Request) {
		if r.PathValue("id") != "canary1" {
			t.Error("the mux lost its path value")
		}
		w.WriteHeader(http.StatusConflict)
	})
	all := Chain(Routed(mux, h.edge.Fail), RequestID(bytes.NewReader(make([]byte, 1000))), Log(slog.New(slog.NewTextHandler(h.log, nil)), clock), Language(h.messages, "fr"))

	r := httptest.NewRequest(http.MethodPost, "/file/canary1?q=canary2", strings.NewReader("canary3"))
	r.RemoteAddr = "192.0.2.77:999"
	r.Header.Set("User-Agent", "canary4")
	r.Header.Set("X-Forwarded-For", "192.0.2.78")
	r.Header.Set("Cookie", "a=canary5")
	all.ServeHTTP(httptest.NewRecorder(), r)
	ask(all, "CANARY6", "/canary7", "")
	ask(all, "GET", "/", "")

	got := h.log.String()
	for _, never := range []string{"canary", "CANARY", "192.0.2"} {
		if strings.Contains(got, never) {
			t.Errorf("%s reached the log:\n%s", never, got)
		}
	}
	for _, want := range []string{`method=POST route="POST /file/{id}" status=409 took=3ms`, `method=other route="" status=404`, "request=aaaaaaaaaaaaaaaa"} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is not in the log:\n%s", want, got)
		}
	}
	if n := strings.Count(got, "\n"); n != 3 {
		t.Errorf("%d lines", n)
	}
}
