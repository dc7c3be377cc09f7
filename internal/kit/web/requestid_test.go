package web

import (
	"bytes"
	"net/http"
	"regexp"
	"testing"
)

func TestRequestID(t *testing.T) {
	t.Parallel()
	var seen []string
	h := RequestID(bytes.NewReader(append(bytes.Repeat([]byte{1}, 10), bytes.Repeat([]byte{2}, 10)...)))(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		seen = append(seen, RequestOf(r.Context()))
	}))
	for range 3 {
		resp := ask(h, "GET", "/", "", "X-Request-Id", "chosen by the client")
		if resp.Header.Get("X-Request-Id") != seen[len(seen)-1] {
			t.Error("the answer bears another name")
		}
	}
	form := regexp.MustCompile(`^[a-z2-7]{16}$`)
	if !form.MatchString(seen[0]) || !form.MatchString(seen[1]) || seen[0] == seen[1] {
		t.Errorf("%q", seen)
	}
	if seen[2] != "" {
		t.Errorf("the dice ran out, yet it is called %q", seen[2])
	}
}
