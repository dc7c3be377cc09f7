package app

import (
	"maps"
	"slices"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
)

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
			"platform": {}, "obligation": act.OfCode("design"), "facts_from": act.OfDate(newClock().now().AddDate(0, 0, -40)),
		}},
		{"L-01", "tithe", "xx-tribune-1", "accuse", map[string]act.Value{
			"platform": {}, "obligation": act.OfCode("design"), "facts_from": act.OfDate(time.Date(2021, 12, 31, 0, 0, 0, 0, time.UTC)),
		}},
	} {
		t.Run(c.gate, func(t *testing.T) {
			t.Parallel()
			o := newDesks(t, "", "xx")
			o.say = map[string]map[string]act.Value{c.step: maps.Clone(c.facts)}
			if p, there := c.facts["platform"]; there && p.Type() == "" {
				o.say[c.step]["platform"] = act.OfID(o.platform)
			}
			if c.gate == "L-29" {
				o.failed = o.failed[:1]
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
