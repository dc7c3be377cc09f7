package text

import (
	"strings"
	"unicode"
)

// braille is a pattern without a dot, which shows as a space.
const braille = '\u2800'

// Empty reports whether s says nothing to a reader: it holds no letter, no digit and no sign that shows. Spaces, joiners, marks of
// direction, fillers and accents without a letter say nothing.
func Empty(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return r != braille && !unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) && unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S)
	})
}

// IsControl reports whether a character steers a machine and is no text: any control character but the tab and the newline.
func IsControl(r rune) bool { return unicode.IsControl(r) && r != '\t' && r != '\n' }

// HasControl reports whether a character of s is a control.
func HasControl(s string) bool { return strings.ContainsFunc(s, IsControl) }
