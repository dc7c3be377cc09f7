package app

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/desk/sanction"
	"sanad/internal/kit/fault"
	"sanad/internal/law/protocol"
	"sanad/internal/office/letters"
)

// hostile are targets that are more than one thing, or no thing that a measure of this country can aim at.
var hostile = []string{
	"10.0.0.0/8", "0.0.0.0/0 port 443", "0.0.0.0/0", "*", "*.play.example", "play.example:443", "play.example, www.play.example", "play.example www.play.example",
	"192.0.2.1-192.0.2.9", "192.0.2.7", "tcp/443", "every address of the country", "рlay.example", "play\u202e.example", "play\u200b.example", "https://play.example/",
	"example", "co.uk", "2001:db8::/32", " ", "play.example.", "256kbps",
}

// A judge allowed two hosts for some weeks. Whoever passes the order on, alone and with one signature, can make it no wider: not to
// the party, not to those who carry it out, who read nothing of what was decided.
func TestOrderIsWhatWasDecided(t *testing.T) {
	t.Parallel()
	for _, c := range readOrders(t).Blocks {
		t.Run(c.Protocol, func(t *testing.T) {
			t.Parallel()
			o := newOrders(t, c.Protocol)
			day := func(n int) string { return o.c.now().AddDate(0, 0, n).Format(time.DateOnly) }
			content := sanction.Content{Rung: o.named(c.Rung), Expires: day(c.Days), Reasons: "Motifs."}
			for _, v := range c.Targets {
				content.Targets = append(content.Targets, sanction.Target{Kind: c.Kind, Value: v})
			}
			o.decide(content.Rung, true, content)
			hold := func(m part, sent letters.Sent, want []string) {
				t.Helper()
				if sent.Fields == nil || !slices.Equal(sent.Fields.Targets, want) || sent.Fields.Expires != content.Expires {
					t.Fatalf("%s sent by %s says %+v, want %v until %s", m.Step, m.Role, sent.Fields, want, content.Expires)
				}
			}
			spoil := func(m part, days int) {
				t.Helper()
				for _, s := range hostile {
					o.refused(s, m, "letter.targets", "letter.other.targets", func(f *letters.Fields) { f.Targets = []string{s} })
					o.refused(s+" besides", m, "letter.targets", "letter.other.targets", func(f *letters.Fields) { f.Targets = append(slices.Clone(c.Targets), s) })
				}
				o.refused("another", m, "letter.targets", "letter.other.targets", func(f *letters.Fields) { f.Targets = []string{"other.example"} })
				o.refused("a day more", m, "letter.expires", "letter.other.expires", func(f *letters.Fields) { f.Expires = day(days + 1) })
				o.refused("no end", m, "letter.expires", "letter.other.expires", func(f *letters.Fields) { f.Expires = "2099-12-31" })
				o.refused("a sum", m, "letter.amount", "letter.unasked", func(f *letters.Fields) { f.Amount = 1 })
			}
			tell, passes, again := o.to("tell the party"), c.by(c.Passes), c.by(c.Again)
			spoil(tell, c.Days)
			hold(tell, o.sent(tell, nil), c.Targets)
			o.does("hear that the letter came", nil, "Accusé de réception.")
			o.published()
			spoil(passes, c.Days)
			if _, err := o.h.clerk.Open(t.Context(), o.seat(o.by(c.Role)), decisionOf(o)); fault.CodeOf(err) != fault.NotFound {
				t.Errorf("who passes the order on reads the decision: %v", err)
			}
			hold(passes, o.sent(passes, func(f *letters.Fields) { f.Targets = []string{" " + strings.ToLower(c.Targets[1])} }), []string{" " + strings.ToLower(c.Targets[1])})
			longer := content
			longer.Expires = day(c.Days + 10)
			o.renewed(&c, longer, func(m part) { spoil(m, c.Days+10) })
			content = longer
			// A court stays the order and lets it run on: what is ordered again is what was decided, too.
			o.does("contest it", nil, "Recours.")
			o.does("stay it", nil, "Sursis.")
			o.does("tell who carries it out", nil, "Suspendu.")
			for _, s := range hostile { // who is told that it is stayed is told of what, and of nothing else
				o.refused(s, c.by(c.Pauses), "letter.targets", "letter.other.targets", func(f *letters.Fields) { f.Targets = []string{s} })
			}
			if paused := o.sent(c.by(c.Pauses), nil); paused.Fields == nil || !slices.Equal(paused.Fields.Targets, c.Targets) {
				t.Errorf("paused are %+v, want %v", paused.Fields, c.Targets)
			}
			o.does("end the stay", nil, "Fin du sursis.")
			o.does("let it run on", nil, "Reprise.")
			spoil(again, c.Days+10)
			hold(again, o.sent(again, nil), c.Targets)
			// Who is told to undo it is told what it was, and nothing else.
			o.does("take it back", nil, "Levée.")
			for _, s := range hostile {
				o.refused(s, c.by(c.Releases), "letter.targets", "letter.other.targets", func(f *letters.Fields) { f.Targets = []string{s} })
			}
			freed := o.sent(c.by(c.Releases), nil)
			if freed.Fields == nil || !slices.Equal(freed.Fields.Targets, c.Targets) {
				t.Errorf("freed are %+v, want %v", freed.Fields, c.Targets)
			}
			// The platform is told in a letter of its own, which orders nothing.
			free := o.to("tell the party that it is free")
			o.refused("a target", free, "letter.targets", "letter.unasked", func(f *letters.Fields) { f.Targets = c.Targets })
			o.refused("a day", free, "letter.expires", "letter.unasked", func(f *letters.Fields) { f.Expires = content.Expires })
			if told := o.sent(free, nil); told.Letter != o.plays.Freed || !strings.Contains(told.Languages["fr"].HTML, "a été levée") {
				t.Errorf("the platform is told: %+v", told)
			}
		})
	}
}

// decisionOf is the act that decided the measure of the procedure.
func decisionOf(o *orders) act.ID {
	v := o.view(o.by(o.plays.Drafts))
	for _, a := range v.Acts {
		if a.Kind == sanction.KindDecided {
			return a.ID
		}
	}
	o.t.Fatal("nothing was decided")
	return act.ID{}
}

// The letter that tells a fine names the fine that was decided.
func TestFineIsWhatWasDecided(t *testing.T) {
	t.Parallel()
	for _, c := range readOrders(t).Fines {
		t.Run(c.Protocol, func(t *testing.T) {
			t.Parallel()
			o, rung := newOrders(t, c.Protocol), c.Rung
			amount := o.h.pack.Parameter("rung-" + rung + "-amount").Value.Int()
			o.decide(rung, false, sanction.Content{Rung: rung, Amount: amount, Reasons: "Motifs."})
			tell := o.to("tell the party")
			for _, n := range []int64{amount * 10, amount - 1, 1} {
				o.refused("another sum", tell, "letter.amount", "letter.other.amount", func(f *letters.Fields) { f.Amount = n })
			}
			o.refused("a target", tell, "letter.targets", "letter.unasked", func(f *letters.Fields) { f.Targets = []string{"play.example"} })
			if sent := o.sent(tell, nil); sent.Fields == nil || sent.Fields.Amount != amount {
				t.Errorf("told %+v, want %d", sent.Fields, amount)
			}
		})
	}
}

// Every step of every pack that passes something on is tried above or below; a new one is found here.
func TestEveryOrderIsTried(t *testing.T) {
	t.Parallel()
	tried := readOrders(t).Tried
	var found []string
	for _, id := range []string{realPack, "demo", "xx"} {
		h := newOrders(t, "").h
		if id == "xx" {
			h = newDesks(t, "", "xx").h
		}
		for i := range h.pack.Protocols {
			p := &h.pack.Protocols[i]
			for j := range p.Steps {
				s := &p.Steps[j]
				if at := p.ID + "/" + s.ID; s.Kind == protocol.KindSent && h.letters.Worded(s.Letter) && h.letters.Carries(s.Letter) && !slices.Contains(found, at) {
					found = append(found, at)
				}
			}
		}
	}
	slices.Sort(found)
	slices.Sort(tried)
	if !slices.Equal(found, tried) {
		t.Errorf("letters that pass something on: %v, tried are %v", found, tried)
	}
}

// A request that leaves asks about those it was drawn up about, and for those data; so does an order to keep data, until the day
// that was ordered. The clerk says so to whoever asks it, with or without a form.
func TestRequestAsksForWhatWasDrawnUp(t *testing.T) {
	t.Parallel()
	law := readOrders(t)
	for what, urgent := range map[string]bool{"ask for it": false, "ask for it at once": true} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			o := newOrders(t, law.Request.Protocol)
			o.openMatter()
			body := `{"identifiers":[{"kind":"account","value":"loup"},{"kind":"address","value":"192.0.2.7","at":"2026-02-01T10:00:00Z"}],"reasons":"Motifs."}`
			o.does("draw up a request", map[string]act.Value{"platform": act.OfID(act.ID{9}), "identifiers": act.OfInt(2), "urgent": act.OfBool(urgent)}, body)
			ask, asked := o.to(what), law.Request.Asked
			for _, who := range []string{"everyone", "*", "loup2", "192.0.2.0/24", "192.0.2.7", "LOUP", "loup, louve"} {
				o.refused(who, ask, "letter.identifiers", "letter.other.identifiers", func(f *letters.Fields) { f.Identifiers = []string{"loup", who} })
			}
			for _, other := range law.Request.Not {
				o.refused(other, ask, "letter.data", "letter.other.data", func(f *letters.Fields) { f.Data = []string{asked, other} })
			}
			o.refused("targets", ask, "letter.targets", "letter.unasked", func(f *letters.Fields) { f.Targets = []string{"play.example"} })
			sent := o.sent(ask, func(f *letters.Fields) { f.Data = []string{asked} })
			if sent.Fields == nil || !slices.Equal(sent.Fields.Identifiers, []string{"loup", "192.0.2.7 2026-02-01T10:00:00Z"}) || !slices.Equal(sent.Fields.Data, []string{asked}) {
				t.Fatalf("asks for %+v", sent.Fields)
			}
			for l, one := range sent.Languages {
				if !strings.Contains(one.HTML, "<bdi>loup</bdi>") || !strings.Contains(one.HTML, "192.0.2.7") {
					t.Errorf("%s: the letter does not name them", l)
				}
			}
		})
	}
	t.Run("keeping data", func(t *testing.T) {
		t.Parallel()
		o := newOrders(t, law.Preservation)
		o.openMatter()
		keep := o.to("have them kept")
		day := func(n int) time.Time { return o.c.now().AddDate(0, 0, n) }
		order := func(who string, days int) {
			o.does("order to keep data", map[string]act.Value{"platform": act.OfID(act.ID{9}), "identifiers": act.OfInt(1), "expires_on": act.OfDate(day(days))}, `{"identifiers":[{"kind":"account","value":"`+who+`"}],"reasons":"Motifs."}`)
		}
		order("loup", 80)
		order("louve", 60)
		text := func(days int) string { return day(days).Format(time.DateOnly) }
		o.refused("a later end", keep, "letter.expires", "letter.other.expires", func(f *letters.Fields) { f.Expires = text(61) })
		o.refused("no end", keep, "letter.expires", "letter.other.expires", func(f *letters.Fields) { f.Expires = "2099-12-31" })
		o.refused("the other order's", keep, "letter.identifiers", "letter.other.identifiers", func(f *letters.Fields) { f.Identifiers = []string{"loup"} })
		if f := o.sent(keep, nil).Fields; f == nil || f.Expires != text(60) || !slices.Equal(f.Identifiers, []string{"louve"}) {
			t.Errorf("the newest order: %+v", f)
		}
	})
}
