package ledger

import (
	"crypto/sha256"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"sanad/internal/act"
)

func TestNames(t *testing.T) {
	t.Parallel()
	dice := rand.NewChaCha8([32]byte{1})
	mine, err := NewNamer(sha256.Sum256([]byte("a key")))
	if err != nil {
		t.Fatal(err)
	}
	other, err := NewNamer(sha256.Sum256([]byte("another key")))
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		seq := rapid.Int64Range(0, act.MaxInt).Draw(t, "seq")
		one, err := mine.Name(seq, dice)
		if err != nil {
			t.Fatal(err)
		}
		two, err := mine.Name(seq, dice)
		if err != nil || one == two {
			t.Fatal("two names of one number are the same")
		}
		if mine.Seq(one) != seq || mine.Seq(two) != seq {
			t.Fatalf("%d became %d", seq, mine.Seq(one))
		}
		if other.Seq(one) == seq {
			t.Fatal("another key finds the act")
		}
	})
}
