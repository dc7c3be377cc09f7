package parties

import (
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/strict"
	"sanad/internal/kit/text"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

// Deciders returns the decisions of parties by kind of act. Whether roles, institutions, seats and compartments are
// the pack's, the catalogue checks when the act is written.
func Deciders() map[string]clerk.Decide {
	return map[string]clerk.Decide{
		KindLogOpened:           first(KindLogOpened, checkOpening),
		KindInstitutionEnrolled: first(KindInstitutionEnrolled, nil),
		KindPersonEnrolled:      first(KindPersonEnrolled, checkPerson),
		KindMandateGranted:      first(KindMandateGranted, checkGrant),
		KindMandateEnded:        standing(KindMandateEnded, checkEnd),
		KindMandateInvited:      standing(KindMandateInvited, nil),
	}
}

type check func(state *protocol.State, a *act.Act) error

// first decides an act that opens a file: there is one log, one enrolment, one grant in each.
func first(kind string, c check) clerk.Decide {
	return decided(kind, func(state *protocol.State, a *act.Act) error {
		if state.Acts > 0 {
			return fault.Conflict.New("parties.already").With("kind", kind)
		}
		if c == nil {
			return nil
		}
		return c(state, a)
	})
}

// standing decides an act about a mandate that was granted and not ended.
func standing(kind string, c check) clerk.Decide {
	return decided(kind, func(state *protocol.State, a *act.Act) error {
		if state.Sort != SortMandate || !says(state, FactRole) {
			return fault.NotFound.New("parties.mandate.unknown")
		}
		if says(state, FactEnded) {
			return fault.Conflict.New("parties.mandate.ended")
		}
		if c == nil {
			return nil
		}
		return c(state, a)
	})
}

// says reports whether any act of the file says a fact, whoever may read it.
func says(state *protocol.State, fact string) bool {
	return slices.ContainsFunc(state.Facts, func(f protocol.Fact) bool { return f.Name == fact })
}

func decided(kind string, c check) clerk.Decide {
	return func(state *protocol.State, cmd *clerk.Command, _ act.Instant) ([]act.Act, error) {
		a := cmd.Act
		a.Kind = kind
		err := c(state, &a)
		if err != nil {
			return nil, err
		}
		return []act.Act{a}, nil
	}
}

func checkOpening(_ *protocol.State, a *act.Act) error {
	var o Opening
	err := read(a.Body, &o)
	if err == nil && !act.IsCode(o.Pack) {
		err = errors.New("the pack is not named by a code")
	}
	if err != nil {
		return fault.Invalid.New("parties.log.body").Because(err)
	}
	return nil
}

func checkPerson(_ *protocol.State, a *act.Act) error {
	_, err := ReadPerson(a.Body)
	if err != nil {
		return fault.Invalid.New("parties.person.invalid").At("name", "parties.person.name", map[string]any{"max": mostName}).Because(err)
	}
	return nil
}

func checkGrant(_ *protocol.State, a *act.Act) error {
	starts, _ := fact(a, FactStarts).Instant()
	ends, there := fact(a, FactEnds).Instant()
	if !there || fact(a, FactStarts).Type() != act.At || starts >= ends {
		return fault.Invalid.New("parties.mandate.term").At(FactEnds, "parties.mandate.ends_after_start", nil)
	}
	person, _ := fact(a, FactPerson).ID()
	if person.IsZero() {
		return fault.Invalid.New("parties.mandate.invalid").At(FactPerson, "parties.mandate.person", nil)
	}
	if fact(a, FactRole).Code() == "" {
		return fault.Invalid.New("parties.mandate.invalid").At(FactRole, "parties.mandate.role", nil)
	}
	if fact(a, FactInstitution).Code() == "" {
		return fault.Invalid.New("parties.mandate.invalid").At(FactInstitution, "parties.mandate.institution", nil)
	}
	if slices.ContainsFunc(fact(a, FactWalled).IDs(), act.ID.IsZero) {
		return fault.Invalid.New("parties.mandate.invalid").At(FactWalled, "parties.mandate.compartment", nil)
	}
	return nil
}

func checkEnd(_ *protocol.State, a *act.Act) error {
	if !fact(a, FactEnded).Bool() {
		return fault.Invalid.New("parties.mandate.end")
	}
	return nil
}

func fact(a *act.Act, name string) act.Value {
	v, _ := a.Facts.Get(name)
	return v
}

// mostName is the longest name, in characters.
const mostName = 200

// ReadPerson reads the body of person.enrolled. It refuses what Enroll would not have written with a proper name: one
// line of 1 to 200 printable characters, no space at either end.
func ReadPerson(b []byte) (Person, error) {
	var p Person
	err := read(b, &p)
	if err != nil {
		return Person{}, err
	}
	n := utf8.RuneCountInString(p.Name)
	unprintable := func(r rune) bool { return !unicode.IsGraphic(r) && !joiner(r) }
	if text.Empty(p.Name) || n > mostName || strings.TrimSpace(p.Name) != p.Name || strings.ContainsFunc(p.Name, unprintable) || strings.ContainsRune(p.Name, utf8.RuneError) {
		return Person{}, errors.New("a name is one line of 1 to 200 printable characters")
	}
	return p, nil
}

// joiner tells the two invisible characters that spelling needs, in Arabic script among others.
func joiner(r rune) bool { return r == '\u200c' || r == '\u200d' }

// read decodes a small JSON object strictly.
func read(b []byte, into any) error {
	if strict.JSON(b, into) != nil {
		return errors.New("the body is not the JSON of its kind") // a reason of its own could quote a name
	}
	return nil
}
