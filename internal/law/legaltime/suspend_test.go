package legaltime

import (
	"testing"
	"time"

	"sanad/internal/act"
)

func TestSuspensions(t *testing.T) {
	t.Parallel()
	cal := testCalendar(t)
	days := func(first, last string) Span { return cal.Days(date(t, first), date(t, last), "order-7") }
	part := Span{From: moment(t, cal, "2026-06-03T15:00:00Z"), To: moment(t, cal, "2026-06-05T09:00:00Z")}
	for _, c := range []struct {
		name  string
		rule  Rule
		from  string
		spans []Span
		want  string
		also  string
	}{
		{"whole days", Rule{Count: 10, Mode: Days}, "2026-06-01", []Span{days("2026-06-04", "2026-06-06")}, "2026-06-14", ""},
		{"before the start", Rule{Count: 10, Mode: Days}, "2026-06-01", []Span{days("2026-05-01", "2026-06-01")}, "2026-06-11", ""},
		{"over the start", Rule{Count: 10, Mode: Days}, "2026-06-01", []Span{days("2026-05-28", "2026-06-03")}, "2026-06-13", ""},
		{"on the last day", Rule{Count: 10, Mode: Days}, "2026-06-01", []Span{days("2026-06-11", "2026-06-11")}, "2026-06-12", ""},
		{"after the last day", Rule{Count: 10, Mode: Days}, "2026-06-01", []Span{days("2026-06-12", "2026-06-20")}, "2026-06-11", ""},
		{"not lifted, too late to matter", Rule{Count: 10, Mode: Days}, "2026-06-01", []Span{{From: cal.DayStart(date(t, "2026-06-12")), To: Open}}, "2026-06-11", ""},
		{"a second one met by the first", Rule{Count: 10, Mode: Days}, "2026-06-01", []Span{days("2026-06-12", "2026-06-13"), days("2026-06-05", "2026-06-05")}, "2026-06-14", ""},
		{"overlapping count once", Rule{Count: 10, Mode: Days}, "2026-06-01", []Span{days("2026-06-03", "2026-06-05"), days("2026-06-04", "2026-06-06")}, "2026-06-15", ""},
		{"months", Rule{Count: 1, Mode: Months}, "2026-06-01", []Span{days("2026-06-04", "2026-06-06")}, "2026-07-04", ""},
		{"working days", Rule{Count: 5, Mode: WorkingDays}, "2026-06-01", []Span{days("2026-06-04", "2026-06-06")}, "2026-06-10", ""},
		{"rolled over a suspension", Rule{Count: 5, Mode: Days, Roll: RollNext}, "2026-06-01", []Span{days("2026-06-07", "2026-06-09")}, "2026-06-10", ""},
		{"part of a day, for nobody", Rule{Count: 10, Mode: Days}, "2026-06-01", []Span{part}, "2026-06-14", "2026-06-12"},
		{"part of a day, for a right", Rule{Count: 10, Mode: Days, Side: SideRight}, "2026-06-01", []Span{part}, "2026-06-14", "2026-06-12"},
		{"part of a day, for a duty", Rule{Count: 10, Mode: Days, Side: SideDuty}, "2026-06-01", []Span{part}, "2026-06-12", "2026-06-14"},
		{"a duty does not wait for the longer reading", Rule{Count: 10, Mode: Francs1964, Side: SideDuty}, "2026-06-01", []Span{{From: cal.DayStart(date(t, "2026-06-13")), To: Open}}, "2026-06-12", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, err := Compute(c.rule, moment(t, cal, c.from), c.spans, cal)
			if err != nil {
				t.Fatal(err)
			}
			also := ""
			if len(r.Alternatives) > 0 {
				also = r.Alternatives[0].Last.String()
			}
			if r.Last.String() != c.want || also != c.also {
				t.Errorf("last day %s and %q, want %s and %q", r.Last, also, c.want, c.also)
			}
		})
	}
	right := Rule{Count: 10, Mode: Francs, Side: SideRight}
	_, err := Compute(right, moment(t, cal, "2026-06-01"), []Span{{From: cal.DayStart(date(t, "2026-06-13")), To: Open}}, cal)
	if !isSuspended(err) {
		t.Errorf("a right does wait for the longer reading: %v", err)
	}

	start := moment(t, cal, "2026-06-01T08:00:00Z")
	for _, c := range []struct {
		name string
		gaps [][2]int // hours after the start
		want int
	}{
		{"none", nil, 48},
		{"inside", [][2]int{{10, 20}}, 58},
		{"overlapping, unsorted", [][2]int{{15, 30}, {10, 20}}, 68},
		{"over the start", [][2]int{{-5, 5}}, 53},
		{"at the very end", [][2]int{{48, 60}}, 48},
		{"an instant before the end", [][2]int{{47, 60}}, 61},
	} {
		var spans []Span
		for _, g := range c.gaps {
			spans = append(spans, Span{From: start.Add(time.Duration(g[0]) * time.Hour), To: start.Add(time.Duration(g[1]) * time.Hour)})
		}
		r, err := Compute(Rule{Count: 48, Mode: Hours}, start, spans, cal)
		if err != nil {
			t.Fatal(err)
		}
		if r.Due != start.Add(time.Duration(c.want)*time.Hour) {
			t.Errorf("%s: due %s, want %d h", c.name, r.Due, c.want)
		}
	}
}

// A suspension nobody has lifted that begins within the last day: by the reading in which that day still counts, an
// authority's duty is due then, as it would be had the suspension been lifted. A right waits.
func TestNotLiftedWithinTheLastDay(t *testing.T) {
	t.Parallel()
	cal := testCalendar(t)
	from, begins := moment(t, cal, "2026-06-01"), moment(t, cal, "2026-06-11T12:00:00Z")
	for _, to := range []act.Instant{Open, moment(t, cal, "2026-07-11T12:00:00Z")} {
		r, err := Compute(Rule{Count: 10, Mode: Days, Side: SideDuty}, from, []Span{{From: begins, To: to}}, cal)
		if err != nil || r.Last.String() != "2026-06-11" || !r.WholeDays {
			t.Errorf("until %d: %s, %v", to, r.Last, err)
		}
	}
	for _, side := range []Side{SideRight, ""} {
		_, err := Compute(Rule{Count: 10, Mode: Days, Side: side}, from, []Span{{From: begins, To: Open}}, cal)
		if !isSuspended(err) {
			t.Errorf("side %q: %v", side, err)
		}
	}
	_, err := Compute(Rule{Count: 11, Mode: Days, Side: SideDuty}, from, []Span{{From: begins, To: Open}}, cal)
	if !isSuspended(err) {
		t.Errorf("a day later: %v", err)
	}
}
