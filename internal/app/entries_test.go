package app

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/desk/sanction"
	"sanad/internal/kit/fault"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

// Whoever publishes a decision, alone and with one signature, makes of it no other measure, sum or day, and of one decision no two
// entries: what the public reads is what was decided and what became of it.
func TestEntryIsWhatWasDecided(t *testing.T) {
	t.Parallel()
	plays := readEntries(t)
	for i, row := range plays.Entries {
		other := plays.Entries[(i+1)%len(plays.Entries)].Rung
		if other == row.Rung {
			other = plays.Entries[0].Rung
		}
		t.Run(row.Protocol, func(t *testing.T) {
			t.Parallel()
			o := newOrders(t, row.Protocol)
			o.noted(row)
			alien := o.publishing(plays.Publishes, plays.States[0]).entered("")
			o.file, o.runs = act.ID{}, map[string]act.ID{}
			amount := o.noted(row)
			on, beside := o.c.now(), o.besides(plays)
			p := o.publishing(plays.Publishes, plays.States[0])
			p.lies(other, amount, on)
			p.another(map[string]act.ID{"another file's": alien, "another run's": beside, "no entry": decisionOf(o)})
			first := p.entered("")
			o.says(first, row.Rung, amount)
			p.newest = act.ID{}
			p.refused("twice for the first time", "fact.amends", "register.amends.missing", "", nil)

			if row.Renewal != "" {
				o.c.move(25 * time.Hour)
				o.renew(o.contentOf(row))
				o.must(o.turn("notify_"+row.Renewal, nil, ""))
				o.does("hear that it came again", nil, "Accusé de réception.")
				p = o.publishing(plays.Publishes+"_"+row.Renewal, plays.States[0])
				p.refused("a renewal entered for itself", "fact.amends", "register.amends.missing", "", nil)
				p.newest = first
				p.lies(other, 0, on)
				p.another(map[string]act.ID{"another file's": alien, "another run's": beside})
				first = p.entered("")
				o.says(first, row.Rung, 0)
			}

			o.c.move(25 * time.Hour)
			o.must(o.turn("appeal", map[string]act.Value{"stay_asked": act.OfBool(true)}, "Recours."))
			p = o.publishing(plays.Publishes, plays.States[1])
			p.newest = first
			p.lies(other, amount, on)
			p.another(map[string]act.ID{"another file's": alien, "another run's": beside, "no entry": decisionOf(o)})
			second := p.entered("")
			p.another(map[string]act.ID{"an older one": first})

			// A court may leave less of it, and never more: the ruling says to what, and nobody else.
			left := o.lowered(plays, amount)
			p = o.publishing(plays.Publishes, plays.States[2])
			p.newest = second
			p.lies(other, left, on)
			if amount > 0 {
				p.refused("what was decided", "body.amount", "register.amount.other", `,"amount":`+jsonOf(t, amount), nil)
			}
			third := p.entered("")
			o.says(third, row.Rung, left)

			o.must(o.turn(plays.Lifts, nil, "Levée."))
			_, err := o.try(o.publishing(plays.PublishesLift, plays.States[3]).told("", nil))
			if got := blockedBy(t, err); !slices.Equal(got, []string{"law.block.order"}) {
				t.Errorf("the public is told of the lifting before the platform: %v", got)
			}
			o.must(o.turn(plays.TellsLift, nil, ""))
			p = o.publishing(plays.PublishesLift, plays.States[3])
			p.newest = third
			p.refused("another measure", "body.measure", "register.measure.other", `,"measure":"`+other+`"`, nil)
			p.refused("another sum", "body.amount", "register.amount.other", `,"amount":`+jsonOf(t, left+1), nil)
			p.refused("another day", "fact.decided_on", "register.date.other", "", map[string]act.Value{"decided_on": act.OfDate(on.AddDate(0, 0, -1))})
			p.another(map[string]act.ID{"another file's": alien, "another run's": beside, "the first": first, "an older one": second})
			o.says(p.entered(""), row.Rung, left)
		})
	}
}

// The same under a law of other words, whose one procedure decides several measures.
func TestEntryIsWhatWasDecidedElsewhere(t *testing.T) {
	t.Parallel()
	o := newDesks(t, "", "xx")
	publishing := func(state string) *telling {
		return &telling{o: o, state: state, on: o.c.now(), cmd: func(facts map[string]act.Value, body string) clerk.Command {
			return o.command("xx-scribe-1", "xx.ladder", "proclaim", facts, body)
		}}
	}
	o.heard()
	o.climb("tithe")
	alien := publishing("stands").entered("")
	o.openCase("contact")
	o.heard()
	o.climb("tithe")
	amount, on := o.content("tithe").Amount, o.c.now()
	p := publishing("stands")
	p.lies("reproof", amount, on)
	p.another(map[string]act.ID{"another file's": alien, "no entry": o.rungs()["tithe"]})
	first := p.entered("")
	o.says(first, "tithe", amount)
	p.newest = act.ID{}
	p.refused("twice for the first time", "fact.amends", "register.amends.missing", "", nil)
	o.c.move(25 * time.Hour)
	o.step("xx-scribe-1", "xx.ladder", "lodge")
	p = publishing("contested")
	p.newest = first
	p.lies("reproof", amount, on)
	second := p.entered("")
	p.another(map[string]act.ID{"another file's": alien, "an older one": first})
	// Each ruling says what it makes of the decision: lowered, lowered further, and as it was.
	for _, c := range []struct {
		ruling string
		left   int64
		sum    int64
	}{{"lessened", amount / 2, amount / 2}, {"lessened", amount / 4, amount / 4}, {"confirmed", 0, amount}, {"quashed", 0, amount}} {
		facts := map[string]act.Value{"appeal": act.OfCode(c.ruling)}
		if c.left > 0 {
			facts["amount_left"] = act.OfInt(c.left)
		}
		o.do("xx-arbiter-1", "xx.ladder", "judge_lodged", facts, harmless)
		state := "stands"
		if c.ruling == "quashed" {
			state = c.ruling
		}
		p = publishing(state)
		p.newest = second
		p.refused("half of it", "body.amount", "register.amount.other", `,"amount":`+jsonOf(t, c.sum/2), nil)
		second = p.entered("")
		o.says(second, "tithe", c.sum)
	}
	// The court takes it back. The next measure of the same procedure is told where the one before it was, and how that one stands says
	// nothing of it.
	back := o.command("xx-arbiter-1", "xx.ladder", "judge_lodged", map[string]act.Value{"appeal": act.OfCode("confirmed")}, harmless)
	back.Act.Cites = []act.ID{o.rungs()["tithe"]}
	o.must(back)
	o.onward(50)
	o.climb("reproof")
	third := p.newest
	p = publishing("stands")
	p.newest = third
	p.lies("tithe", 0, o.c.now())
	o.says(p.entered(""), "reproof", 0)
}

// Every step of every pack that publishes what its procedure decided is tried above; a new one is found here.
func TestEveryEntryIsTried(t *testing.T) {
	t.Parallel()
	var found []string
	for _, law := range lawsOf(t, realPack, "demo", "xx") {
		for _, p := range law.Protocols {
			if !slices.ContainsFunc(p.Steps, func(s protocol.Step) bool { return s.Kind == sanction.KindDecided }) {
				continue
			}
			for _, s := range p.Steps {
				if at := p.ID + "/" + s.ID; s.Kind == protocol.KindPublished && !slices.Contains(found, at) {
					found = append(found, at)
				}
			}
		}
	}
	slices.Sort(found)
	if tried := readEntries(t).Tried; !slices.Equal(found, tried) {
		t.Errorf("steps that publish a decision: %v, tried are %v", found, tried)
	}
}

// No day that whoever publishes writes opens the next measure before its time: that is counted from the decision.
func TestNextMeasureWaitsForItsTime(t *testing.T) {
	t.Parallel()
	plays := readEntries(t)
	next := &plays.Next
	folder := openGates(t)
	name := filepath.Join(folder, "..", "open", "protocols", next.File)
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	open := []byte("gates: [" + strings.Join(next.Gates, ", ") + "]")
	err = os.WriteFile(name, bytes.Replace(b, open, []byte("gates: ["+strings.Join(append(next.Gates, next.Gate), ", ")+"]"), 1), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	c := newClock()
	h := built(t, plan{
		folder: t.TempDir(), pack: folder, serve: true, legal: c.now, process: c.now, dice: newSeeded("next"), log: testLog(t), origin: demoOrigin,
	})
	o := &orders{desks: &desks{t: t, h: h, c: c, runs: map[string]act.ID{}}, plays: readOrders(t), protocol: next.After}
	row := plays.Entries[slices.IndexFunc(plays.Entries, func(e entryPlay) bool { return e.Protocol == next.After })]
	o.noted(row)
	o.must(o.turn(next.Finds.Step, sayings(t, next.Finds.Says), "Constat."))
	p := o.publishing(plays.Publishes, plays.States[0])
	p.refused("long ago", "fact.decided_on", "register.date.other", "", map[string]act.Value{"decided_on": act.OfDate(p.on.AddDate(0, 0, -400))})
	p.entered("")
	o.protocol = next.Protocol
	_, err = o.try(o.turn(next.Starts, nil, ""))
	if got := blockedBy(t, err); len(got) == 0 {
		t.Errorf("begun on the day of the one before: %v", err)
	}
	o.onward(next.Days)
	o.must(o.turn(next.Starts, nil, ""))
}

// Where nobody appealed no court ruled: whoever writes that down makes nothing less of the sum.
func TestSumStandsUnappealed(t *testing.T) {
	t.Parallel()
	plays := readEntries(t)
	row := plays.Entries[slices.IndexFunc(plays.Entries, func(e entryPlay) bool { return e.Protocol == plays.Next.After })]
	o := newOrders(t, row.Protocol)
	amount := o.noted(row)
	on := o.c.now()
	first := o.publishing(plays.Publishes, plays.States[0]).entered("")
	o.onward(plays.Unappealed.Days)
	o.must(o.turn(plays.Unappealed.Step, map[string]act.Value{"appeal": act.OfCode(plays.Unappealed.Word)}, "Constat."))
	p := o.publishing(plays.Publishes, plays.States[0])
	p.newest = first
	p.lies(plays.Entries[0].Rung, amount, on)
	o.says(p.entered(""), row.Rung, amount)
}

// A measure is decided on the day on which it is: no other can be written into it.
func TestMeasureIsOfItsDay(t *testing.T) {
	t.Parallel()
	o := newDesks(t, "", "xx")
	o.heard()
	o.step("xx-tribune-1", "xx.ladder", "ponder")
	content := o.content("tithe")
	o.signed(content)
	cmd := o.deciding(content)
	for _, c := range []struct {
		fact string
		days int
	}{{"imposed_on", -1}, {"imposed_on", -400}, {"imposed_on", 1}, {"noticed_on", 0}, {"noticed_on", -400}} {
		said := cmd
		said.Act.Facts = act.NewFacts(altered(inClear(content), map[string]act.Value{c.fact: act.OfDate(o.c.now().AddDate(0, 0, c.days))}))
		_, err := o.try(said)
		e := fault.Of(err)
		if e == nil || !slices.ContainsFunc(e.Fields, func(f fault.Field) bool { return strings.HasSuffix(f.Name, c.fact) && f.Key == "sanction.day" }) {
			t.Errorf("%s, %d days on: %v", c.fact, c.days, err)
		}
	}
	done := o.must(cmd)
	day, _ := done.Acts[0].Facts.Get("imposed_on")
	if got, _ := day.Date(); got.Format(time.DateOnly) != o.c.now().Format(time.DateOnly) {
		t.Errorf("imposed on %v, decided at %v", got, o.c.now())
	}
}
