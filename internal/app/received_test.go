package app

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/desk/sanction"
	"sanad/internal/kit/lang"
	"sanad/internal/office/clerk"
	"sanad/internal/office/letters"
)

// receipt is the command that records how a letter was received, and says whatever else somebody likes.
func (o *orders) receipt(word string, more map[string]act.Value) clerk.Command {
	o.t.Helper()
	facts := map[string]act.Value{"receipt": act.OfCode(word)}
	for name, v := range more {
		facts[name] = v
	}
	return o.turn(o.to("hear that the letter came").Step, facts, "Accusé de réception.")
}

// paper is something that is recorded in the same file now: what came by then can be shown by it.
func (o *orders) paper(t *testing.T) act.ID {
	t.Helper()
	was, beside := o.protocol, readEntries(t).Beside
	o.protocol = beside.Protocol
	defer func() { o.protocol = was }()
	return o.must(o.turn(beside.Starts, nil, "Ordre du jour.")).Acts[0].ID
}

// What a letter gives time for runs from its receipt, as the letter says: from the day that a paper shows, which is not before the
// letter; not from any day that somebody types; and where nobody acknowledges it, not before the time for that is over.
func TestTimeRunsFromReceipt(t *testing.T) {
	t.Parallel()
	all := readOrders(t)
	for _, c := range slices.Concat(all.Told, all.Fines) {
		t.Run(c.Protocol, func(t *testing.T) {
			t.Parallel()
			o := newOrders(t, c.Protocol)
			content := sanction.Content{Rung: c.Rung, Reasons: "Motifs."}
			if p := o.h.pack.Parameter("rung-" + c.Rung + "-amount"); p != nil {
				content.Amount = p.Value.Int()
			}
			o.decide(c.Rung, false, content)
			done := o.must(o.letter(o.to("tell the party"), nil))
			sent := done.Acts[0]
			if len(sent.Deadlines) != 1 {
				t.Errorf("sending starts %+v", sent.Deadlines)
			}
			taken, presumed := o.h.pack.Words("receipts")[0], o.h.pack.Words("receipts_presumed")[0]
			o.letterPromises(sent.ID)
			o.c.move(5 * 24 * time.Hour)
			paper := o.paper(t)
			if _, err := o.try(o.receipt(presumed, nil)); !slices.Equal(blockedBy(t, err), []string{"law.block.presumed_until"}) {
				t.Errorf("presumed after five days: %v", err)
			}
			early := dated(o.receipt(taken, nil), sent.Effective.Add(-time.Minute), paper)
			if _, err := o.try(early); !slices.Equal(blockedBy(t, err), []string{"law.block.earlier"}) {
				t.Errorf("received before it was sent: %v", err)
			}
			on := sent.Effective.Add(3 * 24 * time.Hour)
			typed := map[string]act.Value{"notified": act.OfCode(c.Rung), "notified_on": act.OfDate(o.c.now().AddDate(-2, 0, 0)), "noticed_on": act.OfDate(o.c.now().AddDate(-2, 0, 0))}
			got := o.must(dated(o.receipt(taken, typed), on, paper))
			saysOf(t, got, "notified", c.Rung)
			saysOf(t, got, "notified_on", on.Time().In(o.h.pack.Calendar.Location()).Format(time.DateOnly))
			if v, said := got.Acts[0].Facts.Get("noticed_on"); said && v.String() != on.Time().Format(time.DateOnly) {
				t.Errorf("a notice of %s", v)
			}
			if len(got.Acts[0].Deadlines) == 0 {
				t.Error("the receipt starts no clock")
			}
			for _, d := range got.Acts[0].Deadlines {
				if d.Start != on {
					t.Errorf("%s starts at %s, want %s", d.Rule, d.Start, on)
				}
			}
		})
	}
}

// letterPromises looks at a letter that was sent: it tells its times as if it came on that day, in each language.
func (o *orders) letterPromises(id act.ID) {
	o.t.Helper()
	opened, err := o.h.clerk.Open(o.t.Context(), o.seat(o.by(o.to("tell the party").Role)), id)
	if err != nil {
		o.t.Fatal(err)
	}
	html := letters.View(opened.Body).Languages[lang.French].HTML
	asked, _, _ := strings.Cut(html[strings.Index(html, "Ce qui vous est demandé"):], "</section>")
	if n := strings.Count(html, "Le délai part du jour où vous recevez ce courrier"); n != 2 || !strings.Contains(asked, "Le délai part du jour") {
		o.t.Errorf("the letter says %d times that time runs from its receipt\n%s", n, asked)
	}
	if strings.Contains(html, "Réception du courrier") {
		o.t.Errorf("the letter tells how long its receipt is waited for\n%s", html)
	}
}

// Where nobody acknowledges a letter, its receipt is presumed once that is recorded to be over, and then its time runs from there.
func TestReceiptIsPresumedInTheEnd(t *testing.T) {
	t.Parallel()
	c := readOrders(t).Fines[0]
	o := newOrders(t, c.Protocol)
	o.decide(c.Rung, false, sanction.Content{Rung: c.Rung, Reasons: "Motifs.", Amount: o.h.pack.Parameter("rung-" + c.Rung + "-amount").Value.Int()})
	sent := o.must(o.letter(o.to("tell the party"), nil)).Acts[0]
	o.onward(30)
	now := act.InstantOf(o.c.now())
	if sent.Deadlines[0].Due >= now {
		t.Fatalf("after thirty days it is not over: %s", sent.Deadlines[0].Due)
	}
	got := o.must(o.receipt(o.h.pack.Words("receipts_presumed")[0], nil)).Acts[0]
	for _, d := range got.Deadlines {
		if d.Start < sent.Deadlines[0].Due {
			t.Errorf("%s starts at %s, before the time to acknowledge the letter was over", d.Rule, d.Start)
		}
	}
}
