package web

import "net/http"

// policy lets a page use what this server sends and nothing else: no script or style written inside a page, no
// frame around it, no form that leads elsewhere.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// denied are abilities of a browser no page here needs.
const denied = "accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), fullscreen=(), geolocation=(), " +
	"gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), publickey-credentials-get=(self), usb=()"

// Headers sets what keeps a page to itself. Nothing is stored by browsers unless a handler says otherwise: phones
// are shared, and "back" after leaving must show nothing.
//
// The referrer policy is same-origin and not no-referrer. To other sites both tell nothing; but under no-referrer a
// browser sends "Origin: null" with our own forms, and one too old to send Sec-Fetch-Site would then be refused as
// another site by SameOrigin: the frightened person with an old phone.
func Headers() Middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h := w.Header()
			h.Set("Content-Security-Policy", policy)
			h.Set("Permissions-Policy", denied)
			h.Set("Referrer-Policy", "same-origin")
			h.Set("X-Content-Type-Options", "nosniff")
			h.Set("X-Frame-Options", "DENY") // for browsers that do not know frame-ancestors
			h.Set("Cross-Origin-Opener-Policy", "same-origin")
			h.Set("Cross-Origin-Resource-Policy", "same-origin")
			h.Set("Cache-Control", "no-store")
			if Secure(r) {
				h.Set("Strict-Transport-Security", "max-age=31536000")
			}
			next.ServeHTTP(w, r)
		})
	}
}
