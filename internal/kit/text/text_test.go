package text_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"sanad/internal/kit/text"
)

func in(s string, spans []text.Span) []string {
	var out []string
	for _, p := range spans {
		out = append(out, p.In(s))
	}
	return out
}

func TestLines(t *testing.T) {
	t.Parallel()
	for s, want := range map[string][]string{
		"":                                      nil,
		"a":                                     {"a"},
		"\ufeffa \r\n\u00a0b c\u2003\rd\u2028e": {"a", "b c", "d", "e"},
		" \n\u00a0\n\u200f\n\x00\n":             nil,
		"a\u0085b\vc\fd":                        {"a", "b", "c", "d"},
		"\u200fa":                               {"\u200fa"},
	} {
		if got := in(s, text.Lines(s)); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
	for s, want := range map[string]int{"": 0, "\n": 1, "\r\n": 1, "\r\r\n\n": 3, " \u2028 ": 1, "\n\r": 2} {
		if got := text.Breaks(s); got != want {
			t.Errorf("%q: %d line ends, want %d", s, got, want)
		}
	}
}

// Between the lines there is nothing to see.
func TestLinesLeaveNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.SampledFrom([]rune("a \u00a0\n\r\ufeff\u200f\x00é")))).Draw(t, "s")
		if !utf8.ValidString(s) {
			return
		}
		end := 0
		for _, p := range append(text.Lines(s), text.Span{From: len(s), To: len(s)}) {
			if p.From < end || !text.IsBlank(s[end:p.From]) || text.Trim(s, p) != p {
				t.Fatalf("%q: %v after %d", s, p, end)
			}
			end = p.To
		}
	})
}

func TestWords(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"L'été, c'est 88 % !":   "L|été|c|est|88",
		"fake_news «oui»":       "fake_news|oui",
		"قال: نَعَمْ، ٣ مرات.":  "قال|نَعَمْ|٣|مرات",
		"":                      "",
		"porte-parole\u00a0: x": "porte|parole|x",
	} {
		if got := strings.Join(in(s, text.Words(s)), "|"); got != want || text.CountWords(s) != len(text.Words(s)) {
			t.Errorf("%q: %s, want %s", s, got, want)
		}
	}
	for s, want := range map[string]string{"ÉTÉ": "ete", "نَعَمْ": "نعم", "أحمد": "احمد", "٠٣": "03", "مـــن": "من", "ﻻ": "لا", "ABC": "abc"} {
		if got := text.Fold(s); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
	if got := text.Plain("\u200f a\u00a0\u00a0 b\tc "); got != "a b c" {
		t.Errorf("%q", got)
	}
}

func TestContainment(t *testing.T) {
	t.Parallel()
	var v text.Vocabulary
	grams := func(s string) text.Grams { return text.GramsOf(v.Numbers(s)) }
	whole := grams("un deux trois quatre cinq six sept huit neuf dix")
	for s, want := range map[string]float64{
		"Deux, trois; QUATRE cinq six":             1,
		"un deux trois quatre cinq six":            1,
		"un deux trois quatre cinq autre six sept": 0.25,
		"dix neuf huit sept six cinq quatre trois": 0,
		"un deux trois":                            0,
		"":                                         0,
	} {
		if got := text.Containment(whole, grams(s)); got != want || text.Containment(grams(s), whole) != want {
			t.Errorf("%q: %v, want %v", s, got, want)
		}
	}
}

func TestDates(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"le 1er août 2031 à 14h":                "2031-08-01",
		"27 - 11 - 2031":                        "2031-11-27",
		"2031-11-27t10:00":                      "2031-11-27",
		"november 27th, 2031":                   "2031-11-27",
		"november 2031":                         "2031-11",
		"27 de noviembre de 2031":               "2031-11-27",
		"05/2031":                               "2031-05",
		"1er - 03 - 2031":                       "2031-03-01",
		"٢٧ نونبر ٢٠٣١":                         "2031-11-27",
		"27 تشرين الثاني 2031":                  "2031-11-27",
		"27 كانون الأول/ديسمبر 2031":            "2031-12-27",
		"الأربعاء 27 نوفمبر 2031":               "2031-11-27",
		"29 février 2031":                       "",
		"29 février 2032":                       "2032-02-29",
		"31/04/2031":                            "",
		"13/13/2031":                            "",
		"27 novembre":                           "",
		"27/11/31":                              "",
		"27 رمضان 1452":                         "",
		"27 novembre 1452":                      "",
		"2031":                                  "",
		"mars et avril":                         "",
		"loi 03-23":                             "",
		"3 mars 2031 puis 4 avril 2032":         "2031-03-03 2032-04-04",
		"99999/99/9999 a12/12/2031 12/12/20311": "",
	} {
		var got []string
		folded := text.Plain(text.Fold(s))
		for _, d := range text.Dates(folded) {
			if d.String() != "" {
				got = append(got, d.String())
			}
			if d.From >= d.To || d.To > len(folded) {
				t.Errorf("%q: %v", s, d.Span)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
	for s, want := range map[string]bool{"03/04/2031": true, "04/04/2031": false, "13/04/2031": false, "2031-03-04": false, "3 avril 2031": false} {
		if d := text.Dates(s); len(d) != 1 || d[0].Either != want {
			t.Errorf("%s: %+v", s, d)
		}
	}
}

func TestLanguage(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"Les marchands du souk ont présenté un projet pour le village.":  "fr",
		"The merchants of the souk have presented a plan for it.":        "en",
		"Los mercaderes del zoco han presentado un plan para el pueblo.": "es",
		"قدم التجار مشروعا مشتركا مع Roblox وTikTok":                     "ar",
		"ⵜⴰⵎⴰⵣⵉⵖⵜ ⵜⴰⵎⴰⵣⵉⵖⵜ":                                              "zgh",
		"Tazrout Roblox TikTok": "",
		"oui":                   "",
		"":                      "",
		"12 345":                "",
		"Москва и Петербург не спят": "",
	} {
		if got := text.Language(s); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}

func FuzzDates(f *testing.F) {
	f.Add("le 1er août 2031, 05/07/2031 \x00 27 تشرين الثاني 2031")
	f.Fuzz(func(t *testing.T, s string) {
		end := 0
		for _, d := range text.Dates(text.Plain(text.Fold(s))) {
			if d.From < end || d.To <= d.From || d.String() != "" && (d.Year < 1900 || d.Year > 2099) {
				t.Fatalf("%+v after %d", d, end)
			}
			end = d.To
		}
	})
}
