package house

import (
	"fmt"
	"go/ast"
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
)

// What pages are made of (messages, and classes of the stylesheet) is looked for in every literal of the program and of its
// templates: a message nobody shows is translated for nothing, and a class that nobody styles is a mistake nobody sees.

var (
	// spoken is a key of a message, wherever it stands in a literal; before and behind are its beginning and its end, where the
	// rest is put in between or added.
	spoken = regexp.MustCompile(`[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+`)
	before = regexp.MustCompile(`^[a-z][A-Za-z0-9_.-]*\.$`)
	behind = regexp.MustCompile(`^(?:%s)?((?:\.[a-z_]+)+)$`)

	action  = regexp.MustCompile(`(?s)\{\{.*?\}\}`)
	quoted  = regexp.MustCompile(`"([^"\n]*)"`)
	classes = regexp.MustCompile(`class="([^"]*)"`)
	comment = regexp.MustCompile(`(?s)/\*.*?\*/`)
	ruled   = regexp.MustCompile(`\.([A-Za-z_][A-Za-z0-9_-]*)`)
	word    = regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_-]*`)
	keyed   = regexp.MustCompile(`(?m)^([A-Za-z0-9_.-]+):`)
)

// joined are the messages whose key is put together from the key of another line and a code: the lines of a trace of legal time.
var joined = []string{"legaltime.count.", "legaltime.round.", "legaltime.holiday.", "legaltime.chosen."}

// unspoken returns the keys that no literal says, in whole or by beginning or end.
func unspoken(keys, literals []string) []string {
	whole := map[string]bool{}
	first, last := slices.Clone(joined), []string{}
	for _, l := range literals {
		for _, key := range spoken.FindAllString(l, -1) {
			whole[key] = true
		}
		if before.MatchString(l) {
			first = append(first, l)
		}
		if m := behind.FindStringSubmatch(l); m != nil {
			last = append(last, m[1])
		}
	}
	said := func(key string) bool {
		return whole[key] || slices.ContainsFunc(first, func(s string) bool { return strings.HasPrefix(key, s) })
	}
	var out []string
	for _, key := range keys {
		ends := func(end string) bool {
			stem, found := strings.CutSuffix(key, end)
			return found && said(stem)
		}
		if !said(key) && !slices.ContainsFunc(last, ends) {
			out = append(out, key)
		}
	}
	return out
}

// unstyled returns the classes that some markup names and the sheet does not, and those that the sheet has and no word anywhere is.
func unstyled(sheet, markup string) (unruled, unused []string) {
	rules, words := map[string]bool{}, map[string]bool{}
	for _, m := range ruled.FindAllStringSubmatch(comment.ReplaceAllString(sheet, ""), -1) {
		rules[m[1]] = true
	}
	for _, w := range word.FindAllString(markup, -1) {
		words[w] = true
	}
	for _, m := range classes.FindAllStringSubmatch(action.ReplaceAllString(markup, " "), -1) {
		for _, class := range strings.Fields(m[1]) {
			if word.FindString(class) == class && !rules[class] && !slices.Contains(unruled, class) {
				unruled = append(unruled, class)
			}
		}
	}
	for rule := range rules {
		if !words[rule] {
			unused = append(unused, rule)
		}
	}
	return unruled, slices.Sorted(slices.Values(unused))
}

// templates are the texts of every template of the program.
func templates(t *testing.T) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(filepath.Join(root, "internal"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Name() == "testdata" {
			if d != nil && d.IsDir() && err == nil {
				return fs.SkipDir
			}
			return err
		}
		if !strings.HasSuffix(path, ".html") {
			return nil
		}
		b, err := os.ReadFile(path)
		out = append(out, string(b))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < 20 {
		t.Fatalf("only %d templates", len(out))
	}
	return out
}

// literals are those of the program's own code, without its tests.
func literals(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, r := range rooms(t) {
		if forTests(r.path()) {
			continue
		}
		for _, f := range r.files {
			ast.Inspect(f, func(n ast.Node) bool {
				lit, ok := n.(*ast.BasicLit)
				if ok && lit.Kind == token.STRING {
					s, err := strconv.Unquote(lit.Value)
					if err != nil {
						t.Fatal(err)
					}
					out = append(out, s)
				}
				return true
			})
		}
	}
	return out
}

func TestPageRules(t *testing.T) {
	t.Parallel()
	keys := []string{"a.title", "a.name.label", "list.colours.red", "a.gone", "b.stale.label", "c.yes"}
	got := unspoken(keys, []string{"a.title", "a.name", "%s.label", "list.", "yes=c.yes", "no key", "b"})
	if !slices.Equal(got, []string{"a.gone", "b.stale.label"}) {
		t.Errorf("unspoken: %q", got)
	}
	unruled, unused := unstyled(
		".lead { } /* .old */ .row.open, .idle:hover { }",
		`<p class="lead{{if .Open}} open{{end}}"></p><tr class="row {{.Kind}} plain">`,
	)
	if !slices.Equal(unruled, []string{"plain"}) || !slices.Equal(unused, []string{"idle"}) {
		t.Errorf("unruled %q, unused %q", unruled, unused)
	}
}

func TestEveryMessageIsShown(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join(root, "locales", "fr*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	worded := map[string]string{} // file by key
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range keyed.FindAllStringSubmatch(string(b), -1) {
			worded[m[1]] = filepath.Base(file)
		}
	}
	if len(worded) < 1000 {
		t.Fatalf("only %d keys", len(worded))
	}
	said := literals(t)
	for _, text := range templates(t) {
		for _, a := range action.FindAllString(text, -1) {
			for _, m := range quoted.FindAllStringSubmatch(a, -1) {
				said = append(said, m[1])
			}
		}
	}
	for _, key := range unspoken(slices.Sorted(maps.Keys(worded)), said) {
		t.Errorf("locales/%s: nothing shows %s", worded[key], key)
	}
}

// hooks are classes that nothing styles and something else takes hold of.
var hooks = map[string]string{
	"again":            "tests of the ladder look for what was renewed",
	"mine":             "the walk through the demonstration in a browser looks for the rows of one's own",
	"rung":             "tests of the ladder look for how a rung stands",
	"letter-clock":     "part of a letter, which is kept as it was written",
	"letter-fictional": "part of a letter",
	"letter-from":      "part of a letter",
	"letter-remedy":    "part of a letter",
	"letter-to":        "part of a letter",
}

func TestEveryClassIsStyled(t *testing.T) {
	t.Parallel()
	sheet, err := os.ReadFile(filepath.Join(root, "internal/kit/web/static/sanad.css"))
	if err != nil {
		t.Fatal(err)
	}
	markup := strings.Join(slices.Concat(templates(t), literals(t)), "\n")
	unruled, unused := unstyled(string(sheet), markup)
	for _, class := range unruled {
		if hooks[class] == "" {
			t.Errorf("a page has the class %s, which the sheet does not know", class)
		}
	}
	for _, class := range unused {
		t.Errorf("the sheet has the class %s, which no page has", class)
	}
	for class := range hooks {
		if !slices.Contains(unruled, class) {
			t.Error(fmt.Sprintf("%s is styled, or no page has it: ", class), hooks[class])
		}
	}
}
