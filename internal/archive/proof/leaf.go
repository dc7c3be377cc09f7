// Package proof is what a judge's expert needs and nothing more: the form of a leaf, what commits to an act, how
// acts of one thread are linked, and how a receipt is checked offline. It is pure, with no clock, no dice, no
// database, so that it also runs in a browser. docs/leaf.md says the same in words and has the test vectors.
package proof

import (
	"crypto/sha256"
	"io"
	"sync"

	"golang.org/x/mod/sumdb/tlog"
)

// LeafVersion is the version byte every leaf starts with.
const LeafVersion = 1

// LeafSize is the length of a leaf of version 1, in bytes.
const LeafSize = 1 + 5*sha256.Size

// Sum is a SHA-256 or HMAC-SHA-256 output.
type Sum = [sha256.Size]byte

// Leaf is what the log binds of one act. It reveals nothing of it.
type Leaf struct {
	Origin   string // the log's origin, the first line of its checkpoints
	Envelope Sum    // EnvelopeSum of the envelope's bytes
	Body     Sum    // BodySum of the body; zero when the act has no body
	Sealed   Sum    // SHA-256 of the sealed body's bytes, of nothing when the act has no body
	Link     Sum    // LinkSum of the thread's previous leaf
}

// The labels keep one commitment from ever being read as another.
const (
	envelopeLabel = "sanad envelope v1\n"
	bodyLabel     = "sanad body v1\n"
	linkLabel     = "sanad link v1\n"
	contentLabel  = "sanad content v1\n"
)

// EnvelopeSum commits to an envelope's canonical bytes under a random salt of 32 bytes.
func EnvelopeSum(salt Sum, envelope []byte) Sum { return mac(salt, envelopeLabel, envelope) }

// BodySum commits to a body under the random salt that is sealed with it, so that an erased body can't be guessed.
func BodySum(salt Sum, body []byte) Sum { return mac(salt, bodyLabel, body) }

// ContentSum commits to the content of a draft: what its signatures and the decision carry unchanged.
func ContentSum(salt Sum, content []byte) Sum { return mac(salt, contentLabel, content) }

// LinkSum ties a leaf to the previous leaf of its thread, prev being that leaf's Hash, or zero for the first. Two
// leaves with one link are a fork.
func LinkSum(threadKey, prev Sum) Sum { return mac(threadKey, linkLabel, prev[:]) }

// mac is HMAC-SHA-256 (RFC 2104) under a key of 32 bytes, written out so that a log of millions of leaves needs no memory
// for each. A test holds it to crypto/hmac.
func mac(key Sum, label string, content []byte) Sum {
	var inner [sha256.BlockSize]byte
	var outer [sha256.BlockSize + sha256.Size]byte
	copy(inner[:], key[:])
	copy(outer[:], key[:])
	for i := range sha256.BlockSize {
		inner[i] ^= 0x36
		outer[i] ^= 0x5c
	}
	var sum Sum
	if len(content) <= short {
		room := rooms.Get().(*[]byte) //nolint:forcetypeassert // only rooms are put there
		*room = append(append(append((*room)[:0], inner[:]...), label...), content...)
		sum = sha256.Sum256(*room)
		clear(*room) // what was committed to is nobody else's
		rooms.Put(room)
	} else {
		h := sha256.New()
		h.Write(inner[:])
		_, _ = io.WriteString(h, label)
		h.Write(content)
		h.Sum(sum[:0])
	}
	copy(outer[sha256.BlockSize:], sum[:])
	return sha256.Sum256(outer[:])
}

// short is how long a content is at the most for it to be hashed in one piece, with what goes before it.
const short = 16 << 10

var rooms = sync.Pool{New: func() any { return new([]byte) }}

// Bytes writes the leaf: version ‖ SHA-256(origin) ‖ envelope ‖ body ‖ sealed ‖ link.
func (l *Leaf) Bytes() [LeafSize]byte {
	var b [LeafSize]byte
	b[0] = LeafVersion
	origin := sha256.Sum256([]byte(l.Origin))
	to := b[1:]
	for _, part := range [...]*Sum{&origin, &l.Envelope, &l.Body, &l.Sealed, &l.Link} {
		to = to[copy(to, part[:]):]
	}
	return b
}

// Hash is the leaf's Merkle hash, as RFC 6962 §2.1 has it: SHA-256(0x00 ‖ leaf).
func (l *Leaf) Hash() Sum {
	b := l.Bytes()
	return Sum(tlog.RecordHash(b[:]))
}
