package access

import (
	"context"
	"encoding/base32"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"

	"sanad/internal/act"
)

// ErrRefused is the one answer to a code or session that is unknown, used or expired: which of these, it never says.
var ErrRefused = errors.New("this code or session is not valid: ask for a new invitation")

// crockford has no I, L, O and U: what people confuse, and what spells.
var crockford = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// An invitation is four groups of five letters, 100 bits: too many to guess, few enough to read out on a telephone.
const (
	inviteLetters = 20
	inviteGroup   = 5
)

// Invite makes a code by which the holder of a mandate may come in once, before expires (process time). The database
// keeps its keyed hash only: who does not write it down now never sees it again.
func (b *Book) Invite(ctx context.Context, tx Tx, mandate act.ID, expires act.Instant) (code string, err error) {
	var drawn [13]byte // 104 bits: 20 letters and a rest that is dropped
	_, err = io.ReadFull(b.dice, drawn[:])
	if err != nil {
		return "", fmt.Errorf("draw an invitation: %w", err)
	}
	letters := crockford.EncodeToString(drawn[:])[:inviteLetters]
	err = b.admit(ctx, tx, "INSERT INTO invite (code, mandate, expires)", hashed(&b.inviteKey, []byte(letters)), mandate, expires)
	if err != nil {
		return "", err
	}
	var groups []string
	for i := 0; i < inviteLetters; i += inviteGroup {
		groups = append(groups, letters[i:i+inviteGroup])
	}
	return strings.Join(groups, "-"), nil
}

// admit writes a way in for a mandate that has not been ended.
func (b *Book) admit(ctx context.Context, tx Tx, into string, hash []byte, mandate act.ID, expires act.Instant) error {
	n, err := tx.Exec(ctx, into+" SELECT ?, m.id, ? FROM mandate m WHERE m.id = ? AND EXISTS (SELECT 1 FROM mandate_part p WHERE p.mandate = m.id)",
		hash, int64(expires), mandate[:])
	if err == nil && n == 0 {
		err = fmt.Errorf("mandate %s: %w", mandate, ErrUnknownMandate)
	}
	return wrap("open a door", err)
}

// Redeem takes a code back and says for which mandate it was. It works once: who comes second, even at the same
// moment in another process, gets ErrRefused, like who comes at expires or later, or with a code that never was.
// Case, spaces, hyphens and the letters people confuse do not matter.
func (b *Book) Redeem(ctx context.Context, tx Tx, code string, now act.Instant) (mandate act.ID, err error) {
	hash := hashed(&b.inviteKey, []byte(readable(code)))
	return b.let(scanID(tx.QueryRow(ctx, "DELETE FROM invite WHERE code = ? AND expires > ? RETURNING mandate", hash, int64(now))))
}

// readable brings a code that a person typed into the form it was made in.
func readable(code string) string {
	const longest = 64 // nobody types more; what is longer is no code
	if len(code) > longest {
		return ""
	}
	return strings.Map(func(r rune) rune {
		switch r {
		case ' ', '-', '\t', '\u00a0', '\u2010', '\u2011':
			return -1
		case 'O':
			return '0'
		case 'I', 'L':
			return '1'
		}
		return r
	}, strings.ToUpper(code))
}

// OpenSession makes a token of 256 bits for somebody who came in, good until expires (process time).
func (b *Book) OpenSession(ctx context.Context, tx Tx, mandate act.ID, expires act.Instant) (token string, err error) {
	var drawn [32]byte
	_, err = io.ReadFull(b.dice, drawn[:])
	if err != nil {
		return "", fmt.Errorf("draw a session: %w", err)
	}
	token = base64.RawURLEncoding.EncodeToString(drawn[:])
	err = b.admit(ctx, tx, "INSERT INTO session (token, mandate, expires)", hashed(&b.sessionKey, []byte(token)), mandate, expires)
	if err != nil {
		return "", err
	}
	return token, nil
}

// Session says whose a token is. ErrRefused when it is unknown, closed or expired. Whether the mandate is in force
// in legal time is another question: see Mandate.InForce.
func (b *Book) Session(ctx context.Context, tx Tx, token string, now act.Instant) (mandate act.ID, err error) {
	return b.let(scanID(tx.QueryRow(ctx, "SELECT mandate FROM session WHERE token = ? AND expires > ?",
		hashed(&b.sessionKey, []byte(token)), int64(now))))
}

func (b *Book) let(mandate act.ID, err error) (act.ID, error) {
	if err == nil && mandate.IsZero() {
		return mandate, ErrRefused
	}
	return mandate, wrap("read a door", err)
}

// CloseSession makes a token worthless. One that is so already is no error.
func (b *Book) CloseSession(ctx context.Context, tx Tx, token string) error {
	_, err := tx.Exec(ctx, "DELETE FROM session WHERE token = ?", hashed(&b.sessionKey, []byte(token)))
	return wrap("close a session", err)
}

// Sweep removes invitations and sessions that expired by now (process time), and says how many.
func (b *Book) Sweep(ctx context.Context, tx Tx, now act.Instant) (int64, error) {
	codes, err := tx.Exec(ctx, "DELETE FROM invite WHERE expires <= ?", int64(now))
	if err != nil {
		return 0, fmt.Errorf("sweep invitations: %w", err)
	}
	tokens, err := tx.Exec(ctx, "DELETE FROM session WHERE expires <= ?", int64(now))
	return codes + tokens, wrap("sweep sessions", err)
}
