package check

import (
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/goccy/go-yaml"

	"sanad/internal/law/pack"
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

// What renews a measure, and what is held back while a court stays one, is broken in ladders as they are: nothing else is found then.
func TestLadderMutants(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("testdata/mutants_ladder.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var mutants []mutant
	err = yaml.UnmarshalWithOptions(b, &mutants, yaml.Strict())
	if err != nil {
		t.Fatal(err)
	}
	for i := range mutants {
		m := &mutants[i]
		t.Run(strings.ReplaceAll(m.Name, " ", "-"), func(t *testing.T) {
			t.Parallel()
			broken := embeddedFiles(t, m.On)
			m.apply(t, broken)
			p, err := pack.Load(broken, m.On, packs.Open, nil)
			if m.Load != "" {
				if err == nil || !strings.Contains(err.Error(), m.Load) {
					t.Fatalf("the pack loads with %v, want %q", err, m.Load)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			r, err := Pack(p, nil, m.Of)
			if err != nil {
				t.Fatal(err)
			}
			want := slices.Sorted(slices.Values(m.Finds))
			if got := told(r); !slices.Equal(got, want) {
				t.Errorf("found\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
			}
		})
	}
}
