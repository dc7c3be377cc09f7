package access

import (
	_ "embed" // the base policies and their schema
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/types"
	xast "github.com/cedar-policy/cedar-go/x/exp/ast"
	"github.com/cedar-policy/cedar-go/x/exp/schema"
	"github.com/cedar-policy/cedar-go/x/exp/schema/validate"
)

//go:embed policies/base.cedar
var baseText []byte

//go:embed policies/schema.cedarschema
var schemaText []byte

// Action is what a mandate may do with an act or an exhibit of an audience.
type Action string

// The actions. ToRead is granted by the base to whoever holds the compartments; the others by a pack, among those.
const (
	ToRead   Action = "read"
	ToOpen   Action = "open"   // what is born sealed, such as a picture sent with a notice
	ToExport Action = "export" // the original, for a court
)

var actions = []Action{ToRead, ToOpen, ToExport}

// ErrPolicy means that a policy could not be evaluated: the answer was no, and something is wrong with the policy.
var ErrPolicy = errors.New("a policy could not be evaluated, so access was denied: correct the pack's policies")

// Policies is a set of policies that passed the schema. It never changes.
type Policies struct{ list []policy }

type policy struct {
	id cedar.PolicyID
	p  *cedar.Policy
}

// All implements cedar.PolicyIterator.
func (p *Policies) All() iter.Seq2[cedar.PolicyID, *cedar.Policy] {
	return func(yield func(cedar.PolicyID, *cedar.Policy) bool) {
		for _, x := range p.list {
			if !yield(x.id, x.p) {
				return
			}
		}
	}
}

// Base returns the embedded policies, validated against the embedded schema.
func Base() (*Policies, error) {
	return (&Policies{}).with("base.cedar", "", baseText)
}

// Limits of what a pack may hand in.
const (
	maxPolicyText = 64 << 10
	maxPolicies   = 256
)

// Extend returns p with a pack's policies added; file names them in errors, which say line and column. It refuses
// what does not parse, what the schema does not know, and a forbid that could reach reading: who reads is said by
// compartments alone. A permit can't reach beyond the base, whose forbids win.
func (p *Policies) Extend(file string, text []byte) (*Policies, error) {
	if len(text) > maxPolicyText {
		return nil, fmt.Errorf("%s: %d bytes of policies, at most %d", file, len(text), maxPolicyText)
	}
	return p.with(file, "pack.", text)
}

func (p *Policies) with(file, prefix string, text []byte) (*Policies, error) {
	check, err := validator()
	if err != nil {
		return nil, err
	}
	list, err := cedar.NewPolicyListFromBytes(file, text)
	if err != nil {
		// The parser does not use the name it was given.
		return nil, errors.New(strings.ReplaceAll(err.Error(), "<input>", file))
	}
	out := &Policies{list: slices.Clone(p.list)}
	if len(out.list)+len(list) > maxPolicies {
		return nil, fmt.Errorf("%s: more than %d policies", file, maxPolicies)
	}
	for _, one := range list {
		at := one.Position()
		name := string(one.Annotations()["id"])
		if name == "" {
			return nil, fmt.Errorf("%s:%d:%d: the policy has no name: write @id(\"…\") before it", file, at.Line, at.Column)
		}
		id := cedar.PolicyID(prefix + name)
		if slices.ContainsFunc(out.list, func(x policy) bool { return x.id == id }) {
			return nil, fmt.Errorf("%s:%d:%d: a policy named %q is there already", file, at.Line, at.Column, name)
		}
		err = check.Policy(string(id), (*xast.Policy)(one.AST()))
		if err != nil {
			return nil, fmt.Errorf("%s:%d:%d: %w", file, at.Line, at.Column, err)
		}
		if prefix != "" && one.Effect() == cedar.Forbid {
			reaches, err := reachesReading(one)
			if err != nil {
				return nil, fmt.Errorf("%s:%d:%d: %w", file, at.Line, at.Column, err)
			}
			if reaches {
				return nil, fmt.Errorf("%s:%d:%d: %q forbids reading, which compartments alone rule: write action == Action::\"open\" or \"export\", or add a compartment", file, at.Line, at.Column, name)
			}
		}
		out.list = append(out.list, policy{id, one})
	}
	return out, out.probe(check)
}

func validator() (*validate.Validator, error) {
	var s schema.Schema
	s.SetFilename("schema.cedarschema")
	err := s.UnmarshalCedar(schemaText)
	if err != nil {
		return nil, fmt.Errorf("schema of the policies: %w", err)
	}
	resolved, err := s.Resolve()
	if err != nil {
		return nil, fmt.Errorf("schema of the policies: %w", err)
	}
	return validate.New(resolved), nil
}

// reachesReading reports whether a policy's scope takes in the action read. The schema has no groups of actions, so
// the names in the scope say it all.
func reachesReading(p *cedar.Policy) (bool, error) {
	text, err := p.MarshalJSON()
	if err != nil {
		return false, err
	}
	type entity struct {
		ID string `json:"id"`
	}
	var scope struct {
		Action struct {
			Op       string   `json:"op"`
			Entity   *entity  `json:"entity"`
			Entities []entity `json:"entities"`
		} `json:"action"`
	}
	err = json.Unmarshal(text, &scope)
	if err != nil {
		return false, err
	}
	a := scope.Action
	switch {
	case a.Op == "==" && a.Entity != nil:
		return a.Entity.ID == string(ToRead), nil
	case a.Op == "in" && a.Entity != nil:
		return a.Entity.ID == string(ToRead), nil
	case a.Op == "in" && len(a.Entities) > 0:
		return slices.Contains(a.Entities, entity{string(ToRead)}), nil
	default:
		return true, nil
	}
}

// probe asks every action of a few made-up mandates and audiences. The schema rules out a missing attribute; what
// is left, such as a number that overflows, shows here rather than in front of a case.
func (p *Policies) probe(check *validate.Validator) error {
	codes := []cedar.String{Public, "one", "two"}
	for n := range len(codes) + 1 {
		who := principal("probe", n > 0, "role", "institution", "seat", codes[:n])
		for k := range len(codes) + 1 {
			what := resource("probe", codes[:k])
			for _, e := range []*cedar.Entity{who, what} {
				err := check.Entity(*e)
				if err != nil {
					return fmt.Errorf("schema of the policies: %w", err)
				}
			}
			for _, a := range actions {
				_, err := p.decide(who, a, what)
				if err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// decide asks Cedar. Cedar skips a policy that fails, a forbid too, and would then allow: here any failure is a no.
func (p *Policies) decide(who *cedar.Entity, a Action, what *cedar.Entity) (bool, error) {
	answer, told := cedar.Authorize(p, pair{who, what}, cedar.Request{
		Principal: who.UID, Action: cedar.NewEntityUID("Action", types.String(a)), Resource: what.UID,
	})
	if len(told.Errors) > 0 {
		return false, fmt.Errorf("%w: %s", ErrPolicy, told.Errors[0].PolicyID) // its message would name compartments
	}
	return answer == cedar.Allow, nil
}

// pair is the whole world of one decision.
type pair struct{ who, what *cedar.Entity }

// Get implements cedar.EntityGetter.
func (p pair) Get(uid cedar.EntityUID) (cedar.Entity, bool) {
	switch uid {
	case p.who.UID:
		return *p.who, true
	case p.what.UID:
		return *p.what, true
	default:
		return cedar.Entity{}, false
	}
}

func principal(id string, active bool, role, institution, seat string, held []cedar.String) *cedar.Entity {
	return &cedar.Entity{UID: cedar.NewEntityUID("Mandate", cedar.String(id)), Attributes: cedar.NewRecord(cedar.RecordMap{
		"active": cedar.Boolean(active), "compartments": setOf(held), "institution": cedar.String(institution),
		"role": cedar.String(role), "seat": cedar.String(seat),
	})}
}

func resource(id string, parts []cedar.String) *cedar.Entity {
	return &cedar.Entity{
		UID:        cedar.NewEntityUID("Audience", cedar.String(id)),
		Attributes: cedar.NewRecord(cedar.RecordMap{"compartments": setOf(parts)}),
	}
}

func setOf(names []cedar.String) cedar.Set {
	values := make([]cedar.Value, len(names))
	for i, n := range names {
		values[i] = cedar.NewEntityUID("Compartment", n)
	}
	return cedar.NewSet(values...)
}
