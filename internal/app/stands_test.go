package app

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/office/clerk"
)

// standPlays is testdata/stands.yaml.
type standPlays struct {
	Climb      []entryPlay `yaml:"climb"`
	Nothing    string      `yaml:"nothing"`
	Lifts      string      `yaml:"lifts"`
	Free       []string    `yaml:"free"`
	Fine       entryPlay   `yaml:"fine"`
	NoFine     entryPlay   `yaml:"no_fine"`
	Unappealed struct {
		Step string `yaml:"step"`
		Word string `yaml:"word"`
		Days int    `yaml:"days"`
	} `yaml:"unappealed"`
	Ruled struct {
		Step   string   `yaml:"step"`
		Final  []string `yaml:"final"`
		Open   []string `yaml:"open"`
		Stays  []string `yaml:"stays"`  // which a step of itself says, and no ruling
		Lowers string   `yaml:"lowers"` // the ruling that names a sum
	} `yaml:"ruled"`
	Court  string `yaml:"court"` // the role that may record an appeal itself
	Annuls struct {
		Step string `yaml:"step"`
		Word string `yaml:"word"`
	} `yaml:"annuls"`
}

// saying is a command that says something besides.
func saying(cmd clerk.Command, name string, v act.Value) clerk.Command {
	facts := map[string]act.Value{name: v}
	for _, f := range cmd.Act.Facts {
		facts[f.Name] = f.Value
	}
	cmd.Act.Facts = act.NewFacts(facts)
	return cmd
}

// refusedFor wants to hear beside one fact what is wrong, in words, and nothing recorded.
func (o *desks) refusedFor(why string, cmd clerk.Command, fact string, keys ...string) {
	o.t.Helper()
	before := o.acts()
	_, err := o.try(cmd)
	e := fault.Of(err)
	found := e != nil && e.Code == fault.Invalid && slices.ContainsFunc(e.Fields, func(f fault.Field) bool {
		return strings.TrimPrefix(f.Name, "fact.") == fact && slices.Contains(keys, f.Key)
	})
	if !found {
		o.t.Errorf("%s/%s: %s: %v %+v, want %s %v", cmd.Protocol, cmd.Step, why, err, e, fact, keys)
	}
	if now := o.acts(); now != before {
		o.t.Errorf("%s/%s: %s: %d acts were recorded", cmd.Protocol, cmd.Step, why, now-before)
	}
}

// saysOf wants the first act of what was done to say a word, a day, or nothing.
func saysOf(t *testing.T, done *clerk.Done, fact, want string) {
	t.Helper()
	v, _ := done.Acts[0].Facts.Get(fact)
	got := ""
	if v.Type() != "" {
		got = v.String()
	}
	if got != want {
		t.Errorf("%s says %s=%q, want %q", done.Acts[0].Kind, fact, got, want)
	}
}

// climbed is a case in which each rung was decided and notified, fifty hours apart, with the days on which that was.
func climbed(t *testing.T, plays *standPlays) (o *orders, days []string) {
	t.Helper()
	o = newOrders(t, plays.Climb[0].Protocol)
	for _, row := range plays.Climb {
		o.protocol = row.Protocol
		o.noted(row)
		days = append(days, o.c.now().Format(time.DateOnly))
		o.c.move(50 * time.Hour)
	}
	return o, days
}

// Whoever lifts a measure, alone and with one signature, can't say that anything else stands than what stood before it: no rung is
// climbed by lifting one.
func TestLiftingLeavesWhatStoodBefore(t *testing.T) {
	t.Parallel()
	plays := readStands(t)
	o, days := climbed(t, plays)
	for i, row := range slices.Backward(plays.Climb) {
		o.protocol = row.Protocol
		before, day := plays.Nothing, ""
		key := "sanction.lifted.nothing"
		if i > 0 {
			before, day, key = plays.Climb[i-1].Rung, days[i-1], "sanction.lifted.rung"
		}
		for _, rung := range append(slices.Clone(plays.Free), row.Rung) {
			o.refusedFor("lifted down to "+rung, saying(o.turn(plays.Lifts, nil, "Levée."), "rung", act.OfCode(rung)), "rung", key)
		}
		cmd := saying(o.turn(plays.Lifts, nil, "Levée."), "notified", act.OfCode(plays.Free[0])) // nobody is asked, nor heard
		done := o.must(saying(cmd, "notified_on", act.OfDate(o.c.now().AddDate(-2, 0, 0))))
		saysOf(t, done, "rung", before)
		saysOf(t, done, "notified", before)
		saysOf(t, done, "notified_on", day)
	}
}

// The same under a law of other words, where each of five rungs is lifted by a step of its own.
func TestLiftingLeavesWhatStoodBeforeElsewhere(t *testing.T) {
	t.Parallel()
	o := newDesks(t, "", "xx")
	o.heard()
	o.climb("tithe")
	o.onward(50)
	o.climb("reproof")
	for _, rung := range []string{"reproof", "purse", "veil"} {
		cmd := saying(o.routine("xx-tribune-1", "xx.ladder", "retract"), "rung", act.OfCode(rung))
		o.refusedFor("lifted down to "+rung, cmd, "rung", "sanction.lifted.rung")
	}
	saysOf(t, o.step("xx-tribune-1", "xx.ladder", "retract"), "rung", "tithe")
	cmd := saying(o.routine("xx-tribune-1", "xx.ladder", "remit"), "rung", act.OfCode("veil"))
	o.refusedFor("lifted down to the last rung", cmd, "rung", "sanction.lifted.nothing")
	saysOf(t, o.step("xx-tribune-1", "xx.ladder", "remit"), "rung", "none")
}

// What a court annuls stands no more from that day on, whether anybody lifts it or not; nobody says what stands instead, nor records an
// annulment where nothing has it unwound.
func TestAnnulmentLeavesWhatStoodBefore(t *testing.T) {
	t.Parallel()
	plays := readStands(t)
	o, days := climbed(t, plays)
	o.must(o.turn("appeal", map[string]act.Value{"stay_asked": act.OfBool(true)}, "Recours."))
	ruling := func(step, word string) clerk.Command {
		return o.turn(step, map[string]act.Value{"appeal": act.OfCode(word)}, "Jugement.")
	}
	o.refusedFor("by the way", ruling(plays.Ruled.Step, plays.Annuls.Word), "appeal", "sanction.ruled.step")
	o.refusedFor("unwound and upheld", ruling(plays.Annuls.Step, plays.Ruled.Final[0]), "appeal", "sanction.ruled.step")
	last := len(plays.Climb) - 1
	o.refusedFor("and the annulled stands", saying(ruling(plays.Annuls.Step, plays.Annuls.Word), "rung", act.OfCode(plays.Climb[last].Rung)), "rung", "sanction.ruled.rung")
	done := o.must(ruling(plays.Annuls.Step, plays.Annuls.Word))
	saysOf(t, done, "rung", plays.Climb[last-1].Rung)
	saysOf(t, done, "notified", plays.Climb[last-1].Rung)
	saysOf(t, done, "notified_on", days[last-1])
	saysOf(t, o.must(o.turn(plays.Lifts, nil, "Levée.")), "rung", plays.Climb[last-1].Rung)
}

// Where one procedure decides several rungs, a judgment is about the one that it cites; what it takes back stands again.
func TestAnnulmentLeavesWhatStoodBeforeElsewhere(t *testing.T) {
	t.Parallel()
	o := newDesks(t, "", "xx")
	o.heard()
	tithe := o.climb("tithe")
	o.onward(50)
	reproof := o.climb("reproof")
	ruled := func(word string, of act.ID) *clerk.Done {
		cmd := o.command("xx-arbiter-1", "xx.ladder", "judge_lodged", map[string]act.Value{"appeal": act.OfCode(word)}, harmless)
		cmd.Act.Cites = []act.ID{of}
		return o.must(cmd)
	}
	lodged := o.command("xx-scribe-1", "xx.ladder", "lodge", map[string]act.Value{"stay_asked": act.OfBool(false)}, harmless)
	lodged.Act.Cites = []act.ID{reproof}
	o.must(lodged)
	for _, c := range []struct {
		word string
		of   act.ID
		left string
	}{{"confirmed", reproof, ""}, {"quashed", reproof, "tithe"}, {"quashed", tithe, "none"}, {"confirmed", reproof, "reproof"}, {"confirmed", reproof, ""}} {
		saysOf(t, ruled(c.word, c.of), "notified", c.left)
	}
}

// That a fine is final nobody writes: not where there is none, not while a court stays it or has still to rule, nor once it annulled it.
func TestFineIsFinalByItself(t *testing.T) {
	t.Parallel()
	plays := readStands(t)
	yes := act.OfBool(true)
	late := &plays.Unappealed
	ruling := func(o *orders, step, word string) clerk.Command {
		facts := map[string]act.Value{"appeal": act.OfCode(word)}
		if word == plays.Ruled.Lowers {
			facts["amount_left"] = act.OfInt(1)
		}
		return o.turn(step, facts, "Constat.")
	}
	t.Run("no fine", func(t *testing.T) {
		t.Parallel()
		o := newOrders(t, plays.NoFine.Protocol)
		o.noted(plays.NoFine)
		o.onward(late.Days)
		o.refusedFor("of a notice", saying(ruling(o, late.Step, late.Word), "fine_final", yes), "fine_final", "sanction.final")
		saysOf(t, o.must(ruling(o, late.Step, late.Word)), "fine_final", "")
	})
	t.Run("unappealed", func(t *testing.T) {
		t.Parallel()
		o := newOrders(t, plays.Fine.Protocol)
		o.noted(plays.Fine)
		o.onward(late.Days)
		o.refusedFor("denied", saying(ruling(o, late.Step, late.Word), "fine_final", act.OfBool(false)), "fine_final", "sanction.final")
		saysOf(t, o.must(ruling(o, late.Step, late.Word)), "fine_final", "true")
		// An appeal comes to light that was lodged in time: the court records it, and takes back that the fine is final.
		lodged := o.turn("appeal", map[string]act.Value{"stay_asked": yes}, "Recours enregistré au greffe.")
		lodged.Mandate = o.seat(o.by(plays.Court))
		o.refusedFor("kept beside an appeal", saying(lodged, "fine_final", yes), "fine_final", "sanction.final")
		saysOf(t, o.must(lodged), "fine_final", "false")
		for _, word := range plays.Ruled.Stays {
			o.refusedFor("a stay that stops nothing", ruling(o, plays.Ruled.Step, word), "appeal", "sanction.stay.step")
		}
		saysOf(t, o.must(ruling(o, plays.Ruled.Step, plays.Ruled.Final[0])), "fine_final", "true")
		o.refusedFor("kept when it is lifted", saying(o.turn(plays.Lifts, nil, "Levée."), "fine_final", yes), "fine_final", "sanction.final")
		saysOf(t, o.must(o.turn(plays.Lifts, nil, "Levée.")), "fine_final", "false")
	})
	for _, word := range plays.Ruled.Final {
		t.Run(word, func(t *testing.T) {
			t.Parallel()
			o := newOrders(t, plays.Fine.Protocol)
			o.noted(plays.Fine)
			o.must(o.turn("appeal", map[string]act.Value{"stay_asked": yes}, "Recours."))
			for _, open := range plays.Ruled.Open {
				o.refusedFor(open, saying(ruling(o, plays.Ruled.Step, open), "fine_final", yes), "fine_final", "sanction.final")
				saysOf(t, o.must(ruling(o, plays.Ruled.Step, open)), "fine_final", "")
			}
			saysOf(t, o.must(ruling(o, plays.Ruled.Step, word)), "fine_final", "true")
			o.refusedFor("what is annulled", saying(ruling(o, plays.Annuls.Step, plays.Annuls.Word), "fine_final", yes), "fine_final", "sanction.final")
			saysOf(t, o.must(ruling(o, plays.Annuls.Step, plays.Annuls.Word)), "fine_final", "false")
		})
	}
}

// A law whose gates never ask whether a fine is final takes nobody's word for it either.
func TestFineIsFinalByItselfElsewhere(t *testing.T) {
	t.Parallel()
	o := newDesks(t, "", "xx")
	o.heard()
	o.climb("tithe")
	o.step("xx-scribe-1", "xx.ladder", "lodge")
	for _, word := range []string{"confirmed", "quashed"} {
		for _, v := range []bool{true, false} {
			cmd := o.command("xx-arbiter-1", "xx.ladder", "judge_lodged", map[string]act.Value{"appeal": act.OfCode(word), "fine_final": act.OfBool(v)}, harmless)
			o.refusedFor(word, cmd, "fine_final", "sanction.final")
		}
	}
}
