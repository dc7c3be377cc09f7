package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// How a finding comes to be is told day by day, to the word, in each language: for packs that are broken in one place, as each file says.
// A text that a pack words otherwise since is made anew with -update, and read.
func TestCounterexamples(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/counterexamples/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no counterexamples: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			head, want, _ := strings.Cut(string(b), "\n\n")
			broken := brokenPack(t, head)
			got := ""
			for _, language := range []string{"en", "fr", "ar"} {
				code, stdout, stderr := askProtocol(t, "protocol check", checkCommand, "--lang", language, broken)
				if code != ExitNo || stderr != "" {
					t.Fatalf("%s: exit %d: %s", language, code, stderr)
				}
				findings := stdout[:strings.LastIndex(stdout[:strings.Index(stdout, "@")], "\n")+1]
				if strings.ContainsAny(findings, "{}") {
					t.Errorf("%s: not worded:\n%s", language, findings)
				}
				got += strings.NewReplacer("\u2068", `\u2068`, "\u2069", `\u2069`).Replace(findings)
			}
			if *update {
				err := os.WriteFile(file, []byte(strings.TrimRight(head, "\n")+"\n\n"+got), 0o600)
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != want {
				t.Errorf("it tells\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// brokenPack copies a pack, changes it as the words of a file's head say, and returns the protocol that was changed.
func brokenPack(t *testing.T, head string) string {
	t.Helper()
	words := map[string]string{}
	for line := range strings.Lines(head) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		words[key] = value
	}
	file := filepath.Join(packFolder(t, words["pack"]), words["file"])
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, step, found := strings.Cut(string(b), "  - id: "+words["step"]+"\n")
	if !found || !strings.Contains(step, words["find"]) {
		t.Fatalf("the pack changed: %q is not where it was", words["find"])
	}
	err = os.WriteFile(file, []byte(before+"  - id: "+words["step"]+"\n"+strings.Replace(step, words["find"], words["put"], 1)), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	return file
}
