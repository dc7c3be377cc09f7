package app

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sanad/packs"
)

// The ladder that slows platforms down does not load, for that reason and no other: each of its two steps that cut bandwidth
// is told, and with a measure there is a word for in their place everything else is in order.
func TestThrottlingHasNoWord(t *testing.T) {
	t.Parallel()
	const folder = "../../packs/tr"
	const said = `no measure is called "bandwidth": there is no word for slowing traffic down, nor for filtering by range, port or protocol; ` +
		`a measure is one of warning, formal_notice, public_warning, fine, payment_block, host_block; ` +
		`expected one of warning, formal_notice, public_warning, fine, payment_block, host_block`
	ladder := filepath.Join(folder, "protocols", "ladder.yaml")
	code, stdout, stderr := askProtocol(t, "protocol check", checkCommand, "--pack", folder)
	if code != ExitNo || stdout != "" {
		t.Errorf("exit %d, %q", code, stdout)
	}
	want := "sanad protocol check: " + ladder + ":107:21: " + said + "\n" + ladder + ":125:21: " + said + "\n"
	if stderr != want {
		t.Errorf("it says\n%s\nwant\n%s", stderr, want)
	}

	// By its name it is refused the same, and a house is never offered it.
	code, _, stderr = askProtocol(t, "protocol check", checkCommand, "--pack", "tr")
	if code != ExitNo || strings.Count(stderr, said) != 2 || strings.Count(stderr, "\n") != 2 {
		t.Errorf("by its name: exit %d, %s", code, stderr)
	}
	if slices.Contains(packs.Names(), "tr") || !slices.Contains(packs.Compared(), "tr") {
		t.Errorf("a house is offered %v", packs.Names())
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
	code, stdout, stderr := askProtocol(t, "protocol check", checkCommand, "--pack", "eu", "--lang", "en")
	if code != ExitGood || stderr != "" || !strings.Contains(stdout, "nothing found") {
		t.Errorf("exit %d, %s\n%s", code, stderr, stdout)
	}
}
