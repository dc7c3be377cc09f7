package locales_test

import (
	"slices"
	"testing"

	"sanad/internal/kit/lang"
	"sanad/internal/law/protocol"
	"sanad/locales"
)

// same are keys that may hold the same word in two languages.
var same = []string{
	"app.name",                             // a name
	"sort.institution", "fact.institution", // the same word in both
	"time.minutes", // minute, minutes: French gave the word to English
}

func messages(t *testing.T) *lang.Messages {
	t.Helper()
	m, err := lang.Load(locales.Files)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestLanguagesAgree(t *testing.T) {
	t.Parallel()
	m := messages(t)
	for _, wrong := range m.Check(same...) {
		t.Error(wrong)
	}
	for _, key := range m.Missing() {
		t.Error("not worded:", key)
	}
	for _, l := range []lang.Lang{lang.French, lang.Arabic, lang.English} {
		if left := m.Untranslated(l); len(left) > 0 {
			t.Errorf("%s lacks %v", l, left)
		}
	}
}

// What the law engine says, every language can say, with the same arguments.
func TestLawIsWorded(t *testing.T) {
	t.Parallel()
	have := messages(t).Keys()
	for key, args := range protocol.Keys() {
		want := slices.Clone(args)
		slices.Sort(want)
		if have[key] == nil && len(want) > 0 || !slices.Equal(have[key], want) {
			t.Errorf("%s: arguments %v, the engine gives %v", key, have[key], want)
		}
	}
}
