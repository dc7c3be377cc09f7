package parties

import (
	"encoding/json"

	"sanad/internal/act"
	"sanad/internal/office/clerk"
)

// Person is the body of person.enrolled.
type Person struct {
	Name string `json:"name"`
}

// Opening is the body of log.opened.
type Opening struct {
	Pack string `json:"pack"` // name and version of the pack the log was begun under
}

// Seat is a mandate to be granted: who, for which institution, in which role and post, for how long, reading what.
type Seat struct {
	Person       act.ID
	Role         string
	Institution  string
	Seat         string      // stable code of the post; may be empty
	Compartments []string    // of the pack; the public one goes without saying
	Walled       []act.ID    // made while the house runs
	Starts, Ends act.Instant // in force from Starts until just before Ends
}

// OpenLog is the first command of a log. variant is the governance variant that was chosen for it; where it is empty the act names
// none, as before there was a choice, and the pack's first governs.
func OpenLog(pack, variant string) clerk.Command {
	a := act.Act{Version: 1, Body: body(Opening{pack})}
	if variant != "" {
		a.Version, a.Facts = withVariant, act.NewFacts(map[string]act.Value{FactVariant: act.OfCode(variant)})
	}
	return clerk.Command{Of: SortLog, Kind: KindLogOpened, Act: a}
}

// EnrollInstitution opens the file of an institution of the pack.
func EnrollInstitution(code string) clerk.Command {
	return clerk.Command{Of: SortInstitution, Kind: KindInstitutionEnrolled, Act: act.Act{
		Facts: act.NewFacts(map[string]act.Value{FactInstitution: act.OfCode(code)}),
	}}
}

// Enroll opens the file of a person. Its identifier is what mandates name.
func Enroll(p Person) clerk.Command {
	return clerk.Command{Of: SortPerson, Kind: KindPersonEnrolled, Act: act.Act{Body: body(p)}}
}

// GrantSeat opens the file of a mandate. The file's identifier is the mandate's.
func GrantSeat(s Seat) clerk.Command {
	facts := map[string]act.Value{
		FactPerson: act.OfID(s.Person), FactInstitution: act.OfCode(s.Institution), FactRole: act.OfCode(s.Role),
		FactStarts: act.OfInstant(s.Starts), FactEnds: act.OfInstant(s.Ends),
	}
	if s.Seat != "" {
		facts[FactSeat] = act.OfCode(s.Seat)
	}
	if len(s.Compartments) > 0 {
		facts[FactCompartments] = act.OfCodes(s.Compartments...)
	}
	if len(s.Walled) > 0 {
		facts[FactWalled] = act.OfIDs(s.Walled...)
	}
	return clerk.Command{Of: SortMandate, Kind: KindMandateGranted, Act: act.Act{Facts: act.NewFacts(facts)}}
}

// EndMandate takes a mandate back for good, from the act's effective instant on. seen is View.Seen.
func EndMandate(mandate act.ID, seen int64) clerk.Command {
	return clerk.Command{File: mandate, Kind: KindMandateEnded, Seen: seen, Act: act.Act{
		Facts: act.NewFacts(map[string]act.Value{FactEnded: act.OfBool(true)}),
	}}
}

// NoteInvitation records that the holder of a mandate was given a code to come in with, and until when it is good. The
// code itself is in no act. seen is View.Seen.
func NoteInvitation(mandate act.ID, expires act.Instant, seen int64) clerk.Command {
	return clerk.Command{File: mandate, Kind: KindMandateInvited, Seen: seen, Act: act.Act{
		Facts: act.NewFacts(map[string]act.Value{FactExpires: act.OfInstant(expires)}),
	}}
}

// body writes a body as JSON. Bodies of parties are structs of strings, which always can be.
func body(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		return nil // the decision refuses an empty body
	}
	return b
}
