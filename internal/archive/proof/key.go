package proof

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"

	"golang.org/x/mod/sumdb/note"
)

const algEd25519 = 1 // as golang.org/x/mod/sumdb/note encodes it

// KeyPair makes the signing and verifier key texts of a note signer named name from an Ed25519 seed. It exists
// because note.GenerateKey may ignore the reader it is given, and a seeded demonstration needs the same log twice.
func KeyPair(name string, seed [ed25519.SeedSize]byte) (skey, vkey string, err error) {
	pub, ok := ed25519.NewKeyFromSeed(seed[:]).Public().(ed25519.PublicKey)
	if !ok {
		return "", "", fmt.Errorf("log key: no public half")
	}
	material := append([]byte{algEd25519}, pub...)
	sum := sha256.Sum256(append([]byte(name+"\n"), material...))
	hash := binary.BigEndian.Uint32(sum[:4])
	b64 := base64.StdEncoding.EncodeToString
	skey = fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", name, hash, b64(append([]byte{algEd25519}, seed[:]...)))
	vkey = fmt.Sprintf("%s+%08x+%s", name, hash, b64(material))
	_, err = note.NewVerifier(vkey)
	if err != nil {
		return "", "", fmt.Errorf("log key %q: %w", name, err)
	}
	return skey, vkey, nil
}
