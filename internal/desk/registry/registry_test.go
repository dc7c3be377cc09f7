package registry_test

import (
	"strings"
	"testing"

	"sanad/internal/act"
	"sanad/internal/desk/register/registertest"
	"sanad/internal/desk/registry"
	"sanad/internal/kit/fault"
)

func facts(m map[string]act.Value) act.Facts { return act.NewFacts(m) }

func date(day string) act.Value {
	v, err := act.ParseDate(day)
	if err != nil {
		panic(err)
	}
	return v
}

// A platform is one whatever case, accents or spaces its name is written with; another sort of sign is another name.
func TestNameSum(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"Île aux Jeux", "ile  aux jeux", true}, {"GAMO", "gamo", true}, {"Gamo!", "gamo", true}, {"لُعبة", "لعبة", true},
		{"Game 1", "Game 2", false}, {"لعبة", "لعبات", false},
	} {
		if (registry.NameSum(c.a) == registry.NameSum(c.b)) != c.same {
			t.Errorf("%q and %q: same is not %v", c.a, c.b, c.same)
		}
	}
}
