package watch

import (
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	mostBefore  = 2   // paragraphs that may stand between the title and the line of the publication
	wordsBefore = 150 // and their words
	longestHead = 300 // characters of a title
)

// readHead finds the lines about the article, and by the line of its publication the title, which stands next to it.
func (p *sheet) readHead() {
	lines := map[int]*about{}
	for _, i := range p.open() {
		if !p.isShort(i) {
			continue
		}
		if it := readLine(p.text(i), p.parts[i].folded); it != nil {
			lines[i] = it
		}
	}
	p.dropDoubtful(lines)
	anchor := p.anchor(lines)
	if anchor >= 0 {
		p.titleNear(anchor, lines)
	} else {
		p.titleAlone(lines)
	}
	p.settle(anchor, lines)
}

// dropDoubtful forgets bare dates that are headings of the article: a chronology has several, and one between two
// paragraphs belongs to the page only where the page opens with a title.
func (p *sheet) dropDoubtful(lines map[int]*about) {
	bare, first, reach := 0, -1, 0
	for _, i := range p.open() {
		it := lines[i]
		switch {
		case it != nil && it.weak:
			bare++
		case it != nil || first >= 0:
		case p.parts[i].prose:
			first = i
		case p.canBeTitle(i):
			reach = mostBefore
		}
	}
	for i, it := range lines {
		if it.weak && (bare > 2 || first >= 0 && i > first+reach) {
			delete(lines, i)
		}
	}
}

// anchor returns the line of the publication at the head of the page, or -1. It is at the head when more of the page
// follows than goes before, but for a short introduction.
func (p *sheet) anchor(lines map[int]*about) int {
	best := -1
	all := 0
	for _, i := range p.open() {
		if lines[i] == nil && p.parts[i].prose {
			all += p.parts[i].words
		}
	}
	paragraphs, words := 0, 0
	for _, i := range p.open() {
		it := lines[i]
		switch {
		case it == nil && p.parts[i].prose:
			paragraphs++
			words += p.parts[i].words
			if paragraphs > mostBefore || words > wordsBefore {
				return best
			}
		case it == nil || !it.dated || all-words < words:
		case !it.weak:
			return i
		case best < 0:
			best = i
		}
	}
	return best
}

// titleNear takes the title from above the line of the publication, past authors and an introduction, or from below it
// when nothing stands above.
func (p *sheet) titleNear(anchor int, lines map[int]*about) {
	open := p.open()
	var up, down []int
	for _, i := range open {
		switch {
		case lines[i] != nil && lines[i].byName:
			p.take(i, lines)
			return
		case lines[i] != nil:
		case i < anchor:
			up = append(up, i)
		case i > anchor:
			down = append(down, i)
		}
	}
	slices.Reverse(up) // the nearest first
	for n, i := range up {
		if !p.canBeTitle(i) {
			if p.parts[i].prose {
				continue
			}
			break
		}
		if n+1 < len(up) && p.isByline(i, up[n+1]) {
			lines[i] = &about{author: true, name: signed(p.text(i))}
			continue
		}
		p.take(i, lines)
		return
	}
	if len(up) == 0 && len(down) > 1 && p.canBeTitle(down[0]) && p.parts[down[0]].words > 2 &&
		!strings.ContainsAny(lastRune(p.text(down[0])), "?؟!…") && p.proseSoon(down[1:]) {
		p.take(down[0], lines)
	}
}

// proseSoon reports whether a paragraph is among the first few of these parts.
func (p *sheet) proseSoon(parts []int) bool {
	for _, i := range parts[:min(len(parts), 3)] {
		if p.parts[i].prose {
			return true
		}
	}
	return false
}

// isByline reports whether a line between a title and the line of the publication is a name, or a section, and not the
// title itself.
func (p *sheet) isByline(i, above int) bool {
	return p.parts[i].words <= 4 && isName(p.text(i)) && p.canBeTitle(above) && p.parts[above].words > p.parts[i].words &&
		(!p.parts[i].alone || p.parts[above].words >= 5)
}

func (p *sheet) canBeTitle(i int) bool {
	s := p.text(i)
	return p.parts[i].headline && utf8.RuneCountInString(s) <= longestHead
}

// titleAlone takes the first line for the title of a page that does not say when it was published: where it is set as
// a headline, without the mark of a sentence or a question, and apart from the article, or the only line of its kind.
func (p *sheet) titleAlone(lines map[int]*about) {
	var rest []int
	for _, i := range p.open() {
		switch {
		case lines[i] != nil && lines[i].byName:
			p.take(i, lines)
			return
		case lines[i] == nil:
			rest = append(rest, i)
		}
	}
	if len(rest) < 2 || !p.isHeading(rest[0]) || p.parts[rest[0]].words < 3 || !p.proseSoon(rest[1:]) {
		return
	}
	if !p.parts[rest[1]].alone {
		for _, i := range rest[1:] {
			if p.isHeading(i) {
				return
			}
		}
	}
	p.take(rest[0], lines)
}

func (p *sheet) isHeading(i int) bool {
	s := p.text(i)
	return p.canBeTitle(i) && p.parts[i].words <= 30 && !strings.ContainsAny(lastRune(s), "?؟!…,") && !strings.HasSuffix(s, "...") &&
		!strings.ContainsAny(s[:1], "-") && !strings.HasPrefix(s, "•") && !strings.HasPrefix(s, "–") && !strings.HasPrefix(s, "—")
}

// take makes a part the title, and what stands over it none of the article.
func (p *sheet) take(i int, lines map[int]*about) {
	p.title = p.text(i)
	if it := lines[i]; it != nil {
		p.title = it.title
	}
	p.parts[i].why = Metadata
	for k := range lines {
		if k < i {
			p.parts[k].why = Metadata
		}
	}
	p.above(i)
}

// settle sets aside the lines about the article, at its head and at its foot, and takes outlet and date from the
// first that gives them. Inside the article only a line with words of its own is one of them.
func (p *sheet) settle(anchor int, lines map[int]*about) {
	first, last := p.firstProseBut(lines), p.lastProseBut(lines)
	p.dropSignature(last, lines)
	if anchor >= 0 {
		p.note(anchor, lines[anchor])
	}
	for i := range p.parts {
		it := lines[i]
		if it == nil || p.parts[i].why != "" && p.parts[i].why != Metadata {
			continue
		}
		head, foot := i < first || anchor >= 0 && i <= anchor+mostBefore, i > last
		switch {
		case !head && !foot && (!it.dated || it.weak):
		case foot && !head && it.weak:
		default:
			p.parts[i].why = Metadata
			if !foot || head {
				p.note(i, it)
			} else if it.dated {
				p.takeDate(it)
			}
		}
	}
}

// dropSignature sets aside the name of an author, which a line about the article gave, where it stands alone below the last
// paragraph.
func (p *sheet) dropSignature(last int, lines map[int]*about) {
	names := map[string]bool{}
	for _, it := range lines {
		if it.name != "" {
			names[it.name] = true
		}
	}
	for _, i := range p.open() {
		if i > last && lines[i] == nil && p.isShort(i) && names[signed(p.text(i))] {
			p.parts[i].why = Metadata
		}
	}
}

func (p *sheet) note(i int, it *about) {
	p.parts[i].why = Metadata
	if p.outlet == "" {
		p.outlet = it.outlet
	}
	p.takeDate(it)
}

func (p *sheet) takeDate(it *about) {
	if p.date == "" && it.dated {
		p.date, p.either = it.date, it.either
	}
}

func (p *sheet) firstProseBut(lines map[int]*about) int {
	for _, i := range p.open() {
		if lines[i] == nil && p.parts[i].prose {
			return i
		}
	}
	return len(p.parts)
}

func (p *sheet) lastProseBut(lines map[int]*about) int {
	last := -1
	for _, i := range p.open() {
		if lines[i] == nil && p.parts[i].prose {
			last = i
		}
	}
	return last
}
