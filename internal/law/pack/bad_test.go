package pack_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"sanad/internal/law/pack"
)

// copyOf returns the files of an embedded pack, to be spoiled.
func copyOf(t testing.TB, id string) fstest.MapFS {
	t.Helper()
	fsys, err := open(id)
	if err != nil {
		t.Fatal(err)
	}
	out := fstest.MapFS{}
	err = fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(fsys, name)
		out[name] = &fstest.MapFile{Data: b}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func replace(t testing.TB, files fstest.MapFS, file, old, new string) {
	t.Helper()
	if files[file] == nil {
		files[file] = &fstest.MapFile{}
	}
	text := string(files[file].Data)
	if old == "" {
		files[file] = &fstest.MapFile{Data: []byte(text + new)}
		return
	}
	if !strings.Contains(text, old) {
		t.Fatalf("%s does not hold %q", file, old)
	}
	files[file] = &fstest.MapFile{Data: []byte(strings.Replace(text, old, new, 1))}
}

const proto = "protocols/notice.yaml"

// badPacks are the invented one with one thing spoiled, and the problems it must be refused with.
var badPacks = []struct{ name, file, old, new, want string }{
	{"unknown key", "pack.yaml", "variants:", "colour: red\nvariants:", `xx/pack.yaml:5:1: a pack has no key "colour"; expected one of id, version, languages, extends, fictional, variants, migrates`},
	{"duplicate key", "pack.yaml", "variants:", "id: xx\nvariants:", `xx/pack.yaml:5:1: key "id" is there twice; expected each key once`},
	{"missing key", "rules.yaml", "count: 5, ", "", `xx/rules.yaml:2:6: a rule of time has no count; expected count`},
	{"wrong form", "rules.yaml", "count: 5", "count: five", `xx/rules.yaml:2:30: count is text; expected a whole number`},
	{"wrong mode", "rules.yaml", "working-days", "moons", `xx/rules.yaml:2:39: mode can't be "moons"; expected one of hours, days, working-days, francs, francs-1964, months, months-francs, months-francs-1964, years`},
	{"other id", "pack.yaml", "id: xx", "id: yy", `xx/pack.yaml:2:5: the pack's id is "yy" and its folder is called "xx"; expected one name for both`},
	{"two steps of one name", proto, "- id: invite", "- id: assess", `xx/protocols/notice.yaml:32:9: two steps of xx.notice are called assess; expected each name once` + "\n" + `xx/protocols/notice.yaml:46:22: xx.notice has no step "invite"; expected one of receive, acknowledge, assess, assess, hear, ask_opinion, draft, sign, find, publish, close`},
	{"role nobody holds", "roles.yaml", "[xx-intake-1]", "[]", `xx/roles.yaml:2:10: nobody holds role intake; expected at least one seat`},
	{"role not declared", proto, "by: [intake, officer]", "by: [intake, wizard]", `xx/protocols/notice.yaml:11:18: role "wizard" is not declared; expected one of head, intake, judge, officer, trainee, visitor`},
	{"gate not declared", proto, "G-01, ", "G-99, ", `xx/protocols/notice.yaml:83:13: gate "G-99" is not declared; expected one of G-01, G-02, G-03, G-04, G-05, G-06, G-07, G-08, G-09, G-10, G-11, G-12, G-15, G-16, G-18, G-20`},
	{"fact not declared", "gates.yaml", "fact: tried", "fact: mood", `xx/gates.yaml:32:36: fact "mood" is not declared; expected one of aim, checks, child_weighed, decider, expires_on, minor, observed_on, raw_export, reached, reasons, scope, situation, told_on, tried`},
	{"rule not declared", proto, "rule: observe", "rule: ponder", `xx/protocols/notice.yaml:41:36: rule "ponder" is not declared; expected one of acknowledge, keep, keep-short, observe, opinion`},
	{"text not declared", "gates.yaml", "basis: {text: xx-notice-act", "basis: {text: no-act", `xx/gates.yaml:19:19: text "no-act" is not declared; expected one of xx-bill, xx-notice-act, xx-old-act, xx-unread-act`},
	{"list not declared", "gates.yaml", "list: aims", "list: dreams", `xx/gates.yaml:5:33: list "dreams" is not declared; expected one of aims, checks, competences, deciders, entries, in_scope, letters, outcomes, powers, remedies, scopes, secrecy, service, situations`},
	{"compartment not declared", proto, "compartments: [PUB]", "compartments: [attic]", `xx/protocols/notice.yaml:100:31: compartment "attic" is not declared; expected one of PUB, child, handling`},
	{"kind not known", proto, "emits: breach.found", "emits: breach.invented", `xx/protocols/notice.yaml:79:12: kind of act "breach.invented" is not one this program knows`},
	{"kind of a machine", proto, "emits: breach.found", "emits: deadline.lapsed", `xx/protocols/notice.yaml:79:12: only a machine emits deadline.lapsed; expected a kind of act that people do`},
	{"fact nobody says", "gates.yaml", "{id: tried, type: int, said_by: [notice.assessed]}", "{id: tried, type: int, said_by: [notice.closed]}", `xx/gates.yaml:7:38: notice.closed does not say a fact tried of type int; expected one of outcome (code)`},
	{"fact of unclear source", "gates.yaml", "{id: tried, type: int, said_by: [notice.assessed]}", "{id: tried, type: int}", `xx/gates.yaml:7:10: it is not clear who says fact tried; expected said_by with kinds of act, or outside: true`},
	{"comparison of another type", "gates.yaml", "ge: {fact: tried", "ge: {fact: aim", `xx/gates.yaml:32:36: fact aim is of type code; expected a fact of type int; for times use before`},
	{"value of another type", "gates.yaml", "{fact: reasons, to: true}", "{fact: reasons, to: 1}", `xx/gates.yaml:28:49: "1" is no value of type bool; expected a value of type bool`},
	{"word outside its list", "gates.yaml", "words: [minors, safety]", "words: [minors, glory]", `xx/gates.yaml:24:53: "glory" is no word of the list aims; expected one of minors, safety, image`},
	{"condition without a name", "gates.yaml", "{id: reasons, eq:", "{eq:", `xx/gates.yaml:28:12: the condition has no id, so that nobody could be told what is missing; expected id`},
	{"condition of no form", "gates.yaml", "ge: {fact: tried, to: 1}", "feels: {fact: tried, to: 1}", `xx/gates.yaml:32:12: a condition says nothing; expected one of all, any, not, known, eq, ne, ge, le, in, has, before, law_in_force, done, signed, elapsed, nowhere, elsewhere` + "\n" + `xx/gates.yaml:32:25: a condition has no form "feels"; expected one of all, any, not, known, eq, ne, ge, le, in, has, before, law_in_force, done, signed, elapsed, nowhere, elsewhere`},
	{"opening on ignorance", "gates.yaml", "not: {eq: {fact: raw_export, to: true}}", "not: {known: raw_export}", `xx/gates.yaml:60:37: nothing opens because something is not known; expected a fact that says so`},
	{"gate asks for a step elsewhere", "gates.yaml", "done: hear", "done: dance", `xx/protocols/notice.yaml:83:49: gate G-07 asks for step "dance", which xx.notice does not have; expected one of receive, acknowledge, assess, invite, hear, ask_opinion, draft, sign, find, publish, close`},
	{"missing translation", "messages/ar.yaml", `role.judge: "القاضي"` + "\n", "", "xx/messages/en.yaml:9:1: message role.judge is not worded in ar; expected the key in messages/ar.yaml\nxx/messages/fr.yaml:9:1: message role.judge is not worded in ar; expected the key in messages/ar.yaml"},
	{"message worded nowhere", "lists.yaml", "[electronic]", "[electronic, pigeon]", `xx/lists.yaml:11:26: message list.service.pigeon is worded in no language; expected the key in messages/en.yaml, messages/fr.yaml, messages/ar.yaml`},
	{"other arguments", "messages/fr.yaml", "Une mesure plus légère doit avoir été tentée : {need} au moins", "Une mesure plus légère doit avoir été tentée : {besoin} au moins", `xx/messages/fr.yaml:80:1: message gate.G-04.lighter has arguments "{besoin}", in en "{need}"; expected the same arguments in every language`},
	{"title in two languages", "texts.yaml", ", ar: مشروع قانون الغرامات", "", `xx/texts.yaml:22:13: title is not worded in ar; expected a text in each of en, fr, ar`},
	{"deadline without owner", proto, "owner: officer, met_by: [hear], ", "met_by: [hear], ", `xx/protocols/notice.yaml:41:10: a deadline has no owner; expected owner`},
	{"step without performer", proto, "by: [officer]\n    after: {all_of: [receive]}", "after: {all_of: [receive]}", `xx/protocols/notice.yaml:17:5: a step has no by; expected by`},
	{"steps that wait for each other", proto, "after: {all_of: [assess]}\n    basis: [{text: xx-notice-act, article: \"5\"}]\n    letter", "after: {all_of: [hear]}\n    basis: [{text: xx-notice-act, article: \"5\"}]\n    letter", `xx/protocols/notice.yaml:32:9: step invite of xx.notice can never be reached: what it waits for waits for it, or excludes it; expected a way from a first step` + "\n" + `xx/protocols/notice.yaml:43:9: step hear of xx.notice can never be reached: what it waits for waits for it, or excludes it; expected a way from a first step`},
	{"no way out", proto, "after: {any_of: [acknowledge, acknowledgement_lapsed]}\n    closes", "after: {any_of: [acknowledge, acknowledgement_lapsed], not: [assess]}\n    closes", `xx/protocols/notice.yaml:3:5: protocol xx.notice has no way to its end once this happened: receive, acknowledge, assess; expected a step with closes: true that can be reached from everywhere`},
	{"step that is not there", proto, "after: {all_of: [invite]}", "after: {all_of: [invitation]}", `xx/protocols/notice.yaml:46:22: xx.notice has no step "invitation"; expected one of receive, acknowledge, assess, invite, hear, ask_opinion, draft, sign, find, publish, close`},
	{"signature of no draft", proto, "draft: draft\n    basis", "draft: hear\n    basis", `xx/protocols/notice.yaml:73:12: "hear" is no draft step of xx.notice; expected one of draft`},
	{"bandwidth", proto, "kind: formal_notice", "kind: bandwidth", `xx/protocols/notice.yaml:86:21: no measure is called "bandwidth": there is no word for slowing traffic down, nor for filtering by range, port or protocol; a measure is one of warning, formal_notice, public_warning, fine, payment_block, host_block; expected one of warning, formal_notice, public_warning, fine, payment_block, host_block`},
	{"range of addresses", proto, "{kind: formal_notice, target: addressee, executor: authority}", "{kind: host_block, target: range, executor: operators}", `xx/protocols/notice.yaml:86:41: a host_block can't aim at "range": never a network, a range, a port, a protocol or a speed; it aims at one of [host_name unshared_address]; expected a target and an executor this kind of measure can have`},
	{"measure signed by one", proto, "count: 2", "count: 1", `xx/protocols/notice.yaml:84:18: a measure is signed by one person; expected count: 2 or more`},
	{"measure without remedy", proto, "    remedy: appeal\n", "", `xx/protocols/notice.yaml:78:9: step find imposes a measure without remedy; expected remedy`},
	{"circle of packs", "pack.yaml", "version:", "extends: xx\nversion:", `xx/pack.yaml:3:10: packs extend each other in a circle: xx → xx; expected a parent that does not come back to this pack`},
	{"parent nobody has", "pack.yaml", "version:", "extends: zz\nversion:", `xx/pack.yaml:3:10: pack "zz" can't be found; expected the id of a pack at hand`},
	{"holiday that can't be", "calendar.yaml", `day: "03-10"`, `day: "02-30"`, `xx/calendar.yaml:10:27: `},
	{"scope that is not there", "rules.yaml", "mode: days, roll: next", "mode: days, scope: banks", `xx/rules.yaml:3:10: rule observe: deadline: scope: calendar xx@1 has no scope "banks"; use one of office; expected a rule the calendar can compute`},
	{"anchor", "pack.yaml", "[en, fr, ar]", "&l [en, fr, ar]", `xx/pack.yaml:4:12: anchors and aliases are refused: they can make a small file huge; expected plain mappings and lists, at most 24 deep`},
	{"alias", "pack.yaml", "[en, fr, ar]", "*l", `xx/pack.yaml:4:12: anchors and aliases are refused: they can make a small file huge; expected plain mappings and lists, at most 24 deep`},
	{"tag", "pack.yaml", "[en, fr, ar]", "!!set [en]", `xx/pack.yaml:4:12: tags are refused; expected plain mappings and lists, at most 24 deep`},
	{"two documents", "pack.yaml", "variants:", "---\nvariants:", `xx/pack.yaml:5:1: directives and document marks are refused: a file is one document; expected plain mappings and lists, at most 24 deep`},
	{"hidden direction", "pack.yaml", "[en, fr, ar]", "[en, fr, \u202ear]", `xx/pack.yaml:4:21: character U+202E changes how text is read; expected plain UTF-8 text in lines of at most 2000 characters`},
	{"bad UTF-8", "pack.yaml", "[en, fr, ar]", "[en, \xff]", `xx/pack.yaml:4:17: this byte is no UTF-8; expected plain UTF-8 text in lines of at most 2000 characters`},
	{"octal", "rules.yaml", "count: 5,", "count: 007,", `xx/rules.yaml:2:30: "007" is no plain whole number; expected digits only, or quotes around text`},
	{"no YAML", "pack.yaml", "[en, fr, ar]", "[en, fr", `xx/pack.yaml:5:1: this is no YAML: ',' or ']' must be specified; expected valid YAML`},
	{"deep flow", "pack.yaml", "[en, fr, ar]", strings.Repeat("[", 25) + strings.Repeat("]", 25), `xx/pack.yaml:4:36: this is nested too deeply; expected plain mappings and lists, at most 24 deep`},
	{"no part of a pack", "extra.yaml", "", "a: b\n", `xx/extra.yaml: no part of a pack is called that; expected pack.yaml, lists.yaml`},
	{"text in force since never", "texts.yaml", "    in_force_from: \"2020-01-01\"\n    source: [invented for tests]\n  - id: xx-old-act", "    source: [invented for tests]\n  - id: xx-old-act", `xx/texts.yaml:5:15: a verified text in force does not say since when; expected in_force_from, or verified: false`},
}

// Each bad pack is refused with what is wrong with it, and nothing else.
func TestBadPacks(t *testing.T) {
	t.Parallel()
	for _, c := range badPacks {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			files := copyOf(t, "xx")
			replace(t, files, c.file, c.old, c.new)
			parents := func(id string) (fs.FS, error) {
				if id == "xx" {
					return files, nil
				}
				return nil, fs.ErrNotExist
			}
			p, err := pack.Load(files, "xx", parents, kinds(t))
			var problems pack.Problems
			if p != nil || !errors.As(err, &problems) {
				t.Fatalf("was loaded, or refused otherwise: %v", err)
			}
			if got := problems.Error(); got != c.want && !(len(problems) == 1 && strings.HasPrefix(got, c.want)) {
				t.Fatalf("refused with\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

// A hostile pack is refused quickly and in little memory.
func TestHostilePacks(t *testing.T) {
	fill := func(s string, size int) []byte { return []byte(strings.Repeat(s, size/len(s))) }
	deepBlock := func() []byte {
		var b strings.Builder
		for i := range 2000 {
			b.WriteString(strings.Repeat(" ", i%1000) + "a:\n")
		}
		return []byte(b.String())
	}
	bomb := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c < 'k'; c++ {
		bomb += fmt.Sprintf("%c: &%c [*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c]\n", c, c, c-1, c-1, c-1, c-1, c-1, c-1, c-1, c-1, c-1)
	}
	for name, content := range map[string][]byte{
		"ten megabytes":    fill("key: value\n", 10<<20),
		"one long line":    fill("x", 250<<10),
		"a bomb":           []byte(bomb),
		"only brackets":    fill("[[[[[[[[[[[[[[[[[[[[\n", 250<<10),
		"only braces":      fill("{", 1999),
		"only dashes":      fill("- ", 1998),
		"dashes in lines":  fill("- - - - - - - - - -\n", 250<<10),
		"only questions":   fill("? ", 1998),
		"deep blocks":      deepBlock(),
		"many small items": fill("- a\n", 250<<10),
		"many keys":        fill("k: v\n", 250<<10),
		"many quotes":      fill("\"\n", 250<<10),
		"many bars":        fill("a: |\n  b\n", 250<<10),
		"many comments":    fill("# c\n", 250<<10),
		"many colons":      fill(":\n", 250<<10),
		"keys in bounds":   fill("k: v\n", 6600*5),
		"keys in a flow":   append(append([]byte("{"), fill("k: v,\n", 4900*6)...), '}'),
		"items in bounds":  fill("- - - a\n", 4900*8),
		"bars in bounds":   fill("a: |\n  b\n", 4900*9),
		"many commas":      fill("[,,,,,,,,,]\n", 250<<10),
	} {
		t.Run(name, func(t *testing.T) {
			files := copyOf(t, "xx")
			files["gates.yaml"] = &fstest.MapFile{Data: content}
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			begun := time.Now()
			_, err := pack.Load(files, "xx", nil, nil)
			took := time.Since(begun)
			runtime.ReadMemStats(&after)
			if err == nil {
				t.Fatal("was loaded")
			}
			allocated := (after.TotalAlloc - before.TotalAlloc) >> 20
			t.Logf("%v, %d MB allocated: %.150s", took.Round(time.Millisecond), allocated, err)
			// All that was ever allocated bounds what was held. The time is told, not judged: machines differ.
			if allocated > 400 {
				t.Fatalf("took %d MB", allocated)
			}
		})
	}
	files := copyOf(t, "xx")
	for i := range 500 {
		files[fmt.Sprintf("messages/l%d.yaml", i)] = &fstest.MapFile{Data: []byte("a: b\n")}
	}
	_, err := pack.Load(files, "xx", nil, nil)
	if err == nil || !strings.Contains(err.Error(), "too many files") {
		t.Fatalf("500 files: %v", err)
	}
}

// Every problem is told at once, in order.
func TestAllProblemsTogether(t *testing.T) {
	t.Parallel()
	files := copyOf(t, "xx")
	replace(t, files, "pack.yaml", "variants:", "colour: red\nvariants:")
	replace(t, files, "roles.yaml", "[xx-intake-1]", "[]")
	replace(t, files, "protocols/notice.yaml", "G-01, ", "G-99, ")
	replace(t, files, "messages/ar.yaml", `role.judge: "القاضي"`+"\n", "")
	_, err := pack.Load(files, "xx", nil, nil)
	var problems pack.Problems
	if !errors.As(err, &problems) {
		t.Fatal(err)
	}
	var got []string
	for _, p := range problems {
		got = append(got, fmt.Sprintf("%s:%d", p.File, p.Line))
	}
	want := []string{"xx/messages/en.yaml:9", "xx/messages/fr.yaml:9", "xx/pack.yaml:5", "xx/protocols/notice.yaml:83", "xx/roles.yaml:2"}
	if !slices.Equal(got, want) {
		t.Fatalf("got %v, want %v\n%v", got, want, err)
	}
}

func TestLoadFromFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir() + "/xx"
	if err := os.CopyFS(dir, copyOf(t, "xx")); err != nil {
		t.Fatal(err)
	}
	p, err := pack.Load(os.DirFS(dir), "xx", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if embedded := load(t, "xx"); p.Version() != embedded.Version() {
		t.Fatalf("%s from the folder, %s embedded", p.Version(), embedded.Version())
	}
}
