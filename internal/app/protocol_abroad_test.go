package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// packAbroad is the folder of a pack that is here for comparison: no house runs under it.
func packAbroad(t *testing.T, id string) string {
	t.Helper()
	for _, folder := range []string{"../../packs/" + id, "../../packs/abroad/" + id} {
		_, err := os.Stat(filepath.Join(folder, "pack.yaml"))
		if err == nil {
			return folder
		}
	}
	t.Fatalf("there is no pack %s", id)
	return ""
}

// The ladder that slows platforms down does not load, for that reason and no other: each of its two steps that cut bandwidth
// is told, and with a measure there is a word for in their place everything else is in order.
func TestThrottlingHasNoWord(t *testing.T) {
	t.Parallel()
	folder := packAbroad(t, "tr")
	const said = `no measure is called "bandwidth": there is no word for slowing traffic down, nor for filtering by range, port or protocol; ` +
		`a measure is one of warning, formal_notice, public_warning, fine, payment_block, host_block; ` +
		`expected one of warning, formal_notice, public_warning, fine, payment_block, host_block`
	ladder := filepath.Join(folder, "protocols", "ladder.yaml")
	code, stdout, stderr := askProtocol(t, "protocol check", checkCommand, "--pack", folder)
	if code != ExitCant || stdout != "" {
		t.Errorf("exit %d, %q", code, stdout)
	}
	want := "sanad protocol check: " + ladder + ":106:21: " + said + "\n" + ladder + ":124:21: " + said + "\n"
	if stderr != want {
		t.Errorf("it says\n%s\nwant\n%s", stderr, want)
	}

	other := filepath.Join(t.TempDir(), "tr")
	err := os.CopyFS(other, os.DirFS(folder))
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(ladder)
	if err != nil {
		t.Fatal(err)
	}
	lawful := strings.ReplaceAll(string(b), "kind: bandwidth, target: host_name, executor: operators", "kind: fine, target: addressee, executor: authority")
	err = os.WriteFile(filepath.Join(other, "protocols", "ladder.yaml"), []byte(lawful), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	code, _, stderr = askProtocol(t, "protocol check", checkCommand, "--pack", other)
	if code != ExitNo || stderr != "" { // it loads, and what else is wrong with such a ladder is found
		t.Errorf("without throttling: exit %d, %s", code, stderr)
	}
}

// A law of another shape, with orders, a representative, and a court at the end of the ladder, loads and is found good.
func TestLawOfAnotherShapeIsGood(t *testing.T) {
	t.Parallel()
	code, stdout, stderr := askProtocol(t, "protocol check", checkCommand, "--pack", packAbroad(t, "eu"), "--lang", "en")
	if code != ExitGood || stderr != "" || !strings.Contains(stdout, "nothing found") {
		t.Errorf("exit %d, %s\n%s", code, stderr, stdout)
	}
}
