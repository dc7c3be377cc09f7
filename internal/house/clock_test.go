package house

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strconv"
	"testing"
)

// atTheTop are the rooms that own the clocks and the dice and hand them down.
var atTheTop = []string{"internal/app", "cmd"}

// undetermined returns the places in a file where it reads the machine's clock or draws random bytes by itself.
func undetermined(fset *token.FileSet, file *ast.File) []string {
	var found []string
	clock := "" // the name the file gives to package time
	for _, imp := range file.Imports {
		p, err := strconv.Unquote(imp.Path.Value)
		if err != nil {
			continue // the compiler refuses it too
		}
		switch p {
		case "crypto/rand", "math/rand", "math/rand/v2":
			found = append(found, fmt.Sprintf("%s: imports %s; take an io.Reader from whoever calls", fset.Position(imp.Pos()), p))
		case "time":
			clock = path.Base(p)
			if imp.Name != nil {
				clock = imp.Name.Name
			}
			if clock == "." {
				found = append(found, fmt.Sprintf("%s: imports time without its name, which hides who reads the clock", fset.Position(imp.Pos())))
			}
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		x, ok := sel.X.(*ast.Ident)
		if ok && clock != "" && x.Name == clock && slices.Contains([]string{"Now", "Since", "Until"}, sel.Sel.Name) {
			found = append(found, fmt.Sprintf("%s: reads the clock; take the time from whoever calls", fset.Position(sel.Pos())))
		}
		return true
	})
	return found
}

func TestUndetermined(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]int{
		`import "time"; var d = time.Hour`:                             0,
		`import "time"; func f(t time.Time) { t.Add(time.Hour) }`:      0,
		`import "io"; func f(dice io.Reader) {}`:                       0,
		`import "time"; func f() { time.Now() }`:                       1,
		`import "time"; var clock = time.Now`:                          1,
		`import t "time"; func f(x t.Time) { t.Since(x); t.Until(x) }`: 2,
		`import . "time"; func f() { Now() }`:                          1,
		`import "crypto/rand"; var dice = rand.Reader`:                 1,
		`import r "math/rand/v2"; var n = r.Int()`:                     1,
	} {
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, "x.go", "package x\n"+src, 0)
		if err != nil {
			t.Fatal(err)
		}
		if got := undetermined(fset, f); len(got) != want {
			t.Errorf("%s: found %q, want %d", src, got, want)
		}
	}
}

func TestClockAndDiceAreHandedDown(t *testing.T) {
	t.Parallel()
	for _, r := range rooms(t) {
		if oneOf(r.path(), atTheTop...) || forTests(r.path()) {
			continue
		}
		for _, f := range r.files {
			for _, what := range undetermined(r.fset, f) {
				t.Error(what)
			}
		}
	}
}
