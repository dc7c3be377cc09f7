package console

import (
	"slices"
	"strings"
	"testing"
	"time"

	"sanad/internal/kit/lang"
)

// On a page of the queue clocks stay where they are; what no clock orders is one's own first, the longest waiting on top.
func TestOwnFirst(t *testing.T) {
	t.Parallel()
	line := func(name string, clock, mine bool) lineData {
		l := lineData{Href: name, Mine: mine}
		if clock {
			l.Clock = &clockData{}
		}
		return l
	}
	lines := []lineData{
		line("a", true, false), line("b", true, true), line("c", true, false),
		line("d", false, false), line("e", false, true), line("f", false, false), line("g", false, true),
	}
	slices.SortStableFunc(lines, ownFirst)
	var got strings.Builder
	for _, l := range lines {
		got.WriteString(l.Href)
	}
	if got.String() != "abcegdf" {
		t.Errorf("the order is %s", got.String())
	}
}

// A clock of days ends at a midnight, and the day before is the last on which one may act.
func TestLastDay(t *testing.T) {
	t.Parallel()
	rabat, err := time.LoadLocation("Africa/Casablanca")
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[string]string{
		"2026-10-26T23:00:00Z": "2026-10-26 1", // Tuesday 00:00 in Rabat: Monday is the last day
		"2026-03-01T00:00:00Z": "2026-02-28 6", // in Ramadan Rabat keeps UTC
		"2026-10-27T11:30:00Z": "",             // extended into a day
	} {
		due, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if last := lastDay(due.In(rabat)); last != nil {
			day, _ := last.Args["date"].(lang.Day)
			weekday, _ := last.Args["weekday"].(lang.Key)
			got = time.Time(day).Format(time.DateOnly) + " " + strings.TrimPrefix(string(weekday), "form.weekday.")
		}
		if got != want {
			t.Errorf("%s: %q, want %q", at, got, want)
		}
	}
}
