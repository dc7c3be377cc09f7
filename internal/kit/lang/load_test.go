package lang

import (
	"strings"
	"testing"
	"testing/fstest"
)

func files(pairs ...string) fstest.MapFS {
	fs := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		fs[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return fs
}

func load(t *testing.T, pairs ...string) *Messages {
	t.Helper()
	m, err := Load(files(pairs...))
	if err != nil {
		t.Fatal(err)
	}
	return m.Report(func(x Trouble) { t.Errorf("%s %s: %s", x.Lang, x.Key, x.What) })
}

// Whatever is wrong with a file is said with its place, all at once.
func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ file, body, want string }{
		"duplicate key":     {"fr.yaml", "a: x\nb: y\na: z\n", "fr.yaml:3:1"},
		"no text":           {"fr.yaml", "a: x\nb: yes\nc: true\n", "fr.yaml:3:4: c: this is no text"},
		"a list":            {"fr.yaml", "a:\n  - x\n", "fr.yaml:2:3"},
		"empty":             {"fr.yaml", "a: \"\"\n", "the text is empty"},
		"brace":             {"fr.yaml", "a: \"x {\"\n", "fr.yaml:1:4: a: a brace that is no argument"},
		"lone brace":        {"fr.yaml", "a: \"x } y\"\n", "a brace"},
		"upper argument":    {"fr.yaml", "a: \"{Name}\"\n", "a brace"},
		"form of another":   {"fr.yaml", "a:\n  few: x\n  other: y\n", `fr has no plural form "few"`},
		"other is missing":  {"fr.yaml", "a:\n  one: x\n", "the form other is missing"},
		"key with a space":  {"fr.yaml", "a b: x\n", "is no key"},
		"unknown language":  {"xx.yaml", "a: x\n", "expected one of fr, ar, en, zgh"},
		"bad UTF-8":         {"fr.yaml", "a: \xff\n", "no UTF-8"},
		"no YAML":           {"fr.yaml", "a: [x\n", "fr.yaml:"},
		"two documents":     {"fr.yaml", "a: x\n---\nb: y\n", "expected one mapping"},
		"no mapping":        {"fr.yaml", "- a\n", "expected one mapping"},
		"hidden direction":  {"fr.yaml", "a: x\u202ey\n", "U+202E"},
		"larger than bound": {"fr.yaml", "a: " + strings.Repeat("x", maxFile), "expected at most"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Load(files(c.file, c.body))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("%v, want %q in it", err, c.want)
			}
		})
	}
	_, err := Load(files("fr.yaml", "a: \"{\"\nb: 3\n", "ar.yaml", "c: \"}\"\n"))
	if n := strings.Count(err.Error(), "\n"); n != 2 {
		t.Errorf("%d line breaks, want every problem on its own line:\n%v", n, err)
	}
}

func TestLayers(t *testing.T) {
	t.Parallel()
	base := load(t, "fr.yaml", "a: \"base {x}\"\nb: base\n")
	pack, err := base.With(files("fr.yaml", "a: \"pack {x}\"\nc: neuf\n"))
	if err != nil {
		t.Fatal(err)
	}
	fr := pack.For(French)
	for key, want := range map[string]string{"a": "pack v", "b": "base", "c": "neuf"} {
		if got := fr.Text(key, Args{"x": "v"}); got != want {
			t.Errorf("%s: %q, want %q", key, got, want)
		}
	}
	if got := base.For(French).Text("a", Args{"x": "v"}); got != "base v" {
		t.Errorf("the layer below was changed: %q", got)
	}
	_, err = base.With(files("fr.yaml", "a: \"pack {y}\"\n"))
	if err == nil || !strings.Contains(err.Error(), "{y}, which nobody fills") {
		t.Errorf("an argument nobody fills was accepted: %v", err)
	}
	words, err := base.WithWords("pack xx", map[Lang]map[string]string{French: {"d": "mot {n}"}})
	if err != nil || words.For(French).Text("d", Args{"n": 3}) != "mot 3" {
		t.Errorf("words: %v", err)
	}
	for _, bad := range []map[Lang]map[string]string{{French: {"d": "{"}}, {"xx": {"d": "x"}}, {French: {"d e": "x"}}, {French: {"a": "{z}"}}} {
		_, err := base.WithWords("pack xx", bad)
		if err == nil || !strings.HasPrefix(err.Error(), "pack xx: ") {
			t.Errorf("%v was accepted: %v", bad, err)
		}
	}
}

// Every way in which two languages can drift apart is found.
func TestCheckFinds(t *testing.T) {
	t.Parallel()
	good := map[string]string{
		"fr.yaml": "a: \"mot {x}\"\nn:\n  one: un\n  other: \"des {count}\"\n",
		"en.yaml": "a: \"word {x}\"\nn:\n  one: one\n  other: \"some {count}\"\n",
		"ar.yaml": "a: \"كلمة {x}\"\nn:\n  zero: لا\n  one: واحد\n  two: اثنان\n  few: \"بضعة {count}\"\n  many: \"كثير {count}\"\n  other: \"عدد {count}\"\n",
	}
	check := func(spoil map[string]string) string {
		all := []string{}
		for name, body := range good {
			if s, ok := spoil[name]; ok {
				body = s
			}
			all = append(all, name, body)
		}
		m, err := Load(files(all...))
		if err != nil {
			t.Fatal(err)
		}
		return strings.Join(m.Check("kept"), "\n")
	}
	if got := check(nil); got != "" {
		t.Fatalf("found in good messages:\n%s", got)
	}
	for name, c := range map[string]struct{ file, body, want string }{
		"missing key":      {"en.yaml", "a: \"word {x}\"\n", "n: not worded in en"},
		"stray key":        {"en.yaml", good["en.yaml"] + "z: more\n", "z: not worded in ar"},
		"other arguments":  {"en.yaml", strings.Replace(good["en.yaml"], "{x}", "{y}", 1), "its arguments are [x] in fr and [y] in en"},
		"not translated":   {"en.yaml", strings.Replace(good["en.yaml"], "word", "mot", 1), "the same in fr and en"},
		"another script":   {"ar.yaml", strings.Replace(good["ar.yaml"], "كلمة", "kalima", 1), "holds no Arabic letter"},
		"one form in it":   {"ar.yaml", strings.Replace(good["ar.yaml"], "كثير", "kathir", 1), "holds no Arabic letter"},
		"a form missing":   {"ar.yaml", strings.Replace(good["ar.yaml"], "  two: اثنان\n", "", 1), "ar needs the plural form two"},
		"plural elsewhere": {"en.yaml", "a: \"word {x}\"\nn: some\n", "its arguments are [count] in fr and [] in en"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := check(map[string]string{c.file: c.body}); !strings.Contains(got, c.want) {
				t.Errorf("%q not found in:\n%s", c.want, got)
			}
		})
	}
}

func FuzzLoad(f *testing.F) {
	f.Add("a: \"{x}\"\nb:\n  one: x\n  other: y\n")
	f.Add("a: &x y\nb: *x\n")
	f.Add("? [a]\n: b\n")
	f.Fuzz(func(t *testing.T, body string) {
		m, err := Load(files("fr.yaml", body))
		if err != nil {
			return
		}
		for key := range m.Keys() {
			m.For(French).HTML(key, Args{"count": 3})
		}
	})
}
