package pack

import (
	"fmt"
	"slices"
)

// Letter says which fields a letter can't be sent without.
type Letter struct {
	ID       string   // word of the list letters
	Requires []string // words of LetterFields
}

// Remedy says how long the addressee of a decision has for a remedy, from the day its letter is received.
type Remedy struct {
	ID   string // word of the list remedies
	Rule string // a rule of time
}

// LetterFields are the fields a pack may require of a letter. Sender, addressee, date, reference and object are in all.
func LetterFields() []string {
	return []string{"reasons", "facts", "ask", "hearing", "deadline", "remedy", "court", "amount", "expires", "targets", "law", "identifiers", "data"}
}

// Requires returns the fields without which a letter is not sent, nil where the pack asks for none.
func (p *Pack) Requires(letter string) []string {
	l := find(p.Letters, func(l *Letter) bool { return l.ID == letter })
	if l == nil {
		return nil
	}
	return slices.Clone(l.Requires)
}

// RemedyRule returns the rule of time of a remedy, "" where the pack has none.
func (p *Pack) RemedyRule(remedy string) string {
	r := find(p.Remedies, func(r *Remedy) bool { return r.ID == remedy })
	if r == nil {
		return ""
	}
	return r.Rule
}

func (l *loader) readLetters(n *node) {
	top := l.fields(n, "the file", "letters", "?remedies")
	for _, n := range top.list("letters") {
		f := l.fields(n, "a letter", "id", "requires")
		letter := Letter{ID: f.listed("id", "letters"), Requires: f.codes("requires")}
		if l.declare(f.at("id"), "letter", letter.ID) {
			continue
		}
		for i, word := range letter.Requires {
			if !slices.Contains(LetterFields(), word) {
				l.add(f.item("requires", i), fmt.Sprintf("no letter has a field %q", clip(word)), oneOf(LetterFields()))
			}
			if word == "amount" {
				l.require(f.item("requires", i), "letter.amount")
			}
		}
		for _, part := range []string{"title", "object", "body"} {
			l.require(f.at("id"), "letter."+letter.ID+"."+part)
		}
		l.pack.Letters = overlay(l.pack.Letters, letter, func(x *Letter) string { return x.ID })
	}
	for _, n := range top.list("remedies") {
		f := l.fields(n, "a remedy", "id", "rule")
		remedy := Remedy{f.listed("id", "remedies"), f.ref("rule", "rule")}
		if l.declare(f.at("id"), "remedy", remedy.ID) {
			continue
		}
		l.require(f.at("id"), "remedy."+remedy.ID)
		l.require(f.at("id"), "remedy."+remedy.ID+".court")
		l.pack.Remedies = overlay(l.pack.Remedies, remedy, func(x *Remedy) string { return x.ID })
	}
}
