package register

import "sanad/internal/act"

// Sort is the sort of file the register is. A log has one.
const Sort = "register"

// The kinds of act of this desk. All are public.
const (
	KindOpened  = "register.opened"
	KindEntered = "register.entered"
	KindDumped  = act.RegisterDumped
	KindFrozen  = "freeze.declared"
	KindThawed  = "freeze.ended"
)

// Commitments of this desk's acts.
const (
	CommitDump = "dump" // to the bytes of a dump
)

// Kinds declares this desk's acts.
func Kinds() []act.Schema {
	of := []string{Sort}
	kind := func(name string, body bool, commits []string, facts ...act.FactSchema) act.Schema {
		return act.Schema{
			Kind: name, Version: 1, Of: of, Purpose: "kind." + name, Basis: act.BasisProtocol, Retention: "register", Body: body, Commits: commits, Facts: facts,
		}
	}
	upkeep := func(s act.Schema) act.Schema {
		s.Basis = act.BasisUpkeep
		return s
	}
	return []act.Schema{
		upkeep(kind(KindOpened, false, nil)),
		kind(
			KindEntered, true, nil,
			act.FactSchema{Name: "entry", Type: act.Code, List: "entries", Required: true},
			act.FactSchema{Name: "platform", Type: act.Ident},
			act.FactSchema{Name: "state", Type: act.Code, List: "entry_states", Required: true},
			act.FactSchema{Name: "decided_on", Type: act.Date, Required: true},
			act.FactSchema{Name: "amends", Type: act.Ident}, // the entry that this one updates
		),
		upkeep(kind(
			KindDumped, false, []string{CommitDump},
			act.FactSchema{Name: "entries_count", Type: act.Int, Required: true},
			act.FactSchema{Name: "head", Type: act.Ident, Required: true},
		)),
		// A declared disaster, or an election: the gravest measures are out of reach while it lasts.
		kind(KindFrozen, true, nil, act.FactSchema{Name: "frozen", Type: act.Bool, Required: true}),
		kind(KindThawed, true, nil, act.FactSchema{Name: "frozen", Type: act.Bool, Required: true}),
	}
}
