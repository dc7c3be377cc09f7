package app

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

// withoutOldDuty writes a copy of the invented country's pack that has lost the first version of the duty.
func withoutOldDuty(t *testing.T) string {
	t.Helper()
	folder := copyPack(t, map[string]packEdit{"protocols/duty-2.yaml": {"renames: {fulfil: name_delegate, unfulfilled: unnamed}\n", ""}})
	err := os.Remove(filepath.Join(folder, "protocols/duty.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

// A pack that lacks the version of an open procedure is refused by the server, which names the way out; the way is walked, and the
// server starts.
func TestLostVersionIsSaid(t *testing.T) {
	t.Parallel()
	o := newDesks(t, "", "xx")
	o.c.move(time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC).Sub(o.c.now()))
	o.step("xx-tribune-1", "xx.duty", "charge")
	run, kept := o.runs["xx.duty"], o.file
	o.openCase("contact")
	o.step("xx-tribune-1", "xx.duty", "charge")
	o.step("xx-tribune-1", "xx.duty", "announce") // starts a clock of a rule that the other version has under another name
	o.c.move(60 * 24 * time.Hour)
	err := o.h.holdsLaw(t.Context())
	if err != nil {
		t.Fatalf("with both versions: %v", err)
	}
	err = o.h.shut()
	if err != nil {
		t.Fatal(err)
	}
	command := func(name, args string, flags func() Commands, more ...string) (int, string, string) {
		t.Helper()
		var out, errs bytes.Buffer
		env := Env{Stdout: &out, Stderr: &errs, Getenv: func(string) string { return "" }, Now: o.c.now, Dice: newSeeded("command " + args)}
		return flags().Dispatch(t.Context(), append(strings.Fields(name), more...), env), plainSpaces(out.String()), errs.String()
	}
	lost, data := withoutOldDuty(t), o.h.folder
	serve := func() Commands { return Commands{{"serve", "", "serve", serveFlags}} }
	code, _, errs := command("serve", "1", serve, "--data", data, "--pack", lost, "--listen", "127.0.0.1:0", "--console", "127.0.0.1:0", "--ops", "127.0.0.1:0")
	for _, want := range []string{"2 procedures are open under version 1 of xx.duty", "sanad protocol migrate", "--protocol xx.duty --to 2"} {
		if code == ExitGood || !strings.Contains(errs, want) {
			t.Fatalf("serve: exit %d, %s", code, errs)
		}
	}
	explain := func() Commands { return Commands{{"protocol explain", "FILE-ID", "explain", protocolExplainFlags}} }
	_, out, _ := command("protocol explain", "2", explain, kept.String(), "--data", data, "--pack", lost, "--mandate", "xx-head-1", "--lang", "en")
	if !strings.Contains(out, "was opened under version 1") {
		t.Errorf("explain says nothing of it:\n%s", out)
	}
	migrate := func() Commands {
		return Commands{{"protocol migrate", "[FILE-ID…]", "migrate", protocolMigrateFlags}}
	}
	all := []string{"--data", data, "--pack", lost, "--protocol", "xx.duty", "--to", "2", "--lang", "en"}
	for _, c := range []struct {
		name string
		more []string
		code int
		want []string
	}{
		{"nobody named", []string{"--dry-run"}, ExitCant, []string{"in whose name?"}},
		{"no reasons", []string{"--mandate", "xx-head-1"}, ExitCant, []string{"why?"}},
		{"no such version", []string{"--mandate", "xx-head-1", "--to", "7"}, ExitCant, []string{"no version 7", "one of 2"}},
		{"who reads nothing of it", []string{"--mandate", "xx-visitor-1", "--dry-run"}, ExitGood, []string{"change version: 0", "stay: 0"}},
		{"another role", []string{"--mandate", "xx-tribune-1", "--dry-run"}, ExitNo, []string{"stays under version 1", "This step belongs to: Head", "stay: 2"}},
		{"dry", []string{"--mandate", "xx-head-1", "--dry-run"}, ExitNo, []string{kept.String() + ": can go from version 1 to version 2", "no place for: Announce", "change version: 1", "stay: 1"}},
		{"one", []string{"--mandate", "xx-head-1", "--reason", "law_changed", "--text", "because the law changed", kept.String()}, ExitGood, []string{kept.String() + ": went from version 1 to version 2", "change version: 1"}},
		{"the rest", []string{"--mandate", "xx-head-1", "--dry-run"}, ExitNo, []string{"change version: 0", "stay: 1"}},
	} {
		code, out, errs := command("protocol migrate", c.name, migrate, append(all, c.more...)...)
		for _, want := range c.want {
			if code != c.code || !strings.Contains(out+errs, want) {
				t.Errorf("%s: exit %d, want %d and %q\n%s%s", c.name, code, c.code, want, out, errs)
			}
		}
	}
	h, err := build(t.Context(), plan{folder: data, pack: lost, serve: true, legal: o.c.now, process: o.c.now, dice: newSeeded("again"), log: testLog(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		err := h.shut()
		if err != nil {
			t.Error(err)
		}
	}()
	head, err := h.mandateOfSeat(t.Context(), "xx-head-1")
	if err != nil {
		t.Fatal(err)
	}
	v, err := h.clerk.View(t.Context(), head, kept)
	if err != nil {
		t.Fatal(err)
	}
	last := v.Acts[len(v.Acts)-1]
	if last.Kind != protocol.KindMigrated || last.Mandate != head || len(v.Lost) > 0 {
		t.Fatalf("the last act is %s by %s", last.Kind, last.Mandate)
	}
	for _, m := range v.Moves {
		if m.Run == run && m.Version != 2 {
			t.Errorf("step %s is of version %d", m.Place.Step, m.Version)
		}
	}
	err = h.holdsLaw(t.Context())
	if err == nil || !strings.Contains(err.Error(), "1 procedures are open") {
		t.Errorf("one is lost still: %v", err)
	}
}

// What the door refuses of a migration, beside what the engine does: no date of its own, no migration without reasons, and a file
// that somebody may not see is not there.
func TestMigrationAtTheDoor(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		o := newDesks(t, url, "xx")
		o.c.move(time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC).Sub(o.c.now()))
		o.step("xx-tribune-1", "xx.duty", "charge")
		run := o.runs["xx.duty"]
		o.c.move(60 * 24 * time.Hour)
		head := o.seat("xx-head-1")
		seen := o.view("xx-head-1").Seen
		for _, c := range []struct {
			name, want string
			spoil      func(*clerk.Command)
		}{
			{"no reasons", "error.migrate_reason", func(c *clerk.Command) { c.Act.Body = nil }},
			{"a date", "error.effective_here", func(c *clerk.Command) {
				c.Act.Effective = act.InstantOf(o.c.now()).Add(-time.Hour)
				c.Act.Shown = act.ID{1}
			}},
			{"a hidden file", "error.file_unknown", func(c *clerk.Command) { c.Mandate = o.seat("xx-visitor-1") }},
			{"an older view", "file.conflict", func(c *clerk.Command) { c.Seen = seen - 1 }},
			{"another run", "error.closed_gate", func(c *clerk.Command) { c.Procedure = act.ID{8} }},
		} {
			cmd := clerk.Migrate(head, o.file, run, 2, seen, "law_changed", "because")
			c.spoil(&cmd)
			_, err := o.try(cmd)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v, want %s", c.name, err, c.want)
			}
		}
		if m := o.view("xx-head-1").Migrations; len(m) != 1 || !m[0].Open || m[0].To != 2 {
			t.Errorf("the file offers %+v", m)
		}
		o.must(clerk.Migrate(head, o.file, run, 2, seen, "law_changed", "because"))
		opened, err := o.h.clerk.Open(t.Context(), head, o.view("xx-head-1").Acts[len(o.view("xx-head-1").Acts)-1].ID)
		if err != nil || string(opened.Body) != "because" {
			t.Errorf("the reasons are %q, %v", opened.Body, err)
		}
		if m := o.view("xx-head-1").Migrations; len(m) != 1 || !m[0].Open || m[0].To != 1 {
			t.Errorf("there is no way back: %+v", m)
		}
	})
}
