package web

import (
	"net/http"
	"testing"

	"sanad/internal/kit/fault"
)

func TestAccept(t *testing.T) {
	t.Parallel()
	var got error
	h := Accept(record(&got), "application/json", "multipart/form-data")(fine)
	for header, ok := range map[string]bool{
		"application/json": true, "application/json; charset=utf-8": true, "APPLICATION/JSON": true, "multipart/form-data; boundary=x": true,
		"application/json; charset=latin1": false, "text/plain": false, "": false, "application/json;;": false,
	} {
		got = nil
		resp := ask(h, "POST", "/", "{}", "Content-Type", header)
		if (resp.StatusCode == http.StatusOK) != ok {
			t.Errorf("%q: %d", header, resp.StatusCode)
		}
		if !ok {
			_, status, _ := refusal(got)
			if fault.CodeOf(got) != fault.Invalid || status != http.StatusUnsupportedMediaType {
				t.Errorf("%q: %v, status %d", header, got, status)
			}
		}
	}
	if ask(h, "GET", "/", "").StatusCode != http.StatusOK {
		t.Error("a request without a body was refused")
	}
}
