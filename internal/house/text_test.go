package house

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// The patterns are written so that they do not match themselves.
var (
	// Explicit embeddings, overrides and isolates: text that reads differently from what it is. A message that
	// needs one writes its escape.
	invisible = regexp.MustCompile(`[\x{202A}-\x{202E}\x{2066}-\x{2069}\x{FEFF}]`)
	// Where somebody's checkout or home happens to be.
	machinePath = regexp.MustCompile(`(^|[^a-z])/(w[o]rk|r[o]ot|h[o]me|Us[e]rs)/`)
	// Where packages come from is the machine's setting.
	packageHost = regexp.MustCompile(`proxy\.golang\.org|sum\.golang\.org|registry\.npmjs\.org|(deb|security)\.debian\.org|pypi\.org|files\.pythonhosted\.org`)
	// Left for later: an issue is the place.
	later = regexp.MustCompile(`\b(TO[D]O|FI[X]ME|XX[X]|HA[C]K)\b`)
)

// unsaid are names that say nothing of what is inside.
var unsaid = []string{"util", "utils", "common", "helper", "helpers", "models", "misc", "shared"}

// wrongText says what is wrong with a file's text, one line for each line at fault.
func wrongText(name string, text []byte) []string {
	if bytes.IndexByte(text, 0) >= 0 || !utf8.Valid(text) {
		return nil // not text
	}
	var wrong []string
	n := 0
	for line := range bytes.Lines(text) {
		n++
		say := func(what string) { wrong = append(wrong, fmt.Sprintf("%s:%d: %s", name, n, what)) }
		if invisible.Match(line) {
			say("an invisible direction control; write its escape")
		}
		if machinePath.Match(line) {
			say("a path of one machine")
		}
		if packageHost.Match(line) {
			say("the host of a package registry")
		}
		if strings.HasSuffix(name, ".go") && later.Match(line) {
			say("work left for later; do it, or write an issue")
		}
	}
	return wrong
}

// wrongName says whether a file's or folder's name says nothing.
func wrongName(name string) bool {
	base, _, _ := strings.Cut(strings.TrimSuffix(name, "_test.go"), ".")
	return slices.Contains(unsaid, base)
}

func TestTextRules(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		"plain\ntext, نص عربي, ⵜⴰⵎⴰⵣⵉⵖⵜ, l'été": 0,
		"a \u202e b\nc":                           1,
		"\u2068name\u2069":                        1,
		"\ufeffpackage x":                         1,
		"see /ho" + "me/someone/x":                1,
		"in=/wo" + "rk/main\nin=/wo" + "rk/other": 2,
		"https://example.org/network/":            0,
		"get it from pypi" + ".org":               1,
		"// TO" + "DO: later":                     1,
		"mastodon, método":                        0,
		"binary \x00 /ro" + "ot/x":                0,
		"\xff\xfe not text /ro" + "ot/x":          0,
	} {
		if got := wrongText("x.go", []byte(text)); len(got) != want {
			t.Errorf("%q: %q, want %d", text, got, want)
		}
	}
	for name, want := range map[string]bool{
		"util.go": true, "helpers_test.go": true, "models": true, "common.css": true,
		"utility.go": false, "uncommon.go": false, "models_of_law.go": false, "clerk.go": false,
	} {
		if wrongName(name) != want {
			t.Errorf("%s: %v, want %v", name, !want, want)
		}
	}
}

func TestFiles(t *testing.T) {
	t.Parallel()
	seen := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			if slices.Contains([]string{".git", "bin", "data", "node_modules"}, rel) {
				return filepath.SkipDir
			}
		} else if !d.Type().IsRegular() || rel == ".git" { // a file, where one repository has several trees
			return nil
		}
		if wrongName(d.Name()) {
			t.Errorf("%s: a name that does not say what is inside", rel)
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if d.IsDir() || info.Size() > 4<<20 {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		seen++
		for _, what := range wrongText(filepath.ToSlash(rel), text) {
			t.Error(what)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen < 20 {
		t.Errorf("looked at %d files only", seen)
	}
}
