package house

import (
	"go/parser"
	"go/scanner"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Names and numbers of a real country's pack, as they stand in its YAML.
var (
	packSeat   = regexp.MustCompile(`seats: \[([^\]]*)\]`)
	packID     = regexp.MustCompile(`(?m)^\s*(?:- \{?|)id: ([A-Za-z0-9._-]+)`)
	packNames  = regexp.MustCompile(`\b(?:name|title): \{([^}]*)\}`)
	packName   = regexp.MustCompile(`\b(?:fr|ar|en): "?([^,"}]+)`)
	packNumber = regexp.MustCompile(`\bvalue: ([0-9]{4,})\b`)
)

// namesOf gathers what of a country's pack no program may know: its seats, institutions, texts, protocols and parameters, the names
// of its institutions and texts, and its larger numbers.
func namesOf(t *testing.T, dir, id string) (words map[string]bool, numbers map[string]bool) {
	t.Helper()
	words, numbers = map[string]bool{id: true}, map[string]bool{}
	for _, file := range []string{"institutions.yaml", "texts.yaml", "roles.yaml", "parameters.yaml", "protocols"} {
		paths := []string{filepath.Join(dir, file)}
		if file == "protocols" {
			paths, _ = filepath.Glob(filepath.Join(dir, file, "*.yaml"))
		}
		for _, path := range paths {
			b, err := os.ReadFile(path)
			if os.IsNotExist(err) {
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			text := string(b)
			for _, m := range packSeat.FindAllStringSubmatch(text, -1) {
				for _, s := range strings.Split(m[1], ",") {
					words[strings.TrimSpace(s)] = true
				}
			}
			for _, m := range packID.FindAllStringSubmatch(text, -1) {
				own := file == "institutions.yaml" || file == "texts.yaml" || file == "protocols" && strings.HasPrefix(m[1], id+".") ||
					file == "parameters.yaml" && strings.ToUpper(m[1][:1]) == m[1][:1] // rung-…, request-…: the words of the contract, any pack's
				if own {
					words[m[1]] = true
				}
			}
			for _, m := range packNames.FindAllStringSubmatch(text, -1) {
				for _, n := range packName.FindAllStringSubmatch(m[1], -1) {
					words[strings.TrimSpace(n[1])] = true
				}
			}
			for _, m := range packNumber.FindAllStringSubmatch(text, -1) {
				if strings.Trim(m[1][1:], "0") != "" || m[1][0] != '1' { // a power of ten is anybody's
					numbers[m[1]] = true
				}
			}
		}
	}
	delete(words, "")
	return words, numbers
}

// No program names a real country: nothing of its pack stands in a string of a .go file or in a page.
func TestNoCountryInCode(t *testing.T) {
	t.Parallel()
	const real = "ma"
	words, numbers := namesOf(t, filepath.Join(root, "packs", real), real)
	if len(words) < 100 || len(numbers) < 2 {
		t.Fatalf("only %d names and %d numbers were read", len(words), len(numbers))
	}
	ids := regexp.MustCompile(`\b` + real + `[.-][a-z0-9.-]*[a-z0-9]`)
	allowed := []string{filepath.Join("packs", "packs.go"), filepath.Join("internal", "house", "country_test.go")}
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if d != nil && d.IsDir() && (d.Name() == ".git" || d.Name() == "testdata" || d.Name() == "node_modules" || d.Name() == "bin") {
				return filepath.SkipDir
			}
			return err
		}
		rel, _ := filepath.Rel(root, path)
		ext := filepath.Ext(path)
		if ext != ".go" && ext != ".html" || slices.Contains(allowed, rel) {
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		tell := func(what string) { t.Errorf("%s names %s, which only the pack %s may know", rel, what, real) }
		if ext == ".html" {
			for w := range words {
				if len(w) > 4 && strings.Contains(string(b), w) {
					tell(w)
				}
			}
			return nil
		}
		set := token.NewFileSet()
		if _, err := parser.ParseFile(set, path, b, parser.ImportsOnly); err != nil {
			return err
		}
		var s scanner.Scanner
		file := set.AddFile(path, -1, len(b))
		s.Init(file, b, nil, 0)
		for {
			_, tok, lit := s.Scan()
			switch tok {
			case token.EOF:
				return nil
			case token.INT:
				if numbers[strings.ReplaceAll(lit, "_", "")] {
					tell(lit)
				}
			case token.STRING:
				v, err := strconv.Unquote(lit)
				if err != nil {
					return err
				}
				if words[v] {
					tell(strconv.Quote(v))
				}
				for _, own := range ids.FindAllString(v, -1) { // within a longer text
					if own != v && words[own] {
						tell(own)
					}
				}
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}
