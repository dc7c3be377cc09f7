package app

import (
	"maps"
	"slices"
	"strings"
	"time"

	"sanad/internal/act"
	"sanad/internal/desk/register"
	"sanad/internal/desk/sanction"
	"sanad/internal/kit/fault"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

// entryPlays is testdata/entries.yaml.
type entryPlays struct {
	Entries       []entryPlay `yaml:"entries"`
	Publishes     string      `yaml:"publishes"`
	Lifts         string      `yaml:"lifts"`
	TellsLift     string      `yaml:"tells_lift"` // by which whoever bore it is told, before the public is
	PublishesLift string      `yaml:"publishes_lift"`
	Rules         string      `yaml:"rules"`
	Ruling        string      `yaml:"ruling"`  // a court that lets a part of it stand
	Upholds       string      `yaml:"upholds"` // all of it
	States        []string    `yaml:"states"`  // at first, after an appeal, after its ruling, after the lifting
	Beside        struct {
		Protocol  string `yaml:"protocol"`
		Starts    string `yaml:"starts"`
		Meets     string `yaml:"meets"`
		Publishes string `yaml:"publishes"`
		State     string `yaml:"state"`
	} `yaml:"beside"`
	Unappealed struct {
		Step string `yaml:"step"`
		Word string `yaml:"word"`
		Days int    `yaml:"days"` // after which no appeal is in time
	} `yaml:"unappealed"`
	Next struct {
		File     string   `yaml:"file"`
		Protocol string   `yaml:"protocol"`
		Starts   string   `yaml:"starts"`
		Gates    []string `yaml:"gates"` // of its first step, where all others stand open
		Gate     string   `yaml:"gate"`  // the one that counts the time
		After    string   `yaml:"after"`
		Finds    turnOf   `yaml:"finds"` // that nothing changed after it
		Days     int      `yaml:"days"`  // after which it has run
	} `yaml:"next"`
	Tried []string `yaml:"tried"`
}

type entryPlay struct {
	Protocol string `yaml:"protocol"`
	Rung     string `yaml:"rung"`
	Kind     string `yaml:"kind"`
	Target   string `yaml:"target"`
	Days     int    `yaml:"days"`
	Renewal  string `yaml:"renewal"` // how the steps of its renewal end; "" where it has none
}

// turn is the command of the first of those who may do a step, with its letter where it sends one.
func (o *orders) turn(step string, facts map[string]act.Value, body string) clerk.Command {
	o.t.Helper()
	i := slices.IndexFunc(o.h.pack.Protocols, func(p protocol.Protocol) bool { return p.ID == o.protocol })
	s := o.h.pack.Protocols[i].Step(o.named(step))
	if s.Kind == protocol.KindSent && o.h.letters.Worded(s.Letter) {
		return o.letter(part{Role: s.By[0], Step: s.ID}, nil)
	}
	return o.command(o.by(s.By[0]), o.protocol, s.ID, facts, body)
}

// telling is what somebody publishes of the file at hand.
type telling struct {
	o      *desks
	cmd    func(facts map[string]act.Value, body string) clerk.Command
	state  string
	on     time.Time
	newest act.ID // the entry that is updated; zero while there is none
}

// told is the command that publishes with these words and facts besides those that are asked.
func (p *telling) told(body string, facts map[string]act.Value) clerk.Command {
	all := map[string]act.Value{"state": act.OfCode(p.state)}
	if !p.on.IsZero() {
		all["decided_on"] = act.OfDate(p.on)
	}
	if !p.newest.IsZero() {
		all["amends"] = act.OfID(p.newest)
	}
	maps.Copy(all, facts)
	return p.cmd(all, strings.TrimSuffix(toAll, "}")+body+"}")
}

// entered publishes, and returns the entry, which is the newest from then on.
func (p *telling) entered(body string) act.ID {
	p.o.t.Helper()
	done := p.o.must(p.told(body, nil))
	last := done.Acts[len(done.Acts)-1]
	if last.Kind != register.KindEntered {
		p.o.t.Fatalf("published, and not entered: %+v", done.Acts)
	}
	p.newest = last.ID
	return last.ID
}

// lowered has a court lower a sum that was decided, by a ruling that says to what; it returns what is left. Without a sum it says none.
func (o *orders) lowered(plays *entryPlays, amount int64) (left int64) {
	o.t.Helper()
	facts := map[string]act.Value{"appeal": act.OfCode(plays.Ruling)}
	ruled := func(name, key string, sum int64, said bool) {
		o.t.Helper()
		if said {
			facts["amount_left"] = act.OfInt(sum)
		}
		before := o.acts()
		_, err := o.try(o.turn(plays.Rules, facts, "Jugement."))
		e := fault.Of(err)
		if e == nil || e.Code != fault.Invalid || !slices.ContainsFunc(e.Fields, func(f fault.Field) bool { return f.Name == "amount_left" && f.Key == key }) {
			o.t.Errorf("%s: a ruling with %s: %v %+v, want %s", o.protocol, name, err, e, key)
		}
		if now := o.acts(); now != before {
			o.t.Errorf("%s: a ruling with %s: %d acts were recorded", o.protocol, name, now-before)
		}
		delete(facts, "amount_left")
	}
	if amount == 0 {
		ruled("a sum of nothing", "sanction.left.none", 1, true)
	} else {
		left = amount / 2
		ruled("no sum", "sanction.left.missing", 0, false)
		for _, n := range []int64{-1, 0, amount, amount + 1, amount * 10} {
			ruled(jsonOf(o.t, n), "sanction.left.less", n, true)
		}
		facts["appeal"] = act.OfCode(plays.Upholds)
		ruled("a sum that it upholds", "sanction.left.none", left, true)
		facts["appeal"], facts["amount_left"] = act.OfCode(plays.Ruling), act.OfInt(left)
	}
	o.must(o.turn(plays.Rules, facts, "Jugement."))
	return left
}

// another tries to update other entries than the newest, or none.
func (p *telling) another(entries map[string]act.ID) {
	p.o.t.Helper()
	for name, id := range entries {
		p.refused(name, "fact.amends", "register.amends.other", "", map[string]act.Value{"amends": act.OfID(id)})
	}
}

// refused wants to hear beside one field what is wrong, and nothing recorded.
func (p *telling) refused(name, field, key, body string, facts map[string]act.Value) {
	p.o.t.Helper()
	cmd := p.told(body, facts)
	before := p.o.acts()
	_, err := p.o.try(cmd)
	e := fault.Of(err)
	if e == nil || e.Code != fault.Invalid || !slices.ContainsFunc(e.Fields, func(f fault.Field) bool { return f.Name == field && f.Key == key }) {
		p.o.t.Errorf("%s/%s: %s: %v %+v, want %s %s", cmd.Protocol, cmd.Step, name, err, e, field, key)
	}
	if now := p.o.acts(); now != before {
		p.o.t.Errorf("%s/%s: %s: %d acts were recorded", cmd.Protocol, cmd.Step, name, now-before)
	}
}

// acts counts what is in the log.
func (o *desks) acts() int64 {
	o.t.Helper()
	_, size, _, err := o.h.clerk.Head(o.t.Context())
	if err != nil {
		o.t.Fatal(err)
	}
	return size
}

// lies tries everything that was not decided, of what was decided on a day.
func (p *telling) lies(other string, amount int64, decided time.Time) {
	p.o.t.Helper()
	p.refused("another measure", "body.measure", "register.measure.other", `,"measure":"`+other+`"`, nil)
	sums := []string{"1"}
	if amount > 0 {
		sums = []string{"0", jsonOf(p.o.t, amount-1), jsonOf(p.o.t, amount+1), jsonOf(p.o.t, amount*10)}
	}
	for _, n := range sums {
		p.refused(n, "body.amount", "register.amount.other", `,"amount":`+n, nil)
	}
	for _, n := range []int{-1, -400, -11000} {
		day := decided.AddDate(0, 0, n)
		p.refused(day.Format(time.DateOnly), "fact.decided_on", "register.date.other", "", map[string]act.Value{"decided_on": act.OfDate(day)})
	}
}

// says wants an entry to say what was decided.
func (o *desks) says(entry act.ID, measure string, amount int64) {
	o.t.Helper()
	list, err := o.h.register.Versions(o.t.Context(), entry)
	if err != nil {
		o.t.Fatal(err)
	}
	i := slices.IndexFunc(list, func(e register.Entry) bool { return e.Act == entry })
	sum := int64(0)
	if list[i].Published.Amount != nil {
		sum = *list[i].Published.Amount
	}
	if list[i].Published.Measure != measure || sum != amount {
		o.t.Errorf("the register says %s of %d, want %s of %d", list[i].Published.Measure, sum, measure, amount)
	}
}

// contentOf is what a row decides, as of now.
func (o *orders) contentOf(row entryPlay) sanction.Content {
	o.t.Helper()
	content := sanction.Content{Rung: o.named(row.Rung), Reasons: "Motifs."}
	if sum := o.h.pack.Parameter("rung-" + row.Rung + "-amount"); sum != nil {
		content.Amount = sum.Value.Int()
	}
	if row.Target != "" {
		content.Targets = []sanction.Target{{Kind: row.Kind, Value: row.Target}}
		content.Expires = o.c.now().AddDate(0, 0, row.Days).Format(time.DateOnly)
	}
	return content
}

// noted plays a procedure until whoever its measure is against was told of it.
func (o *orders) noted(row entryPlay) (amount int64) {
	o.t.Helper()
	content := o.contentOf(row)
	o.decide(content.Rung, row.Target != "", content)
	o.must(o.letter(o.to("tell the party"), nil))
	o.does("hear that the letter came", nil, "Accusé de réception.")
	return content.Amount
}

// publishing is what is published by a step from now on.
func (o *orders) publishing(step, state string) *telling {
	return &telling{
		o: o.desks, state: state, on: o.c.now(),
		cmd: func(facts map[string]act.Value, body string) clerk.Command { return o.turn(step, facts, body) },
	}
}

// besides publishes something else in the same file.
func (o *orders) besides(plays *entryPlays) act.ID {
	o.t.Helper()
	was := o.protocol
	o.protocol = plays.Beside.Protocol
	defer func() { o.protocol = was }()
	o.must(o.turn(plays.Beside.Starts, nil, "Ordre du jour."))
	o.must(o.turn(plays.Beside.Meets, map[string]act.Value{"heard": act.OfBool(true)}, "Procès-verbal."))
	return o.publishing(plays.Beside.Publishes, plays.Beside.State).entered("")
}
