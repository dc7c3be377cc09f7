package letters

import (
	"testing"

	"sanad/internal/law/protocol"
)

// A name in another alphabet is one that a look-up would ask for: what does not decode, or decodes to something else than letters, is
// none.
func TestInternationalNames(t *testing.T) {
	t.Parallel()
	for encoded, want := range map[string]bool{
		"bcher-kva": true, "ihqwcrb4cv8a8dqg056pqjye": true, "mgbh0fb": true, "4dbcagdahymbxekheh6e0a7fei0b": true,
		"egbpdaj6bu4bxfgehfvwxn": false, // it ends with a question mark
		"":                       false, "a-": false, "!": false, "é": false, "99999999": false, "zzzzzzzzzzzzzz": false, "bcher-kv!": false,
	} {
		got := international(encoded)
		if got != want {
			t.Errorf("xn--%s: %t, want %t", encoded, got, want)
		}
	}
}

// What a registry or a hosting service hands names out under is nobody's: a block of it would block them all. What stands below it is
// somebody's.
func TestNobodysHost(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]Wrong{
		"com": WrongSuffix, "co.uk": WrongSuffix, "com.fr": WrongSuffix, "gouv.fr": WrongSuffix, "press.fr": WrongSuffix, "github.io": WrongSuffix,
		"herokuapp.com": WrongSuffix, "s3.amazonaws.com": WrongSuffix, "blogspot.com": WrongSuffix, "pages.dev": WrongSuffix, "in-addr.arpa": WrongSuffix,

		"one.github.io": "", "shop.herokuapp.com": "", "game.example": "", "www.game.co.uk": "", "xn--mgbh0fb.xn--kgbechtv": "",
	} {
		_, got := One(protocol.HostName, host)
		if got != want {
			t.Errorf("%s: %q, want %q", host, got, want)
		}
	}
}
