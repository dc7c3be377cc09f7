package pack

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// worded reads one language's messages: keys and their wording, flat.
func (l *loader) worded(n *node, language string) {
	if n.form != formMap {
		l.add(n.place, "the file is "+n.form.String(), "a mapping from keys to texts")
		return
	}
	if !slices.Contains(l.pack.Languages, language) {
		l.add(n.place, fmt.Sprintf("language %q is not one of the pack's", clip(language)), oneOf(l.pack.Languages))
		return
	}
	texts, places := l.pack.messages[language], l.messages[language]
	if texts == nil {
		texts, places = map[string]string{}, map[string]place{}
		l.pack.messages[language], l.messages[language] = texts, places
	}
	for _, k := range n.keys {
		if k.value == nil {
			continue
		}
		if k.value.form != formText || strings.TrimSpace(k.value.text) == "" || len([]rune(k.value.text)) > 2000 {
			l.add(k.value.place, fmt.Sprintf("message %s is no text", clip(k.key)), "1 to 2000 characters; in quotes if it looks like a number")
			continue
		}
		texts[k.key], places[k.key] = k.value.text, k.place
	}
}

var argument = regexp.MustCompile(`\{[a-z_]+\}`)

// checkMessages finds keys that are not worded in every language, or with other arguments in one than in another.
func (l *loader) checkMessages() {
	languages := l.pack.Languages
	for _, n := range l.needs {
		if !slices.ContainsFunc(languages, func(lang string) bool { return l.pack.messages[lang][n.key] != "" }) {
			l.add(n.place, fmt.Sprintf("message %s is worded in no language", n.key), "the key in messages/"+strings.Join(languages, ".yaml, messages/")+".yaml")
		}
	}
	for _, lang := range languages {
		for _, key := range sortedNames(l.messages[lang]) {
			at := l.messages[lang][key]
			for _, other := range languages {
				text, there := l.pack.messages[other][key]
				if !there {
					l.add(at, fmt.Sprintf("message %s is not worded in %s", key, other), "the key in messages/"+other+".yaml")
					continue
				}
				if want, got := arguments(l.pack.messages[languages[0]][key]), arguments(text); other == lang && lang != languages[0] && want != "" && !strings.EqualFold(want, got) {
					l.add(at, fmt.Sprintf("message %s has arguments %q, in %s %q", key, got, languages[0], want), "the same arguments in every language")
				}
			}
		}
	}
	for _, s := range l.spoken {
		for _, lang := range languages {
			if s.texts[lang] == "" {
				l.add(s.place, fmt.Sprintf("%s is not worded in %s", s.what, lang), "a text in each of "+strings.Join(languages, ", "))
			}
		}
	}
}

func arguments(text string) string {
	found := argument.FindAllString(text, -1)
	slices.Sort(found)
	return strings.Join(slices.Compact(found), " ")
}
