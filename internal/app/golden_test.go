package app

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sanad/internal/act"
)

var update = flag.Bool("update", false, "write goldens that are missing; one that is there is never written again")

const goldenDir = "../../testdata/acts"

// anyList takes every word: goldens outlive the lists of the pack they were made with.
type anyList struct{}

func (anyList) Has(string, string) bool { return true }

// Every kind and version ever declared has a golden, and every golden decodes for ever.
func TestGoldenActs(t *testing.T) {
	t.Parallel()
	kinds, err := catalogue()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range kinds.All() {
		name := filepath.Join(goldenDir, fmt.Sprintf("%s@%d.json", s.Kind, s.Version))
		_, err := os.Stat(name)
		if !errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if !*update {
			t.Errorf("%s version %d has no golden: make it with go test ./internal/app -run TestGoldenActs -update", s.Kind, s.Version)
			continue
		}
		b, err := act.Encode(goldenOf(s))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, append(b, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	names, err := filepath.Glob(filepath.Join(goldenDir, "*.json"))
	if err != nil || len(names) < len(kinds.All()) {
		t.Fatalf("%d goldens, %v", len(names), err)
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		b = bytes.TrimSuffix(b, []byte("\n"))
		env, err := act.Decode(b)
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(name), err)
			continue
		}
		if want := strings.TrimSuffix(filepath.Base(name), ".json"); want != fmt.Sprintf("%s@%d", env.Kind, env.Version) {
			t.Errorf("%s holds %s version %d", filepath.Base(name), env.Kind, env.Version)
		}
		if err := kinds.Admit(env, anyList{}); err != nil {
			t.Errorf("%s: its kind no longer means what it meant: %v", filepath.Base(name), err)
		}
	}
}

// goldenOf makes an act with every fact of its kind.
func goldenOf(s act.Schema) *act.Envelope {
	id := func(name string) act.ID {
		sum := sha256.Sum256([]byte("golden " + name))
		return act.ID(sum[:16])
	}
	at := act.InstantOf(time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC))
	e := &act.Envelope{
		ID: id(s.Kind), File: id("file"), Of: s.Of[0], Audience: id("audience"), Thread: id("thread"), Pos: 4, Kind: s.Kind, Version: s.Version,
		Recorded: at, Effective: at.Add(-time.Hour), Shown: id("shown"), Mandate: id("mandate"), Cites: []act.ID{id("cited")}, Law: "xx@0123456789ab",
	}
	if act.IsMachine(s.Kind) {
		e.Mandate, e.Shown = act.ID{}, act.ID{}
	}
	if s.Body {
		e.Key = id("key")
	}
	facts := map[string]act.Value{}
	for _, f := range s.Facts {
		word := "word"
		if len(f.Codes) > 0 {
			word = f.Codes[0]
		}
		facts[f.Name] = map[act.Type]act.Value{
			act.Bool: act.OfBool(true), act.Int: act.OfInt(7), act.Code: act.OfCode(word), act.Codes: act.OfCodes(word),
			act.Date: act.OfDate(at.Time()), act.At: act.OfInstant(at), act.Ident: act.OfID(id(f.Name)), act.Idents: act.OfIDs(id(f.Name), id(f.Name+" too")),
		}[f.Type]
	}
	e.Facts = act.NewFacts(facts)
	for _, name := range s.Commits {
		e.Commits = append(e.Commits, act.Commit{Name: name, Sum: sha256.Sum256([]byte(name))})
	}
	return e
}
