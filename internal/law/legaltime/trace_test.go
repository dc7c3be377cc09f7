package legaltime

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"sanad/internal/act"
)

// These traces are what lawyers read, once worded; each line must follow from the ones before.
func TestTrace(t *testing.T) {
	t.Parallel()
	cal := testCalendar(t)
	for _, c := range []struct {
		name, from string
		rule       Rule
		spans      []Span
		want       string
	}{
		{"a franc deadline for a right", "2018-08-14T10:00:00Z", Rule{Count: 5, Mode: Francs, Side: SideRight, Scope: "courts", Basis: "cpc-512"}, nil, `
calendar calendar=test@2026.1 scope=courts [decree-1]
start at=2018-08-14T10:00:00Z day=2018-08-14 zone=Africa/Casablanca
count count=5 mode=francs day=2018-08-20 [cpc-512]
holiday day=2018-08-20 name=revolution status=announced
holiday day=2018-08-21 name=youth status=announced
holiday day=2018-08-22 name=aid-al-adha status=announced
holiday day=2018-08-23 name=aid-al-adha status=announced
roll from=2018-08-20 day=2018-08-24 [cpc-512]
chosen mode=francs side=right [cpc-512]
alternative mode=francs-1964 round= suspension= day=2018-08-24
due day=2018-08-24 at=2018-08-24T23:00:00Z
`},
		{"48 hours into Ramadan, suspended", "2026-02-14T09:00:00Z", Rule{Count: 48, Mode: Hours, Basis: "agreement-4"}, []Span{{moment(t, cal, "2026-02-14T10:00:00Z"), moment(t, cal, "2026-02-14T16:00:00Z"), "order-7"}}, `
calendar calendar=test@2026.1 scope=administrations [decree-1]
start at=2026-02-14T09:00:00Z day=2026-02-14 zone=Africa/Casablanca
hours count=48 at=2026-02-16T09:00:00Z [agreement-4]
suspended from=2026-02-14T10:00:00Z to=2026-02-14T16:00:00Z [order-7]
clocks at=2026-02-15T02:00:00Z minutes=-60 [decree-1]
due-hours at=2026-02-16T15:00:00Z
`},
		{"working days over a feast not announced", "2027-03-05T10:00:00Z", Rule{Count: 3, Mode: WorkingDays}, nil, `
calendar calendar=test@2026.1 scope=administrations [decree-1]
start at=2027-03-05T10:00:00Z day=2027-03-05 zone=Africa/Casablanca
holiday day=2027-03-10 name=aid-al-fitr status=estimated
holiday day=2027-03-11 name=aid-al-fitr status=estimated
weekend count=2
count count=3 mode=working-days day=2027-03-12
bounds earliest=2027-03-10 latest=2027-03-12
due day=2027-03-12 at=2027-03-13T00:00:00Z
`},
		{"a month to round, with days out", "2026-01-31T10:00:00Z", Rule{Count: 1, Mode: Months, Round: RoundDown}, []Span{cal.Days(date(t, "2026-02-10"), date(t, "2026-02-12"), "order-7")}, `
calendar calendar=test@2026.1 scope=administrations [decree-1]
start at=2026-01-31T10:00:00Z day=2026-01-31 zone=Africa/Casablanca
suspended from=2026-02-09T23:00:00Z to=2026-02-12T23:00:00Z [order-7]
days-out first=2026-02-10 last=2026-02-12 count=3
count count=1 mode=months day=2026-02-28
round round=down day=2026-02-28
resumed day=2026-03-03
due day=2026-03-03 at=2026-03-04T00:00:00Z
`},
		{"beyond what the calendar covers", "2030-01-31T10:00:00Z", Rule{Count: 1, Mode: WorkingDays}, nil, `
calendar calendar=test@2026.1 scope=administrations [decree-1]
start at=2030-01-31T10:00:00Z day=2030-01-31 zone=Africa/Casablanca
count count=1 mode=working-days day=2030-02-01
uncovered from=2018-01-01 to=2027-12-31
due day=2030-02-01 at=2030-02-02T00:00:00Z
`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r, err := Compute(c.rule, moment(t, cal, c.from), c.spans, cal)
			if err != nil {
				t.Fatal(err)
			}
			if got := show(r.Trace); got != strings.TrimPrefix(c.want, "\n") {
				t.Errorf("got\n%s", got)
			}
			again, err := Compute(c.rule, moment(t, cal, c.from), c.spans, cal)
			if err != nil || show(again.Trace) != show(r.Trace) {
				t.Errorf("told differently the second time: %v", err)
			}
			declared(t, r.Trace)
		})
	}
}

// declared checks that a trace uses the keys and arguments Keys lists, in their order.
func declared(t *testing.T, trace []Line) {
	t.Helper()
	keys := Keys()
	for _, l := range trace {
		names := make([]string, len(l.Args))
		for i, a := range l.Args {
			names[i] = a.Name
		}
		if want, ok := keys[l.Key]; !ok || !slices.Equal(names, want) {
			t.Errorf("%s has %v, declared %v", l.Key, names, want)
		}
	}
}

func TestKeysAreAllUsed(t *testing.T) {
	t.Parallel()
	cal := testCalendar(t)
	seen := map[string]bool{}
	tell := func(r Result, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		declared(t, r.Trace)
		for _, l := range r.Trace {
			seen[l.Key] = true
		}
	}
	at := func(text string) act.Instant { return moment(t, cal, text) }
	span := cal.Days(date(t, "2026-02-10"), date(t, "2026-02-12"), "")
	tell(Compute(Rule{Count: 1, Mode: Months, Round: RoundUp, Roll: RollNext}, at("2026-01-31"), []Span{span}, cal))
	tell(Compute(Rule{Count: 60, Mode: Hours}, at("2026-02-13"), []Span{span}, cal))
	tell(Compute(Rule{Count: 3, Mode: Francs}, at("2027-03-05"), nil, cal))
	tell(Compute(Rule{Count: 3, Mode: Francs}, at("2037-08-16"), nil, cal))
	tell(Compute(Rule{Count: 10, Mode: Francs1964, Side: SideDuty}, at("2026-06-01"), []Span{{From: cal.DayStart(date(t, "2026-06-13")), To: Open}}, cal))
	tell(ComputeWith(Rule{Count: 5, Mode: Days}, at("2026-06-01"), nil, []Extension{{Rule: Rule{Count: 5, Mode: Days}}}, cal))
	for _, key := range slices.Sorted(maps.Keys(Keys())) {
		if !seen[key] {
			t.Errorf("no trace has %s", key)
		}
	}
}
