package legaltime

import (
	"fmt"
	"time"
)

// Date is a civil date of the proleptic Gregorian calendar, as the number of days since 31 December of year 0:
// 1 is 0001-01-01. The zero Date is no date. Dates up to MaxDate can be written.
type Date int32

// MaxDate is 9999-12-31, the last date there is.
const MaxDate Date = 3652059

// unixDay is 1970-01-01.
const unixDay = 719163

// DateOf returns a civil date; false when there is no such day or its year is not between 1 and 9999.
func DateOf(year int, month time.Month, day int) (Date, bool) {
	if year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return 0, false
	}
	return civil(year, month, day), true
}

// civil numbers a day of a year from 0 on. Years are made to begin in March, so that the leap day comes last.
func civil(year int, month time.Month, day int) Date {
	y, m := year, int(month)
	if m < 3 {
		y, m = y-1, m+12
	}
	return Date(365*y + y/4 - y/100 + y/400 + (153*(m-3)+2)/5 + day - 306)
}

func daysIn(year int, month time.Month) int {
	switch month {
	case time.April, time.June, time.September, time.November:
		return 30
	case time.February:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	default:
		return 31
	}
}

// ParseDate reads a date written like 2006-01-02, and nothing else.
func ParseDate(text string) (Date, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil || t.Year() < 1 {
		return 0, fmt.Errorf("%q is not a date; write it like 2006-01-02", clip(text))
	}
	return civil(t.Year(), t.Month(), t.Day()), nil
}

// IsZero reports whether d is no date.
func (d Date) IsZero() bool { return d == 0 }

// Civil returns year, month and day of the month.
func (d Date) Civil() (year int, month time.Month, day int) {
	n := int(d) + 305 // days since 0000-03-01
	cycle := n / 146097
	n %= 146097
	y := (n - n/1460 + n/36524 - n/146096) / 365
	n -= 365*y + y/4 - y/100
	m := (5*n + 2) / 153
	day = n - (153*m+2)/5 + 1
	year = y + 400*cycle
	if m >= 10 {
		return year + 1, time.Month(m - 9), day
	}
	return year, time.Month(m + 3), day
}

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday { return time.Weekday(d % 7) }

// Time returns midnight UTC of the date, the form in which a civil date is handed to act.OfDate.
func (d Date) Time() time.Time { return time.Unix((int64(d)-unixDay)*86400, 0).UTC() }

// String writes the date like 2006-01-02, and nothing for the zero Date.
func (d Date) String() string { return string(d.append(nil)) }

func (d Date) append(to []byte) []byte {
	if d == 0 {
		return to
	}
	return d.Time().AppendFormat(to, time.DateOnly)
}

// MarshalText implements encoding.TextMarshaler with the same text as String.
func (d Date) MarshalText() ([]byte, error) { return d.append(nil), nil }

// UnmarshalText implements encoding.TextUnmarshaler; it accepts what ParseDate does.
func (d *Date) UnmarshalText(text []byte) error {
	got, err := ParseDate(string(text))
	if err != nil {
		return err
	}
	*d = got
	return nil
}

// addMonths goes n months on to the same day of the month. When that month is too short, exact is false, down
// is its last day and up the first day of the next; otherwise both are the day found.
func (d Date) addMonths(n int) (down, up Date, exact bool) {
	year, month, day := d.Civil()
	m := year*12 + int(month) - 1 + n
	year, month = m/12, time.Month(m%12+1)
	last := daysIn(year, month)
	if day <= last {
		same := civil(year, month, day)
		return same, same, true
	}
	down = civil(year, month, last)
	return down, down + 1, false
}

// clip shortens what is quoted back in an error.
func clip(s string) string {
	const most = 40
	if len(s) <= most {
		return s
	}
	return s[:most] + "…"
}
