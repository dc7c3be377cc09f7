package app

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/archive/store"
	"sanad/internal/kit/fault"
	"sanad/internal/office/clerk"
)

// whole is every row of every table.
func whole(t *testing.T, db *store.DB) map[string]map[string]string {
	t.Helper()
	out := map[string]map[string]string{}
	for _, d := range tablesOf(t, db) {
		rows := map[string]string{}
		for key, row := range d.rows(t, db) {
			rows[key] = fmt.Sprintf("%x", row)
		}
		out[d.name] = rows
	}
	return out
}

func mustBeAlike(t *testing.T, what string, want, got map[string]map[string]string) {
	t.Helper()
	for _, table := range slices.Sorted(maps.Keys(want)) {
		for key, row := range want[table] {
			if got[table][key] != row {
				t.Errorf("%s: %s %s was\n%s and is\n%s", what, table, key, row, got[table][key])
				break
			}
		}
		if len(want[table]) != len(got[table]) {
			t.Errorf("%s: %s had %d rows and has %d", what, table, len(want[table]), len(got[table]))
		}
	}
}

// Every table of the schema either follows from the log or is known not to.
func TestDerivedTablesAreAllThereAre(t *testing.T) {
	t.Parallel()
	c := newClock()
	h := randomHouse(t, t.TempDir(), "", c.now)
	var all []string
	for _, d := range tablesOf(t, h.db) {
		all = append(all, d.name)
	}
	known := slices.Sorted(slices.Values(slices.Concat(derivedTables, keptTables)))
	if !slices.Equal(all, known) {
		t.Fatalf("the schema has the tables\n%v and rebuild knows\n%v", all, known)
	}
}

// A story with cases, requests, measures, alerts and a register is played; whatever of what is derived is then damaged, emptied or
// of another format is as it was after a rebuild, and nothing else has changed.
func TestRebuild(t *testing.T) {
	t.Parallel()
	folder := shortStory(t, "2024-12-20T17:00:00Z")
	onBoth(t, func(t *testing.T, url string) {
		data := t.TempDir()
		args := []string{"--pack", folder, "--data", data, "--seed", "7"}
		if url != "" {
			args = append(args, "--db", url)
		}
		demoSummary(t, args...)
		open := func() *house {
			h, err := build(t.Context(), plan{
				folder: data, url: url, pack: folder, serve: true, legal: time.Now, process: time.Now, dice: newSeeded("rebuild"), log: testLog(t), origin: demoOrigin,
			})
			if err != nil {
				t.Fatal(err)
			}
			return h
		}
		h := open()
		t.Cleanup(func() { _ = h.shut() })
		want := whole(t, h.db)
		for _, table := range []string{"state", "timer", "notice", "docket", "platform", "alert", "alert_platform", "request", "register"} {
			if len(want[table]) == 0 {
				t.Errorf("the story leaves nothing in %s", table)
			}
		}
		for _, c := range []struct{ name, damage string }{
			{"nothing", ""},
			{"another format", "UPDATE state SET data = CAST('' AS " + map[bool]string{true: "bytea", false: "blob"}[url != ""] + ")"},
			{"rows are gone", "DELETE FROM docket; DELETE FROM timer; DELETE FROM notice; DELETE FROM overdue"},
			{"rows are false", "UPDATE docket SET open = 1 - open; UPDATE platform SET users = 7; UPDATE alert SET dropped = 1"},
		} {
			err := h.db.Write(t.Context(), func(tx *store.Tx) error {
				for text := range strings.SplitSeq(c.damage, "; ") {
					if text == "" {
						continue
					}
					_, err := tx.Exec(t.Context(), text)
					if err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			damaged := whole(t, h.db)
			if err := h.shut(); err != nil { // a server that starts on it finds it so
				t.Fatal(err)
			}
			h = open()
			looked, err := h.rebuild(t.Context(), true)
			if err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			mustBeAlike(t, c.name+": a dry run", damaged, whole(t, h.db))
			done, err := h.rebuild(t.Context(), false)
			if err != nil {
				t.Fatalf("%s: %v", c.name, err)
			}
			mustBeAlike(t, c.name, want, whole(t, h.db))
			if !slices.Equal(looked, done) {
				t.Errorf("%s: the dry run said %+v, it became %+v", c.name, looked, done)
			}
			changed := slices.ContainsFunc(done, func(r clerk.Rebuilt) bool { return r.New+r.Gone > 0 })
			if changed != (c.damage != "") {
				t.Errorf("%s: %+v", c.name, done)
			}
		}
	})
}

// The command: it wants the folder for itself, says what it did, and mends a state that no server could read.
func TestRebuildCommand(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		c, data := newClock(), t.TempDir()
		h := randomHouse(t, data, url, c.now)
		p := newPlayer(t, h, c)
		p.receive(yes())
		c.move(20 * 24 * time.Hour) // nobody acknowledged it in time
		if n, err := h.clerk.Tick(t.Context()); n != 1 || err != nil {
			t.Fatalf("%d lapses, %v", n, err)
		}
		p.receive(yes()) // and of this one the keys are gone
		p.do("xx-officer-1", "acknowledge", nil, nil)
		p.do("xx-officer-1", "close", map[string]act.Value{"outcome": act.OfCode("unfounded")}, []byte(plainBody))
		c.move(3 * 365 * 24 * time.Hour)
		if n, err := h.clerk.Expire(t.Context()); n == 0 || err != nil {
			t.Fatalf("%d keys destroyed, %v", n, err)
		}
		p.receive(yes())
		p.do("xx-officer-1", "acknowledge", nil, nil)
		next := p.command("xx-officer-1", "assess", p.assessment(), []byte(plainBody))
		newPlayer(t, h, c).receive(yes()) // the clock of this one runs
		want := whole(t, h.db)
		if len(want["overdue"]) != 1 || len(want["timer"]) == 0 {
			t.Fatalf("%d overdue, %d timers", len(want["overdue"]), len(want["timer"]))
		}
		run := func(args ...string) (string, string, int) {
			var out, errs bytes.Buffer
			if url != "" {
				args = append(args, "--db", url)
			}
			env := Env{Stdout: &out, Stderr: &errs, Getenv: func(string) string { return "" }, Now: c.now, Dice: newSeeded("rebuild")}
			code := Main{}.Run(context.WithoutCancel(t.Context()), append([]string{"rebuild", "--pack", "xx"}, args...), env)
			return out.String(), errs.String(), code
		}
		err := h.db.Write(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(t.Context(), "UPDATE state SET data = ?", []byte{1, 2, 3})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		damaged := whole(t, h.db)
		again := func(f func(h *house)) {
			h, err := build(t.Context(), plan{folder: data, url: url, pack: "xx", serve: true, legal: c.now, process: c.now, dice: newSeeded("again"), log: testLog(t)})
			if err != nil {
				t.Fatal(err)
			}
			f(h)
			if err := h.shut(); err != nil {
				t.Fatal(err)
			}
		}
		if err := h.shut(); err != nil {
			t.Fatal(err)
		}
		again(func(h *house) {
			if _, err := h.clerk.Do(t.Context(), next); fault.CodeOf(err) != fault.Unavailable {
				t.Fatalf("a step on a file whose state is damaged: %v", err)
			}
			if url != "" { // several may serve one database; the command keeps their commits out while it works, and says so
				out, errs, code := run("--dry-run", data)
				if code != ExitGood || !strings.Contains(out, "waits until this is done") {
					t.Fatalf("beside a server: exit %d, %s%s", code, out, errs)
				}
				return
			}
			if _, errs, code := run(data); code != ExitCant || !strings.Contains(errs, "stop it first") {
				t.Fatalf("beside a server: exit %d, %s", code, errs)
			}
		})
		out, errs, code := run("--dry-run", data)
		if code != ExitGood || !strings.Contains(out, "would be rebuilt") || !strings.Contains(out, "docket: 5 rows, all as they were") {
			t.Fatalf("dry: exit %d, %s%s", code, out, errs)
		}
		again(func(h *house) { mustBeAlike(t, "a dry run", damaged, whole(t, h.db)) })
		out, errs, code = run(data)
		if code != ExitGood || !strings.Contains(out, "docket: 5 rows, all as they were") || !strings.Contains(out, "\nrebuilt from ") {
			t.Fatalf("exit %d, %s%s", code, out, errs)
		}
		again(func(h *house) {
			mustBeAlike(t, "rebuilt", want, whole(t, h.db))
			if _, err := h.clerk.Do(t.Context(), next); err != nil {
				t.Fatal(err)
			}
		})
	})
}

// Whatever table is empty, even one without which no server starts, the command makes it anew.
func TestRebuildOfEmptyTables(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, url string) {
		c, data := newClock(), t.TempDir()
		h := randomHouse(t, data, url, c.now)
		newPlayer(t, h, c).receive(yes())
		want := whole(t, h.db)
		for _, table := range derivedTables {
			err := h.db.Write(t.Context(), func(tx *store.Tx) error {
				_, err := tx.Exec(t.Context(), "DELETE FROM "+table)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		err := h.shut()
		if err != nil {
			t.Fatal(err)
		}
		args := []string{"rebuild", "--pack", "xx", data}
		if url != "" {
			args = slices.Insert(args, 1, "--db", url)
		}
		var out, errs bytes.Buffer
		env := Env{Stdout: &out, Stderr: &errs, Getenv: func(string) string { return "" }, Now: c.now, Dice: newSeeded("rebuild")}
		code := Main{}.Run(t.Context(), args, env)
		if code != ExitGood || !strings.Contains(out.String(), "register: 1 rows, 1 of them new, 0 gone") {
			t.Fatalf("exit %d, %s%s", code, out.String(), errs.String())
		}
		h, err = build(t.Context(), plan{folder: data, url: url, pack: "xx", serve: true, legal: c.now, process: c.now, dice: newSeeded("again"), log: testLog(t)})
		if err != nil {
			t.Fatal(err)
		}
		mustBeAlike(t, "rebuilt", want, whole(t, h.db))
		err = h.shut()
		if err != nil {
			t.Fatal(err)
		}
	})
}
