package web

import (
	"net/http"
	"time"
)

// Chrome is what stands on every page of a program, whatever room it is of. Pages.Chrome gives it for a request.
type Chrome struct {
	Banner string // key of a message on top of the page; "" for none
	Bar    *Bar   // nil where time is nobody's to move
	Nav    []Link // sections, for a page that gives none of its own
}

// Bar moves a time that is only played: an hour on, a day on, or to the next deadline. Its buttons post by=hour, by=day or
// by=next to ClockPath, with back, the address of the page they stand on.
type Bar struct {
	Now  time.Time
	Next *time.Time // the next deadline; nil where none runs
}

// ClockPath is where the bar's buttons lead.
const ClockPath = "/demo/clock"

// back is the address a page may be found at again after a form was sent from it: that of the page itself, or the first one
// where it answered a form.
func back(r *http.Request) string {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return "/"
	}
	return r.URL.RequestURI()
}
