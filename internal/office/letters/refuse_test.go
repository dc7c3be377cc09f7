package letters_test

import (
	"slices"
	"strings"
	"testing"

	"sanad/internal/kit/fault"
	"sanad/internal/kit/lang"
	"sanad/internal/law/pack"
	"sanad/internal/office/letters"
)

// fields names what is wrong with a letter.
func fields(err error) []string {
	e := fault.Of(err)
	if e == nil || e.Code != fault.Invalid {
		return nil
	}
	var out []string
	for _, f := range e.Fields {
		out = append(out, f.Name+" "+f.Key)
	}
	slices.Sort(out)
	return out
}

// A letter that lacks what it must hold is refused, and everything it lacks is said at once.
func TestMissingRefuses(t *testing.T) {
	t.Parallel()
	r := room(t, "one")
	for _, c := range []struct {
		step string
		f    *letters.Fields
		want []string
	}{
		{"invite", nil, []string{
			"letter.address letter.missing.address", "letter.addressee letter.missing.addressee", "letter.ask.fr letter.missing.ask",
			"letter.facts.fr letter.missing.facts", "letter.hearing letter.missing.hearing", "letter.place letter.missing.place",
			"letter.reasons.fr letter.missing.reasons",
		}},
		{"fine", &letters.Fields{Addressee: full("").Addressee}, []string{
			"letter.amount letter.missing.amount", "letter.facts.fr letter.missing.facts", "letter.reasons.fr letter.missing.reasons",
			"letter.sender letter.missing.sender",
		}},
		{"block", &letters.Fields{Addressee: full("").Addressee, Facts: full("").Facts, Reasons: full("").Reasons}, []string{
			"letter.expires letter.missing.expires", "letter.targets letter.missing.targets",
		}},
		// What the law does not give, no officer can fill in.
		{"bare", full("bare"), []string{
			"letter.court letter.missing.court", "letter.deadline letter.missing.deadline", "letter.law letter.missing.law", "letter.remedy letter.missing.remedy",
		}},
	} {
		_, err := r.Render(file, c.f, grant(t, r, c.step), nil, now)
		if got := fields(err); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q (%v)", c.step, got, c.want, err)
		}
	}
}

// silent is a country that requires nothing by itself.
type silent struct{ *pack.Pack }

func (silent) Requires(string) []string { return nil }

// What the words of a letter name is required, whatever the country says beside them.
func TestNamedIsRequired(t *testing.T) {
	t.Parallel()
	p := country(t)
	r, err := letters.New(letters.Config{Pack: p, Book: silent{p}, Messages: words(t, p), Variant: "one"})
	must(t, err)
	for step, want := range map[string][]string{
		"invite": {"letter.hearing letter.missing.hearing", "letter.place letter.missing.place"},
		"fine":   {"letter.amount letter.missing.amount"},
		"block":  {"letter.expires letter.missing.expires", "letter.targets letter.missing.targets"},
		"bare":   nil,
	} {
		f := full("")
		if step == "block" {
			f.Sender = ""
		}
		_, err := r.Render(file, f, grant(t, r, step), nil, now)
		if got := fields(err); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q (%v)", step, got, want, err)
		}
	}
}

// Each field that can't be is refused, alone.
func TestWrongRefuses(t *testing.T) {
	t.Parallel()
	r := room(t, "one")
	for name, c := range map[string]struct {
		step   string
		change func(*letters.Fields)
		want   string
	}{
		"sender of another step":   {"invite", func(f *letters.Fields) { f.Sender = "zz-council" }, "letter.sender letter.wrong.sender"},
		"name of two lines":        {"invite", func(f *letters.Fields) { f.Addressee.Name = "A\nB" }, "letter.addressee letter.wrong.addressee"},
		"name turned around":       {"invite", func(f *letters.Fields) { f.Addressee.Name = "A\u202eB" }, "letter.addressee letter.wrong.addressee"},
		"address too long":         {"invite", func(f *letters.Fields) { f.Addressee.Address = strings.Repeat("a", 1001) }, "letter.address letter.wrong.address"},
		"language unknown":         {"invite", func(f *letters.Fields) { f.Addressee.Languages = []lang.Lang{"xx"} }, "letter.languages letter.wrong.languages"},
		"facts are no text":        {"invite", func(f *letters.Fields) { f.Facts["fr"] = "a\xff" }, "letter.facts.fr letter.wrong.facts"},
		"facts are blank":          {"invite", func(f *letters.Fields) { f.Facts["ar"] = " \n" }, "letter.facts.ar letter.wrong.facts"},
		"words in no language":     {"invite", func(f *letters.Fields) { f.Reasons["xx"] = "a" }, "letter.reasons.fr letter.wrong.reasons"},
		"note with a null":         {"invite", func(f *letters.Fields) { f.Note = letters.Words{"en": "a\x00"} }, "letter.note.en letter.wrong.note"},
		"hearing is past":          {"invite", func(f *letters.Fields) { f.Hearing.At = "2026-03-02T10:30" }, "letter.hearing letter.wrong.hearing"},
		"hearing is too soon":      {"invite", func(f *letters.Fields) { f.Hearing.At = "2026-03-17T10:00" }, "letter.hearing letter.hearing.soon"},
		"hearing is no time":       {"invite", func(f *letters.Fields) { f.Hearing.At = "tomorrow" }, "letter.hearing letter.wrong.hearing"},
		"hearing without place":    {"invite", func(f *letters.Fields) { f.Hearing.Place = "" }, "letter.place letter.missing.place"},
		"amount below zero":        {"fine", func(f *letters.Fields) { f.Amount = -1 }, "letter.amount letter.wrong.amount"},
		"expires yesterday":        {"block", func(f *letters.Fields) { f.Expires = "2026-03-01" }, "letter.expires letter.wrong.expires"},
		"expires on no day":        {"block", func(f *letters.Fields) { f.Expires = "2026-02-30" }, "letter.expires letter.wrong.expires"},
		"an invitation that fines": {"invite", func(f *letters.Fields) { f.Amount = 1 }, "letter.amount letter.unasked"},
		"a target of two lines":    {"block", func(f *letters.Fields) { f.Targets = []string{"a\nb"} }, "letter.targets letter.wrong.target"},
	} {
		f := full(c.step)
		c.change(f)
		_, err := r.Render(file, f, grant(t, r, c.step), nil, now)
		if got := fields(err); !slices.Equal(got, []string{c.want}) {
			t.Errorf("%s: %q, want %q (%v)", name, got, c.want, err)
		}
	}
}

// Whatever is refused, in every language there are words for it, and for every field of the form.
func TestRefusalsAreWorded(t *testing.T) {
	t.Parallel()
	r := room(t, "one")
	m := r.Messages
	keys := []string{"letter.hearing.soon"}
	for _, f := range letters.Known() {
		keys = append(keys, "letter.missing."+string(f))
	}
	for _, step := range r.Pack.Engine().Protocol("zz.case", 0).Steps {
		for _, q := range r.Asks(&step, "", nil, lang.French) {
			keys = append(keys, q.Key+".label")
			name, _, _ := strings.Cut(strings.TrimPrefix(q.Name, "letter."), ".")
			keys = append(keys, "letter.wrong."+name)
			if !slices.Contains(letters.Names(), q.Name) && q.Shape != letters.Checks {
				t.Errorf("the form asks %s, and nothing may send it", q.Name)
			}
		}
	}
	if len(keys) < 30 {
		t.Fatalf("only %d keys", len(keys))
	}
	for _, l := range []lang.Lang{"fr", "ar", "en"} {
		for _, key := range keys {
			if !m.For(l).Has(key) {
				t.Errorf("%s: %s", l, key)
			}
		}
	}
}

// What the country asks for and nobody could fill in is found at the start.
func TestBadPacks(t *testing.T) {
	t.Parallel()
	for name, replace := range map[string][]string{
		"{nobody}":      {"messages/fr.yaml", "Rien d’autre.", "{nobody}", "messages/ar.yaml", "لا شيء آخر.", "{nobody}", "messages/en.yaml", "Nothing else.", "{nobody}"},
		"paragraphs":    {"messages/fr.yaml", "Rien d’autre.", `Un\n\nDeux`},
		"letter.amount": {"letters.yaml", "amount, ", "", "messages/fr.yaml", "letter.amount:", "letter.sum:", "messages/ar.yaml", "letter.amount:", "letter.sum:", "messages/en.yaml", "letter.amount:", "letter.sum:"},
		"title":         {"letters.yaml", "  - {id: bare, requires: [law, remedy, court, deadline]}\n", "", "messages/fr.yaml", "letter.bare.title:", "letter.bare.head:", "messages/ar.yaml", "letter.bare.title:", "letter.bare.head:", "messages/en.yaml", "letter.bare.title:", "letter.bare.head:"},
	} {
		p := country(t, replace...)
		_, err := letters.New(letters.Config{Pack: p, Book: p, Messages: words(t, p)})
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
