package console

import (
	"strings"
	"testing"
)

// A short line stands beside its label; what is longer, or several lines, is a paragraph in its own direction.
func TestWord(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"العربية": "العربية", "a\nb": "", "a\n\nb": "", strings.Repeat("ع", oneWord): strings.Repeat("ع", oneWord), strings.Repeat("ع", oneWord+1): "", "": "",
	} {
		if got := (pair{Text: paragraphs(text)}).Word(); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}
