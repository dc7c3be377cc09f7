package watch

import "sanad/internal/kit/text"

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
