package exhibits

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// A name is one line a person can read: no folder, no mark that turns it round or hides its end.
func TestCleanName(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"photo.jpg":                   "photo.jpg",
		"صورة ١.png":                  "صورة ١.png",
		"../../etc/passwd":            "passwd",
		`C:\Users\name\photo.jpg`:     "photo.jpg",
		"gpj.\u202egnp.exe":           "gpj.gnp.exe",
		"a\u0000b\nc\u2028d\u200be":   "abcde",
		"\xff\xfea":                   "a",
		"":                            "",
		"..":                          "",
		strings.Repeat("é", 300) + "": strings.Repeat("é", 120),
	} {
		got := cleanName(given)
		if got != want || !utf8.ValidString(got) {
			t.Errorf("%q became %q, want %q", given, got, want)
		}
	}
}
