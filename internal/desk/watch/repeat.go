package watch

import (
	"slices"
	"unicode"
	"unicode/utf8"

	"sanad/internal/kit/text"
)

const (
	// leastRepeated is how many words must be printed again, as whole lines and in the same order, to be a repetition
	// and not a short question asked twice.
	leastRepeated = 12
	// startWords is how many words at the start of a line say where else it may be printed.
	startWords = 8
	// mostPlaces is how many earlier printings of the same start are compared. More would make a page that says one
	// thing ten thousand times slow, and the first are the ones that count.
	mostPlaces = 16
)

type start [startWords]uint32

// dropRepetitions sets aside the longest runs of whole lines whose words were printed before on the page, however the
// lines were broken then. Comparing lines one by one would keep short lines of the second printing, or lose short lines
// that an article rightly has twice.
func (p *sheet) dropRepetitions() {
	open := p.open()
	var words text.Vocabulary
	var stream []uint32
	begin := make([]int, 0, len(open)+1) // where in the stream each line begins
	for _, i := range open {
		begin = append(begin, len(stream))
		stream = append(stream, words.Numbers(p.text(i))...)
	}
	begin = append(begin, len(stream))
	places := startsOf(stream, begin)

	for line := 0; line < len(open); {
		again := p.again(stream, begin, line, places)
		for i := line; i < again; i++ {
			p.parts[open[i]].why = Repetition
		}
		line = max(again, line+1)
	}
}

// cutRepetitions cuts a line that says twice, to its end, what it has just said: a body printed twice without a line end between.
// The later printing is set aside.
func (p *sheet) cutRepetitions() {
	var words text.Vocabulary
	var parts []part
	for _, it := range p.parts {
		at := len(parts)
		for it.why == "" && it.words >= 2*leastRepeated {
			cut, ok := secondPrinting(&words, p.s, it.Span)
			if !ok {
				break
			}
			later := part{Span: text.Trim(p.s, text.Span{From: cut, To: it.To}), why: Repetition}
			later.look(p.s)
			parts = append(parts, later)
			it.Span = text.Trim(p.s, text.Span{From: it.From, To: cut})
			it.look(p.s)
		}
		parts = append(parts, it)
		slices.Reverse(parts[at:])
	}
	p.parts = parts
}

// secondPrinting returns the byte at which the longest end of a line begins whose words stand right before it as well.
func secondPrinting(words *text.Vocabulary, s string, line text.Span) (cut int, ok bool) {
	spans := text.Words(line.In(s))
	back := words.Numbers(line.In(s))
	slices.Reverse(back)
	same := starts(back)
	for n := len(back) / 2; n >= leastRepeated; n-- {
		if same[n] < n {
			continue
		}
		gap := func(i int) string { // what stands before a word
			from := 0
			if i > 0 {
				from = spans[i-1].To
			}
			return line.In(s)[from:spans[i].From]
		}
		again := len(spans) - n
		return line.From + spans[again].From - len(opening(gap(again-n), gap(again))), true
	}
	return 0, false
}

// opening returns the end that two gaps between words have in common, as far as it opens something: a quotation, a bracket.
func opening(a, b string) string {
	end := len(b)
	for a != "" && end > 0 {
		r, size := utf8.DecodeLastRuneInString(a)
		other, _ := utf8.DecodeLastRuneInString(b[:end])
		if r != other || !text.IsSpace(r) && !unicode.In(r, unicode.Ps, unicode.Pi, unicode.Pd) && r != '"' {
			break
		}
		a, end = a[:len(a)-size], end-size
	}
	return b[end:]
}

// starts returns for every place how many of its words are those at the very start (the Z function).
func starts(of []uint32) []int {
	same := make([]int, len(of))
	for i, from, to := 1, 0, 0; i < len(of); i++ {
		if i < to {
			same[i] = min(to-i, same[i-from])
		}
		for i+same[i] < len(of) && of[same[i]] == of[i+same[i]] {
			same[i]++
		}
		if i+same[i] > to {
			from, to = i, i+same[i]
		}
	}
	return same
}

// startsOf finds where the words that begin a line stand anywhere on the page, the earliest places first.
func startsOf(stream []uint32, begin []int) map[start][]int {
	places := map[start][]int{}
	for _, at := range begin {
		if at+startWords <= len(stream) {
			places[start(stream[at:at+startWords])] = nil
		}
	}
	for at := range len(stream) - startWords + 1 {
		key := start(stream[at : at+startWords])
		known, begins := places[key]
		if begins && len(known) < mostPlaces {
			places[key] = append(known, at)
		}
	}
	return places
}

// again returns the line after the longest run of lines, from this one, that was printed before; this line when there
// is none worth the name.
func (p *sheet) again(stream []uint32, begin []int, line int, places map[start][]int) int {
	from := begin[line]
	if from+startWords > len(stream) {
		return line
	}
	best := line
	for _, at := range places[start(stream[from:from+startWords])] {
		n := 0
		for at+n < from && from+n < len(stream) && stream[at+n] == stream[from+n] {
			n++
		}
		end := line
		for end+1 < len(begin) && begin[end+1]-from <= n {
			end++
		}
		if begin[end]-from >= leastRepeated {
			best = max(best, end)
		}
	}
	return best
}
