package watch

import "sanad/internal/kit/text"

const (
	// sameStory is how much of the shorter article's five-word runs the other must hold. Articles that share a subject
	// and some quotations share a few in a hundred; a dispatch that another outlet shortened or prefaced shares most.
	sameStory = 0.5
	// leastGrams is how many five-word runs make an article long enough for that to mean something.
	leastGrams = 12
)

// Shelf compares articles with those put on it before. The zero value is empty and ready.
type Shelf struct {
	words text.Vocabulary
	kept  []shelved
}

type shelved struct {
	file, sum string
	grams     text.Grams
}

// Add sets r.SameStoryAs to the files, in the order in which they came, that tell the same story as r: one article's
// five-word runs are half or more in the other's. A headline, which another outlet changes, has no part in it.
func (s *Shelf) Add(r *Reading) {
	it := shelved{r.File, r.BodySHA256, text.GramsOf(s.words.Numbers(r.wording()))}
	for _, other := range s.kept {
		if it.sameAs(other) && len(r.Paragraphs) > 0 {
			r.SameStoryAs = append(r.SameStoryAs, other.file)
		}
	}
	s.kept = append(s.kept, it)
}

func (a shelved) sameAs(b shelved) bool {
	if min(len(a.grams), len(b.grams)) < leastGrams {
		return a.sum == b.sum
	}
	return text.Containment(a.grams, b.grams) >= sameStory
}
