package legaltime

import (
	"errors"
	"strings"
	"time"

	"sanad/internal/act"
)

type naive struct {
	zone     *time.Location
	off      map[time.Weekday]bool
	fixed    map[string][2]int // month and day, with first and last year
	firm     map[string]bool
	expected []naiveFeast
	begin    map[int64]act.Instant // midnights found so far, by civil day
}

type naiveFeast struct {
	first        time.Time // midnight UTC stands for a civil day
	days, margin int
}

func (n *naive) civil(i act.Instant) time.Time {
	y, m, d := i.Time().In(n.zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// midnight finds the first minute of a civil day by trying: no zone in these tests changes within a minute.
func (n *naive) midnight(day time.Time) act.Instant {
	found, ok := n.begin[day.Unix()]
	if ok {
		return found
	}
	t := day.Add(-16 * time.Hour)
	for _, step := range []time.Duration{time.Hour, 10 * time.Minute, time.Minute} {
		for n.civil(act.InstantOf(t.Add(step))).Before(day) {
			t = t.Add(step)
		}
	}
	found = act.InstantOf(t.Add(time.Minute))
	n.begin[day.Unix()] = found
	return found
}

// worked reports whether a civil day is worked in a world, which moves every expected feast by some days.
func (n *naive) worked(day time.Time, world []int) bool {
	if n.off[day.Weekday()] || n.firm[day.Format(time.DateOnly)] {
		return false
	}
	years, ok := n.fixed[day.Format("01-02")]
	if ok && day.Year() >= years[0] && day.Year() <= years[1] {
		return false
	}
	for i, f := range n.expected {
		for k := range f.days {
			if f.first.AddDate(0, 0, world[i]+k).Equal(day) {
				return false
			}
		}
	}
	return true
}

// stopped reports whether a suspension takes a civil day away, minutes of it or all of it.
func (n *naive) stopped(day time.Time, spans []Span, whole bool) bool {
	if len(spans) == 0 {
		return false
	}
	from, to := n.midnight(day), n.midnight(day.Add(naiveDay))
	for _, s := range spans {
		if whole && s.From <= from && s.To >= to || !whole && s.From < to && s.To > from {
			return true
		}
	}
	if !whole {
		return false
	}
	// Several suspensions may cover a day together.
	for covered := true; covered; {
		covered = false
		for _, s := range spans {
			if s.From <= from && s.To > from {
				from, covered = s.To, true
			}
		}
	}
	return from >= to
}

// sameDay goes on by months, one by one, and says whether the day exists there.
func sameDay(day time.Time, months int) (down, up time.Time, exact bool) {
	first := time.Date(day.Year(), day.Month(), 1, 0, 0, 0, 0, time.UTC)
	for range months {
		first = first.AddDate(0, 1, 0)
	}
	at := first
	for at.Day() < day.Day() {
		next := at.Add(naiveDay)
		if next.Month() != first.Month() {
			return at, next, false
		}
		at = next
	}
	return at, at, true
}

var errNaiveAmbiguous = errors.New("ambiguous")

// day computes one reading in one world.
func (n *naive) day(r Rule, rd Reading, start time.Time, spans []Span, world []int) (time.Time, error) {
	left, working := 0, false
	switch rd.Mode {
	case Days:
		left = r.Count
	case Francs:
		left = r.Count + 1
	case Francs1964:
		left = r.Count + 2
	case WorkingDays:
		left, working = r.Count, true
	default:
		months, from, more := r.Count, start, 0
		switch rd.Mode {
		case Years:
			months *= 12
		case MonthsFrancs:
			more = 1
		case MonthsFrancs1964:
			from, more = start.Add(naiveDay), 1
		}
		down, up, exact := sameDay(from, months)
		if !exact && rd.Round == "" {
			return time.Time{}, errNaiveAmbiguous
		}
		end := down
		if rd.Round == RoundUp {
			end = up
		}
		for d := start; d.Before(end); d = d.Add(naiveDay) {
			left++
		}
		left += more
	}
	day := start
	for left > 0 {
		day = day.Add(naiveDay)
		if n.stopped(day, spans, rd.WholeDays) || working && !n.worked(day, world) {
			continue
		}
		left--
	}
	franc := strings.Contains(string(r.Mode), "francs")
	if r.Roll == RollNext || franc && r.Roll == "" {
		for !n.worked(day, world) || n.stopped(day, spans, rd.WholeDays) {
			day = day.Add(naiveDay)
		}
	}
	return day, nil
}

// worlds calls f with every way of moving the feasts that lie near a deadline; others stay.
func (n *naive) worlds(from, to time.Time, f func([]int)) {
	world := make([]int, len(n.expected))
	var move func(int)
	move = func(i int) {
		if i == len(world) {
			f(world)
			return
		}
		e := n.expected[i]
		if e.first.AddDate(0, 0, e.days+e.margin+1).Before(from) || e.first.AddDate(0, 0, -e.margin-1).After(to) {
			move(i + 1)
			return
		}
		for world[i] = -e.margin; world[i] <= e.margin; world[i]++ {
			move(i + 1)
		}
		world[i] = 0
	}
	move(0)
}

// naiveHours counts by stepping from one edge of a suspension to the next.
func naiveHours(count int, start act.Instant, spans []Span) act.Instant {
	left, at := int64(count)*3600*1_000_000, int64(start)
	for left > 0 {
		stopped, next := false, at+left
		for _, s := range spans {
			if int64(s.From) <= at && at < int64(s.To) {
				stopped, at = true, int64(s.To)
			}
			if int64(s.From) > at {
				next = min(next, int64(s.From))
			}
		}
		if !stopped {
			left -= next - at
			at = next
		}
	}
	return act.Instant(at)
}
