package house

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const (
	root   = "../.."
	module = "sanad"
)

// room is a package as `go list` tells it.
type room struct {
	ImportPath, Dir, Name, Doc, Export string
	GoFiles, CgoFiles, IgnoredGoFiles  []string
	Imports, Deps                      []string
	Standard                           bool
	Module                             *struct{ Path, Dir string }

	fset  *token.FileSet
	files []*ast.File // every file but the tests; those of other systems and tags too
}

// path is the package's place in the house: "internal/act", or "." at the top.
func (r *room) path() string { return place(r.ImportPath) }

func place(importPath string) string {
	if importPath == module {
		return "."
	}
	return strings.TrimPrefix(importPath, module+"/")
}

// ours tells the packages of this module from all others.
func ours(importPath string) bool { return within(importPath, module) }

func within(path, dir string) bool { return path == dir || strings.HasPrefix(path, dir+"/") }

// golist runs go list in this module, at the top of the tree, and reads the packages it tells of.
func golist(args ...string) ([]*room, error) {
	cmd := exec.Command("go", append([]string{"list"}, args...)...)
	cmd.Dir, cmd.Env = root, append(os.Environ(), "CGO_ENABLED=0")
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	err := cmd.Run()
	if err != nil {
		return nil, fmt.Errorf("go list %s: %w\n%s", strings.Join(args, " "), err, complaint.String())
	}
	var found []*room
	for dec := json.NewDecoder(&out); ; {
		r := &room{fset: token.NewFileSet()}
		err := dec.Decode(r)
		if errors.Is(err, io.EOF) {
			return found, nil
		}
		if err != nil {
			return nil, err
		}
		found = append(found, r)
	}
}

// house is every package of this module, parsed, read once for all tests.
var house = sync.OnceValues(func() ([]*room, error) {
	found, err := golist("-e", "-json", "./...")
	if err != nil {
		return nil, err
	}
	for _, r := range found {
		err := r.parse()
		if err != nil {
			return nil, err
		}
	}
	return found, nil
})

func (r *room) parse() error {
	for _, name := range slices.Concat(r.GoFiles, r.CgoFiles, r.IgnoredGoFiles) {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(r.fset, filepath.Join(r.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		r.files = append(r.files, f)
		// A file for another system or tag has imports too, which go list leaves out.
		for _, imp := range f.Imports {
			path, err := strconv.Unquote(imp.Path.Value)
			if err != nil {
				return err
			}
			if !slices.Contains(r.Imports, path) {
				r.Imports = append(r.Imports, path)
			}
		}
	}
	return nil
}

func rooms(t *testing.T) []*room {
	t.Helper()
	all, err := house()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 2 {
		t.Fatalf("go list found %d packages", len(all))
	}
	return all
}
