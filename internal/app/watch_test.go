package app

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// runWatch runs sanad watch read and returns its exit code and what it printed.
func runWatch(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = Main{}.Run(context.Background(), append([]string{"watch", "read"}, args...), Env{Stdout: &stdout, Stderr: &stderr})
	return code, stdout.String(), stderr.String()
}

func TestWatchRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := func(name, text string) string {
		at := filepath.Join(dir, name)
		err := os.WriteFile(at, []byte(text), 0o600)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	body := "Les marchands du souk ont présenté dimanche un projet de place commune où chaque étal garderait son nom et son crieur."
	page := file("page.txt", "Le souk <en ligne>\nPublié dans Le Phare le 05 - 07 - 2031\n\n"+body+"\n")
	plain := file("plain.txt", body)
	hostile := file("hostile.txt", "Un titre \x1b[2J\u202eà l'envers\nPublié le 5 juillet 2031\n\n"+body)
	empty := file("empty.txt", "")
	latin1 := file("latin1.txt", "caf\xe9")

	code, out, errs := runWatch(t, page, "--json", plain, empty)
	if code != ExitGood || errs != "" {
		t.Fatalf("%d %s", code, errs)
	}
	var got []map[string]json.RawMessage
	err := json.Unmarshal([]byte(out), &got)
	if err != nil || len(got) != 3 {
		t.Fatalf("%v: %s", err, out)
	}
	var names []string
	for name := range got[0] {
		names = append(names, name)
	}
	slices.Sort(names)
	if want := "body_sha256 date file language outlet paragraphs removed same_story_as title"; strings.Join(names, " ") != want {
		t.Errorf("fields: %q", names)
	}
	for i, want := range []map[string]string{
		{"file": `"page.txt"`, "title": `"Le souk <en ligne>"`, "outlet": `"Le Phare"`, "date": `"2031-07-05"`, "language": `"fr"`, "same_story_as": `[]`},
		{"file": `"plain.txt"`, "title": `null`, "outlet": `null`, "date": `null`, "language": `"fr"`, "same_story_as": `["page.txt"]`, "removed": `[]`},
		{
			"file": `"empty.txt"`, "title": `null`, "language": `null`, "paragraphs": `[]`, "removed": `[]`, "same_story_as": `[]`,
			"body_sha256": `"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"`,
		},
	} {
		for name, value := range want {
			if string(got[i][name]) != value {
				t.Errorf("%d: %s is %s, want %s", i, name, got[i][name], value)
			}
		}
	}

	for _, c := range []struct {
		args     []string
		code     int
		out, err string
	}{
		{[]string{page, plain}, ExitGood, "  date       2031-07-05\n", ""},
		{[]string{page, plain}, ExitGood, "  same story page.txt\n", ""},
		{[]string{plain}, ExitGood, "  title      not given\n", ""},
		{[]string{hostile}, ExitGood, "  title      Un titre [2Jà l'envers\n", ""},
		{[]string{page, latin1, "--json"}, ExitCant, "", "latin1.txt: byte 3 is not UTF-8"},
		{[]string{latin1}, ExitCant, "", "byte 3 is not UTF-8"},
		{[]string{filepath.Join(dir, "none.txt")}, ExitCant, "", "there is no such file"},
		{[]string{dir}, ExitCant, "", "it is a folder"},
		{nil, ExitCant, "", "it needs FILE…"},
	} {
		code, out, errs := runWatch(t, c.args...)
		if code != c.code || !strings.Contains(out, c.out) || !strings.Contains(errs, c.err) || c.out == "" && out != "" || c.err == "" && errs != "" {
			t.Errorf("%q: %d\n%s%s", c.args, code, out, errs)
		}
	}
}

// The real texts lie beside the repository where it is developed, and nowhere in it.
func TestWatchReadSeeds(t *testing.T) {
	t.Parallel()
	seeds, err := filepath.Glob("../../../shared/seeds/*.txt")
	if err != nil || len(seeds) == 0 {
		t.Skip("absent: ../shared/seeds")
	}
	raw, err := os.ReadFile("../../../shared/ref/watch/seeds_expected.json")
	if err != nil {
		t.Skip("absent: ../shared/ref/watch")
	}
	code, out, errs := runWatch(t, append(seeds, "--json")...)
	if code != ExitGood {
		t.Fatal(errs)
	}
	var got []struct {
		File string `json:"file"`
		Body string `json:"body_sha256"`
	}
	err = json.Unmarshal([]byte(out), &got)
	if err != nil || len(got) != len(seeds) {
		t.Fatalf("%d of %d, %v", len(got), len(seeds), err)
	}
	for i, r := range got {
		if r.File != filepath.Base(seeds[i]) || !bytes.Contains(raw, []byte(`"`+r.Body+`"`)) {
			t.Errorf("%s: body %s is not expected", r.File, r.Body)
		}
	}
}
