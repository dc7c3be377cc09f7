package seal

import (
	"crypto/cipher"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"

	"golang.org/x/crypto/chacha20poly1305"
)

// What callers can tell apart with errors.Is. Every message says what to do; none carries a key or clear text.
var (
	ErrEmptyAudience      = errors.New("the audience has no compartment, so it has no key and nobody could be refused: give it the compartments its readers must all hold, or the public one alone")
	ErrWrongAudience      = errors.New("the key or audience is registered with other compartments: use the audience that the act's envelope names, complete")
	ErrUnknownCompartment = errors.New("the compartment has no key: call EnsureCompartment when it is created, or restore the key store that has it")
	ErrUnknownKey         = errors.New("the key store does not have this key: check that it is the store that belongs to this database, and restore its newest backup")
	ErrDestroyed          = errors.New("the key was destroyed: what it sealed is erased for good, show the act without its body")
	ErrSealBroken         = errors.New("the seal is broken: the bytes were changed, cut, or sealed for something else; restore them from a backup and verify again")
	ErrTooLarge           = errors.New("larger than allowed: nothing was kept; send a smaller file")
	ErrNoBlob             = errors.New("no such blob: restore the blob folder that belongs to this database")
	ErrBlobExists         = errors.New("a blob of this identifier exists or is being written: draw a new identifier")
	ErrRootExposed        = errors.New("the root key can be read or changed by others: chmod 600 it, and rotate every compartment if somebody may have read it")
	ErrRootMissing        = errors.New("the root key is missing beside a key store that needs it: put it back from its backup; a new one could open nothing")
	ErrStillRead          = errors.New("the keys are overwritten, but another process still reads an older state of the key store and its log could not be cut: call again")
	ErrDice               = errors.New("the source of randomness gave nothing but zeros: repair it before anything is sealed")
	ErrClosed             = errors.New("the key store is closed: open it again")
)

const keySize = chacha20poly1305.KeySize

// Key is 32 secret bytes. However it is printed, logged or marshalled it shows none of them; who must hand the
// bytes on slices it.
type Key [keySize]byte

const redacted = "seal.Key(redacted)"

// String hides the key.
func (Key) String() string { return redacted }

// GoString hides the key.
func (Key) GoString() string { return redacted }

// Format hides the key under every verb, %x and %d among them.
func (Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalText hides the key in JSON, XML and text.
func (Key) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue hides the key in structured logs.
func (Key) LogValue() slog.Value { return slog.StringValue(redacted) }

// derive returns the key that serves one purpose, from a key that serves none itself: HKDF-SHA-256 (RFC 5869), expand only, for the key
// is uniform already. It is one block of HMAC, written out so that a new key needs no memory for each of its uses; a test holds it to
// crypto/hkdf.
func (k *Key) derive(purpose string) Key {
	const usual = 128 // bytes of a purpose; a longer one takes memory
	var room [sha256.BlockSize + usual + 1]byte
	var outer [sha256.BlockSize + sha256.Size]byte
	defer clear(outer[:])
	copy(room[:], k[:])
	copy(outer[:], k[:])
	for i := range sha256.BlockSize {
		room[i] ^= 0x36
		outer[i] ^= 0x5c
	}
	const first = 1 // block
	whole := append(append(room[:sha256.BlockSize], purpose...), first)
	defer clear(whole)
	inner := sha256.Sum256(whole)
	copy(outer[sha256.BlockSize:], inner[:])
	return sha256.Sum256(outer[:])
}

// cipher returns XChaCha20-Poly1305 under the key.
func (k *Key) cipher() (cipher.AEAD, error) {
	aead, err := chacha20poly1305.NewX(k[:])
	if err != nil {
		return nil, fmt.Errorf("make a cipher: %w", err)
	}
	return aead, nil
}

const (
	nonceSize = chacha20poly1305.NonceSizeX
	tagSize   = chacha20poly1305.Overhead
	// format1 opens every sealed thing of one piece: format1, nonce, ciphertext with tag. Zero is never a format,
	// it is what destroyed keys are overwritten with.
	format1 = 1
	// headSize is what stands before the ciphertext.
	headSize = 1 + nonceSize
)

// sealPiece seals a short piece: format, nonce, ciphertext.
func sealPiece(aead cipher.AEAD, d *dice, plain, ad []byte) ([]byte, error) {
	out := make([]byte, headSize, headSize+len(plain)+tagSize)
	out[0] = format1
	err := d.draw(out[1:headSize])
	if err != nil {
		return nil, err
	}
	return aead.Seal(out, out[1:headSize], plain, ad), nil
}

// openPiece opens what sealPiece sealed.
func openPiece(aead cipher.AEAD, sealed, ad []byte) ([]byte, error) {
	if len(sealed) < headSize+tagSize || sealed[0] != format1 {
		return nil, ErrSealBroken
	}
	plain, err := aead.Open(nil, sealed[1:headSize], sealed[headSize:], ad)
	if err != nil {
		return nil, ErrSealBroken
	}
	return plain, nil
}

// dice hands the caller's randomness out to one goroutine at a time: two that shared a nonce would be a disaster.
type dice struct {
	mu sync.Mutex
	r  io.Reader
}

func newDice(r io.Reader) *dice {
	if d, ok := r.(*dice); ok {
		return d
	}
	return &dice{r: r}
}

// Read makes dice an io.Reader, so that the root shares the keeper's lock.
func (d *dice) Read(b []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.r.Read(b)
}

// draw fills b. Sixteen or more zeros mean a dead source, not luck.
func (d *dice) draw(b []byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	_, err := io.ReadFull(d.r, b)
	if err != nil {
		return fmt.Errorf("draw random bytes: %w", err)
	}
	if len(b) < 16 {
		return nil
	}
	for _, x := range b {
		if x != 0 {
			return nil
		}
	}
	return ErrDice
}

func (d *dice) key() (Key, error) {
	var k Key
	err := d.draw(k[:])
	return k, err
}
