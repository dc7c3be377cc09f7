package protocol

import (
	"time"

	"sanad/internal/act"
)

// LastDay is the last civil day, as its midnight in UTC, that begins before an instant in legal time: where a rule says how long
// something may last at most, the last day on which it may end.
func LastDay(law Time, end act.Instant) time.Time {
	day := end.Time().UTC().Truncate(24*time.Hour).AddDate(0, 0, 1)
	for law.DayStart(day) >= end {
		day = day.AddDate(0, 0, -1)
	}
	return day
}
