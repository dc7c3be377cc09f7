package legaltime

import (
	"errors"
	"testing"
)

// A clock that stood still, or was given more time, ends where a jurist would put it, whatever the order in which that happened.
func TestComputeWith(t *testing.T) {
	t.Parallel()
	cal := testCalendar(t)
	on := func(day string) Span { return Span{From: cal.DayStart(date(t, day)), To: Open} }
	to := func(from, until string) Span { return Span{From: on(from).From, To: on(until).From} }
	ten := Rule{Count: 10, Mode: Days}
	more := func(count int, m Mode) Extension { return Extension{Rule: Rule{Count: count, Mode: m}} }
	for _, c := range []struct {
		name   string
		still  []Span
		more   []Extension
		want   string // last day
		reason Reason
	}{
		{"as it runs", nil, nil, "2026-06-11", ""},
		{"suspended", []Span{to("2026-06-04", "2026-06-07")}, nil, "2026-06-14", ""},
		{"suspended twice, unsorted", []Span{to("2026-06-09", "2026-06-10"), to("2026-06-04", "2026-06-07")}, nil, "2026-06-15", ""},
		{"suspended by two at once", []Span{to("2026-06-04", "2026-06-07"), to("2026-06-05", "2026-06-08")}, nil, "2026-06-15", ""},
		{"suspended and resumed at once", []Span{to("2026-06-04", "2026-06-04")}, nil, "2026-06-11", ""},
		{"still suspended", []Span{on("2026-06-04")}, nil, "", Suspended},
		{"suspended after its end", []Span{on("2026-06-12")}, nil, "2026-06-11", ""},
		{"resumed before it was suspended", []Span{to("2026-06-07", "2026-06-04")}, nil, "", Invalid},
		{"extended", nil, []Extension{more(5, Days)}, "2026-06-16", ""},
		{"extended by a month", nil, []Extension{more(1, Months)}, "2026-07-11", ""},
		{"extended twice", nil, []Extension{more(10, Days), more(10, Days)}, "2026-07-01", ""},
		{"extended by nothing", nil, []Extension{{}}, "", Invalid},
		{"extended, then suspended within", []Span{to("2026-06-15", "2026-06-17")}, []Extension{more(10, Days)}, "2026-06-23", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, err := ComputeWith(ten, on("2026-06-01").From, c.still, c.more, cal)
			if c.reason != "" {
				var e *Error
				if !errors.As(err, &e) || e.Reason != c.reason {
					t.Fatalf("got %v, want %s", err, c.reason)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if r.Last.String() != c.want || r.Due != cal.DayStart(r.Last+1) {
				t.Errorf("last day %s, want %s", r.Last, c.want)
			}
			declared(t, r.Trace)
		})
	}

	// Hours extended by hours run on; both readings of a franc deadline are extended; bounds follow.
	r, err := ComputeWith(Rule{Count: 48, Mode: Hours}, on("2026-06-01").From, nil, []Extension{more(24, Hours)}, cal)
	if err != nil || r.Due != on("2026-06-04").From {
		t.Errorf("%s %v", r.Due, err)
	}
	r, err = ComputeWith(Rule{Count: 10, Mode: Francs, Side: SideRight}, on("2026-06-02").From, nil, []Extension{more(10, Days)}, cal)
	if err != nil || r.Last.String() != "2026-06-25" || r.Alternatives[0].Last.String() != "2026-06-25" || len(r.Alternatives) != 1 {
		t.Errorf("%s %v %v", r.Last, r.Alternatives, err) // 13 June is a Saturday, 14 a Sunday: both roll to 15
	}
	r, err = ComputeWith(Rule{Count: 2, Mode: WorkingDays}, on("2027-03-08").From, nil, []Extension{more(3, Days)}, cal)
	if err != nil || r.Last.String() != "2027-03-15" || r.Earliest.Last.String() != "2027-03-13" || r.Latest.Last.String() != "2027-03-15" {
		t.Errorf("%s %+v %v", r.Last, r.End, err)
	}
	_, err = ComputeWith(ten, on("2026-06-01").From, nil, nil, nil)
	if err == nil {
		t.Error("computed without a calendar")
	}
}
