package notice

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
)

// codeDigits is the length of a follow-up code: fifteen drawn digits and a check digit.
const codeDigits = 16

// ErrCode means that what was typed is no code: a digit is wrong, missing or too many.
var ErrCode = errors.New("a code has sixteen digits")

// DrawCode draws a code: 16 digits, the last by Luhn's rule (ISO/IEC 7812-1, annex B), so that one wrong digit is noticed
// before anything is looked up.
func DrawCode(dice io.Reader) (string, error) {
	digits := make([]byte, 0, codeDigits)
	var b [32]byte
	for len(digits) < codeDigits-1 {
		_, err := io.ReadFull(dice, b[:])
		if err != nil {
			return "", err
		}
		for _, x := range b {
			const fair = 250 // the largest multiple of ten a byte holds
			if x < fair && len(digits) < codeDigits-1 {
				digits = append(digits, '0'+x%10)
			}
		}
	}
	return string(append(digits, luhn(digits))), nil
}

// luhn is the digit that makes the sum of the whole a multiple of ten.
func luhn(digits []byte) byte {
	sum := 0
	for i := range digits {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 0 {
			d *= 2
			if d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return byte('0' + (10-sum%10)%10)
}

// ReadCode brings what a person typed into the form of a code: spaces and hyphens do not matter, and digits may be
// European, Arabic-Indic or Persian.
func ReadCode(typed string) (string, error) {
	const longest = 128
	if len(typed) > longest {
		return "", ErrCode
	}
	var b strings.Builder
	for _, r := range typed {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case r >= '٠' && r <= '٩':
			b.WriteRune('0' + r - '٠')
		case r >= '۰' && r <= '۹':
			b.WriteRune('0' + r - '۰')
		case r == ' ' || r == '-' || r == '\u00a0' || r == '\u202f' || r == '\t':
		default:
			return "", ErrCode
		}
	}
	code := b.String()
	if len(code) != codeDigits || code[codeDigits-1] != luhn([]byte(code[:codeDigits-1])) {
		return "", ErrCode
	}
	return code, nil
}

// Groups writes a code in groups of four, as it is printed and read out.
func Groups(code string) string {
	var parts []string
	for ; len(code) > 4; code = code[4:] {
		parts = append(parts, code[:4])
	}
	return strings.Join(append(parts, code), " ")
}

// sumOf is the keyed hash under which a code is known; the code itself is kept nowhere.
func sumOf(key [32]byte, code string) (sum [32]byte) {
	h := hmac.New(sha256.New, key[:])
	h.Write([]byte("sanad notice code v1\n" + code))
	h.Sum(sum[:0])
	return sum
}

// codeOnce is the code of a form that may be sent again: drawn from a keyed hash of the form and its token, so that nothing has
// to be remembered between two sendings, and whoever lacks the key can tell no code from a form.
func (d *Desk) codeOnce(f *Form, token string) (string, error) {
	said, err := json.Marshal(f)
	if err != nil {
		return "", fmt.Errorf("notice: %w", err)
	}
	form := sha256.Sum256(said)
	return DrawCode(&stream{key: d.CodeKey, of: "sanad notice once v1\n" + token + "\n" + string(form[:])})
}

// stream is a source of bytes that is the same for the same key and text: a keyed hash in counter mode.
type stream struct {
	key  [32]byte
	of   string
	n    byte
	rest []byte
}

// Read gives at most 256 blocks, of which a code needs one.
func (s *stream) Read(b []byte) (int, error) {
	if len(s.rest) == 0 {
		h := hmac.New(sha256.New, s.key[:])
		h.Write([]byte(s.of))
		h.Write([]byte{s.n})
		s.rest = h.Sum(nil)
		if s.n == 255 {
			return 0, io.EOF
		}
		s.n++
	}
	n := copy(b, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

// recent remembers the keyed hashes of the codes given last, so that what is sent twice is noticed before it is recorded. The
// zero value is ready.
type recent struct {
	mu    sync.Mutex
	sums  map[[32]byte]bool
	order [1 << 13][32]byte // a ring: the oldest makes room
	next  int
}

func (r *recent) has(sum [32]byte) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sums[sum]
}

func (r *recent) add(sum [32]byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.sums == nil {
		r.sums = map[[32]byte]bool{}
	}
	delete(r.sums, r.order[r.next])
	r.sums[sum] = true
	r.order[r.next] = sum
	r.next = (r.next + 1) % len(r.order)
}
