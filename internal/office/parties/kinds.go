package parties

import (
	"sanad/internal/act"
	"sanad/internal/office/access"
)

// Sorts of file.
const (
	SortLog         = "log"
	SortInstitution = "institution"
	SortPerson      = "person"
	SortMandate     = "mandate"
)

// Sorts returns the sorts of file of this room.
func Sorts() []string { return []string{SortInstitution, SortLog, SortMandate, SortPerson} }

// Kinds of act. Those that change who reads what are named by access.
const (
	KindLogOpened           = "log.opened"
	KindInstitutionEnrolled = "institution.enrolled"
	KindPersonEnrolled      = "person.enrolled"
	KindMandateGranted      = access.KindGranted
	KindMandateEnded        = access.KindEnded
	KindMandateInvited      = "mandate.invited"
)

// The house's own role, seat and institution, in every country: whoever keeps the machine. A keeper invites people to
// the mandates they hold and reads nothing of any case. App adds each to the pack's closed list.
const (
	RoleKeeper = "keeper" // of the list roles
	House      = "house"  // of the list institutions
	SeatKeeper = "keeper" // of the list seats
)

// Names of facts.
const (
	FactVariant      = "variant" // of governance, where whoever founded the log chose one; else it is the pack's first
	FactInstitution  = "institution"
	FactPerson       = "person"
	FactRole         = "role"
	FactSeat         = "seat"
	FactStarts       = "starts"
	FactEnds         = "ends"
	FactCompartments = "compartments" // codes of the pack
	FactWalled       = "walled"       // identifiers of compartments made while the house runs
	FactEnded        = "ended"
	FactExpires      = "expires"
)

// withVariant is the version of log.opened that names a governance variant.
const withVariant = 2

// Kinds declares the acts of parties. The pack closes the lists roles, institutions, seats (those of its roles), variants and
// compartments. Bodies are kept like the papers of a procedure: who decided must be known as long as what was decided.
func Kinds() []act.Schema {
	one := func(kind, sort string, body bool, facts ...act.FactSchema) act.Schema {
		return act.Schema{
			Kind: kind, Version: 1, Of: []string{sort}, Facts: facts, Purpose: "kind." + kind, Basis: act.BasisHouse,
			Retention: "procedure", Body: body,
		}
	}
	code := func(name, list string, required bool) act.FactSchema {
		return act.FactSchema{Name: name, Type: act.Code, List: list, Required: required}
	}
	must := func(name string, t act.Type) act.FactSchema {
		return act.FactSchema{Name: name, Type: t, Required: true}
	}
	chosen := one(KindLogOpened, SortLog, true, code(FactVariant, "variants", true))
	chosen.Version = withVariant
	return []act.Schema{
		one(KindLogOpened, SortLog, true),
		chosen,
		one(KindInstitutionEnrolled, SortInstitution, false, code(FactInstitution, "institutions", true)),
		one(KindPersonEnrolled, SortPerson, true),
		one(KindMandateGranted, SortMandate, false,
			must(FactPerson, act.Ident), code(FactInstitution, "institutions", true), code(FactRole, "roles", true),
			code(FactSeat, "seats", false), must(FactStarts, act.At), must(FactEnds, act.At),
			act.FactSchema{Name: FactCompartments, Type: act.Codes, List: "compartments"},
			act.FactSchema{Name: FactWalled, Type: act.Idents}),
		one(KindMandateEnded, SortMandate, false, must(FactEnded, act.Bool)),
		one(KindMandateInvited, SortMandate, false, must(FactExpires, act.At)),
	}
}
