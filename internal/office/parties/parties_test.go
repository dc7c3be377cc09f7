package parties

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

var (
	noon   = act.InstantOf(time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC))
	later  = noon.Add(24 * time.Hour)
	mona   = idOf("mona")
	walled = idOf("walled")
)

func idOf(words ...string) (id act.ID) {
	sum := sha256.Sum256([]byte(fmt.Sprint(words)))
	copy(id[:], sum[:])
	return id
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// pack is what these tests know of a country.
type pack map[string][]string

func (p pack) Has(list, word string) bool { return slices.Contains(p[list], word) }

var country = pack{
	"roles": {"officer", RoleKeeper}, "institutions": {"office", House}, "seats": {"officer-1", SeatKeeper},
	"compartments": {"handling", "child"},
}

// file plays the clerk for one file: it decides, checks against the catalogue, encodes, and folds.
type file struct {
	t     *testing.T
	id    act.ID
	state protocol.State
	kinds *act.Catalogue
}

func newFile(t *testing.T, name string) *file {
	t.Helper()
	kinds, err := act.NewCatalogue(Kinds()...)
	must(t, err)
	return &file{t: t, id: idOf("file", name), kinds: kinds}
}

// do carries a command out; the envelope has been through its encoding, as the log keeps it.
func (f *file) do(cmd clerk.Command) (*act.Envelope, error) {
	f.t.Helper()
	acts, err := Deciders()[cmd.Kind](&f.state, &cmd, noon)
	if err != nil {
		return nil, err
	}
	if len(acts) != 1 || acts[0].Kind != cmd.Kind {
		f.t.Fatalf("%s decided %v", cmd.Kind, acts)
	}
	a := acts[0]
	schema, ok := f.kinds.Latest(a.Kind)
	if !ok || schema.Body != (a.Body != nil) {
		f.t.Fatalf("%s: body %q", a.Kind, a.Body)
	}
	e := &act.Envelope{
		ID: idOf(f.id.String(), fmt.Sprint(f.state.Acts)), File: f.id, Of: cmd.Of, Audience: idOf("aud"), Thread: idOf("thread", f.id.String()),
		Pos: f.state.Acts, Kind: a.Kind, Version: 1, Recorded: later, Effective: noon, Mandate: idOf("keeper"), Law: "xx@1", Facts: a.Facts,
	}
	if e.Of == "" {
		e.Of = f.state.Sort
	}
	err = f.kinds.Admit(e, country)
	if err != nil {
		return nil, err
	}
	b, err := act.Encode(e)
	if err != nil {
		return nil, err
	}
	e, err = act.Decode(b)
	must(f.t, err)
	must(f.t, f.state.Fold(e))
	return e, nil
}

func seat() Seat {
	return Seat{
		Person: mona, Role: "officer", Institution: "office", Seat: "officer-1", Compartments: []string{"child", "handling"},
		Walled: []act.ID{walled}, Starts: noon, Ends: later,
	}
}

func TestKindsAreDeclared(t *testing.T) {
	t.Parallel()
	kinds, err := act.NewCatalogue(Kinds()...)
	must(t, err)
	decide := Deciders()
	for _, s := range kinds.All() {
		if decide[s.Kind] == nil {
			t.Errorf("%s has no decision", s.Kind)
		}
		if len(s.Of) != 1 || !slices.Contains(Sorts(), s.Of[0]) {
			t.Errorf("%s belongs to %v", s.Kind, s.Of)
		}
	}
	known := map[string]bool{}
	for _, s := range kinds.All() {
		known[s.Kind] = true
	}
	if len(decide) != len(known) {
		t.Errorf("%d decisions for %d kinds", len(decide), len(known))
	}
}

func TestDecide(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		cmds []clerk.Command
		code fault.Code // of the last; empty means all is well
	}{
		"a log":                {[]clerk.Command{OpenLog("xx@0123", "")}, ""},
		"two logs in one":      {[]clerk.Command{OpenLog("xx@0123", ""), OpenLog("xx@0123", "")}, fault.Conflict},
		"a log of no pack":     {[]clerk.Command{OpenLog("the pack of Xanadu", "")}, fault.Invalid},
		"an institution":       {[]clerk.Command{EnrollInstitution("office")}, ""},
		"it twice":             {[]clerk.Command{EnrollInstitution("office"), EnrollInstitution("office")}, fault.Conflict},
		"a person":             {[]clerk.Command{Enroll(Person{"Mona Exemple"})}, ""},
		"in Arabic":            {[]clerk.Command{Enroll(Person{"منى مثال"})}, ""},
		"with a joiner":        {[]clerk.Command{Enroll(Person{"می\u200cخواهم"})}, ""},
		"no name":              {[]clerk.Command{Enroll(Person{})}, fault.Invalid},
		"spaces around":        {[]clerk.Command{Enroll(Person{" Mona"})}, fault.Invalid},
		"two lines":            {[]clerk.Command{Enroll(Person{"Mona\nExemple"})}, fault.Invalid},
		"turned round":         {[]clerk.Command{Enroll(Person{"Mona\u202eExemple"})}, fault.Invalid},
		"too long":             {[]clerk.Command{Enroll(Person{strings.Repeat("م", mostName+1)})}, fault.Invalid},
		"a mandate":            {[]clerk.Command{GrantSeat(seat())}, ""},
		"a whole life":         {[]clerk.Command{GrantSeat(seat()), NoteInvitation(act.ID{}, later, 1), EndMandate(act.ID{}, 2)}, ""},
		"granted twice":        {[]clerk.Command{GrantSeat(seat()), GrantSeat(seat())}, fault.Conflict},
		"ended twice":          {[]clerk.Command{GrantSeat(seat()), EndMandate(act.ID{}, 1), EndMandate(act.ID{}, 2)}, fault.Conflict},
		"invited when ended":   {[]clerk.Command{GrantSeat(seat()), EndMandate(act.ID{}, 1), NoteInvitation(act.ID{}, later, 2)}, fault.Conflict},
		"ended before granted": {[]clerk.Command{EndMandate(act.ID{}, 0)}, fault.NotFound},
		"a person is ended":    {[]clerk.Command{Enroll(Person{"Mona Exemple"}), EndMandate(act.ID{}, 1)}, fault.NotFound},
		"nobody":               {[]clerk.Command{grant(func(s *Seat) { s.Person = act.ID{} })}, fault.Invalid},
		"ends as it starts":    {[]clerk.Command{grant(func(s *Seat) { s.Ends = s.Starts })}, fault.Invalid},
		"ends before":          {[]clerk.Command{grant(func(s *Seat) { s.Ends = s.Starts - 1 })}, fault.Invalid},
		"no role":              {[]clerk.Command{grant(func(s *Seat) { s.Role = "" })}, fault.Invalid},
		"no institution":       {[]clerk.Command{grant(func(s *Seat) { s.Institution = "" })}, fault.Invalid},
		"walled by nothing":    {[]clerk.Command{grant(func(s *Seat) { s.Walled = []act.ID{{}} })}, fault.Invalid},
		"no seat, no walls":    {[]clerk.Command{grant(func(s *Seat) { s.Seat, s.Walled, s.Compartments = "", nil, nil })}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFile(t, name)
			for i, cmd := range c.cmds {
				_, err := f.do(cmd)
				want := fault.Code("")
				if i == len(c.cmds)-1 {
					want = c.code
				}
				if fault.CodeOf(err) != want || (err != nil) != (want != "") {
					t.Fatalf("command %d: %v, want %q", i, err, want)
				}
			}
		})
	}
}

func grant(spoil func(*Seat)) clerk.Command {
	s := seat()
	spoil(&s)
	return GrantSeat(s)
}

// What the pack does not have is refused by the catalogue, and so is a hand-made act that lacks what the constructors write.
func TestNotOfThePack(t *testing.T) {
	t.Parallel()
	for name, cmd := range map[string]clerk.Command{
		"role":            grant(func(s *Seat) { s.Role = "emperor" }),
		"institution":     grant(func(s *Seat) { s.Institution = "palace" }),
		"seat":            grant(func(s *Seat) { s.Seat = "dais" }),
		"compartment":     grant(func(s *Seat) { s.Compartments = []string{"canary-case-of-the-olives"} }),
		"new institution": EnrollInstitution("palace"),
		"end not said":    {Kind: KindMandateEnded},
		"grant not said":  {Of: SortMandate, Kind: KindMandateGranted},
		"body not JSON":   {Of: SortPerson, Kind: KindPersonEnrolled, Act: act.Act{Body: []byte("Mona")}},
		"unknown field":   {Of: SortPerson, Kind: KindPersonEnrolled, Act: act.Act{Body: []byte(`{"name":"Mona","iban":"1"}`)}},
		"two names":       {Of: SortPerson, Kind: KindPersonEnrolled, Act: act.Act{Body: []byte(`{"name":"Mona","name":"Nora"}`)}},
		"two bodies":      {Of: SortPerson, Kind: KindPersonEnrolled, Act: act.Act{Body: []byte(`{"name":"Mona"}{}`)}},
		"not UTF-8":       {Of: SortPerson, Kind: KindPersonEnrolled, Act: act.Act{Body: []byte("{\"name\":\"Mon\xff\"}")}},
		"no body":         {Of: SortPerson, Kind: KindPersonEnrolled},
	} {
		f := newFile(t, name)
		if name == "end not said" {
			_, err := f.do(GrantSeat(seat()))
			must(t, err)
		}
		_, err := f.do(cmd)
		if err == nil {
			t.Errorf("%s was recorded", name)
			continue
		}
		if strings.Contains(err.Error(), "Mona") {
			t.Errorf("%s: the refusal, which is logged, holds a name: %v", name, err)
		}
	}
}

func TestReadPerson(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Mona Exemple", `O"Neil <b>`, "منى"} {
		got, err := ReadPerson(Enroll(Person{name}).Act.Body)
		if err != nil || got.Name != name {
			t.Errorf("%q: %v %v", name, got, err)
		}
	}
}

// The name of a person, and that of a compartment made while the house runs, are in no envelope.
func TestEnvelopesHoldNoName(t *testing.T) {
	t.Parallel()
	for _, cmd := range []clerk.Command{Enroll(Person{"Mona Exemple"}), GrantSeat(seat()), OpenLog("xx@0123", "")} {
		e, err := newFile(t, cmd.Kind).do(cmd)
		must(t, err)
		b, err := act.Encode(e)
		must(t, err)
		if bytes.Contains(b, []byte("Mona")) || bytes.Contains(b, []byte("Exemple")) {
			t.Errorf("%s", b)
		}
		if cmd.Kind == KindMandateGranted && !bytes.Contains(b, []byte(walled.String())) {
			t.Errorf("the walled compartment is not named by its identifier: %s", b)
		}
	}
}
