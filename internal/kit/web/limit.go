package web

import (
	"errors"
	"io"
	"net/http"

	"sanad/internal/kit/fault"
	"sanad/internal/kit/lang"
)

// Limit refuses a body of more than most bytes: at the first read when its length is announced, else when reading
// passes the limit. A Limit further in, on one route, takes the place of one further out, larger or smaller. The
// error comes from reading; ReadForm, ReadJSON and Edge know it.
func Limit(most int64) Middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			raw := r.Body
			if limited, ok := raw.(*limited); ok {
				raw = limited.raw
			}
			r2 := r.WithContext(r.Context())
			r2.Body = &limited{ReadCloser: http.MaxBytesReader(w, raw, most), raw: raw, most: most, announced: r.ContentLength}
			next.ServeHTTP(w, r2)
		})
	}
}

type limited struct {
	io.ReadCloser
	raw       io.ReadCloser
	most      int64
	announced int64
}

// Read refuses before the first byte what was announced too large.
func (l *limited) Read(b []byte) (int, error) {
	if l.announced > l.most {
		return 0, &http.MaxBytesError{Limit: l.most}
	}
	return l.ReadCloser.Read(b)
}

// tooLarge turns a reader's refusal into ours; the limit is said in the reader's units.
func tooLarge(err error) (*fault.Error, bool) {
	var large *http.MaxBytesError
	if !errors.As(err, &large) {
		return nil, false
	}
	return fault.Invalid.New(keyTooLarge).With("max", lang.Size(large.Limit)).Because(err), true
}
