package web

import (
	"log/slog"
	"net/http"
	"time"
)

// Log writes one line a request: its random name, method, route pattern, status and duration. The route is the
// pattern a mux matched, never the address asked for; a request no route matched has none. An unusual method is
// written as other, for a client may send any word as one.
func Log(log *slog.Logger, now func() time.Time) Middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			start := now()
			seen := watch(w)
			route := &Route{}
			r = r.WithContext(withRoute(r.Context(), route))
			defer func() {
				status := seen.status
				if status == 0 {
					status = http.StatusOK
				}
				log.LogAttrs(r.Context(), slog.LevelInfo, "request",
					slog.String("request", RequestOf(r.Context())), slog.String("method", method(r.Method)), slog.String("route", route.Pattern),
					slog.Int("status", status), slog.Duration("took", now().Sub(start)))
			}()
			next.ServeHTTP(seen, r)
		})
	}
}

func method(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return m
	}
	return "other"
}
