package access

import (
	"errors"
	"strings"
	"testing"

	"sanad/internal/law/pack"

	"github.com/cedar-policy/cedar-go"
)

// lawOf is a small pack with policies, one layer after the other.
func lawOf(layers ...string) *pack.Pack {
	held := []pack.Holder{{Institution: "office"}}
	p := &pack.Pack{
		ID: "pk",
		Roles: []pack.Role{
			{ID: "examiner", Held: held, Reads: []string{"a", "child"}, Seats: []string{"pk-examiner-1"}},
			{ID: "officer", Held: held, Reads: []string{"a"}, Seats: []string{"pk-officer-1"}},
			{ID: "police", Held: []pack.Holder{{Variant: "one", Institution: "office"}, {Variant: "two", Institution: "court"}}, Reads: []string{"a", "vault"}},
		},
		Institutions: []pack.Institution{{ID: "office"}, {ID: "court"}},
		Compartments: []pack.Compartment{{ID: Public, Public: true}, {ID: "a"}, {ID: "child"}, {ID: "vault"}},
	}
	for i, text := range layers {
		p.Policies = append(p.Policies, pack.Policies{File: []string{"pk", "over"}[i] + "/policies.cedar", Text: text})
	}
	return p
}

// of are the policies of a pack that must be good.
func of(t testing.TB, layers ...string) *Policies {
	t.Helper()
	p, err := Of(lawOf(layers...))
	must(t, err)
	return p
}

// Without a word of the pack nobody opens or exports anything, and everybody reads what they hold.
func TestPackWithoutPolicies(t *testing.T) {
	t.Parallel()
	p := of(t)
	who := principal("m", true, "officer", "office", "", names(Public, "a"))
	for a, want := range map[Action]bool{ToRead: true, ToOpen: false, ToExport: false} {
		got, err := p.decide(who, a, resource("x", names("a")))
		if err != nil || got != want {
			t.Errorf("%s: %v %v", a, got, err)
		}
	}
}

func TestPackPermitsWithinTheBase(t *testing.T) {
	t.Parallel()
	p := of(t, `
		@id("examiners") permit (principal in Role::"examiner", action == Action::"open", resource);
		@id("greedy") permit (principal, action in [Action::"open", Action::"export"], resource);
		@id("no-children") forbid (principal, action in [Action::"open", Action::"export"], resource)
			when { resource.compartments.contains(Compartment::"child") } unless { principal in Role::"examiner" };
		@id("base.read") permit (principal in Seat::"pk-officer-1", action == Action::"export", resource);
		@id("court") forbid (principal in Institution::"court", action == Action::"export", resource);
	`)
	examiner := principal("e", true, "examiner", "office", "s", names(Public, "child"))
	officer := principal("o", true, "officer", "office", "pk-officer-1", names(Public, "child", "a"))
	for _, c := range []struct {
		who  *cedar.Entity
		do   Action
		what []cedar.String
		want bool
	}{
		{examiner, ToOpen, names("child"), true},
		{examiner, ToOpen, names("child", "a"), false}, // the greedy permit does not reach beyond what is held
		{examiner, ToExport, names("vault"), false},
		{examiner, ToOpen, nil, false},
		{examiner, ToRead, names("a"), false},
		{examiner, ToRead, nil, false},
		{officer, ToOpen, names("child"), false},
		{officer, ToExport, names("child"), false},
		{officer, ToExport, names("a"), true},
		{officer, ToRead, names("child"), true},
		{principal("j", true, "officer", "court", "", names(Public, "a")), ToExport, names("a"), false},
		{principal("j", true, "officer", "court", "", names(Public, "a")), ToOpen, names("a"), true},
		{principal("x", false, "examiner", "office", "s", names(Public, "child")), ToOpen, names("child"), false},
	} {
		got, err := p.decide(c.who, c.do, resource("x", c.what))
		if err != nil || got != c.want {
			t.Errorf("%s %s %v: %v %v, want %v", c.who.UID, c.do, c.what, got, err, c.want)
		}
	}
}

// A pack over another says otherwise by the same name, and adds by another.
func TestOverlaidPolicies(t *testing.T) {
	t.Parallel()
	below := `@id("open") permit (principal in Role::"officer", action == Action::"open", resource);
		@id("export") permit (principal in Role::"officer", action == Action::"export", resource);`
	above := `@id("open") permit (principal in Role::"examiner", action == Action::"open", resource);
		@id("never") forbid (principal in Role::"officer", action == Action::"export", resource);`
	alone, both := of(t, below), of(t, below, above)
	for role, want := range map[string][4]bool{"officer": {true, true, false, false}, "examiner": {false, false, true, false}} {
		who := principal("m", true, role, "office", "", names(Public, "a"))
		for i, p := range []*Policies{alone, both} {
			for j, a := range []Action{ToOpen, ToExport} {
				got, err := p.decide(who, a, resource("x", names("a")))
				if err != nil || got != want[2*i+j] {
					t.Errorf("%s, layer %d, %s: %v %v", role, i, a, got, err)
				}
			}
		}
	}
	if alone.digest() == both.digest() || alone.digest() != of(t, "// a word\n"+below+"\n").digest() {
		t.Error("the digest tells layout, or does not tell policies")
	}
}

// A policy that fails for one audience only is no permit there, whatever else permits; reading goes on without it.
func TestFailingPolicyDenies(t *testing.T) {
	t.Parallel()
	p := of(t, `
		@id("trap") forbid (principal, action == Action::"open", resource)
			when { resource.compartments == [Compartment::"child", Compartment::"vault"] && 9223372036854775807 + 1 == 0 };
		@id("open") permit (principal, action == Action::"open", resource);`)
	who := principal("m", true, "officer", "office", "", names(Public, "a", "child", "vault"))
	for _, c := range []struct {
		do    Action
		parts []cedar.String
		want  bool
		fails bool
	}{
		{ToOpen, names("a"), true, false},
		{ToOpen, names("a", "child"), true, false},
		{ToRead, names("child", "vault"), true, false},
		{ToOpen, names("child", "vault"), false, true},
	} {
		got, err := p.decide(who, c.do, resource("x", c.parts))
		if got != c.want || errors.Is(err, ErrPolicy) != c.fails || err != nil && (strings.Contains(err.Error(), "vault") || !strings.Contains(err.Error(), "pack.trap")) {
			t.Errorf("%s %v: %v %v", c.do, c.parts, got, err)
		}
	}
}

// What is wrong with a pack's policies is told with its place and with what was expected.
func TestPackPoliciesRefused(t *testing.T) {
	t.Parallel()
	const open = `action == Action::"open", resource)`
	for name, c := range map[string]struct{ text, at, says string }{
		"permits reading":      {`@id("x") permit (principal, action == Action::"read", resource);`, "1:1", "compartments alone"},
		"permits everything":   {`@id("x") permit (principal, action, resource);`, "1:1", "compartments alone"},
		"forbids reading":      {`@id("x") forbid (principal, action == Action::"read", resource);`, "1:1", "compartments alone"},
		"forbids everything":   {"// é\n  @id(\"x\") forbid (principal, action, resource);", "2:3", "compartments alone"},
		"forbids in a set":     {`@id("x") forbid (principal, action in [Action::"open", Action::"read"], resource);`, "1:1", "compartments alone"},
		"forbids in one":       {`@id("x") forbid (principal, action in Action::"read", resource);`, "1:1", "compartments alone"},
		"no name":              {`permit (principal, ` + open + `;`, "1:1", "@id"},
		"two of a name":        {`@id("x") permit (principal, ` + open + `;` + "\n" + `@id("x") permit (principal, ` + open + `;`, "2:1", "already"},
		"role":                 {`@id("x") permit (principal in Role::"oficer", ` + open + `;`, "1:31", "one of examiner, officer, police"},
		"role of the house":    {`@id("x") permit (principal in Role::"keeper", ` + open + `;`, "1:31", "no role"},
		"role in a condition":  {`@id("x") permit (principal, ` + open + "\nwhen { principal in [Role::\"officer\",\n  Role::\"boss\"] };", "3:3", `"boss"`},
		"institution":          {`@id("x") permit (principal in Institution::"bank", ` + open + `;`, "1:31", "one of office, court"},
		"seat":                 {`@id("x") permit (principal in Seat::"pk-officer-2", ` + open + `;`, "1:31", "pk-officer-1"},
		"compartment":          {`@id("x") forbid (principal, ` + open + ` when { resource.compartments.contains(Compartment::"kid") };`, "1:103", "one of PUB, a, child, vault"},
		"one mandate":          {`@id("x") permit (principal == Mandate::"m", ` + open + `;`, "1:31", "no name of the pack"},
		"one audience":         {`@id("x") permit (principal, action == Action::"open", resource == Audience::"m");`, "1:67", "no name of the pack"},
		"unknown attribute":    {`@id("x") permit (principal, ` + open + ` when { principal.salary > 3 };`, "1:1", "salary"},
		"attribute not there":  {`@id("x") permit (principal, ` + open + ` when { resource.sealed };`, "1:1", "sealed"},
		"unknown action":       {`@id("x") permit (principal, action == Action::"burn", resource);`, "1:1", "burn"},
		"unknown entity":       {`@id("x") permit (principal is Person, ` + open + `;`, "1:1", "Person"},
		"type":                 {`@id("x") permit (principal, ` + open + ` when { principal.active == 3 };`, "1:1", "what policies may speak of"},
		"the hour":             {`@id("x") permit (principal, ` + open + ` when { context.hour == 3 };`, "1:1", "hour"},
		"does not parse":       {"\n\n@id(\"x\") permit (principal", "3:27", "can't be read"},
		"not ended":            {`@id("x`, "1:5", "can't be read"},
		"overflows":            {`@id("x") permit (principal, ` + open + ` when { 9223372036854775807 + 1 == 0 };`, "1:1", "evaluated"},
		"overflows for one":    {`@id("x") permit (principal, ` + open + ` when { principal in Role::"police" && 9223372036854775807 + 1 == 0 };`, "1:1", "evaluated"},
		"too long":             {"//" + strings.Repeat("x", maxPolicyText), "", "at most"},
		"nested without bound": {`@id("x") permit (principal, ` + open + ` when { ` + strings.Repeat("(", 30000) + "true" + strings.Repeat(")", 30000) + ` } x`, "1:", "can't be read"},
		"too many":             {strings.Repeat(`permit(principal,action,resource);`, maxPolicies+1), "", "at most"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Of(lawOf(c.text))
			var found pack.Problems
			if !errors.As(err, &found) || len(found) != 1 {
				t.Fatalf("%v, want one problem", err)
			}
			where := "pk/policies.cedar:" + c.at
			if !strings.HasPrefix(err.Error(), where) || !strings.Contains(err.Error(), c.says) || found[0].Expected == "" {
				t.Fatalf("%v, want it at %s and to say %q", err, where, c.says)
			}
		})
	}
}
