package watch

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"math/bits"
	"slices"
	"strconv"
	"strings"

	"sanad/internal/kit/text"
)

// Sketch is what is kept of an article's wording to find the same story again: hashes of some of its five-word runs, and no
// text. Of longer articles only runs whose hash begins with more zero bits are kept, so that a sketch stays small and any two can
// be compared (Broder's sketches, as sampling by a share of all hashes: Irber and others, 2022, call it FracMinHash).
type Sketch struct {
	zeros int      // leading zero bits that a kept hash has
	runs  []uint32 // the first bits of kept hashes, sorted, distinct
}

const (
	// fullSketch is how many runs are kept at the most.
	fullSketch = 256
	// mostZeros is what articles of millions of words come to.
	mostZeros = 20
)

// SketchOf makes the sketch of a text.
func SketchOf(body string) Sketch {
	var words []string
	for _, w := range text.Words(body) {
		words = append(words, text.Fold(w.In(body)))
	}
	kept := map[uint64]bool{}
	zeros := 0
	for i := range len(words) - text.GramWords + 1 {
		sum := sha256.Sum256([]byte(strings.Join(words[i:i+text.GramWords], " ")))
		h := binary.BigEndian.Uint64(sum[:])
		if bits.LeadingZeros64(h) < zeros {
			continue
		}
		kept[h] = true
		for len(kept) > fullSketch {
			zeros++
			for k := range kept {
				if bits.LeadingZeros64(k) < zeros {
					delete(kept, k)
				}
			}
		}
	}
	s := Sketch{zeros: zeros}
	for h := range kept {
		s.runs = append(s.runs, uint32(h>>32))
	}
	slices.Sort(s.runs)
	s.runs = slices.Compact(s.runs)
	return s
}

// String writes the sketch as an alert keeps it.
func (s Sketch) String() string {
	b := make([]byte, 0, 8*len(s.runs))
	for _, r := range s.runs {
		b = binary.BigEndian.AppendUint32(b, r)
	}
	return strconv.Itoa(s.zeros) + ":" + base64.StdEncoding.EncodeToString(b)
}

// ParseSketch reads what String wrote.
func ParseSketch(s string) (Sketch, error) {
	broken := errors.New("this is no sketch of an article")
	zeros, rest, ok := strings.Cut(s, ":")
	n, err := strconv.Atoi(zeros)
	if !ok || err != nil || n < 0 || n > mostZeros {
		return Sketch{}, broken
	}
	b, err := base64.StdEncoding.DecodeString(rest)
	if err != nil || len(b)%4 != 0 || len(b) > 4*fullSketch {
		return Sketch{}, broken
	}
	out := Sketch{zeros: n}
	for ; len(b) > 0; b = b[4:] {
		out.runs = append(out.runs, binary.BigEndian.Uint32(b))
	}
	if !slices.IsSorted(out.runs) || out.String() != s {
		return Sketch{}, broken
	}
	return out, nil
}

// SameAs reports whether two articles tell the same story, judged as Shelf does, by the runs that both sketches would have kept.
func (s Sketch) SameAs(t Sketch) bool {
	zeros := max(s.zeros, t.zeros)
	a, b := s.above(zeros), t.above(zeros)
	least := min(len(a), len(b))
	if least < leastGrams {
		return false
	}
	both := 0
	for _, r := range a {
		if _, there := slices.BinarySearch(b, r); there {
			both++
		}
	}
	return float64(both) >= sameStory*float64(least)
}

// above returns the runs with at least so many leading zero bits.
func (s Sketch) above(zeros int) []uint32 {
	var out []uint32
	for _, r := range s.runs {
		if bits.LeadingZeros32(r) >= zeros {
			out = append(out, r)
		}
	}
	return out
}
