package access

import (
	"errors"
	"strings"
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
	raw, told := cedar.Authorize(p, pair{trap, target}, cedar.Request{
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

func TestPackPermitsWithinTheBase(t *testing.T) {
	t.Parallel()
	b := base(t)
	p, err := b.Extend("pack.cedar", []byte(`
		@id("examiners") permit (principal, action == Action::"open", resource) when { principal.role == "examiner" };
		@id("greedy") permit (principal, action, resource);
		@id("no-children") forbid (principal, action in [Action::"open", Action::"export"], resource)
			when { resource.compartments.contains(Compartment::"child") } unless { principal.role == "examiner" };
		@id("base.read") permit (principal, action == Action::"export", resource) when { principal.seat == "clerk" };
	`))
	must(t, err)
	if len(b.list) == len(p.list) {
		t.Fatal("nothing was added")
	}
	examiner := principal("e", true, "examiner", "i", "s", names(Public, "child"))
	officer := principal("o", true, "officer", "i", "clerk", names(Public, "child", "a"))
	for _, c := range []struct {
		who  *cedar.Entity
		do   Action
		what []cedar.String
		want bool
	}{
		{examiner, ToOpen, names("child"), true},
		{examiner, ToOpen, names("child", "a"), false}, // the greedy permit does not reach beyond what is held
		{examiner, ToRead, names("a"), false},
		{examiner, ToRead, nil, false},
		{officer, ToOpen, names("child"), false},
		{officer, ToExport, names("child"), false},
		{officer, ToExport, names("a"), true},
		{officer, ToRead, names("child"), true},
		{principal("x", false, "examiner", "i", "s", names(Public, "child")), ToOpen, names("child"), false},
	} {
		got, err := p.decide(c.who, c.do, resource("x", c.what))
		if err != nil || got != c.want {
			t.Errorf("%s %s %v: %v %v, want %v", c.who.UID, c.do, c.what, got, err, c.want)
		}
	}
}

func TestPackPoliciesRefused(t *testing.T) {
	t.Parallel()
	b := base(t)
	for name, c := range map[string]struct{ text, says string }{
		"forbids reading":      {`@id("x") forbid (principal, action == Action::"read", resource);`, "compartments alone"},
		"forbids everything":   {`@id("x") forbid (principal, action, resource);`, "compartments alone"},
		"forbids in a set":     {`@id("x") forbid (principal, action in [Action::"open", Action::"read"], resource);`, "compartments alone"},
		"forbids in one":       {`@id("x") forbid (principal, action in Action::"read", resource);`, "compartments alone"},
		"no name":              {`permit (principal, action == Action::"open", resource);`, "@id"},
		"two of a name":        {`@id("x") permit (principal, action == Action::"open", resource); @id("x") permit (principal, action == Action::"open", resource);`, "already"},
		"unknown attribute":    {`@id("x") permit (principal, action == Action::"open", resource) when { principal.salary > 3 };`, "salary"},
		"unknown action":       {`@id("x") permit (principal, action == Action::"burn", resource);`, "burn"},
		"unknown entity":       {`@id("x") permit (principal is Person, action == Action::"open", resource);`, "Person"},
		"type":                 {`@id("x") permit (principal, action == Action::"open", resource) when { principal.role == 3 };`, "pack.cedar:1:1"},
		"the hour":             {`@id("x") permit (principal, action == Action::"open", resource) when { context.hour == 3 };`, "hour"},
		"does not parse":       {"\n\n@id(\"x\") permit (principal", "pack.cedar:3:27"},
		"overflows":            {`@id("x") permit (principal, action == Action::"open", resource) when { 9223372036854775807 + 1 == 0 };`, "pack.x"},
		"too long":             {"//" + strings.Repeat("x", maxPolicyText), "at most"},
		"nested without bound": {`@id("x") permit (principal, action == Action::"open", resource) when { ` + strings.Repeat("(", 30000) + "true" + strings.Repeat(")", 30000) + ` } x`, "pack.cedar:1"},
		"too many":             {strings.Repeat(`permit(principal,action,resource);`, maxPolicies+1), "more than"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := b.Extend("pack.cedar", []byte(c.text))
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("%v, want it to say %q", err, c.says)
			}
		})
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
