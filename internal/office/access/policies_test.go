package access

import (
	"errors"
	"testing"

	"github.com/cedar-policy/cedar-go"
)

func base(t testing.TB) *Policies {
	t.Helper()
	p, err := Base()
	must(t, err)
	return p
}

func names(codes ...string) []cedar.String {
	out := make([]cedar.String, len(codes))
	for i, c := range codes {
		out[i] = cedar.String(c)
	}
	return out
}

func TestReading(t *testing.T) {
	t.Parallel()
	p := base(t)
	for name, c := range map[string]struct {
		active      bool
		held, parts []cedar.String
		want        bool
	}{
		"all held":               {true, names(Public, "a", "b"), names("a", "b"), true},
		"more held":              {true, names(Public, "a", "b", "c"), names("b"), true},
		"public":                 {true, names(Public), names(Public), true},
		"one missing":            {true, names(Public, "a"), names("a", "b"), false},
		"none held":              {true, nil, names("a"), false},
		"public is not a pass":   {true, names(Public), names("a"), false},
		"empty audience":         {true, names(Public, "a"), nil, false},
		"empty audience, no one": {true, nil, nil, false},
		"ended":                  {false, names(Public, "a"), names("a"), false},
		"ended, public":          {false, names(Public), names(Public), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := p.decide(principal("m", c.active, "r", "i", "s", c.held), ToRead, resource("x", c.parts))
			must(t, err)
			if got != c.want {
				t.Fatalf("reads: %v, want %v", got, c.want)
			}
			for _, a := range []Action{ToOpen, ToExport, "burn"} {
				got, err = p.decide(principal("m", c.active, "r", "i", "s", c.held), a, resource("x", c.parts))
				if got || err != nil {
					t.Fatalf("%s without a pack's permission: %v %v", a, got, err)
				}
			}
		})
	}
}

// A forbid that fails is skipped by Cedar, and the permit beside it would win.
func TestMissingAttributeDenies(t *testing.T) {
	t.Parallel()
	p := base(t)
	whole := principal("m", true, "r", "i", "s", names("a"))
	without := func(e *cedar.Entity, attribute cedar.String) *cedar.Entity {
		left := cedar.RecordMap{}
		for k, v := range e.Attributes.All() {
			if k != attribute {
				left[k] = v
			}
		}
		return &cedar.Entity{UID: e.UID, Attributes: cedar.NewRecord(left)}
	}
	target := resource("x", names("a"))
	if yes, err := p.decide(whole, ToRead, target); !yes || err != nil {
		t.Fatalf("with every attribute: %v %v", yes, err)
	}
	trap := without(whole, "active")
	raw, told := cedar.Authorize(p.all, pair{trap, target}, cedar.Request{
		Principal: trap.UID, Action: cedar.NewEntityUID("Action", "read"), Resource: target.UID,
	})
	if raw != cedar.Allow || len(told.Errors) == 0 {
		t.Fatal("Cedar no longer allows when a forbid fails: this test proves nothing any more")
	}
	for name, c := range map[string][2]*cedar.Entity{
		"no active":                   {trap, target},
		"mandate without set":         {without(whole, "compartments"), target},
		"audience without set":        {whole, without(target, "compartments")},
		"a mandate of another kind":   {{UID: cedar.NewEntityUID("Person", "m"), Attributes: cedar.NewRecord(nil)}, target},
		"an audience of another kind": {whole, {UID: cedar.NewEntityUID("Folder", "x"), Attributes: cedar.NewRecord(nil)}},
	} {
		yes, err := p.decide(c[0], ToRead, c[1])
		if yes || !errors.Is(err, ErrPolicy) {
			t.Errorf("%s: %v %v", name, yes, err)
		}
	}
}

func BenchmarkDecide(b *testing.B) {
	p := base(b)
	who := principal("m", true, "r", "i", "s", names(Public, "a", "b", "c", "d", "e"))
	what := resource("x", names("a", "c"))
	b.ReportAllocs()
	for b.Loop() {
		_, _ = p.decide(who, ToRead, what)
	}
}
