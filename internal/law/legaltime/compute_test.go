package legaltime

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"sanad/internal/act"
)

func testCalendar(t testing.TB) *Calendar {
	t.Helper()
	text, err := os.ReadFile("testdata/calendar.yaml")
	if err != nil {
		t.Fatal(err)
	}
	cal, err := calendarOf(text)
	if err != nil {
		t.Fatal(err)
	}
	return cal
}

// calendarOf reads a calendar of a test. Packs are read by package pack, which checks more.
func calendarOf(text []byte) (*Calendar, error) {
	var spec CalendarSpec
	err := yaml.UnmarshalWithOptions(text, &spec, yaml.Strict())
	if err != nil {
		return nil, err
	}
	return NewCalendar(spec)
}

func date(t testing.TB, text string) Date {
	t.Helper()
	d, err := ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// moment reads an instant, or a date as its midday in the calendar's zone.
func moment(t testing.TB, cal *Calendar, text string) act.Instant {
	t.Helper()
	if len(text) == len(time.DateOnly) {
		return cal.DayStart(date(t, text)).Add(12 * time.Hour)
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return act.InstantOf(at)
}

// The vectors V1 to V5 are decisions of the Cour suprême of Morocco of 19 Feb 1964 (C136) and 27 Oct 1964 (C33),
// and the court holidays of August 2018; the other lines follow from the definitions in the package comment.
func TestDays(t *testing.T) {
	t.Parallel()
	cal := testCalendar(t)
	for _, c := range []struct {
		name, from string
		rule       Rule
		want       string
		also       string // last day of the one alternative
	}{
		{"V1", "1962-11-19", Rule{Count: 2, Mode: MonthsFrancs1964}, "1963-01-21", "1963-01-21"},
		{"V2 days", "1962-03-09", Rule{Count: 60, Mode: Francs1964}, "1962-05-10", "1962-05-09"},
		{"V2 months", "1962-03-09", Rule{Count: 2, Mode: MonthsFrancs1964}, "1962-05-11", "1962-05-10"},
		{"V3 days", "1962-03-09", Rule{Count: 60, Mode: Francs}, "1962-05-09", "1962-05-10"},
		{"V3 months, a Sunday", "1962-11-19", Rule{Count: 2, Mode: MonthsFrancs, Roll: RollNone}, "1963-01-20", "1963-01-21"},
		{"V3 months, rolled", "1962-11-19", Rule{Count: 2, Mode: MonthsFrancs}, "1963-01-21", "1963-01-21"},
		{"V3 for a right", "1962-03-09", Rule{Count: 60, Mode: Francs, Side: SideRight}, "1962-05-10", "1962-05-09"},
		{"V3 for a duty", "1962-03-09", Rule{Count: 60, Mode: Francs1964, Side: SideDuty}, "1962-05-09", "1962-05-10"},
		{"V4 two months", "2025-12-31", Rule{Count: 2, Mode: Months, Round: RoundDown}, "2026-02-28", ""},
		{"V4 sixty days", "2025-12-31", Rule{Count: 60, Mode: Days}, "2026-03-01", ""},
		{"V5 rolled", "2018-08-15", Rule{Count: 5, Mode: Days, Roll: RollNext}, "2018-08-24", ""},
		{"V5 from the Saturday", "2018-08-15", Rule{Count: 3, Mode: Days, Roll: RollNext}, "2018-08-24", ""},
		{"V5 not rolled", "2018-08-15", Rule{Count: 5, Mode: Days}, "2018-08-20", ""},
		{"V5 francs", "2018-08-15", Rule{Count: 4, Mode: Francs}, "2018-08-24", "2018-08-24"},
		{"V5 working days", "2018-08-17", Rule{Count: 1, Mode: WorkingDays}, "2018-08-24", ""},
		{"V5 two working days", "2018-08-17", Rule{Count: 2, Mode: WorkingDays}, "2018-08-27", ""},
		{"29 February reached", "2024-02-28", Rule{Count: 1, Mode: Days}, "2024-02-29", ""},
		{"29 February by months", "2024-01-29", Rule{Count: 1, Mode: Months}, "2024-02-29", ""},
		{"from 29 February, four years", "2024-02-29", Rule{Count: 4, Mode: Years}, "2028-02-29", ""},
		{"from 29 February, a year, down", "2024-02-29", Rule{Count: 1, Mode: Years, Round: RoundDown}, "2025-02-28", ""},
		{"from 29 February, a year, up", "2024-02-29", Rule{Count: 1, Mode: Years, Round: RoundUp}, "2025-03-01", ""},
		{"2100 has no 29 February", "2096-02-29", Rule{Count: 4, Mode: Years, Round: RoundUp}, "2100-03-01", ""},
		{"over the year's end", "2025-12-31", Rule{Count: 1, Mode: Days}, "2026-01-01", ""},
		{"over the year's end, rolled", "2025-12-31", Rule{Count: 1, Mode: Days, Roll: RollNext}, "2026-01-02", ""},
		{"over the year's end, worked", "2025-12-31", Rule{Count: 1, Mode: WorkingDays}, "2026-01-02", ""},
		{"over the year's end, months", "2025-11-30", Rule{Count: 2, Mode: Months}, "2026-01-30", ""},
		{"rounding is idle where a day exists", "2026-01-15", Rule{Count: 1, Mode: Months, Round: RoundUp}, "2026-02-15", ""},
		{"a right settles a missing day", "2026-01-31", Rule{Count: 1, Mode: Months, Side: SideRight}, "2026-03-01", "2026-02-28"},
		{"a duty settles a missing day", "2026-01-31", Rule{Count: 1, Mode: Months, Side: SideDuty}, "2026-02-28", "2026-03-01"},
		{"courts and the exceptional day", "2025-06-05", Rule{Count: 2, Mode: WorkingDays, Scope: "courts"}, "2025-06-10", ""},
		{"banks without it", "2025-06-05", Rule{Count: 2, Mode: WorkingDays, Scope: "banks"}, "2025-06-09", ""},
		{"amazigh year before its decree", "2023-01-13", Rule{Count: 1, Mode: WorkingDays}, "2023-01-16", ""},
		{"amazigh year since", "2025-01-13", Rule{Count: 1, Mode: WorkingDays}, "2025-01-15", ""},
		{"a holiday on a Sunday is lost", "2026-01-09", Rule{Count: 1, Mode: WorkingDays}, "2026-01-12", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, err := Compute(c.rule, moment(t, cal, c.from), nil, cal)
			if err != nil {
				t.Fatal(err)
			}
			if r.Last.String() != c.want {
				t.Errorf("last day %s, want %s", r.Last, c.want)
			}
			if r.Due != cal.DayStart(date(t, c.want)+1) || !r.Late(r.Due) || r.Late(r.Due-1) {
				t.Errorf("due %s is not the end of %s", r.Due, c.want)
			}
			also := ""
			if len(r.Alternatives) > 0 {
				also = r.Alternatives[0].Last.String()
			}
			if also != c.also || len(r.Alternatives) > 1 {
				t.Errorf("alternatives %v, want %q", r.Alternatives, c.also)
			}
			if r.Alarm() > r.Due || len(r.Alternatives) > 0 && r.Alarm() > r.Alternatives[0].Due {
				t.Errorf("alarm %s is not the shortest", r.Alarm())
			}
		})
	}
}

// The 48 hours of the urgent desk are 48 × 3600 seconds, over holidays, weekends and both clock changes of
// Ramadan 1447: back at 02:00 UTC on 15 Feb 2026, forward at 02:00 UTC on 22 Mar 2026.
func TestHours(t *testing.T) {
	t.Parallel()
	cal := testCalendar(t)
	for _, c := range []struct{ name, from, want, wall string }{
		{"an ordinary week", "2026-06-02T10:00:00Z", "2026-06-04T10:00:00Z", "2026-06-04T11:00:00+01:00"},
		{"into Ramadan", "2026-02-14T09:30:00Z", "2026-02-16T09:30:00Z", "2026-02-16T09:30:00Z"},
		{"out of Ramadan", "2026-03-21T09:30:00Z", "2026-03-23T09:30:00Z", "2026-03-23T10:30:00+01:00"},
		{"V5: hours do not roll", "2018-08-19T12:00:00Z", "2018-08-21T12:00:00Z", "2018-08-21T13:00:00+01:00"},
		{"over the year's end", "2025-12-31T12:00:00Z", "2026-01-02T12:00:00Z", "2026-01-02T13:00:00+01:00"},
		{"over 29 February", "2024-02-28T12:00:00Z", "2024-03-01T12:00:00Z", "2024-03-01T13:00:00+01:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, err := Compute(Rule{Count: 48, Mode: Hours}, moment(t, cal, c.from), nil, cal)
			if err != nil {
				t.Fatal(err)
			}
			if r.Due != moment(t, cal, c.want) || !r.Last.IsZero() || !r.Settled() {
				t.Errorf("due %s, want %s", r.Due, c.want)
			}
			if wall := r.Due.Time().In(cal.Location()).Format(time.RFC3339); wall != c.wall {
				t.Errorf("on the wall %s, want %s", wall, c.wall)
			}
			if r.Late(r.Due-1) || !r.Late(r.Due) {
				t.Error("the clock does not run over [start, due)")
			}
		})
	}
}

// A day near a clock change still ends at its own midnight.
func TestDayEndsAtItsOwnMidnight(t *testing.T) {
	t.Parallel()
	cal := testCalendar(t)
	for _, c := range []struct{ from, due string }{
		{"2026-02-13", "2026-02-14T23:00:00Z"}, // still GMT+1
		{"2026-02-14", "2026-02-16T00:00:00Z"}, // changed at 03:00
		{"2026-03-20", "2026-03-22T00:00:00Z"},
		{"2026-03-21", "2026-03-22T23:00:00Z"},
	} {
		r, err := Compute(Rule{Count: 1, Mode: Days}, moment(t, cal, c.from), nil, cal)
		if err != nil {
			t.Fatal(err)
		}
		if r.Due != moment(t, cal, c.due) {
			t.Errorf("from %s: due %s, want %s", c.from, r.Due, c.due)
		}
	}
}

// Where both roundings lead to one day there is nothing to choose: 31 January and a month, full ones, end on 1 or on 2 March
// 2026, a Sunday and a Monday.
func TestRoundingsThatMeet(t *testing.T) {
	t.Parallel()
	cal := testCalendar(t)
	r, err := Compute(Rule{Count: 1, Mode: MonthsFrancs}, moment(t, cal, "2026-01-31"), nil, cal)
	if err != nil || r.Last.String() != "2026-03-02" || r.Round != RoundDown {
		t.Fatalf("%v, %v", r, err)
	}
	if a := r.Alternatives; len(a) != 2 || a[0].Round != RoundUp || a[0].Last != r.Last || a[1].Mode != MonthsFrancs1964 {
		t.Errorf("alternatives %v", a)
	}
}

func TestNoSingleAnswer(t *testing.T) {
	t.Parallel()
	cal := testCalendar(t)
	open := []Span{{From: moment(t, cal, "2026-01-20"), To: Open}}
	for _, c := range []struct {
		name   string
		rule   Rule
		spans  []Span
		reason Reason
		field  string
	}{
		{"missing day", Rule{Count: 1, Mode: Months}, nil, Ambiguous, ""},
		{"missing day, francs", Rule{Count: 1, Mode: MonthsFrancs, Roll: RollNone}, nil, Ambiguous, ""},
		{"not lifted", Rule{Count: 20, Mode: Days}, []Span{{From: moment(t, cal, "2026-02-01"), To: Open}}, Suspended, ""},
		{"hours not lifted", Rule{Count: 480, Mode: Hours}, []Span{{From: moment(t, cal, "2026-02-01"), To: Open}}, Suspended, ""},
		{"working days not lifted", Rule{Count: 10, Mode: WorkingDays}, open, Suspended, ""},
		{"no mode", Rule{Count: 1}, nil, Invalid, "mode"},
		{"unknown mode", Rule{Count: 1, Mode: "weeks"}, nil, Invalid, "mode"},
		{"no count", Rule{Mode: Days}, nil, Invalid, "count"},
		{"a count too high", Rule{Count: 101, Mode: Years}, nil, Invalid, "count"},
		{"rounding", Rule{Count: 1, Mode: Days, Round: "nearest"}, nil, Invalid, "round"},
		{"hours that roll", Rule{Count: 1, Mode: Hours, Roll: RollNext}, nil, Invalid, "roll"},
		{"side", Rule{Count: 1, Mode: Days, Side: "left"}, nil, Invalid, "side"},
		{"scope", Rule{Count: 1, Mode: Days, Scope: "schools"}, nil, Invalid, "scope"},
		{"basis", Rule{Count: 1, Mode: Days, Basis: "article 5"}, nil, Invalid, "basis"},
		{"empty suspension", Rule{Count: 1, Mode: Days}, []Span{{From: 5, To: 5}}, Invalid, "suspend"},
		{"suspension backwards", Rule{Count: 1, Mode: Hours}, []Span{{From: 5, To: 4}}, Invalid, "suspend"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := Compute(c.rule, moment(t, cal, "2026-01-31"), c.spans, cal)
			var e *Error
			if !errors.As(err, &e) || e.Reason != c.reason || e.Field != c.field {
				t.Fatalf("got %v, want %s %s", err, c.reason, c.field)
			}
			if e.NoAnswer() != (c.reason != Invalid) || e.Text == "" {
				t.Errorf("%+v", e)
			}
			if c.reason == Ambiguous && len(e.Candidates) != 2 {
				t.Errorf("candidates %v", e.Candidates)
			}
		})
	}
	_, err := Compute(Rule{Count: 1, Mode: Months}, moment(t, cal, "2026-01-31"), nil, cal)
	if got, want := err.Error(), "deadline: 2026-01-31 plus 1 months falls on a day that does not exist; round down (2026-02-28) or up (2026-03-01)"; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	_, err = Compute(Rule{Count: 1, Mode: Days}, moment(t, cal, "2026-01-31"), nil, nil)
	if err == nil {
		t.Error("computed without a calendar")
	}
	for _, at := range []act.Instant{-1 << 62, 1 << 62} {
		_, err = Compute(Rule{Count: 1, Mode: Days}, at, nil, cal)
		if err == nil {
			t.Errorf("computed from %d", at)
		}
	}
	for _, m := range Modes() {
		_, err = Compute(Rule{Count: 100, Mode: m}, moment(t, cal, "9999-12-29"), nil, cal)
		if err == nil {
			t.Errorf("%s: computed beyond the last date", m)
		}
	}
}

// Aïd al-Fitr 1448 is expected on Wed 10 and Thu 11 March 2027 and may be a day earlier or later.
func TestBounds(t *testing.T) {
	t.Parallel()
	cal := testCalendar(t)
	for _, c := range []struct {
		name, from             string
		rule                   Rule
		want, earliest, latest string
	}{
		// Tue-Wed, Wed-Thu or Thu-Fri: whichever, two of the five working days go.
		{"a week", "2027-03-05", Rule{Count: 5, Mode: WorkingDays}, "2027-03-16", "2027-03-16", "2027-03-16"},
		{"the day before", "2027-03-08", Rule{Count: 1, Mode: WorkingDays}, "2027-03-09", "2027-03-09", "2027-03-11"},
		{"two days", "2027-03-08", Rule{Count: 2, Mode: WorkingDays}, "2027-03-12", "2027-03-10", "2027-03-12"},
		{"rolled", "2027-03-01", Rule{Count: 9, Mode: Days, Roll: RollNext}, "2027-03-12", "2027-03-10", "2027-03-12"},
		{"rolled from the first day", "2027-03-01", Rule{Count: 8, Mode: Days, Roll: RollNext}, "2027-03-09", "2027-03-09", "2027-03-11"},
		{"rolled from the last day", "2027-03-01", Rule{Count: 11, Mode: Days, Roll: RollNext}, "2027-03-12", "2027-03-12", "2027-03-15"},
		{"not rolled", "2027-03-01", Rule{Count: 9, Mode: Days}, "2027-03-10", "2027-03-10", "2027-03-10"},
		{"over both feasts", "2027-03-05", Rule{Count: 49, Mode: WorkingDays}, "2027-05-19", "2027-05-17", "2027-05-19"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, err := Compute(c.rule, moment(t, cal, c.from), nil, cal)
			if err != nil {
				t.Fatal(err)
			}
			if r.Last.String() != c.want || r.Earliest.Last.String() != c.earliest || r.Latest.Last.String() != c.latest {
				t.Errorf("%s in [%s, %s], want %s in [%s, %s]", r.Last, r.Earliest.Last, r.Latest.Last, c.want, c.earliest, c.latest)
			}
			if r.Settled() != (c.earliest == c.latest) || r.Earliest.Due != cal.DayStart(r.Earliest.Last+1) || r.Alarm() != r.Earliest.Due {
				t.Errorf("%+v", r.End)
			}
			told := false
			for _, l := range r.Trace {
				told = told || l.Key == "legaltime.bounds"
			}
			if told == r.Settled() {
				t.Errorf("the trace tells of bounds: %v", told)
			}
		})
	}

	later, err := cal.Announce("2026.2", "fitr-1448", date(t, "2027-03-11"), 2, "communique-12")
	if err != nil {
		t.Fatal(err)
	}
	r, err := Compute(Rule{Count: 2, Mode: WorkingDays}, moment(t, cal, "2027-03-08"), nil, later)
	if err != nil {
		t.Fatal(err)
	}
	if r.Last.String() != "2027-03-10" || !r.Settled() || r.Calendar != "test@2026.2" {
		t.Errorf("after the announcement: %s %v %s", r.Last, r.Settled(), r.Calendar)
	}
	if cal.Spec().Dated[3].Status != Estimated {
		t.Error("announcing changed the older calendar")
	}
	for _, bad := range [][2]string{{"2026.1", "fitr-1448"}, {"2026.2", "no-such"}, {"", "fitr-1448"}} {
		_, err := cal.Announce(bad[0], bad[1], date(t, "2027-03-11"), 2, "")
		if err == nil {
			t.Errorf("announced %v", bad)
		}
	}
}

func TestUncovered(t *testing.T) {
	t.Parallel()
	cal := testCalendar(t)
	for _, c := range []struct {
		rule Rule
		from string
		want bool
	}{
		{Rule{Count: 5, Mode: WorkingDays}, "2026-06-01", false},
		{Rule{Count: 5, Mode: WorkingDays}, "2027-12-27", true},
		{Rule{Count: 5, Mode: WorkingDays}, "2017-12-28", true},
		{Rule{Count: 5, Mode: WorkingDays}, "2017-12-31", false}, // its first day does not count
		{Rule{Count: 5, Mode: Days}, "2040-01-01", false},        // holidays do not matter
		{Rule{Count: 5, Mode: Francs}, "2040-01-01", true},
		{Rule{Count: 5, Mode: Hours}, "2040-01-01", false},
	} {
		r, err := Compute(c.rule, moment(t, cal, c.from), nil, cal)
		if err != nil {
			t.Fatal(err)
		}
		if r.Uncovered != c.want {
			t.Errorf("%s from %s: uncovered %v", c.rule.Mode, c.from, r.Uncovered)
		}
	}
}

// show writes a trace as golden lines do.
func show(trace []Line) string {
	var b strings.Builder
	for _, l := range trace {
		b.WriteString(strings.TrimPrefix(l.Key, "legaltime."))
		for _, a := range l.Args {
			b.WriteString(" " + a.Name + "=")
			switch v := a.Value().(type) {
			case Date:
				b.WriteString(v.String())
			case act.Instant:
				b.WriteString(v.Time().Format(time.RFC3339))
			case int:
				b.WriteString(act.OfInt(int64(v)).String())
			case string:
				b.WriteString(v)
			}
		}
		if l.Basis != "" {
			b.WriteString(" [" + l.Basis + "]")
		}
		b.WriteString("\n")
	}
	return b.String()
}
