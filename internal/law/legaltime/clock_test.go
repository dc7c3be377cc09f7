package legaltime

import (
	"errors"
	"testing"
)

func TestClock(t *testing.T) {
	t.Parallel()
	cal := testCalendar(t)
	on := func(kind EventKind, day string) Event { return Event{Kind: kind, At: cal.DayStart(date(t, day))} }
	with := func(e Event, r Rule) Event { e.Rule = r; return e }
	ten := Rule{Count: 10, Mode: Days}
	for _, c := range []struct {
		name   string
		rule   Rule
		events []Event
		want   string // last day
		reason Reason
	}{
		{"received", ten, []Event{on(Received, "2026-06-01")}, "2026-06-11", ""},
		{"refused", ten, []Event{on(Refused, "2026-06-01")}, "2026-06-11", ""},
		{"only sent", ten, []Event{on(Sent, "2026-06-01")}, "", NotStarted},
		{"nothing", ten, nil, "", NotStarted},
		{"presumed", ten, []Event{with(on(Sent, "2026-06-01"), Rule{Count: 5, Mode: Days})}, "2026-06-16", ""},
		{"received before presumed", ten, []Event{with(on(Sent, "2026-06-01"), Rule{Count: 5, Mode: Days}), on(Received, "2026-06-03")}, "2026-06-13", ""},
		{"received after presumed", ten, []Event{with(on(Sent, "2026-06-01"), Rule{Count: 5, Mode: Days}), on(Received, "2026-06-20")}, "2026-06-16", ""},
		{"the first start counts", ten, []Event{on(Received, "2026-06-05"), on(Refused, "2026-06-01")}, "2026-06-11", ""},
		{"suspended and resumed, unsorted", ten, []Event{on(Resumed, "2026-06-07"), on(Received, "2026-06-01"), on(Stopped, "2026-06-04")}, "2026-06-14", ""},
		{"suspended and resumed at once", ten, []Event{on(Received, "2026-06-01"), on(Stopped, "2026-06-04"), on(Resumed, "2026-06-04")}, "2026-06-11", ""},
		{"still suspended", ten, []Event{on(Received, "2026-06-01"), on(Stopped, "2026-06-04")}, "", Suspended},
		{"suspended after its end", ten, []Event{on(Received, "2026-06-01"), on(Stopped, "2026-06-12")}, "2026-06-11", ""},
		{"suspended twice", ten, []Event{on(Received, "2026-06-01"), on(Stopped, "2026-06-04"), on(Stopped, "2026-06-05")}, "", Invalid},
		{"resumed first", ten, []Event{on(Received, "2026-06-01"), on(Resumed, "2026-06-04")}, "", Invalid},
		{"no such event", ten, []Event{on("lost", "2026-06-01")}, "", Invalid},
		{"extended", ten, []Event{on(Received, "2026-06-01"), with(on(Extended, "2026-06-05"), Rule{Count: 5, Mode: Days})}, "2026-06-16", ""},
		{"extended by a month", ten, []Event{on(Received, "2026-06-01"), with(on(Extended, "2026-06-05"), Rule{Count: 1, Mode: Months})}, "2026-07-11", ""},
		{"extended twice", ten, []Event{on(Received, "2026-06-01"), with(on(Extended, "2026-06-05"), ten), with(on(Extended, "2026-06-06"), ten)}, "2026-07-01", ""},
		{"extended by nothing", ten, []Event{on(Received, "2026-06-01"), on(Extended, "2026-06-05")}, "", Invalid},
		{"extended, then suspended within", ten, []Event{on(Received, "2026-06-01"), with(on(Extended, "2026-06-05"), ten), on(Stopped, "2026-06-15"), on(Resumed, "2026-06-17")}, "2026-06-23", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, err := Clock{c.rule, c.events}.Compute(cal)
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
	r, err := Clock{Rule{Count: 48, Mode: Hours}, []Event{on(Received, "2026-06-01"), with(on(Extended, "2026-06-02"), Rule{Count: 24, Mode: Hours})}}.Compute(cal)
	if err != nil || r.Due != cal.DayStart(date(t, "2026-06-04")) {
		t.Errorf("%s %v", r.Due, err)
	}
	r, err = Clock{Rule{Count: 10, Mode: Francs, Side: SideRight}, []Event{on(Received, "2026-06-02"), with(on(Extended, "2026-06-05"), ten)}}.Compute(cal)
	if err != nil || r.Last.String() != "2026-06-25" || r.Alternatives[0].Last.String() != "2026-06-25" || len(r.Alternatives) != 1 {
		t.Errorf("%s %v %v", r.Last, r.Alternatives, err) // 13 June is a Saturday, 14 a Sunday: both roll to 15
	}
	r, err = Clock{Rule{Count: 2, Mode: WorkingDays}, []Event{on(Received, "2027-03-08"), with(on(Extended, "2027-03-09"), Rule{Count: 3, Mode: Days})}}.Compute(cal)
	if err != nil || r.Last.String() != "2027-03-15" || r.Earliest.Last.String() != "2027-03-13" || r.Latest.Last.String() != "2027-03-15" {
		t.Errorf("%s %+v %v", r.Last, r.End, err)
	}
	r, err = Clock{ten, []Event{with(on(Sent, "2027-03-08"), Rule{Count: 2, Mode: WorkingDays})}}.Compute(cal)
	if err != nil || r.Last.String() != "2027-03-22" || r.Earliest.Last.String() != "2027-03-20" || r.Settled() {
		t.Errorf("%s %+v %v", r.Last, r.End, err)
	}
	_, err = Clock{Rule: ten}.Compute(nil)
	if err == nil {
		t.Error("computed without a calendar")
	}
}
