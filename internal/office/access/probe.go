package access

import (
	"errors"
	"fmt"

	"github.com/cedar-policy/cedar-go"
)

// probe asks what a pack's policies decide for every role of the pack, under every governance variant, about the audiences there
// are names for. The schema rules out a missing attribute; what is left, such as a number that overflows, shows here rather than
// in front of a case.
func (r *reading) probe(p *Policies) error {
	all, _ := r.words(string(typeCompartment))
	what := []*cedar.Entity{resource("probe", codeStrings(all))}
	for _, c := range all {
		what = append(what, resource("probe", codeStrings([]string{c})))
	}
	for i := range r.law.Roles {
		role := &r.law.Roles[i]
		what = append(what, resource("probe", codeStrings(role.Reads)))
	}
	failed := map[cedar.PolicyID]bool{}
	for i := range r.law.Roles {
		role := &r.law.Roles[i]
		seat := ""
		if len(role.Seats) > 0 {
			seat = role.Seats[0]
		}
		for _, h := range role.Held {
			who := principal("probe", true, role.ID, h.Institution, seat, codeStrings(append([]string{Public}, role.Reads...)))
			err := r.ask(p, who, what, failed)
			if err != nil {
				return err
			}
		}
	}
	if len(r.found) > 0 {
		return r.found
	}
	return nil
}

// ask asks about everything for one mandate, and notes each policy that can't be evaluated once.
func (r *reading) ask(p *Policies, who *cedar.Entity, what []*cedar.Entity, failed map[cedar.PolicyID]bool) error {
	err := r.check.Entity(*who)
	if err != nil {
		return fmt.Errorf("schema of the policies: %w", err)
	}
	for _, x := range what {
		for _, a := range []Action{ToOpen, ToExport} {
			_, err = p.decide(who, a, x)
			var at undecided
			switch {
			case err == nil:
			case !errors.As(err, &at):
				return err
			case !failed[at.policy]:
				failed[at.policy] = true
				r.add(r.places[at.policy], "it can't be evaluated for every role", "conditions that have an answer, such as numbers that do not overflow")
			}
		}
	}
	return nil
}
