package house

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"
)

// floors lists the house from the top down; an import goes to the same floor or to one below. Two neighbours in
// the list are two floors.
var floors = []string{
	"cmd", "e2e", "internal/app", "internal/desk", "internal/office", "internal/law", "internal/archive",
	"internal/act", "internal/kit", "packs", "locales", "migrations", "api",
}

// data are the rooms that only embed files. They import nothing of Sanad; app alone opens them.
var data = []string{"packs", "locales", "migrations", "api"}

func floor(p string) int {
	return slices.IndexFunc(floors, func(f string) bool { return within(p, f) })
}

func oneOf(p string, dirs ...string) bool {
	return slices.ContainsFunc(dirs, func(d string) bool { return within(p, d) })
}

// forTests tells a package that only tests use by its name, as httptest's: storetest, clerktest. It may import
// what it likes, and in return nothing but tests and its like may import it.
func forTests(p string) bool { return strings.HasSuffix(p, "test") }

// arrow says why the package at `from` may not import the one at `to`, both as places in the house; "" when it may.
func arrow(from, to string) string {
	switch {
	case forTests(from):
		return ""
	case forTests(to):
		return "is for tests only"
	case floor(from) < 0 || floor(to) < 0:
		return "has no floor in this house: give the new folder a place in floors, or put the package in a room"
	case floor(to) < floor(from):
		return "imports go down, never up"
	case oneOf(to, data...) && !within(to, from) && !within(from, to) && !within(from, "internal/app"):
		return "only internal/app opens packs, locales, migrations and api"
	case oneOf(from, "internal/act", "internal/law") && within(to, "internal/kit"):
		return "acts and law stand on the standard library alone, not on kit"
	case within(from, "internal/law") && within(to, "internal/archive"):
		return "law knows nothing of the archive"
	case within(from, "internal/desk") && within(to, "internal/archive"):
		return "a desk reaches the archive through the clerk"
	case within(from, "internal/desk") && within(to, "internal/desk") && desk(from) != desk(to):
		return "a desk never imports a desk: app joins them"
	case oneOf(to, "internal/archive/ledger", "internal/archive/timer") &&
		!oneOf(from, "internal/archive", "internal/office/clerk", "internal/app", "cmd", "e2e"):
		return "nothing changes but through internal/office/clerk"
	}
	return ""
}

// desk is the room of a package under internal/desk: the first folder below it.
func desk(p string) string {
	rest := strings.TrimPrefix(p, "internal/desk")
	name, _, _ := strings.Cut(strings.TrimPrefix(rest, "/"), "/")
	return name
}

// pure are the rooms that say what is or must be and never do anything: no clock, no I/O, no database.
var pure = []string{"internal/act", "internal/law", "internal/archive/proof"}

// outside says why the package at `from` may not import a package of somebody else; "" when it may.
func outside(from, imported string) string {
	first, _, _ := strings.Cut(imported, "/")
	standard := !strings.Contains(first, ".")
	switch {
	case forTests(from):
	case imported == "C":
		return "no cgo"
	case within(from, "internal/act") && !standard:
		return "acts stand on the standard library alone"
	case within(from, "internal/law") && !standard && !within(imported, "github.com/goccy/go-yaml"):
		return "law stands on the standard library and the YAML reader alone"
	case oneOf(from, pure...) && oneOf(imported, "os", "net", "database/sql", "syscall", "unsafe", "log", "plugin") &&
		imported != "net/url" && imported != "net/netip":
		return "pure rooms do no I/O"
	}
	return ""
}

func TestArrows(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from, to string
		allowed  bool
	}{
		{"cmd/sanad", "internal/app", true},
		{"internal/app", "cmd/sanad", false},
		{"internal/app", "internal/desk/notice", true},
		{"internal/app/story", "internal/app", true},
		{"internal/app", "packs", true},
		{"internal/app", "migrations/sqlite", true},
		{"internal/archive/store", "migrations/sqlite", false},
		{"internal/law/pack", "packs", false},
		{"internal/office/letters", "locales", false},
		{"migrations", "migrations/sqlite", true},
		{"cmd/sanad", "packs", false},
		{"packs", "internal/law/pack", false},
		{"internal/desk/notice", "internal/office/clerk", true},
		{"internal/desk/notice", "internal/law/gate", true},
		{"internal/desk/notice", "internal/act", true},
		{"internal/desk/notice", "internal/kit/web", true},
		{"internal/desk/notice", "internal/desk/notice/page", true},
		{"internal/desk/notice/page", "internal/desk/notice", true},
		{"internal/desk/notice", "internal/desk/watch", false},
		{"internal/desk/notice", "internal/desk/noticeboard", false},
		{"internal/desk/notice", "internal/archive/store", false},
		{"internal/desk/notice", "internal/app", false},
		{"internal/office/clerk", "internal/archive/ledger", true},
		{"internal/office/clerk", "internal/archive/timer", true},
		{"internal/office/clerk", "internal/desk/notice", false},
		{"internal/office/clerical", "internal/archive/ledger", false},
		{"internal/office/exhibits", "internal/archive/seal", true},
		{"internal/office/exhibits", "internal/archive/timer", false},
		{"internal/office/cases", "internal/office/access", true},
		{"internal/app", "internal/archive/ledger", true},
		{"cmd/sanad", "internal/archive/ledger", true},
		{"internal/archive/timer", "internal/archive/ledger", true},
		{"internal/archive/store", "internal/kit/text", true},
		{"internal/archive/store", "internal/law/gate", false},
		{"internal/law/pack", "internal/law/gate", true},
		{"internal/law/gate", "internal/act", true},
		{"internal/law/gate", "internal/kit/text", false},
		{"internal/law/gate", "internal/archive/proof", false},
		{"internal/act", "internal/kit/text", false},
		{"internal/act", "internal/law/gate", false},
		{"internal/kit/web", "internal/act", false},
		{"internal/kit/web", "internal/kit/lang", true},
		{"internal/shed", "internal/act", false},
		{"internal/app", "internal/shed", false},
		{"internal/archive/storetest", "internal/office/clerk", true},
		{"internal/office/clerk", "internal/archive/storetest", false},
	} {
		why := arrow(c.from, c.to)
		if (why == "") != c.allowed {
			t.Errorf("%s -> %s: %q", c.from, c.to, why)
		}
	}
	for _, c := range []struct {
		from, to string
		allowed  bool
	}{
		{"internal/act", "strings", true},
		{"internal/act", "golang.org/x/text/language", false},
		{"internal/act", "os", false},
		{"internal/law/pack", "github.com/goccy/go-yaml/ast", true},
		{"internal/law/pack", "github.com/goccy/go-yamlish", false},
		{"internal/law/pack", "golang.org/x/text/language", false},
		{"internal/law/pack", "io/fs", true},
		{"internal/law/pack", "os/exec", false},
		{"internal/law/pack", "net/url", true},
		{"internal/law/pack", "log/slog", false},
		{"internal/archive/proof", "golang.org/x/mod/sumdb/tlog", true},
		{"internal/archive/proof", "net/http", false},
		{"internal/archive/store", "os", true},
		{"internal/kit/web", "C", false},
	} {
		why := outside(c.from, c.to)
		if (why == "") != c.allowed {
			t.Errorf("%s -> %s: %q", c.from, c.to, why)
		}
	}
}

func TestImports(t *testing.T) {
	t.Parallel()
	for _, r := range rooms(t) {
		if r.path() == "internal/house" {
			continue
		}
		if floor(r.path()) < 0 && !forTests(r.path()) {
			t.Errorf("%s: has no floor in this house", r.path())
		}
		for _, imp := range r.Imports {
			why := outside(r.path(), imp)
			if ours(imp) {
				why = arrow(r.path(), place(imp))
			}
			if why != "" {
				t.Errorf("%s imports %s: %s", r.path(), imp, why)
			}
		}
	}
}

// describes says what a package comment lacks; "" when it is one.
func describes(name, importPath, doc string) string {
	begin := "Package " + name + " "
	if name == "main" {
		begin = "Command " + path.Base(importPath) + " "
	}
	if !strings.HasPrefix(doc, begin) {
		return fmt.Sprintf("its package comment should begin with %q and say what the room is for and must not do", begin)
	}
	return ""
}

func TestPackageComments(t *testing.T) {
	t.Parallel()
	if describes("act", "sanad/internal/act", "Package act says what an act is.") != "" || describes("main", "sanad/cmd/sanad", "Command sanad runs.") != "" {
		t.Fatal("a good comment is refused")
	}
	if describes("act", "sanad/internal/act", "") == "" || describes("act", "sanad/internal/act", "Package actor is.") == "" {
		t.Fatal("a missing comment passes")
	}
	for _, r := range rooms(t) {
		why := describes(r.Name, r.ImportPath, r.Doc)
		if why != "" && len(r.files) > 0 {
			t.Errorf("%s: %s", r.path(), why)
		}
	}
}
