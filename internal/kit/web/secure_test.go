package web

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

func TestCookies(t *testing.T) {
	t.Parallel()
	for target, name := range map[string]string{"https://x/": "__Host-session", "http://x/": "session"} {
		r := httptest.NewRequest(http.MethodGet, target, nil)
		w := httptest.NewRecorder()
		SetCookie(w, r, "session", "v", time.Hour)
		c := cookies(w)[0]
		if c.Name != name || !c.HttpOnly || c.Secure != (r.TLS != nil) || c.Path != "/" || c.Domain != "" || c.SameSite != http.SameSiteLaxMode || c.MaxAge != 3600 {
			t.Errorf("%s: %v", target, c)
		}
		if r.AddCookie(c); Cookie(r, "session") != "v" {
			t.Errorf("%s: the cookie is not found again", target)
		}
		if r.Header.Add("Cookie", name+"=planted"); Cookie(r, "session") != "" {
			t.Errorf("%s: one of two cookies was believed", target)
		}
	}
	r := httptest.NewRequest(http.MethodGet, "https://x/", nil)
	r.Header.Add("Cookie", "session=planted")
	if Cookie(r, "session") != "" {
		t.Error("a cookie without the prefix was believed over an encrypted connection")
	}
	for age, want := range map[time.Duration]int{0: 0, -1: -1, time.Second: 1} {
		w := httptest.NewRecorder()
		SetCookie(w, r, "a", "b", age)
		if got := cookies(w)[0].MaxAge; got != want {
			t.Errorf("%s: %d", age, got)
		}
	}
}

func cookies(w *httptest.ResponseRecorder) []*http.Cookie {
	resp := w.Result()
	_ = resp.Body.Close()
	return resp.Cookies()
}
