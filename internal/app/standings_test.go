package app

import (
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/desk/sanction"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/lang"
	"sanad/internal/law/pack"
	"sanad/internal/law/protocol"
)

// standings is testdata/standings.yaml.
type standings struct {
	Whole     []string    `yaml:"whole"` // procedures in which variants are played, too
	Played    []aftermath `yaml:"played"`
	Elsewhere []aftermath `yaml:"elsewhere"`
	Alone     []string    `yaml:"alone"` // steps that a test of their own plays
	Never     []struct {
		At    []string `yaml:"at"`
		Of    []string `yaml:"of"`
		Words []string `yaml:"words"`
	} `yaml:"never"`
}

// aftermath is a course of events after a decision, and the words for it.
type aftermath struct {
	Name    string   `yaml:"name"`
	Variant bool     `yaml:"variant"`
	Of      []string `yaml:"of"` // sorts of entry under which the decision is published; none: all
	Beats   []turnOf `yaml:"beats"`
	At      []string `yaml:"at"`
	Carries []string `yaml:"carries"`
}

type turnOf struct {
	Step   string         `yaml:"step"`
	Or     string         `yaml:"or"` // how the step is called where there is none of that name
	Says   map[string]any `yaml:"says"`
	Lowers bool           `yaml:"lowers"` // to half the sum, where there is one
	Pays   bool           `yaml:"pays"`   // what is left of it
	Over   bool           `yaml:"over"`   // until the last day is past
	Days   int            `yaml:"days"`
}

// beats plays a course on a decision that demands a sum, and returns what is left of it.
func (o *orders) beats(list []turnOf, amount int64, days int) int64 {
	o.t.Helper()
	for _, b := range list {
		switch {
		case b.Over:
			o.onward(days + 1)
			continue
		case b.Days > 0:
			o.onward(b.Days)
			continue
		}
		facts := sayings(o.t, b.Says)
		if b.Lowers && amount > 0 {
			amount /= 2
			facts["amount_left"] = act.OfInt(amount)
		}
		if b.Pays {
			facts["paid"] = act.OfInt(amount)
		}
		step := b.Step
		if b.Or != "" && !o.has(step) {
			step = b.Or
		}
		o.must(o.turn(step, facts, "Consigné."))
	}
	return amount
}

// has reports whether the procedure at hand has a step, with or without the ending that it gives its steps.
func (o *orders) has(step string) bool {
	i := slices.IndexFunc(o.h.pack.Protocols, func(p protocol.Protocol) bool { return p.ID == o.protocol })
	return slices.ContainsFunc(o.h.pack.Protocols[i].Steps, func(s protocol.Step) bool { return s.ID == step || strings.HasPrefix(s.ID, step+"_") })
}

// stands tries to publish with every word of the pack, and with another measure so that nothing is recorded: the words that are
// carried are not what is wrong with it, all others are, and whoever publishes is told which are true.
func (p *telling) stands(carried []string, other string) {
	p.o.t.Helper()
	before, cmd := p.o.acts(), p.told(`,"measure":"`+other+`"`, nil)
	facts := map[string]act.Value{}
	for _, f := range cmd.Act.Facts {
		facts[f.Name] = f.Value
	}
	for _, word := range p.o.h.pack.Words("entry_states") {
		facts["state"] = act.OfCode(word)
		cmd.Act.Facts = act.NewFacts(facts) // nothing is recorded: whoever publishes looks at the same file each time
		_, err := p.o.try(cmd)
		e := fault.Of(err)
		if e == nil || e.Code != fault.Invalid || len(e.Fields) == 0 {
			p.o.t.Errorf("%s/%s as %s: %v", cmd.Protocol, cmd.Step, word, err)
			continue
		}
		at := slices.IndexFunc(e.Fields, func(f fault.Field) bool { return f.Name == "fact.state" && f.Key == "register.state.other" })
		if at < 0 != slices.Contains(carried, word) {
			p.o.t.Errorf("%s/%s as %s: %+v, carried are %v", cmd.Protocol, cmd.Step, word, e.Fields, carried)
		}
		if at >= 0 {
			want := make(lang.List, len(carried))
			for i := range carried {
				want[i] = lang.Key("list.entry_states." + carried[i])
			}
			told := e.Fields[at].Args["states"]
			if !reflect.DeepEqual(told, want) {
				p.o.t.Errorf("%s/%s: told %v, carried are %v", cmd.Protocol, cmd.Step, told, carried)
			}
		}
	}
	if now := p.o.acts(); now != before {
		p.o.t.Errorf("%d acts were recorded", now-before)
	}
}

// besideRung is another rung than one.
func (o *desks) besideRung(rung string) string {
	all := o.h.pack.Words("rungs")
	return all[slices.IndexFunc(all, func(word string) bool { return word != rung })]
}

// carriedBy gathers which words were carried for which steps.
type carriedBy struct {
	sync.Mutex
	words map[string]map[string]bool
}

func (c *carriedBy) add(step string, words []string) {
	c.Lock()
	defer c.Unlock()
	if c.words == nil {
		c.words = map[string]map[string]bool{}
	}
	if c.words[step] == nil {
		c.words[step] = map[string]bool{}
	}
	for _, w := range words {
		c.words[step][w] = true
	}
}

// follows plays a course in the file at hand, tries every word at every step that publishes then, and publishes the last that is true.
func (o *orders) follows(c aftermath, row entryPlay, amount int64, steps []string, seen *carriedBy) {
	o.t.Helper()
	left, lifting := o.beats(c.Beats, amount, row.Days), readEntries(o.t)
	newest := act.ID{}
	for _, step := range steps {
		if step == lifting.PublishesLift && slices.ContainsFunc(c.Beats, func(b turnOf) bool { return b.Step == lifting.Lifts }) {
			o.must(o.turn(lifting.TellsLift, nil, "")) // the party has word of it before the public
		}
		p := o.publishing(step, c.Carries[len(c.Carries)-1])
		p.on, p.newest = time.Time{}, newest
		if newest.IsZero() && step == lifting.PublishesLift {
			o.t.Fatalf("%s: nothing was published before its lifting", c.Name)
		}
		p.stands(c.Carries, o.besideRung(row.Rung))
		newest = p.entered("")
		o.says(newest, row.Rung, left)
		seen.add(o.protocol+"/"+o.named(step), c.Carries)
	}
}

// What the register says of how a decision stands is what its procedure carries: every word of the pack is tried at every step that
// publishes, after everything that becomes of a decision.
func TestEntryStandsAsItsFileDoes(t *testing.T) {
	t.Parallel()
	plays, all := readEntries(t), readStandings(t)
	seen := &carriedBy{}
	t.Run("played", func(t *testing.T) {
		for _, row := range plays.Entries {
			t.Run(row.Protocol, func(t *testing.T) {
				t.Parallel()
				o := newOrders(t, row.Protocol)
				entry, late := o.entryOf(), false
				for _, c := range all.Played {
					if len(c.Of) > 0 && !slices.Contains(c.Of, entry) || c.Variant && !slices.Contains(all.Whole, row.Protocol) {
						continue
					}
					if late { // mandates end after years
						o = newOrders(t, row.Protocol)
					}
					late = slices.ContainsFunc(c.Beats, func(b turnOf) bool { return b.Days > 0 })
					o.file, o.runs = act.ID{}, map[string]act.ID{}
					amount := o.noted(row)
					o.follows(c, row, amount, c.At, seen)
					if row.Renewal == "" || c.Variant {
						continue
					}
					if late {
						o = newOrders(t, row.Protocol)
					}
					o.file, o.runs = act.ID{}, map[string]act.ID{}
					o.noted(row)
					o.c.move(25 * time.Hour)
					o.renew(o.contentOf(row))
					o.must(o.turn("notify_"+row.Renewal, nil, ""))
					o.does("hear that it came again", nil, "Accusé de réception.")
					o.follows(c, row, amount, append([]string{plays.Publishes + "_" + row.Renewal}, c.At...), seen)
				}
			})
		}
	})
	t.Run("elsewhere", func(t *testing.T) {
		for _, c := range all.Elsewhere {
			t.Run(c.Name, func(t *testing.T) {
				t.Parallel()
				o := &orders{desks: newDesks(t, "", "xx"), plays: readOrders(t), protocol: "xx.ladder"}
				o.heard()
				o.climb("tithe")
				o.follows(c, entryPlay{Rung: "tithe"}, o.content("tithe").Amount, c.At, seen)
			})
		}
	})
	laws := lawsOf(t, "demo", "xx")
	for _, at := range plays.Tried {
		if slices.Contains(all.Alone, at) {
			continue
		}
		for _, word := range all.missing(t, laws, at, seen.words[at]) {
			t.Errorf("no course carries %q for %s, and nothing says that none can", word, at)
		}
	}
}

// entryOf is the sort of entry under which the procedure at hand publishes its measure.
func (o *orders) entryOf() string {
	o.t.Helper()
	for _, p := range o.h.pack.Protocols {
		for _, s := range p.Steps {
			if p.ID == o.protocol && s.Kind == sanction.KindDecided {
				return s.Publishes
			}
		}
	}
	o.t.Fatalf("%s decides nothing", o.protocol)
	return ""
}

// missing lists the words that a step was never tried with where they are true, though it may once say them; and says where it says
// one that it never may.
func (all *standings) missing(t *testing.T, laws []*pack.Pack, at string, carried map[string]bool) (out []string) {
	t.Helper()
	for _, law := range laws {
		name, step, _ := strings.Cut(at, "/")
		i := slices.IndexFunc(law.Protocols, func(p protocol.Protocol) bool { return p.ID == name })
		if i < 0 {
			continue
		}
		decided := slices.IndexFunc(law.Protocols[i].Steps, func(s protocol.Step) bool { return s.Kind == sanction.KindDecided })
		entry := law.Protocols[i].Steps[decided].Publishes
		for _, word := range law.Words("entry_states") {
			never := false
			for _, n := range all.Never {
				never = never || slices.Contains(n.Of, entry) && slices.Contains(n.Words, word) &&
					slices.ContainsFunc(n.At, func(s string) bool { return step == s || step == s+"_block" })
			}
			if !never && !carried[word] {
				out = append(out, word)
			}
			if never && carried[word] {
				t.Errorf("%s is never to say %q, and did", at, word)
			}
		}
	}
	return out
}

// What decides no measure is told as the pack tells what only began: minutes, figures, a notice that was found.
func TestWhatDecidesNothingStands(t *testing.T) {
	t.Parallel()
	found := 0
	for _, law := range lawsOf(t, realPack, "demo", "xx") {
		first := law.Words("entry_states")[:1]
		for _, p := range law.Protocols {
			if slices.ContainsFunc(p.Steps, func(s protocol.Step) bool { return s.Kind == sanction.KindDecided }) {
				continue
			}
			for _, s := range p.Steps {
				if s.Kind != protocol.KindPublished {
					continue
				}
				found++
				course := []pack.Occurrence{{Kind: pack.Started}}
				for _, before := range p.Steps {
					course = append(course, pack.Occurrence{Kind: before.Kind})
				}
				if got := law.Standing(s.Publishes, course); !slices.Equal(got, first) {
					t.Errorf("%s: %s/%s may say %v, want %v", law.ID, p.ID, s.ID, got, first)
				}
			}
		}
	}
	if found < 6 {
		t.Errorf("%d steps were found", found)
	}
	plays := readEntries(t)
	o := newOrders(t, plays.Entries[0].Protocol)
	o.noted(plays.Entries[0])
	o.protocol = plays.Beside.Protocol
	o.must(o.turn(plays.Beside.Starts, nil, "Ordre du jour."))
	o.must(o.turn(plays.Beside.Meets, map[string]act.Value{"heard": act.OfBool(true)}, "Procès-verbal."))
	o.publishing(plays.Beside.Publishes, plays.Beside.State).stands([]string{plays.Beside.State}, o.besideRung(""))
}
