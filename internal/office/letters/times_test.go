package letters_test

import (
	"strings"
	"testing"

	"sanad/internal/act"
	"sanad/internal/kit/lang"
	"sanad/internal/office/letters"
)

// sent is one language of the letter of a step, in one line.
func sent(t *testing.T, step string, l lang.Lang, deadlines []string, replace ...string) string {
	t.Helper()
	r := room(t, "one", replace...)
	g := grant(t, r, step)
	for _, rule := range deadlines {
		due, err := r.Pack.Engine().Law().Time.Due(rule, now)
		must(t, err)
		g.Deadlines = append(g.Deadlines, act.Deadline{Rule: rule, Start: now, Due: due})
	}
	s, err := r.Render(file, full(step), g, nil, now)
	must(t, err)
	return strings.Join(strings.Fields(s.Languages[l].HTML), " ")
}

// Nobody is asked to appeal: where a step starts the clock of its remedy, the letter tells it once, with the remedy.
func TestRemedyIsNotAsked(t *testing.T) {
	t.Parallel()
	plain, started := sent(t, "fine", "fr", nil), sent(t, "fine", "fr", []string{"appeal"})
	if n := strings.Count(started, "Deux mois francs pour faire appel"); n != 1 {
		t.Errorf("the time of the remedy is told %d times\n%s", n, started)
	}
	if plain != started {
		t.Errorf("the letter tells of a clock that asks nothing\n%s\n%s", plain, started)
	}
}

// A duty of another institution is what the letter asks of it, with its time: an operator that executes an order must not read
// that the time binds somebody else.
func TestDutyOfTheAddressee(t *testing.T) {
	t.Parallel()
	asked := func(html string) string {
		_, after, _ := strings.Cut(html, "Ce qui vous est demandé, et pour quand")
		before, _, _ := strings.Cut(after, "</section>")
		return before
	}
	const own, motives = "Nos propres délais", "Dix jours francs pour motiver"
	if html := sent(t, "invite", "fr", nil); !strings.Contains(html, own) || strings.Contains(asked(html), motives) {
		t.Errorf("the sender's own duty is asked of the addressee\n%s", html)
	}
	html := sent(t, "invite", "fr", nil, "protocols/case.yaml", "rule: reasons, owner: officer", "rule: reasons, owner: head")
	if strings.Contains(html, own) || !strings.Contains(asked(html), motives) {
		t.Errorf("what another institution must do is not asked of it\n%s", html)
	}
}

// Hours are told with how far legal time is from UTC on that day, for whoever answers from elsewhere.
func TestZoneTellsItsOffset(t *testing.T) {
	t.Parallel()
	for zone, want := range map[string]string{
		"Africa/Tunis":      "<bdi>Africa/Tunis, UTC+1</bdi>",
		"Africa/Casablanca": "<bdi>Africa/Casablanca, UTC+0</bdi>", // 2 March 2026 is in Ramadan
		"Asia/Kolkata":      "<bdi>Asia/Kolkata, UTC+5:30</bdi>",
		"America/New_York":  "<bdi>America/New_York, UTC-5</bdi>",
	} {
		if got := sent(t, "fine", "ar", nil, "calendar.yaml", "Africa/Tunis", zone); !strings.Contains(got, "على الساعة") || !strings.Contains(got, want) {
			t.Errorf("%s is not told as %s\n%s", zone, want, got)
		}
	}
}

// Whoever must answer reads where, in every language.
func TestWhereToAnswer(t *testing.T) {
	t.Parallel()
	r := room(t, "one")
	f := full("invite")
	f.Contact = "Boîte 7, Port-Exemple\n<greffe@exemple.example>"
	s, err := r.Render(file, f, grant(t, r, "invite"), nil, now)
	must(t, err)
	for l, one := range s.Languages {
		if !strings.Contains(one.HTML, "<address><bdi>Boîte 7, Port-Exemple</bdi><br><bdi>&lt;greffe@exemple.example&gt;</bdi></address>") {
			t.Errorf("%s does not say where to answer\n%s", l, one.HTML)
		}
	}
	body, err := s.Body()
	must(t, err)
	if back := letters.View(body); len(back.Languages) != 2 || back.Fields.Contact != f.Contact {
		t.Errorf("read back as %+v", back)
	}
	f.Contact = strings.Repeat("x", 1001)
	_, err = r.Render(file, f, grant(t, r, "invite"), nil, now)
	if err == nil || !strings.Contains(err.Error(), "letter.wrong.contact") {
		t.Errorf("a contact of 1,001 letters: %v", err)
	}
}
