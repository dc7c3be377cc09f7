package legaltime

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sanad/internal/act"
)

// What follows is a second way of computing deadlines, written for this test only. It shares no arithmetic with
// the package: it walks civil days one by one with the standard library's calendar, plays every world in which
// unannounced holidays may fall, and keeps the first and last.
const naiveDay = 24 * time.Hour

// randomCalendar makes the same calendar in both forms.
func randomCalendar(rnd *rand.Rand) (*Calendar, *naive, error) {
	zones := []string{"Africa/Casablanca", "Africa/Casablanca", "Europe/Paris", "America/New_York", "Asia/Kathmandu", "UTC", "Africa/Cairo", "Asia/Beirut"}
	spec := CalendarSpec{ID: "r", Version: "1", Zone: zones[rnd.IntN(len(zones))], Covers: Covers{1, MaxDate}}
	n := &naive{off: map[time.Weekday]bool{}, fixed: map[string][2]int{}, firm: map[string]bool{}, begin: map[int64]act.Instant{}}
	week := Week{}
	for d := range time.Weekday(7) {
		if rnd.IntN(7) < 2 && len(week.Off) < 3 {
			n.off[d] = true
			week.Off = append(week.Off, strings.ToLower(d.String()))
		}
	}
	spec.Weeks = []Week{week}
	for i := range rnd.IntN(14) {
		day := time.Date(2023, 1, 1+rnd.IntN(365), 0, 0, 0, 0, time.UTC).Format("01-02")
		_, taken := n.fixed[day]
		if taken {
			continue
		}
		from := 2000 + rnd.IntN(30)
		to := from + rnd.IntN(20)
		n.fixed[day] = [2]int{from, to}
		spec.Fixed = append(spec.Fixed, Fixed{ID: fmt.Sprint("f", i), Day: day, From: from, To: to})
	}
	at := time.Date(2019, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 40 {
		at = at.AddDate(0, 0, 9+rnd.IntN(120))
		d, err := ParseDate(at.Format(time.DateOnly))
		if err != nil {
			return nil, nil, err
		}
		days := 1 + rnd.IntN(4)
		if rnd.IntN(2) == 0 {
			for k := range days {
				n.firm[at.AddDate(0, 0, k).Format(time.DateOnly)] = true
			}
			spec.Dated = append(spec.Dated, Dated{ID: fmt.Sprint("d", i), Date: d, Days: days, Status: Announced})
			continue
		}
		margin := 1 + rnd.IntN(2)
		n.expected = append(n.expected, naiveFeast{at, days, margin})
		spec.Dated = append(spec.Dated, Dated{ID: fmt.Sprint("d", i), Date: d, Days: days, Status: Estimated, Margin: margin})
	}
	cal, err := NewCalendar(spec)
	if err != nil {
		return nil, nil, err
	}
	n.zone = cal.Location()
	return cal, n, nil
}

func pick[T any](rnd *rand.Rand, list ...T) T { return list[rnd.IntN(len(list))] }

// agree plays one random case both ways.
func agree(rnd *rand.Rand, cal *Calendar, n *naive) error {
	rule := Rule{
		Mode: pick(rnd, Modes()...), Round: pick(rnd, "", RoundUp, RoundDown),
		Side: pick(rnd, "", SideRight, SideDuty), Roll: pick(rnd, "", RollNext, RollNone),
	}
	rule.Count = 1 + rnd.IntN(pick(rnd, 3, 12, 40))
	switch rule.Mode {
	case Hours:
		rule.Count = 1 + rnd.IntN(400)
		if rule.Roll == RollNext {
			rule.Roll = ""
		}
	case Years:
		rule.Count = 1 + rnd.IntN(3)
	case Months, MonthsFrancs, MonthsFrancs1964:
		rule.Count = 1 + rnd.IntN(14)
	}
	first := time.Date(2019, 1, 1, 0, 0, 0, 0, time.UTC)
	start := act.InstantOf(first.Add(time.Duration(rnd.Int64N(int64(7 * 365 * naiveDay)))))
	if rnd.IntN(4) == 0 { // the ends of months are where the traps are
		end := time.Date(2019+rnd.IntN(7), time.Month(1+rnd.IntN(12)), -1+rnd.IntN(4), 12, 0, 0, 0, time.UTC)
		start = act.InstantOf(end)
	}
	var spans []Span
	for range max(0, rnd.IntN(6)-2) {
		from := start.Add(time.Duration(rnd.IntN(60*24)-240) * time.Hour)
		s := Span{From: from, To: from.Add(time.Duration(1+rnd.IntN(200)) * time.Hour)}
		switch rnd.IntN(4) {
		case 0, 1:
			d := cal.DateOf(from)
			s = cal.Days(d, d+Date(rnd.IntN(9)), "")
		case 2:
			if len(spans) > 0 { // one that takes over where another ends
				s.From = spans[0].To
				s.To = s.From.Add(time.Duration(1+rnd.IntN(90)) * time.Hour)
			}
		}
		spans = append(spans, s)
	}
	got, err := Compute(rule, start, spans, cal)
	ask := fmt.Sprintf("%+v from %s with %v in %s", rule, start, spans, cal.Location())
	if len(spans) == 0 {
		due, derr := Due(rule, start, cal)
		if due != got.Due || (derr == nil) != (err == nil) || err != nil && derr.Error() != err.Error() {
			return fmt.Errorf("%s: without a trace %s %w, with one %s", ask, due, derr, got.Due)
		}
	}
	if rule.Mode == Hours {
		want := naiveHours(rule.Count, start, spans)
		if err != nil {
			return fmt.Errorf("%s: %w, want %s", ask, err, want)
		}
		if got.Due != want {
			return fmt.Errorf("%s: %s, want %s", ask, got.Due, want)
		}
		return nil
	}
	day := n.civil(start)
	if err != nil {
		var e *Error
		_, naiveErr := n.day(rule, Reading{Mode: rule.Mode}, day, spans, make([]int, len(n.expected)))
		if errors.As(err, &e) && e.Reason == Ambiguous && errors.Is(naiveErr, errNaiveAmbiguous) && rule.Round == "" && rule.Side == "" {
			return nil
		}
		return fmt.Errorf("%s: %w", ask, err)
	}
	if got.Round == "" && rule.Round == "" && rule.Side == "" {
		_, err := n.day(rule, Reading{Mode: rule.Mode}, day, spans, make([]int, len(n.expected)))
		if err != nil {
			return fmt.Errorf("%s: answered what is ambiguous", ask)
		}
	}
	all := append([]Alternative{{got.Reading, got.End}}, got.Alternatives...)
	seen := map[Mode]bool{}
	longest, shortest := got.Last, got.Last
	for _, a := range all {
		seen[a.Mode] = true
		longest, shortest = max(longest, a.Last), min(shortest, a.Last)
		last, err := n.day(rule, a.Reading, day, spans, make([]int, len(n.expected)))
		if err != nil {
			return fmt.Errorf("%s: %+v: %w", ask, a.Reading, err)
		}
		early, late, from := last, last, day
		if a.Mode != WorkingDays { // holidays only matter from the day it would roll from
			still := rule
			still.Roll = RollNone
			from, _ = n.day(still, a.Reading, day, spans, make([]int, len(n.expected)))
		}
		n.worlds(from, last.AddDate(0, 0, 45), func(world []int) {
			end, _ := n.day(rule, a.Reading, day, spans, world)
			if end.Before(early) {
				early = end
			}
			if end.After(late) {
				late = end
			}
		})
		want := End{
			Last: bound(n, last).Last, Due: bound(n, last).Due,
			Earliest: bound(n, early), Latest: bound(n, late),
		}
		if a.End != want {
			return fmt.Errorf("%s: %+v\n got %v\nwant %v", ask, a.Reading, a.End, want)
		}
	}
	if other := rule.Mode.other(); !seen[rule.Mode] || other != "" && !seen[other] {
		return fmt.Errorf("%s: readings %v", ask, seen)
	}
	switch {
	case rule.Side == SideRight && got.Last != longest, rule.Side == SideDuty && got.Last != shortest,
		rule.Side == "" && got.Mode != rule.Mode:
		return fmt.Errorf("%s: chose %s between %s and %s", ask, got.Last, shortest, longest)
	}
	return nil
}

func bound(n *naive, day time.Time) Bound {
	d, _ := ParseDate(day.Format(time.DateOnly))
	return Bound{d, n.midnight(day.Add(naiveDay))}
}

// property compares both implementations on many random cases, on every processor there is.
func property(t *testing.T, cases int) {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("SANAD_SEED"); text != "" {
		_, err := fmt.Sscan(text, &seed)
		if err != nil {
			t.Fatalf("SANAD_SEED: %v", err)
		}
	}
	t.Logf("%d cases; run again with SANAD_SEED=%d", cases, seed)
	const lanes, perCalendar = 4, 500
	for lane := range uint64(lanes) {
		t.Run(fmt.Sprint("lane", lane), func(t *testing.T) {
			t.Parallel()
			rnd := rand.New(rand.NewPCG(seed, lane))
			for done := 0; done < cases/lanes; {
				cal, n, err := randomCalendar(rnd)
				var spec *SpecError
				if errors.As(err, &spec) {
					continue // two feasts whose days may meet: no such calendar
				}
				if err != nil {
					t.Fatal(err)
				}
				for range perCalendar {
					err := agree(rnd, cal, n)
					if err != nil {
						t.Fatalf("seed %d: %v", seed, err)
					}
					done++
				}
			}
		})
	}
}

func TestAgreesWithNaive(t *testing.T) {
	t.Parallel()
	cases := 100_000
	if testing.Short() {
		cases = 4_000
	}
	property(t, cases)
}

// The vectors of dates-calc, a library of its own for legal periods. They are not part of this repository.
func TestDatesCalc(t *testing.T) {
	t.Parallel()
	cal := testCalendar(t)
	read := func(name string) [][]string {
		f, err := os.Open(filepath.Join("..", "..", "..", "..", "shared", "ref", "legaltime", name))
		if errors.Is(err, fs.ErrNotExist) {
			t.Skipf("%s is not beside this repository; its vectors are skipped", name)
		}
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = f.Close() }()
		r := csv.NewReader(f)
		r.Comma = ';'
		rows, err := r.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return rows[1:]
	}
	parse := func(text string) (rules []Rule) {
		var years, months, days int
		_, err := fmt.Sscanf(text, "[%d years, %d months, %d days]", &years, &months, &days)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range []Rule{{Count: years, Mode: Years}, {Count: months, Mode: Months}, {Count: days, Mode: Days}} {
			if r.Count > 0 {
				rules = append(rules, r)
			}
		}
		if len(rules) != 1 {
			t.Fatalf("%s mixes units, which a rule does not", text)
		}
		return rules
	}
	compute := func(from string, r Rule, round Round) (string, error) {
		r.Round = round
		res, err := Compute(r, moment(t, cal, from), nil, cal)
		return res.Last.String(), err
	}
	exact := read("dates-calc-exact_computations.csv")
	for _, row := range exact {
		for _, round := range []Round{"", RoundUp, RoundDown} {
			got, err := compute(row[0], parse(row[1])[0], round)
			if err != nil || got != row[2] {
				t.Errorf("%s + %s (%q) = %s (%v), want %s", row[0], row[1], round, got, err, row[2])
			}
		}
	}
	ambiguous := read("dates-calc-ambiguous_computations.csv")
	for _, row := range ambiguous {
		for round, want := range map[Round]string{RoundUp: row[2], RoundDown: row[3]} {
			got, err := compute(row[0], parse(row[1])[0], round)
			if err != nil || got != want {
				t.Errorf("%s + %s (%s) = %s (%v), want %s", row[0], row[1], round, got, err, want)
			}
		}
		_, err := compute(row[0], parse(row[1])[0], "")
		var e *Error
		if !errors.As(err, &e) || e.Reason != Ambiguous || e.Candidates[0].String() != row[3] || e.Candidates[1].String() != row[2] {
			t.Errorf("%s + %s: %v", row[0], row[1], err)
		}
	}
	for _, row := range read("dates-calc-first_last_day_of_month.csv") {
		year, month, _ := date(t, row[0]).Civil()
		first, _ := DateOf(year, month, 1)
		last, _ := DateOf(year, month, daysIn(year, month))
		if first.String() != row[1] || last.String() != row[2] {
			t.Errorf("%s: %s to %s", row[0], first, last)
		}
	}
	if len(exact) < 19 || len(ambiguous) < 11 {
		t.Errorf("read %d and %d vectors", len(exact), len(ambiguous))
	}
}
