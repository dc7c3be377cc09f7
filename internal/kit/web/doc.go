// Package web is what every page and every API route of the house stands on: middlewares, one a file; the edge,
// where an error becomes a page or a problem document in the reader's language; templates; the stylesheet.
//
// It must not know a desk, an act or a person. It logs method, route pattern, status and duration, and nothing
// else: no address of a page, for addresses hold identifiers; no address of a network, anywhere.
//
// A server puts the middlewares in this order, outermost first:
//
//	web.Chain(web.Routed(mux, edge.Fail), web.RequestID(dice), web.Log(log, now), web.Headers(),
//		web.Language(messages, fallback), web.Recover(edge.Fail), sameOrigin, web.Limit(1<<20))
package web

import "net/http"

// Middleware wraps a handler.
type Middleware func(http.Handler) http.Handler

// Fail answers a request with an error. Edge.Fail is the one that speaks to people.
type Fail func(http.ResponseWriter, *http.Request, error)

// Chain wraps h in middlewares, the first one outermost.
func Chain(h http.Handler, all ...Middleware) http.Handler {
	for i := len(all) - 1; i >= 0; i-- {
		h = all[i](h)
	}
	return h
}
