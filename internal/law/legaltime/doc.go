// Package legaltime computes legal deadlines. A deadline is a rule, a start, suspensions and a version of a
// calendar; out of these it makes one instant, with a trace a lawyer can follow line by line.
//
// It is pure: it reads no clock and holds no state, and the same question always has the same answer. It words
// nothing: a trace is made of message keys with typed arguments, and the wording is done elsewhere. It knows no
// country either: weekends, holidays, zones and office hours come from a calendar, and which way of counting
// applies is an attribute of each rule, never of the program.
//
// # Conventions
//
// Due is the first instant at which it is too late: a clock runs over [start, Due). Hours are elapsed time,
// 3600 seconds each, whatever clocks on walls or holidays do. Every other mode counts civil days in the
// calendar's zone, and Due is the instant at which the day after the last one begins there.
//
// The day of the start, D, never counts. With n the count and "m months" going from quantième to quantième:
//
//	days                D + n
//	working-days        the n-th working day after D
//	francs              D + n + 1: neither the first day nor the last one counts
//	francs-1964         D + n + 2: the reading of the Cour suprême of Morocco, 27 Oct 1964 (C33)
//	months, years       D + m months
//	months-francs       D + m months + 1 day
//	months-francs-1964  (D + 1 day) + m months + 1 day: Cour suprême of Morocco, 19 Feb 1964 (C136)
//
// Where the month reached has no such day, rounding up gives the first day of the next month and rounding down
// the last day of that one; a rule that says neither has no single answer.
//
// A suspension adds the days it takes away one for one, in months as in days. A last day that rolls over goes to
// the first following day that is worked and not suspended.
//
// # What an answer rests on
//
// Midnights come from the IANA time zone rules of the machine, or those built in where it has none. For a zone
// whose clock changes are decided year by year (Morocco, around Ramadan) the rules of coming years are forecasts,
// and an update may move a Due by an hour; the last day and elapsed hours do not depend on them.
package legaltime
