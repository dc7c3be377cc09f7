package app

import (
	"slices"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/desk/sanction"
	"sanad/internal/kit/fault"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

// What is decided is what was signed, and weighs what the pack lets the rung weigh.
func TestDecidedIsWhatWasSigned(t *testing.T) {
	t.Parallel()
	o := newDesks(t, "", "xx")
	o.heard()
	o.step("xx-tribune-1", "xx.ladder", "ponder")
	wrong := func(name string, c sanction.Content, change func(*clerk.Command), field, key string) {
		t.Helper()
		o.signed(c)
		cmd := o.deciding(c)
		if change != nil {
			change(&cmd)
		}
		_, err := o.try(cmd)
		e := fault.Of(err)
		found := e != nil && e.Code == fault.Invalid && (field == "" && e.Key == key || len(e.Fields) > 0 && e.Fields[0].Name == field && e.Fields[0].Key == key)
		if !found {
			t.Errorf("%s: %v", name, err)
		}
	}
	c := o.content("tithe")
	more, less := c, c
	more.Amount, less.Amount = 7001, 0
	wrong("a coin too many", more, nil, "amount", "sanction.amount")
	wrong("no sum", less, nil, "amount", "sanction.amount")
	wrong("another sum in clear", c, func(cmd *clerk.Command) {
		cmd.Act.Facts = act.NewFacts(map[string]act.Value{"rung": act.OfCode("tithe"), "amount": act.OfInt(90000)})
	}, "amount", "sanction.content.amount")
	wrong("another rung in clear", c, func(cmd *clerk.Command) {
		cmd.Act.Facts = act.NewFacts(map[string]act.Value{"rung": act.OfCode("reproof"), "amount": act.OfInt(7000)})
	}, "rung", "sanction.rung")
	aimed := c
	aimed.Targets = []sanction.Target{{Kind: sanction.Host, Value: "play.example"}}
	wrong("a fine that aims at a host", aimed, nil, "targets", "sanction.targets.none")
	wrong("other words than were signed", c, func(cmd *clerk.Command) {
		other := c
		other.Reasons = "for another reason"
		cmd.Act.Body = []byte(jsonOf(t, other))
	}, "", "sanction.unsigned")
	wrong("another draft with a salt of its own", c, func(cmd *clerk.Command) {
		other := c
		other.Reasons = "for another reason"
		cmd.Act.Body = []byte(jsonOf(t, clerk.Draft{Salt: make([]byte, 32), Content: []byte(jsonOf(t, other))}))
	}, "", "sanction.unsigned")
	o.must(o.deciding(c)) // the last draft signed
	// One draft opens one rung, once.
	o.onward(50)
	again := o.deciding(o.content("reproof"))
	if got := o.closed(again); !slices.Contains(got, "signatures") {
		t.Fatalf("the signatures of one rung served another: closed by %v", got)
	}
}

// The picture and the list of measures follow the log: appealed, stayed, paid, lifted, expired.
func TestWhereAMeasureStands(t *testing.T) {
	t.Parallel()
	o := newDesks(t, "", "xx")
	o.heard()
	states := func() map[string]string {
		out := map[string]string{}
		for _, r := range o.measures("xx-tribune-1") {
			out[r.Rung] = r.Standing(o.c.now().Format(time.DateOnly))
		}
		return out
	}
	picture := func() map[string]string {
		out := map[string]string{}
		for _, r := range o.ladder.Ladder(o.view("xx-tribune-1")) {
			out[r.Word] = r.State
		}
		return out
	}
	if got := picture(); got["tithe"] != sanction.RungBlocked || got["veil"] != sanction.RungLater || len(got) != 5 {
		t.Fatalf("%v", got)
	}
	o.step("xx-tribune-1", "xx.ladder", "ponder")
	o.signed(o.content("tithe"))
	if got := picture()["tithe"]; got != sanction.RungNext {
		t.Fatal(got)
	}
	o.must(o.deciding(o.content("tithe")))
	if got := states()["tithe"]; got != sanction.StateStanding {
		t.Fatal(got)
	}
	o.step("xx-scribe-1", "xx.ladder", "lodge")
	if got := states()["tithe"]; got != sanction.StateAppealed {
		t.Fatal(got)
	}
	rule := func(word string) {
		t.Helper()
		o.do("xx-arbiter-1", "xx.ladder", "judge_lodged", map[string]act.Value{"appeal": act.OfCode(word)}, harmless)
	}
	o.step("xx-arbiter-1", "xx.ladder", "stand_still")
	if got := states()["tithe"]; got != sanction.StateStayed {
		t.Fatal(got)
	}
	rule("confirmed")
	for _, sum := range []int64{0, 6999, 7001, -7000} {
		_, err := o.try(o.command("xx-steward-1", "xx.ladder", "collect", map[string]act.Value{"paid": act.OfInt(sum)}, harmless))
		if fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%d coins were taken for the tithe: %v", sum, err)
		}
	}
	o.do("xx-steward-1", "xx.ladder", "collect", map[string]act.Value{"paid": act.OfInt(7000)}, harmless)
	if got := states()["tithe"]; got != sanction.StatePaid {
		t.Fatal(got)
	}
	rows := o.measures("xx-tribune-1")
	if len(rows) != 1 || rows[0].Platform != o.platform || rows[0].Paid != 7000 || rows[0].Amount != 7000 {
		t.Fatalf("%+v", rows)
	}
	if len(o.measures("xx-herald-1")) != 0 {
		t.Fatal("who may not read the case sees its measures")
	}
	o.h.checkpoint(t)
	if r := o.h.verify(t); len(r.Problems) > 0 {
		t.Fatalf("%+v", r.Problems)
	}
}

// Each measure of several is followed up by name: one can't be taken for another.
func TestWhichMeasure(t *testing.T) {
	t.Parallel()
	o := newDesks(t, "", "xx")
	o.beforeVeil()
	veil := o.climb("veil")
	cites := func(step, seat string, facts map[string]act.Value, ids ...act.ID) error {
		t.Helper()
		cmd := o.command(seat, "xx.ladder", step, facts, harmless)
		cmd.Act.Cites = ids
		_, err := o.try(cmd)
		return err
	}
	appeal := map[string]act.Value{"stay_asked": act.OfBool(true)}
	for name, err := range map[string]error{
		"an appeal against one of five, unsaid": cites("lodge", "xx-scribe-1", appeal),
		"an appeal against two at once":         cites("lodge", "xx-scribe-1", appeal, veil, o.rungs()["tithe"]),
		"the execution of a fine":               cites("carry_out", "xx-steward-1", map[string]act.Value{"executed": act.OfBool(true)}, o.rungs()["tithe"]),
		"the purse's lifting citing the veil":   cites("unpurse", "xx-tribune-1", nil, veil),
		"the tithe's lifting citing the great":  cites("remit", "xx-tribune-1", nil, o.rungs()["great_tithe"]),
	} {
		if fault.CodeOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	err := cites("carry_out", "xx-steward-1", map[string]act.Value{"executed": act.OfBool(true)}, veil)
	if err != nil {
		t.Fatal(err)
	}
	err = cites("lodge", "xx-scribe-1", appeal, veil)
	if err != nil {
		t.Fatal(err)
	}
	err = cites("judge_lodged", "xx-arbiter-1", map[string]act.Value{"appeal": act.OfCode("quashed")}, veil)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []string{"unpurse", "remit", "great_remit"} { // each step says which measure it lifts
		o.step("xx-tribune-1", "xx.ladder", step)
	}
	today := o.c.now().Format(time.DateOnly)
	want := map[string]string{"tithe": sanction.StateLifted, "reproof": sanction.StateExpired, "purse": sanction.StateLifted, "great_tithe": sanction.StateLifted, "veil": sanction.StateAnnulled}
	for _, r := range o.measures("xx-tribune-1") {
		if got := r.Standing(today); got != want[r.Rung] {
			t.Errorf("%s: %s, want %s", r.Rung, got, want[r.Rung])
		}
		delete(want, r.Rung)
	}
	if len(want) > 0 {
		t.Errorf("not listed: %v", want)
	}
	var rung *sanction.Rung
	all := o.ladder.Ladder(o.view("xx-tribune-1"))
	for i := range all {
		if all[i].State != sanction.RungDone {
			t.Errorf("%+v", all[i])
		}
		if all[i].Kind == protocol.HostBlock {
			rung = &all[i]
		}
	}
	if rung == nil || rung.Act != veil {
		t.Fatalf("%+v", all)
	}
}
