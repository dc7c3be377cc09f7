package app

import (
	"time"

	"sanad/internal/act"
	"sanad/internal/desk/sanction"
	"sanad/internal/office/clerk"
)

// content is what is drafted of a rung when nothing is wrong with it.
func (o *desks) content(rung string) sanction.Content {
	c := sanction.Content{Rung: rung, Reasons: "it let strangers write to children"}
	day := func(n int) string { return o.c.now().AddDate(0, 0, n).Format(time.DateOnly) }
	switch rung {
	case "tithe":
		c.Amount = 7000
	case "great_tithe":
		c.Amount = 90000
	case "reproof":
		c.Expires = day(150)
	case "purse":
		c.Expires, c.Targets = day(70), []sanction.Target{{Kind: sanction.Payee, Value: "MERCHANT-0042"}}
	case "veil":
		c.Expires, c.Targets = day(9), []sanction.Target{{Kind: sanction.Host, Value: "play.example"}, {Kind: sanction.Host, Value: "www.play.example"}}
	}
	return c
}

// inClear is what a decision says in clear of a content.
func inClear(c sanction.Content) map[string]act.Value {
	facts := map[string]act.Value{"rung": act.OfCode(c.Rung)}
	if c.Amount != 0 {
		facts["amount"] = act.OfInt(c.Amount)
	}
	if c.Expires != "" {
		day, _ := time.Parse(time.DateOnly, c.Expires)
		facts["expires_on"] = act.OfDate(day)
	}
	return facts
}

// pen drafts a content; it then lies there to be signed.
func (o *desks) pen(c sanction.Content) {
	o.t.Helper()
	cmd := o.command("xx-tribune-1", "xx.ladder", "pen", nil, jsonOf(o.t, c))
	done := o.must(cmd)
	opened, err := o.h.clerk.Open(o.t.Context(), o.seat("xx-tribune-1"), done.Acts[0].ID)
	if err != nil {
		o.t.Fatal(err)
	}
	o.drafted = opened.Body
}

// signed drafts a content and has three persons sign it.
func (o *desks) signed(c sanction.Content) {
	o.t.Helper()
	o.pen(c)
	for _, seat := range []string{"xx-tribune-1", "xx-ombudsman-1", "xx-arbiter-1"} {
		o.step(seat, "xx.ladder", "set_hand")
	}
}

// deciding is the command that decides what was drafted.
func (o *desks) deciding(c sanction.Content) clerk.Command {
	o.t.Helper()
	return o.command("xx-tribune-1", "xx.ladder", c.Rung, inClear(c), string(o.drafted))
}

// climb ponders a rung, has it signed, decides it and tells whoever bears it.
func (o *desks) climb(rung string) act.ID {
	o.t.Helper()
	o.step("xx-tribune-1", "xx.ladder", "ponder")
	c := o.content(rung)
	o.signed(c)
	id := o.must(o.deciding(c)).Acts[0].ID
	o.rungs()[rung] = id
	o.step("xx-tribune-1", "xx.ladder", "serve_"+rung)
	return id
}

func (o *desks) rungs() map[string]act.ID {
	if o.decided == nil {
		o.decided = map[string]act.ID{}
	}
	return o.decided
}

// heard plays the ladder up to where the first rung may be pondered.
func (o *desks) heard() {
	o.t.Helper()
	o.step("xx-tribune-1", "xx.ladder", "accuse")
	o.step("xx-tribune-1", "xx.ladder", "summon")
	o.c.move(24 * time.Hour)
	o.step("xx-ombudsman-1", "xx.ladder", "listen")
	o.step("xx-tribune-1", "xx.ladder", "consult")
	o.step("xx-ombudsman-1", "xx.ladder", "advise")
	o.step("xx-tribune-1", "xx.ladder", "know")
}

// onward lets time run until a clock has lapsed.
func (o *desks) onward(days int) {
	o.t.Helper()
	o.c.move(time.Duration(days) * 24 * time.Hour)
	o.tick()
}

// beforeVeil plays everything that comes before the last rung.
func (o *desks) beforeVeil() {
	o.t.Helper()
	o.heard()
	o.climb("tithe")
	o.onward(50)
	o.climb("reproof")
	o.onward(42)
	o.step("xx-tribune-1", "xx.ladder", "plead")
	o.step("xx-arbiter-1", "xx.ladder", "rule_on")
	o.climb("purse")
	o.onward(55)
	o.climb("great_tithe")
	o.onward(70)
	o.step("xx-arbiter-1", "xx.ladder", "uncover")
}

func (o *desks) tally(users int64) {
	o.t.Helper()
	file, runs := o.file, o.runs
	o.file, o.runs = o.platform, map[string]act.ID{}
	for _, a := range o.view("xx-registrar-1").Acts {
		if a.Procedure != nil {
			o.runs["xx.platform"] = a.Procedure.ID
		}
	}
	o.do("xx-registrar-1", "xx.platform", "tally", map[string]act.Value{
		"users": act.OfInt(users), "metric": act.OfCode("weekly_visits"), "measured_on": act.OfDate(o.c.now()),
	}, `{"method":"a count of visits","source":"the platform's own pages"}`)
	o.file, o.runs = file, runs
}
