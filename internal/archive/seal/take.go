package seal

import (
	"context"
	"crypto/cipher"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"sanad/internal/act"
)

const (
	keyPurpose  = "sanad/seal/key/v1"
	bodyPurpose = "sanad/seal/body/v1"
	linkPurpose = "sanad/seal/link/v1"
	blobPurpose = "sanad/seal/blob/v1"
)

// pool holds an audience's blanks: keys that are committed and belong to nothing yet.
type pool struct {
	set    []act.ID
	blanks []blank
	last   int     // size of the last refill
	next   *refill // under way, so that it is there when the pool runs dry; nil where none is
}

// Use is what a key will be asked for. Each use is served by a key of its own, derived from the one that is kept.
type Use uint8

// The uses of a key.
const (
	ForBodies  Use = 1 << iota // sealing and opening bodies
	ForThreads                 // linking a thread
	ForBlobs                   // sealing and opening blobs

	anyUse = ForBodies | ForThreads | ForBlobs
)

// Take hands out n keys of an audience for any use: see TakeFor.
func (k *Keeper) Take(ctx context.Context, aud Audience, n int) ([]act.ID, error) {
	return k.TakeFor(ctx, aud, n, anyUse)
}

// TakeFor hands out n keys of an audience, never handed out before and already durable, so that an act may name them
// in a transaction of its own. It commits only when the pool runs dry. Keys taken for an act that is then
// refused are lost and harmless. The same dice and the same calls give the same keys. What they will be used for is derived at
// once; any other use finds them in the store.
func (k *Keeper) TakeFor(ctx context.Context, aud Audience, n int, use Use) ([]act.ID, error) {
	err := aud.check()
	if err != nil {
		return nil, err
	}
	if n < 0 || n > 1<<16 {
		return nil, fmt.Errorf("take %d keys: ask for 0 to %d at a time", n, 1<<16)
	}
	k.taking.Lock()
	defer k.taking.Unlock()
	p := k.pools[aud.ID]
	if p == nil {
		p = &pool{}
	}
	if len(p.set) > 0 && !slices.Equal(p.set, aud.set()) {
		return nil, fmt.Errorf("audience %s: %w", aud.ID, ErrWrongAudience)
	}
	err = k.fill(ctx, aud, p, n)
	if err != nil {
		return nil, err
	}
	ids := make([]act.ID, n)
	for i := range ids {
		b := &p.blanks[i]
		ids[i] = b.id
		// Remembered, because it will seal at once. One that was forgotten meanwhile is read from the store.
		_, epoch, _, err := recall(k.mem, &k.mem.keys, b.id)
		if err != nil {
			return nil, err
		}
		m, err := newMaterial(aud.ID, p.set, &b.key, use)
		if err != nil {
			return nil, err
		}
		keep(k.mem, &k.mem.keys, b.id, m, epoch)
	}
	clear(p.blanks[:n])
	p.blanks = p.blanks[n:]
	return ids, nil
}

// A wrapped key is format1, the versions of the audience's compartments, nonce, ciphertext. Its length depends on
// the number of compartments only, so that it can always be overwritten in place.
func wrapKey(kek cipher.AEAD, audience, id act.ID, versions, nonce, key []byte) []byte {
	out := make([]byte, 0, headSize+len(versions)+keySize+tagSize)
	out = append(out, format1)
	out = append(out, versions...)
	out = append(out, nonce...)
	return kek.Seal(out, nonce, key, keyBound(audience, id))
}

func keyBound(audience, id act.ID) []byte {
	return append(append([]byte(keyPurpose), audience[:]...), id[:]...)
}

// versionsOf returns the versions under which a key of an audience of n compartments is wrapped.
func versionsOf(wrapped []byte, n int) ([]byte, error) {
	if n == 0 || len(wrapped) != headSize+4*n+keySize+tagSize || wrapped[0] != format1 {
		return nil, ErrSealBroken
	}
	return wrapped[1 : 1+4*n], nil
}

// unwrapKey opens what wrapKey wrapped; versions are those versionsOf returned for it.
func unwrapKey(kek cipher.AEAD, audience, id act.ID, versions, wrapped []byte) (Key, error) {
	rest := wrapped[1+len(versions):]
	raw, err := kek.Open(nil, rest[:nonceSize], rest[nonceSize:], keyBound(audience, id))
	if err != nil {
		return Key{}, ErrSealBroken
	}
	defer clear(raw)
	return Key(raw), nil
}

// newMaterial derives from a key what some uses of it need.
func newMaterial(audience act.ID, set []act.ID, key *Key, use Use) (m material, err error) {
	m.audience, m.set, m.use = audience, set, use
	if use&ForBodies != 0 {
		body := key.derive(bodyPurpose)
		defer clear(body[:])
		m.body, err = body.cipher()
		if err != nil {
			return m, err
		}
	}
	if use&ForThreads != 0 {
		m.link = key.derive(linkPurpose)
	}
	if use&ForBlobs != 0 {
		m.blob = key.derive(blobPurpose)
	}
	return m, nil
}

// material returns what the key named id gives to a reader of aud for a use. aud must be, whole, the audience it was taken for.
func (k *Keeper) material(ctx context.Context, aud Audience, id act.ID, use Use) (material, error) {
	if len(aud.Compartments) == 0 {
		return material{}, aud.check()
	}
	m, epoch, ok, err := recall(k.mem, &k.mem.keys, id)
	if err != nil {
		return material{}, err
	}
	if !ok || m.use&use == 0 {
		m, err = k.load(ctx, id, m.use|use)
		if err != nil {
			return material{}, err
		}
		keep(k.mem, &k.mem.keys, id, m, epoch)
	}
	if m.audience != aud.ID || !slices.Equal(m.set, aud.Compartments) && !slices.Equal(m.set, aud.set()) {
		return material{}, fmt.Errorf("key %s: %w", id, ErrWrongAudience)
	}
	return m, nil
}

// load unwraps a key from the store.
func (k *Keeper) load(ctx context.Context, id act.ID, use Use) (m material, err error) {
	err = k.store.view(ctx, func(tx *sql.Tx) error {
		audience, wrapped, err := row(ctx, tx, id)
		if err != nil {
			return err
		}
		set, err := registered(ctx, tx, audience)
		if err != nil {
			return err
		}
		m, err = k.open(ctx, tx, &wrappedKey{id, audience, wrapped}, set, use)
		return err
	})
	if err != nil {
		return material{}, fmt.Errorf("key %s: %w", id, err)
	}
	return m, nil
}

// row reads a key as it lies in the store: ErrUnknownKey, ErrDestroyed.
func row(ctx context.Context, tx *sql.Tx, id act.ID) (audience act.ID, wrapped []byte, err error) {
	var aud []byte
	err = tx.QueryRowContext(ctx, "SELECT audience, wrapped FROM key WHERE id = ?", id[:]).Scan(&aud, &wrapped)
	if errors.Is(err, sql.ErrNoRows) {
		return act.ID{}, nil, ErrUnknownKey
	}
	if err != nil {
		return act.ID{}, nil, fmt.Errorf("read the key store: %w", err)
	}
	if isDestroyed(wrapped) {
		return act.ID{}, nil, ErrDestroyed
	}
	return act.ID(aud), wrapped, nil
}
