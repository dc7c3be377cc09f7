package parties

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/archive/seal"
	"sanad/internal/archive/store"
	"sanad/internal/archive/store/storetest"
	"sanad/internal/kit/fault"
	"sanad/internal/law/protocol"
	"sanad/internal/office/access"
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
		"seat":            grant(func(s *Seat) { s.Seat = "throne" }),
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

// house is a database with its keys and its book.
type house struct {
	t    *testing.T
	db   *store.DB
	book *access.Book
}

// onBoth runs a test on SQLite and, where the gate gave one, on a PostgreSQL database of its own.
func onBoth(t *testing.T, f func(h *house)) {
	t.Helper()
	storetest.OnBoth(t, func(t *testing.T, url string) { f(newHouse(t, url)) })
}

func newHouse(t *testing.T, url string) *house {
	t.Helper()
	db := storetest.Open(t, url)
	random := &locked{r: rand.NewChaCha8(sha256.Sum256([]byte(t.Name())))}
	keeper, err := seal.Open(t.Context(), t.TempDir(), nil, random)
	must(t, err)
	t.Cleanup(func() { must(t, keeper.Close()) })
	book, err := access.Open(keeper, nil, random)
	must(t, err)
	return &house{t, db, book}
}

type locked struct {
	mu sync.Mutex
	r  io.Reader
}

func (l *locked) Read(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.r.Read(p)
}

func (h *house) write(f func(*store.Tx) error) {
	h.t.Helper()
	must(h.t, h.db.Write(h.t.Context(), f))
}

func (h *house) project(acts ...*act.Envelope) error {
	var recorded []clerk.Recorded
	for i, e := range acts {
		recorded = append(recorded, clerk.Recorded{Seq: int64(i), Envelope: e})
	}
	return h.db.Write(h.t.Context(), func(tx *store.Tx) error { return Projector{h.book}.Project(h.t.Context(), tx, recorded) })
}

func TestProject(t *testing.T) {
	t.Parallel()
	onBoth(t, func(h *house) {
		t, ctx := h.t, h.t.Context()
		const planted = "canary-case-of-the-olives"
		s := seat()
		var before seal.Audience
		h.write(func(tx *store.Tx) (err error) {
			s.Walled[0], err = h.book.Compartment(ctx, tx, planted)
			must(t, err)
			before, _, err = h.book.Intern(ctx, tx, []string{planted, "child"})
			return err
		})
		f := newFile(t, "mandate")
		granted, err := f.do(GrantSeat(s))
		must(t, err)
		person, err := newFile(t, "person").do(Enroll(Person{"Mona Exemple"})) // of no concern to who reads what
		must(t, err)
		must(t, h.project(person, granted))
		may := func(want bool, codes ...string) {
			t.Helper()
			h.write(func(tx *store.Tx) error {
				aud, _, err := h.book.Intern(ctx, tx, codes)
				must(t, err)
				got, err := h.book.May(ctx, tx, f.id, aud.ID)
				if err == nil && got != want {
					t.Errorf("%v: %v", codes, got)
				}
				found, rerr := h.book.Recheck(ctx, tx)
				if len(found) > 0 {
					t.Errorf("%v", found)
				}
				return errors.Join(err, rerr)
			})
		}
		may(true, planted, "child")
		may(true, planted, "handling")
		may(true, access.Public)
		may(false, "bank")
		h.write(func(tx *store.Tx) error {
			m, err := h.book.Mandate(ctx, tx, f.id)
			must(t, err)
			want := access.Mandate{ID: f.id, Person: mona, Role: "officer", Institution: "office", Seat: "officer-1", Starts: noon, Ends: later, Compartments: m.Compartments}
			if fmt.Sprint(m) != fmt.Sprint(want) || len(m.Compartments) != 4 {
				t.Errorf("%+v", m)
			}
			return nil
		})
		if h.db.Path() != "" {
			files, err := filepath.Glob(h.db.Path() + "*")
			must(t, err)
			for _, name := range files {
				b, err := os.ReadFile(name)
				must(t, err)
				if bytes.Contains(b, []byte(planted)) {
					t.Errorf("%s holds the name of a compartment", filepath.Base(name))
				}
			}
		}

		ended, err := f.do(EndMandate(f.id, 1))
		must(t, err)
		must(t, h.project(ended))
		may(false, planted, "child")
		may(false, access.Public)
		h.write(func(tx *store.Tx) error {
			m, err := h.book.Mandate(ctx, tx, f.id)
			if err != nil || m.Ends != ended.Effective || m.InForce(noon) {
				t.Errorf("%+v %v", m, err)
			}
			if got, err := h.book.May(ctx, tx, f.id, before.ID); got || err != nil {
				t.Errorf("%v %v", got, err)
			}
			return nil
		})

		// Who may read what can be built again from the envelopes.
		h.write(func(tx *store.Tx) error {
			for _, table := range []string{"may", "mandate_part", "mandate"} {
				_, err := tx.Exec(ctx, "DELETE FROM "+table)
				must(t, err)
			}
			return nil
		})
		must(t, h.project(granted))
		may(true, planted, "child")
		must(t, h.project(ended))
		may(false, planted, "child")
	})
}

// A grant that access refuses takes the commit with it, rather than leave log and table apart.
func TestProjectRefuses(t *testing.T) {
	t.Parallel()
	onBoth(t, func(h *house) {
		s := seat()
		s.Walled = []act.ID{idOf("nowhere")}
		e, err := newFile(h.t, "m").do(GrantSeat(s))
		must(h.t, err)
		err = h.project(e)
		if !errors.Is(err, access.ErrUnknownCompartment) {
			h.t.Errorf("%v", err)
		}
		h.write(func(tx *store.Tx) error {
			_, err := h.book.Mandate(h.t.Context(), tx, e.File)
			if !errors.Is(err, access.ErrUnknownMandate) {
				h.t.Errorf("%v", err)
			}
			return nil
		})
	})
}
