package web

import (
	"context"
	"encoding/base32"
	"io"
	"net/http"
	"strings"
	"sync"
)

type requestKey struct{}

// RequestID gives each request a random name of sixteen letters and digits, which ties what a person reads on an
// error page to a line of the log. A name that comes with the request is not believed. Should the dice fail, the
// name is empty.
func RequestID(dice io.Reader) Middleware {
	var turn sync.Mutex // seeded dice are no safer than a map
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			var b [10]byte
			id := ""
			turn.Lock()
			_, err := io.ReadFull(dice, b[:])
			turn.Unlock()
			if err == nil {
				id = strings.ToLower(base32.StdEncoding.EncodeToString(b[:]))
			}
			w.Header().Set("X-Request-Id", id)
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), requestKey{}, id)))
		})
	}
}

// RequestOf returns the name RequestID gave, "" outside of a request.
func RequestOf(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}
