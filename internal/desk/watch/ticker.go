package watch

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"sanad/internal/kit/text"
)

// A ticker is one line on which something that prose never uses parts many short phrases: a run of no-break spaces, or
// one sign again and again. Neither the words nor the number of headlines matter.
const (
	leastHeadlines  = 3   // fewer, between plain spaces, are a sentence with gaps in it
	leastSigned     = 4   // between signs: three may be a list
	longestHeadline = 280 // characters; more is prose
)

// sign parts headlines when it stands between spaces. Dashes, strokes and quotation marks do not: prose uses them.
var sign = regexp.MustCompile(`[\s\p{Z}]+(?:[` + signs + `]|\*\*\*|\+\+\+|//+|>>+)(?:[\s\p{Z}]+|$)`)

const signs = `|¦•●■◆◊►▶▪★✦`

// ticker returns the parts of a line: the line itself, or the headlines of a ticker and what else stands among them.
func ticker(s string, line text.Span) []part {
	pieces := between(line, wide(s, line))
	if !isWide(s, pieces) {
		pieces = between(line, same(s, line))
		if !isSigned(s, pieces) {
			return []part{{Span: line}}
		}
	}
	out := make([]part, len(pieces))
	for i, piece := range pieces {
		out[i].Span = piece
		if utf8.RuneCountInString(piece.In(s)) <= longestHeadline || !isProse(piece.In(s)) {
			out[i].why = Headlines
		}
	}
	return out
}

// wide finds the gaps of a line that are wider than any prose has: two no-break or typographic spaces, three spaces of
// any kind, a tab.
func wide(s string, line text.Span) []text.Span {
	var out []text.Span
	from, n, odd := -1, 0, 0
	end := func(to int) {
		if from >= 0 && (n >= 3 || odd >= 2) {
			out = append(out, text.Span{From: from, To: to})
		}
		from, n, odd = -1, 0, 0
	}
	for i, r := range line.In(s) {
		if !text.IsSpace(r) {
			end(line.From + i)
			continue
		}
		if from < 0 {
			from = line.From + i
		}
		n++
		switch r {
		case ' ':
		case '\t':
			n, odd = n+2, odd+2
		default:
			odd++
		}
	}
	return out
}

// same finds the places behind the sign that a line has most often between spaces.
func same(s string, line text.Span) []text.Span {
	by := map[string][]text.Span{}
	var most string
	for _, m := range sign.FindAllStringIndex(line.In(s), -1) {
		gap := text.Span{From: line.From + m[0], To: line.From + m[1]}
		mark := text.Trim(s, gap)
		by[mark.In(s)] = append(by[mark.In(s)], text.Span{From: mark.To, To: gap.To})
		if len(by[mark.In(s)]) > len(by[most]) {
			most = mark.In(s)
		}
	}
	return by[most]
}

// between returns what stands between the gaps of a line.
func between(line text.Span, gaps []text.Span) []text.Span {
	var out []text.Span
	from := line.From
	for _, gap := range append(gaps, text.Span{From: line.To, To: line.To}) {
		if gap.From > from {
			out = append(out, text.Span{From: from, To: gap.From})
		}
		from = gap.To
	}
	return out
}

// isWide reports whether pieces between wide gaps are headlines: most of them are set as headlines are. Where the gaps
// are not of no-break spaces alone, which nobody types, there must be more of them and most of one kind.
func isWide(s string, pieces []text.Span) bool {
	if len(pieces) < 2 {
		return false
	}
	kinds := map[string]int{}
	most := ""
	for i, piece := range pieces[1:] {
		gap := s[pieces[i].To:piece.From]
		kinds[gap]++
		if kinds[gap] > kinds[most] {
			most = gap
		}
	}
	plain := strings.ContainsAny(most, " \t") || utf8.RuneCountInString(most) < 3
	if plain && (len(pieces) < leastHeadlines || kinds[most]*4 < (len(pieces)-1)*3) {
		return false
	}
	like, median := looks(s, pieces)
	return like*4 >= len(pieces)*3 && median >= 3
}

// isSigned reports whether pieces between signs are headlines: all of them are set so, for a list has signs too.
func isSigned(s string, pieces []text.Span) bool {
	if len(pieces) < leastSigned {
		return false
	}
	like, median := looks(s, pieces)
	return like == len(pieces) && median >= 4
}

// looks returns how many pieces are set as headlines, with no small letter at their start, and how many words the
// middle one has.
func looks(s string, pieces []text.Span) (like, median int) {
	var words []int
	for _, piece := range pieces {
		in := piece.In(s)
		first := strings.IndexFunc(in, unicode.IsLetter)
		if first >= 0 && isHeadline(in) {
			r, _ := utf8.DecodeRuneInString(in[first:])
			if !unicode.IsLower(r) || strings.ContainsFunc(in[:first], unicode.IsDigit) {
				like++
			}
		}
		words = append(words, text.CountWords(in))
	}
	slices.Sort(words)
	return like, words[len(words)/2]
}

// isHeadline reports whether a phrase is set as headlines are: some words, none of the marks with which a sentence
// stops or goes on.
func isHeadline(s string) bool {
	n := text.CountWords(s)
	if n == 0 || n > 45 || utf8.RuneCountInString(s) > longestHeadline {
		return false
	}
	s = strings.TrimRightFunc(s, func(r rune) bool { return strings.ContainsRune(signs+`"'”’»)]*+/>`, r) || text.IsSpace(r) })
	return strings.HasSuffix(s, "...") || !strings.ContainsAny(lastRune(s), ".;:,،؛۔")
}

func lastRune(s string) string {
	_, n := utf8.DecodeLastRuneInString(s)
	return s[len(s)-n:]
}

// isProse reports whether a line is a paragraph of an article and no heading: long, or a sentence of some length with
// its stop.
func isProse(s string) bool {
	n := text.CountWords(s)
	s = strings.TrimRightFunc(s, func(r rune) bool { return unicode.In(r, unicode.Pf, unicode.Pe) || r == '"' || text.IsSpace(r) })
	return n >= 40 || n >= 12 && strings.ContainsAny(lastRune(s), ".!?؟…۔:;")
}
