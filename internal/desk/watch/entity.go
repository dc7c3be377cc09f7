package watch

import (
	"html"
	"regexp"
	"strings"
	"unicode"

	"sanad/internal/kit/text"
)

// entity is a character as HTML writes it, with its semicolon.
var entity = regexp.MustCompile(`&(?:[A-Za-z][A-Za-z0-9]{1,30}|#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6});`)

// seen returns what a reader would see of a text that was copied out of a page's source with its entities left in. It serves to
// recognize words and lines, and is what a title or an outlet says; a paragraph stays the file's own bytes. A character that
// shows nothing becomes nothing; one that would break the line stays as it is written.
func seen(s string) string {
	if !strings.Contains(s, "&") {
		return s
	}
	return entity.ReplaceAllStringFunc(s, func(written string) string {
		said := html.UnescapeString(written)
		hidden := true
		for _, r := range said {
			if !unicode.IsGraphic(r) && !unicode.Is(unicode.Cf, r) {
				return written
			}
			hidden = hidden && unicode.Is(unicode.Cf, r)
		}
		if hidden {
			return ""
		}
		return said
	})
}

// seenLine is seen without the space that entities leave around a line.
func seenLine(s string) string {
	s = seen(s)
	return text.Trim(s, text.Span{To: len(s)}).In(s)
}
