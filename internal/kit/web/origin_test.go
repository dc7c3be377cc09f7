package web

import (
	"net/http"
	"testing"
)

func TestSameOrigin(t *testing.T) {
	t.Parallel()
	var got error
	m, err := SameOrigin(record(&got), "https://trusted.example")
	if err != nil {
		t.Fatal(err)
	}
	h := m(fine)
	for name, c := range map[string]struct {
		method  string
		headers []string
		ok      bool
	}{
		"own form":                   {"POST", []string{"Sec-Fetch-Site", "same-origin"}, true},
		"typed address":              {"POST", []string{"Sec-Fetch-Site", "none"}, true},
		"another site":               {"POST", []string{"Sec-Fetch-Site", "cross-site"}, false},
		"a neighbouring host":        {"POST", []string{"Sec-Fetch-Site", "same-site"}, false},
		"old browser, own form":      {"POST", []string{"Origin", "http://house.example"}, true},
		"old browser, another site":  {"POST", []string{"Origin", "http://evil.example"}, false},
		"old browser, hidden origin": {"POST", []string{"Origin", "null"}, false},
		"a program":                  {"POST", nil, true},
		"a link from elsewhere":      {"GET", []string{"Sec-Fetch-Site", "cross-site"}, true},
		"trusted":                    {"POST", []string{"Sec-Fetch-Site", "cross-site", "Origin", "https://trusted.example"}, true},
		"delete from elsewhere":      {"DELETE", []string{"Sec-Fetch-Site", "cross-site"}, false},
	} {
		got = nil
		resp := ask(h, c.method, "http://house.example/x", "", c.headers...)
		if ok := resp.StatusCode == http.StatusOK && got == nil; ok != c.ok {
			t.Errorf("%s: %d %v", name, resp.StatusCode, got)
		}
	}
	if _, err := SameOrigin(record(&got), "not an origin"); err == nil {
		t.Error("a broken origin was trusted")
	}
}
