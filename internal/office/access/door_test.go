package access

import (
	"errors"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/archive/store"
)

func (h *house) invite(m act.ID, expires act.Instant) (code string) {
	h.t.Helper()
	h.write(func(tx *store.Tx) (err error) {
		code, err = h.book.Invite(h.t.Context(), tx, m, expires)
		return err
	})
	return code
}

func (h *house) redeem(code string, now act.Instant) (m act.ID, err error) {
	err = h.db.Write(h.t.Context(), func(tx *store.Tx) (err error) {
		m, err = h.book.Redeem(h.t.Context(), tx, code, now)
		return err
	})
	return m, err
}

func TestInvite(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, h *house) {
		m := h.grant(idOf("m"), "a")
		hour := noon.Add(time.Hour)
		code := h.invite(m.ID, hour)
		if !regexp.MustCompile(`^[0-9A-HJKMNP-TV-Z]{5}(-[0-9A-HJKMNP-TV-Z]{5}){3}$`).MatchString(code) {
			t.Fatalf("%q", code)
		}
		for name, c := range map[string]struct {
			code string
			now  act.Instant
		}{
			"unknown": {h.invite(m.ID, hour)[:19] + "*", noon}, "empty": {"", noon}, "too long": {strings.Repeat(code, 100), noon},
			"expired": {code, hour}, "long ago": {code, hour + 1}, "cut": {code[:22], noon},
		} {
			_, err := h.redeem(c.code, c.now)
			if err == nil || err.Error() != ErrRefused.Error() {
				t.Errorf("%s: %v", name, err)
			}
		}
		typed := strings.NewReplacer("0", "o", "1", "l", "-", " ").Replace(strings.ToLower(code)) + " "
		got, err := h.redeem(typed, hour-1)
		if err != nil || got != m.ID {
			t.Fatalf("%q typed as %q: %v %v", code, typed, got, err)
		}
		_, err = h.redeem(code, noon)
		if !errors.Is(err, ErrRefused) || err.Error() != ErrRefused.Error() {
			t.Fatalf("used twice: %v", err)
		}
		h.write(func(tx *store.Tx) error {
			if _, err := h.book.Invite(t.Context(), tx, idOf("x"), hour); !errors.Is(err, ErrUnknownMandate) {
				t.Error(err)
			}
			return nil
		})
		// A redemption that is rolled back has not happened.
		code = h.invite(m.ID, hour)
		h.undone(func(tx *store.Tx) error {
			_, err := h.book.Redeem(t.Context(), tx, code, noon)
			return err
		})
		if _, err := h.redeem(code, noon); err != nil {
			t.Error(err)
		}
	})
}

// Many come with one code at the same moment; one gets in.
func TestRedeemOnce(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, h *house) {
		m := h.grant(idOf("m"))
		code := h.invite(m.ID, noon+1)
		var in, out atomic.Int64
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				_, err := h.redeem(code, noon)
				switch {
				case err == nil:
					in.Add(1)
				case errors.Is(err, ErrRefused):
					out.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		all.Wait()
		if in.Load() != 1 || out.Load() != 7 {
			t.Fatalf("%d came in, %d did not", in.Load(), out.Load())
		}
	})
}

func TestSession(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		m := h.grant(idOf("m"), "a")
		other := h.another(nil)
		h.write(func(tx *store.Tx) error {
			token, err := h.book.OpenSession(ctx, tx, m.ID, noon)
			must(t, err)
			if len(token) != 43 {
				t.Errorf("%q has not 256 bits", token)
			}
			got, err := other.Session(ctx, tx, token, noon-1)
			if err != nil || got != m.ID {
				t.Errorf("%v %v", got, err)
			}
			code, err := h.book.Invite(ctx, tx, m.ID, noon)
			must(t, err)
			for name, c := range map[string]struct {
				token string
				now   act.Instant
			}{"expired": {token, noon}, "unknown": {token[1:] + "A", noon - 1}, "none": {"", noon - 1}, "an invitation": {code, noon - 1}} {
				_, err := h.book.Session(ctx, tx, c.token, c.now)
				if err == nil || err.Error() != ErrRefused.Error() {
					t.Errorf("%s: %v", name, err)
				}
			}
			if _, err := h.book.Redeem(ctx, tx, token, noon-1); !errors.Is(err, ErrRefused) {
				t.Errorf("a session is no invitation: %v", err)
			}
			must(t, h.book.CloseSession(ctx, tx, token))
			must(t, h.book.CloseSession(ctx, tx, token))
			if _, err := h.book.Session(ctx, tx, token, noon-1); !errors.Is(err, ErrRefused) {
				t.Errorf("closed: %v", err)
			}
			if _, err := h.book.OpenSession(ctx, tx, idOf("x"), noon); !errors.Is(err, ErrUnknownMandate) {
				t.Error(err)
			}
			_, err = h.book.OpenSession(ctx, tx, m.ID, noon+1)
			must(t, err)
			n, err := h.book.Sweep(ctx, tx, noon)
			if err != nil || n != 1 {
				t.Errorf("swept %d: %v", n, err)
			}
			if left := count(ctx, t, tx, "SELECT count(*) FROM session"); left != 1 {
				t.Errorf("%d sessions left", left)
			}
			return nil
		})
	})
}
