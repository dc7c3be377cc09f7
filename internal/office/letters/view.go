package letters

import (
	"bytes"
	"encoding/json"
	"html/template"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"sanad/internal/kit/lang"
)

// View reads back the body of an act that sent a letter. What is no letter of this room, because it was sent before there
// were any, or because the pack does not word it, is Text.
func View(body []byte) Sent {
	plain := Sent{Text: string(body)}
	if !utf8.Valid(body) {
		plain.Text = strings.ToValidUTF8(plain.Text, "\ufffd")
	}
	var s Sent
	from := json.NewDecoder(bytes.NewReader(body))
	from.DisallowUnknownFields()
	err := from.Decode(&s)
	if err != nil || s.Letter == "" || s.Fields == nil || len(s.Languages) == 0 {
		return plain
	}
	for l, one := range s.Languages {
		if known, ok := lang.Parse(string(l)); !ok || known != l || !ours(one.HTML) {
			return plain
		}
	}
	return s
}

// Page is what the page of a letter shows.
type Page struct {
	Number  lang.Code // of the file
	Back    string    // address of the file; "" for none
	Preview bool      // it is not sent yet
	Parts   []template.HTML
	Lines   []string // of a letter that is plain text
}

// Page prepares a letter to be shown, the reader's language first.
func (s Sent) Page(number lang.Code, back string, reader lang.Lang, preview bool) Page {
	p := Page{Number: number, Back: back, Preview: preview}
	for _, l := range append([]lang.Lang{reader}, lang.All()...) {
		one, there := s.Languages[l]
		part := template.HTML(one.HTML) //nolint:gosec // G203: View let nothing through but what the frame writes
		if there && ours(one.HTML) && !slices.Contains(p.Parts, part) {
			p.Parts = append(p.Parts, part)
		}
	}
	if len(p.Parts) == 0 {
		p.Lines = lines(s.Text)
	}
	return p
}

// tag is every tag the frame writes. What was sealed as a letter may have been written by anyone before this room was there,
// so that it is held against this before a browser sees it.
var tag = regexp.MustCompile(`^<(/?)(article|header|section|address|h2|h3|h4|p|dl|dt|dd|ul|li|bdi|strong|span|time|br|div)` +
	`((?: (?:class="(?:letter(?:-[a-z]+)?|pairs|quiet)"|lang="[a-z]{2,3}"|dir="(?:ltr|rtl|auto)"|datetime="[0-9T:Z-]+"|role="note"))*)>`)

// ours reports whether a fragment is one article, closed where it was opened, of tags and attributes that the frame writes.
func ours(html string) bool {
	var open []string
	articles := 0
	for i := 0; i < len(html); i++ {
		if html[i] != '<' {
			if len(open) == 0 && !strings.ContainsRune(" \n", rune(html[i])) {
				return false
			}
			continue
		}
		m := tag.FindStringSubmatch(html[i:])
		if m == nil {
			return false
		}
		name := m[2]
		switch {
		case name == "br":
			if m[1] != "" {
				return false
			}
		case m[1] == "":
			if name == "article" {
				articles++
			}
			if len(open) == 0 && (name != "article" || articles > 1) {
				return false
			}
			open = append(open, name)
		default:
			if m[3] != "" || len(open) == 0 || open[len(open)-1] != name {
				return false
			}
			open = open[:len(open)-1]
		}
		i += len(m[0]) - 1
	}
	return len(open) == 0 && articles == 1
}
