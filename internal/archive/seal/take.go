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

// A refill makes at least leastRefill keys in one commit, and twice as many as the audience's last one, up to
// mostRefill: a busy audience soon pays one sync for hundreds of keys, and a quiet one wastes few.
const (
	leastRefill = 32
	mostRefill  = 512
)

// pool holds an audience's blanks: keys that are committed and belong to nothing yet.
type pool struct {
	set    []act.ID
	blanks []blank
	last   int // size of the last refill
}

type blank struct {
	id  act.ID
	key Key
}

// Take hands out n keys of an audience, never handed out before and already durable, so that an act may name them
// in a transaction of its own. It commits only when the pool runs dry. Keys taken for an act that is then
// refused are lost and harmless. The same dice and the same calls give the same keys.
func (k *Keeper) Take(ctx context.Context, aud Audience, n int) ([]act.ID, error) {
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
	if len(p.blanks) > 0 && !slices.Equal(p.set, aud.set()) {
		return nil, fmt.Errorf("audience %s: %w", aud.ID, ErrWrongAudience)
	}
	if len(p.blanks) < n {
		err = k.refill(ctx, aud, p, max(n, leastRefill, min(2*p.last, mostRefill)))
		if err != nil {
			return nil, err
		}
		k.pools[aud.ID] = p
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
		m, err := newMaterial(aud.ID, p.set, &b.key)
		if err != nil {
			return nil, err
		}
		keep(k.mem, &k.mem.keys, b.id, m, epoch)
	}
	clear(p.blanks[:n])
	p.blanks = p.blanks[n:]
	return ids, nil
}

// refill commits n new keys and adds them to the pool.
func (k *Keeper) refill(ctx context.Context, aud Audience, p *pool, n int) error {
	const each = 16 + keySize + nonceSize
	random := make([]byte, n*each)
	defer clear(random)
	err := k.dice.draw(random)
	if err != nil {
		return err
	}
	var set []act.ID
	err = k.store.update(ctx, func(tx *sql.Tx) error {
		set, err = register(ctx, tx, aud)
		if err != nil {
			return err
		}
		// Read under the write lock: a rotation that comes later finds these keys, one that came before is obeyed.
		versions, err := newestOf(ctx, tx, set)
		if err != nil {
			return err
		}
		kek, err := k.kek(ctx, tx, aud.ID, set, versions)
		if err != nil {
			return err
		}
		insert, err := tx.PrepareContext(ctx, "INSERT INTO key (id, audience, wrapped) VALUES (?, ?, ?)")
		if err != nil {
			return fmt.Errorf("keep new keys: %w", err)
		}
		defer func() { _ = insert.Close() }()
		for r := range slices.Chunk(random, each) {
			wrapped := wrapKey(kek, aud.ID, act.ID(r[:16]), versions, r[16+keySize:], r[16:16+keySize])
			_, err = insert.ExecContext(ctx, r[:16], aud.ID[:], wrapped)
			if err != nil {
				return fmt.Errorf("keep a new key: %w", err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	p.set, p.last = slices.Clone(set), n
	p.blanks = slices.Grow(p.blanks, n)
	for r := range slices.Chunk(random, each) {
		p.blanks = append(p.blanks, blank{act.ID(r[:16]), Key(r[16 : 16+keySize])})
	}
	return nil
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

func newMaterial(audience act.ID, set []act.ID, key *Key) (m material, err error) {
	m.audience, m.set = audience, set
	body, err := key.derive(bodyPurpose)
	if err != nil {
		return m, err
	}
	defer clear(body[:])
	m.body, err = body.cipher()
	if err != nil {
		return m, err
	}
	m.link, err = key.derive(linkPurpose)
	if err != nil {
		return m, err
	}
	m.blob, err = key.derive(blobPurpose)
	return m, err
}

// material returns what the key named id gives to a reader of aud. aud must be, whole, the audience it was taken for.
func (k *Keeper) material(ctx context.Context, aud Audience, id act.ID) (material, error) {
	if len(aud.Compartments) == 0 {
		return material{}, aud.check()
	}
	m, epoch, ok, err := recall(k.mem, &k.mem.keys, id)
	if err != nil {
		return material{}, err
	}
	if !ok {
		m, err = k.load(ctx, id)
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
func (k *Keeper) load(ctx context.Context, id act.ID) (m material, err error) {
	err = k.store.view(ctx, func(tx *sql.Tx) error {
		audience, wrapped, err := row(ctx, tx, id)
		if err != nil {
			return err
		}
		set, err := registered(ctx, tx, audience)
		if err != nil {
			return err
		}
		versions, err := versionsOf(wrapped, len(set))
		if err != nil {
			return err
		}
		kek, err := k.kek(ctx, tx, audience, set, versions)
		if err != nil {
			return err
		}
		key, err := unwrapKey(kek, audience, id, versions, wrapped)
		if err != nil {
			return err
		}
		defer clear(key[:])
		m, err = newMaterial(audience, set, &key)
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
