package letters

import (
	"net/netip"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/net/publicsuffix"
	"golang.org/x/text/unicode/norm"
)

// shared are second labels under which registries of countries hand names out to anybody, or did: the public suffix list does not
// have all of them for every country.
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
	// The public suffix list knows under which names registries and hosting services hand others out to anybody: what stands there by
	// itself belongs to all of them, and to block it is to block them all (Ahmet Yıldırım v. Turkey, ECtHR 3111/10). That a name serves
	// nobody else no list can say: the pack's gates ask a person besides.
	suffix, _ := publicsuffix.PublicSuffix(v)
	last := labels[len(labels)-1]
	if suffix == v || len(labels) == 2 && len(last) == 2 && slices.Contains(shared, labels[0]) || strings.Trim(last, "0123456789") == "" {
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
	name, err := idna.Punycode.ToUnicode("xn--" + encoded)
	if err != nil || !norm.NFC.IsNormalString(name) || name != strings.ToLower(name) {
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
