package protocol_test

import (
	"testing"
	"time"

	"sanad/internal/act"
	"sanad/internal/law/protocol"
)

// zoned is a legal time some hours from UTC.
type zoned struct {
	protocol.Time
	zone *time.Location
}

func (z zoned) DayStart(day time.Time) act.Instant {
	return act.InstantOf(time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, z.zone))
}

func TestLastDay(t *testing.T) {
	t.Parallel()
	for _, hours := range []int{5, 0, -7} {
		z := zoned{zone: time.FixedZone("z", hours*3600)}
		for _, c := range []struct{ end, want string }{
			{"2026-03-02T00:00:00", "2026-03-01"}, // from that midnight on it is too late
			{"2026-03-02T00:00:01", "2026-03-02"},
			{"2026-03-02T23:59:59", "2026-03-02"},
		} {
			end, err := time.ParseInLocation("2006-01-02T15:04:05", c.end, z.zone)
			if err != nil {
				t.Fatal(err)
			}
			if got := protocol.LastDay(z, act.InstantOf(end)).Format(time.DateOnly); got != c.want {
				t.Errorf("%s at %+d hours: %s, want %s", c.end, hours, got, c.want)
			}
		}
	}
}
