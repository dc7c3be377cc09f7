package web

import (
	"context"
	"net/http"
)

// Route is where Routed leaves the pattern a mux matched, for middlewares around it: each of them may have made a
// copy of the request, and a mux writes the pattern on its own copy only.
type Route struct {
	Pattern string
}

type routeKey struct{}

func withRoute(ctx context.Context, route *Route) context.Context {
	return context.WithValue(ctx, routeKey{}, route)
}

// Routed is a mux as the innermost handler of a chain: it tells the log which pattern matched, and answers through
// fail what no pattern matches, in place of a mux's own English lines.
func Routed(mux *http.ServeMux, fail Fail) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h, pattern := mux.Handler(r)
		if route, ok := r.Context().Value(routeKey{}).(*Route); ok {
			route.Pattern = pattern
		}
		if pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		// The mux's own answer says whether the method or the address is wrong.
		probe := &answer{header: http.Header{}}
		h.ServeHTTP(probe, r)
		if allow := probe.header.Get("Allow"); probe.status == http.StatusMethodNotAllowed && allow != "" {
			w.Header().Set("Allow", allow)
			fail(w, r, errMethod)
			return
		}
		fail(w, r, errNotFound)
	})
}

// answer keeps the status and headers of an answer and drops the rest.
type answer struct {
	header http.Header
	status int
}

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) Write(b []byte) (int, error) { return len(b), nil }
func (a *answer) WriteHeader(status int)      { a.status = status }
