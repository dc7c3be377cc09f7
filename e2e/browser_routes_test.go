package e2e

import (
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
)

// routes are those of the program, as its own test keeps them, and which of them the tabs have asked and judged.
type routes struct {
	mux  *http.ServeMux
	mu   sync.Mutex
	all  map[string]bool // patterns; whether a page for people came of it
	seen map[string]bool // asked by a tab
	good map[string]bool // judged
}

// readRoutes reads what stands behind every door.
func readRoutes(t *testing.T) *routes {
	t.Helper()
	b, err := os.ReadFile("../internal/app/testdata/routes.txt")
	if err != nil {
		t.Fatal(err)
	}
	r := &routes{mux: http.NewServeMux(), all: map[string]bool{}, seen: map[string]bool{}, good: map[string]bool{}}
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		_, pattern, ok := strings.Cut(line, " ")
		if !ok {
			t.Fatalf("routes.txt: %q", line)
		}
		if _, twice := r.all[pattern]; !twice { // behind two doors
			r.all[pattern] = false
			r.mux.Handle(pattern, http.NotFoundHandler())
		}
	}
	if len(r.all) < 30 {
		t.Fatalf("routes.txt: only %d routes", len(r.all))
	}
	return r
}

// pattern finds the route of a request.
func (r *routes) pattern(method, address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	_, pattern := r.mux.Handler(&http.Request{Method: method, URL: u, Host: u.Host})
	return pattern
}

// taken are the routes asked; pages those a page came of. Both are nil where nobody counts.
func (r *routes) taken() map[string]bool {
	if r == nil {
		return nil
	}
	return r.seen
}

func (r *routes) pages() map[string]bool {
	if r == nil {
		return nil
	}
	return r.all
}

// judged notes that a page was looked at as every page is.
func (r *routes) judged(method, address string) {
	if r != nil {
		r.note(r.good, method, address)
	}
}

func (r *routes) note(into map[string]bool, method, address string) {
	if r == nil {
		return
	}
	pattern := r.pattern(method, address)
	r.mu.Lock()
	defer r.mu.Unlock()
	if pattern != "" {
		into[pattern] = true
	}
}

// complete fails for every route nobody went through, and for every page nobody judged.
func (r *routes) complete(t *testing.T) {
	t.Helper()
	for pattern, page := range r.all {
		switch {
		case !r.seen[pattern]:
			t.Errorf("no walk leads through %s", pattern)
		case page && !r.good[pattern]:
			t.Errorf("no walk judges the page %s", pattern)
		}
	}
}
