package act

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func sample() *Envelope {
	id := func(b byte) ID { return ID{b, 1, 2, 3, b} }
	at := InstantOf(time.Date(2026, 3, 4, 5, 6, 7, 8000, time.UTC))
	return &Envelope{
		ID: id(1), File: id(2), Of: "notice", Audience: id(3), Thread: id(4), Pos: 7,
		Kind: "notice.received", Version: 1, Recorded: at, Effective: at.Add(-time.Hour), Shown: id(9),
		Mandate: id(5), Cites: []ID{id(6), id(7)},
		Procedure: &Procedure{ID: id(8), Protocol: "xx.notice", Version: 2, Step: "receive"},
		Deadlines: []Deadline{{Rule: "ack", Start: at, Due: at.Add(time.Hour), Calendar: "xx@1"}},
		Law:       "xx@abc",
		Facts: NewFacts(map[string]Value{
			"minor": OfBool(true), "count": OfInt(-5), "sort": OfCode("contact"), "labels": OfCodes("b", "a", "b"),
			"none": OfCodes(), "day": OfDate(at.Time()), "when": OfInstant(at), "who": OfID(id(3)), "all": OfIDs(id(9), id(1)),
		}),
		Gates: []Answer{{Gate: "G-01", Version: 1, Open: true, Because: "in_force", Saw: []Seen{
			{Fact: "a"}, {Fact: "c", Value: OfBool(false)}, {Fact: "d", Value: OfInt(3), From: id(2)},
		}}},
		Commits: []Commit{{Name: "content", Sum: [32]byte{1, 2, 3}}},
		Key:     id(10),
	}
}

func TestEnvelopeRoundTrip(t *testing.T) {
	e := sample()
	b, err := Encode(e)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode(b)
	if err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	if diff := cmp.Diff(e, got, cmp.AllowUnexported(Value{}), cmp.Comparer(func(a, b Value) bool { return a.Equal(b) })); diff != "" {
		t.Fatal(diff)
	}
}

// Every byte of an encoding matters: flip any one and what decodes is refused or differs.
func TestNoTwoEncodings(t *testing.T) {
	b, err := Encode(sample())
	if err != nil {
		t.Fatal(err)
	}
	for i := range b {
		for bit := range 8 {
			mutant := bytes.Clone(b)
			mutant[i] ^= 1 << bit
			e, err := Decode(mutant)
			if err != nil {
				continue
			}
			again, err := Encode(e)
			if err != nil || !bytes.Equal(again, mutant) {
				t.Fatalf("byte %d bit %d: accepted a second encoding", i, bit)
			}
		}
	}
}

func TestCheckRefuses(t *testing.T) {
	for name, spoil := range map[string]func(*Envelope){
		"empty audience":         func(e *Envelope) { e.Audience = ID{} },
		"machine finds a breach": func(e *Envelope) { e.Mandate = ID{} },
		"person lapses":          func(e *Envelope) { e.Kind = DeadlineLapsed },
		"future effect":          func(e *Envelope) { e.Effective = e.Recorded + 1 },
		"name in a code":         func(e *Envelope) { e.Facts[0].Value = OfCode("Mona Exemple") },
		"unsorted facts":         func(e *Envelope) { e.Facts[0], e.Facts[1] = e.Facts[1], e.Facts[0] },
		"zero value":             func(e *Envelope) { e.Facts[0].Value = Value{} },
		"huge number":            func(e *Envelope) { e.Facts[0].Value = OfInt(MaxInt + 1) },
		"repeated citation":      func(e *Envelope) { e.Cites = append(e.Cites, e.Cites[0]) },
		"unknown from an act":    func(e *Envelope) { e.Gates[0].Saw[0].From = e.ID },
		"too many citations":     func(e *Envelope) { e.Cites = make([]ID, maxCites+1) },
	} {
		t.Run(name, func(t *testing.T) {
			e := sample()
			spoil(e)
			if _, err := Encode(e); err == nil {
				t.Fatal("was written")
			}
		})
	}
}

func TestCatalogue(t *testing.T) {
	ok := Schema{
		Kind: "notice.received", Version: 1, Of: []string{"notice"}, Purpose: "p", Basis: "b", Retention: "r", Body: true,
		Facts: []FactSchema{{Name: "minor", Type: Bool, Required: true}, {Name: "sort", Type: Code, Codes: []string{"contact"}}},
	}
	c, err := NewCatalogue(ok)
	if err != nil {
		t.Fatal(err)
	}
	e := sample()
	e.Facts = NewFacts(map[string]Value{"minor": OfBool(true), "sort": OfCode("contact")})
	e.Commits = nil
	if err := c.Admit(e, nil); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*Envelope){
		"undeclared kind":    func(e *Envelope) { e.Kind = "notice.invented" },
		"later version":      func(e *Envelope) { e.Version = 2 },
		"another file":       func(e *Envelope) { e.Of = "platform" },
		"undeclared fact":    func(e *Envelope) { e.Facts = append(e.Facts, Fact{"zz", OfBool(true)}) },
		"missing fact":       func(e *Envelope) { e.Facts = e.Facts[1:] },
		"other type":         func(e *Envelope) { e.Facts[0].Value = OfInt(1) },
		"outside list":       func(e *Envelope) { e.Facts[1].Value = OfCode("weather") },
		"undeclared commits": func(e *Envelope) { e.Commits = []Commit{{Name: "content"}} },
	} {
		e := sample()
		e.Facts = NewFacts(map[string]Value{"minor": OfBool(true), "sort": OfCode("contact")})
		e.Commits = nil
		spoil(e)
		if c.Admit(e, nil) == nil {
			t.Errorf("%s: was admitted", name)
		}
	}
	gap, missing := ok, ok
	gap.Version, missing.Purpose = 3, ""
	for _, bad := range []Schema{gap, missing} {
		if _, err := NewCatalogue(ok, bad); err == nil {
			t.Errorf("%+v was declared", bad)
		}
	}
}

func TestIDText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var id ID
		copy(id[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
		got, err := ParseID(id.String())
		if err != nil || got != id {
			t.Fatalf("%v: %v %v", id, got, err)
		}
	})
	for _, bad := range []string{"", strings.Repeat("a", 25), strings.Repeat("A", 26), strings.Repeat("a", 25) + "b", strings.Repeat("1", 26)} {
		if _, err := ParseID(bad); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

func FuzzDecode(f *testing.F) {
	b, err := Encode(sample())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := Decode(b)
		if err != nil {
			return
		}
		again, err := Encode(e)
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("accepted a second encoding: %v\n%s\n%s", err, b, again)
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	e := sample()
	b.ReportAllocs()
	for b.Loop() {
		_, _ = Encode(e)
	}
}

func BenchmarkDecode(b *testing.B) {
	enc, _ := Encode(sample())
	b.ReportAllocs()
	for b.Loop() {
		_, _ = Decode(enc)
	}
}

// TestInstantsAndDates holds what is written and checked by hand to package time.
func TestInstantsAndDates(t *testing.T) {
	t.Parallel()
	for _, i := range []Instant{minInstant, minInstant + 1, -1, 0, 1, 1_709_164_799_999_999, 1_709_164_800_000_000, maxInstant, maxInstant + 1} {
		want := i.Time().Format(instantForm)
		if i.String() != want {
			t.Errorf("instant %d is written %s, want %s", int64(i), i, want)
		}
	}
	for _, text := range []string{
		"2026-11-22", "2024-02-29", "2000-02-29", "0001-01-01", "9999-12-31", "", "2026-11-2", "2026-11-222", "2026/11/22", "2026-11_22",
		"2023-02-29", "1900-02-29", "2026-04-31", "2026-13-01", "2026-00-10", "2026-10-00", "2026-10-32", "0000-01-01", "-001-01-01", "2026-+1-01", "2026- 1-01", "２026-1-1",
	} {
		day, err := time.Parse(time.DateOnly, text)
		want := err == nil && day.Year() >= 1 && day.Format(time.DateOnly) == text
		if got := isDate(text); got != want {
			t.Errorf("%q is a date: %t, want %t", text, got, want)
		}
	}
}
