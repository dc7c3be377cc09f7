package app

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"sanad/internal/kit/web"
)

func TestGuard(t *testing.T) {
	t.Parallel()
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::/32")}
	var seen string
	h := guard(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		seen = r.RemoteAddr
		if web.Secure(r) {
			seen += " secure"
		}
		for name := range r.Header {
			if strings.Contains(name, "Forward") || name == "X-Real-Ip" {
				t.Errorf("%s went further", name)
			}
		}
	}), trusted, func(http.ResponseWriter, *http.Request, error) { seen = "refused" })
	for _, c := range []struct {
		peer  string
		tls   bool
		xff   []string
		proto string
		want  string
	}{
		{"127.0.0.1:5", false, nil, "", "127.0.0.1:5"},
		{"[::1]:5", false, nil, "", "[::1]:5"},
		{"[::ffff:127.0.0.1]:5", false, nil, "", "[::ffff:127.0.0.1]:5"},
		{"192.0.2.1:5", false, nil, "", "refused"},
		{"192.0.2.1:5", true, nil, "", "192.0.2.1:5 secure"},
		{"192.0.2.1:5", false, []string{"127.0.0.1"}, "https", "refused"},                            // not ours: not believed
		{"127.0.0.1:5", false, []string{"192.0.2.9"}, "https", "127.0.0.1:5"},                        // nor is the machine itself, unless named
		{"10.0.0.1:5", false, []string{"192.0.2.9"}, "https", "192.0.2.9 secure"},                    // ours
		{"10.0.0.1:5", false, []string{"192.0.2.9"}, "http", "refused"},                              // ours, but it came in clear
		{"10.0.0.1:5", false, []string{"192.0.2.9"}, "", "refused"},                                  // ours, and says nothing
		{"10.0.0.1:5", false, nil, "https", "10.0.0.1 secure"},                                       // ours, names no client
		{"10.0.0.1:5", false, []string{"1.1.1.1, 192.0.2.9, 10.2.3.4"}, "https", "192.0.2.9 secure"}, // 1.1.1.1 is the client's own word
		{"10.0.0.1:5", false, []string{"1.1.1.1", "192.0.2.9"}, "https", "192.0.2.9 secure"},
		{"10.0.0.1:5", false, []string{"192.0.2.9, rubbish"}, "https", "10.0.0.1 secure"},
		{"[2001:db8::1]:5", false, []string{"2001:db9::7"}, "HTTPS", "2001:db9::7 secure"},
		{"[::ffff:10.0.0.1]:5", false, []string{"192.0.2.9"}, "https", "192.0.2.9 secure"},
		{"rubbish", false, nil, "", "refused"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = c.peer
		if c.tls {
			r.TLS = &tls.ConnectionState{}
		}
		for _, v := range c.xff {
			r.Header.Add("X-Forwarded-For", v)
		}
		if c.proto != "" {
			r.Header.Set("X-Forwarded-Proto", c.proto)
		}
		r.Header.Set("X-Real-Ip", "192.0.2.66")
		seen = ""
		h.ServeHTTP(httptest.NewRecorder(), r)
		if seen != c.want {
			t.Errorf("%s %v %q tls=%v: %s, want %s", c.peer, c.xff, c.proto, c.tls, seen, c.want)
		}
	}
}
