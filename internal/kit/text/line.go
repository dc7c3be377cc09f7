package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Span is the part of a text from byte From up to, not including, byte To.
type Span struct{ From, To int }

// In returns the part of s that the span covers.
func (p Span) In(s string) string { return s[p.From:p.To] }

// IsSpace reports whether a character only separates: Unicode's white space (U+00A0 among it, which the \s of Go's
// regular expressions leaves out), the four ASCII separators and the byte order mark.
func IsSpace(r rune) bool {
	return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f || r == '\ufeff'
}

// breaks reports whether a character ends a line. A return before a line feed makes an empty line, which nobody sees.
func breaks(r rune) bool {
	switch r {
	case '\n', '\r', '\v', '\f', 0x85, 0x2028, 0x2029:
		return true
	}
	return false
}

// Breaks returns how many line ends s has.
func Breaks(s string) int {
	n := 0
	last := rune(0)
	for _, r := range s {
		if breaks(r) && (last != '\r' || r != '\n') {
			n++
		}
		last = r
	}
	return n
}

// Trim returns the part of p without the space around it; an empty span at its end when there is nothing else.
func Trim(s string, p Span) Span {
	in := strings.TrimLeftFunc(p.In(s), IsSpace)
	p.From = p.To - len(in)
	p.To = p.From + len(strings.TrimRightFunc(in, IsSpace))
	return p
}

// Lines returns the lines of s that show something, each trimmed, in order. Any mix of line ends will do. A line of
// invisible characters alone is no line.
func Lines(s string) []Span {
	var out []Span
	add := func(from, to int) {
		p := Trim(s, Span{from, to})
		if strings.ContainsFunc(p.In(s), visible) {
			out = append(out, p)
		}
	}
	from := 0
	for i, r := range s {
		if breaks(r) {
			add(from, i)
			from = i + utf8.RuneLen(r)
		}
	}
	add(from, len(s))
	return out
}

// visible tells what a reader sees from space and from marks of direction, joining and control.
func visible(r rune) bool { return !IsSpace(r) && !unicode.Is(unicode.Cf, r) && !unicode.IsControl(r) }

// IsBlank reports whether s shows nothing.
func IsBlank(s string) bool { return !strings.ContainsFunc(s, visible) }
