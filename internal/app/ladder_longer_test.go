package app

import (
	"slices"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/desk/sanction"
	"sanad/internal/kit/fault"
	"sanad/internal/office/clerk"
)

// longer drafts that the purse stays shut, has three persons sign it, and returns the command that decides it.
func (o *desks) longer(c sanction.Content) clerk.Command {
	o.t.Helper()
	done := o.must(o.command("xx-tribune-1", "xx.ladder", "pen_again", nil, jsonOf(o.t, c)))
	opened, err := o.h.clerk.Open(o.t.Context(), o.seat("xx-tribune-1"), done.Acts[0].ID)
	if err != nil {
		o.t.Fatal(err)
	}
	for _, seat := range []string{"xx-tribune-1", "xx-ombudsman-1", "xx-arbiter-1"} {
		o.step(seat, "xx.ladder", "hand_again")
	}
	return o.command("xx-tribune-1", "xx.ladder", "keep_shut", inClear(c), string(opened.Body))
}

// Under a law of other words, too, a measure is renewed once, by a court, heard and signed anew: to a later day, of what was decided,
// and for no longer than a first decision may last. It stays one measure, whose lifting the party has word of.
func TestPurseIsKeptShut(t *testing.T) {
	t.Parallel()
	o := newDesks(t, "", "xx")
	o.heard()
	o.climb("tithe")
	o.onward(50)
	o.step("xx-scribe-1", "xx.ladder", "lodge")
	o.step("xx-arbiter-1", "xx.ladder", "stand_still") // the tithe was not paid: nobody has time left that could stand still
	o.step("xx-tribune-1", "xx.ladder", "ponder")
	o.signed(o.content("reproof"))
	if got := o.closed(o.deciding(o.content("reproof"))); !slices.Equal(got, []string{"L-34"}) {
		t.Fatalf("while the tithe is paused the reproof is closed by %v", got)
	}
	o.do("xx-arbiter-1", "xx.ladder", "judge_lodged", map[string]act.Value{"appeal": act.OfCode("confirmed")}, harmless)
	o.must(o.deciding(o.content("reproof")))
	o.step("xx-tribune-1", "xx.ladder", "serve_reproof")
	o.onward(42)
	o.step("xx-tribune-1", "xx.ladder", "plead")
	o.step("xx-arbiter-1", "xx.ladder", "rule_on")
	purse := o.climb("purse")
	first := o.content("purse")
	ends := o.c.now().AddDate(0, 0, 70)
	publishing := func(step string) *telling {
		return &telling{o: o, state: "stands", on: o.c.now(), cmd: func(facts map[string]act.Value, body string) clerk.Command {
			return o.command("xx-scribe-1", "xx.ladder", step, facts, body)
		}}
	}
	entry := publishing("proclaim").entered("")
	o.onward(30)
	o.step("xx-tribune-1", "xx.ladder", "summon_again")
	o.step("xx-ombudsman-1", "xx.ladder", "listen_again")
	o.step("xx-tribune-1", "xx.ladder", "ponder_again")
	more := first
	more.Expires = ends.AddDate(0, 0, 74).Format(time.DateOnly)
	o.must(o.command("xx-tribune-1", "xx.ladder", "pen_again", nil, jsonOf(t, more)))
	o.step("xx-tribune-1", "xx.ladder", "plead_again")
	if got := o.closed(o.longer(more)); !slices.Equal(got, []string{"order"}) {
		t.Fatalf("before the court ruled anew it is closed by %v", got)
	}
	o.step("xx-arbiter-1", "xx.ladder", "rule_again")
	for name, x := range map[string]struct {
		change     func(*sanction.Content)
		field, key string
	}{
		"no longer":    {func(c *sanction.Content) { c.Expires = first.Expires }, "expires_on", "sanction.renewal.later"},
		"for too long": {func(c *sanction.Content) { c.Expires = ends.AddDate(0, 0, 76).Format(time.DateOnly) }, "expires_on", "sanction.expires.long"},
		"of somebody else": {func(c *sanction.Content) {
			c.Targets = []sanction.Target{{Kind: sanction.Payee, Value: "MERCHANT-0043"}}
		}, "targets", "sanction.renewal.targets"},
		"another rung": {func(c *sanction.Content) { c.Rung = "veil" }, "rung", "sanction.rung"},
	} {
		c := more
		x.change(&c)
		_, err := o.try(o.longer(c))
		e := fault.Of(err)
		if e == nil || !slices.ContainsFunc(e.Fields, func(f fault.Field) bool { return f.Name == x.field && f.Key == x.key }) {
			t.Errorf("%s: %v", name, err)
		}
	}
	o.must(o.longer(more))
	rows := o.measures("xx-tribune-1")
	i := slices.IndexFunc(rows, func(r sanction.Row) bool { return r.Rung == "purse" })
	if len(rows) != 3 || rows[i].Act != purse || rows[i].Expires != more.Expires {
		t.Fatalf("%+v", rows)
	}
	if got := o.closed(o.command("xx-tribune-1", "xx.ladder", "keep_shut", inClear(more), harmless)); !slices.Contains(got, "done") {
		t.Errorf("a second time it is closed by %v", got)
	}
	o.do("xx-steward-1", "xx.ladder", "collect", map[string]act.Value{"paid": act.OfInt(7000)}, harmless)
	conclude := func(why string) {
		t.Helper()
		if got := o.closed(o.routine("xx-tribune-1", "xx.ladder", "conclude_purse")); !slices.Equal(got, []string{"L-35"}) {
			t.Errorf("%s it is closed by %v", why, got)
		}
	}
	o.step("xx-tribune-1", "xx.ladder", "unpurse")
	conclude("before the public knows that it lasts longer, and the party that it is lifted,")
	o.step("xx-tribune-1", "xx.ladder", "serve_longer")
	p := publishing("proclaim_longer")
	p.state = "lifted" // what the run carries by now
	p.refused("a renewal entered for itself", "fact.amends", "register.amends.missing", "", nil)
	p.newest = entry
	p.lies("veil", 0, o.c.now())
	o.says(p.entered(""), "purse", 0)
	conclude("before the party has word that it is lifted")
	o.step("xx-scribe-1", "xx.ladder", "word_purse")
	o.step("xx-tribune-1", "xx.ladder", "conclude_purse")
}
