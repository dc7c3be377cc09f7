package pack_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"sanad/internal/act"
	"sanad/internal/law/gate"
	"sanad/internal/law/pack"
)

func over(t *testing.T, files map[string]string) (*pack.Pack, error) {
	t.Helper()
	child := fstest.MapFS{}
	for name, text := range files {
		child[name] = &fstest.MapFile{Data: []byte(text)}
	}
	base := copyOf(t, "xx")
	return pack.Load(child, "yy", func(id string) (fs.FS, error) {
		if id == "xx" {
			return base, nil
		}
		return nil, fs.ErrNotExist
	}, nil)
}

const yy = "id: yy\nversion: \"1\"\nextends: xx\nlanguages: [en, fr, ar]\n"

func TestOverlay(t *testing.T) {
	t.Parallel()
	p, err := over(t, map[string]string{
		"pack.yaml":        yy,
		"rules.yaml":       "rules:\n  - {id: acknowledge, count: 2, mode: hours, basis: {text: yy-order, article: \"1\"}}\n",
		"texts.yaml":       "texts:\n  - {id: yy-order, title: {en: Order, fr: Arrêté, ar: قرار}, status: in_force, verified: true, in_force_from: \"2024-01-01\", source: [made up]}\n",
		"gates.yaml":       "gates:\n  - {id: G-05, version: 2, basis: {text: yy-order}, test: {id: reach, le: {fact: reached, to: 10}}}\n",
		"messages/en.yaml": "gate.G-05.reach: \"At most {need} people\"\n",
		"messages/fr.yaml": "gate.G-05.reach: \"Au plus {need} personnes\"\n",
		"messages/ar.yaml": "gate.G-05.reach: \"{need} أشخاص على الأكثر\"\n",
	})
	if err != nil {
		t.Fatal(err)
	}
	base := load(t, "xx")
	if p.ID != "yy" || len(p.Parents) != 1 || p.Parents[0] != "xx" || !strings.HasPrefix(p.Version(), "yy@") || !act.IsCode(p.Version()) {
		t.Fatalf("%s over %v is called %s", p.ID, p.Parents, p.Version())
	}
	if p.Digest() == base.Digest() {
		t.Fatal("two packs have one digest")
	}
	if r := p.Rule("acknowledge"); r.Count != 2 || base.Rule("acknowledge").Count != 5 {
		t.Fatalf("rule is %+v", r)
	}
	if len(p.Rules) != len(base.Rules) || len(p.Gates) != len(base.Gates) || p.Gate("G-05").Version != 2 || p.Gate("G-05").Basis != (gate.Basis{Text: "yy-order"}) {
		t.Fatal("entries were added where they replace")
	}
	if text, _ := p.Message("fr", "gate.G-05.reach"); text != "Au plus {need} personnes" {
		t.Fatalf("message is %q", text)
	}
	if text, _ := p.Message("fr", "gate.G-04"); text != "Nécessité" {
		t.Fatalf("the parent's message is %q", text)
	}
}

// An overlay may replace and add; what a text is worth it may change only when it says that it is fiction.
func TestOverlayNeverWeakensSilently(t *testing.T) {
	t.Parallel()
	bill := "texts:\n  - {id: xx-bill, title: {en: Bill, fr: Projet, ar: مشروع}, status: in_force, verified: true, in_force_from: \"2020-01-01\", source: [made up]}\n"
	for _, c := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"a bill enacted", map[string]string{"pack.yaml": yy, "texts.yaml": bill}, `yy/texts.yaml:2:69: this pack changes what text xx-bill is worth; expected the parent's status, verified and dates, or fictional: true in pack.yaml`},
		{"a bill enacted in fiction", map[string]string{"pack.yaml": yy + "fictional: true\n", "texts.yaml": bill}, ""},
		{
			"a gate of the same version",
			map[string]string{"pack.yaml": yy, "gates.yaml": "gates:\n  - {id: G-05, version: 1, basis: {text: xx-bill}, test: {id: reach, le: {fact: reached, to: 10}}}\n"},
			"yy/gates.yaml:2:25: gate G-05 replaces version 1 of the parent; expected a version above 1, so that acts tell the two apart",
		},
		{
			"a protocol of the same version",
			map[string]string{"pack.yaml": yy, "protocols/n.yaml": "id: xx.notice\nversion: 1\napplies_to: notice\nsteps:\n  - {id: close, emits: notice.closed, by: [officer], closes: true, audience: {compartments: [handling]}}\n"},
			"yy/protocols/n.yaml:2:10: protocol xx.notice replaces version 1 of the parent; expected a version above 1, so that open procedures keep theirs",
		},
		{"a role emptied", map[string]string{"pack.yaml": yy, "roles.yaml": "roles:\n  - {id: judge, held_by: xx-court, reads: [], seats: []}\n"}, "yy/roles.yaml:2:10: nobody holds role judge; expected at least one seat"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := over(t, c.files)
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Fatalf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
	// Nothing laid over fiction is real.
	base := copyOf(t, "xx")
	replace(t, base, "pack.yaml", "variants:", "fictional: true\nvariants:")
	child := fstest.MapFS{"pack.yaml": &fstest.MapFile{Data: []byte(yy)}}
	_, err := pack.Load(child, "yy", func(string) (fs.FS, error) { return base, nil }, nil)
	if err == nil || !strings.Contains(err.Error(), "does not say that it is fictional") {
		t.Fatalf("got %v", err)
	}
}

// A newer version of a protocol leaves open procedures under theirs.
func TestOverlayKeepsOldProtocols(t *testing.T) {
	t.Parallel()
	base := load(t, "xx")
	b := newTable(t, base)
	b.do("intake", "receive", map[string]act.Value{"minor": act.OfBool(false)})
	p, err := over(t, map[string]string{
		"pack.yaml":        yy,
		"protocols/n.yaml": "id: xx.notice\nversion: 2\napplies_to: notice\nsteps:\n  - {id: receive, emits: notice.received, by: [officer], audience: {compartments: [handling]}}\n  - {id: close, emits: notice.closed, by: [officer], after: {all_of: [receive]}, closes: true, audience: {compartments: [handling]}}\n",
	})
	if err != nil {
		t.Fatal(err)
	}
	b.pack = p
	if m := b.move("close", "officer"); m.Version != 1 || m.Open {
		t.Fatalf("an open procedure moved to version %d, open %v", m.Version, m.Open)
	}
	newer := newTable(t, p)
	newer.do("officer", "receive", nil)
	if m := newer.move("close", "officer"); m.Version != 2 || !m.Open {
		t.Fatalf("a new procedure has version %d, open %v", m.Version, m.Open)
	}
}

// The digest follows the content, not its layout.
func TestDigest(t *testing.T) {
	t.Parallel()
	version := func(spoil func(fstest.MapFS)) string {
		files := copyOf(t, "xx")
		spoil(files)
		p, err := pack.Load(files, "xx", nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		return p.Version()
	}
	base := version(func(fstest.MapFS) {})
	if got := version(func(f fstest.MapFS) {
		replace(t, f, "pack.yaml", "id: xx\nversion: \"1\"", "# a remark\nversion: '1'\nid:   xx")
	}); got != base {
		t.Fatalf("layout changes %s to %s", base, got)
	}
	if got := version(func(f fstest.MapFS) { replace(t, f, "rules.yaml", "count: 5", "count: 6") }); got == base {
		t.Fatal("another deadline has the same digest")
	}
	if got := version(func(f fstest.MapFS) { replace(t, f, "rules.yaml", "article: \"2\"", "article: \"3\"") }); got == base {
		t.Fatal("another basis has the same digest")
	}
}
