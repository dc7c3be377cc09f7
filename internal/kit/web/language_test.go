package web

import (
	"net/http"
	"testing"
)

func TestLanguage(t *testing.T) {
	t.Parallel()
	h := build(t)
	var got string
	mid := Language(h.messages, "fr")(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got = string(PrinterOf(r.Context()).Lang())
	}))
	for _, c := range []struct {
		target string
		header []string
		want   string
		kept   bool
	}{
		{"/", nil, "fr", false},
		{"/", []string{"Accept-Language", "ar-MA"}, "ar", false},
		{"/", []string{"Accept-Language", "ar", "Cookie", "language=en"}, "en", false},
		{"/?lang=tzm", []string{"Cookie", "language=en"}, "zgh", true},
		{"/?lang=%3Cscript%3E", nil, "fr", false},
		{"/?lang=ar;x", nil, "fr", false},
	} {
		resp := ask(mid, "GET", c.target, "", c.header...)
		if got != c.want || resp.Header.Get("Content-Language") != c.want {
			t.Errorf("%s %v: %s, want %s", c.target, c.header, got, c.want)
		}
		if kept := len(resp.Cookies) == 1; kept != c.kept {
			t.Errorf("%s: cookies %v", c.target, resp.Cookies)
		} else if kept && (resp.Cookies[0].Value != c.want || resp.Cookies[0].MaxAge != 0) {
			t.Errorf("%s: %v", c.target, resp.Cookies[0])
		}
	}
}
