package sanction

import (
	"strings"
	"testing"
)

// A target is one thing, exactly: never a network, a wildcard, a suffix that others share, or a name that only looks like another.
func TestTargets(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind, value    string
		unshared       bool
		key, canonical string
	}{
		{Host, "play.example", false, "", "play.example"},
		{Host, "WWW.Play.Example", false, "", "www.play.example"},
		{Host, "xn--bcher-kva.example", false, "", "xn--bcher-kva.example"},
		{Host, "xn--mgbh0fb.xn--kgbechtv", false, "", "xn--mgbh0fb.xn--kgbechtv"},
		{Host, "bücher.example", false, "sanction.target.ascii", ""},
		{Host, "рlay.example", false, "sanction.target.ascii", ""},
		{Host, "*.play.example", false, "sanction.target.wildcard", ""},
		{Host, "play.*", false, "sanction.target.wildcard", ""},
		{Host, "example", false, "sanction.target.suffix", ""},
		{Host, "com", false, "sanction.target.suffix", ""},
		{Host, "co.uk", false, "sanction.target.suffix", ""},
		{Host, "gov.xx", false, "sanction.target.suffix", ""},
		{Host, "play.co.uk", false, "", "play.co.uk"},
		{Host, "play.example.", false, "sanction.target.host", ""},
		{Host, ".play.example", false, "sanction.target.host", ""},
		{Host, "play..example", false, "sanction.target.host", ""},
		{Host, "-play.example", false, "sanction.target.host", ""},
		{Host, "play_.example", false, "sanction.target.host", ""},
		{Host, "https://play.example", false, "sanction.target.host", ""},
		{Host, "play.example/u/7", false, "sanction.target.host", ""},
		{Host, "play.example:443", false, "sanction.target.host", ""},
		{Host, "192.0.2.7", false, "sanction.target.host", ""},
		{Host, "192.0.2.300", false, "sanction.target.suffix", ""},
		{Host, "xn--.example", false, "sanction.target.host", ""},
		{Host, "xn--a.example", false, "sanction.target.host", ""},     // decodes to no letter beyond ASCII
		{Host, "xn--play-.example", false, "sanction.target.host", ""}, // ends with a hyphen
		{Host, "ab--cd.example", false, "sanction.target.host", ""},
		{Host, strings.Repeat("a", 64) + ".example", false, "sanction.target.host", ""},
		{Host, strings.Repeat("a.", 127) + "example", false, "sanction.target.host", ""},
		{Host, "", false, "sanction.target.text", ""},
		{Host, "play\u202e.example", false, "sanction.target.text", ""},
		{Address, "192.0.2.7", true, "", "192.0.2.7"},
		{Address, "2001:db8::7", true, "", "2001:db8::7"},
		{Address, "192.0.2.7", false, "sanction.target.shared", ""},
		{Address, "192.0.2.0/24", true, "sanction.target.range", ""},
		{Address, "192.0.2.7/32", true, "sanction.target.range", ""},
		{Address, "192.0.2.1-192.0.2.9", true, "sanction.target.range", ""},
		{Address, "10.0.0.7", true, "sanction.target.address", ""},
		{Address, "play.example", true, "sanction.target.address", ""},
		{Payee, "merchant-0042", false, "", "MERCHANT-0042"},
		{Payee, "PT50000201231234567890154", false, "", "PT50000201231234567890154"},
		{Payee, "merchant-*", false, "sanction.target.wildcard", ""},
		{Payee, "merchants", false, "sanction.target.payee", ""},
		{Payee, "12", false, "sanction.target.payee", ""},
		{Payee, "1000..2000", false, "sanction.target.payee", ""},
		{"port", "443", false, "sanction.target.kind", ""},
		{"network", "192.0.2.7", true, "sanction.target.kind", ""},
	} {
		target := Target{c.kind, c.value, c.unshared}
		key, canonical := target.check()
		if key != c.key || canonical != c.canonical {
			t.Errorf("%s %q: %q %q, want %q %q", c.kind, c.value, key, canonical, c.key, c.canonical)
		}
	}
}

func FuzzHost(f *testing.F) {
	for _, v := range []string{"play.example", "xn--bcher-kva.example", "xn--99999999.example", "*.a", "co.uk", "a..b", "\xff.example"} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, v string) {
		target := Target{Kind: Host, Value: v}
		key, canonical := target.check()
		if (key == "") != (canonical != "") {
			t.Fatalf("%q: %q %q", v, key, canonical)
		}
		if key == "" && (canonical != strings.ToLower(canonical) || strings.ContainsAny(canonical, "*/: ") || !strings.Contains(canonical, ".")) {
			t.Fatalf("%q became %q", v, canonical)
		}
	})
}

func TestReadContent(t *testing.T) {
	t.Parallel()
	for body, ok := range map[string]bool{
		`{"rung":"tithe","amount":7000,"reasons":"r"}`:                                                true,
		`{"rung":"tithe","reasons":"r","speed":"slow"}`:                                               false,
		`{"rung":"veil","targets":[{"kind":"host","value":"a.example","ports":[443]}],"reasons":"r"}`: false,
		`{"rung":"tithe","amount":7000,"reasons":"r","amount":9}`:                                     false,
		`{"rung":"tithe","reasons":"r"} {}`:                                                           false,
		`null `:                                                                                       true,
		``:                                                                                            false,
	} {
		_, err := ReadContent([]byte(body))
		if ok != (err == nil) {
			t.Errorf("%s: %v", body, err)
		}
	}
}

// The letter that is sent says what is decided, or the decision is refused.
func TestLetterAgrees(t *testing.T) {
	t.Parallel()
	letter := func(fields string) []byte {
		return []byte(`{"letter":"veil_order","law":"xx@1","languages":{"fr":{"html":"<article lang=\"fr\"></article>"}},"fields":` + fields + `}`)
	}
	c := Content{Rung: "veil", Expires: "2026-03-12", Targets: []Target{{Kind: Host, Value: "play.example"}}, Reasons: "r"}
	for fields, ok := range map[string]bool{
		`{"addressee":{"name":"n","address":"a"},"expires":"2026-03-12","targets":["play.example"]}`:               true,
		`{"addressee":{"name":"n","address":"a"},"expires":"2026-03-13","targets":["play.example"]}`:               false,
		`{"addressee":{"name":"n","address":"a"},"expires":"2026-03-12","targets":["play.example","b.example"]}`:   false,
		`{"addressee":{"name":"n","address":"a"},"expires":"2026-03-12","targets":["play.example"],"amount":7000}`: false,
	} {
		c.Letter = letter(fields)
		if c.letterAgrees() != ok {
			t.Errorf("%s: agrees %t", fields, !ok)
		}
	}
	c.Letter = []byte(`{"text":"words"}`)
	if c.letterAgrees() {
		t.Error("words that are no letter agree")
	}
	c.Letter = nil
	if !c.letterAgrees() {
		t.Error("no letter disagrees")
	}
}

func TestStanding(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		row  Row
		want string
	}{
		{Row{State: StateStanding}, StateStanding},
		{Row{State: StateStanding, Expires: "2026-03-02"}, StateStanding},
		{Row{State: StateStanding, Expires: "2026-03-01"}, StateExpired},
		{Row{State: StateAppealed, Expires: "2026-03-01"}, StateExpired},
		{Row{State: StateLifted, Expires: "2026-03-01"}, StateLifted},
		{Row{State: StateAnnulled, Amount: 7, Paid: 7}, StateAnnulled},
		{Row{State: StateStanding, Amount: 7, Paid: 6}, StateStanding},
		{Row{State: StateStanding, Amount: 7, Paid: 7}, StatePaid},
		{Row{State: StateStayed, Amount: 7, Paid: 7}, StateStayed},
	} {
		if got := c.row.Standing("2026-03-02"); got != c.want {
			t.Errorf("%+v: %s, want %s", c.row, got, c.want)
		}
	}
}
