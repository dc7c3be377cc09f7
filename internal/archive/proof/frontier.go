package proof

import (
	"fmt"
	"math/bits"

	"golang.org/x/mod/sumdb/tlog"
)

// Frontier is the right edge of an append-only Merkle tree: the roots of its maximal perfect subtrees, largest
// first. It is all that is needed to append and to know the root.
type Frontier struct {
	size    int64
	perfect []tlog.Hash
}

// Size returns the number of leaves.
func (f *Frontier) Size() int64 { return f.size }

// Append adds a leaf hash and appends to hashes every hash that became final, in the order of
// tlog.StoredHashIndex: the leaf's own first, then the parents it completed.
func (f *Frontier) Append(leaf Sum, hashes []tlog.Hash) []tlog.Hash {
	h := tlog.Hash(leaf)
	hashes = append(hashes, h)
	for range bits.TrailingZeros64(^uint64(f.size)) {
		last := len(f.perfect) - 1
		h = tlog.NodeHash(f.perfect[last], h)
		f.perfect = f.perfect[:last]
		hashes = append(hashes, h)
	}
	f.perfect = append(f.perfect, h)
	f.size++
	return hashes
}

// Root returns the tree's root hash as RFC 6962 §2.1 has it; of the empty tree, SHA-256 of nothing.
func (f *Frontier) Root() tlog.Hash {
	if f.size == 0 {
		return emptyRoot
	}
	h := f.perfect[len(f.perfect)-1]
	for i := len(f.perfect) - 2; i >= 0; i-- {
		h = tlog.NodeHash(f.perfect[i], h)
	}
	return h
}

var emptyRoot = func() tlog.Hash {
	h, err := tlog.TreeHash(0, nil)
	if err != nil {
		panic(err) // the empty tree reads nothing
	}
	return h
}()

// Clone returns an independent copy.
func (f *Frontier) Clone() Frontier {
	return Frontier{f.size, append([]tlog.Hash(nil), f.perfect...)}
}

// Bytes returns the perfect subtrees' hashes, largest first.
func (f *Frontier) Bytes() []byte {
	b := make([]byte, 0, len(f.perfect)*tlog.HashSize)
	for _, h := range f.perfect {
		b = append(b, h[:]...)
	}
	return b
}

// ParseFrontier reads what Bytes wrote for a tree of that size.
func ParseFrontier(size int64, b []byte) (Frontier, error) {
	if size < 0 || len(b) != bits.OnesCount64(uint64(size))*tlog.HashSize {
		return Frontier{}, fmt.Errorf("a tree of %d leaves does not have an edge of %d bytes", size, len(b))
	}
	f := Frontier{size: size}
	for ; len(b) > 0; b = b[tlog.HashSize:] {
		f.perfect = append(f.perfect, tlog.Hash(b[:tlog.HashSize]))
	}
	return f, nil
}
