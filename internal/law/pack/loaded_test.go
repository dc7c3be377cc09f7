package pack_test

import (
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"sanad/internal/act"
	"sanad/internal/law/pack"
	"sanad/internal/law/protocol"
	"sanad/packs"
)

// kinds is a catalogue for the embedded packs: the kinds their steps emit, saying the facts they say are said. That the real
// kinds say so too is tested where the packs meet the program. The invented country's first procedure is written out, so
// that a pack which is wrong about it is caught.
func kinds(t testing.TB) *act.Catalogue {
	t.Helper()
	c, err := declared()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var declared = sync.OnceValues(func() (*act.Catalogue, error) {
	coded := func(name, list string) act.FactSchema { return act.FactSchema{Name: name, Type: act.Code, List: list} }
	of := func(name string, typ act.Type) act.FactSchema { return act.FactSchema{Name: name, Type: typ} }
	emitted := func(sort, kind string, facts ...act.FactSchema) act.Schema {
		return act.Schema{Kind: kind, Version: 1, Of: []string{sort}, Facts: facts, Purpose: "kind." + kind, Basis: "protocol", Retention: "notice", Body: true, Commits: []string{"content"}}
	}
	desk := func(kind string, facts ...act.FactSchema) act.Schema { return emitted("notice", kind, facts...) }
	schemas := []act.Schema{
		desk("notice.received", of("minor", act.Bool), coded("situation", "situations")),
		desk("notice.acknowledged"),
		desk("notice.assessed", of("minor", act.Bool), coded("situation", "situations"), of("observed_on", act.Date), coded("aim", "aims"),
			of("reasons", act.Bool), of("tried", act.Int), of("reached", act.Int), coded("decider", "deciders"), coded("scope", "scopes"),
			act.FactSchema{Name: "checks", Type: act.Codes, List: "checks"}, of("raw_export", act.Bool), of("told_on", act.Date),
			of("child_weighed", act.Bool), of("expires_on", act.Date)),
		desk("breach.found"),
		desk("notice.closed", coded("outcome", "outcomes")),
		emitted("case", "case.opened", of("minor", act.Bool), coded("situation", "situations")),
		emitted("case", "notice.joined"),
		emitted("case", "case.closed", coded("outcome", "outcomes")),
	}
	sorts := []string{"notice", "case"}
	for _, id := range packs.Names() {
		fsys, err := packs.Open(id)
		if err != nil {
			return nil, err
		}
		p, err := pack.Load(fsys, id, packs.Open, nil)
		if err != nil {
			continue // told by the test that loads it
		}
		for i := range p.Protocols {
			x := &p.Protocols[i]
			sorts = append(sorts, x.Sort)
			for j := range x.Steps {
				if x.Steps[j].Move == "" {
					schemas = widen(schemas, emitted(x.Sort, x.Steps[j].Kind))
				}
				if x.Steps[j].Move == "" && x.Steps[j].Extends != nil {
					schemas = widen(schemas, emitted(x.Sort, x.Steps[j].Kind, protocol.ClockSchemas()...))
				}
			}
		}
		for _, f := range p.Facts {
			for _, kind := range f.SaidBy {
				if _, builtin := strings.CutPrefix(kind, "entry."); !builtin && !strings.HasPrefix(kind, "hearing.") {
					schemas = widen(schemas, emitted("", kind, act.FactSchema{Name: f.ID, Type: f.Type, List: f.List}))
				}
			}
		}
	}
	slices.Sort(sorts)
	return act.NewCatalogue(append(protocol.Schemas(slices.Compact(sorts)...), schemas...)...)
})

// widen adds a kind to those there are, or what is new about it to the one that is there.
func widen(all []act.Schema, s act.Schema) []act.Schema {
	i := slices.IndexFunc(all, func(x act.Schema) bool { return x.Kind == s.Kind })
	if i < 0 {
		if s.Of[0] == "" {
			return all // nobody emits it
		}
		return append(all, s)
	}
	for _, f := range s.Facts {
		if !slices.ContainsFunc(all[i].Facts, func(x act.FactSchema) bool { return x.Name == f.Name }) {
			all[i].Facts = append(all[i].Facts, f)
		}
	}
	if !slices.Contains(all[i].Of, s.Of[0]) && s.Of[0] != "" {
		all[i].Of = append(all[i].Of, s.Of[0])
	}
	return all
}

// open finds a pack: a small invented one that stays as it is, for tests that count lines and words, else an embedded one.
func open(id string) (fs.FS, error) {
	if id == "xx" {
		return os.DirFS("testdata/xx"), nil
	}
	return packs.Open(id)
}

// embedded are the packs inside the program that load: those a house runs under, and the law of elsewhere that has its words here.
func embedded(t testing.TB) []*pack.Pack {
	t.Helper()
	var out []*pack.Pack
	for _, id := range append(packs.Names(), "eu") {
		if id != "xx" {
			out = append(out, load(t, id))
			continue
		}
		out = append(out, loadFrom(t, id, packs.Open)) // load has the small one
	}
	return out
}

func load(t testing.TB, id string) *pack.Pack {
	t.Helper()
	loaded.Lock()
	defer loaded.Unlock()
	if loaded.packs == nil {
		loaded.packs = map[string]*pack.Pack{}
	}
	if loaded.packs[id] == nil {
		loaded.packs[id] = loadFrom(t, id, open)
	}
	return loaded.packs[id]
}

// loaded keeps packs that were read: they never change, and reading one takes longer than playing it.
var loaded struct {
	sync.Mutex
	packs map[string]*pack.Pack
}

func loadFrom(t testing.TB, id string, parents pack.Parents) *pack.Pack {
	t.Helper()
	fsys, err := parents(id)
	if err != nil {
		t.Fatal(err)
	}
	p, err := pack.Load(fsys, id, parents, kinds(t))
	if err != nil {
		t.Fatalf("pack %s:\n%v", id, err)
	}
	return p
}
