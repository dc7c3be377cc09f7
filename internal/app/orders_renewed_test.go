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
	o.must(o.letter("rapporteur", "invite_renewal", nil))
	o.does("rapporteur", "hear_renewal", map[string]act.Value{"heard": act.OfBool(true)}, "Entendue.")
	o.does("rapporteur", "weigh_renewal", nil, "Pesé.")
	drafted := o.does("rapporteur", "draft_renewal", nil, jsonOf(o.t, content))
	o.does("head", "sign_renewal", nil, "")
	o.does("judge", "sign_renewal", nil, "")
	o.does("head", "seize_renewal", nil, "Saisine.")
	for _, s := range hostile {
		o.refused(s, "head", "apply_renewal", "letter.targets", "letter.other.targets", func(f *letters.Fields) { f.Targets = []string{s} })
	}
	o.must(o.letter("head", "apply_renewal", nil))
	o.does("judge", "rule_renewal", map[string]act.Value{"ruling": act.OfCode("granted")}, "Accordé.")
	opened, err := o.h.clerk.Open(o.t.Context(), o.seat(o.by("rapporteur")), drafted.Acts[0].ID)
	if err != nil {
		o.t.Fatal(err)
	}
	o.must(o.command(o.by("head"), o.protocol, "renew", inClear(content), string(opened.Body)))
}

// renewed plays a renewal to its end. Whoever tells it or passes it on can make it no wider either.
func (o *orders) renewed(c *played, content sanction.Content, spoil func(role, step string)) {
	o.t.Helper()
	o.renew(content)
	spoil("rapporteur", "notify_renewal")
	o.sent("rapporteur", "notify_renewal", nil)
	last := o.entry
	o.does("coordinator", "publish_renewal", map[string]act.Value{"state": act.OfCode("in_force"), "decided_on": act.OfDate(o.c.now()), "amends": act.OfID(last)}, toAll)
	spoil(c.Role, "transmit_renewal")
	if sent := o.sent(c.Role, "transmit_renewal", nil); sent.Fields == nil || !slices.Equal(sent.Fields.Targets, c.Targets) || sent.Fields.Expires != content.Expires {
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
			o.sent("rapporteur", "notify", nil)
			o.published()
			o.sent(c.Role, c.Passes, nil)
			o.does("rapporteur", "appeal", map[string]act.Value{"stay_asked": act.OfBool(true)}, "Recours.")
			o.does("judge", "halt", nil, "Suspendu.")
			o.does("judge", "run_on", nil, "Reprise.")
			longer := content
			longer.Expires = o.c.now().AddDate(0, 0, c.Days+5).Format(time.DateOnly)
			longer.Targets = content.Targets[:1]
			o.renew(longer)
			renewed := act.OfDate(o.c.now())
			again := c.Passes + "_again"
			says := func(step string, want sanction.Content) {
				t.Helper()
				f := o.sent(c.Role, step, nil).Fields
				var targets []string
				for _, x := range want.Targets {
					targets = append(targets, x.Value)
				}
				if f == nil || f.Expires != want.Expires && f.Expires != "" || !slices.Equal(f.Targets, targets) {
					t.Fatalf("%s says %+v, want %v until %s", step, f, targets, want.Expires)
				}
			}
			later := func(name string) {
				t.Helper()
				o.refused(name, c.Role, again, "letter.expires", "letter.other.expires", func(f *letters.Fields) { f.Expires = longer.Expires })
			}
			later("a renewal nobody was told of")
			says(again, content)
			o.sent("rapporteur", "notify_renewal", nil)
			later("a renewal the public was not told of")
			says(again, content)
			// Its last day passes while the renewal waits to be published: nothing can be ordered then.
			o.c.move(time.Duration(c.Days) * 24 * time.Hour)
			says(again, content) // on the last day
			o.c.move(24 * time.Hour)
			o.refused("what has ended", c.Role, again, "letter.expires", "letter.ended", nil)
			o.does("coordinator", "publish_renewal", map[string]act.Value{"state": act.OfCode("appealed"), "decided_on": renewed, "amends": act.OfID(o.entry)}, toAll)
			says(again, longer)
			o.refused("what the renewal left out", c.Role, again, "letter.targets", "letter.other.targets", func(f *letters.Fields) { f.Targets = c.Targets })
			o.does("head", "lift", nil, "Levée.")
			says("release", content)
		})
	}
}
