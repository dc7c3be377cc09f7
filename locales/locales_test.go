package locales_test

import (
	"bufio"
	"io/fs"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sanad/internal/kit/lang"
	"sanad/internal/law/protocol"
	"sanad/locales"
)

// full are the languages in which everything is written.
var full = []lang.Lang{lang.French, lang.Arabic, lang.English}

// same are keys that may hold the same words in two languages, by where they are: the house, or a pack. testdata/same.txt
// says why of each.
func same(t *testing.T) map[string][]string {
	t.Helper()
	f, err := os.Open("testdata/same.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // only read
	out := map[string][]string{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		part := strings.SplitN(line, " ", 3)
		if len(part) != 3 {
			t.Fatalf("same.txt: %q: where, a key, and why", line)
		}
		out[part[0]] = append(out[part[0]], part[1])
	}
	return out
}

func load(t *testing.T, files fs.FS) *lang.Messages {
	t.Helper()
	m, err := lang.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// packs are the folders of every pack's messages, by its name.
func packs(t *testing.T) map[string]fs.FS {
	t.Helper()
	found, err := fs.Glob(os.DirFS(".."), "packs/*/messages")
	if err != nil || len(found) == 0 {
		t.Fatal("no pack has messages: ", err)
	}
	out := map[string]fs.FS{}
	for _, folder := range found {
		out[path.Base(path.Dir(folder))] = os.DirFS("../" + folder)
	}
	return out
}

// Whatever is shown, by the house or by a pack, is written in French, in Arabic and in English, with the same arguments, in
// letters of its own, and nowhere is one language's word left standing in another's place.
func TestLanguagesAgree(t *testing.T) {
	t.Parallel()
	may := same(t)
	sources := packs(t)
	sources["house"] = locales.Files
	for name := range may {
		if sources[name] == nil {
			t.Errorf("same.txt speaks of %s, which is not there", name)
		}
	}
	for name, files := range sources {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := load(t, files)
			for _, wrong := range m.Check(may[name]...) {
				t.Error(wrong)
			}
			for i, key := range may[name] {
				if len(m.Check(slices.Delete(slices.Clone(may[name]), i, i+1)...)) == 0 {
					t.Errorf("same.txt: %s is not the same in two languages", key)
				}
			}
			for _, l := range full {
				if left := m.Untranslated(l); len(left) > 0 {
					t.Errorf("%s lacks %v", l, left)
				}
			}
		})
	}
}

// Numbers and dates can be written in every language.
func TestFormsAreThere(t *testing.T) {
	t.Parallel()
	for _, key := range load(t, locales.Files).Missing() {
		t.Error("not worded:", key)
	}
}

// What the law engine says, every language can say, with the same arguments.
func TestLawIsWorded(t *testing.T) {
	t.Parallel()
	have := load(t, locales.Files).Keys()
	for key, args := range protocol.Keys() {
		want := slices.Clone(args)
		slices.Sort(want)
		if have[key] == nil && len(want) > 0 || !slices.Equal(have[key], want) {
			t.Errorf("%s: arguments %v, the engine gives %v", key, have[key], want)
		}
	}
}

// unfinished finds what would betray a text that was only half written: marks of a writer to themselves, and the question marks
// or empty brackets of one who did not know.
var unfinished = regexp.MustCompile(`(?i)\b(todo|tbd|fixme|xxx|lorem|à traduire|to be translated)\b|\?\?|\[\s*\]|يترجم لاحقا`)

func TestNothingUnfinished(t *testing.T) {
	t.Parallel()
	for _, file := range wordings(t) {
		b, err := os.ReadFile("../" + file)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(b), "\n") {
			if found := unfinished.FindString(line); found != "" {
				t.Errorf("%s:%d: %q", file, i+1, found)
			}
		}
	}
}

// straight finds an apostrophe of a typewriter between two letters, or before what is filled in: French and English print
// another one, and a page that mixes both looks careless.
var straight = regexp.MustCompile(`\pL'[\pL\s{]`)

func TestApostrophesArePrinted(t *testing.T) {
	t.Parallel()
	for _, file := range wordings(t) {
		b, err := os.ReadFile("../" + file)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(b), "\n") {
			if found := straight.FindString(line); found != "" && !strings.HasPrefix(strings.TrimSpace(line), "#") {
				t.Errorf("%s:%d: write ’ in place of ' in %q", file, i+1, found)
			}
		}
	}
}

// loose finds a space at which a line may break before a sign that French sets apart: on a phone the sign would stand alone.
var loose = regexp.MustCompile(`\S [:;?!»]|« `)

func TestSignsStayWithTheirWords(t *testing.T) {
	t.Parallel()
	for _, file := range wordings(t) {
		if !strings.HasPrefix(path.Base(file), string(lang.French)) {
			continue
		}
		b, err := os.ReadFile("../" + file)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(b), "\n") {
			if found := loose.FindString(line); found != "" && !strings.HasPrefix(strings.TrimSpace(line), "#") {
				t.Errorf("%s:%d: write a no-break space in %q", file, i+1, found)
			}
		}
	}
}

// wordings are the files of messages of every language, of the house and of the packs, from the top of the checkout.
func wordings(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, pattern := range []string{"locales/*.yaml", "packs/*/messages/*.yaml"} {
		found, err := fs.Glob(os.DirFS(".."), pattern)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, found...)
	}
	if len(out) < 10 {
		t.Fatalf("only %v", out)
	}
	return out
}

// docs/translations.md tells a native reader of Amazigh what is there to read, and what is still shown in French: every
// file of French words, and every group of keys that is written in Tifinagh.
func TestTranslationsAreListed(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("../docs/translations.md")
	if err != nil {
		t.Fatal(err)
	}
	doc := string(b)
	listed := map[string]bool{}
	for _, m := range regexp.MustCompile("`((?:locales|packs)/[a-z_./]+\\.yaml)`").FindAllStringSubmatch(doc, -1) {
		listed[m[1]] = true
	}
	items := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^ *- (`[^`]+`)$").FindAllStringSubmatch(doc, -1) {
		if items[m[1]] {
			t.Errorf("docs/translations.md lists %s twice", m[1])
		}
		items[m[1]] = true
	}
	for _, file := range wordings(t) {
		if l, _, _ := strings.Cut(path.Base(file), "."); l != string(lang.French) && l != string(lang.Amazigh) {
			continue
		}
		if !listed[file] {
			t.Errorf("docs/translations.md does not name %s", file)
		}
		delete(listed, file)
	}
	for file := range listed {
		t.Errorf("docs/translations.md names %s, which is not there", file)
	}
	groups := map[string]bool{}
	amazigh := load(t, onlyAmazigh(t))
	for key := range amazigh.Keys() {
		groups[regexp.MustCompile(`\.\d+$`).ReplaceAllString(key, ".N")] = true
	}
	for _, group := range slices.Sorted(maps.Keys(groups)) {
		if !strings.Contains(doc, "`"+group+"`") {
			t.Errorf("docs/translations.md does not ask a reader to look at %s", group)
		}
	}
}

func onlyAmazigh(t *testing.T) fs.FS {
	t.Helper()
	folder := t.TempDir()
	b, err := fs.ReadFile(locales.Files, string(lang.Amazigh)+".yaml")
	if err != nil {
		t.Fatal(err)
	}
	err = os.WriteFile(path.Join(folder, string(lang.Amazigh)+".yaml"), b, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	return os.DirFS(folder)
}
