package app

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"sanad/internal/act"
	"sanad/internal/kit/lang"
	"sanad/internal/law/legaltime"
	"sanad/internal/law/pack"
	"sanad/internal/office/tell"
	"sanad/locales"
)

// traces returns results that between them have every line a trace can have, in every variant a language words. They rest on the
// first texts of a law.
func traces(t *testing.T, cal *legaltime.Calendar, texts []pack.Text) []legaltime.Result {
	t.Helper()
	var out []legaltime.Result
	tell := func(r legaltime.Result, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, r)
	}
	day := func(text string) act.Instant {
		at, _, err := readWhen(text, cal)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	date := func(text string) legaltime.Date { return cal.DateOf(day(text)) }
	scopes := cal.Spec().Scopes
	for _, mode := range legaltime.Modes() {
		for _, count := range []int{1, 2, 3, 11, 100} {
			scope := ""
			if len(scopes) > 0 {
				scope = scopes[count%len(scopes)]
			}
			rule := legaltime.Rule{Count: count, Mode: mode, Scope: scope, Basis: texts[0].ID}
			tell(legaltime.Compute(rule, day("2026-02-10T12:00:00Z"), nil, cal))
			rule.Side = legaltime.SideRight
			tell(legaltime.Compute(rule, day("2026-01-30"), nil, cal))
			rule.Side = legaltime.SideDuty
			tell(legaltime.Compute(rule, day("2026-01-31"), nil, cal))
			more := []legaltime.Extension{{Rule: legaltime.Rule{Count: count, Mode: mode, Side: legaltime.SideRight}}}
			tell(legaltime.ComputeWith(legaltime.Rule{Count: 1, Mode: legaltime.Days}, day("2026-02-10T09:00:00Z"), nil, more, cal))
		}
	}
	spans := []legaltime.Span{
		cal.Days(date("2026-02-10"), date("2026-02-10"), texts[1].ID), cal.Days(date("2026-02-12"), date("2026-02-13"), ""),
		cal.Days(date("2026-02-16"), date("2026-02-18"), ""), cal.Days(date("2026-03-02"), date("2026-03-19"), ""),
		{From: day("2026-02-24T12:00:00Z"), To: day("2026-02-25T12:00:00Z")},
	}
	for _, round := range []legaltime.Round{legaltime.RoundDown, legaltime.RoundUp} {
		tell(legaltime.Compute(legaltime.Rule{Count: 1, Mode: legaltime.Months, Round: round, Roll: legaltime.RollNext}, day("2026-01-31"), spans, cal))
	}
	tell(legaltime.Compute(legaltime.Rule{Count: 30, Mode: legaltime.Francs, Side: legaltime.SideRight}, day("2026-01-31"), spans, cal))
	for _, from := range []string{"2026-02-14T09:30:00Z", "2026-03-21T09:30:00Z"} {
		tell(legaltime.Compute(legaltime.Rule{Count: 48, Mode: legaltime.Hours}, day(from), []legaltime.Span{{From: day(from) + 1, To: day(from) + 5}}, cal))
	}
	tell(legaltime.Compute(legaltime.Rule{Count: 10, Mode: legaltime.Francs1964, Side: legaltime.SideDuty}, day("2026-06-01"), []legaltime.Span{{From: day("2026-06-13"), To: legaltime.Open}}, cal))
	tell(legaltime.Compute(legaltime.Rule{Count: 10, Mode: legaltime.Days, Side: legaltime.SideDuty}, day("2026-06-01"), []legaltime.Span{{From: day("2026-06-11T12:00:00Z"), To: legaltime.Open}}, cal))
	for _, from := range []string{"2026-03-18", "2026-11-17", "2040-08-10"} {
		tell(legaltime.Compute(legaltime.Rule{Count: 1, Mode: legaltime.WorkingDays}, day(from), nil, cal))
	}
	return out
}

// Every line a trace can have is a sentence in every language, and every wording there is for one is used.
func TestDeadlineTraceIsWorded(t *testing.T) {
	t.Parallel()
	country := lawsOf(t, realPack)[0]
	messages, err := (&house{pack: country}).messages()
	if err != nil {
		t.Fatal(err)
	}
	messages = messages.Report(func(x lang.Trouble) { t.Errorf("%s %s: %s", x.Lang, x.Key, x.What) })
	spec := country.Calendar.Spec()
	for i := range spec.Dated { // whatever is announced by now
		if spec.Dated[i].ID == ruled(t, "$feast") {
			spec.Dated[i].Status, spec.Dated[i].Margin = legaltime.Estimated, 1
		}
	}
	plain := legaltime.CalendarSpec{ID: "plain", Version: "1", Zone: spec.Zone, Covers: spec.Covers, Weeks: spec.Weeks, Fixed: spec.Fixed, Dated: spec.Dated}
	for i := range plain.Dated {
		plain.Dated = slices.Clone(plain.Dated)
		plain.Dated[i].Scopes = nil
	}
	lines, wordings, said := map[string]bool{}, map[string]bool{}, map[string]string{}
	for _, s := range []legaltime.CalendarSpec{spec, plain} {
		cal, err := legaltime.NewCalendar(s)
		if err != nil {
			t.Fatal(err)
		}
		law := *country
		law.Calendar = cal
		for _, r := range traces(t, cal, country.Texts) {
			for _, l := range []lang.Lang{lang.French, lang.Arabic, lang.English} {
				says := tell.Teller{Printer: messages.For(l), Law: &law, Hours: r.Mode == legaltime.Hours}
				for _, line := range r.Trace {
					key, args := says.Wording(line)
					lines[line.Key], wordings[key] = true, true
					for _, a := range args {
						within(a, wordings)
					}
					text := says.Line(line).Text
					said[string(l)+" "+key] = text
					checkSentence(t, l, key, text)
				}
			}
		}
	}
	for key := range legaltime.Keys() {
		if !lines[key] {
			t.Errorf("no trace has %s", key)
		}
	}
	for _, mode := range legaltime.Modes() {
		wordings["legaltime.length."+string(mode)] = true // worded on their own before they are put into a sentence
		wordings["legaltime.mode."+string(mode)] = true
	}
	own, err := lang.Load(locales.Files)
	if err != nil {
		t.Fatal(err)
	}
	for key := range own.Keys() {
		if strings.HasPrefix(key, "legaltime.") && !wordings[key] {
			t.Errorf("%s is worded and never said", key)
		}
	}
	for key, text := range said {
		t.Logf("%-45s %s", key, text)
	}
}

// within adds the messages that are worded inside another one.
func within(arg any, keys map[string]bool) {
	switch v := arg.(type) {
	case lang.Key:
		keys[string(v)] = true
	case lang.List:
		for _, one := range v {
			within(one, keys)
		}
	}
}

// checkSentence looks for what no reader should see: a name in braces, a key, a date of the wrong year, digits other
// than 0 to 9, words left in another script.
func checkSentence(t *testing.T, l lang.Lang, key, text string) {
	t.Helper()
	if !strings.HasSuffix(text, ".") || strings.ContainsAny(text, "{}?") || strings.Contains(text, "  ") || strings.Contains(text, "legaltime.") {
		t.Errorf("%s %s: %q is no sentence", l, key, text)
	}
	isolated := 0
	for _, r := range text {
		switch {
		case r == '\u2068':
			isolated++
		case r == '\u2069':
			isolated--
		case unicode.IsDigit(r) && r > '9':
			t.Errorf("%s %s: %q has other digits than 0 to 9", l, key, text)
		case isolated == 0 && unicode.IsLetter(r) && unicode.Is(unicode.Arabic, r) != (l == lang.Arabic):
			t.Errorf("%s %s: %q mixes scripts", l, key, text)
		}
	}
}
