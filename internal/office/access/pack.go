package access

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"sanad/internal/law/pack"

	"github.com/cedar-policy/cedar-go"
	xast "github.com/cedar-policy/cedar-go/x/exp/ast"
	"github.com/cedar-policy/cedar-go/x/exp/schema/validate"
)

// Limits of what a pack may hand in.
const (
	maxPolicyText = 64 << 10
	maxPolicies   = 256
)

// packPrefix keeps the names of a pack's policies apart from those of the base, which no pack replaces.
const packPrefix = "pack."

// Of returns the base policies with a pack's added. Later layers of a pack replace what they name alike. The error is
// pack.Problems: what does not parse, what the schema does not know, a role, institution, seat or compartment the pack does not
// have, and whatever could reach reading, about which compartments alone decide. A permit can't reach beyond the base, whose
// forbids win.
func Of(law *pack.Pack) (*Policies, error) {
	base, err := Base()
	if err != nil || len(law.Policies) == 0 {
		return base, err
	}
	check, err := validator()
	if err != nil {
		return nil, err
	}
	r := reading{law: law, check: check, places: map[cedar.PolicyID]pack.Problem{}}
	for _, f := range law.Policies {
		r.file(f)
	}
	if len(r.found) > 0 {
		return nil, r.found
	}
	out := &Policies{base: base.base, all: append(slices.Clone(base.base), r.list...)}
	err = r.probe(out)
	if err != nil {
		return nil, err
	}
	return out, nil
}

// reading is the policies of a pack being read, layer by layer.
type reading struct {
	law    *pack.Pack
	check  *validate.Validator
	list   list
	places map[cedar.PolicyID]pack.Problem // where each policy stands
	found  pack.Problems
}

func (r *reading) add(at pack.Problem, what, expected string) {
	at.What, at.Expected = what, expected
	r.found = append(r.found, at)
}

// parserPlace is how Cedar's parser says where; it does not know the name of the file.
var parserPlace = regexp.MustCompile(`^parser error: (?:parse error at )?<input>:(\d+):(\d+):? ?`)

// file reads the policies of one layer.
func (r *reading) file(f pack.Policies) {
	whole := pack.Problem{File: f.File}
	if len(f.Text) > maxPolicyText {
		r.add(whole, fmt.Sprintf("%d bytes of policies", len(f.Text)), fmt.Sprintf("at most %d", maxPolicyText))
		return
	}
	read, err := cedar.NewPolicyListFromBytes(f.File, []byte(f.Text))
	if err != nil {
		text := err.Error()
		if m := parserPlace.FindStringSubmatch(text); m != nil {
			whole.Line, _ = strconv.Atoi(m[1])   // digits
			whole.Column, _ = strconv.Atoi(m[2]) // the same
			text = strings.TrimPrefix(text, m[0])
		}
		r.add(whole, "the policies can't be read: "+clip(text), "policies in Cedar, such as permit (principal in Role::\"…\", action == Action::\"open\", resource);")
		return
	}
	if len(read) > maxPolicies {
		r.add(whole, fmt.Sprintf("%d policies", len(read)), fmt.Sprintf("at most %d", maxPolicies))
		return
	}
	here := map[cedar.PolicyID]bool{}
	for _, one := range read {
		at := placed(f, one.Position().Offset)
		id := cedar.PolicyID(packPrefix) + cedar.PolicyID(one.Annotations()["id"])
		switch {
		case id == packPrefix:
			r.add(at, "the policy has no name", `@id("…") before it`)
		case here[id]:
			r.add(at, fmt.Sprintf("a policy named %q is there already", strings.TrimPrefix(string(id), packPrefix)), "each name once")
		case r.good(f, one, at):
			r.put(policy{id, one}, at)
		}
		here[id] = true
	}
}

// put adds a policy, or replaces the one of a layer below.
func (r *reading) put(p policy, at pack.Problem) {
	r.places[p.id] = at
	i := slices.IndexFunc(r.list, func(x policy) bool { return x.id == p.id })
	if i < 0 {
		r.list = append(r.list, p)
		return
	}
	r.list[i] = p
}

// good reports whether a policy stands the schema, the pack and the rule about reading, and says where it does not.
func (r *reading) good(f pack.Policies, one *cedar.Policy, at pack.Problem) bool {
	before := len(r.found)
	err := r.check.Policy("policy", (*xast.Policy)(one.AST()))
	if err != nil {
		r.add(at, strings.ReplaceAll(clip(err.Error()), "\n", "; "), "what policies may speak of: sanad pack schema "+pack.PoliciesFile+" prints it")
		return false
	}
	said, err := sayings(one)
	if err != nil {
		r.add(at, err.Error(), "a policy in Cedar")
		return false
	}
	if said.reads {
		r.add(at, "it could reach reading, about which compartments alone decide", `action == Action::"open", action == Action::"export", or action in both as a list`)
	}
	for _, n := range said.names {
		words, known := r.words(n.Type)
		where := find(f, one.Position().Offset, n, at)
		switch {
		case !known:
			r.add(where, fmt.Sprintf("%s::%q is no name of the pack", n.Type, clip(n.ID)), "a Role, an Institution, a Seat or a Compartment that the pack declares")
		case !slices.Contains(words, n.ID):
			r.add(where, fmt.Sprintf("the pack has no %s %q", strings.ToLower(n.Type), clip(n.ID)), "one of "+strings.Join(words, ", "))
		}
	}
	return len(r.found) == before
}
