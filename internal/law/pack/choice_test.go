package pack_test

import (
	"strings"
	"testing"
)

// choosy is an overlay in which a gate, a rule, a step's fact and a message depend on what a parameter is.
func choosy(mode string) map[string]string {
	files := map[string]string{
		"pack.yaml":  yy,
		"lists.yaml": "lists:\n  - {id: units, words: [days]}\n  - {id: provenance, words: [guess]}\n  - {id: modes, words: [mild, strict, magic]}\n",
		"parameters.yaml": "parameters:\n" +
			"  - {id: mode, type: code, list: modes, value: " + mode + ", alternatives: [mild, strict, magic], refused: [magic], provenance: guess, verified: false, source: [made up]}\n" +
			"  - {id: time, type: int, value: 3, unit: days, provenance: guess, verified: false, source: [made up]}\n",
		"rules.yaml": "rules:\n" +
			"  - {when: {parameter: mode, is: mild}, id: acknowledge, count: [{parameter: time}, 4], mode: days, basis: {text: xx-notice-act}}\n" +
			"  - {when: {parameter: mode, is: strict}, id: acknowledge, count: {parameter: time}, mode: days, basis: {text: xx-notice-act}}\n",
		"gates.yaml": "gates:\n  - id: G-05\n    version: 2\n    basis: {text: xx-notice-act}\n    test:\n      id: reach\n      any:\n" +
			"        - {le: {fact: reached, to: 9}}\n" +
			"        - {when: {parameter: mode, is: [mild, magic]}, known: reached}\n",
	}
	for lang, word := range map[string]string{"en": "word", "fr": "mot", "ar": "كلمة"} {
		text := "list.units.days: %\nlist.provenance.guess: %\nlist.modes.mild: %\nlist.modes.strict: \"% strict\"\nlist.modes.magic: %\nparameter.mode: \"% [=mode], [=time]\"\nparameter.time: %\n"
		files["messages/"+lang+".numbers.yaml"] = strings.ReplaceAll(text, "%", word)
	}
	return files
}

// An item of a list stands under the choices it is for and under no other, and messages say what was chosen.
func TestItemsStandUnderAChoice(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		mode, said       string
		days, conditions int
	}{
		{"mild", "mot mot, 3", 7, 2},
		{"strict", "mot mot strict, 3", 3, 1},
	} {
		p, err := over(t, choosy(c.mode))
		if err != nil {
			t.Fatal(err)
		}
		said, _ := p.Message("fr", "parameter.mode")
		if got := p.Rule("acknowledge").Count; got != c.days || len(p.Gate("G-05").Test.Of) != c.conditions || said != c.said {
			t.Errorf("%s: %d days, %d conditions, %q", c.mode, got, len(p.Gate("G-05").Test.Of), said)
		}
	}
}

// A parameter that nothing reads, a choice that is not offered and one that this program can't carry out are refused where they stand.
func TestBadChoices(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, file, old, new, want string }{
		{"read by nothing", "rules.yaml", "{parameter: time}", "3", `yy/parameters.yaml:3:10: parameter time is read by nothing; expected a rule`},
		{"never so", "rules.yaml", "is: mild", "is: harsh", `yy/rules.yaml:2:34: parameter mode is never "harsh"; expected one of`},
		{"no words for it", "parameters.yaml", "value: mild", "value: magic", `yy/parameters.yaml:2:48: parameter mode is "magic", for which this program has no words; expected a choice`},
		{"refused and not offered", "parameters.yaml", "refused: [magic]", "refused: [tricks]", `parameter mode offers no such choice; expected one of its alternatives`},
		{"no word of its list", "parameters.yaml", "strict, magic]", "strict, magic, rude]", `"rude" is no word of the list modes`},
		{"nobody's choice", "rules.yaml", "when: {parameter: mode, is: mild}", "when: {parameter: mood, is: mild}", `yy/rules.yaml:2:24: parameter "mood" is not declared`},
		{"where no choice is read", "lists.yaml", "{id: units,", "{when: {parameter: mode, is: mild}, id: units,", `a list has no key "when"`},
		{"half a choice", "rules.yaml", "when: {parameter: mode, is: mild}", "when: {parameter: mode}", `yy/rules.yaml:2:13: a choice has no is; expected is`},
		{"a message about nothing", "messages/fr.numbers.yaml", "[=time]", "[=tide]", `message parameter.mode says parameter "tide", which is not declared`},
		{"a sum of words", "rules.yaml", "{parameter: time}, 4]", "{parameter: time}, {parameter: mode}]", `count holds text; expected whole numbers`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			files := choosy("mild")
			if c.name == "read by nothing" {
				files["messages/en.numbers.yaml"] = strings.ReplaceAll(files["messages/en.numbers.yaml"], ", [=time]", "")
				files["messages/fr.numbers.yaml"] = strings.ReplaceAll(files["messages/fr.numbers.yaml"], ", [=time]", "")
				files["messages/ar.numbers.yaml"] = strings.ReplaceAll(files["messages/ar.numbers.yaml"], ", [=time]", "")
			}
			if !strings.Contains(files[c.file], c.old) {
				t.Fatalf("%s says no %q", c.file, c.old)
			}
			files[c.file] = strings.ReplaceAll(files[c.file], c.old, c.new)
			_, err := over(t, files)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("refused with\n%v\nwant\n%s", err, c.want)
			}
		})
	}
}
