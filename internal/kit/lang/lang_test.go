package lang

import (
	"strings"
	"testing"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

func TestMatch(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		accept, cookie string
		want           Lang
	}{
		{"", "", French},
		{"ar-MA,ar;q=0.9,fr;q=0.8", "", Arabic},
		{"ary", "", Arabic},
		{"shi-Tfng,fr;q=0.5", "", Amazigh},
		{"ber", "", Amazigh},
		{"es,de;q=0.9,en;q=0.1", "", English},
		{"es", "", French},
		{"en;q=0,ar", "", Arabic},
		{"fr;q=0.2,en;q=0.9", "", English},
		{"en", "ar", Arabic},
		{"en", "xx", English},
		{"en", "../../etc", English},
		{";;;q=", "", French},
		{strings.Repeat("de,", 300) + "en", "", French},
		{"en," + strings.Repeat("x", 5000), "", English},
		{strings.Repeat("x-", 50000), "", French},
	} {
		if got := Match(c.accept, c.cookie, French); got != c.want {
			t.Errorf("Match(%.40q, %q) = %s, want %s", c.accept, c.cookie, got, c.want)
		}
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]Lang{"ar-MA": Arabic, "AR": Arabic, "fr_FR": French, "tzm": Amazigh, "rif-MA": Amazigh} {
		if got, ok := Parse(in); !ok || got != want {
			t.Errorf("%s: %s %v", in, got, ok)
		}
	}
	for _, bad := range []string{"", "-", "xx", "francais"} {
		if l, ok := Parse(bad); ok {
			t.Errorf("%q was read as %s", bad, l)
		}
	}
}

func TestDirection(t *testing.T) {
	t.Parallel()
	for l, want := range map[Lang]string{Arabic: "rtl", French: "ltr", English: "ltr", Amazigh: "ltr"} {
		if l.Dir() != want {
			t.Errorf("%s: %s", l, l.Dir())
		}
	}
}

// Our rules and those of golang.org/x/text, written by others from the same tables, agree. It has none for zgh;
// those of tzm are CLDR's for the same language.
func TestPluralsAgreeWithPeer(t *testing.T) {
	t.Parallel()
	peer := map[plural.Form]Form{plural.Zero: Zero, plural.One: One, plural.Two: Two, plural.Few: Few, plural.Many: Many, plural.Other: Other}
	for l, tag := range map[Lang]string{French: "fr", Arabic: "ar", English: "en", Amazigh: "tzm"} {
		reached := map[Form]bool{}
		for n := range 2500 {
			want := peer[plural.Cardinal.MatchPlural(language.MustParse(tag), n, 0, 0, 0, 0)]
			got := l.Plural(int64(n))
			if got != want {
				t.Fatalf("%s %d: %s, want %s", l, n, got, want)
			}
			if minus := l.Plural(-int64(n)); minus != got {
				t.Fatalf("%s: %d and its opposite differ", l, n)
			}
			reached[got] = true
		}
		if len(reached) != len(l.Forms()) {
			t.Errorf("%s reaches %v, names %v", l, reached, l.Forms())
		}
	}
	_ = English.Plural(-1 << 63) // has no opposite in 64 bits, must still have a form
}
