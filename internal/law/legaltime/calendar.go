package legaltime

import (
	"fmt"
	"slices"
	"time"
	_ "time/tzdata" // a machine without zone files must still know every zone

	"sanad/internal/act"
)

// CalendarSpec is a calendar as data: what a pack holds. Scopes name whose days off they are (courts,
// administrations, banks …); an entry without scopes concerns them all, and the first scope is the one meant by
// rules that name none.
type CalendarSpec struct {
	ID      string
	Version string
	Zone    string // IANA name
	Basis   string // code of the text that sets legal time
	Scopes  []string
	// Covers is the period for which the dated holidays are meant to be complete. A deadline that depends on days
	// outside it is computed with what is known, and says so.
	Covers Covers
	Weeks  []Week
	Fixed  []Fixed
	Dated  []Dated
	Hours  []Opening
}

// Covers is a period of whole days, both ends included.
type Covers struct {
	From Date
	To   Date
}

// Week says which days of the week are off. Of several entries the first that applies to a day is used.
type Week struct {
	Off    []string // monday … sunday; may be empty
	From   Date     // first day it applies; none: always
	To     Date     // last day it applies; none: still
	Scopes []string
	Basis  string
}

// Fixed is a holiday on the same day every year. One that falls on a day off is lost, not moved.
type Fixed struct {
	ID     string
	Name   string // code under which it is worded; by default the id
	Day    string // month and day, as 01-11
	From   int    // first year; none: always
	To     int    // last year; none: still
	Scopes []string
	Basis  string
}

// Status says how sure the date of a holiday is.
type Status string

// The statuses of a dated holiday.
const (
	Estimated Status = "estimated" // computed beforehand; may fall up to Margin days earlier or later
	Announced Status = "announced" // settled by the authority
)

// Dated is a holiday given by its date: a lunar feast of one year, or an exceptional day off.
type Dated struct {
	ID     string
	Name   string // code under which it is worded; by default the id
	Date   Date   // its first day
	Days   int    // how many days; by default 1
	Status Status
	Margin int // estimated ones only: days, by default 1
	Scopes []string
	Basis  string
}

// Opening says when offices are open on working days. Of several entries the first that applies to a day is used,
// so that Ramadan periods stand above the usual hours. They are never part of a deadline.
type Opening struct {
	ID     string
	Name   string
	Open   string // as 08:30
	Close  string // as 16:30
	From   Date
	To     Date
	Status Status // of the dates, for a lunar period
	Scopes []string
	Basis  string
}

// Calendar is a checked calendar, ready to be asked. It never changes and may be shared.
type Calendar struct {
	spec  CalendarSpec
	ref   string
	loc   *time.Location
	views []view // one per scope
}

// Limits of a calendar.
const (
	maxScopes  = 32
	maxEntries = 4000
	maxDays    = 14 // of one holiday
	maxMargin  = 3
)

// SpecError names the place of a calendar that is wrong.
type SpecError struct {
	Path string // as $.dated[3].date
	Text string
}

func (e *SpecError) Error() string { return "calendar: " + e.Path + ": " + e.Text }

// NewCalendar checks a calendar and makes it ready. Its errors are *SpecError.
func NewCalendar(spec CalendarSpec) (*Calendar, error) {
	b := builder{spec: clone(spec), ids: map[string]bool{}}
	b.head()
	b.weeks()
	b.fixed()
	b.dated()
	b.hours()
	if b.err != nil {
		return nil, b.err
	}
	return &Calendar{spec: b.spec, ref: b.spec.ID + "@" + b.spec.Version, loc: b.loc, views: b.views}, nil
}

// clone copies the lists NewCalendar changes or keeps; lists of words within entries are only ever read.
func clone(s CalendarSpec) CalendarSpec {
	s.Scopes = slices.Clone(s.Scopes)
	s.Weeks = slices.Clone(s.Weeks)
	s.Fixed = slices.Clone(s.Fixed)
	s.Dated = slices.Clone(s.Dated)
	s.Hours = slices.Clone(s.Hours)
	return s
}

// Spec returns a copy of the data the calendar was made from, defaults filled in.
func (c *Calendar) Spec() CalendarSpec { return clone(c.spec) }

// Ref returns the calendar's identity, as ID@VERSION: what act.Deadline.Calendar holds.
func (c *Calendar) Ref() string { return c.ref }

// Location returns the calendar's zone.
func (c *Calendar) Location() *time.Location { return c.loc }

// Announce returns the calendar in a new version in which one estimated holiday is settled: its first day and
// its length. Whoever calls it then recomputes open deadlines and records what changed.
func (c *Calendar) Announce(version, id string, first Date, days int, basis string) (*Calendar, error) {
	if version == c.spec.Version {
		return nil, fmt.Errorf("announce %s: version %s exists already; give the calendar a new one", clip(id), clip(version))
	}
	spec := c.Spec()
	i := slices.IndexFunc(spec.Dated, func(d Dated) bool { return d.ID == id })
	if i < 0 {
		return nil, fmt.Errorf("announce %s: calendar %s has no dated holiday of that id; add it to the calendar first", clip(id), c.ref)
	}
	d := &spec.Dated[i]
	d.Date, d.Days, d.Status, d.Margin, d.Basis = first, days, Announced, 0, basis
	spec.Version = version
	return NewCalendar(spec)
}

// view returns what one scope sees; "" is the first scope.
func (c *Calendar) view(scope string) *view {
	if scope == "" {
		return &c.views[0]
	}
	i := slices.Index(c.spec.Scopes, scope)
	if i < 0 {
		return nil
	}
	return &c.views[i]
}

// DateOf returns the civil date of an instant in the calendar's zone.
func (c *Calendar) DateOf(i act.Instant) Date {
	const day = 86400 * 1_000_000
	_, offset := time.UnixMicro(int64(i)).In(c.loc).Zone()
	local := int64(i) + int64(offset)*1_000_000
	n := local / day
	if local%day < 0 {
		n--
	}
	return Date(n + unixDay)
}

// DayStart returns the first instant of a civil date in the calendar's zone, also where clocks change at
// midnight: the first of two midnights, or the instant that takes the place of a missing one.
func (c *Calendar) DayStart(d Date) act.Instant {
	wall := (int64(d) - unixDay) * 86400 // midnight as if in UTC
	before, after := c.offset(wall-15*3600), c.offset(wall+15*3600)
	if before == after || c.offset(wall-before) == before {
		return act.Instant((wall - before) * 1_000_000)
	}
	if c.offset(wall-after) == after {
		return act.Instant((wall - after) * 1_000_000)
	}
	_, change := time.Unix(wall-after, 0).In(c.loc).ZoneBounds()
	return act.InstantOf(change)
}

func (c *Calendar) offset(unix int64) int64 {
	_, offset := time.Unix(unix, 0).In(c.loc).Zone()
	return int64(offset)
}

// Days returns the suspension over the civil days from first to last, both included.
func (c *Calendar) Days(first, last Date, basis string) Span {
	return Span{From: c.DayStart(first), To: c.DayStart(last + 1), Basis: basis}
}

// Off says why a day is not worked in a scope: "weekend", or the name of a holiday with its status (announced
// for fixed ones). Name is "" for a working day. It errors on a scope the calendar does not have.
func (c *Calendar) Off(d Date, scope string) (name string, status Status, err error) {
	v := c.view(scope)
	if v == nil {
		return "", "", unknownScope(c, scope)
	}
	if v.weekend(d) {
		return "weekend", Announced, nil
	}
	if h := v.firm(d); h != nil {
		return h.name, Announced, nil
	}
	g := v.group(d)
	if g != nil && d >= g.first && d < g.first+Date(g.days) {
		return g.name, Estimated, nil
	}
	return "", "", nil
}

// Opening returns the instants between which offices of a scope are open on a date, and the entry that says so;
// false on a day off or where the calendar does not say.
func (c *Calendar) Opening(d Date, scope string) (from, to act.Instant, by Opening, ok bool) {
	name, _, err := c.Off(d, scope)
	if err != nil || name != "" {
		return 0, 0, Opening{}, false
	}
	if scope == "" && len(c.spec.Scopes) > 0 {
		scope = c.spec.Scopes[0]
	}
	for _, o := range c.spec.Hours {
		if !concerns(o.Scopes, scope) || d < o.From || o.To != 0 && d > o.To {
			continue
		}
		year, month, day := d.Civil()
		at := func(clock string) act.Instant {
			t, _ := time.Parse(clockForm, clock)
			return act.InstantOf(time.Date(year, month, day, t.Hour(), t.Minute(), 0, 0, c.loc))
		}
		return at(o.Open), at(o.Close), o, true
	}
	return 0, 0, Opening{}, false
}

const clockForm = "15:04"

func concerns(scopes []string, scope string) bool {
	return len(scopes) == 0 || slices.Contains(scopes, scope)
}

func unknownScope(c *Calendar, scope string) error {
	if len(c.spec.Scopes) == 0 {
		return invalid("scope", "calendar %s has no scopes; leave it out instead of %q", c.ref, clip(scope))
	}
	return invalid("scope", "calendar %s has no scope %q; use one of %s", c.ref, clip(scope), words(c.spec.Scopes))
}
