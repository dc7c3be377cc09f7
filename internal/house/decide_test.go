package house

import (
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

const clerk = "sanad/internal/office/clerk"

// The clerk alone calls a desk's decision; whoever else could, would have acts that passed no gate. A decision may
// bear any name and travel as a function, a method or through an interface, so the rule goes by its type: outside
// the clerk, nothing whose signature is that of clerk.Decide is ever called. Handing one on is free. To call it
// under another signature somebody must first wrap it, and the wrapper's call is found.

// decisions returns where functions of decide's signature are called.
func decisions(info *types.Info, decide *types.Signature) []token.Pos {
	var found []token.Pos
	for e := range info.Types {
		call, ok := e.(*ast.CallExpr)
		if !ok || info.Types[call.Fun].IsType() {
			continue
		}
		sig, ok := info.Types[call.Fun].Type.Underlying().(*types.Signature)
		if ok && types.Identical(sig, decide) {
			found = append(found, call.Pos())
		}
	}
	slices.Sort(found)
	return found
}

// signature is the type of clerk.Decide.
func signature(clerk *types.Package) (*types.Signature, error) {
	obj, ok := clerk.Scope().Lookup("Decide").(*types.TypeName)
	if !ok {
		return nil, errors.New("the clerk has no type Decide any more: tell this test what a decision is now")
	}
	sig, ok := obj.Type().Underlying().(*types.Signature)
	if !ok {
		return nil, fmt.Errorf("clerk.Decide is a %s: tell this test what a decision is now", obj.Type().Underlying())
	}
	return sig, nil
}

// check type-checks one package from its files.
func check(path string, fset *token.FileSet, files []*ast.File, imp types.Importer) (*types.Package, *types.Info, error) {
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
	conf := types.Config{Importer: imp}
	pkg, err := conf.Check(path, fset, files, info)
	return pkg, info, err
}

type made map[string]*types.Package

func (m made) Import(path string) (*types.Package, error) {
	pkg := m[path]
	if pkg == nil {
		return nil, errors.New("no " + path)
	}
	return pkg, nil
}

func TestDecisionsAreFound(t *testing.T) {
	t.Parallel()
	fset := token.NewFileSet()
	compile := func(path, src string, imp types.Importer) (*types.Package, *types.Info) {
		f, err := parser.ParseFile(fset, path, src, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		pkg, info, err := check(path, fset, []*ast.File{f}, imp)
		if err != nil {
			t.Fatal(err)
		}
		return pkg, info
	}
	office, _ := compile(clerk, `package clerk
		type State struct{}
		type Act struct{}
		type Decide func(*State, int) ([]Act, error)
		type Desk struct{ Decide Decide }
		type Decider interface{ Decide(*State, int) ([]Act, error) }
		func Register(Decide) {}`, nil)
	sig, err := signature(office)
	if err != nil {
		t.Fatal(err)
	}
	const head = `package notice
		import "sanad/internal/office/clerk"
		type desk struct{}
		func (desk) Decide(s *clerk.State, n int) ([]clerk.Act, error) { return nil, nil }
		func receive(s *clerk.State, n int) ([]clerk.Act, error) { return nil, nil }
		func other(s *clerk.State, n int) []clerk.Act { return nil }
		`
	for name, c := range map[string]struct {
		body  string
		calls int
	}{
		"handed on":         {`func f() clerk.Desk { clerk.Register(receive); return clerk.Desk{Decide: desk{}.Decide} }`, 0},
		"converted":         {`func f() clerk.Decide { return clerk.Decide(receive) }`, 0},
		"another signature": {`func f() { other(nil, 1) }`, 0},
		"a function":        {`func f() { receive(nil, 1) }`, 1},
		"a method":          {`func f() { desk{}.Decide(nil, 1) }`, 1},
		"a kept value":      {`func f() { g := desk{}.Decide; g(nil, 1) }`, 1},
		"a field":           {`func f(d clerk.Desk) { d.Decide(nil, 1) }`, 1},
		"an interface":      {`func f(d clerk.Decider) { d.Decide(nil, 1) }`, 1},
		"a parameter":       {`func f(d clerk.Decide) { (d)(nil, 1) }`, 1},
		"promoted":          {`type page struct{ desk }; func f(p page) { p.Decide(nil, 1) }`, 1},
		"deferred":          {`func f() { defer receive(nil, 1); go receive(nil, 2) }`, 2},
		"wrapped":           {`func f() func() { return func() { receive(nil, 1) } }`, 1},
	} {
		_, info := compile("sanad/internal/desk/notice", head+c.body, made{clerk: office})
		if got := decisions(info, sig); len(got) != c.calls {
			t.Errorf("%s: found %d calls, want %d", name, len(got), c.calls)
		}
	}
	other, _ := compile("other", `package clerk; type Decide interface{ Decide() }`, nil)
	if _, err := signature(other); err == nil {
		t.Error("a clerk whose decisions are no functions was understood")
	}
}

func TestOnlyTheClerkCallsDecisions(t *testing.T) {
	t.Parallel()
	all, err := golist("-export", "-deps", "-json=ImportPath,Dir,GoFiles,Export,Deps", "./...")
	if err != nil {
		t.Fatal(err)
	}
	export := map[string]string{}
	for _, r := range all {
		export[r.ImportPath] = r.Export
	}
	if export[clerk] == "" {
		t.Fatal("there is no " + clerk)
	}
	fset := token.NewFileSet()
	imp := importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(export[path]) })
	office, err := imp.Import(clerk)
	if err != nil {
		t.Fatal(err)
	}
	sig, err := signature(office)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		// Who does not know the clerk cannot name a command, and so cannot call a decision.
		if !ours(r.ImportPath) || within(r.ImportPath, clerk) || !slices.Contains(r.Deps, clerk) {
			continue
		}
		var files []*ast.File
		for _, name := range r.GoFiles {
			f, err := parser.ParseFile(fset, filepath.Join(r.Dir, name), nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, f)
		}
		_, info, err := check(r.ImportPath, fset, files, imp)
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range decisions(info, sig) {
			t.Errorf("%s: calls a desk's decision; send a command through clerk.Do", fset.Position(at))
		}
	}
}
