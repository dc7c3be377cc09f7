package app

import (
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

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
	f, err := h.fronts(&Config{Language: lang.French})
	if err != nil {
		t.Fatal(err)
	}
	if len(f.routers) != 2 {
		t.Fatalf("%d routers behind two doors", len(f.routers))
	}
	return f.routers[0], f.routers[1]
}

// Every route is in the list, and every line of the list is a route: of serve's two doors, and of demo's one.
func TestRoutes(t *testing.T) {
	t.Parallel()
	h := testHouse(t, t.TempDir(), "", newClock())
	public, inside := h.routers(t)
	d, err := openDemo(t.Context(), &Config{Pack: "demo", Data: t.TempDir(), Language: lang.French}, Env{
		Stdout: t.Output(), Stderr: t.Output(), Getenv: func(string) string { return "" }, Now: time.Now, Dice: rand.Reader,
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.shut(); err != nil {
			t.Error(err)
		}
	})
	played, err := d.frontsOf(&Config{Language: lang.French}, d)
	if err != nil {
		t.Fatal(err)
	}
	have := map[string]bool{}
	serves := map[string]bool{}
	for door, mux := range map[string]*http.ServeMux{"public": public, "console": inside} {
		for _, p := range patterns(t, mux) {
			have[door+" "+p], serves[p] = true, true
		}
	}
	for _, p := range patterns(t, played.routers[0]) {
		if !serves[p] {
			have["demo "+p] = true
		}
	}
	b, err := os.ReadFile(routesFile)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{}
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSpace(line)
		if line != "" && line[0] != '#' {
			want[line] = true
		}
	}
	for r := range have {
		if !want[r] {
			t.Errorf("%s is not in %s", r, routesFile)
		}
	}
	for r := range want {
		if !have[r] {
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
