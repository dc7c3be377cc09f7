package web

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"sanad/internal/kit/fault"
)

func TestReadForm(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		"where=a&text=b%0D%0Ac":                 "",
		"where=%D8%B3%D9%86%D8%AF":              "",
		"":                                      "",
		"where=a&other=b":                       "other=web.field.unknown",
		"where=a&where=b":                       "where=web.field.twice",
		"where=%ff":                             "where=web.field.text",
		"where=a%00":                            "where=web.field.text",
		"where=%zz":                             "web.unreadable",
		"%ff=a":                                 "?=web.field.unknown",
		strings.Repeat("n", 90) + "=a":          strings.Repeat("n", 40) + "…=web.field.unknown",
		"where=a&where=b&other=c&third=d&text=": "other=web.field.unknown third=web.field.unknown where=web.field.twice",
	} {
		form, err := ReadForm(httptest.NewRequest(http.MethodPost, "/?where=address", strings.NewReader(body)), "where", "text")
		switch {
		case want == "" && err != nil, want != "" && (err == nil || !strings.Contains(err.Error(), want) || fault.CodeOf(err) != fault.Invalid):
			t.Errorf("%q: %v, want %q", body, err, want)
		case err == nil && strings.Contains(form.Get("text"), "\r"):
			t.Errorf("%q: %q", body, form.Get("text"))
		case form.Get("where") == "address":
			t.Errorf("%q: the address was read as the form", body)
		}
	}
}

func TestReadJSON(t *testing.T) {
	t.Parallel()
	type doc struct {
		Where string `json:"where"`
		Minor bool   `json:"minor"`
	}
	for body, want := range map[string]string{
		`{"where":"a","minor":true}`:     "",
		`{"where":"a","other":1}`:        "other=web.field.unknown",
		`{"where":7}`:                    "where=web.field.type",
		`{"where":"a"} {}`:               "more after",
		`{"where":"a"`:                   "no JSON",
		``:                               "no JSON",
		"{\"where\":\"\xff\"}":           "no UTF-8",
		`[]`:                             keyNoObject,
		`7`:                              keyNoObject,
		`{"where":"a","where":"b"}`:      "where=web.field.twice",
		`{"where":"a","WHERE":"b"}`:      "where=web.field.twice",
		`{"where":"where","minor":true}`: "",
		`{"where":"\ud800"}`:             "no UTF-8",
		`{"where":"\ud800\u0041"}`:       "no UTF-8",
		`{"where":"\udc00\ud800"}`:       "no UTF-8",
		`{"where":"\uD83D\uDE00"}`:       "",
		`{"where":"\\ud800"}`:            "",
		`{"where":"\u00e9\"\ud800\""}`:   "no UTF-8",
		`{"where":"canary` + "\n" + `"}`: "no JSON",
	} {
		var v doc
		err := ReadJSON(httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body)), &v)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v, want %q", body, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "canary") {
			t.Errorf("what was sent reached the error: %v", err)
		}
	}
}

// The network's own error names addresses; ours does not.
func TestReadCut(t *testing.T) {
	t.Parallel()
	broken := io.MultiReader(strings.NewReader("where="), failing{errors.New("read tcp 192.0.2.1:80: reset")})
	_, err := ReadForm(httptest.NewRequest(http.MethodPost, "/", broken), "where")
	if err == nil || !strings.Contains(err.Error(), keyCut) || strings.Contains(err.Error(), "192") {
		t.Fatal(err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
