package app

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"sanad/internal/archive/store"
)

// The second verifier, written in another language from docs/leaf.md alone, agrees: on the vectors, on a folder this program
// wrote, and on the same folder after somebody changed it.
func TestSecondVerifier(t *testing.T) {
	t.Parallel()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("missing: python3")
	}
	run := func(code int, program string, args ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), python, append([]string{"-B", "../../tools/verifier/" + program}, args...)...)
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != code {
			t.Fatalf("%s %v: %v, want exit code %d\n%s", program, args, err, code, out)
		}
	}
	own := exec.CommandContext(t.Context(), python, "-B", "-m", "unittest", "discover", "-s", "../../tools/verifier")
	if out, err := own.CombinedOutput(); err != nil {
		t.Fatalf("its own tests: %v\n%s", err, out)
	}
	run(0, "verify.py", "vectors", "../../testdata/leaf/vectors.json")
	folder, c := t.TempDir(), newClock()
	h, err := build(t.Context(), plan{folder: folder, pack: "xx", serve: true, legal: c.now, process: c.now, dice: newSeeded("second"), log: testLog(t)})
	if err != nil {
		t.Fatal(err)
	}
	p := newPlayer(t, h, c)
	p.finding()
	h.checkpoint(t)
	receipt, err := h.clerk.Receipt(t.Context(), p.view("xx-officer-1").Acts[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "sanad.tlog-proof")
	if err := os.WriteFile(file, receipt, 0o600); err != nil {
		t.Fatal(err)
	}
	run(0, "verify.py", "receipt", file, "--key", h.key.vkey)
	if err := h.shut(); err != nil {
		t.Fatal(err)
	}
	run(0, "folder.py", folder, "--key", h.key.vkey)
	db, err := store.Open(t.Context(), filepath.Join(folder, databaseFile))
	if err != nil {
		t.Fatal(err)
	}
	err = db.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(t.Context(), "UPDATE act SET link = salt WHERE seq = 7")
		return err
	})
	if err != nil || db.Close() != nil {
		t.Fatal(err)
	}
	run(1, "folder.py", folder, "--key", h.key.vkey)
}
