package text_test

import (
	"testing"

	"sanad/internal/kit/text"
)

func TestEmpty(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{
		"": true, " \t\n\u00a0": true, "\ufeff": true, "\u200b\u200d\u2060": true, "\u00ad\u200f\u202e": true, "\u3164\uffa0\u115f": true, "\u2800": true,
		"\u0301": true, "\u0651": true, "\ufe0f": true, "\x00": true, "\u034f": true,

		"a": false, "ب": false, "٣": false, "?": false, "\u200f!": false, "👍": false, "€": false, "字": false,
	} {
		if got := text.Empty(s); got != want {
			t.Errorf("%q: %v", s, got)
		}
	}
}

func TestHasControl(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{
		"a\tb\nc": false, "نص عادي": false, "\ufeffa\u200d": false,

		"a\x00b": true, "\x1b[31m": true, "a\r": true, "\x7f": true, "\u0085": true, "\u009b31m": true,
	} {
		if got := text.HasControl(s); got != want {
			t.Errorf("%q: %v", s, got)
		}
	}
}
