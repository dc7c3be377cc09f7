package letters

import "testing"

// Samples of RFC 3492, section 7.1, in lower case.
func TestPunycode(t *testing.T) {
	t.Parallel()
	for encoded, want := range map[string]string{
		"bcher-kva":                    "bücher",
		"egbpdaj6bu4bxfgehfvwxn":       "ليهمابتكلموشعربي؟",
		"ihqwcrb4cv8a8dqg056pqjye":     "他们为什么不说中文",
		"4dbcagdahymbxekheh6e0a7fei0b": "למההםפשוטלאמדבריםעברית",
		"mgbh0fb":                      "مثال",
	} {
		got, ok := punycode(encoded)
		if !ok || got != want {
			t.Errorf("%s: %q %t, want %q", encoded, got, ok, want)
		}
	}
	for _, bad := range []string{"", "a-", "!", "é", "99999999", "zzzzzzzzzzzzzz", "bcher-kv!"} {
		got, ok := punycode(bad)
		if ok {
			t.Errorf("%q was read as %q", bad, got)
		}
	}
}
