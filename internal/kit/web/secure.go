package web

import (
	"context"
	"net/http"
	"time"
)

type secureKey struct{}

// WithSecure marks a request that came in clear from a proxy which received it encrypted. Only who knows that the
// proxy is ours may say so.
func WithSecure(r *http.Request) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), secureKey{}, true))
}

// Secure reports whether what the person sends and receives is encrypted on its way.
func Secure(r *http.Request) bool {
	proxied, _ := r.Context().Value(secureKey{}).(bool)
	return proxied || r.TLS != nil
}

// SetCookie sets a cookie that scripts cannot read and other sites cannot send along with a form. Over an encrypted
// connection its name gets the prefix __Host-, so that no neighbouring host can plant it. It lasts for age: 0 is as
// long as the browser stays open, less deletes it.
func SetCookie(w http.ResponseWriter, r *http.Request, name, value string, age time.Duration) {
	most := int(age / time.Second)
	if age < 0 {
		most = -1
	}
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // G124: Secure follows the connection, which is in clear on the machine itself only
		Name: cookieName(r, name), Value: value, Path: "/", MaxAge: most, HttpOnly: true,
		Secure:   Secure(r),
		SameSite: http.SameSiteLaxMode,
	})
}

// Cookie returns the value of a cookie SetCookie set, "" when there is none, or more than one.
func Cookie(r *http.Request, name string) string {
	all := r.CookiesNamed(cookieName(r, name))
	if len(all) != 1 {
		return ""
	}
	return all[0].Value
}

func cookieName(r *http.Request, name string) string {
	if Secure(r) {
		return "__Host-" + name
	}
	return name
}
