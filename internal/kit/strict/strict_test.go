package strict

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestJSON(t *testing.T) {
	t.Parallel()
	type inner struct {
		Name string `json:"name"`
	}
	type outer struct {
		Deep *inner `json:"deep"`
	}
	type doc struct {
		Where string            `json:"where"`
		One   inner             `json:"one"`
		List  []inner           `json:"list"`
		Said  map[string]string `json:"said"`
		Far   map[string]*inner `json:"far,omitempty"`
		Raw   json.RawMessage   `json:"raw"`
		At    *time.Time        `json:"at"`
		Any   any               `json:"any"`
		Plain bool
		outer
	}
	type wrongType struct{}
	for body, want := range map[string]any{
		`{"where":"a","one":{"name":"a"},"list":[{"name":"a"},{"name":"b"}],"said":{"fr":"a","ar":"b"}}`: nil,
		" {\"where\":\"name\"}\r\n\t ":                    nil,
		`{"where":"where"}`:                               nil,
		`{"where":"a","where":"a"}`:                       Twice{"where"},
		`{"where":"a","Where":"a"}`:                       Twice{"where"},
		`{"where":"a","\u0077here":"a"}`:                  Twice{"where"},
		`{"one":{"name":"a","name":"b"}}`:                 Twice{"name"},
		`{"list":[{"name":"a"},{"name":"a","NAME":"b"}]}`: Twice{"name"},
		`{"said":{"fr":"a","ar":"b","fr":"c"}}`:           Twice{"fr"},
		`{"one":{"name":"a"},"where":"b","one":{}}`:       Twice{"one"},
		`{"said":{"\u212A":"the sign of kelvin","k":""}}`: Twice{"\u212A"},

		`{"Where":"a"}`:                         Unknown{"Where"},
		`{"WHERE":"a"}`:                         Unknown{"WHERE"},
		`{"one":{"Name":"a"}}`:                  Unknown{"Name"},
		`{"where":"a","list":[{},{"NAME":""}]}`: Unknown{"NAME"},
		`{"far":{"Name":{"NAME":""}}}`:          Unknown{"NAME"},
		`{"deep":{"Name":""}}`:                  Unknown{"Name"},
		`{"plain":true}`:                        Unknown{"plain"},
		`{"\u017faid":{}}`:                      Unknown{"ſaid"},
		`{"Plain":true,"deep":{"name":""},"far":{"Where":{"name":""},"x":null},"said":{"WHERE":""}}`:                         nil,
		`{"raw":{"A":[{"Where":1}]},"any":{"Where":[{"Name":1}]},"at":"2031-07-05T00:00:00Z","one":{"name":""},"list":null}`: nil,

		`{"other":1}`:                     Unknown{"other"},
		`{"where":7}`:                     wrongType{},
		`[]`:                              wrongType{},
		`{"where":"a"`:                    ErrJSON,
		``:                                ErrJSON,
		`{"where":"a"}{}`:                 ErrMore,
		`{"where":"a"}]`:                  ErrMore,
		`{"where":"a"}}`:                  ErrMore,
		`{"where":"a"},`:                  ErrMore,
		"{\"where\":\"\xff\"}":            ErrText,
		`{"where":"\ud800"}`:              ErrText,
		`{"\udc00":1}`:                    ErrText,
		`{"where":"\\ud800\ud83d\ude00"}`: nil,
	} {
		var v doc
		got := JSON([]byte(body), &v)
		var kind *json.UnmarshalTypeError
		switch want := want.(type) {
		case nil:
			if got != nil {
				t.Errorf("%s: %v", body, got)
			}
		case wrongType:
			if !errors.As(got, &kind) {
				t.Errorf("%s: %v, want another type", body, got)
			}
		case error:
			if !errors.Is(got, want) {
				t.Errorf("%s: %v, want %v", body, got, want)
			}
		}
	}
}

// A key is alike to another exactly when the standard library's decoder would put both into one field.
func TestAlike(t *testing.T) {
	t.Parallel()
	keys := []string{"", "k", "K", "\u212a", "s", "S", "\u017f", "kind", "KIND", "ﬁ", "fi", "ß", "ẞ", "ss", "é", "É", "e\u0301", "σ", "ς", "Σ", "ب", "0"}
	for _, a := range keys {
		for _, b := range keys {
			if got, want := alike(a) == alike(b), strings.EqualFold(a, b); got != want {
				t.Errorf("%q and %q: %v", a, b, got)
			}
		}
	}
}

// Who sends many keys makes nobody wait: each is looked up, none compared with all others.
func TestManyKeys(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString(`{"x":""`)
	for i := range 200_000 {
		fmt.Fprintf(&b, `,"k%d":""`, i)
	}
	b.WriteString("}")
	var v map[string]string
	err := JSON([]byte(b.String()), &v)
	if err != nil || len(v) != 200_001 {
		t.Fatal(len(v), err)
	}
}
