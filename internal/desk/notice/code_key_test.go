package notice

import (
	"crypto/sha256"
	"testing"
)

// Sixteen digits are found out of their hash in minutes by whoever needs no key to try them all.
func TestCodesAreHashedUnderAKey(t *testing.T) {
	t.Parallel()
	const code = "4000123412341238"
	one, other := sumOf([32]byte{1}, code), sumOf([32]byte{2}, code)
	if one == other {
		t.Error("two keys give one sum")
	}
	for _, plain := range []string{code, "sanad notice code v1\n" + code} {
		if sum := sha256.Sum256([]byte(plain)); sum == one || sum == other {
			t.Error("a sum needs no key")
		}
	}
	if one != sumOf([32]byte{1}, code) || one == sumOf([32]byte{1}, "4000123412341246") {
		t.Error("the sum is not that of the code")
	}
}
