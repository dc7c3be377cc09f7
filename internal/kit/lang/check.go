package lang

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// Check returns what is wrong between the languages, sorted: a key one of them lacks, arguments or plural forms that
// differ, a wording without a letter of its script, and one equal to another language's, which is nearly always one
// that nobody translated. Keys in same may be equal. Languages that need not be full are held to the rest.
func (m *Messages) Check(same ...string) []string {
	var wrong []string
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	for _, key := range m.keys() {
		var first *message
		var firstLang Lang
		worded := map[string]Lang{}
		for _, l := range All() {
			now := m.tables[l][key]
			if now == nil {
				if l.speech().full {
					say("%s: not worded in %s", key, l)
				}
				continue
			}
			if first == nil {
				first, firstLang = now, l
			} else if a, b := first.names(), now.names(); !slices.Equal(a, b) {
				say("%s: %s: its arguments are %v in %s and %v in %s", now.place, key, a, firstLang, b, l)
			}
			if now.one == nil {
				for _, f := range l.Forms() {
					if now.forms[f] == nil {
						say("%s: %s: %s needs the plural form %s", now.place, key, l, f)
					}
				}
			}
			all := ""
			for _, t := range now.texts() {
				all += t.plain() + "\n"
				if !slices.Contains(same, key) && !inScript(t, l) {
					say("%s: %s: %q holds no %s letter", now.place, key, t.plain(), l.speech().letters)
				}
			}
			if other, ok := worded[all]; ok && hasLetter(now) && !slices.Contains(same, key) {
				say("%s: %s: the same in %s and %s", now.place, key, other, l)
			}
			worded[all] = l
		}
	}
	slices.Sort(wrong)
	return wrong
}

// Missing lists the keys this package needs to write numbers and dates that a full language lacks.
func (m *Messages) Missing() []string {
	var out []string
	for i := range speeches {
		for _, key := range forms {
			if speeches[i].full && m.tables[speeches[i].code][key] == nil {
				out = append(out, string(speeches[i].code)+" "+key)
			}
		}
	}
	return out
}

// Keys returns every key some language words, with its arguments, so that a caller can compare them with its own.
func (m *Messages) Keys() map[string][]string {
	out := map[string][]string{}
	for _, l := range All() {
		for key, now := range m.tables[l] {
			if out[key] == nil {
				out[key] = now.names()
			}
		}
	}
	return out
}

func (m *Messages) keys() []string { return slices.Sorted(maps.Keys(m.Keys())) }

func hasLetter(m *message) bool {
	return slices.ContainsFunc(m.texts(), func(t *text) bool {
		return strings.IndexFunc(strings.Join(t.words, ""), unicode.IsLetter) >= 0
	})
}

// inScript reports whether the words of a text hold a letter of the language's script, or no letter at all, which
// leaves signs and arguments.
func inScript(t *text, l Lang) bool {
	words := strings.Join(t.words, "")
	if strings.IndexFunc(words, unicode.IsLetter) < 0 {
		return true
	}
	script := unicode.Scripts[l.speech().letters]
	return strings.IndexFunc(words, func(r rune) bool { return unicode.Is(script, r) }) >= 0
}
