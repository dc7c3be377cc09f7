package lang_test

import (
	"html/template"
	"strings"
	"testing"
	"time"

	"sanad/internal/kit/lang"
	"sanad/locales"
)

// printers are of the program's real messages: what is tested is what people read.
func printers(t *testing.T) map[lang.Lang]*lang.Printer {
	t.Helper()
	m, err := lang.Load(locales.Files)
	if err != nil {
		t.Fatal(err)
	}
	m = m.Report(func(x lang.Trouble) { t.Errorf("%s %s: %s", x.Lang, x.Key, x.What) })
	out := map[lang.Lang]*lang.Printer{}
	for _, l := range lang.All() {
		out[l] = m.For(l)
	}
	return out
}

func TestForms(t *testing.T) {
	t.Parallel()
	p := printers(t)
	fr, ar, en, zgh := p[lang.French], p[lang.Arabic], p[lang.English], p[lang.Amazigh]
	at := time.Date(2026, 8, 4, 10, 5, 0, 0, time.UTC)
	first := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct{ got, want string }{
		{fr.Number(1234567), "1\u202f234\u202f567"},
		{ar.Number(1234567), "1.234.567"},
		{en.Number(-1234567), "\u22121,234,567"},
		{en.Number(999), "999"},
		{fr.Day(at), "4 août 2026"},
		{ar.Day(at), "4 غشت 2026"},
		{en.Day(at), "4 August 2026"},
		{zgh.Day(at), "4 ⵖⵓⵛⵜ 2026"},
		{fr.Day(first), "1er mai 2026"},
		{ar.Day(first), "فاتح ماي 2026"},
		{en.Day(first), "1 May 2026"},
		{fr.Dated("2026-08-04"), "4 août 2026"},
		{ar.Dated("2026-08"), "غشت 2026"},
		{en.Dated("summer 2026"), "summer 2026"},
		{en.Dated(""), ""},
		{fr.Moment(at), "mardi 4 août 2026 à 10:05"},
		{ar.Moment(at), "الثلاثاء 4 غشت 2026 على الساعة 10:05"},
		{en.Moment(at), "Tuesday 4 August 2026 at 10:05"},
		{fr.Size(10_000_000), "10 Mo"},
		{en.Size(999_999), "999 kB"},
		{ar.Size(2_500_000_000), "2 جيغابايت"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

func TestTimeLeft(t *testing.T) {
	t.Parallel()
	p := printers(t)
	h := time.Hour
	for _, c := range []struct {
		l    lang.Lang
		d    time.Duration
		want string
	}{
		{lang.English, 3*h + 59*time.Minute, "3 h left"},
		{lang.French, 3 * h, "il reste 3 h"},
		{lang.Arabic, 3 * h, "بقيت 3 ساعات"},
		{lang.Arabic, 2 * h, "بقيت ساعتان"},
		{lang.Arabic, 11 * h, "بقيت 11 ساعة"},
		{lang.Arabic, 2 * time.Minute, "بقيت دقيقتان"},
		{lang.Arabic, 2 * 24 * h, "بقي يومان"},
		{lang.Arabic, 103 * 24 * h, "بقيت 103 أيام"},
		{lang.Arabic, 100 * 24 * h, "بقي 100 يوم"},
		{lang.English, 2*h - 1, "119 min left"},
		{lang.English, 48*h - 1, "47 h left"},
		{lang.English, 48 * h, "2 days left"},
		{lang.French, time.Minute - 1, "il reste moins d’une minute"},
		{lang.English, 1, "less than a minute left"},
		{lang.English, 0, "just overdue"},
		{lang.English, -3 * h, "3 h overdue"},
		{lang.French, -72 * h, "délai dépassé de 3 jours"},
		{lang.Arabic, -2 * h, "فات الأجل منذ ساعتين"},
	} {
		// The number and its unit stay on one line: between them stands a space that does not break.
		got := p[c.l].Left(c.d)
		if strings.ReplaceAll(got, "\u00a0", " ") != c.want || strings.ContainsAny(got, "0123456789") && !strings.Contains(got, "\u00a0") {
			t.Errorf("%s %s: %q, want %q", c.l, c.d, got, c.want)
		}
	}
	if got := p[lang.French].Duration(90 * time.Minute); got != "90\u00a0minutes" {
		t.Errorf("%q", got)
	}
}

func TestArguments(t *testing.T) {
	t.Parallel()
	m, err := lang.Load(locales.Files)
	if err != nil {
		t.Fatal(err)
	}
	m, err = m.WithWords("test", map[lang.Lang]map[string]string{
		"fr": {"t": "a {x} b", "role": "greffier"}, "ar": {"t": "ا {x} ب", "role": "كاتب"}, "en": {"t": "a {x} b", "role": "clerk"},
	})
	if err != nil {
		t.Fatal(err)
	}
	m = m.Report(func(x lang.Trouble) { t.Errorf("%s %s: %s", x.Lang, x.Key, x.What) })
	at := time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		l          lang.Lang
		x          any
		text, html string
	}{
		{"fr", 1234, "a 1\u202f234 b", "a 1\u202f234 b"},
		{"fr", "Mona", "a Mona b", "a Mona b"},
		{"fr", "منصة", "a \u2068منصة\u2069 b", "a <bdi>منصة</bdi> b"},
		{"ar", "Mona", "ا \u2068Mona\u2069 ب", "ا <bdi>Mona</bdi> ب"},
		{"ar", "منصة", "ا منصة ب", "ا منصة ب"},
		{"ar", "06 12", "ا \u206806 12\u2069 ب", "ا <bdi>06 12</bdi> ب"},
		{"en", "<b>", "a \u2068<b>\u2069 b", "a <bdi>&lt;b&gt;</bdi> b"},
		{"en", "", "a \u2068\u2069 b", "a <bdi></bdi> b"},
		{"en", lang.Code("2026/3"), "a \u20682026/3\u2069 b", "a <bdi>2026/3</bdi> b"},
		{"en", lang.Key("role"), "a clerk b", "a clerk b"},
		{"ar", lang.Key("role"), "ا كاتب ب", "ا كاتب ب"},
		{"en", lang.Day(at), "a 4 March 2026 b", "a 4 March 2026 b"},
		{"en", lang.Clock(at), "a 10:00 b", "a 10:00 b"},
		{"en", 3 * time.Hour, "a 3\u00a0hours b", "a 3\u00a0hours b"},
		{"en", lang.Size(2e6), "a 2 MB b", "a 2 MB b"},
		{"fr", lang.List{lang.Key("role"), "x", 3}, "a greffier, x et 3 b", "a greffier, x et 3 b"},
		{"ar", lang.List{lang.Key("role"), lang.Key("role")}, "ا كاتب وكاتب ب", "ا كاتب وكاتب ب"},
		{"en", lang.List{}, "a none b", "a none b"},
	} {
		p := m.For(c.l)
		if got := p.Text("t", lang.Args{"x": c.x}); got != c.text {
			t.Errorf("%s %v: text %q, want %q", c.l, c.x, got, c.text)
		}
		if got := p.HTML("t", lang.Args{"x": c.x}); string(got) != c.html {
			t.Errorf("%s %v: html %q, want %q", c.l, c.x, got, c.html)
		}
	}
}

// What cannot be worded shows its key, is counted and reported; Amazigh falls back to French without a report, and
// says so to whoever reads the page aloud.
func TestTrouble(t *testing.T) {
	t.Parallel()
	m, err := lang.Load(locales.Files)
	if err != nil {
		t.Fatal(err)
	}
	var seen []string
	m = m.Report(func(x lang.Trouble) { seen = append(seen, string(x.Lang)+" "+x.Key+" "+x.What) })
	fr := m.For(lang.French)
	for _, c := range []struct{ got, want, report string }{
		{fr.Text("no.such", nil), "\u2068no.such\u2069", "no language words this key"},
		{string(fr.HTML("<x>", nil)), "<bdi>&lt;x&gt;</bdi>", "no language words this key"},
		{fr.Text("letter.reference.file", nil), "Dossier {number}", "argument number is not given"},
		{fr.Text("queue.count", nil), "{count} dossier attend", "needs the argument count"},
		{fr.Text("letter.reference.file", lang.Args{"number": 1.5}), "Dossier \u2068?\u2069", "float64"},
		{fr.Text("letter.reference.file", lang.Args{"number": template.HTML("<b>")}), "Dossier \u2068<b>\u2069", "is HTML"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
		if all := strings.Join(seen, "\n"); !strings.Contains(all, c.report) {
			t.Errorf("%q was not reported: %s", c.report, all)
		}
	}
	before := m.Unknown()
	if before == 0 || len(seen) != int(before) {
		t.Fatalf("%d counted, %d reported", before, len(seen))
	}
	zgh := m.For(lang.Amazigh)
	if got := zgh.HTML("page.yes", nil); got != `<span lang="fr" dir="ltr">Oui</span>` {
		t.Errorf("%q", got)
	}
	if got := zgh.HTML("language.name", nil); strings.Contains(string(got), "span") {
		t.Errorf("%q", got)
	}
	if m.Unknown() != before {
		t.Error("falling back to French was reported")
	}
	if left := m.Untranslated(lang.Amazigh); len(left) < 100 || !contains(left, "page.yes") || contains(left, "language.name") {
		t.Errorf("%d keys are listed as not yet in Amazigh", len(left))
	}
}

func contains(all []string, want string) bool {
	for _, s := range all {
		if s == want {
			return true
		}
	}
	return false
}

func BenchmarkHTML(b *testing.B) {
	m, err := lang.Load(locales.Files)
	if err != nil {
		b.Fatal(err)
	}
	p := m.For(lang.Arabic)
	args := lang.Args{"have": 1, "need": 2, "roles": lang.List{lang.Key("page.yes"), "Mona"}}
	b.ReportAllocs()
	for b.Loop() {
		_ = p.HTML("law.block.signatures", args)
	}
}
