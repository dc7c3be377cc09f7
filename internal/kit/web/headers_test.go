package web

import (
	"net/http"
	"strings"
	"testing"
)

func TestHeaders(t *testing.T) {
	t.Parallel()
	h := ask(Headers()(fine), "GET", "http://x/", "").Header
	for name, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
		"Cross-Origin-Opener-Policy": "same-origin", "Permissions-Policy": "camera=()", "Cache-Control": "no-store", "X-Frame-Options": "DENY",
	} {
		if !strings.Contains(h.Get(name), want) {
			t.Errorf("%s: %q, want %q in it", name, h.Get(name), want)
		}
	}
	for _, never := range []string{"unsafe", "*", "data:", "http:"} {
		if strings.Contains(h.Get("Content-Security-Policy"), never) {
			t.Errorf("the policy allows %s", never)
		}
	}
	for _, must := range []string{"frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"} {
		if !strings.Contains(h.Get("Content-Security-Policy"), must) {
			t.Errorf("the policy lacks %s", must)
		}
	}
	if h.Get("Strict-Transport-Security") != "" {
		t.Error("a connection in clear promised encryption")
	}
	proxied := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { Headers()(fine).ServeHTTP(w, WithSecure(r)) })
	for name, resp := range map[string]reply{"tls": ask(Headers()(fine), "GET", "https://x/", ""), "proxied": ask(proxied, "GET", "http://x/", "")} {
		if resp.Header.Get("Strict-Transport-Security") == "" {
			t.Errorf("%s: no promise of encryption", name)
		}
	}
}
