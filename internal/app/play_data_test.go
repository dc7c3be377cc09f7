package app

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/goccy/go-yaml"

	"sanad/internal/act"
	"sanad/internal/law/pack"
)

// readPlays reads a file of testdata that says what is played of a pack: no test knows a country's words but from there.
func readPlays[T any](t testing.TB, name string) *T {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	out := new(T)
	err = yaml.UnmarshalWithOptions(b, out, yaml.Strict())
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func readOrders(t testing.TB) *toPlay { return readPlays[toPlay](t, "orders.yaml") }

func readEntries(t testing.TB) *entryPlays { return readPlays[entryPlays](t, "entries.yaml") }

func readStands(t testing.TB) *standPlays { return readPlays[standPlays](t, "stands.yaml") }

func readStandings(t testing.TB) *standings { return readPlays[standings](t, "standings.yaml") }

// part is what a role does in a procedure, and says with it.
type part struct {
	Role string         `yaml:"role"`
	Step string         `yaml:"step"`
	Says map[string]any `yaml:"says"`
}

// sayings are facts as a file of testdata says them: words, numbers, lists of words, and whether something is so.
func sayings(t testing.TB, says map[string]any) map[string]act.Value {
	t.Helper()
	facts := map[string]act.Value{}
	for name, said := range says {
		switch v := said.(type) {
		case string:
			facts[name] = act.OfCode(v)
		case bool:
			facts[name] = act.OfBool(v)
		case []any:
			words := make([]string, len(v))
			for i := range v {
				words[i], _ = v[i].(string)
			}
			facts[name] = act.OfCodes(words...)
		default:
			t.Fatalf("%s: %v is no fact", name, said)
		}
	}
	return facts
}

// lawsOf reads embedded packs.
func lawsOf(t testing.TB, ids ...string) (laws []*pack.Pack) {
	t.Helper()
	kinds, err := catalogue()
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		law, err := loadPack(id, kinds)
		if err != nil {
			t.Fatal(err)
		}
		laws = append(laws, law)
	}
	return laws
}
