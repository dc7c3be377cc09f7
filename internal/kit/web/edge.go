package web

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"sanad/internal/kit/fault"
	"sanad/internal/kit/lang"
)

// Keys of refusals this package makes itself, and the status each is answered with.
const (
	keyNotFound   = "web.not_found"
	keyMethod     = "web.method"
	keyTooLarge   = "web.too_large"
	keyMediaType  = "web.media_type"
	keyCrossSite  = "web.cross_site"
	keyTooMany    = "web.too_many"
	keyBusy       = "web.busy"
	keyCut        = "web.cut"
	keyUnreadable = "web.unreadable"
	keyNoObject   = "web.no_object"
)

var statusOfKey = map[string]int{
	keyMethod: http.StatusMethodNotAllowed, keyTooLarge: http.StatusRequestEntityTooLarge, keyMediaType: http.StatusUnsupportedMediaType,
	keyTooMany: http.StatusTooManyRequests, keyCut: http.StatusBadRequest, keyUnreadable: http.StatusBadRequest, keyNoObject: http.StatusBadRequest,
}

var statusOfCode = map[fault.Code]int{
	fault.Invalid: http.StatusUnprocessableEntity, fault.NotFound: http.StatusNotFound, fault.Forbidden: http.StatusForbidden,
	fault.Conflict: http.StatusConflict, fault.ClosedGate: http.StatusConflict, fault.Unavailable: http.StatusServiceUnavailable,
}

var (
	errNotFound  = fault.NotFound.New(keyNotFound)
	errMethod    = fault.Invalid.New(keyMethod)
	errCrossSite = fault.Forbidden.New(keyCrossSite)
)

// Edge is where an error leaves the house: as a page for a browser, as a problem document for anyone else, always
// in the reader's language, with what happened, what is safe and what to do. What is unexpected is logged and
// never shown.
type Edge struct {
	Log      *slog.Logger
	Messages *lang.Messages
	Fallback lang.Lang // for a reader who asked for nothing
	Pages    *Pages    // nil where there are no pages
}

// refusal gives every error a code and a key, and a status; expected is false for a fault of ours.
func refusal(err error) (e *fault.Error, status int, expected bool) {
	if large, ok := tooLarge(err); ok {
		return large, http.StatusRequestEntityTooLarge, true
	}
	if !errors.As(err, &e) {
		if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
			return fault.Unavailable.New(keyBusy).Because(err), http.StatusServiceUnavailable, true
		}
		return &fault.Error{Key: "error.unexpected.what", Err: err}, http.StatusInternalServerError, false
	}
	if status = statusOfKey[e.Key]; status != 0 {
		return e, status, true
	}
	if status = statusOfCode[e.Code]; status != 0 {
		return e, status, true
	}
	return &fault.Error{Key: "error.unexpected.what", Err: err}, http.StatusInternalServerError, false
}

// Fail answers a request with an error.
func (e *Edge) Fail(w http.ResponseWriter, r *http.Request, err error) {
	f, status, expected := refusal(err)
	if !expected {
		e.Log.LogAttrs(r.Context(), slog.LevelError, "unexpected", slog.String("request", RequestOf(r.Context())), slog.String("err", scrub(err.Error())))
	}
	if status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "60")
	}
	p := e.printer(r)
	problem := newProblem(p, f, status, RequestOf(r.Context()))
	w.Header().Set("Content-Language", string(p.Lang()))
	if e.Pages == nil || !wantsPage(r) {
		problem.write(w)
		return
	}
	view := View{Data: errorPage{worded(p, f.Key, "error."+problem.Code), f.Key, f.Args, besides(f), problem.Request}}
	err = e.Pages.render(w, r, p, status, "error", view)
	if err != nil {
		e.Log.LogAttrs(r.Context(), slog.LevelError, "the error page failed", slog.String("err", scrub(err.Error())))
		problem.write(w)
	}
}

// besides are the fields that say something other than the refusal itself.
func besides(f *fault.Error) []fault.Field {
	return slices.DeleteFunc(slices.Clone(f.Fields), func(field fault.Field) bool { return field.Key == f.Key })
}

// Handle turns a handler that may fail into one that answers for itself.
func (e *Edge) Handle(f func(http.ResponseWriter, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := f(w, r)
		if err != nil {
			e.Fail(w, r, err)
		}
	})
}

func (e *Edge) printer(r *http.Request) *lang.Printer {
	if p := PrinterOf(r.Context()); p != nil {
		return p
	}
	return e.Messages.For(lang.Match(r.Header.Get("Accept-Language"), Cookie(r, LanguageCookie), e.Fallback))
}

// wantsPage reports whether a browser asks; anything else gets a problem document.
func wantsPage(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept"), "text/html") || r.Header.Get("Hx-Request") == "true"
}

// address finds network addresses, with their port, in the text of an error of the network.
var address = regexp.MustCompile(`\[?(?:[0-9a-fA-F:]*::[0-9a-fA-F:.]*|(?:[0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4})(?:%\w+)?\]?(?::\d+)?|\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?`)

// scrub takes network addresses out of what is about to be logged.
func scrub(s string) string { return address.ReplaceAllString(s, "(address)") }

// errorPage is what templates/pages/error.html shows.
type errorPage struct {
	Words     wording
	Key       string
	Args      lang.Args
	Fields    []fault.Field
	Reference string
}

// render executes into memory first: a template that fails has shown nothing.
func (p *Pages) render(w http.ResponseWriter, r *http.Request, printer *lang.Printer, status int, name string, view View) error {
	var b bytes.Buffer
	err := p.execute(&b, r, printer, name, view)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", string(printer.Lang()))
	w.WriteHeader(status)
	_, err = w.Write(b.Bytes())
	if err != nil {
		return nil //nolint:nilerr // the reader has gone; there is nobody left to tell
	}
	return nil
}
