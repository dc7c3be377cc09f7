package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// tatweel lengthens an Arabic word and is no letter of it.
const tatweel = 'ـ'

// inWord reports whether a character belongs to a word: letters, digits and the underscore, as \w has them, and the
// marks written over letters.
func inWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsNumber(r) || r == '_' || unicode.Is(unicode.Mn, r)
}

// Words returns where the words of s are, in order. An apostrophe and a hyphen part two words.
func Words(s string) []Span {
	var out []Span
	eachWord(s, func(p Span) { out = append(out, p) })
	return out
}

// CountWords returns how many words s has.
func CountWords(s string) int {
	n := 0
	eachWord(s, func(Span) { n++ })
	return n
}

func eachWord(s string, yield func(Span)) {
	from := -1
	for i, r := range s {
		switch in := inWord(r); {
		case in && from < 0:
			from = i
		case !in && from >= 0:
			yield(Span{from, i})
			from = -1
		}
	}
	if from >= 0 {
		yield(Span{from, len(s)})
	}
}

// Fold returns s as two printings of the same words have it in common: lower case, without accents and vowel signs,
// the forms of a letter made one, digits as in ASCII.
func Fold(s string) string {
	ascii := true
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			ascii = false
			break
		}
	}
	if ascii {
		return strings.ToLower(s)
	}
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Cf, r) || r == tatweel:
			return -1
		default:
			return unicode.ToLower(digit(r))
		}
	}, norm.NFKD.String(s))
}

// digit writes the digits that Arabic texts use as ASCII has them, and returns any other character as it is.
func digit(r rune) rune {
	switch {
	case r >= '٠' && r <= '٩':
		return r - '٠' + '0'
	case r >= '۰' && r <= '۹':
		return r - '۰' + '0'
	}
	return r
}
