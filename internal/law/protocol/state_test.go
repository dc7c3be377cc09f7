package protocol

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"sanad/internal/act"
)

var sameState = []cmp.Option{cmpopts.EquateEmpty(), cmp.Comparer(func(a, b act.Value) bool { return a.Equal(b) })}

// writer makes envelopes that follow their threads, from a seed.
type writer struct {
	dice    *rand.Rand
	next    map[act.ID]int64
	n       uint64
	drafts  []act.ID
	content [32]byte
}

func (w *writer) id() act.ID {
	w.n++
	return act.ID{1, byte(w.n >> 24), byte(w.n >> 16), byte(w.n >> 8), byte(w.n)}
}

func (w *writer) envelope() *act.Envelope {
	audience := act.ID{2, byte(w.dice.IntN(3))}
	at := act.Instant(w.n * 1000)
	e := &act.Envelope{
		ID: w.id(), File: act.ID{9}, Of: "case", Audience: audience, Thread: act.ID{3, audience[1]}, Pos: w.next[audience], Kind: "case.noted", Version: 1,
		Recorded: at, Effective: at - act.Instant(w.dice.IntN(500)), Mandate: act.ID{4}, Law: "xx@1",
		Facts: act.NewFacts(map[string]act.Value{
			fmt.Sprintf("f%d", w.dice.IntN(8)): act.OfInt(w.dice.Int64N(100)),
			"codes":                            act.OfCodes("b", "a"), "ids": act.OfIDs(act.ID{1}, act.ID{2}), "day": act.OfDate(time.Unix(w.dice.Int64N(4e9), 0).UTC()),
			"when": act.OfInstant(at), "flag": act.OfBool(w.n%2 == 0), "who": act.OfID(act.ID{5}), "code": act.OfCode("c"),
		}),
	}
	w.next[audience]++
	if w.dice.IntN(4) == 0 {
		return e
	}
	e.Procedure = &act.Procedure{ID: act.ID{6, byte(w.dice.IntN(2))}, Protocol: "p", Version: 1, Step: fmt.Sprintf("s%d", w.dice.IntN(6))}
	switch w.dice.IntN(4) {
	case 0:
		e.Deadlines = []act.Deadline{{Rule: "r", Start: e.Effective, Due: e.Effective + 5000, Calendar: "c@1"}}
	case 1:
		w.content[0]++
		e.Kind, e.Commits = KindDrafted, []act.Commit{{Name: CommitContent, Sum: w.content}}
		w.drafts = append(w.drafts, e.ID)
	case 2:
		if len(w.drafts) > 0 {
			e.Kind, e.Commits, e.Cites = KindSigned, []act.Commit{{Name: CommitContent, Sum: w.content}}, w.drafts[len(w.drafts)-1:]
			e.Facts = act.NewFacts(map[string]act.Value{FactPerson: act.OfID(act.ID{7, byte(w.dice.IntN(4))}), FactRole: act.OfCode("head")})
		}
	}
	return e
}

func folded(t testing.TB, seed uint64, acts int) *State {
	t.Helper()
	w := &writer{dice: rand.New(rand.NewPCG(seed, 1)), next: map[act.ID]int64{}}
	s := &State{}
	for range acts {
		if err := s.Fold(w.envelope()); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func TestStateRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		s := folded(t, rapid.Uint64().Draw(rt, "seed"), rapid.IntRange(0, 200).Draw(rt, "acts"))
		for i := range s.Threads {
			s.SetLeaf(s.Threads[i].Audience, [32]byte{byte(i), 5})
			s.SetKey(s.Threads[i].Audience, "procedure", act.ID{8})
			s.SetKey(s.Threads[i].Audience, "identity", act.ID{9})
		}
		b := s.AppendBinary(nil)
		got, err := ParseState(b)
		if err != nil {
			rt.Fatal(err)
		}
		if diff := cmp.Diff(s, got, sameState...); diff != "" {
			rt.Fatal(diff)
		}
		if !bytes.Equal(got.AppendBinary(nil), b) {
			rt.Fatal("a second encoding differs")
		}
	})
}

// Whatever is done to the bytes, reading them neither panics nor costs more than they are long.
func FuzzParseState(f *testing.F) {
	f.Add(folded(f, 1, 50).AppendBinary(nil))
	f.Add([]byte{})
	f.Add([]byte{stateFormat})
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := ParseState(b)
		if err != nil {
			return
		}
		again, err := ParseState(s.AppendBinary(nil))
		if err != nil {
			t.Fatalf("what was read can't be read again: %v", err)
		}
		if diff := cmp.Diff(s, again, sameState...); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestStateRefusesDamage(t *testing.T) {
	t.Parallel()
	b := folded(t, 3, 40).AppendBinary(nil)
	for n := range b {
		if _, err := ParseState(b[:n]); err == nil {
			t.Fatalf("%d of %d bytes were read", n, len(b))
		}
	}
	if _, err := ParseState(append(bytes.Clone(b), 0)); err == nil {
		t.Fatal("a byte too many was read")
	}
	other := bytes.Clone(b)
	other[0]++
	if _, err := ParseState(other); !errors.Is(err, ErrFormat) {
		t.Fatalf("another format: %v", err)
	}
}

// A state's size does not grow with the number of acts.
func TestStateIsBounded(t *testing.T) {
	t.Parallel()
	few, many := len(folded(t, 5, 500).AppendBinary(nil)), len(folded(t, 5, 20_000).AppendBinary(nil))
	if many > few+few/5 {
		t.Fatalf("%d bytes after 500 acts, %d after 20,000", few, many)
	}
}

func TestFoldRefuses(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*act.Envelope){
		"another file":          func(e *act.Envelope) { e.File = act.ID{8} },
		"another sort":          func(e *act.Envelope) { e.Of = "notice" },
		"a gap":                 func(e *act.Envelope) { e.Pos++ },
		"a fork":                func(e *act.Envelope) { e.Pos-- },
		"another thread":        func(e *act.Envelope) { e.Thread = act.ID{44} },
		"a shared thread":       func(e *act.Envelope) { e.Audience, e.Pos = act.ID{45}, 0 },
		"a new thread's middle": func(e *act.Envelope) { e.Audience, e.Thread, e.Pos = act.ID{45}, act.ID{46}, 3 },
		"another version":       func(e *act.Envelope) { e.Procedure.Version = 2 },
		"a stray deadline":      func(e *act.Envelope) { e.Procedure, e.Deadlines = nil, []act.Deadline{{Rule: "r"}} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &writer{dice: rand.New(rand.NewPCG(11, 1)), next: map[act.ID]int64{}}
			s := &State{}
			for range 30 {
				if err := s.Fold(w.envelope()); err != nil {
					t.Fatal(err)
				}
			}
			e := w.envelope()
			for e.Procedure == nil || s.Run(e.Procedure.ID) == nil {
				if err := s.Fold(e); err != nil {
					t.Fatal(err)
				}
				e = w.envelope()
			}
			before := s.AppendBinary(nil)
			spoil(e)
			if err := s.Fold(e); err == nil {
				t.Fatal("was folded")
			}
			if !bytes.Equal(s.AppendBinary(nil), before) {
				t.Fatal("a refused act changed the state")
			}
		})
	}
}

// Two signatures count only when two persons gave them, under one mandate each, for the standing draft.
func TestSignatures(t *testing.T) {
	t.Parallel()
	s := &State{}
	pos := int64(0)
	add := func(kind, step string, mandate byte, facts act.Facts, sum byte, cites ...act.ID) act.ID {
		t.Helper()
		e := &act.Envelope{
			ID: act.ID{1, byte(pos + 1)}, File: act.ID{9}, Of: "case", Audience: act.ID{2}, Thread: act.ID{3}, Pos: pos, Kind: kind, Version: 1, Mandate: act.ID{4, mandate},
			Procedure: &act.Procedure{ID: act.ID{6}, Protocol: "p", Version: 1, Step: step}, Facts: facts, Commits: []act.Commit{{Name: CommitContent, Sum: [32]byte{sum}}}, Cites: cites,
		}
		pos++
		if err := s.Fold(e); err != nil {
			t.Fatal(err)
		}
		return e.ID
	}
	person := func(n byte) act.Facts {
		return act.NewFacts(map[string]act.Value{FactPerson: act.OfID(act.ID{7, n}), FactRole: act.OfCode("head")})
	}
	count := func() int { return len(s.Draft(act.ID{6}, "draft").Signatures) }
	draft := add(KindDrafted, "draft", 1, nil, 50)
	add(KindSigned, "sign", 1, person(1), 50, draft)
	add(KindSigned, "sign", 2, person(1), 50, draft)       // the same person in another seat
	add(KindSigned, "sign", 1, person(2), 50, draft)       // another person in the same seat
	add(KindSigned, "sign", 3, person(3), 51, draft)       // of another content
	add(KindSigned, "sign", 3, person(3), 50)              // citing nothing
	add(KindSigned, "sign", 3, nil, 50, draft)             // by nobody
	add(KindSigned, "sign", 3, person(3), 50, act.ID{200}) // citing another act
	if count() != 1 {
		t.Fatalf("%d signatures count, want 1", count())
	}
	add(KindSigned, "sign", 3, person(3), 50, draft)
	if count() != 2 {
		t.Fatalf("%d signatures count, want 2", count())
	}
	redraft := add(KindDrafted, "draft", 1, nil, 60)
	if count() != 0 {
		t.Fatal("a new draft keeps the signatures of the old one")
	}
	add(KindSigned, "sign", 1, person(1), 50, draft)
	add(KindSigned, "sign", 1, person(1), 60, redraft)
	if count() != 1 {
		t.Fatalf("%d signatures count, want 1", count())
	}
}

func BenchmarkStateEncode(b *testing.B) {
	s := folded(b, 7, 1000)
	buf := s.AppendBinary(nil)
	b.ReportAllocs()
	b.ReportMetric(float64(len(buf)), "bytes/state")
	for b.Loop() {
		buf = s.AppendBinary(buf[:0])
	}
}

func BenchmarkStateDecode(b *testing.B) {
	buf := folded(b, 7, 1000).AppendBinary(nil)
	b.ReportAllocs()
	for b.Loop() {
		_, _ = ParseState(buf)
	}
}
