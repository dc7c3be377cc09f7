package access

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sanad/internal/archive/store"
)

// The name of a compartment is nowhere in the database's files, nor the key store's.
func TestNamesAreSealed(t *testing.T) {
	t.Parallel()
	const planted = "canary-affaire-de-la-rue-des-Oliviers"
	dir := t.TempDir()
	h := newHouse(t, filepath.Join(dir, "sanad.db"))
	h.intern(planted, "a")
	h.intern("rb")
	m := h.grant(idOf("m"), planted)
	h.write(func(tx *store.Tx) error {
		code, err := h.book.Invite(t.Context(), tx, m.ID, noon)
		must(t, err)
		token, err := h.book.OpenSession(t.Context(), tx, m.ID, noon)
		must(t, err)
		t.Cleanup(func() { absent(t, dir, code, strings.ReplaceAll(code, "-", ""), token) })
		return nil
	})
	absent(t, dir, planted)
	absent(t, h.keys, planted)
	h.read(func(tx *store.Tx) error { // and it is there for who has the keys, at the length of every other
		codes, err := h.another(nil).Codes(t.Context(), tx, m.Compartments)
		if !slices.Equal(codes, []string{planted}) {
			t.Errorf("%v %v", codes, err)
		}
		if n := count(t.Context(), t, tx, "SELECT count(DISTINCT length(name)) FROM compartment"); n != 1 {
			t.Errorf("names have %d lengths", n)
		}
		return nil
	})
}

// absent greps every file of a folder, the write-ahead log among them.
func absent(t *testing.T, dir string, words ...string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	must(t, err)
	if len(files) < 2 {
		t.Fatalf("only %v: is this the right folder?", files)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		must(t, err)
		for _, w := range words {
			if bytes.Contains(b, []byte(w)) {
				t.Errorf("%s holds %q", filepath.Base(f), w)
			}
		}
	}
}
