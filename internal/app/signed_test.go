package app

import (
	"strings"
	"testing"
	"time"

	"sanad/internal/desk/sanction"
	"sanad/internal/kit/lang"
	"sanad/internal/office/letters"
)

// signed is what a letter says of who signed the decision it tells; "" where it says nothing of it.
func signed(s letters.Sent) string {
	_, after, _ := strings.Cut(s.Languages[lang.French].HTML, "<dt>Signé par</dt>")
	list, _, _ := strings.Cut(after, "</ul>")
	return list
}

// The letter of a decision says when it was taken and in which functions it was signed; every letter says in which it is sent.
func TestLettersSayWhoSigned(t *testing.T) {
	t.Parallel()
	for _, c := range readOrders(t).Told {
		t.Run(c.Protocol, func(t *testing.T) {
			t.Parallel()
			o := newOrders(t, c.Protocol)
			content := sanction.Content{Rung: c.Rung, Reasons: "Motifs."}
			if p := o.h.pack.Parameter("rung-" + c.Rung + "-amount"); p != nil {
				content.Amount = p.Value.Int()
			}
			o.decide(c.Rung, false, content)
			sent := o.sent(o.to("tell the party"), nil)
			list := signed(sent)
			if strings.Count(list, "<li>") != 2 || !strings.Contains(list, "Président de l’autorité (") || !strings.Contains(list, "Second signataire (") {
				t.Errorf("signed by %q", list)
			}
			html := sent.Languages[lang.French].HTML
			if !strings.Contains(html, "<dt>Décidé le</dt>") || !strings.Contains(html, "En qualité de\u00a0: Rapporteur de l’autorité.") {
				t.Errorf("neither when it was decided nor who sends it: %s", html)
			}
		})
	}
}

// Whoever carries an order out reads that a court signed it. What sets free what was ordered was signed by nobody of these.
func TestOrdersSayWhoSigned(t *testing.T) {
	t.Parallel()
	row := readOrders(t).Blocks[0]
	o := newOrders(t, row.Protocol)
	o.decide(row.Rung, true, sanction.Content{
		Rung: row.Rung, Expires: o.c.now().AddDate(0, 0, 20).Format(time.DateOnly), Reasons: "Motifs.",
		Targets: []sanction.Target{{Kind: sanction.Host, Value: "play.example"}},
	})
	o.sent(o.to("tell the party"), nil)
	o.does("hear that the letter came", nil, "Accusé de réception.")
	o.published()
	if list := signed(o.sent(row.by(row.Passes), nil)); !strings.Contains(list, "Président de l’autorité (") || !strings.Contains(list, "Juge (Tribunaux)") {
		t.Errorf("signed by %q", list)
	}
	o.does("take it back", nil, "Levée.")
	if list := signed(o.sent(row.by(row.Releases), nil)); list != "" {
		t.Errorf("the release is signed by %q", list)
	}
}
