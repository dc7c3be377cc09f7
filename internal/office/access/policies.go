package access

import (
	"crypto/sha256"
	_ "embed" // the base policies and their schema
	"errors"
	"fmt"
	"iter"
	"slices"

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

// Schema is what policies may speak of, in Cedar's own language for that: for editors.
func Schema() []byte { return slices.Clone(schemaText) }

// Action is what a mandate may do with an act or an exhibit of an audience.
type Action string

// The actions. ToRead is granted by the base to whoever holds the compartments; the others by a pack, among those.
const (
	ToRead   Action = "read"
	ToOpen   Action = "open"   // what is born sealed, such as a picture sent with a notice
	ToExport Action = "export" // an exhibit, out of the house
)

// ErrPolicy means that a policy could not be evaluated: the answer was no, and something is wrong with the policy.
var ErrPolicy = errors.New("a policy could not be evaluated, so access was denied: correct the pack's policies")

// undecided is ErrPolicy with the policy it was. Nothing else of it is told: Cedar's own message would name compartments.
type undecided struct{ policy cedar.PolicyID }

func (u undecided) Error() string { return ErrPolicy.Error() + ": " + string(u.policy) }
func (u undecided) Unwrap() error { return ErrPolicy }

// Policies is a set of policies that passed the schema. It never changes.
type Policies struct {
	base list // they alone decide about reading
	all  list // with the pack's
}

type policy struct {
	id cedar.PolicyID
	p  *cedar.Policy
}

type list []policy

// All implements cedar.PolicyIterator.
func (l list) All() iter.Seq2[cedar.PolicyID, *cedar.Policy] {
	return func(yield func(cedar.PolicyID, *cedar.Policy) bool) {
		for _, x := range l {
			if !yield(x.id, x.p) {
				return
			}
		}
	}
}

// Base returns the embedded policies, validated against the embedded schema. They let nobody open or export anything.
func Base() (*Policies, error) {
	check, err := validator()
	if err != nil {
		return nil, err
	}
	read, err := cedar.NewPolicyListFromBytes("base.cedar", baseText)
	if err != nil {
		return nil, fmt.Errorf("base policies: %w", err)
	}
	var base list
	for _, one := range read {
		id := cedar.PolicyID(one.Annotations()["id"])
		err = check.Policy(string(id), (*xast.Policy)(one.AST()))
		if err != nil {
			return nil, fmt.Errorf("base policies: %w", err)
		}
		base = append(base, policy{id, one})
	}
	return &Policies{base: base, all: base}, nil
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

// digest tells one set of policies from another; layout and comments do not count.
func (p *Policies) digest() [sha256.Size]byte {
	h := sha256.New()
	_, _ = h.Write(schemaText) // a hash never errors
	for _, x := range p.all {
		fmt.Fprintf(h, "%q %q\n", x.id, x.p.MarshalCedar())
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// decide asks Cedar. Cedar skips a policy that fails, a forbid too, and would then allow: here any failure is a no.
func (p *Policies) decide(who *cedar.Entity, a Action, what *cedar.Entity) (bool, error) {
	asked := p.all
	if a == ToRead {
		asked = p.base
	}
	answer, told := cedar.Authorize(asked, pair{who, what}, cedar.Request{
		Principal: who.UID, Action: cedar.NewEntityUID("Action", types.String(a)), Resource: what.UID,
	})
	if len(told.Errors) > 0 {
		return false, undecided{told.Errors[0].PolicyID}
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

// Types of what policies name.
const (
	typeRole        types.EntityType = "Role"
	typeInstitution types.EntityType = "Institution"
	typeSeat        types.EntityType = "Seat"
	typeCompartment types.EntityType = "Compartment"
)

// principal is a mandate as Cedar sees it. seat may be empty.
func principal(id string, active bool, role, institution, seat string, held []cedar.String) *cedar.Entity {
	of := []cedar.EntityUID{cedar.NewEntityUID(typeRole, cedar.String(role)), cedar.NewEntityUID(typeInstitution, cedar.String(institution))}
	if seat != "" {
		of = append(of, cedar.NewEntityUID(typeSeat, cedar.String(seat)))
	}
	return &cedar.Entity{
		UID: cedar.NewEntityUID("Mandate", cedar.String(id)), Parents: cedar.NewEntityUIDSet(of...),
		Attributes: cedar.NewRecord(cedar.RecordMap{"active": cedar.Boolean(active), "compartments": setOf(held)}),
	}
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
		values[i] = cedar.NewEntityUID(typeCompartment, n)
	}
	return cedar.NewSet(values...)
}
