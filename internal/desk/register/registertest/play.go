package registertest

import (
	"bytes"
	"crypto/rand"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/desk/registry"
	"sanad/internal/office/clerk"
)

// Facts are a set of facts from texts: yes, no, a day, a number, or else a code.
func Facts(pairs ...string) act.Facts {
	out := map[string]act.Value{}
	for i := 0; i+1 < len(pairs); i += 2 {
		text := pairs[i+1]
		day, dated := time.Parse(time.DateOnly, text)
		n, counted := strconv.ParseInt(text, 10, 64)
		id, named := act.ParseID(text)
		switch {
		case text == "yes" || text == "no":
			out[pairs[i]] = act.OfBool(text == "yes")
		case dated == nil:
			out[pairs[i]] = act.OfDate(day)
		case counted == nil:
			out[pairs[i]] = act.OfInt(n)
		case named == nil:
			out[pairs[i]] = act.OfID(id)
		default:
			out[pairs[i]] = act.OfCode(text)
		}
	}
	return act.NewFacts(out)
}

// ID draws an identifier.
func ID() (id act.ID) {
	_, _ = rand.Read(id[:])
	return id
}

// Do asks for a step that emits a kind, in the name of the first role that may take it; a zero file opens one.
func (h *House) Do(sort string, file act.ID, kind string, a act.Act) (*clerk.Done, error) {
	h.T.Helper()
	if file.IsZero() {
		for _, p := range h.Pack.Protocols {
			for _, s := range p.Steps {
				if p.Sort == sort && s.Kind == kind && s.After.IsStart() {
					return h.Clerk.Do(h.T.Context(), clerk.Command{Mandate: h.Mandates[s.By[0]], Of: sort, Protocol: p.ID, Step: s.ID, Act: a})
				}
			}
		}
		h.T.Fatalf("no step opens a %s with %s", sort, kind)
	}
	for _, role := range slices.Sorted(maps.Keys(h.Mandates)) {
		v, err := h.Clerk.View(h.T.Context(), h.Mandates[role], file)
		must(h.T, err)
		for i := range v.Moves {
			m := &v.Moves[i]
			if m.Step.Kind == kind && slices.Contains(m.Step.By, role) {
				return h.Clerk.Do(h.T.Context(), clerk.Command{
					Mandate: h.Mandates[role], File: file, Procedure: m.Run, Protocol: m.Protocol, Step: m.Place.Step, Seen: v.Seen, Act: a,
				})
			}
		}
	}
	h.T.Fatalf("no step of %s emits %s", file, kind)
	return nil, nil
}

// Platform enrols a platform and returns its file.
func (h *House) Platform(name string) act.ID {
	h.T.Helper()
	done, err := h.Do(registry.Sort, act.ID{}, registry.KindEnrolled, act.Act{Body: []byte(`{"name":"` + name + `"}`)})
	must(h.T, err)
	return done.File
}

// Scenario is one request, what must come back, and what must not.
type Scenario struct {
	Name, Who, Method, Target, Body, Media string
	Language                               string // fr where it is empty
	API                                    bool   // asked by a program
	Header                                 map[string]string
	Status                                 int
	Has, HasNot                            []string
}

// Play asks a handler and checks the answer.
func (s Scenario) Play(t *testing.T, to http.Handler) *httptest.ResponseRecorder {
	t.Helper()
	method := s.Method
	if method == "" {
		method = http.MethodGet
	}
	r := httptest.NewRequestWithContext(t.Context(), method, s.Target, bytes.NewReader([]byte(s.Body)))
	if !s.API {
		r.Header.Set("Accept", "text/html")
	}
	language := s.Language
	if language == "" {
		language = "fr"
	}
	r.Header.Set("Accept-Language", language)
	if s.Media != "" {
		r.Header.Set("Content-Type", s.Media)
	}
	if s.Who != "" {
		r.Header.Set("X-Test-Role", s.Who)
	}
	for k, v := range s.Header {
		r.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	to.ServeHTTP(w, r)
	body := w.Body.String()
	if w.Code != s.Status {
		t.Errorf("%s: status %d, want %d\n%s", s.Name, w.Code, s.Status, body)
	}
	for _, x := range s.Has {
		if !strings.Contains(body, x) {
			t.Errorf("%s: does not hold %q\n%s", s.Name, x, body)
		}
	}
	for _, x := range append(s.HasNot, "goroutine", ".go:", "SQL", "%!", "&lt;nil&gt;") {
		if strings.Contains(body, x) {
			t.Errorf("%s: holds %q\n%s", s.Name, x, body)
		}
	}
	return w
}
