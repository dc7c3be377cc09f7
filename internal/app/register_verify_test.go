package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sanad/internal/act"
	"sanad/internal/desk/register/registertest"
	"sanad/internal/office/clerk"
)

// enterFive publishes five decisions and returns the register as anybody downloads it.
func enterFive(t *testing.T, h *registertest.House) []byte {
	t.Helper()
	platform := h.Platform("Gamo")
	for i := range 5 {
		enter(t, h, platform, fmt.Sprintf("motif %d", i))
	}
	return writtenOut(t, h)
}

func enter(t *testing.T, h *registertest.House, platform act.ID, why string) {
	t.Helper()
	_, err := h.Clerk.Do(t.Context(), clerk.Command{
		Mandate: h.Mandates["registrar"], File: platform, Protocol: "yy.bulletin", Step: "say", Seen: act.MaxInt,
		Act: act.Act{
			Facts: registertest.Facts("state", "stands", "decided_on", "2026-03-01"),
			Body:  []byte(`{"reasons":{"fr":"` + why + `","ar":"سبب"}}`),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
}

func writtenOut(t *testing.T, h *registertest.House) []byte {
	t.Helper()
	h.Checkpoint()
	_, err := h.Public.Dump(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	h.Checkpoint()
	return registertest.Scenario{Name: "download", API: true, Target: "/register/dump", Status: 200}.Play(t, h.Site).Body.Bytes()
}

// verifyFile runs sanad verify on a file.
func verifyFile(t *testing.T, content []byte, args ...string) (code int, out string) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "register.jsonl")
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
	var said, errs bytes.Buffer
	code = Main{}.Run(t.Context(), append(append([]string{"verify"}, args...), name), Env{Stdout: &said, Stderr: &errs, Getenv: func(string) string { return "" }})
	return code, said.String() + errs.String()
}

// second asks the second verifier, which was written from the documents alone.
func second(t *testing.T, content []byte, args ...string) (code int, out string) {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("missing: python3")
	}
	name := filepath.Join(t.TempDir(), "register.jsonl")
	err = os.WriteFile(name, content, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), python, append([]string{"-B", "../../tools/verifier/dump.py", name}, args...)...)
	said, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(said)
}

// The register that anybody downloads is checked offline: whatever is rewritten, moved or left out is found, with its place.
func TestRegisterIsVerifiedOffline(t *testing.T) {
	t.Parallel()
	h := registertest.New(t, "")
	whole := enterFive(t, h)
	lines := strings.SplitAfter(strings.TrimSuffix(string(whole), "\n"), "\n")
	lines[len(lines)-1] += "\n"
	join := func(l []string) []byte { return []byte(strings.Join(l, "")) }
	// less says in its head that it has so many acts.
	less := func(l []string, acts int) []byte {
		var head map[string]json.RawMessage
		if err := json.Unmarshal([]byte(l[0]), &head); err != nil {
			t.Fatal(err)
		}
		return []byte(`{"sanad":"dump/v1","acts":` + fmt.Sprint(acts) + `,"checkpoint":` + string(head["checkpoint"]) + "}\n" + strings.Join(l[1:], ""))
	}
	changed := slices.Clone(lines)
	at := strings.Index(changed[3], `"envelope":"`) + 60
	letter := byte('A')
	if changed[3][at] == letter {
		letter = 'B'
	}
	changed[3] = changed[3][:at] + string(letter) + changed[3][at+1:]
	body := slices.Clone(lines)
	at = strings.Index(body[4], `"body":"`) + 20
	if body[4][at] == letter {
		letter++
	}
	body[4] = body[4][:at] + string(letter) + body[4][at+1:]
	moved := slices.Clone(lines)
	moved[2], moved[3] = moved[3], moved[2]
	acts := len(lines) - 1
	for _, c := range []struct {
		name string
		file []byte
		code int
		has  string
	}{
		{"whole", whole, ExitGood, "none before that one was changed or left out"},
		{"an entry left out", join(slices.Delete(slices.Clone(lines), 3, 4)), ExitNo, "line 4"},
		{"an entry left out, the count mended", less(slices.Delete(slices.Clone(lines), 3, 4), acts-1), ExitNo, "line 4"},
		{"two in another order", join(moved), ExitNo, "line 3"},
		{"a byte of an envelope", join(changed), ExitNo, "line 4"},
		{"a byte of the reasons", join(body), ExitNo, "line 5"},
		{"the tail cut off", join(lines[:acts]), ExitNo, fmt.Sprintf("says it has %d acts and has %d", acts, acts-1)},
		{"cut inside a line", whole[:len(whole)-20], ExitCant, "line"},
		{"nothing but its head", join(lines[:1]), ExitNo, "says it has"},
	} {
		code, said := verifyFile(t, c.file, "--key", h.VKey)
		if code != c.code || !strings.Contains(said, c.has) {
			t.Errorf("%s: exit %d, want %d with %q: %s", c.name, code, c.code, c.has, said)
		}
		again, saying := second(t, c.file, "--key", h.VKey)
		if again != c.code {
			t.Errorf("%s: the second verifier's exit is %d, want %d: %s", c.name, again, c.code, saying)
		}
	}
	code, _ := verifyFile(t, whole)
	if code == ExitGood {
		t.Error("a dump is good on nobody's word")
	}
}

// A dump somebody kept is held against a later one: what was published stays, unchanged, and nothing of it is left out.
func TestRegisterAgainstOneKept(t *testing.T) {
	t.Parallel()
	h := registertest.New(t, "")
	older := enterFive(t, h)
	enter(t, h, h.Platform("Gamo 2"), "motif 6")
	newer := writtenOut(t, h)
	other := registertest.New(t, "")
	strange := enterFive(t, other)
	folder := t.TempDir()
	kept := func(name string, content []byte) string {
		t.Helper()
		at := filepath.Join(folder, name)
		if err := os.WriteFile(at, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return at
	}
	lines := strings.SplitAfter(string(newer), "\n")
	lines = lines[:len(lines)-1] // what follows the last line end
	acts := len(lines) - 1
	var head struct {
		Checkpoint json.RawMessage `json:"checkpoint"`
	}
	if err := json.Unmarshal([]byte(lines[0]), &head); err != nil {
		t.Fatal(err)
	}
	// A tail that was cut with its count mended: alone it can't be told from one that was never longer.
	cut := []byte(fmt.Sprintf(`{"sanad":"dump/v1","acts":%d,"checkpoint":%s}`+"\n", acts-1, head.Checkpoint) + strings.Join(lines[1:acts], ""))
	code, said := verifyFile(t, cut, "--key", h.VKey)
	if code != ExitGood {
		t.Fatalf("exit %d: %s", code, said)
	}
	changed := []byte(strings.Replace(string(older), `"envelope":"`, `"envelope":"A`, 1))
	for _, c := range []struct {
		name, kept string
		file       []byte
		code       int
		has        string
	}{
		{"a later one", kept("older", older), newer, ExitGood, "Compared with 1 dumps"},
		{"the same", kept("same", newer), newer, ExitGood, "Compared"},
		{"the older one after the newer", kept("newer", newer), older, ExitNo, "acts that were published are left out"},
		{"the tail cut off and the count mended", kept("whole", newer), cut, ExitNo, "acts that were published are left out"},
		{"of another log", kept("strange", strange), newer, ExitNo, "of another file than kept dump 1"},
		{"kept, and changed since", kept("changed", changed), newer, ExitCant, "changed"},
		{"none", kept("none", []byte("a photograph")), newer, ExitCant, "this is none"},
		{"not there", filepath.Join(folder, "nowhere"), newer, ExitCant, "there is no such file"},
	} {
		code, said := verifyFile(t, c.file, "--key", h.VKey, "--against", c.kept)
		if code != c.code || !strings.Contains(said, c.has) {
			t.Errorf("%s: exit %d, want %d with %q: %s", c.name, code, c.code, c.has, said)
		}
		again, saying := second(t, c.file, "--key", h.VKey, "--against", c.kept)
		if again != c.code {
			t.Errorf("%s: the second verifier's exit is %d, want %d: %s", c.name, again, c.code, saying)
		}
	}
}
