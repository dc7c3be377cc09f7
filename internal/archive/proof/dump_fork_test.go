package proof

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A thread that was forked in the log, or that skips or repeats a position, can't be written out as one that goes on: not by us, and
// not by the second verifier. Every act here is truly in a log that is truly signed.
func TestDumpOfFork(t *testing.T) {
	t.Parallel()
	forked := []drawnAct{{pos: 0, after: -1}, {pos: 1, after: 0}, {pos: 2, after: 1}, {pos: 2, after: 1}, {pos: 3, after: 2}, {pos: 3, after: 3}}
	const link, position = "does not follow the one before it", "one was left out, or they are in another order"
	for name, c := range map[string]struct {
		log  []drawnAct
		acts []int
		want string // empty: good
	}{
		"one branch":            {forked, []int{0, 1, 2, 4}, ""},
		"the other":             {forked, []int{0, 1, 3, 5}, ""},
		"from one to the other": {forked, []int{0, 1, 2, 5}, link},
		"and back":              {forked, []int{0, 1, 3, 4}, link},
		"both branches":         {forked, []int{0, 1, 2, 3}, position},
		"a position skipped":    {[]drawnAct{{pos: 0, after: -1}, {pos: 2, after: 0}}, []int{0, 1}, position},
		"a position twice":      {[]drawnAct{{pos: 0, after: -1}, {pos: 1, after: 0}, {pos: 1, after: 1}}, []int{0, 1, 2}, position},
		"linked to nothing new": {[]drawnAct{{pos: 0, after: -1}, {pos: 1, after: 0}, {pos: 2, after: 0}}, []int{0, 1, 2}, link},
	} {
		all, verifier := drawLog(t, c.log)
		d := &Dump{Checkpoint: all.Checkpoint}
		for _, i := range c.acts {
			d.Acts = append(d.Acts, all.Acts[i])
		}
		text := written(t, d)
		_, err := CheckDump(strings.NewReader(text), verifier, nil)
		if c.want == "" && err != nil || c.want != "" && (!errors.Is(err, ErrForged) || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v", name, err)
		}
		if code := secondOpinion(t, text); code != 0 != (c.want != "") || code > 1 {
			t.Errorf("%s: the second verifier answers %d", name, code)
		}
	}
	// By itself each branch is a thread that goes on. Somebody who kept the other shows that both were told.
	all, verifier := drawLog(t, forked)
	one, other := &Dump{Checkpoint: all.Checkpoint}, &Dump{Checkpoint: all.Checkpoint}
	for _, i := range []int{0, 1, 2, 4} {
		one.Acts = append(one.Acts, all.Acts[i])
	}
	for _, i := range []int{0, 1, 3, 5} {
		other.Acts = append(other.Acts, all.Acts[i])
	}
	kept, err := ReadKept(strings.NewReader(written(t, one)), verifier)
	if err != nil {
		t.Fatal(err)
	}
	_, err = CheckDumpAgainst(strings.NewReader(written(t, other)), verifier, []*Kept{kept})
	if !errors.Is(err, ErrForged) {
		t.Errorf("two branches held against each other: %v", err)
	}
}

// secondOpinion asks the verifier that was written from the documents alone for its exit code; 0 to 2.
func secondOpinion(t *testing.T, dump string) int {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("missing: python3")
	}
	name := filepath.Join(t.TempDir(), "dump.jsonl")
	err = os.WriteFile(name, []byte(dump), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	_, vkey, err := KeyPair(dumpOrigin, draw("dump key"))
	if err != nil {
		t.Fatal(err)
	}
	err = exec.CommandContext(t.Context(), python, "-B", "../../../tools/verifier/dump.py", name, "--key", vkey).Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if exit != nil {
		return exit.ExitCode()
	}
	return 0
}
