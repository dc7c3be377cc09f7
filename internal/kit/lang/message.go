package lang

import (
	"fmt"
	"slices"
	"strings"
)

// text is one wording, cut at its arguments: words[0] names[0] words[1] names[1] … words[n].
type text struct {
	words []string
	names []string
}

// message is one wording, or one for each plural form.
type message struct {
	place string // file:line:column, or the layer it came from
	one   *text
	forms map[Form]*text
}

// cut reads a wording. A brace that is not part of {name} is refused, so that a slip cannot be shown to a reader.
func cut(s string) (*text, error) {
	t := &text{}
	for {
		open := strings.IndexAny(s, "{}")
		if open < 0 {
			t.words = append(t.words, s)
			return t, nil
		}
		end := strings.IndexByte(s[open:], '}')
		if s[open] == '}' || end < 0 || !isName(s[open+1:open+end]) {
			return nil, fmt.Errorf("a brace that is no argument, at %.20q: write {name} with a to z, 0 to 9 and _", s[open:])
		}
		t.words = append(t.words, s[:open])
		t.names = append(t.names, s[open+1:open+end])
		s = s[open+end+1:]
	}
}

func isName(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && c != '_' && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != ""
}

// isKey accepts words of letters, digits, _ @ : / + and - joined by dots: keys hold codes of acts and gates.
func isKey(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune("._@:/+-", rune(c)) {
			return false
		}
	}
	return s != "" && len(s) <= 200
}

// texts returns the wordings of a message, in the order of their forms.
func (m *message) texts() []*text {
	if m.one != nil {
		return []*text{m.one}
	}
	var out []*text
	for _, f := range allForms {
		if t := m.forms[f]; t != nil {
			out = append(out, t)
		}
	}
	return out
}

var allForms = []Form{Zero, One, Two, Few, Many, Other}

// names returns the arguments any of its wordings uses, sorted. A plural always has count.
func (m *message) names() []string {
	var out []string
	if m.one == nil {
		out = append(out, count)
	}
	for _, t := range m.texts() {
		out = append(out, t.names...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// plain returns a wording as it stands in its file.
func (t *text) plain() string {
	var b strings.Builder
	for i, w := range t.words {
		b.WriteString(w)
		if i < len(t.names) {
			b.WriteString("{" + t.names[i] + "}")
		}
	}
	return b.String()
}

// count is the argument that chooses the plural form.
const count = "count"
