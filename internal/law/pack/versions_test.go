package pack_test

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"sanad/internal/act"
	"sanad/internal/law/pack"
	"sanad/internal/law/protocol"
)

// tally is a small protocol: a version, what is said of its validity, and its closing step.
func tally(version, validity, close string) string {
	return "id: xx.tally\nversion: " + version + "\n" + validity + "applies_to: notice\nsteps:\n" +
		"  - {id: count, emits: notice.received, by: [intake], audience: {compartments: [handling]}}\n" +
		"  - {id: " + close + ", emits: notice.closed, by: [officer], after: {all_of: [count]}, closes: true, audience: {compartments: [handling]}}\n"
}

// tallies loads the small invented country with versions of that protocol, each in a file.
func tallies(t *testing.T, versions ...string) (*pack.Pack, error) {
	t.Helper()
	files := copyOf(t, "xx")
	for i, text := range versions {
		files["protocols/tally-"+string(rune('1'+i))+".yaml"] = &fstest.MapFile{Data: []byte(text)}
	}
	for _, l := range []string{"en", "fr", "ar"} {
		var b strings.Builder
		for _, key := range []string{"protocol.xx.tally", "step.xx.tally.count", "step.xx.tally.end", "step.xx.tally.stop"} {
			b.WriteString(key + ": \"" + l + " " + key[strings.LastIndexByte(key, '.')+1:] + "\"\n")
		}
		files["messages/"+l+".tally.yaml"] = &fstest.MapFile{Data: []byte(b.String())}
	}
	return pack.Load(files, "xx", nil, kinds(t))
}

func TestVersionsOfAProtocol(t *testing.T) {
	t.Parallel()
	const until, after = "in_force: {to: \"2025-12-31\"}\n", "in_force: {from: \"2026-01-01\"}\n"
	for _, c := range []struct {
		name     string
		versions []string
		want     string
	}{
		{"one after the other", []string{tally("1", until, "end"), tally("2", after, "end")}, ""},
		{"with a gap", []string{tally("1", until, "end"), tally("2", "in_force: {from: \"2026-02-01\"}\n", "end")}, ""}, // the checker finds it
		{"both always", []string{tally("1", "", "end"), tally("2", "", "end")}, `xx/protocols/tally-2.yaml:1:5: versions 1 (line 1 of xx/protocols/tally-1.yaml) and 2 of xx.tally are both in force always; expected days that do not overlap, or a known_from later than that of version 1`},
		{"a day together", []string{tally("1", "in_force: {to: \"2026-01-01\"}\n", "end"), tally("2", after, "end")}, `xx/protocols/tally-2.yaml:3:12: versions 1 (line 3 of xx/protocols/tally-1.yaml) and 2 of xx.tally are both in force on 2026-01-01; expected days that do not overlap, or a known_from later than that of version 1`},
		{"known later", []string{tally("1", "", "end"), tally("2", after+"known_from: \"2026-03-01\"\n", "end")}, ""},
		{"known earlier", []string{tally("1", "known_from: \"2026-04-01\"\n", "end"), tally("2", after+"known_from: \"2026-03-01\"\n", "end")}, "both in force on 2026-01-01"},
		{"twice", []string{tally("1", "", "end"), tally("1", "", "end")}, `xx/protocols/tally-2.yaml:2:10: version 1 of protocol xx.tally is declared twice, first in line 1 of xx/protocols/tally-1.yaml; expected each version once`},
		{"ends before it begins", []string{tally("1", "in_force: {from: \"2026-01-02\", to: \"2026-01-01\"}\n", "end")}, `xx/protocols/tally-1.yaml:3:36: the version ends on 2026-01-01, before it begins on 2026-01-02; expected a last day that is not before the first`},
		{"no date", []string{tally("1", "in_force: {from: soon}\n", "end")}, `xx/protocols/tally-1.yaml:3:18: from is no date; expected a date like 2026-01-31`},
		{"another key", []string{tally("1", "in_force: {until: \"2026-01-01\"}\n", "end")}, `xx/protocols/tally-1.yaml:3:12: a validity has no key "until"; expected one of from, to`},
		{"a new name", []string{tally("1", until, "end"), tally("2", after+"renames: {end: stop}\n", "stop")}, ""},
		{"renames in the first", []string{tally("1", "renames: {end: stop}\n", "stop")}, `xx/protocols/tally-1.yaml:3:11: no version of xx.tally is before version 1; expected renames in a later version only`},
		{"renames nothing", []string{tally("1", until, "end"), tally("2", after+"renames: {halt: stop}\n", "stop")}, `xx/protocols/tally-2.yaml:4:11: version 1 of xx.tally has no step, lapse or deadline "halt"; expected a name of that version`},
		{"renames what is there", []string{tally("1", until, "end"), tally("2", after+"renames: {count: stop}\n", "stop")}, `xx/protocols/tally-2.yaml:4:11: version 2 of xx.tally has "count" too; expected a name that is gone`},
		{"renames into the old", []string{tally("1", until, "end"), tally("2", after+"renames: {end: count}\n", "stop")}, `xx/protocols/tally-2.yaml:4:16: "count" is no new name for step "end" of version 1; expected a name that version 2 alone has, for the same sort of thing`},
		{"roles nobody declared", []string{tally("1", "migrates: [wizard]\n", "end")}, `xx/protocols/tally-1.yaml:3:12: role "wizard" is not declared; expected one of head, intake, judge, officer, trainee, visitor`},
		{"a list in one file", []string{"- " + strings.ReplaceAll(strings.TrimSpace(tally("1", until, "end")), "\n", "\n  ") + "\n- " + strings.ReplaceAll(strings.TrimSpace(tally("2", after, "end")), "\n", "\n  ") + "\n"}, ""},
		{"a migration as a step", []string{strings.Replace(tally("1", "", "end"), "notice.received", "procedure.migrated", 1)}, `xx/protocols/tally-1.yaml:5:24: procedure.migrated is done in any procedure and is no step of one; expected roles under migrates instead`},
	} {
		t.Run(strings.ReplaceAll(c.name, " ", "-"), func(t *testing.T) {
			t.Parallel()
			p, err := tallies(t, c.versions...)
			got := ""
			if err != nil {
				got = err.Error()
			}
			if c.want == "" && err != nil || c.want != "" && !strings.Contains(got, c.want) {
				t.Fatalf("got\n%s\nwant\n%s", got, c.want)
			}
			if c.name == "a list in one file" && len(p.Engine().Versions("xx.tally")) != 2 {
				t.Fatal("a list of two versions holds other than two")
			}
		})
	}
}

// Days of a version are days of the country, and the last one counts whole. What a migration may say is a closed list.
func TestVersionsInTheCountrysTime(t *testing.T) {
	t.Parallel()
	p, err := tallies(t, tally("1", "in_force: {to: \"2026-06-30\"}\nmigrates: [head]\n", "end"), tally("2", "in_force: {from: \"2026-07-01\"}\nrenames: {end: stop}\n", "stop"))
	if err != nil {
		t.Fatal(err)
	}
	for when, want := range map[string]int{"2026-06-30T22:59:59Z": 1, "2026-06-30T23:00:00Z": 2} { // summer time: midnight is at 23:00
		if got := p.Engine().InForce("xx.tally", at(when), at(when)); got == nil || got.Version != want {
			t.Errorf("at %s version %+v is in force, want %d", when, got, want)
		}
	}
	if !p.Has(protocol.ListTransitions, "end:stop") || !p.Has(protocol.ListTransitions, "stop:end") || p.Has(protocol.ListTransitions, "count:count") || !p.Has(protocol.ListProtocols, "xx.tally") {
		t.Errorf("a migration may say %v", p.Words(protocol.ListTransitions))
	}
	b := newTable(t, p)
	b.protocol, b.now = "xx.tally", at("2026-06-30T12:00:00Z")
	b.do("intake", "count", map[string]act.Value{"minor": act.OfBool(false)})
	b.now = at("2026-07-02T12:00:00Z")
	m := p.Engine().Migration(b.question("head"), b.run, 2)
	if !m.Open || !slices.Equal(m.Roles, []string{"head"}) {
		t.Fatalf("%+v", m)
	}
}

// An overlay gives a country's procedure a later version; the parent's stays for what is open, whatever the dates of either say.
func TestOverlayOfVersions(t *testing.T) {
	t.Parallel()
	base := country(t, tally("1", "known_from: \"2026-05-01\"\n", "end"))
	child := fstest.MapFS{"pack.yaml": {Data: []byte(yy)}, "protocols/tally.yaml": {Data: []byte(tally("2", "", "stop"))}}
	p, err := pack.Load(child, "yy", func(string) (fs.FS, error) { return base, nil }, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Engine().InForce("xx.tally", at("2026-06-01T00:00:00Z"), at("2026-06-01T00:00:00Z")); got.Version != 2 {
		t.Errorf("version %d is in force", got.Version)
	}
}

// country is the small invented country with a protocol more.
func country(t *testing.T, text string) fs.FS {
	t.Helper()
	files := copyOf(t, "xx")
	files["protocols/tally.yaml"] = &fstest.MapFile{Data: []byte(text)}
	for _, l := range []string{"en", "fr", "ar"} {
		files["messages/"+l+".tally.yaml"] = &fstest.MapFile{Data: []byte("protocol.xx.tally: " + l + "\nstep.xx.tally.count: " + l + "\nstep.xx.tally.end: " + l + "\nstep.xx.tally.stop: " + l + "\n")}
	}
	return files
}
