//go:build !soak

package ledger

// flips is how many bits are flipped, each in a fresh copy of the same file.
const flips = 10_000
