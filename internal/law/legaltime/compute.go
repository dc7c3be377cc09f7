package legaltime

import (
	"time"

	"sanad/internal/act"
)

var (
	firstInstant = act.InstantOf(time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC))
	lastInstant  = act.InstantOf(time.Date(9999, 12, 30, 0, 0, 0, 0, time.UTC))
)

// Compute returns the deadline that rule sets for a clock started at start, the effective instant of the act
// that starts it, under a version of a calendar. Suspensions may come in any order and overlap. Every error is an
// *Error; NoAnswer tells a question without a single answer from a wrong one.
func Compute(rule Rule, start act.Instant, suspensions []Span, cal *Calendar) (Result, error) {
	return compute(rule, start, suspensions, cal, true)
}

// Due is when the deadline ends that Compute returns for a clock that never stood still, for whoever needs no trace of it.
func Due(rule Rule, start act.Instant, cal *Calendar) (act.Instant, error) {
	res, err := compute(rule, start, nil, cal, false)
	return res.Due, err
}

func compute(rule Rule, start act.Instant, suspensions []Span, cal *Calendar, told bool) (Result, error) {
	if err := rule.Check(); err != nil {
		return Result{}, err
	}
	if cal == nil {
		return Result{}, invalid("calendar", "there is none; hand one in")
	}
	if start < firstInstant || start > lastInstant {
		return Result{}, invalid("start", "it is outside the years 1 to 9999")
	}
	v := cal.view(rule.Scope)
	if v == nil {
		return Result{}, unknownScope(cal, rule.Scope)
	}
	if err := checkSpans(suspensions); err != nil {
		return Result{}, err
	}
	q := query{rule: rule, start: start, day: cal.DateOf(start), spans: inOrder(suspensions), cal: cal, view: v, told: told}
	if rule.Mode == Hours {
		return q.hours()
	}
	return q.days()
}

// query is one question being answered.
type query struct {
	rule  Rule
	start act.Instant
	day   Date // civil day of the start
	spans []Span
	cal   *Calendar
	view  *view
	told  bool // the answer has a trace
}

func (q *query) open(t *tracer) {
	scope := q.rule.Scope
	if scope == "" && len(q.cal.spec.Scopes) > 0 {
		scope = q.cal.spec.Scopes[0]
	}
	t.add("legaltime.calendar", q.cal.spec.Basis, code("calendar", q.cal.ref), code("scope", scope))
	t.add("legaltime.start", "", atTime("at", q.start), onDay("day", q.day), code("zone", q.cal.spec.Zone))
}

func (q *query) hours() (Result, error) {
	const hour = int64(time.Hour / time.Microsecond)
	var room [8]stop
	stops := elapsedStops(room[:0], q.spans)
	end, ok := run(int64(q.start), int64(q.rule.Count)*hour, stops)
	if !ok {
		return Result{}, errSuspended()
	}
	if act.Instant(end) > lastInstant {
		return Result{}, errBeyond()
	}
	due := act.Instant(end)
	b := Bound{Due: due}
	res := Result{Reading: Reading{Mode: Hours}, End: End{Due: due, Earliest: b, Latest: b}, Calendar: q.cal.ref}
	if !q.told {
		return res, nil
	}
	t := newTracer()
	q.open(t)
	t.add("legaltime.hours", q.rule.Basis, number("count", q.rule.Count), atTime("at", q.start+act.Instant(int64(q.rule.Count)*hour)))
	for _, s := range q.spans {
		if s.To > q.start && s.From < due {
			t.add("legaltime.suspended", s.Basis, atTime("from", s.From), atTime("to", s.To))
		}
	}
	q.clocks(t, due)
	t.add("legaltime.due-hours", "", atTime("at", due))
	res.Trace = t.lines
	return res, nil
}

// clocks mentions the changes of wall clocks before due, as a reader who counts on a clock would miss them. Over
// more than a year they come and go and would only be noise.
func (q *query) clocks(t *tracer, due act.Instant) {
	const year = act.Instant(366 * 24 * time.Hour / time.Microsecond)
	if due-q.start > year {
		return
	}
	at := q.start.Time().In(q.cal.loc)
	for {
		_, change := at.ZoneBounds()
		if change.IsZero() || act.InstantOf(change) >= due {
			return
		}
		_, before := at.Zone()
		_, after := change.Zone()
		t.add("legaltime.clocks", q.cal.spec.Basis, atTime("at", act.InstantOf(change)), number("minutes", (after-before)/60))
		at = change
	}
}

// candidate is a reading with its end in days.
type candidate struct {
	Reading
	reach
}

func (q *query) days() (Result, error) {
	var rooms [3][8]stop
	still := elapsedStops(rooms[0][:0], q.spans)
	touched, differ := dayStops(rooms[1][:0], still, q.cal, false)
	whole := touched
	if differ {
		whole, _ = dayStops(rooms[2][:0], still, q.cal, true)
	}
	var room [8]candidate
	all := room[:0]
	var stuck Mode // a reading that meets a suspension nobody has lifted
	for _, mode := range [2]Mode{q.rule.Mode, q.rule.Mode.other()} {
		if mode == "" {
			continue
		}
		rounds := q.rounds(mode)
		if rounds[0] == refused && q.meet(touched, whole) {
			rounds = roundBoth // either leads to one day: nothing is left to choose
		}
		for _, round := range rounds {
			if round == refused {
				return Result{}, q.ambiguous()
			}
			rd := Reading{Mode: mode, Round: round}
			r, err := q.reach(rd, touched, nil)
			stands := isSuspended(err) && q.settles(mode)
			switch {
			case stands:
				stuck = mode
			case err != nil:
				return Result{}, err
			default:
				all = append(all, candidate{Reading: rd, reach: r})
			}
			if !differ {
				continue
			}
			rd.WholeDays = true
			w, err := q.reach(rd, whole, nil)
			if stands && isSuspended(err) {
				continue
			}
			if err != nil {
				return Result{}, err
			}
			if stands || w != r { // a day suspended in part may be the last one of a clock that otherwise stands still
				all = append(all, candidate{Reading: rd, reach: w})
			}
		}
	}
	if len(all) == 0 {
		return Result{}, errSuspended()
	}
	best := 0
	for i := range all {
		a, b := all[i].reach, all[best].reach
		switch q.rule.Side {
		case SideRight:
			if a.last > b.last || a.last == b.last && a.late > b.late {
				best = i
			}
		case SideDuty:
			if a.last < b.last || a.last == b.last && a.early < b.early {
				best = i
			}
		}
	}
	if !q.told {
		return Result{Reading: all[best].Reading, End: q.end(all[best].reach), Uncovered: all[best].uncovered, Calendar: q.cal.ref}, nil
	}
	return q.result(all, best, stuck, touched, whole)
}

// settles reports whether the answer can do without a reading that stands still: it is longer than any that has
// ended, so only someone's right, or a rule whose own reading it is, waits for it.
func (q *query) settles(mode Mode) bool {
	return q.rule.Side == SideDuty || q.rule.Side == "" && mode != q.rule.Mode
}

// refused stands for a rounding the rule should have said.
const refused Round = "refused"

var (
	roundNone = []Round{""}
	roundUp   = []Round{RoundUp}
	roundDown = []Round{RoundDown}
	roundBoth = []Round{RoundDown, RoundUp}
	roundNo   = []Round{refused}
)

// meet reports whether both roundings of the rule's own mode lead to one day, for all that is known of holidays.
func (q *query) meet(countings ...[]stop) bool {
	for _, stops := range countings {
		down, err := q.reach(Reading{Mode: q.rule.Mode, Round: RoundDown}, stops, nil)
		if err != nil {
			return false
		}
		up, err := q.reach(Reading{Mode: q.rule.Mode, Round: RoundUp}, stops, nil)
		if err != nil || up != down {
			return false
		}
	}
	return true
}

// rounds returns the roundings under which a mode is to be read: one, both where they are readings to weigh, or
// a refusal.
func (q *query) rounds(mode Mode) []Round {
	_, _, exact := q.quantieme(mode)
	switch {
	case exact:
		return roundNone
	case q.rule.Round == RoundUp:
		return roundUp
	case q.rule.Round == RoundDown:
		return roundDown
	case mode == q.rule.Mode && q.rule.Side == "":
		return roundNo
	default:
		return roundBoth
	}
}

// quantieme returns the day a mode leads to by itself, without suspensions and roll-over, rounded down and up.
func (q *query) quantieme(mode Mode) (down, up Date, exact bool) {
	n := q.rule.Count
	switch mode {
	case Days:
		return q.day + Date(n), q.day + Date(n), true
	case Francs:
		return q.day + Date(n) + 1, q.day + Date(n) + 1, true
	case Francs1964:
		return q.day + Date(n) + 2, q.day + Date(n) + 2, true
	case Months:
		return q.day.addMonths(n)
	case MonthsFrancs:
		down, up, exact = q.day.addMonths(n)
		return down + 1, up + 1, exact
	case MonthsFrancs1964:
		down, up, exact = (q.day + 1).addMonths(n)
		return down + 1, up + 1, exact
	case Years:
		return q.day.addMonths(12 * n)
	default: // working days, which have none
		return 0, 0, true
	}
}

// reach computes the end of one reading.
func (q *query) reach(rd Reading, stops []stop, t *tracer) (reach, error) {
	from, n := q.day, q.rule.Count
	if rd.Mode != WorkingDays {
		down, up, _ := q.quantieme(rd.Mode)
		if rd.Round == RoundUp {
			down = up
		}
		t.add("legaltime.count", q.rule.Basis, number("count", n), code("mode", string(rd.Mode)), onDay("day", down))
		if rd.Round != "" {
			t.add("legaltime.round", q.rule.Basis, code("round", string(rd.Round)), onDay("day", down))
		}
		end, ok := run(int64(q.day)+1, int64(down-q.day), stops)
		if !ok {
			return reach{}, errSuspended()
		}
		if end > int64(MaxDate) {
			return reach{}, errBeyond()
		}
		last := Date(end - 1)
		if last != down {
			t.add("legaltime.resumed", "", onDay("day", last))
		}
		if !q.rule.rolls() {
			return reach{last: last, early: last, late: last}, nil
		}
		// The first working day from last on, last included.
		from, n = last-1, 1
		r, err := q.working(from, n, stops, t)
		if err == nil && r.last != last {
			t.add("legaltime.roll", q.rule.Basis, onDay("from", last), onDay("day", r.last))
		}
		return r, err
	}
	r, err := q.working(from, n, stops, t)
	t.add("legaltime.count", q.rule.Basis, number("count", n), code("mode", string(rd.Mode)), onDay("day", r.last))
	return r, err
}

func (q *query) working(from Date, n int, stops []stop, t *tracer) (reach, error) {
	r, ok := q.view.working(from, n, stops, t)
	switch {
	case ok && r.late < MaxDate:
		return r, nil
	case len(stops) > 0 && stops[len(stops)-1].to == forever:
		return reach{}, errSuspended()
	default:
		return reach{}, errBeyond()
	}
}
