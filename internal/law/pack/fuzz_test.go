package pack_test

import (
	"errors"
	"io/fs"
	"testing"
	"testing/fstest"

	"sanad/internal/law/pack"
)

// Whatever a file of a pack holds, loading it ends in a pack or in problems with a place, never in a panic.
func FuzzLoad(f *testing.F) {
	whole := copyOf(f, "xx")
	for name, file := range whole {
		f.Add(name, file.Data)
	}
	// The rest of the pack would be read again for every input and find nothing new.
	base := fstest.MapFS{"pack.yaml": whole["pack.yaml"], "calendar.yaml": whole["calendar.yaml"], "lists.yaml": whole["lists.yaml"]}
	f.Add("gates.yaml", []byte("gates: [{id: G, version: 1, basis: {text: x}, test: {id: a, not: {any: [{known: b}]}}}]"))
	f.Add("pack.yaml", []byte("id: xx\nextends: xx\nversion: a\nlanguages: [en]"))
	f.Fuzz(func(t *testing.T, name string, content []byte) {
		if !fs.ValidPath(name) || name == "." || len(content) > 20_000 {
			return
		}
		files := fstest.MapFS{}
		for n, file := range base {
			files[n] = file
		}
		files[name] = &fstest.MapFile{Data: content}
		p, err := pack.Load(files, "xx", func(string) (fs.FS, error) { return files, nil }, nil)
		var problems pack.Problems
		if (p == nil) != errors.As(err, &problems) {
			t.Fatalf("neither a pack nor problems: %v", err)
		}
		for _, x := range problems {
			if x.File == "" || x.What == "" || x.Expected == "" || x.Line < 0 {
				t.Fatalf("a problem says too little: %+v", x)
			}
		}
	})
}
