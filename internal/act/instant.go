package act

import (
	"fmt"
	"time"
)

// Instant is a moment in microseconds since 1970-01-01T00:00:00Z, always UTC. Years 1 to 9999.
type Instant int64

const instantForm = "2006-01-02T15:04:05.000000Z"

// Bounds of what an Instant may be, both inclusive.
var (
	minInstant = InstantOf(time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC))
	maxInstant = InstantOf(time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC))
)

// InstantOf cuts t to microseconds.
func InstantOf(t time.Time) Instant { return Instant(t.UnixMicro()) }

// Time returns the instant as a time in UTC.
func (i Instant) Time() time.Time { return time.UnixMicro(int64(i)).UTC() }

// Add returns the instant d later, d cut to microseconds.
func (i Instant) Add(d time.Duration) Instant { return i + Instant(d.Microseconds()) }

// String writes RFC 3339 in UTC with exactly six decimals.
func (i Instant) String() string { return string(i.append(nil)) }

// append writes what instantForm says digit by digit, for every act holds several.
func (i Instant) append(to []byte) []byte {
	t := i.Time()
	if i < minInstant || i > maxInstant {
		return t.AppendFormat(to, instantForm)
	}
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	to = append(appendDigits(to, year, 4), '-')
	to = append(appendDigits(to, int(month), 2), '-')
	to = append(appendDigits(to, day, 2), 'T')
	to = append(appendDigits(to, hour, 2), ':')
	to = append(appendDigits(to, minute, 2), ':')
	to = append(appendDigits(to, second, 2), '.')
	return append(appendDigits(to, t.Nanosecond()/1000, 6), 'Z')
}

// appendDigits writes the last digits of a number that is not negative.
func appendDigits(to []byte, number, digits int) []byte {
	from := len(to)
	to = append(to, "000000"[:digits]...)
	for i := len(to) - 1; i >= from; i-- {
		to[i] = byte('0' + number%10)
		number /= 10
	}
	return to
}

// ParseInstant accepts exactly what String writes.
func ParseInstant(text string) (Instant, error) {
	t, err := time.Parse(instantForm, text)
	if err != nil {
		return 0, fmt.Errorf("%q is not an instant like %s", clip(text), instantForm)
	}
	i := InstantOf(t)
	if i < minInstant || i > maxInstant || i.String() != text {
		return 0, fmt.Errorf("%q is not an instant like %s", clip(text), instantForm)
	}
	return i, nil
}
