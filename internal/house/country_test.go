package house

import (
	"go/parser"
	"go/scanner"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/goccy/go-yaml"
)

// names are what a country's pack calls things by, as they stand in its YAML: the words with where they stand, and the larger numbers.
type names struct {
	words   map[string]string
	asked   map[string]bool // facts and lists, which a room of the program asks for by name where it knows them
	numbers map[string]bool
}

// naming are the keys under which a pack says how something is called: itself, the seats of a role, the words of a list, a clock, what
// is recorded when it runs out, and papers that are kept alike.
var naming = []string{"id", "name", "title", "seats", "words", "lapses", "class"}

// walk calls each with every key and every value in a YAML document that is neither a map nor a list, with the keys it stands under. What
// is called something in each language stands under the key of the map of languages.
func walk(at any, above, key string, each func(above, key string, value any)) {
	switch v := at.(type) {
	case map[string]any:
		for k, below := range v {
			each(key, "", k)
			if k == "fr" || k == "ar" || k == "en" {
				walk(below, above, key, each)
				continue
			}
			walk(below, key, k, each)
		}
	case []any:
		for _, below := range v {
			walk(below, above, key, each)
		}
	default:
		each(above, key, v)
	}
}

// read calls each with what stands in the YAML files of a pack's law; messages and stories are words for people.
func read(t *testing.T, pack fs.FS, each func(path, above, key string, value any)) {
	t.Helper()
	err := fs.WalkDir(pack, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".yaml" || strings.HasPrefix(path, "messages/") || strings.HasPrefix(path, "story/") {
			return err
		}
		b, err := fs.ReadFile(pack, path)
		if err != nil {
			return err
		}
		var document any
		err = yaml.Unmarshal(b, &document)
		if err != nil {
			return err
		}
		walk(document, "", "", func(above, key string, value any) { each(path, above, key, value) })
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// namesOf gathers all that a pack calls by a name of its own, on every axis: institutions and seats, roles, texts, parameters, protocols
// and their steps, clocks, rules, feasts, gates, facts, lists and their words; and its numbers of four digits or more.
func namesOf(t *testing.T, pack fs.FS) names {
	t.Helper()
	n := names{words: map[string]string{}, asked: map[string]bool{}, numbers: map[string]bool{}}
	read(t, pack, func(path, above, key string, value any) {
		switch v := value.(type) {
		case string:
			if slices.Contains(naming, key) && v != "" {
				n.words[v] = path
				if key == "id" && (above == "facts" || above == "lists") {
					n.asked[v] = true
				}
			}
		case uint64:
			number := strconv.FormatUint(v, 10)
			if key == "value" && len(number) >= 4 && (strings.Trim(number[1:], "0") != "" || number[0] != '1') { // a power of ten is anybody's
				n.numbers[number] = true
			}
		}
	})
	return n
}

// less takes out what another pack says, too, under whatever key: such a word is no country's.
func (n *names) less(t *testing.T, pack fs.FS) {
	t.Helper()
	read(t, pack, func(_, _, _ string, value any) {
		said, is := value.(string)
		if is {
			delete(n.words, said)
		}
	})
}

// compound is a word that is nobody's plain word: of several parts, or with a number.
var compound = regexp.MustCompile(`^[A-Za-z]+[A-Za-z0-9]*[0-9._-][A-Za-z0-9._-]*$`)

// part is what may be such a name in a longer text.
var part = regexp.MustCompile(`[A-Za-z0-9][A-Za-z0-9._-]*[A-Za-z0-9]`)

// foundIn returns which of the words a text is, or holds: plain words are looked for alone, for they stand in any sentence.
func (n *names) foundIn(text string) (found []string) {
	if n.words[text] != "" {
		return []string{text}
	}
	for _, w := range part.FindAllString(text, -1) {
		for _, p := range append(strings.FieldsFunc(w, func(r rune) bool { return r == '.' }), w) {
			if n.words[p] != "" && compound.MatchString(p) {
				found = append(found, p)
			}
		}
	}
	return found
}

// foundInGo returns which of the words and numbers a Go file says in its strings and numbers. What it imports is no word of its own.
func (n *names) foundInGo(t *testing.T, path string, b []byte) (found map[string]int) {
	t.Helper()
	set := token.NewFileSet()
	imports, err := parser.ParseFile(set, path, b, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	end := 0
	for _, spec := range imports.Imports {
		end = max(end, set.Position(spec.End()).Offset)
	}
	var s scanner.Scanner
	file := set.AddFile(path, -1, len(b))
	s.Init(file, b, nil, 0)
	found = map[string]int{}
	for {
		pos, tok, lit := s.Scan()
		line := set.Position(pos).Line
		switch tok {
		case token.EOF:
			return found
		case token.INT:
			if n.numbers[strings.ReplaceAll(lit, "_", "")] {
				found[lit] = line
			}
		case token.STRING:
			text, err := strconv.Unquote(lit)
			if err != nil {
				t.Fatal(err)
			}
			if set.Position(pos).Offset >= end {
				for _, w := range n.foundIn(text) {
					found[w] = line
				}
			}
		}
	}
}

// vocabulary reads testdata/vocabulary.txt: each word that the program says as well, with the rooms that do.
func vocabulary(t *testing.T) map[string][]string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "vocabulary.txt"))
	if err != nil {
		t.Fatal(err)
	}
	rooms := map[string][]string{}
	for line := range strings.Lines(string(b)) {
		line, _, _ = strings.Cut(line, "#")
		room, words, _ := strings.Cut(line, ":")
		for _, w := range strings.Fields(words) {
			rooms[w] = append(rooms[w], room)
		}
	}
	return rooms
}

// in reports whether a file is of a room.
func in(room, file string) bool { return room == "everywhere" || strings.HasPrefix(file, room+"/") }

// What a pack calls its own is found alone and, where it is no plain word, within a longer text; what another pack says is not.
func TestNamesOfCountry(t *testing.T) {
	t.Parallel()
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	own := namesOf(t, fstest.MapFS{
		"roles.yaml":          file("roles:\n  - {id: bailiff, seats: [zz-bailiff-1]}\n"),
		"lists.yaml":          file("lists:\n  - {id: doors, words: [palace, street]}\n"),
		"texts.yaml":          file("texts:\n  - {id: law-7, title: {fr: La loi sept, en: Law seven}}\nparameters:\n  - {id: P1, value: 75000}\n  - {id: P2, value: 10000}\n"),
		"protocols/hunt.yaml": file("id: zz.hunt\nsteps:\n  - {id: seize_horse, emits: taken, deadlines: [{name: flight, lapses: flight_lapsed}]}\n"),
		"messages/fr.yaml":    file("id: nothing\n"),
	})
	own.less(t, fstest.MapFS{"lists.yaml": file("lists:\n  - {id: gates, words: [street]}\n")})
	source := func(text string) []byte { return []byte("package p\nimport \"palace\"\nvar x = " + text + "\n") }
	for text, want := range map[string]string{
		`"bailiff"`: "bailiff", `"zz-bailiff-1"`: "zz-bailiff-1", `"palace"`: "palace", `"law-7"`: "law-7", `"La loi sept"`: "La loi sept", `"flight"`: "flight",
		`"seize_horse"`: "seize_horse", `"form[step=seize_horse]"`: "seize_horse", `"step.zz.hunt.seize_horse"`: "seize_horse", "`see zz.hunt`": "zz.hunt", "75_000": "75_000",

		`"the bailiff sits in the palace"`: "", `"street"`: "", `"taken"`: "", `"nothing"`: "", "10000": "", "1 // the palace": "",
	} {
		found := slices.Sorted(maps.Keys(own.foundInGo(t, "p.go", source(text))))
		if got := strings.Join(found, " "); got != want {
			t.Errorf("%s: found %q, want %q", text, got, want)
		}
	}
	if !own.asked["doors"] || own.asked["palace"] {
		t.Errorf("asked for by name: %v", own.asked)
	}
}

// No program names a real country: nothing of its pack stands in a string of a .go file or in a page, tests among them. Words that
// packs of invented or other laws share are nobody's.
func TestNoCountryInCode(t *testing.T) {
	t.Parallel()
	const real = "ma"
	pack := func(id string) fs.FS { return os.DirFS(filepath.Join(root, "packs", id)) }
	own := namesOf(t, pack(real))
	for _, id := range []string{"xx", "eu", "tr", "starter"} {
		own.less(t, pack(id))
	}
	if len(own.words) < 500 || len(own.numbers) < 2 {
		t.Fatalf("only %d names and %d numbers were read", len(own.words), len(own.numbers))
	}
	type saying struct {
		file string
		line int
		word string
	}
	var all []saying
	says := map[string]bool{} // what the program says outside its tests
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if d != nil && d.IsDir() && (d.Name() == ".git" || d.Name() == "testdata" || d.Name() == "node_modules" || d.Name() == "bin") {
				return filepath.SkipDir
			}
			return err
		}
		rel, _ := filepath.Rel(root, path)
		rel = filepath.ToSlash(rel)
		ext := filepath.Ext(path)
		if ext != ".go" && ext != ".html" || rel == "packs/packs.go" || rel == "internal/house/country_test.go" {
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if ext == ".html" {
			for _, w := range own.foundIn(string(b)) {
				all = append(all, saying{rel, 1, w})
			}
			return nil
		}
		for w, line := range own.foundInGo(t, path, b) {
			all = append(all, saying{rel, line, w})
			says[w] = says[w] || !strings.HasSuffix(rel, "_test.go")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	rooms, unsaid := vocabulary(t), map[string]bool{}
	for w := range rooms {
		for _, room := range rooms[w] {
			unsaid[room+": "+w] = true
		}
	}
	for _, s := range all {
		known := own.asked[s.word] && says[s.word]
		for _, room := range rooms[s.word] {
			if in(room, s.file) {
				known = true
				delete(unsaid, room+": "+s.word)
			}
		}
		if !known {
			t.Errorf("%s:%d names %s, which only the pack %s may know (%s)", s.file, s.line, s.word, real, own.words[s.word])
		}
	}
	for line := range unsaid {
		t.Errorf("testdata/vocabulary.txt: %s is not said there, or by no pack but others", line)
	}
}
