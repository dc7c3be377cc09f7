package watch

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"unicode/utf8"

	"sanad/internal/kit/text"
)

// Why a part of a page is not of the article.
type Why string

// The reasons.
const (
	Space      Why = "space"      // between lines and headlines
	Headlines  Why = "headlines"  // of other articles
	Template   Why = "template"   // what the site prints on every page
	Metadata   Why = "metadata"   // title, outlet, date, author
	Repetition Why = "repetition" // printed before on the same page
)

// Reading is what a page says. Paragraphs and removed parts together are the whole file, each byte once.
type Reading struct {
	File       string      `json:"file"` // its base name
	Title      *string     `json:"title"`
	Outlet     *string     `json:"outlet"`
	Date       *string     `json:"date"`        // of publication: 2025-07-03, or 2025-07 where the page says no more
	Language   *string     `json:"language"`    // of the article: fr, ar, en, es, zgh
	BodySHA256 string      `json:"body_sha256"` // of the paragraphs, joined by one newline
	Paragraphs []Paragraph `json:"paragraphs"`
	Removed    []Removed   `json:"removed"`
	// SameStoryAs names the earlier files of a Shelf that tell the same story.
	SameStoryAs []string `json:"same_story_as"`
}

// Paragraph is one of the article's: bytes From to To of the file.
type Paragraph struct {
	From   int    `json:"from"`
	To     int    `json:"to"`
	Text   string `json:"text"`
	SHA256 string `json:"sha256"`
}

// Removed is a part of the file, bytes From to To, that is not of the article.
type Removed struct {
	From int `json:"from"`
	To   int `json:"to"`
	Why  Why `json:"why"`
}

// Body is the article: its paragraphs, joined by one newline.
func (r *Reading) Body() string {
	parts := make([]string, len(r.Paragraphs))
	for i, p := range r.Paragraphs {
		parts[i] = p.Text
	}
	return strings.Join(parts, "\n")
}

// Words returns how many words the article has.
func (r *Reading) Words() int { return text.CountWords(r.wording()) }

// wording is the article as a reader sees it: what is compared with others.
func (r *Reading) wording() string { return seen(r.Body()) }

// NotText is the error of a file that is not UTF-8.
type NotText struct {
	At    int  // the first byte at fault
	UTF16 bool // it begins as UTF-16 does
}

// Error says where, and what to do.
func (e NotText) Error() string {
	if e.UTF16 {
		return "it is UTF-16, not UTF-8: save it as UTF-8 and try again"
	}
	return fmt.Sprintf("byte %d is not UTF-8: save it as UTF-8 text and try again", e.At)
}

// Read reads a page. The error is a NotText.
func Read(file string, page []byte) (*Reading, error) {
	if !utf8.Valid(page) {
		return nil, notText(page)
	}
	p := &sheet{s: string(page)}
	p.cut()
	p.dropTemplates()
	p.cutRepetitions()
	p.dropRepetitions()
	p.readHead()
	p.dropFurniture()
	return p.reading(file), nil
}

func notText(page []byte) error {
	if len(page) > 1 && (page[0] == 0xff && page[1] == 0xfe || page[0] == 0xfe && page[1] == 0xff) {
		return NotText{UTF16: true}
	}
	at := 0
	for at < len(page) {
		r, size := utf8.DecodeRune(page[at:])
		if r == utf8.RuneError && size == 1 {
			break
		}
		at += size
	}
	return NotText{At: at}
}

// sheet is a page being read: its parts in order, and what was found out about it.
type sheet struct {
	s     string
	parts []part

	title, outlet, date string
	either              bool // the date is one in which day and month could be read both ways, in a line without words
}

// part is a line of the page, or one headline of a line that has many.
type part struct {
	text.Span
	why      Why  // "" while it may be of the article
	alone    bool // the line before it is empty, or there is none
	words    int
	headline bool   // set as headlines are
	prose    bool   // set as paragraphs are
	seen     string // what a reader sees of it: see seen
	folded   string // as the expressions expect it; "" where it is too long to be anything but prose
}

// text returns what a reader sees of a part.
func (p *sheet) text(i int) string { return p.parts[i].seen }

// open lists the parts that may still be of the article.
func (p *sheet) open() []int {
	var out []int
	for i := range p.parts {
		if p.parts[i].why == "" {
			out = append(out, i)
		}
	}
	return out
}

// cut makes the parts: one for each line, more where a line is a ticker.
func (p *sheet) cut() {
	end := 0
	for _, line := range text.Lines(p.s) {
		alone := text.Breaks(p.s[end:line.From]) != 1
		for _, piece := range ticker(p.s, line) {
			piece.alone = alone
			piece.look(p.s)
			p.parts = append(p.parts, piece)
		}
		end = line.To
	}
}

// look finds out once what the parts are asked again and again.
func (it *part) look(s string) {
	in := seenLine(it.In(s))
	it.seen = in
	it.words, it.headline, it.prose = text.CountWords(in), isHeadline(in), isProse(in)
	if it.why == "" && len(in) <= 4*longestControl {
		it.folded = foldLine(in)
	}
}

// reading assembles the answer.
func (p *sheet) reading(file string) *Reading {
	r := &Reading{
		File: file, Title: given(p.title), Outlet: given(p.outlet), Date: given(p.date),
		Paragraphs: []Paragraph{}, Removed: []Removed{}, SameStoryAs: []string{},
	}
	end := 0
	space := func(to int) {
		if end < to {
			r.Removed = append(r.Removed, Removed{end, to, Space})
		}
	}
	for i := range p.parts {
		it := p.parts[i]
		space(it.From)
		end = it.To
		if it.why != "" {
			r.Removed = append(r.Removed, Removed{it.From, it.To, it.why})
			continue
		}
		r.Paragraphs = append(r.Paragraphs, Paragraph{it.From, it.To, it.In(p.s), sum(it.In(p.s))})
	}
	space(len(p.s))
	body := r.Body()
	r.BodySHA256 = sum(body)
	r.Language = given(text.Language(body))
	if r.Language == nil {
		r.Language = given(text.Language(p.title + "\n" + body))
	}
	if p.either && r.Language != nil && *r.Language == "en" { // written in both orders
		r.Date = nil
	}
	return r
}

func given(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func sum(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:])
}
