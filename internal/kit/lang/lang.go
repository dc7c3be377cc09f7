package lang

import (
	"strings"

	"golang.org/x/text/language"
)

// Lang is a language this program speaks, by its code.
type Lang string

// The languages. Another one is a row of speech and a file of messages.
const (
	Arabic  Lang = "ar"
	Amazigh Lang = "zgh" // standard Moroccan Amazigh, in Tifinagh
	English Lang = "en"
	French  Lang = "fr"
)

// speech is what the program must know of a language that a file of messages cannot say.
type speech struct {
	code    Lang
	rtl     bool
	letters string // the Unicode script its words are written in
	forms   []Form
	plural  func(n uint64) Form
	next    []Lang // where a message it lacks is looked for
	full    bool   // every message must be there
}

var speeches = []speech{
	{French, false, "Latin", []Form{One, Other}, pluralFrench, []Lang{English, Arabic}, true},
	{Arabic, true, "Arabic", []Form{Zero, One, Two, Few, Many, Other}, pluralArabic, []Lang{French, English}, true},
	{English, false, "Latin", []Form{One, Other}, pluralEnglish, []Lang{French, Arabic}, true},
	{Amazigh, false, "Tifinagh", []Form{One, Other}, pluralAmazigh, []Lang{French, English, Arabic}, false},
}

// aliases are codes browsers send for what these languages serve. Spoken Arabics read the written one.
var aliases = map[string]Lang{
	"tzm": Amazigh, "shi": Amazigh, "rif": Amazigh, "ber": Amazigh,
	"ary": Arabic, "arq": Arabic, "aeb": Arabic, "arz": Arabic, "apc": Arabic,
}

// All returns every language, in the order in which pages offer them.
func All() []Lang {
	out := make([]Lang, len(speeches))
	for i := range speeches {
		out[i] = speeches[i].code
	}
	return out
}

func (l Lang) speech() *speech {
	for i := range speeches {
		if speeches[i].code == l {
			return &speeches[i]
		}
	}
	return &speeches[0]
}

// Dir returns the direction of its text as HTML names it, rtl or ltr.
func (l Lang) Dir() string {
	if l.speech().rtl {
		return "rtl"
	}
	return "ltr"
}

// Parse reads one code or tag, an alias or one with a region included: ar, ar-MA, tzm. It reports whether the
// program speaks it.
func Parse(tag string) (Lang, bool) {
	base, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
	base, _, _ = strings.Cut(base, "_")
	if l, ok := aliases[base]; ok {
		return l, true
	}
	l := Lang(base)
	return l, l.speech().code == l
}

// maxAccept bounds what is read of an Accept-Language header; browsers send far less.
const maxAccept = 256

// Match chooses a language: the reader's own choice if they made one (the cookie), else the first of an
// Accept-Language header that the program speaks, else fallback.
func Match(accept, cookie string, fallback Lang) Lang {
	if l, ok := Parse(cookie); ok {
		return l
	}
	if len(accept) > maxAccept {
		accept = accept[:strings.LastIndexByte(accept[:maxAccept], ',')+1]
		accept = strings.TrimSuffix(accept, ",")
	}
	tags, weights, err := language.ParseAcceptLanguage(accept)
	if err != nil {
		return fallback
	}
	for i, tag := range tags {
		if weights[i] == 0 {
			continue
		}
		if l, ok := Parse(tag.String()); ok {
			return l
		}
	}
	return fallback
}
