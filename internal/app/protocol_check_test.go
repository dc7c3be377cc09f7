package app

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	lawcheck "sanad/internal/law/check"
	"sanad/packs"
)

// askProtocol runs a protocol command as a person does, on a fixed day.
func askProtocol(t *testing.T, command string, flags func() Command, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	env := Env{
		Stdout: &out, Stderr: &errs, Getenv: func(string) string { return "" },
		Now: func() time.Time { return time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC) },
	}
	code = Commands{flags()}.Dispatch(t.Context(), append(strings.Fields(command), args...), env)
	return code, plainSpaces(out.String()), errs.String()
}

func checkCommand() Command {
	return Command{"protocol check", "[FILE…]", "prove a pack's protocols", protocolCheckFlags}
}

func packFolder(t *testing.T, id string) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), id)
	from, err := packs.Open(id)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(folder, from); err != nil {
		t.Fatal(err)
	}
	return folder
}

// The country's own pack has nothing wrong with it, under each of its variants; what its texts really are today is told apart.
func TestProtocolCheckIsGood(t *testing.T) {
	t.Parallel()
	code, stdout, stderr := askProtocol(t, "protocol check", checkCommand, "--pack", realPack, "--json")
	if code != ExitGood || stderr != "" {
		t.Fatalf("exit %d: %s\n%s", code, stderr, stdout)
	}
	var a checkAnswer
	err := json.Unmarshal([]byte(stdout), &a)
	if err != nil {
		t.Fatal(err)
	}
	if len(a.Explored) == 0 || len(a.Closed) == 0 {
		t.Errorf("explored %d, closed today %d", len(a.Explored), len(a.Closed))
	}
}

// A pack that lost a gate is told with the story of how the measure is reached without it, in each language.
func TestProtocolCheckTells(t *testing.T) {
	t.Parallel()
	folder := packFolder(t, realPack)
	file := filepath.Join(folder, "protocols", "fine-1.yaml")
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	broken := strings.Replace(string(b), "G-02, G-03, ", "G-02, ", 1)
	if broken == string(b) {
		t.Fatal("the pack changed: G-03 is not where it was")
	}
	err = os.WriteFile(file, []byte(broken), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	for language, want := range map[string]string{
		"fr": "peut être prise sans motifs", "ar": "دون تعليل", "en": "can be taken without reasons",
	} {
		for _, args := range [][]string{{"--pack", folder}, {file}} {
			code, stdout, stderr := askProtocol(t, "protocol check", checkCommand, append(args, "--lang", language)...)
			if code != ExitNo || stderr != "" {
				t.Fatalf("%s %v: exit %d: %s\n%s", language, args, code, stderr, stdout)
			}
			if !strings.Contains(stdout, want) || !strings.Contains(stdout, "\n   1) ") {
				t.Errorf("%s %v: no finding with its story:\n%s", language, args, stdout)
			}
			for _, raw := range []string{"check.", "step.ma", "fact.", "role.", "{"} {
				if strings.Contains(stdout, raw) {
					t.Errorf("%s: %q is not worded:\n%s", language, raw, stdout)
				}
			}
		}
	}
}

func TestProtocolCheckCant(t *testing.T) {
	t.Parallel()
	folder := packFolder(t, "xx")
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"unknown pack":     {[]string{"--pack", "nowhere"}, "there is no pack"},
		"unknown language": {[]string{"--lang", "tlh"}, "expected fr, ar or en"},
		"no file":          {[]string{filepath.Join(folder, "protocols", "none.yaml")}, "protocol file"},
		"a folder":         {[]string{folder}, "no regular file"},
		"two packs":        {[]string{filepath.Join(folder, "protocols", "case.yaml"), filepath.Join(packFolder(t, realPack), "protocols", "case.yaml")}, "of another pack"},
		"in and out":       {[]string{filepath.Join(folder, "protocols", "case.yaml"), filepath.Join(folder, "gates.yaml")}, "say with --pack"},
	} {
		code, stdout, stderr := askProtocol(t, "protocol check", checkCommand, c.args...)
		if code != ExitCant || !strings.Contains(stderr, c.want) || stdout != "" {
			t.Errorf("%s: exit %d, %q, %q", name, code, stdout, stderr)
		}
	}
}

// A file that lies anywhere is read as if it stood in a pack, in the place of the protocol of its id; what is wrong with it is
// told with its own name, a line and a column.
func TestProtocolCheckFileAnywhere(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	good, err := packs.Open(realPack)
	if err != nil {
		t.Fatal(err)
	}
	b, err := fs.ReadFile(good, "protocols/fine-1.yaml")
	if err != nil {
		t.Fatal(err)
	}
	fine := string(b)
	id := realPack + ".fine-1"
	bomb := "id: " + id + "\nversion: 1\na: &a [x, x, x, x]\nb: &b [*a, *a, *a, *a]\nc: [*b, *b, *b, *b]\n"
	for name, c := range map[string]struct {
		text       string
		args       []string
		code       int
		out, wrong string
	}{
		"whole":           {fine, nil, ExitGood, "protocols 1,", ""},
		"in the child":    {fine, []string{"--pack", "demo"}, ExitGood, "demo@", ""},
		"without a gate":  {strings.Replace(fine, "G-07, ", "", 1), nil, ExitNo, "heard", ""},
		"another version": {strings.Replace(fine, "version: 1", "version: 2", 1), nil, ExitGood, "nothing found", ""},
		"two of a name":   {strings.Replace(fine, "- id: hear\n", "- id: weigh\n", 1), nil, ExitNo, "", ":31:9: two steps of " + id + " are called weigh"},
		"of another pack": {fine, []string{"--pack", "xx"}, ExitNo, "", ":"},
		"no YAML":         {"id: " + id + "\na: [1,2\n", nil, ExitNo, "", ":2:"},
		"no id, no YAML":  {"a: [1,2", nil, ExitNo, "", ":1:"},
		"empty":           {"", nil, ExitNo, "", ":1:1: the file holds no document"},
		"no protocol":     {"roles: []\n", nil, ExitNo, "", ":1:1: "},
		"ten megabytes":   {"id: " + id + "\n" + strings.Repeat("# and on and on\n", 10<<16), nil, ExitNo, "", ":1:1: the file has more than"},
		"a bomb":          {bomb, nil, ExitNo, "", ":3:"},
	} {
		file := filepath.Join(folder, strings.ReplaceAll(name, " ", "-")+".yaml")
		err := os.WriteFile(file, []byte(c.text), 0o600)
		if err != nil {
			t.Fatal(err)
		}
		code, stdout, stderr := askProtocol(t, "protocol check", checkCommand, append([]string{file, "--lang", "en"}, c.args...)...)
		if code != c.code || !strings.Contains(stdout, c.out) || (stderr == "") != (c.wrong == "") {
			t.Errorf("%s: exit %d\n%s\n%s", name, code, stdout, stderr)
		}
		if c.wrong != "" && (!strings.Contains(stderr, file+c.wrong) || !strings.Contains(stderr, "; expected ") || stdout != "") {
			t.Errorf("%s: it says %s\n%s", name, stderr, stdout)
		}
	}
}

// Checking the largest pack takes a person's patience, not a night's: at most ten seconds on two cores.
func BenchmarkProtocolCheck(b *testing.B) {
	kinds, err := catalogue()
	if err != nil {
		b.Fatal(err)
	}
	law, err := loadPack(realPack, kinds)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		_, err := lawcheck.Pack(law, kinds)
		if err != nil {
			b.Fatal(err)
		}
	}
}
