package legaltime

import "testing"

func BenchmarkCompute(b *testing.B) {
	cal := testCalendar(b)
	for _, c := range []struct {
		name  string
		rule  Rule
		spans []Span
	}{
		{"hours-48", Rule{Count: 48, Mode: Hours}, nil},
		{"days-15", Rule{Count: 15, Mode: Days}, nil},
		{"working-days-20", Rule{Count: 20, Mode: WorkingDays}, nil},
		{"francs-60-right", Rule{Count: 60, Mode: Francs, Side: SideRight}, nil},
		{"months-francs-2", Rule{Count: 2, Mode: MonthsFrancs}, nil},
		{"years-2", Rule{Count: 2, Mode: Years}, nil},
		{"francs-30-suspended-in-part", Rule{Count: 30, Mode: Francs}, []Span{{moment(b, cal, "2027-03-06"), moment(b, cal, "2027-03-08"), ""}}},
	} {
		b.Run(c.name, func(b *testing.B) {
			start := moment(b, cal, "2027-03-01")
			b.ReportAllocs()
			for b.Loop() {
				_, err := Compute(c.rule, start, c.spans, cal)
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkDue is BenchmarkCompute without a trace.
func BenchmarkDue(b *testing.B) {
	cal := testCalendar(b)
	start := moment(b, cal, "2027-03-01")
	for _, rule := range []Rule{{Count: 48, Mode: Hours}, {Count: 15, Mode: Days}, {Count: 20, Mode: WorkingDays}, {Count: 60, Mode: Francs, Side: SideRight}} {
		b.Run(string(rule.Mode), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, err := Due(rule, start, cal)
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
