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

// A calendar with anything wrong in it is refused with the place of the first thing, as a path that its reader can follow.
func TestCalendarSaysWhere(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/calendar.yaml")
	if err != nil {
		t.Fatal(err)
	}
	good := string(text)
	for _, c := range []struct{ name, old, new, want string }{
		{"no such zone", "Africa/Casablanca", "Africa/Casa", `zone: "Africa/Casa" is not a time zone; use a name like Africa/Casablanca`},
		{"the machine's zone", "Africa/Casablanca", "Local", `zone: "Local" is not a time zone; use a name like Africa/Casablanca`},
		{"bad day of the year", `"01-11"`, `"02-30"`, `fixed[1].day: "02-30" is not a day of the year`},
		{"bad scope", "scopes: [administrations, courts]}", "scopes: [administrations, court]}", `dated[2].scopes[1]: "court" is not a scope of this calendar`},
		{"bad status", "status: estimated}\n  - {id: adha-1448", "status: likely}\n  - {id: adha-1448", `dated[3].status: "likely" is not a status; use estimated or announced`},
		{"an id twice", "id: fitr-1448", "id: adha-1446", `dated[3].id: "adha-1446" is used twice`},
		{"feasts that may meet", "2027-05-17", "2027-03-13", `dated[4].date: aid-al-adha and aid-al-fitr are both estimated and may fall on the same day`},
		{"margin of what is known", "days: 2, status: announced}\n  - {id: adha-1446", "days: 2, margin: 1, status: announced}\n  - {id: adha-1446", `dated[0].margin: an announced holiday has no margin`},
		{"not a weekday", "[saturday, sunday]", "[saturday, sonday]", `weeks[0].off[1]: "sonday" is not a day of the week`},
		{"no working day", "[saturday, sunday]", "[monday, tuesday, wednesday, thursday, friday, saturday, sunday]", `a week needs a working day`},
		{"nothing covered", "covers: {from: 2018-01-01, to: 2027-12-31}", "", `covers: say from when`},
		{"covered backwards", "to: 2027-12-31", "to: 2017-12-31", `covers: it ends on 2017-12-31, before it begins on 2018-01-01`},
		{"closing before opening", `close: "15:00"`, `close: "08:00"`, `hours[0].close: it closes at 08:00, not after it opens at 09:00`},
		{"not a time", `"08:30"`, `"8h30"`, `hours[1].open: "8h30" is not a time of day`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			bad := strings.Replace(good, c.old, c.new, 1)
			if bad == good {
				t.Fatal("the case changes nothing")
			}
			_, err := calendarOf([]byte(bad))
			var wrong *SpecError
			if !errors.As(err, &wrong) || !strings.Contains(strings.TrimPrefix(wrong.Path, "$.")+": "+wrong.Text, c.want) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestCalendarAnswers(t *testing.T) {
	t.Parallel()
	cal := testCalendar(t)
	if cal.Ref() != "test@2026.1" || !act.IsCode(cal.Ref()) || cal.Location().String() != "Africa/Casablanca" {
		t.Errorf("%s %s", cal.Ref(), cal.Location())
	}
	for _, c := range []struct {
		day, scope, name string
		status           Status
	}{
		{"2026-06-06", "", "weekend", Announced},
		{"2026-06-05", "", "", ""},
		{"2026-10-31", "", "weekend", Announced}, // a Saturday
		{"2028-10-31", "", "reunion", Announced},
		{"2025-10-31", "", "", ""},
		{"2025-06-09", "", "bridge", Announced},
		{"2025-06-09", "courts", "bridge", Announced},
		{"2025-06-09", "banks", "", ""},
		{"2027-03-10", "", "aid-al-fitr", Estimated},
		{"2027-03-09", "", "", ""},
	} {
		name, status, err := cal.Off(date(t, c.day), c.scope)
		if err != nil || name != c.name || status != c.status {
			t.Errorf("%s for %q: %q %s %v", c.day, c.scope, name, status, err)
		}
	}
	_, _, err := cal.Off(1, "schools")
	if err == nil {
		t.Error("no error on an unknown scope")
	}
	for _, c := range []struct{ day, from, to, by string }{
		{"2026-02-20", "2026-02-20T09:00:00Z", "2026-02-20T15:00:00Z", "fast"},
		{"2026-06-02", "2026-06-02T07:30:00Z", "2026-06-02T15:30:00Z", "usual"},
	} {
		from, to, by, ok := cal.Opening(date(t, c.day), "")
		if !ok || from != moment(t, cal, c.from) || to != moment(t, cal, c.to) || by.Name != c.by {
			t.Errorf("%s: %s to %s by %s", c.day, from, to, by.Name)
		}
	}
	_, _, _, ok := cal.Opening(date(t, "2026-06-06"), "")
	if ok {
		t.Error("open on a Saturday")
	}
}

// Every day of every listed zone begins at the first instant of its date, also where clocks change at midnight
// (Cairo, Beirut, Havana, Asunción, the Azores) or a day is missing (Apia, 30 Dec 2011).
func TestDayStart(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"Africa/Casablanca", "Africa/Cairo", "Asia/Beirut", "America/Havana", "America/Asuncion", "Atlantic/Azores", "Pacific/Apia", "Pacific/Kiritimati", "Etc/GMT+12", "Australia/Lord_Howe"} {
		t.Run(zone, func(t *testing.T) {
			t.Parallel()
			cal, err := NewCalendar(CalendarSpec{ID: "z", Version: "1", Zone: zone, Covers: Covers{1, MaxDate}, Weeks: []Week{{}}})
			if err != nil {
				t.Fatal(err)
			}
			for d := civil(1995, 1, 1); d < civil(2030, 1, 1); d++ {
				at := cal.DayStart(d)
				if zone == "Pacific/Apia" && d == civil(2011, 12, 30) {
					if at != cal.DayStart(d+1) {
						t.Errorf("the missing day begins at %s", at)
					}
					continue
				}
				if cal.DateOf(at) != d || cal.DateOf(at-1) >= d {
					t.Fatalf("%s begins at %s", d, at.Time().In(cal.Location()))
				}
				// No earlier instant has the date: clocks go back by three hours at the very most.
				for back := time.Minute; back < 3*time.Hour; back += 7 * time.Minute {
					if cal.DateOf(at.Add(-back)) >= d {
						t.Fatalf("%s has begun %s before %s", d, back, at)
					}
				}
			}
		})
	}
}

func TestDate(t *testing.T) {
	t.Parallel()
	at := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	for d := Date(1); d <= MaxDate; d++ {
		if d > 400*366 && d < MaxDate-800 && d%17 != 0 { // one full cycle, then samples
			continue
		}
		want := at.AddDate(0, 0, int(d)-1)
		year, month, day := d.Civil()
		if year != want.Year() || month != want.Month() || day != want.Day() || d.Weekday() != want.Weekday() {
			t.Fatalf("%d is %s, not %d-%d-%d", d, want, year, month, day)
		}
		back, ok := DateOf(year, month, day)
		if !ok || back != d {
			t.Fatalf("%d-%d-%d is %d, not %d", year, month, day, d, back)
		}
	}
	if MaxDate.String() != "9999-12-31" || Date(0).String() != "" || !Date(0).IsZero() || Date(unixDay).String() != "1970-01-01" {
		t.Error("texts of dates")
	}
	for _, bad := range []string{"", "2026-2-1", "2026-02-30", "2026-02-01T00:00:00Z", "02026-01-01", "0000-12-31", "2026-02-29"} {
		var d Date
		err := d.UnmarshalText([]byte(bad))
		if err == nil {
			t.Errorf("%q is read as %s", bad, d)
		}
	}
	_, ok := DateOf(2026, 2, 29)
	_, early := DateOf(0, 1, 1)
	if ok || early {
		t.Error("dates that do not exist")
	}
	text, err := date(t, "2026-03-20").MarshalText()
	if err != nil || string(text) != "2026-03-20" {
		t.Errorf("%s %v", text, err)
	}
}

func TestNewCalendarKeepsItsData(t *testing.T) {
	t.Parallel()
	spec := CalendarSpec{
		ID: "c", Version: "1", Zone: "UTC", Covers: Covers{1, MaxDate}, Weeks: []Week{{}},
		Dated: []Dated{{ID: "x", Date: 700_000, Status: Announced}},
	}
	cal, err := NewCalendar(spec)
	if err != nil {
		t.Fatal(err)
	}
	spec.Dated[0].Date = 1
	got := cal.Spec()
	got.Dated[0].ID = "y"
	if cal.Spec().Dated[0].Date != 700_000 || cal.Spec().Dated[0].ID != "x" || cal.Spec().Dated[0].Days != 1 {
		t.Errorf("%+v", cal.Spec().Dated)
	}
	for name, change := range map[string]func(*CalendarSpec){
		"no id":           func(s *CalendarSpec) { s.ID = "" },
		"an @ in the id":  func(s *CalendarSpec) { s.ID = "a@b" },
		"a long ref":      func(s *CalendarSpec) { s.Version = strings.Repeat("1", 96) },
		"no weeks":        func(s *CalendarSpec) { s.Weeks = nil },
		"scopes repeat":   func(s *CalendarSpec) { s.Scopes = []string{"a", "a"} },
		"margin too wide": func(s *CalendarSpec) { s.Dated = []Dated{{ID: "x", Date: 700_000, Status: Estimated, Margin: 9}} },
		"too many days":   func(s *CalendarSpec) { s.Dated = []Dated{{ID: "x", Date: 700_000, Status: Announced, Days: 99}} },
		"date of none":    func(s *CalendarSpec) { s.Dated = []Dated{{ID: "x", Status: Announced}} },
		"years backwards": func(s *CalendarSpec) { s.Fixed = []Fixed{{ID: "f", Day: "01-01", From: 2000, To: 1999}} },
		"day of none":     func(s *CalendarSpec) { s.Fixed = []Fixed{{ID: "f", Day: "02-30"}} },
		"week of none":    func(s *CalendarSpec) { s.Weeks = []Week{{From: 5, To: 4}} },
		"bad basis":       func(s *CalendarSpec) { s.Basis = "a b" },
	} {
		bad := cal.Spec()
		change(&bad)
		_, err := NewCalendar(bad)
		var where *SpecError
		if !errors.As(err, &where) || !strings.HasPrefix(where.Path, "$.") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A week may change, and differ by scope; the first entry that applies is used.
func TestWeeks(t *testing.T) {
	t.Parallel()
	cal, err := NewCalendar(CalendarSpec{
		ID: "w", Version: "1", Zone: "UTC", Covers: Covers{1, MaxDate}, Scopes: []string{"courts", "banks"},
		Weeks: []Week{
			{Off: []string{"friday"}, Scopes: []string{"banks"}},
			{Off: []string{"sunday"}, To: civil(2005, 9, 30)},
			{Off: []string{"saturday", "sunday"}, From: civil(2005, 10, 1)},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		day, scope string
		off        bool
	}{
		{"2005-09-24", "", false},
		{"2005-09-25", "", true},
		{"2005-10-01", "", true},
		{"2005-10-01", "banks", false},
		{"2005-09-30", "banks", true},
		{"2005-09-30", "courts", false},
	} {
		name, _, err := cal.Off(date(t, c.day), c.scope)
		if err != nil || (name != "") != c.off {
			t.Errorf("%s for %q: %q %v", c.day, c.scope, name, err)
		}
	}
}

// What is accepted can be asked in every mode, and made again from what it says of itself.
func FuzzNewCalendar(f *testing.F) {
	text, err := os.ReadFile("testdata/calendar.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	for _, s := range []string{
		"id: c\nversion: 1\nzone: UTC\ncovers: {from: 0001-01-01, to: 9999-12-31}\nweeks: [{off: []}]\n",
		"dated: [{date: 9999-12-31}]", "weeks:\n- off:\n  - sunday\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var spec CalendarSpec
		if yaml.Unmarshal(text, &spec) != nil {
			return // no calendar at all: its reader's matter
		}
		cal, err := NewCalendar(spec)
		var wrong *SpecError
		if err != nil {
			if !errors.As(err, &wrong) || wrong.Path == "" || wrong.Text == "" {
				t.Fatalf("%#v", err)
			}
			return
		}
		for _, m := range Modes() {
			_, err := Compute(Rule{Count: 3, Mode: m, Side: SideRight}, 1_774_000_000_000_000, nil, cal)
			if err != nil {
				t.Fatal(err)
			}
		}
		_, err = NewCalendar(cal.Spec())
		if err != nil {
			t.Fatal(err)
		}
	})
}
