package exhibits

import (
	"sanad/internal/act"
	"sanad/internal/kit/picture"
	"sanad/internal/office/access"
	"sanad/internal/office/clerk"
)

// Names of the act that binds an exhibit. The verifier of the log knows them too.
const (
	KindAdded    = "exhibit.added"
	factBlob     = "blob"
	factBlobKey  = "blob_key"
	commitSealed = "sealed"
)

// The acts that tell what becomes of an exhibit. Each names it by its fact exhibit: the act that binds it.
const (
	KindOpened   = "exhibit.opened"   // somebody saw it, veiled, or read it where it is no picture
	KindUnveiled = "exhibit.unveiled" // the same person saw it in full
	KindWithheld = "exhibit.withheld" // it may show a child: it was sealed again, for the police alone
	KindGiven    = "exhibit.given"    // it left the house, as the original or as a copy
)

// Facts of these acts.
const (
	factExhibit  = "exhibit"
	factMedia    = "media"
	factPicture  = "picture"
	factWithheld = "withheld" // of a binding: what it binds is never rendered
	factReason   = "reason"
	factTo       = "to"
	factForm     = "form"
)

// In what form an exhibit left the house.
const (
	FormOriginal = "original"
	FormCopy     = "copy"
)

// Reasons is the closed list of why an exhibit may be opened or given.
func Reasons() []string { return []string{"assess", "prepare", "court", "check"} }

// Kinds declares the acts of exhibits, for the sorts of file that may have some. No envelope holds an exact size: it is never
// erased, and helps to recognise a known picture.
func Kinds(sorts ...string) []act.Schema {
	ident := func(name string) act.FactSchema { return act.FactSchema{Name: name, Type: act.Ident, Required: true} }
	reason := act.FactSchema{Name: factReason, Type: act.Code, Required: true, Codes: Reasons()}
	kind := func(name string, facts ...act.FactSchema) act.Schema {
		return act.Schema{
			Kind: name, Version: 1, Of: sorts, Purpose: "kind." + name, Basis: act.BasisCustody, Retention: "procedure", Body: true,
			Facts: append([]act.FactSchema{ident(factExhibit)}, facts...),
		}
	}
	added := func(version int, facts ...act.FactSchema) act.Schema {
		return act.Schema{
			Kind: KindAdded, Version: version, Of: sorts, Purpose: "kind.exhibit.added", Basis: act.BasisCustody, Retention: "procedure", Body: true,
			Facts: append([]act.FactSchema{ident(factBlob), ident(factBlobKey)}, facts...), Commits: []string{commitSealed},
		}
	}
	return []act.Schema{
		added(1),
		added(2,
			act.FactSchema{Name: factMedia, Type: act.Code, Required: true, Codes: picture.Kinds()},
			act.FactSchema{Name: factPicture, Type: act.Bool, Required: true},
			act.FactSchema{Name: factWithheld, Type: act.Bool},
			act.FactSchema{Name: factExhibit, Type: act.Ident}, // where it was sealed again: what bound it before
		),
		kind(KindOpened, reason),
		kind(KindUnveiled, reason),
		kind(KindWithheld, ident(factBlob)),
		kind(KindGiven, act.FactSchema{Name: factTo, Type: act.Code, List: "institutions", Required: true},
			act.FactSchema{Name: factForm, Type: act.Code, Required: true, Codes: []string{FormOriginal, FormCopy}}, reason),
	}
}

// Rules is what a pack says about exhibits, but for who may open them and give them out: that is said by its policies. The zero
// Rules let nobody take an original away, and nothing be withheld.
type Rules struct {
	Police      string   // compartment that a withheld exhibit is sealed to
	Courts      []string // institutions that may get an original
	AddressOnly []string // situations about which an address is taken, never a file
}

// Plain says what whoever records an act about an exhibit must be allowed to do with it: Room records them. Whoever reads a file
// may add to it, for that hides and changes nothing.
func Plain() map[string]clerk.Plain {
	open := clerk.Plain{Needs: access.ToOpen}
	return map[string]clerk.Plain{KindAdded: {}, KindOpened: open, KindUnveiled: open, KindWithheld: open, KindGiven: {Needs: access.ToExport}}
}
