package access

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"sanad/internal/law/pack"

	"github.com/cedar-policy/cedar-go"
)

// name is what a policy calls by its type and its word, as Role::"officer".
type name struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

const typeAction = "Action"

// saying is what a policy speaks of.
type saying struct {
	names []name // each once, in no order; without actions
	reads bool   // its scope takes in the action read
}

// sayings reads every name of a policy, in its scope and in its conditions, from Cedar's own JSON of it. Cedar's schema knows types
// of names and no names: a word that nobody bears would be a permission for nobody, or a prohibition of nothing.
func sayings(p *cedar.Policy) (s saying, err error) {
	text, err := p.MarshalJSON()
	if err != nil {
		return s, fmt.Errorf("the policy can't be read: %w", err)
	}
	var whole any
	err = json.Unmarshal(text, &whole)
	if err != nil {
		return s, fmt.Errorf("the policy can't be read: %w", err)
	}
	s.reads = true // unless the scope names actions, and read is not one
	collect(whole, func(n name) {
		if !slices.Contains(s.names, n) {
			s.names = append(s.names, n)
		}
	})
	var scope struct {
		Action struct {
			Op       string `json:"op"`
			Entity   *name  `json:"entity"`
			Entities []name `json:"entities"`
		} `json:"action"`
	}
	err = json.Unmarshal(text, &scope)
	if err != nil {
		return s, fmt.Errorf("the policy can't be read: %w", err)
	}
	named := scope.Action.Entities
	if scope.Action.Entity != nil {
		named = append(named, *scope.Action.Entity)
	}
	if (scope.Action.Op == "==" || scope.Action.Op == "in") && len(named) > 0 { // the schema has no groups of actions
		s.reads = slices.Contains(named, name{typeAction, string(ToRead)})
	}
	s.names = slices.DeleteFunc(s.names, func(n name) bool { return n.Type == typeAction })
	return s, nil
}

// collect finds names in JSON: objects that hold a type and an id, both text, and nothing else.
func collect(in any, each func(name)) {
	switch v := in.(type) {
	case []any:
		for _, x := range v {
			collect(x, each)
		}
	case map[string]any:
		kind, ok := v["type"].(string)
		id, is := v["id"].(string)
		if ok && is && len(v) == 2 {
			each(name{kind, id})
			return
		}
		for _, x := range v {
			collect(x, each)
		}
	}
}

// words are the names of a type that the pack has; false for a type that policies of a pack name nothing of.
func (r *reading) words(kind string) (out []string, known bool) {
	switch cedar.EntityType(kind) {
	case typeRole:
		for i := range r.law.Roles {
			out = append(out, r.law.Roles[i].ID)
		}
	case typeSeat:
		for i := range r.law.Roles {
			out = append(out, r.law.Roles[i].Seats...)
		}
	case typeInstitution:
		for i := range r.law.Institutions {
			out = append(out, r.law.Institutions[i].ID)
		}
	case typeCompartment:
		for i := range r.law.Compartments {
			out = append(out, r.law.Compartments[i].ID)
		}
	default:
		return nil, false
	}
	return out, true
}

// placed is an offset in bytes as a line and a column in characters.
func placed(f pack.Policies, offset int) pack.Problem {
	before := f.Text[:min(max(offset, 0), len(f.Text))]
	line := before[strings.LastIndexByte(before, '\n')+1:]
	return pack.Problem{File: f.File, Line: 1 + strings.Count(before, "\n"), Column: 1 + utf8.RuneCountInString(line)}
}

// find is where a policy that begins at an offset calls a name; where the policy begins, if it is written in another way.
func find(f pack.Policies, offset int, n name, policy pack.Problem) pack.Problem {
	called, err := regexp.Compile(regexp.QuoteMeta(n.Type) + `\s*::\s*` + regexp.QuoteMeta(`"`+n.ID+`"`))
	if err != nil || offset > len(f.Text) {
		return policy
	}
	at := called.FindStringIndex(f.Text[offset:])
	if at == nil {
		return policy
	}
	return placed(f, offset+at[0])
}

// clip shortens what is quoted back.
func clip(s string) string {
	const most = 200
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most]) + "…"
}
