package app

import (
	"slices"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/desk/sanction"
	"sanad/internal/office/letters"
)

// renew has a court renew the measure: as long again, and of what was decided before. Whoever asks for it can make it no wider.
func (o *orders) renew(content sanction.Content) {
	o.t.Helper()
	o.must(o.letter(o.to("invite the party again"), nil))
	o.does("note what it said again", nil, "Entendue.")
	o.does("set one against the other again", nil, "Pesé.")
	drafted := o.does("write it again", nil, jsonOf(o.t, content))
	o.does("sign again as the head", nil, "")
	o.does("sign again as the judge", nil, "")
	o.does("bring it before a court again", nil, "Saisine.")
	asked := o.to("say what is asked of it again")
	for _, s := range hostile {
		o.refused(s, asked, "letter.targets", "letter.other.targets", func(f *letters.Fields) { f.Targets = []string{s} })
	}
	o.must(o.letter(asked, nil))
	o.does("have it granted again", nil, "Accordé.")
	prolongs := o.to("prolong it")
	o.must(o.asDrafted(prolongs.Role, prolongs.Step, content, drafted))
}

// renewed plays a renewal to its end. Whoever tells it or passes it on can make it no wider either.
func (o *orders) renewed(c *played, content sanction.Content, spoil func(part)) {
	o.t.Helper()
	o.renew(content)
	tell, passes := o.to("tell the party again"), c.by(c.Longer)
	spoil(tell)
	o.sent(tell, nil)
	o.does("hear that it came again", nil, "Accusé de réception.")
	o.does("tell the public again", map[string]act.Value{"decided_on": act.OfDate(o.c.now()), "amends": act.OfID(o.entry)}, toAll)
	spoil(passes)
	if sent := o.sent(passes, nil); sent.Fields == nil || !slices.Equal(sent.Fields.Targets, c.Targets) || sent.Fields.Expires != content.Expires {
		o.t.Errorf("the renewed order says %+v, want %v until %s", sent.Fields, c.Targets, content.Expires)
	}
}

// What is ordered again after a stay are the terms that stand then. A renewal stands for those who carry it out once the party and the
// public were told of it, and not before; what has ended is ordered no more. What is undone is all that was ever ordered.
func TestOrderedAgainIsWhatStands(t *testing.T) {
	t.Parallel()
	for _, c := range readOrders(t).Blocks {
		t.Run(c.Protocol, func(t *testing.T) {
			t.Parallel()
			o := newOrders(t, c.Protocol)
			content := sanction.Content{Rung: o.named(c.Rung), Expires: o.c.now().AddDate(0, 0, c.Days).Format(time.DateOnly), Reasons: "Motifs."}
			for _, v := range c.Targets {
				content.Targets = append(content.Targets, sanction.Target{Kind: c.Kind, Value: v})
			}
			o.decide(content.Rung, true, content)
			o.sent(o.to("tell the party"), nil)
			o.does("hear that the letter came", nil, "Accusé de réception.")
			o.published()
			o.sent(c.by(c.Passes), nil)
			o.does("contest it", nil, "Recours.")
			o.does("stay it", nil, "Sursis.")
			o.does("tell who carries it out", nil, "Suspendu.")
			o.does("end the stay", nil, "Fin du sursis.")
			o.does("let it run on", nil, "Reprise.")
			longer := content
			longer.Expires = o.c.now().AddDate(0, 0, c.Days+5).Format(time.DateOnly)
			longer.Targets = content.Targets[:1]
			o.renew(longer)
			renewed := act.OfDate(o.c.now())
			again := c.by(c.Again)
			says := func(m part, want sanction.Content) {
				t.Helper()
				f := o.sent(m, nil).Fields
				var targets []string
				for _, x := range want.Targets {
					targets = append(targets, x.Value)
				}
				if f == nil || f.Expires != want.Expires && f.Expires != "" || !slices.Equal(f.Targets, targets) {
					t.Fatalf("%s says %+v, want %v until %s", m.Step, f, targets, want.Expires)
				}
			}
			later := func(name string) {
				t.Helper()
				o.refused(name, again, "letter.expires", "letter.other.expires", func(f *letters.Fields) { f.Expires = longer.Expires })
			}
			later("a renewal nobody was told of")
			says(again, content)
			o.sent(o.to("tell the party again"), nil)
			o.does("hear that it came again", nil, "Accusé de réception.")
			later("a renewal the public was not told of")
			says(again, content)
			// Its last day passes while the renewal waits to be published: nothing can be ordered then.
			o.c.move(time.Duration(c.Days) * 24 * time.Hour)
			says(again, content) // on the last day
			o.c.move(24 * time.Hour)
			o.refused("what has ended", again, "letter.expires", "letter.ended", nil)
			o.does("tell the public of an appeal, too", map[string]act.Value{"decided_on": renewed, "amends": act.OfID(o.entry)}, toAll)
			says(again, longer)
			o.refused("what the renewal left out", again, "letter.targets", "letter.other.targets", func(f *letters.Fields) { f.Targets = c.Targets })
			o.does("take it back", nil, "Levée.")
			says(c.by(c.Releases), content)
		})
	}
}
