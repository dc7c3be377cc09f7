package app

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sanad/internal/kit/lang"
	"sanad/internal/law/protocol"
)

var (
	keyInGo   = regexp.MustCompile(`(?:New|invalid)\("([a-z_]+\.[a-z_.]+)"|At\([^"]*(?:"[^"]*")?[^"]*, "([a-z_]+\.[a-z_.]+)"`)
	keyInHTML = regexp.MustCompile(`\b(?:t|text|tx) "([a-z_]+\.[a-z_.]+)"`)
	optional  = regexp.MustCompile(`\bhas "([a-z_]+\.[a-z_.]+)"`) // a page asks before it says it: a pack's own words
)

// Every message a room names is there, in every language, and so are the words of what the engine answers and of every
// kind of act.
func TestEveryKeyIsWorded(t *testing.T) {
	t.Parallel()
	c := newClock()
	h := testHouse(t, t.TempDir(), "", c)
	messages, err := h.messages()
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]string{}
	err = filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") {
			return err
		}
		find := map[string]*regexp.Regexp{".go": keyInGo, ".html": keyInHTML}[filepath.Ext(path)]
		if find == nil {
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		asked := map[string]bool{}
		for _, m := range optional.FindAllStringSubmatch(string(b), -1) {
			asked[m[1]] = true
		}
		for _, m := range find.FindAllStringSubmatch(string(b), -1) {
			for _, key := range m[1:] {
				if key != "" && !strings.HasSuffix(key, ".") && !asked[key] {
					keys[key] = path
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for key := range protocol.Keys() {
		keys[key] = "the engine"
	}
	for _, s := range h.kinds.All() {
		keys[s.Purpose] = "kind " + s.Kind
		for _, f := range s.Facts {
			keys["fact."+f.Name] = "a fact of kind " + s.Kind
		}
	}
	if len(keys) < 100 {
		t.Fatalf("only %d keys were found", len(keys))
	}
	for _, l := range []lang.Lang{lang.French, lang.Arabic, lang.English} {
		p := messages.For(l)
		for key, where := range keys {
			if !p.Has(key) {
				t.Errorf("%s: %s is not worded (%s)", l, key, where)
			}
		}
	}
}
