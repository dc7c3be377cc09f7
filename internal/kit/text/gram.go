package text

// GramWords is how many words a gram has. Five in a row are rarely the same in two texts that do not share a source
// (Broder, On the resemblance and containment of documents, 1997, compares texts this way).
const GramWords = 5

// Gram is five words in a row, by their numbers in a vocabulary.
type Gram [GramWords]uint32

// Grams is the set of grams of a text.
type Grams map[Gram]struct{}

// Vocabulary numbers words, so that texts can be compared word by word without chance collisions. Texts are
// comparable when the same vocabulary numbered them. The zero value is ready.
type Vocabulary struct{ numbers map[string]uint32 }

// Numbers returns the number of each word of s, folded, in order.
func (v *Vocabulary) Numbers(s string) []uint32 {
	if v.numbers == nil {
		v.numbers = map[string]uint32{}
	}
	var out []uint32
	eachWord(s, func(p Span) {
		word := Fold(p.In(s))
		n, known := v.numbers[word]
		if !known {
			n = uint32(len(v.numbers))
			v.numbers[word] = n
		}
		out = append(out, n)
	})
	return out
}

// GramsOf returns the grams of a text given by its numbers; none when it has fewer than five words.
func GramsOf(numbers []uint32) Grams {
	out := Grams{}
	for i := range len(numbers) - GramWords + 1 {
		out[Gram(numbers[i:i+GramWords])] = struct{}{}
	}
	return out
}

// Containment returns how much of the smaller set the larger one holds, from 0 to 1; 0 when one is empty. An article
// quoted whole inside another is contained, however much stands around it.
func Containment(a, b Grams) float64 {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(a) == 0 {
		return 0
	}
	both := 0
	for g := range a {
		if _, there := b[g]; there {
			both++
		}
	}
	return float64(both) / float64(len(a))
}
