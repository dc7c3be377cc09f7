package pack_test

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"sanad/internal/act"
	"sanad/internal/law/pack"
)

// numbered is an overlay of the small invented country whose numbers stand in its parameters.
func numbered(more map[string]string) map[string]string {
	files := map[string]string{
		"pack.yaml":  yy,
		"lists.yaml": "lists:\n  - {id: units, words: [days, people]}\n  - {id: provenance, words: [guess]}\n",
		"parameters.yaml": "parameters:\n" +
			"  - {id: most, type: int, value: 10, unit: people, provenance: guess, verified: false, source: [made up]}\n" +
			"  - {id: time, type: int, value: 3, unit: days, provenance: guess, verified: false, source: [made up]}\n" +
			"  - {id: limit, same_as: most}\n",
		"rules.yaml": "rules:\n  - {id: acknowledge, count: {parameter: time}, mode: days, basis: {text: xx-notice-act}}\n",
		"gates.yaml": "gates:\n  - {id: G-05, version: 2, basis: {text: xx-notice-act}, test: {id: reach, le: {fact: reached, to: {parameter: most}}}}\n",
	}
	words := "list.units.days: %\nlist.units.people: %\nlist.provenance.guess: %\nparameter.most: %\nparameter.time: %\nparameter.limit: % [=limit]\n"
	for lang, word := range map[string]string{"en": "word", "fr": "mot", "ar": "كلمة"} {
		files["messages/"+lang+".numbers.yaml"] = strings.ReplaceAll(words, "%", word)
	}
	for name, text := range more {
		files[name] = text
	}
	return files
}

// A number stands once, in its parameter: the rule, the gate and the second name take it from there.
func TestParameterGivesTheNumber(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name       string
		most, time string
		people     int64
		days       int
	}{
		{"as it is", "value: 10", "value: 3", 10, 3},
		{"another number of people", "value: 12", "value: 3", 12, 3},
		{"another time", "value: 10", "value: 5", 10, 5},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			files := numbered(nil)
			files["parameters.yaml"] = strings.Replace(strings.Replace(files["parameters.yaml"], "value: 10", c.most, 1), "value: 3", c.time, 1)
			p, err := over(t, files)
			if err != nil {
				t.Fatal(err)
			}
			if got := p.Gate("G-05").Test.Value; !got.Equal(act.OfInt(c.people)) {
				t.Errorf("the gate asks for %v", got)
			}
			if got := p.Rule("acknowledge").Count; got != c.days {
				t.Errorf("the rule gives %d days", got)
			}
			if got := p.Parameter("limit"); !got.Value.Equal(act.OfInt(c.people)) || got.SameAs != "most" || got.Unit != "people" {
				t.Errorf("the second name is worth %+v", got)
			}
			if text, _ := p.Message("fr", "parameter.most"); text != "mot" {
				t.Errorf("a part of the messages was not read: %q", text)
			}
		})
	}
}

// What an overlay makes of a parameter holds for the rules, gates and second names of its parent, though they are read first.
func TestOverlayOfParameter(t *testing.T) {
	t.Parallel()
	base := copyOf(t, "xx")
	for name, text := range numbered(nil) {
		if old := base[name]; old != nil && name != "pack.yaml" {
			_, text, _ = strings.Cut(text, "\n")
			text = string(old.Data) + text
		}
		if name != "pack.yaml" && name != "rules.yaml" && name != "gates.yaml" {
			base[name] = &fstest.MapFile{Data: []byte(text)}
		}
	}
	replace(t, base, "rules.yaml", "count: 5,", "count: {parameter: time},")
	replace(t, base, "gates.yaml", "to: 1000", "to: {parameter: most}")
	child := fstest.MapFS{
		"pack.yaml": {Data: []byte(yy)},
		"parameters.yaml": {Data: []byte("parameters:\n" +
			"  - {id: most, type: int, value: 99, unit: people, provenance: guess, verified: false, source: [made up]}\n" +
			"  - {id: time, type: int, value: 7, unit: days, provenance: guess, verified: false, source: [made up]}\n")},
	}
	parents := func(string) (fs.FS, error) { return base, nil }
	was, err := pack.Load(base, "xx", parents, nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := pack.Load(child, "yy", parents, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		p      *pack.Pack
		people int64
		days   int
	}{{was, 10, 3}, {p, 99, 7}} {
		if got := c.p.Gate("G-05").Test.Value; !got.Equal(act.OfInt(c.people)) {
			t.Errorf("%s: the gate asks for %v", c.p.ID, got)
		}
		if got := c.p.Rule("acknowledge").Count; got != c.days {
			t.Errorf("%s: the rule gives %d days", c.p.ID, got)
		}
		if got := c.p.Parameter("limit"); !got.Value.Equal(act.OfInt(c.people)) {
			t.Errorf("%s: the second name is worth %v", c.p.ID, got.Value)
		}
	}
}

func TestBadParameters(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, file, old, new, want string }{
		{"no such parameter", "rules.yaml", "parameter: time", "parameter: tide", `yy/rules.yaml:2:42: parameter "tide" is not declared; expected one of limit, most, time`},
		{"second name for a value", "gates.yaml", "parameter: most", "parameter: limit", `yy/gates.yaml:2:101: parameter limit is another one under a second name; expected the parameter that has the value`},
		{"second name for a count", "rules.yaml", "parameter: time", "parameter: limit", `yy/rules.yaml:2:31: parameter limit is another one under a second name; expected the parameter that has the value`},
		{"second name of a second name", "parameters.yaml", "same_as: most}", "same_as: most}\n  - {id: edge, same_as: limit}", `yy/parameters.yaml:5:10: parameter edge is the same as limit, which is itself another one; expected a parameter with a value`},
		{"same as nothing", "parameters.yaml", "same_as: most}", "same_as: least}", `yy/parameters.yaml:4:26: parameter "least" is not declared; expected one of limit, most, time`},
		{"value and second name", "parameters.yaml", "same_as: most}", "same_as: most, value: 3}", `yy/parameters.yaml:4:32: a parameter that is another one has no key "value"; expected one of id, same_as`},
		{"number out of bounds", "parameters.yaml", "value: 3", "value: 0", `yy/rules.yaml:2:31: count is 0; expected 1 to 1000000`},
		{"other form", "rules.yaml", "{parameter: time}", "{param: time}", `yy/rules.yaml:2:31: a value has no key "param"; expected one of parameter`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			files := numbered(nil)
			files[c.file] = strings.Replace(files[c.file], c.old, c.new, 1)
			_, err := over(t, files)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("refused with\n%v\nwant\n%s", err, c.want)
			}
		})
	}
}

func TestLetters(t *testing.T) {
	t.Parallel()
	words := func(text string) map[string]string {
		files := map[string]string{"pack.yaml": yy, "letters.yaml": text}
		for _, lang := range []string{"en", "fr", "ar"} {
			files["messages/"+lang+".letters.yaml"] = "letter.decision.title: T\nletter.decision.object: O\nletter.decision.body: B\nremedy.appeal: R\nremedy.appeal.court: C\n"
		}
		return files
	}
	p, err := over(t, words("letters:\n  - {id: decision, requires: [facts, remedy]}\nremedies:\n  - {id: appeal, rule: observe}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Requires("decision"); len(got) != 2 || got[0] != "facts" || p.Requires("invitation") != nil {
		t.Errorf("the letter asks for %v", got)
	}
	if p.RemedyRule("appeal") != "observe" || p.RemedyRule("prayer") != "" {
		t.Errorf("the remedy runs under %q", p.RemedyRule("appeal"))
	}
	for _, c := range []struct{ name, text, want string }{
		{"no word of the list", "letters:\n  - {id: postcard, requires: []}\n", `yy/letters.yaml:2:10: "postcard" is no word of the list letters; expected one of invitation, decision`},
		{"field no letter has", "letters:\n  - {id: decision, requires: [stamp]}\n", `yy/letters.yaml:2:31: no letter has a field "stamp"; expected one of reasons`},
		{"not worded", "letters:\n  - {id: invitation, requires: [facts]}\n", `yy/letters.yaml:2:10: message letter.invitation.body is worded in no language`},
		{"rule nobody has", "letters:\n  - {id: decision, requires: []}\nremedies:\n  - {id: appeal, rule: never}\n", `yy/letters.yaml:4:24: rule "never" is not declared`},
		{"twice", "letters:\n  - {id: decision, requires: []}\n  - {id: decision, requires: []}\n", `yy/letters.yaml:3:10: letter "decision" is declared twice`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := over(t, words(c.text))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("refused with\n%v\nwant\n%s", err, c.want)
			}
		})
	}
}

// A protocol about what never ends needs no closing step, and says so.
func TestPermanentProtocol(t *testing.T) {
	t.Parallel()
	text := "id: yy.watch\nversion: 1\napplies_to: notice\npermanent: true\nsteps:\n  - id: look\n    emits: wait\n    by: [officer]\n    audience: {compartments: [handling]}\n"
	files := map[string]string{"pack.yaml": yy, "protocols/watch.yaml": text}
	for _, lang := range []string{"en", "fr", "ar"} {
		files["messages/"+lang+".yaml"] = "protocol.yy.watch: W\nstep.yy.watch.look: L\n"
	}
	_, err := over(t, files)
	if err != nil {
		t.Fatal(err)
	}
	files["protocols/watch.yaml"] = strings.Replace(text, "permanent: true\n", "", 1)
	_, err = over(t, files)
	if err == nil || !strings.Contains(err.Error(), "protocol yy.watch has no way to its end") {
		t.Fatalf("refused with %v", err)
	}
}
