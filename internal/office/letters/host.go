package letters

import (
	"net/netip"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// shared are second labels under which registries of countries hand names out to anybody: a name of two labels that ends with a
// country and starts with one of these belongs to nobody in particular. It is no list of all public suffixes; that a host is
// not shared is asked of a person besides, by the pack's gates.
var shared = []string{"ac", "asso", "co", "com", "edu", "go", "gob", "gouv", "gov", "info", "mil", "name", "ne", "net", "nom", "or", "org", "press", "sch", "web"}

// hostName is one exact name of a host, as the domain name system has it: letters, digits and hyphens (RFC 1123), at least two
// labels, names in other alphabets in their xn-- form (RFC 5890).
func hostName(v string) (canonical string, wrong Wrong) {
	v = strings.ToLower(v)
	if strings.ContainsFunc(v, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return "", WrongAlphabet // how it looks is not what is blocked
	}
	if strings.ContainsAny(v, "/:@_") || strings.HasSuffix(v, ".") || strings.HasPrefix(v, ".") {
		return "", WrongHost
	}
	if _, err := netip.ParseAddr(v); err == nil {
		return "", WrongHost
	}
	labels := strings.Split(v, ".")
	if len(v) > 253 || slices.ContainsFunc(labels, func(l string) bool { return !label(l) }) {
		return "", WrongHost
	}
	last := labels[len(labels)-1]
	if len(labels) < 2 || len(labels) == 2 && len(last) == 2 && slices.Contains(shared, labels[0]) || strings.Trim(last, "0123456789") == "" {
		return "", WrongSuffix
	}
	return v, ""
}

// label reports whether a label may stand in a name of a host.
func label(l string) bool {
	if l == "" || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' {
		return false
	}
	for i := range len(l) {
		c := l[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	if rest, foreign := strings.CutPrefix(l, "xn--"); foreign {
		return international(rest)
	}
	return len(l) < 4 || l[2:4] != "--" // reserved for forms that this program does not know
}

// international reports whether what follows xn-- is a name in another alphabet: letters, digits and marks in their composed
// lower case form, at least one beyond ASCII.
func international(encoded string) bool {
	name, ok := punycode(encoded)
	if !ok || !norm.NFC.IsNormalString(name) || name != strings.ToLower(name) {
		return false
	}
	beyond := false
	for i, r := range name {
		if r >= utf8.RuneSelf {
			beyond = true
		}
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && r != '-' || i == 0 && unicode.IsMark(r) {
			return false
		}
	}
	return beyond
}

// punycode decodes a label without its xn-- (RFC 3492, section 6.2).
func punycode(encoded string) (string, bool) {
	const base, tmin, tmax, skew, damp = 36, 1, 26, 38, 700
	n, i, bias := 128, 0, 72
	var out []rune
	rest := encoded
	if at := strings.LastIndexByte(encoded, '-'); at >= 0 {
		out, rest = []rune(encoded[:at]), encoded[at+1:]
	}
	if rest == "" {
		return "", false
	}
	for len(rest) > 0 {
		before, weight := i, 1
		for k := base; ; k += base {
			if rest == "" {
				return "", false
			}
			d := digit(rest[0])
			rest = rest[1:]
			if d < 0 || d > (unicode.MaxRune-i)/weight {
				return "", false
			}
			i += d * weight
			t := min(max(k-bias, tmin), tmax)
			if d < t {
				break
			}
			if weight > unicode.MaxRune/(base-t) {
				return "", false
			}
			weight *= base - t
		}
		size := len(out) + 1
		delta := (i - before) / 2
		if before == 0 {
			delta = i / damp
		}
		delta += delta / size
		k := 0
		for ; delta > (base-tmin)*tmax/2; k += base {
			delta /= base - tmin
		}
		bias = k + (base-tmin+1)*delta/(delta+skew)
		n += i / size
		i %= size
		if n > unicode.MaxRune || n < utf8.RuneSelf || !utf8.ValidRune(rune(n)) {
			return "", false
		}
		out = slices.Insert(out, i, rune(n))
		i++
	}
	return string(out), true
}

func digit(c byte) int {
	switch {
	case c >= 'a' && c <= 'z':
		return int(c - 'a')
	case c >= '0' && c <= '9':
		return int(c-'0') + 26
	}
	return -1
}
