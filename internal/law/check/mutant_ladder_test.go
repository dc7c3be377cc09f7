package check

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"sanad/packs"
)

// embeddedFiles reads an embedded pack.
func embeddedFiles(t testing.TB, id string) fstest.MapFS {
	t.Helper()
	fsys, err := packs.Open(id)
	if err != nil {
		t.Fatal(err)
	}
	out := fstest.MapFS{}
	err = fs.WalkDir(fsys, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(fsys, path)
		out[path] = &fstest.MapFile{Data: b}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// What renews a measure, what is held back while a court stays one, what is asked for and how it is told, and whose the remedy is, are broken in packs as they
// are: nothing else is found then.
func TestLadderMutants(t *testing.T) {
	t.Parallel()
	mutants := slices.Concat(readMutants(t, "testdata/mutants_ladder.yaml"), readMutants(t, "testdata/mutants_asked.yaml"), readMutants(t, "testdata/mutants_told.yaml"), readMutants(t, "testdata/mutants_remedy.yaml"))
	for i := range mutants {
		m := &mutants[i]
		t.Run(strings.ReplaceAll(m.Name, " ", "-"), func(t *testing.T) {
			t.Parallel()
			m.in(t, embeddedFiles(t, m.On), m.On, packs.Open, m.Of)
		})
	}
}
