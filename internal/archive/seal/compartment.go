package seal

import (
	"context"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"sanad/internal/act"
)

// What wrapped keys are bound to, so that none can be passed off as another.
const (
	compartmentPurpose = "sanad/seal/compartment/v1"
	kekPurpose         = "sanad/seal/kek/v1"
)

func (e edition) bound() []byte {
	ad := append([]byte(compartmentPurpose), e.compartment[:]...)
	return binary.BigEndian.AppendUint32(ad, e.version)
}

// EnsureCompartment gives a compartment its key, version 1, where it has none. Call it before an audience
// that has the compartment first takes keys; the key is durable when it returns.
func (k *Keeper) EnsureCompartment(ctx context.Context, id act.ID) error {
	if id.IsZero() {
		return errors.New("the compartment has no identifier: name it")
	}
	err := k.store.view(ctx, func(tx *sql.Tx) error {
		_, err := newest(ctx, tx, id)
		return err
	})
	if !errors.Is(err, ErrUnknownCompartment) {
		return err
	}
	wrapped, err := k.newEdition(ctx, edition{id, 1})
	if err != nil {
		return err
	}
	return k.store.update(ctx, func(tx *sql.Tx) error {
		// Another process may have been first; its key stands.
		_, err := tx.ExecContext(ctx, "INSERT INTO compartment (id, version, wrapped) VALUES (?, 1, ?) ON CONFLICT DO NOTHING", id[:], wrapped)
		if err != nil {
			return fmt.Errorf("keep a compartment's key: %w", err)
		}
		return nil
	})
}

// newEdition draws a compartment key and returns it wrapped by the root.
func (k *Keeper) newEdition(ctx context.Context, e edition) ([]byte, error) {
	key, err := k.dice.key()
	if err != nil {
		return nil, err
	}
	defer clear(key[:])
	wrapped, err := k.svc.Wrap(ctx, key[:], e.bound())
	if err != nil {
		return nil, fmt.Errorf("wrap the key of compartment %s: %w", e.compartment, err)
	}
	return wrapped, nil
}

// newest returns the newest version of a compartment's key.
func newest(ctx context.Context, tx *sql.Tx, id act.ID) (uint32, error) {
	var version sql.Null[uint32]
	err := tx.QueryRowContext(ctx, "SELECT max(version) FROM compartment WHERE id = ?", id[:]).Scan(&version)
	if err != nil {
		return 0, fmt.Errorf("read a compartment: %w", err)
	}
	if !version.Valid {
		return 0, fmt.Errorf("compartment %s: %w", id, ErrUnknownCompartment)
	}
	return version.V, nil
}

// newestOf returns the newest versions of a set of compartments, four bytes each, in the order of the set.
func newestOf(ctx context.Context, tx *sql.Tx, set []act.ID) ([]byte, error) {
	versions := make([]byte, 0, 4*len(set))
	for _, id := range set {
		v, err := newest(ctx, tx, id)
		if err != nil {
			return nil, err
		}
		versions = binary.BigEndian.AppendUint32(versions, v)
	}
	return versions, nil
}

// compartmentKey unwraps one version of a compartment's key.
func (k *Keeper) compartmentKey(ctx context.Context, tx *sql.Tx, e edition) (Key, error) {
	key, epoch, ok, err := recall(k.mem, &k.mem.compartments, e)
	if err != nil || ok {
		return key, err
	}
	var wrapped []byte
	err = tx.QueryRowContext(ctx, "SELECT wrapped FROM compartment WHERE id = ? AND version = ?", e.compartment[:], e.version).Scan(&wrapped)
	if errors.Is(err, sql.ErrNoRows) {
		return Key{}, fmt.Errorf("compartment %s version %d: %w", e.compartment, e.version, ErrUnknownCompartment)
	}
	if err != nil {
		return Key{}, fmt.Errorf("read a compartment's key: %w", err)
	}
	raw, err := k.svc.Unwrap(ctx, wrapped, e.bound())
	if err != nil {
		return Key{}, fmt.Errorf("unwrap the key of compartment %s version %d: %w", e.compartment, e.version, err)
	}
	defer clear(raw)
	if len(raw) != keySize {
		return Key{}, fmt.Errorf("the key of compartment %s has %d bytes: %w", e.compartment, len(raw), ErrSealBroken)
	}
	key = Key(raw)
	keep(k.mem, &k.mem.compartments, e, key, epoch)
	return key, nil
}

// kek derives the key of an audience from the keys of all its compartments, at the given versions. set is sorted.
func (k *Keeper) kek(ctx context.Context, tx *sql.Tx, audience act.ID, set []act.ID, versions []byte) (cipher.AEAD, error) {
	if len(set) == 0 {
		return nil, fmt.Errorf("audience %s: %w", audience, ErrEmptyAudience)
	}
	if len(versions) != 4*len(set) {
		return nil, fmt.Errorf("audience %s: %w", audience, ErrSealBroken)
	}
	name := kekName{audience, string(versions)}
	aead, epoch, ok, err := recall(k.mem, &k.mem.keks, name)
	if err != nil || ok {
		return aead, err
	}
	secret := make([]byte, 0, keySize*len(set))
	defer func() { clear(secret) }()
	info := append([]byte(kekPurpose), audience[:]...)
	for i, id := range set {
		key, err := k.compartmentKey(ctx, tx, edition{id, binary.BigEndian.Uint32(versions[4*i:])})
		if err != nil {
			return nil, err
		}
		secret = append(secret, key[:]...)
		clear(key[:])
		info = append(append(info, id[:]...), versions[4*i:4*i+4]...)
	}
	raw, err := hkdf.Key(sha256.New, secret, nil, string(info), keySize)
	if err != nil {
		return nil, fmt.Errorf("derive the key of audience %s: %w", audience, err)
	}
	defer clear(raw)
	key := Key(raw)
	defer clear(key[:])
	aead, err = key.cipher()
	if err != nil {
		return nil, err
	}
	keep(k.mem, &k.mem.keks, name, aead, epoch)
	return aead, nil
}

// registered returns the compartments an audience was registered with, sorted.
func registered(ctx context.Context, tx *sql.Tx, audience act.ID) ([]act.ID, error) {
	var text []byte
	err := tx.QueryRowContext(ctx, "SELECT compartments FROM audience WHERE id = ?", audience[:]).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read audience %s: %w", audience, err)
	}
	set := make([]act.ID, 0, len(text)/16)
	for part := range slices.Chunk(text, 16) {
		set = append(set, act.ID(part))
	}
	return set, nil
}

// register writes an audience down when it first takes keys, and refuses it with other compartments ever after.
func register(ctx context.Context, tx *sql.Tx, aud Audience) ([]act.ID, error) {
	known, err := registered(ctx, tx, aud.ID)
	if err != nil {
		return nil, err
	}
	set := aud.set()
	if known != nil {
		if !slices.Equal(known, set) {
			return nil, fmt.Errorf("audience %s: %w", aud.ID, ErrWrongAudience)
		}
		return known, nil
	}
	text := make([]byte, 0, 16*len(set))
	for _, id := range set {
		text = append(text, id[:]...)
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO audience (id, compartments) VALUES (?, ?)", aud.ID[:], text)
	if err != nil {
		return nil, fmt.Errorf("register audience %s: %w", aud.ID, err)
	}
	return set, nil
}
