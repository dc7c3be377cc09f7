package app

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"sanad/internal/act"
	"sanad/internal/archive/ledger"
	"sanad/internal/kit/fault"
	"sanad/internal/office/exhibits"
)

// Evidence is bound to a file, opens whole for who may read it, and every changed bit of it is reported.
func TestExhibit(t *testing.T) {
	t.Parallel()
	folder, c := t.TempDir(), newClock()
	h := testHouse(t, folder, "", c)
	p := newPlayer(t, h, c)
	p.receive(yes())
	v := p.view("xx-officer-1")
	evidence := strings.Repeat("evidence ", 30_000)
	_, err := h.exhibits.Add(t.Context(), p.seat("xx-trainee-1"), p.file, v.Acts[0].ID, v.Seen, exhibits.About{Name: "a"}, strings.NewReader(evidence))
	if fault.CodeOf(err) != fault.NotFound {
		t.Fatalf("by one who may not see the file: %v", err)
	}
	cut := io.MultiReader(strings.NewReader(evidence), brokenReader{})
	_, err = h.exhibits.Add(t.Context(), p.seat("xx-officer-1"), p.file, v.Acts[0].ID, v.Seen, exhibits.About{Name: "a"}, cut)
	if fault.CodeOf(err) != fault.Unavailable {
		t.Fatalf("an upload cut in the middle: %v", err)
	}
	_, err = h.exhibits.Add(t.Context(), p.seat("xx-officer-1"), p.file, v.Acts[0].ID, 0, exhibits.About{Name: "a"}, strings.NewReader(evidence))
	if fault.CodeOf(err) != fault.Conflict {
		t.Fatalf("on an older view: %v", err)
	}
	if left := blobFiles(t, folder); len(left) != 0 {
		t.Fatalf("refused evidence left %v", left)
	}
	done, err := h.exhibits.Add(t.Context(), p.seat("xx-officer-1"), p.file, v.Acts[0].ID, v.Seen, exhibits.About{Name: "a", Media: "text/plain"}, strings.NewReader(evidence))
	if err != nil {
		t.Fatal(err)
	}
	r, err := h.exhibits.Open(t.Context(), p.seat("xx-officer-2"), done.Acts[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(r)
	if err != nil || string(got) != evidence || r.Close() != nil {
		t.Fatalf("%d bytes, %v", len(got), err)
	}
	h.checkpoint(t)
	verifier, err := note.NewVerifier(h.key.vkey)
	if err != nil {
		t.Fatal(err)
	}
	check := func() *ledger.Report {
		report, err := ledger.Verify(t.Context(), h.db, ledger.Check{Keys: []note.Verifier{verifier}, Exhibit: exhibitsIn(t.Context(), filepath.Join(folder, blobsFolder))})
		if err != nil {
			t.Fatal(err)
		}
		return report
	}
	if r := check(); len(r.Problems) > 0 {
		t.Fatalf("%+v", r.Problems)
	}
	name := blobFiles(t, folder)[0]
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range []int{0, 9, len(b) / 2, len(b) - 1} {
		b[i] ^= 4
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if r := check(); len(r.Problems) != 1 || r.Problems[0].Seq != done.Acts[0].Seq {
			t.Fatalf("byte %d changed: %+v", i, r.Problems)
		}
		b[i] ^= 4
	}
}

type brokenReader struct{}

func blobFiles(t *testing.T, folder string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(filepath.Join(folder, blobsFolder), func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && d.Name() == "held" { // notes of what is sealed, until it is known to be bound
			return fs.SkipDir
		}
		if err == nil && !d.IsDir() {
			out = append(out, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// When its time is over a body is erased, by an act; the proof stands, and an older copy of the keys is told again.
func TestRetention(t *testing.T) {
	t.Parallel()
	folder, c := t.TempDir(), newClock()
	open := func(seed string) (*house, *player) {
		h, err := build(t.Context(), plan{folder: folder, pack: "xx", serve: true, legal: c.now, process: c.now, dice: newSeeded(seed), log: testLog(t)})
		if err != nil {
			t.Fatal(err)
		}
		return h, newPlayer(t, h, c)
	}
	h, p := open("one")
	p.receive(yes())
	file := p.file
	p.do("xx-officer-1", "acknowledge", nil, nil)
	p.do("xx-officer-1", "close", map[string]act.Value{"outcome": act.OfCode("unfounded")}, []byte(plainBody))
	first, officer := p.view("xx-officer-1").Acts[0].ID, p.seat("xx-officer-1")
	if n, err := h.clerk.Expire(t.Context()); err != nil || n != 0 {
		t.Fatalf("%d keys destroyed early, %v", n, err)
	}
	if err := h.shut(); err != nil {
		t.Fatal(err)
	}
	backup := t.TempDir()
	if err := os.CopyFS(backup, os.DirFS(filepath.Join(folder, keysFolder))); err != nil {
		t.Fatal(err)
	}
	h, _ = open("two")
	c.move(3 * 365 * 24 * time.Hour)
	n, err := h.clerk.Expire(t.Context())
	if err != nil || n == 0 {
		t.Fatalf("%d keys destroyed, %v", n, err)
	}
	erased := func() {
		t.Helper()
		o, err := h.clerk.Open(t.Context(), officer, first)
		if err != nil || !o.Erased || o.Body != nil {
			t.Fatalf("%+v %v", o, err)
		}
	}
	erased()
	if n, err := h.clerk.Expire(t.Context()); err != nil || n != 0 {
		t.Fatalf("%d keys destroyed again, %v", n, err)
	}
	if err := h.shut(); err != nil {
		t.Fatal(err)
	}
	// Restored from before the erasure, the key store has the keys again until the house is opened.
	keys := filepath.Join(folder, keysFolder)
	if err := errors.Join(os.RemoveAll(keys), os.CopyFS(keys, os.DirFS(backup)), os.Chmod(filepath.Join(keys, "root.key"), 0o600)); err != nil {
		t.Fatal(err)
	}
	h, p = open("three")
	defer func() {
		if err := h.shut(); err != nil {
			t.Error(err)
		}
	}()
	erased()
	p.file = file
	if destroyed := p.view("xx-officer-1"); destroyed.Acts[len(destroyed.Acts)-1].Kind != act.KeyDestroyed {
		t.Fatal("no act says that keys were destroyed")
	}
	h.sound(t)
}

// New keys open what was sealed under the old ones; not a byte of it is encrypted again.
func TestRotation(t *testing.T) {
	t.Parallel()
	c := newClock()
	h := testHouse(t, t.TempDir(), "", c)
	p := newPlayer(t, h, c)
	p.receive(yes())
	first := p.view("xx-officer-1").Acts[0].ID
	h.checkpoint(t)
	before := h.verify(t).Root
	var out bytes.Buffer
	if err := h.rotate(t.Context(), Env{Stdout: &out}, nil); err != nil {
		t.Fatal(err)
	}
	if err := h.rotate(t.Context(), Env{Stdout: &out}, []string{"no.such.compartment"}); err == nil {
		t.Fatal("a compartment that is not there was rotated")
	}
	o, err := h.clerk.Open(t.Context(), p.seat("xx-officer-1"), first)
	if err != nil || len(o.Body) == 0 {
		t.Fatalf("%+v %v", o, err)
	}
	if r := h.verify(t); r.Root != before || len(r.Problems) > 0 {
		t.Fatalf("%+v", r)
	}
}
