package watch_test

import (
	"bytes"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"sanad/internal/desk/watch"
)

func read(t testing.TB, page string) *watch.Reading {
	t.Helper()
	r, err := watch.Read("page.txt", []byte(page))
	if err != nil {
		t.Fatal(err)
	}
	partition(t, []byte(page), r)
	return r
}

const (
	prose1 = "Les marchands du souk ont présenté dimanche un projet de place commune où chaque étal garderait son nom et son crieur."
	prose2 = "L'idée vient d'une potière qui avait vendu ses jarres à des inconnus sans savoir si elles étaient arrivées entières."
	arabic = "قدم صيادو مرسى الخيال يوم الأحد مشروعا لسوق رقمية مشتركة يحتفظ فيها كل مركب باسمه وبمناديه، ولا يدفع فيها أحد شيئا."
)

// What one line at the head of a page says. The rest of the page never changes.
func TestHeadLine(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]struct{ outlet, date string }{
		"Publié dans La Gazette du Sel le 05 - 07 - 2031":               {"La Gazette du Sel", "2031-07-05"},
		"Publié dans L'Écho d'Ici le 1er août 2031":                     {"L'Écho d'Ici", "2031-08-01"},
		"Publié dans L’Écho d’Ici le 1er août 2031 à 14:05":             {"L’Écho d’Ici", "2031-08-01"},
		"Samir Inventé Publié dans Le Phare le 05 - 07 - 2031":          {"Le Phare", "2031-07-05"},
		"Publié dans Le Phare le 31 - 02 - 2031":                        {"Le Phare", ""},
		"Publié dans Le Phare le 05 - 07 - 31":                          {"Le Phare", ""},
		"Publié dans Le Phare":                                          {"Le Phare", ""},
		"Publié dans Société le 5 juillet 2031":                         {"", "2031-07-05"},
		"Publié le 5 juillet 2031 par Samir Inventé":                    {"", "2031-07-05"},
		"Publié le samedi 5 juillet 2031, mis à jour le 9 juillet 2031": {"", "2031-07-05"},
		"Mis à jour le 9 juillet 2031":                                  {"", ""},
		"Publié en juillet 2031":                                        {"", "2031-07"},
		"Publié en 2031":                                                {"", ""},
		"Publié il y a 3 heures":                                        {"", ""},
		"Publié hier à 14h30":                                           {"", ""},
		"Publié le 5 juillet":                                           {"", ""},
		"Publié dans Le Phare le 1er - 07 - 2031":                       {"Le Phare", "2031-07-01"},
		"Il y a 3 jours":                                                {"", ""},
		"3 days ago":                                                    {"", ""},
		"منذ 3 أيام":                                                    {"", ""},
		"Juillet 2031":                                                  {"", "2031-07"},
		"5 juillet 2031":                                                {"", "2031-07-05"},
		"Tazrout, le 5 juillet 2031":                                    {"", "2031-07-05"},
		"2031-07-05":                                                    {"", "2031-07-05"},
		"2031-07-05T14:30:00+01:00":                                     {"", "2031-07-05"},
		"05/07/2031 - 14:30":                                            {"", "2031-07-05"},
		"Published in The Salt Gazette on July 5, 2031":                 {"The Salt Gazette", "2031-07-05"},
		"Published on 5 July 2031":                                      {"", "2031-07-05"},
		"Published on 05/07/2031":                                       {"", ""},
		"Published on 25/07/2031":                                       {"", "2031-07-25"},
		"Published on 07/25/2031":                                       {"", "2031-07-25"},
		"Edition N° 12 | Le 05/07/2031":                                 {"", "2031-07-05"},
		"نشر في بريد السواحل يوم 05 - 07 - 2031":                        {"بريد السواحل", "2031-07-05"},
		"نُشر في بريد السواحل يوم السبت 5 يوليوز 2031":        {"بريد السواحل", "2031-07-05"},
		"سعيد المتخيل نشر في بريد السواحل يوم 05 - 07 - 2031": {"بريد السواحل", "2031-07-05"},
		"نشر بتاريخ 5 غشت 2031":                               {"", "2031-08-05"},
		"نشر في 5 أغسطس 2031":                                 {"", "2031-08-05"},
		"السبت 5 تموز/يوليو 2031 - الساعة 14:30":              {"", "2031-07-05"},
		"15 ربيع الأول 1453 هـ الموافق 5 يوليوز 2031":         {"", "2031-07-05"},
		"تموز 2031":                {"", "2031-07"},
		"آخر تحديث: 5 يوليوز 2031": {"", ""},
		"Source:Le Phare":          {"Le Phare", ""},
		"outlet:è0":                {"è0", ""},
		"Source：Le Phare":          {"Le Phare", ""},
		"Source : Le Phare":        {"Le Phare", ""},
	} {
		r := read(t, "Le sel de Tazrout se vend désormais au poids\n"+line+"\n\n"+prose1+"\n"+prose2+"\n")
		if got := says(r); got["outlet"] != want.outlet || got["date"] != want.date {
			t.Errorf("%s: outlet %q, date %q, want %q %q", line, got["outlet"], got["date"], want.outlet, want.date)
		}
		if got := says(r)["title"]; got != "Le sel de Tazrout se vend désormais au poids" {
			t.Errorf("%s: title %q", line, got)
		}
	}
}

// Numbers alone are read day first, but in an English article, which may write the month first, they are no date.
func TestEitherOrder(t *testing.T) {
	t.Parallel()
	const english = "The merchants of the souk presented a plan on Sunday for a common place where every stall would keep its name and its crier."
	for line, want := range map[string]string{"07/03/2031": "", "07-03-2031 - 14:30": "", "17/03/2031": "2031-03-17", "03/17/2031": "2031-03-17", "07/07/2031": "2031-07-07", "2031-03-07": "2031-03-07"} {
		r := read(t, "Salt is sold by weight\n"+line+"\n\n"+english+"\nA potter who had sold her jars to strangers had the idea, as she never knew whether they had arrived in one piece.\n")
		got := says(r)
		if got["date"] != want || got["title"] != "Salt is sold by weight" || len(r.Paragraphs) != 2 {
			t.Errorf("%s: date %q, title %q, %d paragraphs", line, got["date"], got["title"], len(r.Paragraphs))
		}
	}
	r := read(t, "Le sel se vend désormais au poids\n07/03/2031\n\n"+prose1+"\n"+prose2+"\n")
	if got := says(r); got["date"] != "2031-03-07" {
		t.Errorf("a French page: date %q", got["date"])
	}
}

// Words by which a site files an article are none of it.
func TestTags(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"Tags : sel, souk", "Mots-clés: sel", "الكلمات المفتاحية: الملح، السوق", "Keywords: salt"} {
		if r := read(t, "Le sel se vend désormais au poids\n\n"+prose1+"\n"+prose2+"\n\n"+line); len(r.Paragraphs) != 2 {
			t.Errorf("%s: %d paragraphs", line, len(r.Paragraphs))
		}
	}
}

// Lines that an article may well have stay in it.
func TestKept(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"Publié le 5 juillet 2031, le rapport de la commission du sel compte trente pages et trois cartes.",
		"Le rapport publié dans Le Phare le 5 juillet 2031.",
		"Cette vidéo sera bloquée dès que deux familles l'auront signalée, dit le règlement.",
		"Partager le pain, partager l'écran",
		"5 juillet 2031",
		"Un dernier mot ?",
		"Qui paie ?",
		"Accueil des familles au village",
		"Par ailleurs",
		"Cliquez moins, marchez plus",
		"Il a dit « oui », puis « non », puis « peut-être », et enfin « jamais ».",
		"Trois villages\u00a0: Tazrout\u00a0; Aït Imaginaire\u00a0; Le Col.",
		"Le plan prévoit • une carte • un crieur • une balance • un banc.",
		"• La carte sera dessinée à la main",
		"Suivez la rivière jusqu'au moulin",
		"سيتم حجب كل حساب يقترب من الأطفال حسب المادة الرابعة من القانون المقترح.",
		"كتب عليها أن تنتظر",
	} {
		r := read(t, prose1+"\n"+line+"\n"+prose2+"\n"+arabic+"\n")
		if !slices.ContainsFunc(r.Paragraphs, func(p watch.Paragraph) bool { return p.Text == line }) {
			t.Errorf("lost %q: %+v", line, r.Removed)
		}
		if len(r.Paragraphs) != 4 {
			t.Errorf("%q: %d paragraphs", line, len(r.Paragraphs))
		}
	}
}

// A notice of the site is known by its place: beside another line of the site's own, and outside of the article.
func TestNotices(t *testing.T) {
	t.Parallel()
	const notice = "Cette image sera automatiquement masquée dès que plusieurs personnes différentes l'auront signalée au site."
	for page, want := range map[string]int{
		"Merci d'avoir partagé!\n" + notice + "\n\n" + prose1 + "\n" + prose2:                     2,
		prose1 + "\n" + prose2 + "\n" + notice + "\nCliquez ici pour aller voir la page entière.": 2,
		prose1 + "\n" + notice + "\n" + prose2:                                                    3,
		notice + "\n" + prose1 + "\n" + prose2:                                                    3,
	} {
		if r := read(t, page); len(r.Paragraphs) != want {
			t.Errorf("%q: %d paragraphs, want %d", page, len(r.Paragraphs), want)
		}
	}
}

// Bands of headlines, whatever parts them; the article behind the last gap of one is kept.
func TestTicker(t *testing.T) {
	t.Parallel()
	heads := []string{"La pluie revient sur les plateaux", "Football : Tazrout s'incline encore", "Qui garde les clés du moulin ?", "Mini. Le musée rouvre ses portes"}
	for _, gap := range []string{strings.Repeat("\u00a0", 4), "\u00a0 \u00a0 ", "    ", "\t", " | ", " • ", " /// ", " +++ ", "\u2003\u2003"} {
		line := strings.Join(heads, gap)
		for _, page := range []string{line + "\n\n" + prose1, line + gap + "\n" + prose1, line + "\n" + line + "\n" + prose1} {
			r := read(t, page)
			if len(r.Paragraphs) != 1 || r.Paragraphs[0].Text != prose1 {
				t.Errorf("%q: %d paragraphs", gap, len(r.Paragraphs))
			}
		}
		n := 0
		for _, d := range read(t, line+"\n"+prose1).Removed {
			if d.Why == watch.Headlines {
				n++
			}
		}
		if n != len(heads) {
			t.Errorf("%q: %d headlines", gap, n)
		}
	}
	long := strings.Join([]string{prose1, prose2, prose1}, " ")
	if r := read(t, strings.Join(heads, wide)+wide+long+"\n"+prose2); len(r.Paragraphs) == 0 || r.Paragraphs[0].Text != long {
		t.Error("the article behind a ticker on the same line is lost")
	}
	if r := read(t, prose1+wide+prose2+wide+prose1); len(r.Paragraphs) != 1 {
		t.Errorf("paragraphs with gaps between them are no headlines: %+v", r.Removed)
	}
}

func TestStories(t *testing.T) {
	t.Parallel()
	var shelf watch.Shelf
	body := readMarked(t, "fr_aggregator.txt").page
	want := map[string][]string{"b": {"a"}, "d": {"a", "b"}, "f": {"e"}}
	for _, it := range []struct{ file, page string }{
		{"a", body},
		{"b", readMarked(t, "fr_republished.txt").page},
		{"c", readMarked(t, "ar_aggregator.txt").page},
		{"d", strings.ToUpper(strings.ReplaceAll(body, "'", "’"))},
		{"e", "Trois mots seulement."},
		{"f", "Trois mots seulement.\n"},
		{"g", "Trois mots sans plus."},
		{"h", ""},
		{"i", "\n"},
	} {
		r, err := watch.Read(it.file, []byte(it.page))
		if err != nil {
			t.Fatal(err)
		}
		shelf.Add(r)
		if !slices.Equal(r.SameStoryAs, want[it.file]) {
			t.Errorf("%s: %q, want %q", it.file, r.SameStoryAs, want[it.file])
		}
		if r.SameStoryAs == nil {
			t.Errorf("%s: null", it.file)
		}
	}
}

func TestNotText(t *testing.T) {
	t.Parallel()
	for page, want := range map[string]watch.NotText{
		"\xff\xfea\x00":         {UTF16: true},
		"caf\xe9":               {At: 3},
		"\xed\xa0\x80":          {At: 0},
		"ok\n\xf0\x9f\x98":      {At: 3},
		"\ufffd is text, \xc0 ": {At: 13},
	} {
		_, err := watch.Read("x", []byte(page))
		var got watch.NotText
		if !errors.As(err, &got) || got != want {
			t.Errorf("%q: %v, want %v", page, err, want)
		}
	}
}

// Whatever lines a page is made of, in whatever order, nothing is lost or invented.
func TestPartition(t *testing.T) {
	t.Parallel()
	names, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, d := range names {
		lines = append(lines, strings.Split(readMarked(t, d.Name()).page, "\n")...)
	}
	lines = append(lines, "", " ", "\u00a0", "\ufeff", "\u200f", "\x00", "***", "a", "Oui.", "• ", "|", "a | b | c | d", "\u0301", "ـ", "\x01\x02", "نشر في", "Publié dans", "Source :", "Titre :", "1/1/2031")
	ends := []string{"\n", "\r\n", "\r", "\n\n", "\u2028", "\x85", "\u0085", "\v"}
	rapid.Check(t, func(t *rapid.T) {
		var page strings.Builder
		for range rapid.IntRange(0, 40).Draw(t, "lines") {
			page.WriteString(rapid.OneOf(rapid.SampledFrom(lines), rapid.String()).Draw(t, "line"))
			page.WriteString(rapid.SampledFrom(ends).Draw(t, "end"))
		}
		r, err := watch.Read("x", []byte(page.String()))
		if !utf8.ValidString(page.String()) {
			if err == nil {
				t.Fatal("bytes that are no text were read")
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		partition(t, []byte(page.String()), r)
		again, err := watch.Read("x", []byte(page.String()))
		if err != nil || again.BodySHA256 != r.BodySHA256 || len(again.Removed) != len(r.Removed) {
			t.Fatal("the same page read otherwise")
		}
	})
}

func TestLargeAndOdd(t *testing.T) {
	t.Parallel()
	const mb = 1 << 20
	for name, it := range map[string]struct {
		piece string
		size  int
	}{
		"one line": {"mot ", 10 * mb}, "nul": {"\x00", 10 * mb}, "no-break": {"\u00a0", 10 * mb}, "letters": {"ab", 10 * mb}, "returns": {"\r", 10 * mb},
		"short lines": {"a\n", mb}, "gaps": {"Un titre de presse" + wide, mb}, "signs": {"Un titre de presse | ", mb}, "marks": {"\u0301", mb},
		"same paragraph": {prose1 + "\n", mb}, "dates": {"1/1/2031\n", mb}, "lists": {"Lire aussi\nUn autre titre de presse\n", mb},
		"head": {"Publié dans Le Phare le 1/1/2031\n", mb}, "question": {"Et après ?\n", mb}, "titles": {"Un titre de presse comme un autre\n", mb},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			read(t, strings.Repeat(it.piece, it.size/len(it.piece)))
			read(t, prose1+"\n"+strings.Repeat(it.piece, mb/len(it.piece)))
		})
	}
	if r := read(t, ""); len(r.Paragraphs) != 0 || len(r.Removed) != 0 || r.Title != nil || r.Date != nil || r.Language != nil {
		t.Errorf("an empty page: %+v", r)
	}
}

func FuzzRead(f *testing.F) {
	names, err := os.ReadDir("testdata")
	if err != nil {
		f.Fatal(err)
	}
	for _, d := range names {
		if !d.IsDir() {
			raw, err := os.ReadFile("testdata/" + d.Name())
			if err != nil {
				f.Fatal(err)
			}
			f.Add(raw)
			f.Add(bytes.ReplaceAll(raw, []byte("\n"), []byte("\r\n")))
		}
	}
	f.Add([]byte("\xff\x00\ufeff"))
	f.Fuzz(func(t *testing.T, page []byte) {
		r, err := watch.Read("x", page)
		if utf8.Valid(page) != (err == nil) {
			t.Fatalf("valid %v: %v", utf8.Valid(page), err)
		}
		if err == nil {
			partition(t, page, r)
			for what, s := range says(r) {
				if !utf8.ValidString(s) || what == "title" && !bytes.Contains(page, []byte(s)) && !bytes.Contains(page, []byte("&")) {
					t.Fatalf("%s: %q", what, s)
				}
			}
			var shelf watch.Shelf
			shelf.Add(r)
		}
	})
}
