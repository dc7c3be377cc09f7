package legaltime

import "sanad/internal/act"

// Line is one line of a trace: the key of a message, its arguments, and the code of the text it rests on, if
// any. Wording is the business of whoever shows it.
type Line struct {
	Key   string
	Args  []Arg
	Basis string
}

// Arg is one named argument of a message. Its value is a Date, an act.Instant, an int or a code.
type Arg struct {
	Name string
	kind argKind
	num  int64
	code string
}

type argKind uint8

const (
	argDate argKind = iota
	argAt
	argInt
	argCode
)

// Value returns the argument as a Date, an act.Instant, an int, or a string holding a code.
func (a Arg) Value() any {
	switch a.kind {
	case argDate:
		return Date(a.num)
	case argAt:
		return act.Instant(a.num)
	case argInt:
		return int(a.num)
	default:
		return a.code
	}
}

// Keys returns the key of every line a trace can have, with the names of its arguments.
func Keys() map[string][]string {
	return map[string][]string{
		"legaltime.start":       {"at", "day", "zone"},                  // when the clock starts, and which day that is
		"legaltime.count":       {"count", "mode", "day"},               // the rule, and the day (hours: none) it leads to by itself
		"legaltime.hours":       {"count", "at"},                        // elapsed hours, without suspensions
		"legaltime.clocks":      {"at", "minutes"},                      // wall clocks change meanwhile; elapsed hours ignore it
		"legaltime.suspended":   {"from", "to"},                         // the clock stands still between two instants
		"legaltime.days-out":    {"first", "last", "count"},             // days left out by suspensions
		"legaltime.resumed":     {"day"},                                // the day reached once suspensions are added
		"legaltime.round":       {"round", "day"},                       // the month had no such day
		"legaltime.roll":        {"from", "day"},                        // from a last day that is not worked to the next that is
		"legaltime.weekend":     {"count"},                              // days of the weekend passed over
		"legaltime.holiday":     {"day", "name", "status"},              // a holiday passed over
		"legaltime.bounds":      {"earliest", "latest"},                 // a holiday is not announced; the last day is between these
		"legaltime.uncovered":   {"from", "to"},                         // it depends on days outside the period the calendar covers
		"legaltime.chosen":      {"mode", "side"},                       // readings differ, and whose time it is decides
		"legaltime.alternative": {"mode", "round", "suspension", "day"}, // another reading and its last day
		"legaltime.stuck":       {"mode"},                               // that reading meets a suspension not lifted yet, and has no end for now
		"legaltime.due":         {"day", "at"},                          // the last day, and the instant from which it is late
		"legaltime.due-hours":   {"at"},                                 // the instant from which it is late
		"legaltime.extended":    {"count", "mode"},                      // more time was given, counted from the end so far
		"legaltime.calendar":    {"calendar", "scope"},                  // which calendar, and whose days off
	}
}

// tracer gathers lines. A nil tracer gathers nothing, at no cost.
type tracer struct {
	lines []Line
	args  []Arg
}

func newTracer() *tracer { return &tracer{make([]Line, 0, 12), make([]Arg, 0, 32)} }

func (t *tracer) add(key, basis string, args ...Arg) {
	if t == nil {
		return
	}
	from := len(t.args)
	t.args = append(t.args, args...)
	t.lines = append(t.lines, Line{key, t.args[from:len(t.args):len(t.args)], basis})
}

func (t *tracer) holiday(d Date, h *holiday, s Status) {
	t.add("legaltime.holiday", h.basis, onDay("day", d), code("name", h.name), code("status", string(s)))
}

func onDay(name string, d Date) Arg         { return Arg{Name: name, kind: argDate, num: int64(d)} }
func atTime(name string, i act.Instant) Arg { return Arg{Name: name, kind: argAt, num: int64(i)} }
func number(name string, n int) Arg         { return Arg{Name: name, kind: argInt, num: int64(n)} }
func code(name string, c string) Arg        { return Arg{Name: name, kind: argCode, code: c} }
