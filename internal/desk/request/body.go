package request

import (
	"net/mail"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"sanad/internal/act"
	"sanad/internal/kit/strict"
)

// Body is the sealed half of an order to preserve and of a request: about whom, and why.
type Body struct {
	Identifiers []Identifier `json:"identifiers"`
	Reasons     string       `json:"reasons"`
}

// Identifier names one account, or one line, by what a platform can look up without searching.
type Identifier struct {
	Kind  string `json:"kind"`
	Value string `json:"value"`
	At    string `json:"at,omitempty"` // RFC 3339: when an address was in use; without it an address names a crowd
}

// The kinds of identifier. There is no other: whatever names more than one account is not among them.
const (
	Account   = "account"
	Address   = "address"
	Telephone = "telephone"
	Mail      = "mail"
)

// IdentifierKinds lists the kinds of identifier, in the order in which a form shows them.
func IdentifierKinds() []string { return []string{Account, Address, Telephone, Mail} }

// Limits of what a request holds.
const (
	mostListed  = 100 // what is read at all; how many may be asked about is the pack's to say
	mostValue   = 300 // characters
	mostReasons = 10_000
)

// ReadBody reads a sealed body. What the desk does not know, or would read in one of two ways, it did not check: that is refused.
func ReadBody(b []byte) (*Body, error) {
	var body Body
	err := strict.JSON(b, &body)
	if err != nil {
		return nil, err
	}
	return &body, nil
}

// check returns what is wrong with an identifier, "" when it names exactly one account; and its canonical form, by which two
// ways to write one are known to be the same.
func (id *Identifier) check(now act.Instant) (key, canonical string) {
	v := strings.TrimSpace(id.Value)
	if id.At != "" && id.Kind != Address {
		return "request.identifier.time_only_address", ""
	}
	switch {
	case v == "":
		return "request.identifier.empty", ""
	case !utf8.ValidString(v) || utf8.RuneCountInString(v) > mostValue || strings.ContainsFunc(v, hidden):
		return "request.identifier.text", ""
	case everyone(v):
		return "request.identifier.everyone", ""
	case strings.ContainsAny(v, "*[]{}|^<>\\") || id.Kind != Account && strings.ContainsAny(v, "%?"):
		return "request.identifier.wildcard", ""
	}
	switch id.Kind {
	case Account:
		return account(v)
	case Address:
		return address(v, id.At, now)
	case Telephone:
		return telephone(v)
	case Mail:
		return mailbox(v)
	}
	return "request.identifier.kind", ""
}

// hidden are characters that make two names look alike, or one look like another.
func hidden(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Co, r) || r == utf8.RuneError
}

// everyone reports whether a value asks for whoever there is. A person who is really called so is named by the address of
// their page.
func everyone(v string) bool {
	words := strings.Fields(strings.ToLower(v))
	return len(words) > 0 && slices.Contains([]string{
		"all", "any", "anyone", "anybody", "every", "everyone", "everybody", "tous", "toutes", "tout", "chaque", "quiconque",
		"كل", "جميع", "الجميع", "الكل", "كافة", "أي",
	}, strings.Trim(words[0], "@.,!"))
}

// account is the name of one account as the platform writes it, or the web address of its page.
func account(v string) (key, canonical string) {
	if u, err := url.Parse(v); err == nil && (u.Scheme == "https" || u.Scheme == "http") {
		if u.Host == "" || u.User != nil || (u.Path == "" || u.Path == "/") && u.RawQuery == "" {
			return "request.identifier.account", "" // the front page of a platform names nobody
		}
		u.Scheme, u.Host, u.Fragment = "https", strings.ToLower(u.Host), ""
		return "", u.String()
	}
	name := strings.ToLower(strings.TrimPrefix(v, "@"))
	switch {
	case strings.ContainsFunc(name, unicode.IsSpace) || strings.ContainsAny(name, ",;"):
		return "request.identifier.several", ""
	case strings.ContainsAny(name, "?%"):
		return "request.identifier.wildcard", ""
	case span(name):
		return "request.identifier.range", ""
	case name == "":
		return "request.identifier.empty", ""
	}
	return "", name
}

// span reports whether a name is a range: two dots, or one number to another.
func span(v string) bool {
	if strings.Contains(v, "..") || strings.ContainsRune(v, '…') {
		return true
	}
	from, to, cut := strings.Cut(strings.NewReplacer("–", "-", "—", "-", ":", "-").Replace(v), "-")
	digits := func(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
	return cut && digits(from) && digits(to)
}

// address is one address at one time: who had it an hour later is somebody else.
func address(v, at string, now act.Instant) (key, canonical string) {
	if _, err := netip.ParsePrefix(v); err == nil || strings.Contains(v, "/") || strings.ContainsAny(v, ",;-") {
		return "request.identifier.range", ""
	}
	ip, err := netip.ParseAddr(v)
	if err != nil || ip.Zone() != "" {
		return "request.identifier.address", ""
	}
	ip = ip.Unmap()
	if !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return "request.identifier.address_public", ""
	}
	when, err := time.Parse(time.RFC3339, at)
	if err != nil || act.InstantOf(when) > now {
		return "request.identifier.address_time", ""
	}
	return "", ip.String() + " " + when.UTC().Format(time.RFC3339)
}

// telephone is one number with its country: 7 to 15 digits after the plus sign (E.164).
func telephone(v string) (key, canonical string) {
	number := strings.NewReplacer(" ", "", ".", "", "-", "", "(", "", ")", "", "\u00a0", "").Replace(v)
	digits, plus := strings.CutPrefix(number, "+")
	if !plus || len(digits) < 7 || len(digits) > 15 || digits[0] == '0' || strings.Trim(digits, "0123456789") != "" {
		return "request.identifier.telephone", ""
	}
	return "", number
}

// mailbox is one address of mail, without a display name.
func mailbox(v string) (key, canonical string) {
	a, err := mail.ParseAddress(v)
	if err != nil || a.Address != v || strings.Count(v, "@") != 1 || strings.ContainsFunc(v, unicode.IsSpace) {
		return "request.identifier.mail", ""
	}
	local, host, _ := strings.Cut(v, "@")
	if !strings.Contains(host, ".") || strings.HasPrefix(host, "[") {
		return "request.identifier.mail", ""
	}
	return "", local + "@" + strings.ToLower(host)
}
