package app

import (
	"maps"
	"slices"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/desk/sanction"
	"sanad/internal/kit/fault"
	"sanad/internal/law/protocol"
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

// For each gate of the last rung: with its one fact spoiled the rung is refused by that gate alone; with all mended it is decided.
func TestEachGateOfTheLadderAlone(t *testing.T) {
	t.Parallel()
	o := newDesks(t, "", "xx")
	o.beforeVeil()
	o.step("xx-tribune-1", "xx.ladder", "ponder")
	c := o.content("veil")
	o.pen(c)
	o.step("xx-tribune-1", "xx.ladder", "set_hand")
	o.step("xx-ombudsman-1", "xx.ladder", "set_hand")
	if got := o.closed(o.deciding(c)); !slices.Equal(got, []string{"L-18", "signatures"}) {
		t.Fatalf("two hands: closed by %v", got)
	}
	cmd := o.command("xx-ombudsman-1", "xx.ladder", "set_hand", nil, "")
	if got := o.closed(cmd); !slices.Equal(got, []string{"signed"}) {
		t.Fatalf("the same hand twice: closed by %v", got)
	}
	o.step("xx-arbiter-1", "xx.ladder", "set_hand")
	day := func(n int) act.Value { return act.OfDate(o.c.now().AddDate(0, 0, n)) }
	yes, no := act.OfBool(true), act.OfBool(false)
	for gate, spoiled := range map[string]map[string]act.Value{
		"L-02": {"aim": act.OfCode("image")},
		"L-03": {"reasons": no},
		"L-04": {"tried": act.OfInt(1)},
		"L-05": {"affected": act.OfInt(5001)},
		"L-06": {"decider": act.OfCode("office")},
		"L-08": {"scope": act.OfCode("everything")},
		"L-09": {"checks": act.OfCodes("purpose")},
		"L-10": {"raw_export": yes},
		"L-11": {"told_on": day(1)},
		"L-12": {"child_weighed": no},
		"L-13": {"journalism": yes},
		"L-14": {"evolution": yes},
		"L-15": {"review_on": day(400)},
		"L-17": {"remedy_stated": no},
		"L-24": {"shared_target": yes},
		"L-25": {"emergency_calls": yes},
		"L-26": {"conflict_declared": yes},
	} {
		o.do("xx-tribune-1", "xx.ladder", "ponder", altered(o.pondered(), spoiled), harmless)
		if got := o.closed(o.deciding(c)); !slices.Equal(got, []string{gate}) {
			t.Errorf("with %s spoiled the veil is closed by %v", gate, got)
		}
	}
	o.step("xx-tribune-1", "xx.ladder", "ponder")
	alone := func(gate, why string, spoil, mend func()) {
		t.Helper()
		spoil()
		if got := o.closed(o.deciding(c)); !slices.Equal(got, []string{gate}) {
			t.Errorf("%s: the veil is closed by %v, want %s", why, got, gate)
		}
		mend()
	}
	alone("L-23", "in a storm", func() { o.weather(true) }, func() { o.weather(false) })
	alone("L-21", "with three alerts", func() {
		o.do("xx-tribune-1", "xx.ladder", "know", map[string]act.Value{
			"alerts": act.OfInt(0), "alert_sources": act.OfInt(0), "alert_days": act.OfInt(0), "refused_change": yes,
		}, harmless)
	}, func() { o.step("xx-tribune-1", "xx.ladder", "know") })
	alone("L-27", "with few users", func() { o.tally(39999) }, func() { o.tally(40000) })
	o.must(o.deciding(c))
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

// What a court, a judge's finding or the ombudsman did not say closes the rungs that need it, each by its own gate.
func TestWordsOfOthersOpenTheLadder(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		gate, rung, seat, step string
		facts                  map[string]act.Value
	}{
		{"L-20", "tithe", "xx-ombudsman-1", "advise", map[string]act.Value{"rights_opinion": act.OfCode("objects")}},
		{"L-22", "purse", "xx-arbiter-1", "rule_on", map[string]act.Value{"ruling": act.OfCode("denied")}},
		{"L-28", "veil", "xx-arbiter-1", "uncover", map[string]act.Value{"active": act.OfBool(true), "proof": act.OfCode("audit")}},
		{"L-29", "tithe", "xx-tribune-1", "accuse", map[string]act.Value{
			"platform": {}, "obligation": act.OfCode("design"), "facts_from": act.OfDate(newClock().now().AddDate(0, 0, -40)), "failures": act.OfInt(1),
		}},
		{"L-01", "tithe", "xx-tribune-1", "accuse", map[string]act.Value{
			"platform": {}, "obligation": act.OfCode("design"), "facts_from": act.OfDate(time.Date(2021, 12, 31, 0, 0, 0, 0, time.UTC)), "failures": act.OfInt(2),
		}},
	} {
		t.Run(c.gate, func(t *testing.T) {
			t.Parallel()
			o := newDesks(t, "", "xx")
			o.say = map[string]map[string]act.Value{c.step: maps.Clone(c.facts)}
			if p, there := c.facts["platform"]; there && p.Type() == "" {
				o.say[c.step]["platform"] = act.OfID(o.platform)
			}
			if c.gate == "L-01" { // the step before rests on the same law and the same day
				o.step("xx-tribune-1", "xx.ladder", "accuse")
				if got := o.closed(o.routine("xx-tribune-1", "xx.ladder", "summon")); !slices.Equal(got, []string{"L-01"}) {
					t.Fatalf("facts older than the law: closed by %v", got)
				}
				return
			}
			switch c.rung {
			case "tithe":
				o.heard()
			case "purse":
				o.heard()
				o.climb("tithe")
				o.onward(50)
				o.climb("reproof")
				o.onward(42)
				o.step("xx-tribune-1", "xx.ladder", "plead")
				o.step("xx-arbiter-1", "xx.ladder", "rule_on")
			case "veil":
				o.beforeVeil()
			}
			o.step("xx-tribune-1", "xx.ladder", "ponder")
			content := o.content(c.rung)
			o.signed(content)
			if got := o.closed(o.deciding(content)); !slices.Equal(got, []string{c.gate}) {
				t.Fatalf("%s is closed by %v", c.rung, got)
			}
		})
	}
}

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
	rule("paused")
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

// What a platform is said to have known is no more than what is cited.
func TestKnowledgeIsCited(t *testing.T) {
	t.Parallel()
	o := newDesks(t, "", "xx")
	o.heard()
	apart := []act.ID{o.alertOf("newspaper", "Example Post", 60), o.alertOf("charity", "Example Aid", 30), o.alertOf("newspaper", "Example Post", 0)}
	atOnce := []act.ID{o.alertOf("newspaper", "Example Post", 0), o.alertOf("charity", "Example Aid", 0), o.alertOf("classroom", "Example School", 0)}
	one := apart[:1]
	was := o.platform
	o.platform = o.enrol(true)
	others := []act.ID{o.alertOf("newspaper", "Example Post", 60), o.alertOf("charity", "Example Aid", 0)}
	o.platform = was
	dropped := append(slices.Clone(apart), o.alertOf("charity", "Example Three", 100))
	o.drops(dropped[3])
	for _, c := range []struct {
		name                  string
		alerts, sources, days int64
		cites                 []act.ID
		wrong                 string // field and key; "" where it is taken
	}{
		{"what they show", 3, 2, 60, apart, ""},
		{"less than they show", 2, 1, 45, apart, ""},
		{"four alerts, three cited", 4, 2, 60, apart, "alerts sanction.knowledge.cites"},
		{"alerts out of nowhere", 4, 2, 60, nil, "alerts sanction.knowledge.cites"},
		{"the same alert three times", 3, 1, 0, append(slices.Repeat(one, 3), one...), "alerts sanction.knowledge.cites"},
		{"more sources than they have", 3, 3, 60, apart, "alert_sources sanction.knowledge.told"},
		{"a day more than they last", 3, 2, 61, apart, "alert_days sanction.knowledge.lasted"},
		{"three at one moment over sixty days", 3, 3, 60, atOnce, "alert_days sanction.knowledge.lasted"},
		{"three at one moment", 3, 3, 0, atOnce, ""},
		{"about another platform", 1, 1, 0, others, "alerts sanction.knowledge.cites"},
		{"one that was dropped", 4, 3, 100, dropped, "alerts sanction.knowledge.cites"},
		{"acts that are no alerts", 1, 1, 0, []act.ID{o.enrolled[o.platform]}, "alerts sanction.knowledge.cites"},
		{"more sources than alerts", 1, 2, 0, apart, "alert_sources sanction.knowledge.sources"},
		{"alerts of nobody", 2, 0, 60, apart, "alert_sources sanction.knowledge.sources"},
		{"one alert over sixty days", 1, 1, 60, apart, "alert_days sanction.knowledge.days"},
		{"fewer than none", -1, 0, 0, apart, "alerts sanction.knowledge.number"},
	} {
		cmd := o.command("xx-tribune-1", "xx.ladder", "know", map[string]act.Value{
			"alerts": act.OfInt(c.alerts), "alert_sources": act.OfInt(c.sources), "alert_days": act.OfInt(c.days), "refused_change": act.OfBool(true),
		}, harmless)
		cmd.Act.Cites = c.cites
		before := o.acts()
		_, err := o.try(cmd)
		var wrong []string
		if e := fault.Of(err); e != nil {
			for _, f := range e.Fields {
				wrong = append(wrong, f.Name+" "+f.Key)
			}
		}
		if c.wrong == "" && err != nil || c.wrong != "" && !slices.Contains(wrong, c.wrong) {
			t.Errorf("%s: %v %v, want %s", c.name, err, wrong, c.wrong)
		}
		if recorded := o.acts() > before; recorded != (c.wrong == "") {
			t.Errorf("%s: recorded: %v", c.name, recorded)
		}
	}
	// What nobody says is counted; an act that one may not read is as one that never was.
	cmd := o.command("xx-tribune-1", "xx.ladder", "know", map[string]act.Value{"refused_change": act.OfBool(true)}, harmless)
	cmd.Act.Cites = apart
	said := o.must(cmd).Acts[0].Facts
	for name, want := range map[string]int64{"alerts": 3, "alert_sources": 2, "alert_days": 60} {
		if v, _ := said.Get(name); v.Int() != want {
			t.Errorf("%s: %d, want %d", name, v.Int(), want)
		}
	}
	away := o.command("xx-tribune-1", "xx.ladder", "ponder", o.pondered(), harmless)
	away.Act.Add = []string{"reporter"}
	hidden := o.must(away).Acts[0].ID
	cites := func(id act.ID) error {
		cmd := o.command("xx-tribune-1", "xx.ladder", "know", nil, harmless)
		cmd.Act.Cites = []act.ID{id}
		_, err := o.try(cmd)
		return err
	}
	of, never := cites(hidden), cites(act.ID{7})
	if e := fault.Of(of); e == nil || e.Key != "error.cites_unknown" || of.Error() != never.Error() {
		t.Errorf("of a hidden act: %v; of one that never was: %v", of, never)
	}
}
