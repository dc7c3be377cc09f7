//go:build soak

package ledger

import "testing"

// flips is how many bits are flipped, each in a fresh copy of the same file.
const flips = 400_000

func TestSoakFlippedBits(t *testing.T) { TestFlippedBits(t) }
