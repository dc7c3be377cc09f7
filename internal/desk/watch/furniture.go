package watch

import (
	"strings"
	"unicode"

	"sanad/internal/kit/text"
)

// foldLine returns a line as the expressions of words.go expect it. An apostrophe becomes a space: pages print it in
// many ways.
func foldLine(s string) string {
	return text.Plain(strings.Map(func(r rune) rune {
		switch r {
		case '\'', '’', 'ʼ', '`', '´':
			return ' '
		}
		return r
	}, text.Fold(s)))
}

// longestControl is how many characters a line of the site's own may have. Folding and matching longer ones would only
// cost time.
const longestControl = 500

func (p *sheet) isShort(i int) bool { return p.parts[i].folded != "" }

// dropTemplates sets aside what can be told by the line alone: controls of the page, rows of sections, and lines
// without a word, which only part others.
func (p *sheet) dropTemplates() {
	for _, i := range p.open() {
		if p.parts[i].words == 0 || p.isShort(i) && (controls.MatchString(p.parts[i].folded) || isTrail(p.text(i))) {
			p.parts[i].why = Template
		}
	}
}

// isTrail reports whether a line is a row of sections, or the way to this page: Accueil > Société > Justice.
func isTrail(s string) bool {
	if !strings.ContainsAny(s, ">»›|/•") {
		return false
	}
	for _, mark := range []string{" > ", " » ", " › ", " | ", " / ", " • "} {
		steps := strings.Split(text.Plain(s), mark)
		short := 0
		for _, step := range steps {
			if n := text.CountWords(step); n >= 1 && n <= 3 && isHeadline(step) {
				short++
			}
		}
		first := foldLine(steps[0])
		if len(steps) >= 3 && short == len(steps) && (sections.MatchString(first) || controls.MatchString(first)) {
			return true
		}
	}
	return false
}

// dropFurniture sets aside what the page prints around the article and only its place shows: above the title, below the
// last sentence, and lists of other articles.
func (p *sheet) dropFurniture() {
	p.dropLists()
	first, last := p.firstProse(), p.lastProse()
	for _, i := range p.open() {
		// One that is as long as a paragraph must stand beside another line of the site's own, with no empty line between.
		beside := i > 0 && !p.parts[i].alone && p.parts[i-1].why == Template ||
			i+1 < len(p.parts) && !p.parts[i+1].alone && p.parts[i+1].why == Template
		outside := i < first || i > last || beside && (i == first || i == last)
		if outside && p.isShort(i) && notices.MatchString(p.parts[i].folded) {
			p.parts[i].why = Template
		}
	}
	p.dropTail(last)
}

// above sets aside what stands over the title. A long text there is kept: to lose a paragraph is worse than to keep one
// too many.
func (p *sheet) above(title int) {
	name := text.Fold(p.title)
	for _, i := range p.open() {
		it := &p.parts[i]
		switch {
		case i >= title:
			return
		case p.isShort(i) && text.Fold(p.text(i)) == name:
			it.why = Repetition
		case it.words > 60:
		case it.words > 3 && it.headline && !endsSentence(p.text(i)):
			it.why = Headlines
		default:
			it.why = Template
		}
	}
}

func endsSentence(s string) bool {
	s = strings.TrimRightFunc(s, func(r rune) bool { return text.IsSpace(r) || unicode.In(r, unicode.Pf, unicode.Pe) || r == '"' })
	return strings.ContainsAny(lastRune(s), ".!;:")
}

// dropLists sets aside lists of other articles, which open with words of their own. Inside the article a list ends with
// the first empty line, below it with the first paragraph.
func (p *sheet) dropLists() {
	open := p.open()
	last := p.lastProse()
	for n := 0; n < len(open); n++ {
		i := open[n]
		if !p.isShort(i) || p.parts[i].prose {
			continue
		}
		m := more.FindStringSubmatch(p.parts[i].folded)
		if m == nil {
			continue
		}
		if text.CountWords(m[1]) > 0 {
			if strings.ContainsAny(m[1][:min(len(m[1]), 3)], ":|>»-") {
				p.parts[i].why = Headlines
			}
			continue
		}
		p.parts[i].why = Template
		for k := n + 1; k < len(open); k++ {
			it := &p.parts[open[k]]
			if it.words < 4 || !it.headline || i < last && it.alone && k > n+1 {
				break
			}
			it.why = Headlines
			n = k
		}
	}
}

// dropTail sets aside the phrases below a line of the site's own that stands below the article.
func (p *sheet) dropTail(last int) {
	below := false
	for i := last + 1; i < len(p.parts); i++ {
		it := &p.parts[i]
		switch {
		case it.why == Template || it.why == Headlines:
			below = true
		case it.why != "" || !below:
		case it.words <= 3:
			it.why = Template
		case it.headline:
			it.why = Headlines
		}
	}
}

// firstProse returns the first paragraph of the article, or one past the last part; lastProse the last one, or -1.
func (p *sheet) firstProse() int {
	for _, i := range p.open() {
		if p.parts[i].prose {
			return i
		}
	}
	return len(p.parts)
}

func (p *sheet) lastProse() int {
	last := -1
	for _, i := range p.open() {
		if p.parts[i].prose {
			last = i
		}
	}
	return last
}
