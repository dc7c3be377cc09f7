package app

import (
	"encoding/json"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sanad/api"
	"sanad/internal/desk/notice"
	"sanad/internal/kit/web"
)

// described is what the tests read of the API's description.
type described struct {
	OpenAPI string `json:"openapi"`
	Paths   map[string]map[string]struct {
		Responses map[string]json.RawMessage `json:"responses"`
	} `json:"paths"`
	Components struct {
		Schemas map[string]struct {
			Required   []string                   `json:"required"`
			Properties map[string]json.RawMessage `json:"properties"`
		} `json:"schemas"`
	} `json:"components"`
}

func readAPI(t *testing.T) *described {
	t.Helper()
	var d described
	if err := json.Unmarshal(api.Document, &d); err != nil || d.OpenAPI != "3.1.0" {
		t.Fatal(d.OpenAPI, err)
	}
	return &d
}

// Every route of the API that some desk has is described, and nothing else is.
func TestAPIRoutesAreDescribed(t *testing.T) {
	t.Parallel()
	route := regexp.MustCompile(`"([A-Z]+) (/api/[^"]+)"`)
	have := map[string]bool{}
	err := filepath.WalkDir("../desk", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		b, err := os.ReadFile(path)
		for _, m := range route.FindAllStringSubmatch(string(b), -1) {
			have[m[1]+" "+m[2]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]bool{}
	for path, methods := range readAPI(t).Paths {
		for method := range methods {
			said[strings.ToUpper(method)+" "+path] = true
		}
	}
	if !maps.Equal(have, said) {
		t.Fatalf("routes %v\nare described as %v", slices.Sorted(maps.Keys(have)), slices.Sorted(maps.Keys(said)))
	}
}

// Every field of what is sent and answered is described, and no other.
func TestAPIFieldsAreDescribed(t *testing.T) {
	t.Parallel()
	d := readAPI(t)
	same := func(schema string, fields []string) {
		t.Helper()
		said := slices.Sorted(maps.Keys(d.Components.Schemas[schema].Properties))
		slices.Sort(fields)
		if !slices.Equal(said, fields) {
			t.Errorf("%s has the fields %v, described are %v", schema, fields, said)
		}
	}
	tags := func(v any) (out []string) {
		for f := range reflect.TypeOf(v).Fields() {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			out = append(out, name)
		}
		return out
	}
	same("Notice", tags(notice.Form{}))
	same("Problem", tags(web.Problem{}))
	same("ProblemField", tags(web.ProblemField{}))
	c := newClock()
	h := testHouse(t, t.TempDir(), "", c)
	h.signing(t)
	v := newVisitor(t, h, "en")
	keys := func(status int, method, target, body string) []string {
		t.Helper()
		w := call(v.h, method, target, jsonType, body)
		var out map[string]json.RawMessage
		if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || w.Code != status {
			t.Fatal(w.Code, w.Body)
		}
		return slices.Sorted(maps.Keys(out))
	}
	for name, got := range map[string][]string{
		"Receipt": keys(http.StatusCreated, "POST", "/api/v1/notices", `{"situation":"contact","text":"x"}`),
		"Problem": keys(http.StatusNotFound, "POST", "/api/v1/notices/status", `{"code":"1"}`),
	} {
		for _, must := range d.Components.Schemas[name].Required {
			if !slices.Contains(got, must) {
				t.Errorf("%s lacks %s", name, must)
			}
		}
		for _, field := range got {
			if d.Components.Schemas[name].Properties[field] == nil {
				t.Errorf("%s has %s, which nothing describes", name, field)
			}
		}
	}
	ok, err := h.notice.Accept(t.Context(), notice.Form{Situation: "contact", Text: "x"})
	if err != nil {
		t.Fatal(err)
	}
	same("Status", keys(http.StatusOK, "POST", "/api/v1/notices/status", `{"code":"`+notice.Groups(ok.Code)+`"}`))
	w := call(v.h, "GET", "/api/openapi.json", "", "")
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != jsonType || w.Body.String() != string(api.Document) {
		t.Fatal(w.Code, w.Header())
	}
}
