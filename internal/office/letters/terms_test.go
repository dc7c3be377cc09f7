package letters_test

import (
	"slices"
	"strings"
	"testing"

	"sanad/internal/kit/fault"
	"sanad/internal/kit/lang"
	"sanad/internal/office/clerk"
	"sanad/internal/office/letters"
)

// A letter that comes before any decision aims at one host a line, and at nothing that is more than one, or that nobody showed to
// serve one alone.
func TestTargetsBeforeADecision(t *testing.T) {
	t.Parallel()
	r := room(t, "one")
	for target, why := range map[string]string{
		"10.0.0.0/8": "host", "0.0.0.0/0 port 443": "wildcard", "*": "wildcard", "*.game.example": "wildcard", "game.example:443": "host", "tcp": "suffix",
		"game.example video.example": "wildcard", "game.example,video.example": "wildcard", "192.0.2.7": "host", "192.0.2.1-192.0.2.9": "suffix", "2001:db8::/32": "host",
		"every address of the country": "wildcard", "gаme.example": "ascii", "game\u202e.example": "text", "game\u200d.example": "text", " ": "text",
		"co.uk": "suffix", "example": "suffix", "https://game.example/": "host", "MERCHANT-0042": "suffix",
	} {
		f := full("block")
		f.Targets = []string{"video.example", target}
		_, err := r.Render(file, f, grant(t, r, "block"), nil, now)
		e := fault.Of(err)
		if e == nil || len(e.Fields) != 1 || e.Fields[0].Key != "letter.wrong.target" || e.Fields[0].Args["line"] != 2 || e.Fields[0].Args["why"] != lang.Key("sanction.target."+why) {
			t.Errorf("%q: %v %+v, want %s", target, err, e, why)
		}
	}
}

// terms are what was decided of the letter of a step.
func terms(step string) *letters.Terms {
	f := full(step)
	return &letters.Terms{Fixed: []letters.Field{letters.Amount, letters.Expires, letters.Targets}, Amount: f.Amount, Expires: f.Expires, Targets: f.Targets}
}

// What was decided is in the letter though nobody typed it; less may be said, and nothing more, other, later or dearer.
func TestTermsAreTheDecision(t *testing.T) {
	t.Parallel()
	r := room(t, "one")
	for name, c := range map[string]struct {
		step   string
		change func(*letters.Fields, *letters.Terms)
		want   []string // what is refused; nil: it goes out
	}{
		"nothing typed":        {"block", func(f *letters.Fields, _ *letters.Terms) { f.Targets, f.Expires = nil, "" }, nil},
		"the same typed":       {"block", func(f *letters.Fields, _ *letters.Terms) {}, nil},
		"fewer":                {"block", func(f *letters.Fields, _ *letters.Terms) { f.Targets = f.Targets[1:] }, nil},
		"written otherwise":    {"block", func(f *letters.Fields, _ *letters.Terms) { f.Targets = []string{"GAME.example"} }, nil},
		"a day less":           {"block", func(f *letters.Fields, _ *letters.Terms) { f.Expires = "2026-04-29" }, nil},
		"decided, and over":    {"block", func(f *letters.Fields, d *letters.Terms) { f.Expires, d.Expires = "", "2026-02-01" }, nil},
		"one more":             {"block", func(f *letters.Fields, _ *letters.Terms) { f.Targets = append(f.Targets, "other.example") }, []string{"letter.targets letter.other.targets"}},
		"another":              {"block", func(f *letters.Fields, _ *letters.Terms) { f.Targets = []string{"other.example"} }, []string{"letter.targets letter.other.targets"}},
		"a day more":           {"block", func(f *letters.Fields, _ *letters.Terms) { f.Expires = "2026-05-01" }, []string{"letter.expires letter.other.expires"}},
		"no end was decided":   {"block", func(f *letters.Fields, d *letters.Terms) { d.Expires = "" }, []string{"letter.expires letter.undecided"}},
		"nothing was aimed at": {"block", func(f *letters.Fields, d *letters.Terms) { d.Targets = nil }, []string{"letter.targets letter.undecided"}},
		"no sum typed":         {"fine", func(f *letters.Fields, _ *letters.Terms) { f.Amount = 0 }, nil},
		"ten times the sum":    {"fine", func(f *letters.Fields, _ *letters.Terms) { f.Amount *= 10 }, []string{"letter.amount letter.other.amount"}},
		"half the sum":         {"fine", func(f *letters.Fields, _ *letters.Terms) { f.Amount /= 2 }, []string{"letter.amount letter.other.amount"}},
		"no sum was decided":   {"fine", func(f *letters.Fields, d *letters.Terms) { d.Amount = 0 }, []string{"letter.amount letter.undecided"}},
	} {
		f, d := full(c.step), terms(c.step)
		c.change(f, d)
		before := *f
		sent, err := r.Render(file, f, grant(t, r, c.step), d, now)
		if got := fields(err); !slices.Equal(got, c.want) || c.want == nil && err != nil {
			t.Errorf("%s: %q, want %q (%v)", name, got, c.want, err)
			continue
		}
		if c.want != nil {
			continue
		}
		if !slices.Equal(f.Targets, before.Targets) || f.Expires != before.Expires || f.Amount != before.Amount {
			t.Errorf("%s: what was typed was changed", name)
		}
		html := sent.Languages[lang.French].HTML
		for _, s := range sent.Fields.Targets {
			if !slices.ContainsFunc(d.Targets, func(x string) bool { return strings.EqualFold(x, s) }) || !strings.Contains(html, s) {
				t.Errorf("%s: %q went out", name, s)
			}
		}
		if sent.Fields.Amount != d.Amount || sent.Fields.Expires > d.Expires || c.step == "block" && (sent.Fields.Expires == "" || len(sent.Fields.Targets) == 0) {
			t.Errorf("%s: %+v went out", name, sent.Fields)
		}
	}
}

// What was decided stands in the form to be read, and no field asks for it.
func TestDecidedIsNotAsked(t *testing.T) {
	t.Parallel()
	r := room(t, "one")
	step := r.Pack.Engine().Protocol("zz.case", 0).Step("block")
	said := map[string]int{}
	for _, q := range r.Asks(step, "", terms("block"), lang.French) {
		if q.Shape == letters.Shown {
			said[q.Name] = len(q.Said)
		} else if q.Name == "letter.targets" || q.Name == "letter.expires" {
			t.Errorf("%s is asked", q.Name)
		}
	}
	if len(said) != 2 || said["letter.targets"] != 2 || said["letter.expires"] != 1 {
		t.Errorf("shown: %v", said)
	}
}

// A decision whose words are erased is passed on by nobody, and neither is one that nobody here can read.
func TestErasedIsNotPassedOn(t *testing.T) {
	t.Parallel()
	r := room(t, "one")
	_, err := r.TermsOf([]clerk.Opened{{Erased: true}})
	if e := fault.Of(err); e == nil || e.Key != "error.decision_erased" {
		t.Errorf("erased: %v", err)
	}
	_, err = r.TermsOf([]clerk.Opened{{}})
	if err == nil {
		t.Error("nobody reads decisions, and a letter rests on one")
	}
	got, err := r.TermsOf(nil)
	if got != nil || err != nil {
		t.Errorf("nothing was decided: %v, %v", got, err)
	}
}

// Whatever can be refused of an order is worded, and says what was decided.
func TestOrdersAreWorded(t *testing.T) {
	t.Parallel()
	m := room(t, "one").Messages
	for _, l := range []lang.Lang{"fr", "ar", "en"} {
		for _, f := range []string{"amount", "expires", "targets", "identifiers", "data"} {
			key := "letter.other." + f
			if text := m.For(l).Text(key, lang.Args{"decided": lang.Code("DECIDED-7")}); !strings.Contains(text, "DECIDED-7") {
				t.Errorf("%s %s: %s", l, key, text)
			}
		}
		for _, key := range []string{"letter.undecided", "letter.settled", "letter.concerned", "letter.concerned.only", "letter.data"} {
			if !m.For(l).Has(key) {
				t.Errorf("%s: %s", l, key)
			}
		}
	}
}

// Whoever acts for one institution writes in no other's name, and is not asked in whose.
func TestNobodyWritesForOthers(t *testing.T) {
	t.Parallel()
	r := room(t, "one")
	g := grant(t, r, "fine")
	for role, own := range map[string]string{"officer": "zz-office", "head": "zz-council"} {
		g.Role = role
		for _, sender := range []string{"", "zz-office", "zz-council"} {
			f := full("fine")
			f.Sender = sender
			_, err := r.Render(file, f, g, terms("fine"), now)
			if got, other := fields(err), sender != "" && sender != own; other != slices.Equal(got, []string{"letter.sender letter.wrong.sender"}) || !other && err != nil {
				t.Errorf("%s as %q: %q (%v)", role, sender, got, err)
			}
		}
		if q := r.Asks(g.Step, role, nil, lang.French); q[0].Name == "letter.sender" {
			t.Errorf("%s is asked for whom to write", role)
		}
	}
}
