package web

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"sanad/internal/kit/fault"
	"sanad/internal/kit/lang"
)

func TestEdge(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		err    error
		status int
		code   string
		shows  string // in English
		logged bool
	}{
		{"invalid", fault.Invalid.New("notice.text.long").With("max", 4000), 422, "invalid", "4,000 characters", false},
		{"not found", fault.NotFound.New("web.not_found"), 404, "not_found", "no page at this address", false},
		{"forbidden", fault.Forbidden.New("signin.required"), 403, "forbidden", "need to enter", false},
		{"conflict", fault.Conflict.New("file.conflict").With("count", 2), 409, "conflict", "2 new acts", false},
		{"closed gate", fault.ClosedGate.New("law.block.closed"), 409, "closed_gate", "procedure is closed", false},
		{"unavailable", fault.Unavailable.New("web.busy"), 503, "unavailable", "in time", false},
		{"wrapped", fmt.Errorf("desk: %w", fault.Invalid.New("notice.where.missing")), 422, "invalid", "Write an address", false},
		{"too large", &http.MaxBytesError{Limit: 10e6}, 413, "invalid", "10 MB at most", false},
		{"too late", fmt.Errorf("query: %w", context.DeadlineExceeded), 503, "unavailable", "in time", false},
		{"ours", errBroken, 500, "unexpected", "fault is ours", true},
		{"a code that is none", fault.Code("weird").New("web.busy").Because(errBroken), 500, "unexpected", "fault is ours", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := build(t)
			all := Chain(h.edge.Handle(func(http.ResponseWriter, *http.Request) error { return c.err }), RequestID(bytes.NewReader(make([]byte, 100))), Language(h.messages, "fr"))

			doc := ask(all, "POST", "/", "", "Accept-Language", "en", "Accept", "application/json")
			var p Problem
			body := doc.Body
			err := json.Unmarshal([]byte(body), &p)
			if err != nil {
				t.Fatalf("%v: %s", err, body)
			}
			if doc.StatusCode != c.status || p.Status != c.status || p.Code != c.code || !strings.Contains(p.Detail, c.shows) || p.Title == "" || p.Safe == "" || p.Next == "" || p.Request == "" {
				t.Errorf("%d %s", doc.StatusCode, body)
			}
			if got := doc.Header.Get("Content-Type"); got != "application/problem+json" {
				t.Error(got)
			}
			if (doc.StatusCode == http.StatusServiceUnavailable) != (doc.Header.Get("Retry-After") != "") {
				t.Error("when to try again is said at the wrong time")
			}
			for _, l := range lang.All() {
				page := ask(all, "POST", "/", "", "Accept-Language", string(l), "Accept", "text/html,*/*;q=0.8")
				body := page.Body
				if page.StatusCode != c.status || !strings.Contains(body, fmt.Sprintf(`<html lang="%s" dir="%s">`, l, l.Dir())) || strings.Contains(body, "&lt;bdi") {
					t.Errorf("%s: %d %s", l, page.StatusCode, body)
				}
				if l == lang.English && !strings.Contains(body, c.shows) {
					t.Errorf("%q is not on the page: %s", c.shows, body)
				}
				for _, never := range []string{"192.0.2", "connection refused", "weird"} {
					if strings.Contains(body, never) {
						t.Errorf("%s: the page shows %s", l, never)
					}
				}
			}
			log := h.log.String()
			if strings.Contains(log, "unexpected") != c.logged || strings.Contains(log, "192.0.2") || strings.Contains(log, "2001:db8") {
				t.Errorf("log: %s", log)
			}
			if c.logged && !strings.Contains(log, "connection refused") {
				t.Errorf("the log does not say what happened: %s", log)
			}
		})
	}
}

func TestEdgeFields(t *testing.T) {
	t.Parallel()
	h := build(t)
	err := fault.Invalid.New("error.summary").At("where", "notice.where.missing", nil).At("text", "notice.text.long", lang.Args{"max": 10})
	p := h.edge.ProblemOf(mustRequest("ar"), err)
	if len(p.Errors) != 2 || p.Errors[1].Field != "text" || p.Errors[1].Key != "notice.text.long" || !strings.Contains(p.Errors[1].Detail, "10") {
		t.Errorf("%+v", p)
	}
	if p.Detail != "هناك ما يحتاج إلى تصحيح" {
		t.Errorf("the reader's language is not used: %q", p.Detail)
	}
}

// A refusal that has words of its own says those, to whoever reads a page and to a program; what a program is told never speaks of
// what is still on a screen.
func TestEdgeOwnWords(t *testing.T) {
	t.Parallel()
	h := build(t)
	for _, c := range []struct {
		name                 string
		err                  error
		page, program, never []string
	}{
		{
			"a code", fault.NotFound.New("status.code.wrong").At("code", "status.code.wrong", nil),
			[]string{"This code is not known", "sixteen digits"},
			[]string{"This code is not known", "sixteen digits", `"field":"code"`},
			[]string{"Check the address"},
		},
		{
			"a method", errMethod,
			[]string{"at this address", "Start again"},
			[]string{"at this address", "under Allow"},
			[]string{"still there"},
		},
		{
			"a form", fault.Invalid.New("notice.invalid").At("text", "notice.text.long", lang.Args{"max": 10}),
			[]string{"still there", "too long"},
			[]string{"Nothing was recorded.", "what is named here"},
			nil,
		},
		{
			"an address", errNotFound,
			[]string{"This page cannot be found", "Check the address"},
			[]string{"This can’t be found", "API’s description"},
			nil,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			all := Chain(h.edge.Handle(func(http.ResponseWriter, *http.Request) error { return c.err }), Language(h.messages, "en"))
			page := ask(all, "GET", "/", "", "Accept", "text/html").Body
			program := ask(all, "GET", "/", "", "Accept", "application/json").Body
			for _, w := range c.page {
				if !strings.Contains(page, w) {
					t.Errorf("the page lacks %q: %s", w, page)
				}
			}
			for _, w := range c.program {
				if !strings.Contains(program, w) {
					t.Errorf("the document lacks %q: %s", w, program)
				}
			}
			for _, w := range c.never {
				if strings.Contains(page, w) {
					t.Errorf("the page says %q", w)
				}
			}
			for _, w := range append(c.never, "still there") {
				if strings.Contains(program, w) {
					t.Errorf("the document says %q", w)
				}
			}
			if !strings.Contains(page, `<a href="/">First page</a>`) {
				t.Error("no way back to the first page")
			}
			if detail := "There is no such code"; strings.Count(page, detail) > 1 {
				t.Errorf("%q is said twice", detail)
			}
		})
	}
}

func mustRequest(accept string) *http.Request {
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "/", nil)
	if err != nil {
		panic(err)
	}
	r.Header.Set("Accept-Language", accept)
	return r
}

func TestScrub(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"dial tcp 192.0.2.7:5432: refused":      "dial tcp (address): refused",
		"from [2001:db8::7]:5432 to ::1 failed": "from (address) to (address) failed",
		"deadline 10:30:05, line 3:14, sha256:": "deadline 10:30:05, line 3:14, sha256:",
		"act: envelope: byte 3: expected":       "act: envelope: byte 3: expected",
	} {
		if got := scrub(in); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
