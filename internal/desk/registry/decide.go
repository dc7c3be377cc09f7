package registry

import (
	"encoding/json"
	"fmt"
	"time"

	"sanad/internal/act"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

// Deciders returns the decisions of this desk by kind of act: bodies are read strictly, and what follows from the facts is said
// here and by nobody else. zone is that of the country's legal time; nil is UTC.
func Deciders(zone *time.Location) map[string]clerk.Decide {
	if zone == nil {
		zone = time.UTC
	}
	d := decider{zone}
	return map[string]clerk.Decide{
		KindEnrolled: d.enrol, KindMeasured: d.measure, KindContested: d.plain(KindContested, func() body { return new(Contest) }),
		KindAppointed: d.appoint, KindEnded: d.end, KindAgreement: d.agree,
	}
}

type decider struct{ zone *time.Location }

// enrol commits to the name, so that the database lets in no second platform of it: a decision sees one file and could not.
func (d decider) enrol(_ *protocol.State, cmd *clerk.Command, _ act.Instant) ([]act.Act, error) {
	var p Platform
	err := read(cmd.Act.Body, &p)
	if err != nil {
		return nil, err
	}
	a, err := again(cmd, KindEnrolled, &p)
	if err != nil {
		return nil, err
	}
	a.Commits = []act.Commit{{Name: CommitName, Sum: NameSum(p.Name)}}
	return []act.Act{a}, nil
}

func (d decider) measure(_ *protocol.State, cmd *clerk.Command, now act.Instant) ([]act.Act, error) {
	var m Measure
	err := read(cmd.Act.Body, &m)
	if err != nil {
		return nil, err
	}
	c := &checking{}
	users, _ := cmd.Act.Facts.Get("users")
	minors, there := cmd.Act.Facts.Get("minors_users")
	if users.Int() < 0 || minors.Int() < 0 {
		c.fact("users", "registry.users.negative")
	}
	if there && minors.Int() > users.Int() {
		c.fact("minors_users", "registry.users.minors")
	}
	day, _ := cmd.Act.Facts.Get("measured_on")
	d.past(c, "measured_on", day, now)
	err = c.err()
	if err != nil {
		return nil, err
	}
	return one(cmd, KindMeasured, &m)
}

// appoint says that the platform is represented only where the representative binds the parent company and receives acts: one
// who does not is on record, and changes nothing.
func (d decider) appoint(_ *protocol.State, cmd *clerk.Command, _ act.Instant) ([]act.Act, error) {
	var r Representative
	err := read(cmd.Act.Body, &r)
	if err != nil {
		return nil, err
	}
	binds, _ := cmd.Act.Facts.Get("binds_parent")
	receives, _ := cmd.Act.Facts.Get("receives_acts")
	a, err := again(cmd, KindAppointed, &r)
	if err != nil {
		return nil, err
	}
	a.Facts = with(a.Facts, "represented", act.OfBool(binds.Bool() && receives.Bool()))
	return []act.Act{a}, nil
}

func (d decider) end(_ *protocol.State, cmd *clerk.Command, _ act.Instant) ([]act.Act, error) {
	var e Ended
	err := read(cmd.Act.Body, &e)
	if err != nil {
		return nil, err
	}
	a, err := again(cmd, KindEnded, &e)
	if err != nil {
		return nil, err
	}
	a.Facts = with(a.Facts, "represented", act.OfBool(false))
	return []act.Act{a}, nil
}

func (d decider) agree(_ *protocol.State, cmd *clerk.Command, _ act.Instant) ([]act.Act, error) {
	var g Agreement
	err := read(cmd.Act.Body, &g)
	if err != nil {
		return nil, err
	}
	from, _ := cmd.Act.Facts.Get("agreement_from")
	to, there := cmd.Act.Facts.Get("agreement_to")
	first, _ := from.Date()
	last, _ := to.Date()
	if there && last.Before(first) {
		c := &checking{}
		c.fact("agreement_to", "registry.agreement.order")
		return nil, c.err()
	}
	return one(cmd, KindAgreement, &g)
}

func (d decider) plain(kind string, fresh func() body) clerk.Decide {
	return func(_ *protocol.State, cmd *clerk.Command, _ act.Instant) ([]act.Act, error) {
		b := fresh()
		err := read(cmd.Act.Body, b)
		if err != nil {
			return nil, err
		}
		return one(cmd, kind, b)
	}
}

func (c *checking) fact(name, key string) { c.all.At("fact."+name, key, nil) }

// past wants a day that is not after today.
func (d decider) past(c *checking, name string, v act.Value, now act.Instant) {
	day, ok := v.Date()
	if !ok {
		return // the catalogue refuses it
	}
	y, m, t := now.Time().In(d.zone).Date()
	if day.After(time.Date(y, m, t, 0, 0, 0, 0, time.UTC)) {
		c.fact(name, "registry.date.future")
	}
}

// again is the command's act with its body as this desk writes it.
func again(cmd *clerk.Command, kind string, b body) (act.Act, error) {
	raw, err := json.Marshal(b)
	if err != nil {
		return act.Act{}, fmt.Errorf("%s: %w", kind, err)
	}
	a := cmd.Act
	a.Kind, a.Body = kind, raw
	return a, nil
}

func one(cmd *clerk.Command, kind string, b body) ([]act.Act, error) {
	a, err := again(cmd, kind, b)
	if err != nil {
		return nil, err
	}
	return []act.Act{a}, nil
}

// with is a set of facts with one of them said, whatever it held.
func with(facts act.Facts, name string, v act.Value) act.Facts {
	all := map[string]act.Value{name: v}
	for _, f := range facts {
		if f.Name != name {
			all[f.Name] = f.Value
		}
	}
	return act.NewFacts(all)
}
