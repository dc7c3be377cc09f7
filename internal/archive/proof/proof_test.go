package proof

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"sanad/internal/act"
)

const vectorDir = "../../../testdata/leaf"

// tree keeps every stored hash of a small log in memory.
type tree struct {
	edge   Frontier
	hashes []tlog.Hash
}

func (t *tree) add(leaf Sum) { t.hashes = t.edge.Append(leaf, t.hashes) }

func (t *tree) ReadHashes(at []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(at))
	for i, x := range at {
		out[i] = t.hashes[x]
	}
	return out, nil
}

func TestFrontierAgreesWithTlog(t *testing.T) {
	t.Parallel()
	var ours tree
	var theirs []tlog.Hash
	for n := range int64(300) {
		root, err := tlog.TreeHash(n, &ours)
		if err != nil || root != ours.edge.Root() {
			t.Fatalf("size %d: root %v, tlog says %v (%v)", n, ours.edge.Root(), root, err)
		}
		leaf := sha256.Sum256(fmt.Append(nil, n))
		more, err := tlog.StoredHashesForRecordHash(n, leaf, &ours)
		if err != nil {
			t.Fatal(err)
		}
		theirs = append(theirs, more...)
		ours.add(leaf)
		if len(theirs) != len(ours.hashes) || theirs[len(theirs)-1] != ours.hashes[len(theirs)-1] {
			t.Fatalf("size %d: stored hashes differ", n)
		}
		again, err := ParseFrontier(ours.edge.Size(), ours.edge.Bytes())
		if err != nil || again.Root() != ours.edge.Root() {
			t.Fatalf("size %d: the edge does not survive writing: %v", n, err)
		}
	}
	for i := range theirs {
		if theirs[i] != ours.hashes[i] {
			t.Fatalf("stored hash %d differs", i)
		}
	}
	if _, err := ParseFrontier(3, make([]byte, 32)); err == nil {
		t.Fatal("an edge of the wrong size was read")
	}
}

const vectorOrigin = "sanad.example/vectors"

// Two leaves have one link if and only if they are of one thread and name one predecessor: that is a fork.
func TestLinksFork(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		sum := rapid.Custom(func(t *rapid.T) Sum { return Sum(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "sum")) })
		// The second of a pair is the first, the first but for one bit, or any.
		pair := func(name string) (Sum, Sum) {
			one := sum.Draw(t, name)
			near := one
			bit := rapid.IntRange(0, 8*len(near)-1).Draw(t, name+" bit")
			near[bit/8] ^= 1 << (bit % 8)
			return one, rapid.OneOf(rapid.Just(one), rapid.Just(near), sum).Draw(t, name+" again")
		}
		key, otherKey := pair("key")
		prev, otherPrev := pair("prev")
		fork := LinkSum(key, prev) == LinkSum(otherKey, otherPrev)
		if fork != (key == otherKey && prev == otherPrev) {
			t.Fatalf("two leaves share a link: %v", fork)
		}
		if LinkSum(key, prev) == BodySum(key, prev[:]) || LinkSum(key, prev) == ContentSum(key, prev[:]) {
			t.Fatal("a link passes for another kind of commitment")
		}
	})
}

func FuzzReceipt(f *testing.F) {
	_, vkey, err := KeyPair(vectorOrigin, draw("log key"))
	if err != nil {
		f.Fatal(err)
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		f.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(vectorDir, "vectors.json"))
	if err != nil {
		f.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(raw, &v); err != nil {
		f.Fatal(err)
	}
	for _, r := range v.Receipts {
		f.Add(r.Text)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := CheckReceipt(b, verifier)
		if err != nil {
			return
		}
		// Whatever holds states an act that is in the log of the vectors.
		want := v.Acts[c.Index].Envelope
		got, err := act.Encode(c.Envelope)
		if err != nil || !bytes.Equal(got, want) {
			t.Fatalf("a receipt holds for an act that was never recorded: %s", got)
		}
	})
}

func TestMacIsHMAC(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var key Sum
		copy(key[:], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "key"))
		content := rapid.SliceOf(rapid.Byte()).Draw(t, "content")
		h := hmac.New(sha256.New, key[:])
		h.Write([]byte(envelopeLabel))
		h.Write(content)
		if got := EnvelopeSum(key, content); !hmac.Equal(got[:], h.Sum(nil)) {
			t.Fatal("not HMAC-SHA-256")
		}
	})
}
