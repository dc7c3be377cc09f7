package lang

import (
	"html/template"
	"strings"

	"golang.org/x/text/unicode/bidi"
)

// FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE: what stands between them takes its own direction and does not
// disturb the sentence around it.
const (
	isolateOpen  = "\u2068"
	isolateClose = "\u2069"
)

// Isolate keeps a fragment from disturbing plain text around it: a mail, a title, an attribute.
func Isolate(s string) string { return isolateOpen + s + isolateClose }

// BDI keeps a fragment, perhaps of another script, from disturbing a page around it. It escapes what HTML would read.
func BDI(s string) template.HTML {
	return template.HTML("<bdi>" + template.HTMLEscapeString(s) + "</bdi>") //nolint:gosec // G203: escaped here
}

// settled reports whether a fragment reads the same in a sentence of that direction without being isolated. In a
// sentence from right to left even digits are not settled: "06 12" would be read "12 06".
func settled(s string, rtl bool) bool {
	for _, r := range s {
		if r == ' ' || r == ',' || r == '.' {
			continue
		}
		p, _ := bidi.LookupRune(r)
		switch p.Class() {
		case bidi.L, bidi.EN:
			if rtl {
				return false
			}
		case bidi.R, bidi.AL, bidi.NSM:
			if !rtl {
				return false
			}
		default:
			return false
		}
	}
	return strings.TrimSpace(s) != ""
}
