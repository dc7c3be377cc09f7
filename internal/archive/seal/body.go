package seal

import (
	"context"
	"fmt"
	"sync"

	"sanad/internal/act"
)

const saltSize = 32

// SealBody seals the body of an act, and with it the salt of the body's commitment, under a data key of the
// audience. The result is a version byte, a nonce of 24 bytes and XChaCha20-Poly1305 of salt and body, 73
// bytes more than the body. binding says which act it belongs to; only with the same binding does it open.
func (k *Keeper) SealBody(ctx context.Context, aud Audience, key act.ID, binding []byte, salt [saltSize]byte, body []byte) ([]byte, error) {
	nonce, err := k.DrawNonce()
	if err != nil {
		return nil, err
	}
	return k.SealBodyUnder(ctx, nonce, aud, key, binding, salt, body)
}

// Nonce is what makes two seals of one body under one key differ. Each serves once.
type Nonce [nonceSize]byte

// DrawNonce draws a nonce for SealBodyUnder.
func (k *Keeper) DrawNonce() (n Nonce, err error) {
	err = k.dice.draw(n[:])
	return n, err
}

// SealBodyUnder is SealBody with a nonce that was drawn before, so that who draws in order may seal in any.
func (k *Keeper) SealBodyUnder(ctx context.Context, nonce Nonce, aud Audience, key act.ID, binding []byte, salt [saltSize]byte, body []byte) ([]byte, error) {
	m, err := k.material(ctx, aud, key, ForBodies)
	if err != nil {
		return nil, err
	}
	out := make([]byte, headSize+saltSize+len(body), headSize+saltSize+len(body)+tagSize)
	out[0] = format1
	copy(out[1:headSize], nonce[:])
	copy(out[headSize:], salt[:])
	copy(out[headSize+saltSize:], body)
	ad := bodyBound(aud.ID, key, binding)
	defer bounds.Put(ad)
	return m.body.Seal(out[:headSize], out[1:headSize], out[headSize:], *ad), nil //nolint:gosec // G407 sees a constant in the first byte; the nonce behind it was drawn above
}

// OpenBody returns the salt and the body that SealBody sealed: ErrSealBroken when a byte was changed or key,
// audience or binding are others, ErrDestroyed when the key is gone for good.
func (k *Keeper) OpenBody(ctx context.Context, aud Audience, key act.ID, binding, sealed []byte) (salt [saltSize]byte, body []byte, err error) {
	m, err := k.material(ctx, aud, key, ForBodies)
	if err != nil {
		return salt, nil, err
	}
	if len(sealed) < headSize+saltSize+tagSize || sealed[0] != format1 {
		return salt, nil, fmt.Errorf("body under key %s: %w", key, ErrSealBroken)
	}
	ad := bodyBound(aud.ID, key, binding)
	defer bounds.Put(ad)
	open, err := m.body.Open(nil, sealed[1:headSize], sealed[headSize:], *ad)
	if err != nil {
		return salt, nil, fmt.Errorf("body under key %s: %w", key, ErrSealBroken)
	}
	return [saltSize]byte(open), open[saltSize:], nil
}

// bounds lends buffers for associated data, which would otherwise be one more allocation per body.
var bounds sync.Pool // of *[]byte

// bodyBound is label, audience, key, binding; all but the last of fixed length, so no two are alike.
func bodyBound(audience, key act.ID, binding []byte) *[]byte {
	b, used := bounds.Get().(*[]byte)
	if !used {
		b = new([]byte)
	}
	*b = append((*b)[:0], bodyPurpose...)
	*b = append(append(append(*b, audience[:]...), key[:]...), binding...)
	return b
}

// LinkKey returns the link key of a thread: it joins a leaf to the one before, and lets the holder of a receipt
// follow the thread offline. It opens no body, no blob and no other thread.
func (k *Keeper) LinkKey(ctx context.Context, aud Audience, thread act.ID) (Key, error) {
	m, err := k.material(ctx, aud, thread, ForThreads)
	if err != nil {
		return Key{}, err
	}
	return m.link, nil
}
