package legaltime

import (
	"sort"
	"time"
)

// view is what one scope sees of a calendar, indexed by day.
type view struct {
	covers Covers
	weeks  []week
	yearly [12 * 31][]yearly // by slot
	days   []day             // announced, by date
	groups []group           // estimated, by first possible day; no two can share a day
}

type week struct {
	from, to Date
	off      uint8 // bit n is time.Weekday(n)
}

type holiday struct{ name, basis string }

type yearly struct {
	holiday
	from, to int // years; 0 is no bound
}

type day struct {
	date Date
	holiday
}

// group is an estimated holiday: days in a row that may all move together by up to margin days.
type group struct {
	holiday
	first  Date
	days   int
	margin int
	entry  int // index in the spec
}

// from and to bound the days it may fall on, to excluded.
func (g *group) from() Date { return g.first - Date(g.margin) }
func (g *group) to() Date   { return g.first + Date(g.days+g.margin) }

func slot(m time.Month, day int) int { return (int(m)-1)*31 + day - 1 }

func (v *view) weekend(d Date) bool {
	for _, w := range v.weeks {
		if d >= w.from && (w.to == 0 || d <= w.to) {
			return w.off&(1<<d.Weekday()) != 0
		}
	}
	return false
}

// firm returns the holiday of a day whose date is certain, or nil.
func (v *view) firm(d Date) *holiday {
	i := sort.Search(len(v.days), func(i int) bool { return v.days[i].date >= d })
	if i < len(v.days) && v.days[i].date == d {
		return &v.days[i].holiday
	}
	year, month, n := d.Civil()
	list := v.yearly[slot(month, n)]
	for i := range list {
		if year >= list[i].from && (list[i].to == 0 || year <= list[i].to) {
			return &list[i].holiday
		}
	}
	return nil
}

// next returns the index of the first estimated holiday that may fall on d or later.
func (v *view) next(d Date) int {
	return sort.Search(len(v.groups), func(i int) bool { return v.groups[i].to() > d })
}

// group returns the estimated holiday that may fall on d, or nil.
func (v *view) group(d Date) *group {
	i := v.next(d)
	if i < len(v.groups) && v.groups[i].from() <= d {
		return &v.groups[i]
	}
	return nil
}

// reach is where a count of working days ends: with estimated holidays where they are expected, at the earliest
// and at the latest. early <= last <= late.
type reach struct {
	last, early, late Date
	uncovered         bool // it depends on days outside the period the calendar covers
}

// working finds the n-th day after from that is worked and not suspended. stops are sorted. ok is false when a
// suspension without an end, or the end of all dates, is met first.
//
// Each unannounced holiday may be moved by itself, so the number of working days up to a day is smallest when
// each takes away as many as it can, and largest when each takes away as few. The latest end is the first day on
// which the smallest number is n, the earliest the first on which the largest is: both are attained.
func (v *view) working(from Date, n int, stops []stop, t *tracer) (r reach, ok bool) {
	count := n          // days found, counted down, with no unannounced holiday
	var least, most int // days the holidays met so far take away, at the least and at the most
	var expected int    // days they take away where they are expected
	next := v.next(from + 1)
	var loss [2*maxMargin + 1]int // of the holiday at hand, by displacement
	weekends := 0
	for d := from + 1; r.late == 0; d++ {
		if d > MaxDate {
			return reach{}, false
		}
		if len(stops) > 0 {
			s := at(stops, int64(d))
			if s != nil && s.to == forever {
				return reach{}, false
			}
			if s != nil {
				continue
			}
		}
		for next < len(v.groups) && v.groups[next].to() <= d {
			l, m, e := extremes(&v.groups[next], &loss)
			least, most, expected = least+l, most+m, expected+e
			loss = [2*maxMargin + 1]int{}
			next++
		}
		if v.weekend(d) {
			if r.last == 0 {
				weekends++
			}
			continue
		}
		if h := v.firm(d); h != nil {
			if r.last == 0 {
				t.holiday(d, h, Announced)
			}
			continue
		}
		count--
		l, m, e := 0, 0, 0
		if next < len(v.groups) && v.groups[next].from() <= d {
			g := &v.groups[next]
			for i := range 2*g.margin + 1 {
				first := g.from() + Date(i)
				if d >= first && d < first+Date(g.days) {
					loss[i]++
				}
			}
			if r.last == 0 && d >= g.first && d < g.first+Date(g.days) {
				t.holiday(d, &g.holiday, Estimated)
			}
			l, m, e = extremes(g, &loss)
		}
		if r.early == 0 && count+least+l <= 0 {
			r.early = d
		}
		if r.last == 0 && count+expected+e <= 0 {
			r.last = d
		}
		if count+most+m <= 0 {
			r.late = d
		}
	}
	if weekends > 0 {
		t.add("legaltime.weekend", "", number("count", weekends))
	}
	r.uncovered = from+1 < v.covers.From || r.late > v.covers.To
	return r, true
}

// extremes returns how many working days a holiday takes away, at the least, at the most, and where expected.
func extremes(g *group, loss *[2*maxMargin + 1]int) (least, most, expected int) {
	least = loss[0]
	for _, n := range loss[:2*g.margin+1] {
		least, most = min(least, n), max(most, n)
	}
	return least, most, loss[g.margin]
}
