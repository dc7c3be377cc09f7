package text

import (
	"strings"
	"unicode"
)

// enoughLetters is how many letters a text needs before its script is believed.
const enoughLetters = 8

// small are words that hardly any sentence of a language does without and that the others of the list lack.
var small = map[string][]string{
	"fr": strings.Fields("le les des du une est et dans pour qui que sur avec au aux pas plus par ce cette ces sont ont nous vous ils elle il leur mais ou où été être d l c qu n s j"),
	"en": strings.Fields("the of and to in is that for it was with are this from by have has had were will would which their they you not be been at its an"),
	"es": strings.Fields("el los las del y en es una que por con para se su sus como más pero este esta han ha fue sobre entre también al lo"),
}

var smallOf = func() map[string][]string {
	out := map[string][]string{}
	for language, words := range small {
		for _, w := range words {
			w = Fold(w)
			out[w] = append(out[w], language)
		}
	}
	return out
}()

// Language returns the language that s is nearly surely in: "ar", "zgh" (by its own letters), "fr", "en" or "es"; ""
// when it is none of them or too little is there to tell.
func Language(s string) string {
	letters := map[*unicode.RangeTable]int{}
	all := 0
	for _, r := range s {
		if !unicode.IsLetter(r) {
			continue
		}
		all++
		for _, script := range []*unicode.RangeTable{unicode.Latin, unicode.Arabic, unicode.Tifinagh} {
			if unicode.Is(script, r) {
				letters[script]++
				break
			}
		}
	}
	switch {
	case all < enoughLetters:
		return ""
	case 2*letters[unicode.Arabic] > all:
		return "ar"
	case 2*letters[unicode.Tifinagh] > all:
		return "zgh"
	case 2*letters[unicode.Latin] > all:
		return latin(s)
	}
	return ""
}

// latin counts small words. The best must be clearly before the next, and common enough to be the text's own and not
// that of a title quoted in it.
func latin(s string) string {
	votes := map[string]int{}
	words := 0
	eachWord(s, func(p Span) {
		words++
		for _, language := range smallOf[Fold(p.In(s))] {
			votes[language]++
		}
	})
	best, next := "", ""
	for _, language := range []string{"fr", "en", "es"} {
		switch {
		case votes[language] > votes[best]:
			best, next = language, best
		case votes[language] > votes[next]:
			next = language
		}
	}
	if votes[best] < 2 || votes[best]*12 < words || votes[best]*2 < votes[next]*3 {
		return ""
	}
	return best
}
