package web

import (
	"mime"
	"net/http"
	"slices"
	"strings"

	"sanad/internal/kit/fault"
	"sanad/internal/kit/lang"
)

// Accept refuses a body of another media type than those named, and a charset other than UTF-8. A request without a
// body passes.
func Accept(fail Fail, types ...string) Middleware {
	list := make(lang.List, len(types))
	for i, t := range types {
		list[i] = lang.Code(t)
	}
	refusal := fault.Invalid.New(keyMediaType).With("expected", list)
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.ContentLength == 0 || r.Body == http.NoBody {
				next.ServeHTTP(w, r)
				return
			}
			got, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
			charset := params["charset"]
			if err != nil || !slices.Contains(types, got) || charset != "" && !strings.EqualFold(charset, "utf-8") {
				w.Header().Set("Accept", strings.Join(types, ", "))
				fail(w, r, refusal)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}
