package house

import (
	"bufio"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// budgetFile holds every module Sanad is made of, its licence and why it is here, in two sections: what is in the
// program, and what only its tests use.
const budgetFile = "docs/dependencies.txt"

// entry is one line of the budget.
type entry struct{ licence, section string }

var (
	heading = regexp.MustCompile(`^\[(program|tests)\]$`)
	budgets = regexp.MustCompile(`^(\S+) +(\S+) +([^ ].*\.)$`)
)

func readBudget(text string) (map[string]entry, error) {
	budget, section := map[string]entry{}, ""
	sc := bufio.NewScanner(strings.NewReader(text))
	for n := 1; sc.Scan(); n++ {
		line := sc.Text()
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if m := heading.FindStringSubmatch(line); m != nil {
			section = m[1]
			continue
		}
		m := budgets.FindStringSubmatch(line)
		if m == nil || section == "" {
			return nil, fmt.Errorf("%s:%d: expected, under [program] or [tests], a module, its licence and why, ending in a full stop", budgetFile, n)
		}
		if _, twice := budget[m[1]]; twice {
			return nil, fmt.Errorf("%s:%d: %s is there twice", budgetFile, n, m[1])
		}
		budget[m[1]] = entry{m[2], section}
	}
	return budget, sc.Err()
}

// copyleft are the licences that would bind whoever runs or changes Sanad beyond Apache-2.0.
var copyleft = []string{"GPL", "AGPL", "LGPL", "unknown"}

// overBudget compares the budget with what is used: module to licence and section as found.
func overBudget(budget, used map[string]entry) []string {
	var wrong []string
	for _, module := range slices.Sorted(maps.Keys(used)) {
		found, line := used[module], budget[module]
		if line == (entry{}) {
			wrong = append(wrong, fmt.Sprintf("%s (%s) is used in the %s and is not in the budget", module, found.licence, found.section))
			continue
		}
		if line.section != found.section {
			wrong = append(wrong, fmt.Sprintf("%s belongs under [%s]", module, found.section))
		}
		if line.licence != found.licence {
			wrong = append(wrong, fmt.Sprintf("%s says %s, its files say %s", module, line.licence, found.licence))
		}
		if slices.ContainsFunc(strings.Split(found.licence, "+"), func(l string) bool { return slices.Contains(copyleft, l) }) {
			wrong = append(wrong, fmt.Sprintf("%s is under %s, which Sanad cannot be made of", module, found.licence))
		}
	}
	for _, module := range slices.Sorted(maps.Keys(budget)) {
		if used[module] == (entry{}) {
			wrong = append(wrong, module+" is in the budget and nothing uses it any more")
		}
	}
	return wrong
}

// idle returns the modules that go.mod asks for by itself, not because another module does, and that nothing uses.
func idle(required []requirement, used map[string]entry) []string {
	var found []string
	for _, r := range required {
		if !r.Indirect && used[r.Path] == (entry{}) {
			found = append(found, r.Path)
		}
	}
	return found
}

type requirement struct {
	Path     string
	Indirect bool
}

// marks are phrases by which a licence's text is known, in the order they are looked for: the first that fits.
var marks = []struct{ phrase, licence string }{
	{"gnu affero general public license", "AGPL"},
	{"gnu lesser general public license", "LGPL"},
	{"gnu general public license", "GPL"},
	{"mozilla public license", "MPL-2.0"},
	{"apache license version 2.0", "Apache-2.0"},
	{"permission is hereby granted, free of charge", "MIT"},
	{"permission to use, copy, modify, and/or distribute", "ISC"},
	{"be used to endorse or promote products", "BSD-3-Clause"},
	{"redistribution and use in source and binary forms", "BSD-2-Clause"},
	{"this is free and unencumbered software", "Unlicense"},
}

// licence names the licence of a text. A text may hold several; all are named, joined by +.
func licence(text string) string {
	flat := strings.Join(strings.Fields(strings.ToLower(text)), " ")
	flat = strings.ReplaceAll(flat, "license, version", "license version")
	var found []string
	for _, m := range marks {
		bsd2 := m.licence == "BSD-2-Clause" && slices.Contains(found, "BSD-3-Clause")
		// The MPL names the GPL family as secondary licences.
		if strings.Contains(flat, m.phrase) && !bsd2 {
			found = append(found, m.licence)
		}
	}
	if slices.Contains(found, "MPL-2.0") {
		found = slices.DeleteFunc(found, func(l string) bool { return strings.HasSuffix(l, "GPL") })
	}
	if found == nil {
		return "unknown"
	}
	return strings.Join(found, "+")
}

// licenceOf reads the licence files at the top of a module.
func licenceOf(dir string) (string, error) {
	names, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	var text strings.Builder
	for _, d := range names {
		stem, _, _ := strings.Cut(strings.ToUpper(d.Name()), ".")
		if d.IsDir() || !slices.Contains([]string{"LICENSE", "LICENCE", "COPYING", "UNLICENSE"}, stem) {
			continue
		}
		b, err := os.ReadFile(filepath.Join(dir, d.Name()))
		if err != nil {
			return "", err
		}
		text.Write(b)
		text.WriteByte('\n')
	}
	return licence(text.String()), nil
}

func TestBudgetRules(t *testing.T) {
	t.Parallel()
	budget, err := readBudget("# why\n\n[program]\na.org/x  MIT  It reads.\nb.org/y  GPL  It writes.\n[tests]\nc.org/z  MIT  It compares.\nd.org/gone  MIT  It went.\n")
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]entry{
		"a.org/x": {"MIT", "program"}, "b.org/y": {"GPL", "program"},
		"c.org/z": {"BSD-3-Clause", "program"}, "e.org/new": {"MIT", "tests"},
	}
	want := []string{
		"b.org/y is under GPL, which Sanad cannot be made of",
		"c.org/z belongs under [program]",
		"c.org/z says MIT, its files say BSD-3-Clause",
		"e.org/new (MIT) is used in the tests and is not in the budget",
		"d.org/gone is in the budget and nothing uses it any more",
	}
	if got := overBudget(budget, used); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if got := idle([]requirement{{"a.org/x", false}, {"f.org/idle", false}, {"g.org/below", true}}, used); !slices.Equal(got, []string{"f.org/idle"}) {
		t.Errorf("idle: %q", got)
	}
	for _, bad := range []string{
		"a.org/x MIT No section.", "[program]\na.org/x MIT\n", "[program]\na.org/x MIT no full stop\n",
		"[program]\na.org/x MIT One.\na.org/x MIT Two.\n",
	} {
		if _, err := readBudget(bad); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
	for text, want := range map[string]string{
		"Apache License\n   Version 2.0, January 2004":                                                                           "Apache-2.0",
		"Permission is hereby granted, free of\ncharge, to any person":                                                           "MIT",
		"Redistribution and use in source and binary forms ... Neither the name of X may be used to endorse or promote products": "BSD-3-Clause",
		"Redistribution and use in source and binary forms, with or without":                                                     "BSD-2-Clause",
		"GNU AFFERO GENERAL PUBLIC LICENSE\nVersion 3":                                                                           "AGPL",
		"Mozilla Public License Version 2.0 ... secondary: GNU General Public License":                                           "MPL-2.0",
		"Permission is hereby granted, free of charge ... GNU General Public License":                                            "GPL+MIT",
		"all rights reserved": "unknown",
		"":                    "unknown",
	} {
		if got := licence(text); got != want {
			t.Errorf("%.40q: %s, want %s", text, got, want)
		}
	}
}

func TestDependencyBudget(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(filepath.Join(root, budgetFile))
	if err != nil {
		t.Fatal(err)
	}
	budget, err := readBudget(string(text))
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]entry{}
	// Everything but the tests is there to become part of the program, whether cmd reaches it already or not.
	for _, s := range []struct{ section, flag string }{{"program", "-test=false"}, {"tests", "-test=true"}} {
		all, err := golist("-e", "-deps", s.flag, "-json=ImportPath,Module", "./...")
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range all {
			if r.Module == nil || r.Module.Path == module || used[r.Module.Path] != (entry{}) {
				continue
			}
			found, err := licenceOf(r.Module.Dir)
			if err != nil {
				t.Fatal(err)
			}
			used[r.Module.Path] = entry{found, s.section}
		}
	}
	for _, wrong := range overBudget(budget, used) {
		t.Error(wrong)
	}
	cmd := exec.Command("go", "mod", "edit", "-json")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var mod struct{ Require []requirement }
	err = json.Unmarshal(out, &mod)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range idle(mod.Require, used) {
		t.Errorf("go.mod asks for %s, which nothing imports: go mod tidy", path)
	}
}

// A package with a cgo variant would behave one way in Sanad, which is built without, and another in its users' tests.
func TestNoCgo(t *testing.T) {
	t.Parallel()
	cmd := exec.Command("go", "list", "-e", "-deps", "-f", "{{if and .CgoFiles (not .Standard)}}{{.ImportPath}}{{end}}", "./...")
	cmd.Dir, cmd.Env = root, append(os.Environ(), "CGO_ENABLED=1")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if len(strings.TrimSpace(string(out))) > 0 {
		t.Errorf("these need cgo:\n%s", out)
	}
}
