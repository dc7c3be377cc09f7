package lang

import (
	"strconv"
	"time"
)

// Forms are the keys of what this package itself words. A language that must be full has them all.
var forms = func() []string {
	keys := []string{
		"form.group", "form.first", "form.day", "form.moment", "form.list.none", "form.list.comma", "form.list.and",
		"form.size.kilo", "form.size.mega", "form.size.giga",
		"time.moment", "time.minutes", "time.hours", "time.days",
		"time.left.moment", "time.left.minutes", "time.left.hours", "time.left.days",
		"time.late.moment", "time.late.minutes", "time.late.hours", "time.late.days",
	}
	for i := 1; i <= 12; i++ {
		keys = append(keys, "form.month."+strconv.Itoa(i))
	}
	for i := range 7 {
		keys = append(keys, "form.weekday."+strconv.Itoa(i))
	}
	return keys
}()

// form words one of this package's own messages. Arguments are words already: nothing is isolated or grouped.
func (p *Printer) form(key string, args map[string]string) string {
	m, from := p.find(key)
	if m == nil || m.one == nil {
		p.report(key, "this form is not there, or is a plural")
		return "?"
	}
	if from != p.lang && p.lang.speech().full {
		p.report(key, "worded only in "+string(from))
	}
	s := ""
	for i, w := range m.one.words {
		s += w
		if i < len(m.one.names) {
			s += args[m.one.names[i]]
		}
	}
	return s
}

// Number writes a whole number with a sign between thousands, in the digits 0 to 9.
func (p *Printer) Number(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if digits[0] == '-' {
		sign, digits = "\u2212", digits[1:]
	}
	if len(digits) > 3 {
		group := p.form("form.group", nil)
		for i := len(digits) - 3; i > 0; i -= 3 {
			digits = digits[:i] + group + digits[i:]
		}
	}
	return sign + digits
}

// Day writes a date in the location of t: 4 March 2026.
func (p *Printer) Day(t time.Time) string {
	day := strconv.Itoa(t.Day())
	if t.Day() == 1 {
		day = p.form("form.first", nil)
	}
	return p.form("form.day", map[string]string{
		"day": day, "month": p.form("form.month."+strconv.Itoa(int(t.Month())), nil), "year": strconv.Itoa(t.Year()),
	})
}

// Dated writes a date that is held as text, as exactly as it is given: 2026-03-04 is 4 March 2026, 2026-03 is March 2026. What is
// neither comes back as it is.
func (p *Printer) Dated(text string) string {
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return p.Day(day)
	}
	if month, err := time.Parse("2006-01", text); err == nil {
		return p.form("form.month."+strconv.Itoa(int(month.Month())), nil) + " " + strconv.Itoa(month.Year())
	}
	return text
}

// Moment writes a date with its day of the week and the time of day, in the location of t, which the caller sets:
// legal times are those of the country, not of the server.
func (p *Printer) Moment(t time.Time) string {
	return p.form("form.moment", map[string]string{
		"weekday": p.form("form.weekday."+strconv.Itoa(int(t.Weekday())), nil), "date": p.Day(t), "clock": p.Clock(t),
	})
}

// Clock writes a time of day on 24 hours, in the location of t.
func (p *Printer) Clock(t time.Time) string { return t.Format("15:04") }

// Size writes a number of bytes in the largest thousand it reaches, cut, never rounded up.
func (p *Printer) Size(bytes int64) string {
	key, unit := "form.size.kilo", int64(1e3)
	switch {
	case bytes >= 1e9:
		key, unit = "form.size.giga", 1e9
	case bytes >= 1e6:
		key, unit = "form.size.mega", 1e6
	}
	return p.form(key, map[string]string{"size": p.Number(bytes / unit)})
}

// Duration writes a length of time in one unit: minutes under two hours, hours under two days, then days. It is
// cut, never rounded up: nobody is promised more time than there is. A negative one is written without its sign.
func (p *Printer) Duration(d time.Duration) string { return p.span("time.", d) }

// Left writes how much time is left, or how late it is when d is zero or less.
func (p *Printer) Left(d time.Duration) string {
	if d > 0 {
		return p.span("time.left.", d)
	}
	return p.span("time.late.", d)
}

func (p *Printer) span(prefix string, d time.Duration) string {
	d = d.Abs()
	unit, n := "days", int64(d/(24*time.Hour))
	switch {
	case d < time.Minute:
		return p.Text(prefix+"moment", nil)
	case d < 2*time.Hour:
		unit, n = "minutes", int64(d/time.Minute)
	case d < 48*time.Hour:
		unit, n = "hours", int64(d/time.Hour)
	}
	return p.Text(prefix+unit, Args{count: n})
}
