package app

import (
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"sanad/internal/desk/watch"
	"sanad/internal/kit/lang"
	"sanad/internal/kit/web"
)

// routesFile lists what stands behind the doors of serve, and of demo; the tests with a browser read it, too, and want a
// fixture for every page.
const routesFile = "testdata/routes.txt"

// patterns are those of a mux, in the form in which they were registered.
func patterns(t *testing.T, mux *http.ServeMux) []string {
	t.Helper()
	index := reflect.ValueOf(mux).Elem().FieldByName("index")
	var found []string
	take := func(list reflect.Value) {
		for i := range list.Len() {
			found = append(found, list.Index(i).Elem().FieldByName("str").String())
		}
	}
	take(index.FieldByName("multis"))
	for segment := index.FieldByName("segments").MapRange(); segment.Next(); {
		take(segment.Value())
	}
	slices.Sort(found)
	found = slices.Compact(found)
	if len(found) < 5 {
		t.Fatalf("a mux of %d routes: has its form changed with Go's version?", len(found))
	}
	return found
}

// routers are the muxes behind the doors of serve.
func (h *house) routers(t *testing.T) (public, inside *http.ServeMux) {
	t.Helper()
	pages, err := h.pages(nil)
	if err != nil {
		t.Fatal(err)
	}
	edge := &web.Edge{Log: h.log, Messages: h.words, Fallback: lang.French, Pages: pages}
	public, inside = http.NewServeMux(), http.NewServeMux()
	h.publicRoutes(public, edge)
	desk := h.console(edge)
	desk.Routes(inside)
	desk.Root(inside)
	(&watch.Front{Desk: h.watch, Host: desk}).Routes(inside)
	for _, mux := range []*http.ServeMux{public, inside} {
		mux.Handle("GET /static/", web.Static(edge.Fail))
	}
	return public, inside
}

// Every route is in the list, and every line of the list is a route.
func TestRoutes(t *testing.T) {
	t.Parallel()
	h := testHouse(t, t.TempDir(), "", newClock())
	public, inside := h.routers(t)
	var have []string
	for door, mux := range map[string]*http.ServeMux{"public": public, "console": inside} {
		for _, p := range patterns(t, mux) {
			have = append(have, door+" "+p)
		}
	}
	b, err := os.ReadFile(routesFile)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSpace(line)
		if line != "" && line[0] != '#' && !strings.HasPrefix(line, "demo ") {
			want = append(want, line)
		}
	}
	for _, r := range have {
		if !slices.Contains(want, r) {
			t.Errorf("%s is not in %s", r, routesFile)
		}
	}
	for _, r := range want {
		if !slices.Contains(have, r) {
			t.Errorf("%s is in %s and nowhere else", r, routesFile)
		}
	}
}

// The demonstration's own doors are nowhere in serve: not among its routes, and not behind its doors, by any method.
func TestServeHasNoDemo(t *testing.T) {
	t.Parallel()
	h := testHouse(t, t.TempDir(), "", newClock())
	public, inside := h.routers(t)
	for _, mux := range []*http.ServeMux{public, inside} {
		for _, p := range patterns(t, mux) {
			if strings.Contains(p, "demo") || strings.Contains(p, web.ClockPath) {
				t.Errorf("serve has the route %s", p)
			}
		}
	}
	fronts, err := h.fronts(&Config{Language: lang.English})
	if err != nil {
		t.Fatal(err)
	}
	for _, door := range []http.Handler{fronts.public, fronts.console} {
		for _, target := range []string{"/demo", "/demo/", "/demo/enter", web.ClockPath, "/DEMO", "//demo", "/./demo"} {
			for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE", "PROPFIND"} {
				r := httptest.NewRequest(method, "http://sanad.example/", strings.NewReader("seat=xx-head-1&by=day"))
				r.URL.Path = target
				r.Header.Set("Content-Type", formType)
				w := httptest.NewRecorder()
				door.ServeHTTP(w, r)
				if w.Code != http.StatusNotFound && (w.Code < 300 || w.Code >= 400) || len(w.Result().Cookies()) > 0 {
					t.Errorf("%s %s: %d %v", method, target, w.Code, w.Result().Cookies())
				}
			}
		}
	}
}
