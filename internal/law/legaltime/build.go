package legaltime

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"sanad/internal/act"
)

// builder checks a spec and fills the views; it keeps the first error.
type builder struct {
	spec  CalendarSpec
	loc   *time.Location
	ids   map[string]bool
	views []view
	err   error
}

func (b *builder) fail(path, format string, args ...any) {
	if b.err == nil {
		b.err = &SpecError{Path: path, Text: fmt.Sprintf(format, args...)}
	}
}

func (b *builder) code(path, code string) {
	if !act.IsCode(code) {
		b.fail(path, "%q is not a code; use 1 to 96 letters, digits and . _ @ : / + -", clip(code))
	}
}

func (b *builder) optional(path, code string) {
	if code != "" {
		b.code(path, code)
	}
}

func (b *builder) id(path, id string) {
	b.code(path, id)
	if b.ids[id] {
		b.fail(path, "%q is used twice; ids are unique in a calendar", clip(id))
	}
	b.ids[id] = true
}

func (b *builder) scopes(path string, scopes []string) {
	for i, s := range scopes {
		if !slices.Contains(b.spec.Scopes, s) {
			b.fail(fmt.Sprintf("%s[%d]", path, i), "%q is not a scope of this calendar; declare it under scopes, or use one of: %s", clip(s), words(b.spec.Scopes))
		}
	}
}

func (b *builder) period(path string, from, to Date) {
	if from < 0 || to < 0 || from > MaxDate || to > MaxDate {
		b.fail(path, "there is no such date")
	}
	if to != 0 && to < from {
		b.fail(path, "it ends on %s, before it begins on %s", to, from)
	}
}

func (b *builder) head() {
	s := &b.spec
	b.code("$.id", s.ID)
	b.code("$.version", s.Version)
	// An act keeps ID@VERSION as one code.
	if b.err == nil && (strings.Contains(s.ID+s.Version, "@") || !act.IsCode(s.ID+"@"+s.Version)) {
		b.fail("$.version", "id and version together make ID@VERSION, of at most 96 characters and with one @")
	}
	b.optional("$.basis", s.Basis)
	// "Local" would make the answer depend on the machine.
	loc, err := time.LoadLocation(s.Zone)
	if err != nil || s.Zone == "" || s.Zone == "Local" {
		b.fail("$.zone", "%q is not a time zone; use a name like Africa/Casablanca", clip(s.Zone))
	}
	b.loc = loc
	if len(s.Scopes) > maxScopes {
		b.fail("$.scopes", "%d scopes, at most %d", len(s.Scopes), maxScopes)
	}
	for i, scope := range s.Scopes {
		path := fmt.Sprintf("$.scopes[%d]", i)
		b.code(path, scope)
		if slices.Contains(s.Scopes[:i], scope) {
			b.fail(path, "%q is there twice", clip(scope))
		}
	}
	if s.Covers.From == 0 || s.Covers.To == 0 {
		b.fail("$.covers", "say from when and to when the dated holidays are complete: from and to, as dates")
	}
	b.period("$.covers", s.Covers.From, s.Covers.To)
	if n := len(s.Weeks) + len(s.Fixed) + len(s.Dated) + len(s.Hours); n > maxEntries {
		b.fail("$", "%d entries, at most %d", n, maxEntries)
	}
	if b.err != nil {
		return
	}
	b.views = make([]view, max(1, len(s.Scopes)))
	for i := range b.views {
		b.views[i].covers = s.Covers
	}
}

// each calls f with the view of every scope an entry concerns.
func (b *builder) each(scopes []string, f func(*view)) {
	if b.err != nil {
		return
	}
	for i := range b.views {
		if len(b.spec.Scopes) == 0 || concerns(scopes, b.spec.Scopes[i]) {
			f(&b.views[i])
		}
	}
}

var weekdays = []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}

func (b *builder) weeks() {
	if len(b.spec.Weeks) == 0 {
		b.fail("$.weeks", "say which days of the week are off, with an empty list under off if none is")
	}
	for i, w := range b.spec.Weeks {
		path := fmt.Sprintf("$.weeks[%d]", i)
		off := uint8(0)
		for j, name := range w.Off {
			day := slices.Index(weekdays, name)
			if day < 0 {
				b.fail(fmt.Sprintf("%s.off[%d]", path, j), "%q is not a day of the week; use monday to sunday", clip(name))
				return
			}
			off |= 1 << day
		}
		if off == 1<<7-1 {
			b.fail(path+".off", "a week needs a working day")
		}
		b.scopes(path+".scopes", w.Scopes)
		b.period(path, w.From, w.To)
		b.optional(path+".basis", w.Basis)
		b.each(w.Scopes, func(v *view) { v.weeks = append(v.weeks, week{w.From, w.To, off}) })
	}
}

func (b *builder) fixed() {
	for i := range b.spec.Fixed {
		f := &b.spec.Fixed[i]
		path := fmt.Sprintf("$.fixed[%d]", i)
		b.id(path+".id", f.ID)
		f.Name = cmp.Or(f.Name, f.ID)
		b.code(path+".name", f.Name)
		b.optional(path+".basis", f.Basis)
		b.scopes(path+".scopes", f.Scopes)
		t, err := time.Parse("2006-01-02", "2000-"+f.Day) // a leap year: 02-29 is a day
		if err != nil {
			b.fail(path+".day", "%q is not a day of the year; write month and day like \"01-11\"", clip(f.Day))
			return
		}
		if f.From < 0 || f.To < 0 || f.From > 9999 || f.To > 9999 || f.To != 0 && f.To < f.From {
			b.fail(path, "from %d to %d is not a period; give years, or leave them out", f.From, f.To)
		}
		h := yearly{holiday{f.Name, f.Basis}, f.From, f.To}
		b.each(f.Scopes, func(v *view) {
			slot := slot(t.Month(), t.Day())
			v.yearly[slot] = append(v.yearly[slot], h)
		})
	}
}

func (b *builder) dated() {
	for i := range b.spec.Dated {
		d := &b.spec.Dated[i]
		path := fmt.Sprintf("$.dated[%d]", i)
		b.id(path+".id", d.ID)
		d.Name = cmp.Or(d.Name, d.ID)
		d.Days = cmp.Or(d.Days, 1)
		if d.Status == Estimated {
			d.Margin = cmp.Or(d.Margin, 1)
		}
		b.code(path+".name", d.Name)
		b.optional(path+".basis", d.Basis)
		b.scopes(path+".scopes", d.Scopes)
		switch {
		case d.Days < 1 || d.Days > maxDays:
			b.fail(path+".days", "%d days; a holiday has 1 to %d", d.Days, maxDays)
		case d.Margin < 0 || d.Margin > maxMargin:
			b.fail(path+".margin", "%d days; a margin has 1 to %d", d.Margin, maxMargin)
		case d.Date < 1+maxMargin || d.Date > MaxDate-maxDays-maxMargin:
			b.fail(path+".date", "say on which date it begins, like 2026-03-20")
		case d.Status == Announced && d.Margin != 0:
			b.fail(path+".margin", "an announced holiday has no margin; leave it out")
		case d.Status == Announced:
			b.each(d.Scopes, func(v *view) {
				for n := range d.Days {
					v.days = append(v.days, day{d.Date + Date(n), holiday{d.Name, d.Basis}})
				}
			})
		case d.Status == Estimated:
			b.each(d.Scopes, func(v *view) {
				v.groups = append(v.groups, group{holiday{d.Name, d.Basis}, d.Date, d.Days, d.Margin, i})
			})
		default:
			b.fail(path+".status", "%q is not a status; use estimated or announced", clip(string(d.Status)))
		}
	}
	for i := range b.views {
		v := &b.views[i]
		slices.SortStableFunc(v.days, func(x, y day) int { return cmp.Compare(x.date, y.date) })
		slices.SortStableFunc(v.groups, func(x, y group) int { return cmp.Compare(x.from(), y.from()) })
		for j := 1; j < len(v.groups); j++ {
			// Bounds are exact because each day depends on one unannounced holiday at most.
			x, y := v.groups[j-1], v.groups[j]
			if y.from() < x.to() {
				b.fail(fmt.Sprintf("$.dated[%d].date", y.entry), "%s and %s are both estimated and may fall on the same day; make them one entry, or narrow their margins", y.name, x.name)
			}
		}
	}
}

func (b *builder) hours() {
	for i := range b.spec.Hours {
		o := &b.spec.Hours[i]
		path := fmt.Sprintf("$.hours[%d]", i)
		b.id(path+".id", o.ID)
		o.Name = cmp.Or(o.Name, o.ID)
		b.code(path+".name", o.Name)
		b.optional(path+".basis", o.Basis)
		b.scopes(path+".scopes", o.Scopes)
		b.period(path, o.From, o.To)
		if o.Status != "" && o.Status != Estimated && o.Status != Announced {
			b.fail(path+".status", "%q is not a status; use estimated or announced", clip(string(o.Status)))
		}
		for _, c := range []struct{ field, clock string }{{"open", o.Open}, {"close", o.Close}} {
			t, err := time.Parse(clockForm, c.clock)
			if err != nil || t.Format(clockForm) != c.clock {
				b.fail(path+"."+c.field, "%q is not a time of day; write it like \"08:30\"", clip(c.clock))
			}
		}
		if o.Close <= o.Open {
			b.fail(path+".close", "it closes at %s, not after it opens at %s", clip(o.Close), clip(o.Open))
		}
	}
}
