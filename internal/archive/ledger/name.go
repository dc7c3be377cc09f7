package ledger

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"fmt"
	"io"

	"sanad/internal/act"
)

// Namer gives acts their identifiers. An identifier is the act's number with eight random bytes, enciphered: to everyone
// without the key it is random, and whoever keeps the log finds the act without an index. An index on random names would be
// most of what an append costs: every act dirties a page of its own. See docs/decisions/0007-names.md.
type Namer struct{ block cipher.Block }

// NewNamer prepares names under a key that never changes in the life of a log.
func NewNamer(key [32]byte) (*Namer, error) {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, fmt.Errorf("names of acts: %w", err)
	}
	return &Namer{block}, nil
}

// Name draws the identifier of the act of that number.
func (n *Namer) Name(seq int64, dice io.Reader) (act.ID, error) {
	var id act.ID
	binary.BigEndian.PutUint64(id[:8], uint64(seq))
	_, err := io.ReadFull(dice, id[8:])
	if err != nil {
		return act.ID{}, fmt.Errorf("draw an identifier: %w", err)
	}
	n.block.Encrypt(id[:], id[:])
	return id, nil
}

// Seq returns the number an identifier was made for. Of an identifier that is no act's it returns any number, so whoever
// reads the act of that number compares its identifier.
func (n *Namer) Seq(id act.ID) int64 {
	var clear act.ID
	n.block.Decrypt(clear[:], id[:])
	return int64(binary.BigEndian.Uint64(clear[:8]) & act.MaxInt)
}
