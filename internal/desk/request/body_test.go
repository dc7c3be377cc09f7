package request

import (
	"strings"
	"testing"
	"time"

	"sanad/internal/act"
)

var noon = act.InstantOf(time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC))

// One identifier names one account; two ways to write the same are the same; whatever could name more is refused.
func TestIdentifiers(t *testing.T) {
	t.Parallel()
	const past = "2026-03-01T10:00:00Z"
	for _, c := range []struct{ kind, value, at, key, canonical string }{
		{Account, "player_7", "", "", "player_7"},
		{Account, "@Player_7", "", "", "player_7"},
		{Account, "tout.va.bien", "", "", "tout.va.bien"},
		{Account, "all_star", "", "", "all_star"},
		{Account, "لاعب7", "", "", "لاعب7"},
		{Account, "555-0143", "", "request.identifier.range", ""}, // a name that reads as a range is told by the address of its page
		{Account, "https://play.example/u/555-0143", "", "", "https://play.example/u/555-0143"},
		{Account, "HTTP://Play.example/u/7?tab=1#x", "", "", "https://play.example/u/7?tab=1"},
		{Account, "https://play.example", "", "request.identifier.account", ""},
		{Account, "https://play.example/?id=7", "", "", "https://play.example/?id=7"},
		{Account, "https://play.example/u/*", "", "request.identifier.wildcard", ""},
		{Account, "player_?", "", "request.identifier.wildcard", ""},
		{Account, "player_%", "", "request.identifier.wildcard", ""},
		{Account, "play[a-z]", "", "request.identifier.wildcard", ""},
		{Account, "a1..a9", "", "request.identifier.range", ""},
		{Account, "1–100", "", "request.identifier.range", ""},
		{Account, "one two", "", "request.identifier.several", ""},
		{Account, "one,two", "", "request.identifier.several", ""},
		{Account, "Everyone", "", "request.identifier.everyone", ""},
		{Account, "tous les comptes", "", "request.identifier.everyone", ""},
		{Account, "@all", "", "request.identifier.everyone", ""},
		{Account, " ", "", "request.identifier.empty", ""},
		{Account, "@", "", "request.identifier.empty", ""},
		{Account, "a\x00b", "", "request.identifier.text", ""},
		{Account, "a\u200bb", "", "request.identifier.text", ""},
		{Account, "\xff", "", "request.identifier.text", ""},
		{Account, strings.Repeat("a", 301), "", "request.identifier.text", ""},
		{Account, "player_7", past, "request.identifier.time_only_address", ""},
		{Address, "192.0.2.7", past, "", "192.0.2.7 2026-03-01T10:00:00Z"},
		{Address, "::ffff:192.0.2.7", "2026-03-01T11:00:00+01:00", "", "192.0.2.7 2026-03-01T10:00:00Z"},
		{Address, "2001:db8::7", past, "", "2001:db8::7 2026-03-01T10:00:00Z"},
		{Address, "192.0.2.0/24", past, "request.identifier.range", ""},
		{Address, "192.0.2.7/32", past, "request.identifier.range", ""},
		{Address, "192.0.2.1-9", past, "request.identifier.range", ""},
		{Address, "192.0.2.*", past, "request.identifier.wildcard", ""},
		{Address, "10.0.0.7", past, "request.identifier.address_public", ""},
		{Address, "127.0.0.1", past, "request.identifier.address_public", ""},
		{Address, "0.0.0.0", past, "request.identifier.address_public", ""},
		{Address, "fe80::1%eth0", past, "request.identifier.wildcard", ""},
		{Address, "192.0.2", past, "request.identifier.address", ""},
		{Address, "192.0.2.7", "", "request.identifier.address_time", ""},
		{Address, "192.0.2.7", "2026-03-01", "request.identifier.address_time", ""},
		{Address, "192.0.2.7", "2026-03-02T12:00:01Z", "request.identifier.address_time", ""},
		{Telephone, "+1 (202) 555-0143", "", "", "+12025550143"},
		{Telephone, "+12025550143", "", "", "+12025550143"},
		{Telephone, "2025550143", "", "request.identifier.telephone", ""},
		{Telephone, "+1202", "", "request.identifier.telephone", ""},
		{Telephone, "+0202555014", "", "request.identifier.telephone", ""},
		{Telephone, "+1202555xxxx", "", "request.identifier.telephone", ""},
		{Mail, "Name@Mail.example", "", "", "Name@mail.example"},
		{Mail, "@mail.example", "", "request.identifier.mail", ""},
		{Mail, "A <a@mail.example>", "", "request.identifier.wildcard", ""},
		{Mail, "a@mail.example, b@mail.example", "", "request.identifier.mail", ""},
		{Mail, "a@localhost", "", "request.identifier.mail", ""},
		{Mail, "*@mail.example", "", "request.identifier.wildcard", ""},
		{"region", "anything", "", "request.identifier.kind", ""},
		{"", "anything", "", "request.identifier.kind", ""},
	} {
		id := Identifier{c.kind, c.value, c.at}
		key, canonical := id.check(noon)
		if key != c.key || canonical != c.canonical {
			t.Errorf("%s %q at %q: %q %q, want %q %q", c.kind, c.value, c.at, key, canonical, c.key, c.canonical)
		}
	}
}

func TestReadBody(t *testing.T) {
	t.Parallel()
	for body, ok := range map[string]bool{
		`{"identifiers":[{"kind":"account","value":"a"}],"reasons":"r"}`: true,
		`{"identifiers":[],"reasons":"r"} `:                              true,
		`{"identifiers":[],"reasons":"r"}{}`:                             false,
		`{"identifiers":[],"reasons":"r","region":"north"}`:              false,
		`{"identifiers":[{"kind":"account","value":"a","like":true}]}`:   false,
		`{"identifiers":[],"reasons":"r","Reasons":"q"}`:                 false,
		`[]`:                                    false,
		``:                                      false,
		`{"identifiers":"all","reasons":"r"}`:   false,
		`{"identifiers":[{"kind":7}]}`:          false,
		strings.Repeat(`{"identifiers":`, 9999): false,
	} {
		_, err := ReadBody([]byte(body))
		if ok != (err == nil) {
			t.Errorf("%.60q: %v", body, err)
		}
	}
}

// What is canonical is canonical: read again it says the same, so that no duplicate hides in how a name is written.
func FuzzIdentifier(f *testing.F) {
	for _, v := range []string{"player_7", "@a", "https://play.example/u/7", "192.0.2.7", "+12025550143", "a@mail.example", "1-9", "*", "\xff", "http://[::1]/a"} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, v string) {
		for _, kind := range IdentifierKinds() {
			id := Identifier{Kind: kind, Value: v}
			if kind == Address {
				id.At = "2026-03-01T10:00:00Z"
			}
			key, canonical := id.check(noon)
			if (key == "") != (canonical != "") {
				t.Fatalf("%s %q: %q %q", kind, v, key, canonical)
			}
			if key != "" || kind == Address {
				continue
			}
			again := Identifier{Kind: kind, Value: canonical}
			key, second := again.check(noon)
			if kind == Account && strings.HasPrefix(canonical, "@") {
				continue // a second sign is part of the name
			}
			if key != "" || second != canonical {
				t.Fatalf("%s %q is %q, and that is %q %q", kind, v, canonical, key, second)
			}
		}
	})
}
