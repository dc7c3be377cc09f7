package seal

import (
	"context"
	"crypto/cipher"
	"database/sql"
	"errors"
	"fmt"

	"sanad/internal/act"
)

const (
	officePurpose = "sanad/seal/office/v1"
	namePurpose   = "sanad/seal/name/v1/"
	derivePurpose = "sanad/seal/derive/v1/"
)

// openOffice reads the installation's own key, or makes it with the store.
func (k *Keeper) openOffice(ctx context.Context, tx *sql.Tx) error {
	var wrapped []byte
	err := tx.QueryRowContext(ctx, "SELECT wrapped FROM office WHERE seq = 1").Scan(&wrapped)
	if errors.Is(err, sql.ErrNoRows) {
		return k.newOffice(ctx, tx)
	}
	if err != nil {
		return fmt.Errorf("read the office key: %w", err)
	}
	raw, err := k.svc.Unwrap(ctx, wrapped, []byte(officePurpose))
	if err != nil {
		return fmt.Errorf("unwrap the office key (is this the root key that belongs to this key store?): %w", err)
	}
	defer clear(raw)
	if len(raw) != keySize {
		return fmt.Errorf("the office key has %d bytes: %w", len(raw), ErrSealBroken)
	}
	k.office = Key(raw)
	return nil
}

func (k *Keeper) newOffice(ctx context.Context, tx *sql.Tx) error {
	key, err := k.dice.key()
	if err != nil {
		return err
	}
	wrapped, err := k.svc.Wrap(ctx, key[:], []byte(officePurpose))
	if err != nil {
		return fmt.Errorf("wrap the office key: %w", err)
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO office (seq, wrapped) VALUES (1, ?)", wrapped)
	if err != nil {
		return fmt.Errorf("keep the office key: %w", err)
	}
	k.office = key
	return nil
}

// SealName seals a short text that belongs to no file, such as a compartment's name, under the installation's own
// key. It opens for the same purpose and id only. Its length shows.
func (k *Keeper) SealName(purpose string, id act.ID, text []byte) ([]byte, error) {
	aead, err := k.names(purpose)
	if err != nil {
		return nil, err
	}
	return sealPiece(aead, k.dice, text, id[:])
}

// OpenName returns the text that SealName sealed; ErrSealBroken when purpose or id are others.
func (k *Keeper) OpenName(purpose string, id act.ID, sealed []byte) ([]byte, error) {
	aead, err := k.names(purpose)
	if err != nil {
		return nil, err
	}
	text, err := openPiece(aead, sealed, id[:])
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", purpose, id, err)
	}
	return text, nil
}

func (k *Keeper) names(purpose string) (cipher.AEAD, error) {
	key, err := k.officeKey(namePurpose, purpose)
	if err != nil {
		return nil, err
	}
	defer clear(key[:])
	return key.cipher()
}

// Derive returns the installation's secret for one purpose, such as keyed hashes of search stems. It is the same
// on every call and start, and tells nothing about that of another purpose.
func (k *Keeper) Derive(purpose string) (Key, error) { return k.officeKey(derivePurpose, purpose) }

func (k *Keeper) officeKey(use, purpose string) (Key, error) {
	if purpose == "" {
		return Key{}, errors.New("a secret of the office needs a purpose: name it")
	}
	k.mem.mu.RLock()
	defer k.mem.mu.RUnlock()
	if k.mem.epoch == nil {
		return Key{}, ErrClosed
	}
	return k.office.derive(use + purpose), nil
}
