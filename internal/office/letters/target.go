package letters

import (
	"net/netip"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"sanad/internal/law/protocol"
)

// Wrong says why a text does not name exactly one target; "" where it does. It is a word, which whoever shows it turns into a
// message.
type Wrong string

// What can be wrong with a target.
const (
	WrongText     Wrong = "text"     // empty, or with hidden characters
	WrongWildcard Wrong = "wildcard" // it names several, or stands for several
	WrongKind     Wrong = "kind"     // nothing can be aimed at in this way
	WrongHost     Wrong = "host"     // no complete name of a host; with a path, a port or an address
	WrongAlphabet Wrong = "ascii"    // not in the form in which names of hosts are looked up
	WrongSuffix   Wrong = "suffix"   // shared by everybody registered below it
	WrongRange    Wrong = "range"    // a network or a range
	WrongAddress  Wrong = "address"  // no public address
	WrongPayee    Wrong = "payee"    // no identifier of a payee
)

const mostPayee = 64 // characters

// One reads a text that names a target of a kind, and returns its canonical form, by which two ways to write one are known to
// be the same. Whatever could name more than one thing is wrong. That an address serves nobody else, no text can say: somebody
// shows it.
func One(kind protocol.TargetKind, text string) (canonical string, wrong Wrong) {
	v := strings.TrimSpace(text)
	if v == "" || !utf8.ValidString(v) || strings.ContainsFunc(v, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }) {
		return "", WrongText
	}
	if strings.ContainsAny(v, "*?%[]{}|^<>\\,; ") {
		return "", WrongWildcard
	}
	switch kind {
	case protocol.HostName:
		return hostName(v)
	case protocol.UnsharedAddress:
		return oneAddress(v)
	case protocol.Payee:
		return payee(v)
	}
	return "", WrongKind
}

// oneAddress is one public address: never a network, however small.
func oneAddress(v string) (canonical string, wrong Wrong) {
	if strings.ContainsAny(v, "/-") {
		return "", WrongRange
	}
	ip, err := netip.ParseAddr(v)
	if err != nil || ip.Zone() != "" {
		return "", WrongAddress
	}
	ip = ip.Unmap()
	if !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return "", WrongAddress
	}
	return ip.String(), ""
}

// payee is one identifier of who is paid, as payment institutions write it. What reads as an address, or as two, is none.
func payee(v string) (canonical string, wrong Wrong) {
	if len(v) < 4 || len(v) > mostPayee {
		return "", WrongPayee
	}
	digits := 0
	for _, r := range v {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r >= 'A' && r <= 'Z', r >= 'a' && r <= 'z', r == '-', r == '_', r == '.':
		default:
			return "", WrongPayee
		}
	}
	if digits == 0 || strings.Contains(v, "..") || slices.ContainsFunc(strings.FieldsFunc(v, func(r rune) bool { return r == '-' || r == '_' }), isAddress) {
		return "", WrongPayee
	}
	return strings.ToUpper(v), ""
}

func isAddress(v string) bool {
	_, err := netip.ParseAddr(v)
	return err == nil
}
