package letters

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"sanad/internal/act"
	"sanad/internal/kit/lang"
	"sanad/internal/law/legaltime"
	"sanad/internal/law/protocol"
)

// clock is one deadline as a letter tells it: under the reading that counts, and under each other one.
type clock struct {
	Name  string // key of what is due
	Rule  string // key of the rule's own words
	Ours  bool   // it is a duty of the institution that writes
	Right bool   // where readings differ, the longer counts
	Later bool   // it runs from the receipt of the letter, and is told as if that were today
	Mode  string // key of the reading that counts; "" where there is one
	end
	Others []other
	Also   []string // keys of the other readings under which it ends at the same time
}

// end is when a deadline ends. A deadline in hours has a moment, any other a last day.
type end struct {
	Hours        bool
	At           time.Time // the moment from which it is too late
	Last         time.Time // the last day
	Moves        bool      // a holiday is not announced yet: the last day is between First and Final
	First, Final time.Time
}

// same reports whether a letter would tell both ends in the same words.
func (e *end) same(o end) bool {
	return e.Hours == o.Hours && e.At.Equal(o.At) && e.Last.Equal(o.Last) && e.Moves == o.Moves && e.First.Equal(o.First) && e.Final.Equal(o.Final)
}

// other is a deadline under another reading.
type other struct {
	Mode string // key
	end
}

// clocks tells the deadlines that a step starts, as the grant has them: those the addressee is asked to keep, and those that bind
// the sender itself; and what its receipt gives time for, as if it were received at once. A duty of another institution is what a letter
// to it asks, as of an operator that executes an order. The time of the remedy is told with the remedy, which nobody is asked to use; how
// long the sender waits for the receipt is told to nobody.
func (r *Room) clocks(grant *protocol.Grant, sender string, remedy *clock, now act.Instant) (asked, own []clock, err error) {
	asked, err = r.received(grant, remedy, now)
	if err != nil {
		return nil, nil, err
	}
	for i := range grant.Deadlines {
		d := &grant.Deadlines[i]
		c, err := r.clock(d.Rule, d.Start, "")
		if err != nil {
			return nil, nil, err
		}
		if remedy != nil && c.Rule == remedy.Rule || r.awaitsReceipt(grant, d.Rule) {
			continue
		}
		for _, of := range grant.Step.Deadlines {
			if of.Rule == d.Rule {
				c.Name = "deadline." + grant.Protocol + "." + of.Name
				c.Ours = c.Ours && sender != "" && r.holder(of.Owner) == sender
			}
		}
		if c.Ours {
			own = append(own, c)
		} else {
			asked = append(asked, c)
		}
	}
	return asked, own, nil
}

// heardFrom is the first day on which the addressee may be heard: the last of those that the letter gives it to prepare, which are a
// right of its own. Where a holiday is not announced yet, the latest that day can be. Zero where the letter gives none.
func (r *Room) heardFrom(grant *protocol.Grant, asked []clock) (first time.Time) {
	p := r.Pack.Engine().Protocol(grant.Protocol, grant.Version)
	if p == nil {
		return first
	}
	for _, d := range grant.Step.Deadlines {
		hears := slices.ContainsFunc(d.MetBy, func(id string) bool {
			s := p.Step(id)
			return s != nil && s.Kind == protocol.KindHeard
		})
		for i := range asked {
			c := &asked[i]
			if !hears || !c.Right || c.Rule != ruleKey(d.Rule) {
				continue
			}
			day := c.Last
			switch {
			case c.Hours:
				day = c.At
			case c.Moves:
				day = c.Final
			}
			if day.After(first) {
				first = day
			}
		}
	}
	return first
}

// received tells what the receipt of a letter gives its addressee time for.
func (r *Room) received(grant *protocol.Grant, remedy *clock, now act.Instant) (asked []clock, err error) {
	p := r.Pack.Engine().Protocol(grant.Protocol, grant.Version)
	if p == nil {
		return nil, nil
	}
	for _, receipt := range p.Receipts(grant.Step) {
		for i := range receipt.Deadlines {
			of := &receipt.Deadlines[i]
			c, err := r.clock(of.Rule, now, "")
			if err != nil {
				return nil, err
			}
			if c.Ours || remedy != nil && c.Rule == remedy.Rule {
				continue
			}
			c.Name, c.Later = "deadline."+grant.Protocol+"."+of.Name, true
			asked = append(asked, c)
		}
	}
	return asked, nil
}

// awaitsReceipt reports whether a clock that a letter starts is that of its own receipt.
func (r *Room) awaitsReceipt(grant *protocol.Grant, rule string) bool {
	p := r.Pack.Engine().Protocol(grant.Protocol, grant.Version)
	return p != nil && slices.ContainsFunc(p.Receipts(grant.Step), func(receipt *protocol.Step) bool {
		return slices.ContainsFunc(grant.Step.Deadlines, func(d protocol.Deadline) bool { return d.Rule == rule && slices.Contains(d.MetBy, receipt.ID) })
	})
}

// remedyClock tells until when a remedy may be used, if the letter is received at an instant. It is somebody's right, so
// the longer reading counts whatever the rule leaves open.
func (r *Room) remedyClock(rule string, received act.Instant) (clock, error) {
	return r.clock(rule, received, legaltime.SideRight)
}

func (r *Room) clock(id string, start act.Instant, side legaltime.Side) (clock, error) {
	rule := r.Pack.Rule(id)
	if rule == nil {
		return clock{}, fmt.Errorf("pack %s has no rule of time %q", r.Pack.ID, id)
	}
	own := rule.Rule
	own.Side = cmp.Or(own.Side, side)
	res, err := legaltime.Compute(own, start, nil, r.Pack.Calendar)
	if err != nil {
		return clock{}, fmt.Errorf("rule %s: %w", id, err)
	}
	c := clock{
		Rule: ruleKey(id), end: r.end(res.End), Ours: own.Side == legaltime.SideDuty, Right: own.Side == legaltime.SideRight,
	}
	for _, a := range res.Alternatives {
		c.Mode = modeKey(res.Mode)
		o := other{modeKey(a.Mode), r.end(a.End)}
		if a.Mode == res.Mode && a.Round != "" { // they differ in the day of a month that has none of that number
			c.Mode, o.Mode = "legaltime.reading."+string(res.Round), "legaltime.reading."+string(a.Round)
		}
		if o.same(c.end) {
			c.Also = append(c.Also, o.Mode)
			continue
		}
		c.Others = append(c.Others, o)
	}
	return c, nil
}

// zone names where legal time is told, with how far it is from UTC at that time: whoever answers from elsewhere need not know it.
func zone(t time.Time) lang.Code {
	name := t.Location().String()
	if name == "UTC" {
		return lang.Code(name)
	}
	offset := strings.TrimSuffix(t.Format("-07:00"), ":00")
	return lang.Code(name + ", UTC" + offset[:1] + strings.TrimPrefix(offset[1:], "0"))
}

// utc is a time of law for whoever reads it from elsewhere; nil where legal time is the same just then.
func utc(t time.Time) *time.Time {
	if _, offset := t.Zone(); offset == 0 {
		return nil
	}
	t = t.UTC()
	return &t
}

func ruleKey(id string) string { return "rule." + id }

func modeKey(m legaltime.Mode) string { return "legaltime.mode." + string(m) }

func (r *Room) end(e legaltime.End) end {
	out := end{Hours: e.Last.IsZero(), At: e.Due.Time().In(r.zone())}
	if out.Hours {
		return out
	}
	out.Last = e.Last.Time()
	out.Moves, out.First, out.Final = !e.Settled(), e.Earliest.Last.Time(), e.Latest.Last.Time()
	return out
}
