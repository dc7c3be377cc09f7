package web

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"sanad/internal/kit/lang"
	"sanad/locales"
)

// house is what a test needs of a whole server: messages, pages, an edge, and what it logged.
type house struct {
	messages *lang.Messages
	pages    *Pages
	edge     *Edge
	log      *lines
}

func build(t *testing.T) *house {
	t.Helper()
	m, err := lang.Load(locales.Files)
	if err != nil {
		t.Fatal(err)
	}
	m = m.Report(func(x lang.Trouble) { t.Errorf("%s %s: %s", x.Lang, x.Key, x.What) })
	pages, err := NewPages(m)
	if err != nil {
		t.Fatal(err)
	}
	log := &lines{}
	return &house{m, pages, &Edge{Log: slog.New(slog.NewTextHandler(log, nil)), Messages: m, Fallback: lang.French, Pages: pages}, log}
}

type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// reply is an answer, read to its end.
type reply struct {
	StatusCode int
	Header     http.Header
	Body       string
	Cookies    []*http.Cookie
}

// ask sends one request; headers go by name and value in turn.
func ask(h http.Handler, method, target, body string, headers ...string) reply {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return reply{w.Code, w.Header(), w.Body.String(), cookies(w)}
}

// record is a Fail that keeps what it was given.
func record(to *error) Fail {
	return func(w http.ResponseWriter, _ *http.Request, err error) {
		*to = err
		w.WriteHeader(http.StatusTeapot)
	}
}

var fine = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	_, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
	}
})

func TestChainOrder(t *testing.T) {
	t.Parallel()
	got := ""
	mark := func(s string) Middleware {
		return func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				got += s
				next.ServeHTTP(w, r)
			})
		}
	}
	ask(Chain(fine, mark("a"), mark("b"), mark("c")), "GET", "/", "")
	if got != "abc" {
		t.Fatal(got)
	}
}

var errBroken = errors.New("dial tcp 192.0.2.7:5432: connection refused for [2001:db8::7]:5432")
