package letters_test

import (
	"errors"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"sanad/internal/act"
	"sanad/internal/kit/lang"
	"sanad/internal/law/pack"
	"sanad/internal/law/protocol"
	"sanad/internal/office/letters"
	"sanad/locales"
)

var update = flag.Bool("update", false, "write goldens that are missing; one that is there is never written again")

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// country reads the invented country, with some of its text replaced: file, old and new in turn.
func country(t testing.TB, replace ...string) *pack.Pack {
	t.Helper()
	files := fstest.MapFS{}
	from := os.DirFS("testdata/zz")
	must(t, fs.WalkDir(from, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(from, name)
		files[name] = &fstest.MapFile{Data: b}
		return err
	}))
	for i := 0; i+2 < len(replace); i += 3 {
		f := files[replace[i]]
		if !strings.Contains(string(f.Data), replace[i+1]) {
			t.Fatalf("%s does not hold %q", replace[i], replace[i+1])
		}
		f.Data = []byte(strings.ReplaceAll(string(f.Data), replace[i+1], replace[i+2]))
	}
	kinds, err := act.NewCatalogue(protocol.Schemas("case")...)
	must(t, err)
	p, err := pack.Load(files, "zz", nil, kinds)
	must(t, err)
	return p
}

func words(t testing.TB, p *pack.Pack) *lang.Messages {
	t.Helper()
	m, err := lang.Load(locales.Files)
	must(t, err)
	over := map[lang.Lang]map[string]string{}
	for _, l := range p.Languages {
		over[lang.Lang(l)] = p.Messages(l)
	}
	m, err = m.WithWords("pack", over)
	must(t, err)
	return m.Report(func(x lang.Trouble) { t.Errorf("%s %s: %s", x.Lang, x.Key, x.What) })
}

func room(t testing.TB, variant string, replace ...string) *letters.Room {
	t.Helper()
	p := country(t, replace...)
	r, err := letters.New(letters.Config{Pack: p, Book: p, Messages: words(t, p), Variant: variant})
	must(t, err)
	return r
}

// now is a Monday; Tunis is an hour ahead of UTC.
var now = act.InstantOf(time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC))

var file = act.ID{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}

// grant is what the engine gives for a step whose order does not matter here.
func grant(t testing.TB, r *letters.Room, step string) *protocol.Grant {
	t.Helper()
	e := r.Pack.Engine()
	p := e.Protocol("zz.case", 0)
	s := p.Step(step)
	g := &protocol.Grant{Place: protocol.Place{Protocol: p.ID, Step: step}, Version: p.Version, Law: "zz@0123456789ab", Step: s, Kind: s.Kind}
	for _, d := range s.Deadlines {
		due, err := e.Law().Time.Due(d.Rule, now)
		must(t, err)
		g.Deadlines = append(g.Deadlines, act.Deadline{Rule: d.Rule, Start: now, Due: due, Calendar: e.Law().Time.Calendar()})
	}
	return g
}

// full has every field filled in that the letter of a step holds, and no other.
func full(step string) *letters.Fields {
	f := &letters.Fields{
		Sender:    "zz-office",
		Addressee: letters.Addressee{Name: "Plateforme Exemple", Address: "12, rue des Essais\n10000 Port-Exemple"},
		Facts:     letters.Words{"fr": "Trois comptes ont été signalés.\nAucun n’a été fermé.", "ar": "تم التبليغ عن ثلاثة حسابات."},
		Reasons:   letters.Words{"fr": "La loi demande une réponse."},
		Ask:       letters.Words{"ar": "نطلب جوابكم كتابة.", "fr": "Répondez par écrit."},
	}
	switch step {
	case "invite":
		f.Hearing = &letters.Hearing{At: "2026-03-20T10:00", Place: "Salle 4\nPort-Exemple"}
	case "fine":
		f.Amount = 420000
	case "block":
		f.Sender = "zz-council"
		f.Targets, f.Expires = []string{"game.example", "video.example"}, "2026-04-30"
	}
	return f
}

// Golden letters, in both languages of every letter: one that changes is looked at by a person, and written by hand.
func TestGoldenLetters(t *testing.T) {
	t.Parallel()
	fictional := []string{"pack.yaml", "languages:", "fictional: true\nlanguages:"}
	for _, c := range []struct {
		name, step string
		replace    []string
		change     func(*letters.Fields)
		languages  []lang.Lang
	}{
		{"invitation", "invite", nil, nil, []lang.Lang{"fr", "ar"}},
		{"fine-fictional", "fine", fictional, nil, []lang.Lang{"fr", "ar"}},
		{"block", "block", nil, func(f *letters.Fields) { f.Sender = "" }, []lang.Lang{"fr", "ar"}},
		{"request-english", "request", nil, func(f *letters.Fields) {
			f.Addressee.Languages = []lang.Lang{"en"}
			f.Note = letters.Words{"en": "Call us."}
		}, []lang.Lang{"fr", "ar", "en"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := room(t, "one", c.replace...)
			f := full(c.step)
			if c.change != nil {
				c.change(f)
			}
			g, d := grant(t, r, c.step), (*letters.Terms)(nil)
			if c.step == "fine" { // whoever signed it, and in what role it is sent
				g.Role, d = "officer", terms(c.step)
				d.Made = &letters.Made{On: now - act.Instant(time.Hour/time.Microsecond), Signed: []string{"head", "officer"}}
			}
			sent, err := r.Render(file, f, g, d, now)
			must(t, err)
			if len(sent.Languages) != len(c.languages) {
				t.Errorf("%d languages, want %v", len(sent.Languages), c.languages)
			}
			for _, l := range c.languages {
				golden(t, c.name+"."+string(l)+".html", sent.Languages[l].HTML)
			}
			body, err := sent.Body()
			must(t, err)
			back := letters.View(body)
			if back.Text != "" || back.Letter != sent.Letter || back.Law != "zz@0123456789ab" || len(back.Languages) != len(c.languages) {
				t.Errorf("read back as %s of %s, %d languages, %.40q", back.Letter, back.Law, len(back.Languages), back.Text)
			}
			again, err := r.Render(file, f, g, d, now)
			must(t, err)
			other, err := again.Body()
			must(t, err)
			if string(other) != string(body) {
				t.Error("the same letter twice is not the same")
			}
		})
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name)
	want, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && *update {
		must(t, os.WriteFile(path, []byte(got), 0o600))
		return
	}
	must(t, err)
	if string(want) != got {
		t.Errorf("%s differs from what was sent before:\n%s", name, got)
	}
}

// What people write stays text, in whatever they write it.
func TestEverythingIsEscaped(t *testing.T) {
	t.Parallel()
	r := room(t, "two")
	const evil = `<script>alert(1)</script>"'&`
	f := full("invite")
	f.Sender = ""
	f.Addressee = letters.Addressee{Name: evil, Address: evil}
	f.Facts, f.Reasons, f.Ask = letters.Words{"fr": evil}, letters.Words{"ar": evil}, letters.Words{"en": evil}
	f.Note = f.Facts
	f.Hearing.Place = evil
	sent, err := r.Render(file, f, grant(t, r, "invite"), nil, now)
	must(t, err)
	for l, one := range sent.Languages {
		if strings.Contains(one.HTML, "<script") || strings.Contains(one.HTML, `"'&`) {
			t.Errorf("%s: %s", l, one.HTML)
		}
		if n := strings.Count(one.HTML, "&lt;script&gt;"); n < 7 {
			t.Errorf("%s: shown %d times", l, n)
		}
	}
	if !strings.Contains(sent.Languages["fr"].HTML, "Conseil &lt;A &amp; B&gt;") {
		t.Error("the sender's name is missing")
	}
	body, err := sent.Body()
	must(t, err)
	if letters.View(body).Text != "" {
		t.Error("what the room wrote is not taken for a letter")
	}
}

// A body that only looks like a letter is shown as what it is: text.
func TestForgedLettersAreText(t *testing.T) {
	t.Parallel()
	wrap := func(html string) string {
		return `{"letter":"fine","law":"x","languages":{"fr":{"html":"` + strings.ReplaceAll(html, `"`, `\"`) + `"}},"fields":{"addressee":{"name":"a","address":"b"}}}`
	}
	if letters.View([]byte(wrap(`<article class="letter"><p>a</p></article>`))).Text != "" {
		t.Fatal("a good letter is not read")
	}
	for _, body := range []string{
		"", "words", "{}", `{"letter":"fine"}`, "\xff\xfe",
		wrap(""), wrap("<p>a</p>"), wrap("<article><p>a</article>"), wrap("<article></article></div>"),
		wrap("<article><p></article></p>"), wrap(`<article></article class="letter">`), wrap("<article></br></article>"),
		wrap("<article></article><article></article>"), wrap("a<article></article>"),
		wrap(`<article><script>x</script></article>`), wrap(`<article><a href="x">x</a></article>`),
		wrap(`<article onclick="x"></article>`), wrap(`<article class="skip"></article>`), wrap(`<article class="x" style="x"></article>`),
		wrap(`<article><form></form></article>`), wrap(`<article><!-- --></article>`), wrap(`<ARTICLE></ARTICLE>`), wrap(`<article`),
		strings.Replace(wrap("<article></article>"), `"law"`, `"more":1,"law"`, 1),
		strings.Replace(wrap("<article></article>"), `"fr"`, `"xx"`, 1),
	} {
		s := letters.View([]byte(body))
		if s.Text != strings.ToValidUTF8(body, "\ufffd") || len(s.Languages) > 0 {
			t.Errorf("%q was taken for a letter", body)
		}
		p := s.Page("x", "", lang.French, false)
		if len(p.Parts) > 0 {
			t.Errorf("%q is shown as HTML", body)
		}
	}
}

// The reader's language comes first.
func TestPageOrder(t *testing.T) {
	t.Parallel()
	r := room(t, "one")
	sent, err := r.Render(file, full("invite"), grant(t, r, "invite"), nil, now)
	must(t, err)
	for _, l := range []lang.Lang{"fr", "ar"} {
		p := sent.Page("x", "/file", l, true)
		if len(p.Parts) != 2 || !strings.HasPrefix(string(p.Parts[0]), `<article class="letter" lang="`+string(l)+`"`) {
			t.Errorf("%s: %d parts, %.60s", l, len(p.Parts), p.Parts[0])
		}
	}
}

// A form that is filled in becomes the fields of the letter.
func TestForm(t *testing.T) {
	t.Parallel()
	r := room(t, "one")
	values := map[string]string{
		"letter.sender": "zz-office", "letter.addressee": " A ", "letter.address": "1\r\n2", "letter.languages.en": "yes",
		"letter.facts.fr": "f", "letter.facts.ar": "ح", "letter.reasons.fr": "r", "letter.amount": "12", "letter.hearing": "2026-03-20T10:00",
		"letter.place": "p", "letter.targets": "a\r\n\r\n b ", "letter.expires": "2026-04-30", "letter.ask.en": "ask",
	}
	party := act.ID{9}
	f, wrong := letters.ReadForm(func(name string) string { return values[name] }, party)
	if len(wrong) > 0 || f.Addressee.Name != "A" || f.Addressee.Address != "1\n2" || f.Addressee.Party != party || f.Facts["ar"] != "ح" ||
		f.Amount != 12 || !slices.Equal(f.Targets, []string{"a", "b"}) || f.Hearing.Place != "p" || !slices.Equal(f.Addressee.Languages, []lang.Lang{"en"}) {
		t.Errorf("%+v, %v", f, wrong)
	}
	_, err := r.Render(file, f, grant(t, r, "invite"), nil, now)
	if got := fields(err); !slices.Equal(got, []string{"letter.amount letter.unasked", "letter.expires letter.unasked", "letter.targets letter.unasked"}) {
		t.Errorf("%q", got)
	}
	values["letter.amount"] = "12.5"
	_, wrong = letters.ReadForm(func(name string) string { return values[name] }, party)
	if len(wrong) != 1 || wrong[0].Name != "letter.amount" {
		t.Errorf("%v", wrong)
	}
	step := r.Pack.Engine().Protocol("zz.case", 0).Step("fine")
	if q := r.Asks(step, "", nil, lang.French); q[0].Name != "letter.sender" || len(q[0].Options) != 2 || q[0].Options[0].Word != "Office des courriers" {
		t.Errorf("%+v", q[0])
	}
	if r.Asks(r.Pack.Engine().Protocol("zz.case", 0).Step("wordless"), "", nil, lang.French) != nil {
		t.Error("a letter without words has a form")
	}
}
