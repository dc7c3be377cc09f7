// Package tell words how a deadline was computed, line by line, in the reader's language, with the legal basis of each: the
// page of a file shows it for every clock that runs, and the command line prints the same. It decides nothing.
package tell

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"sanad/internal/act"
	"sanad/internal/kit/lang"
	"sanad/internal/law/gate"
	"sanad/internal/law/legaltime"
	"sanad/internal/law/pack"
	"sanad/internal/law/protocol"
)

// Line is one line of a trace: what was done, and what that rests on, in words; Loud where nobody may miss it: another
// reading, a date that is not announced yet.
type Line struct {
	Text, Basis string
	Loud        bool
}

// loud are the lines that nobody may miss.
var loud = []string{"legaltime.bounds", "legaltime.alternative", "legaltime.stuck", "legaltime.uncovered"}

// Trace computes a running clock again, and tells how: also how one that stands still does so. It is empty where the rule is
// unknown or has no single answer. acts words the acts on which suspensions, and more time, rest.
func Trace(p *lang.Printer, law *pack.Pack, run *protocol.Running, acts func(act.ID) string) []Line {
	rule := cmp.Or(run.Kept, run.Rule)
	r := law.Rule(rule)
	if r == nil || law.Calendar == nil {
		return nil
	}
	result, err := law.Compute(rule, run.Start, run.Ledger)
	if err != nil && len(result.Trace) == 0 {
		return nil
	}
	t := Teller{Printer: p, Law: law, Start: run.Start, Hours: r.Mode == legaltime.Hours, Acts: acts}
	out := make([]Line, 0, len(result.Trace))
	for _, l := range result.Trace {
		out = append(out, t.Line(l))
	}
	return out
}

// Teller tells, in one language, how a deadline was computed.
type Teller struct {
	Printer *lang.Printer
	Law     *pack.Pack // with a calendar
	Start   act.Instant
	Hours   bool                // the deadline is one of hours, which ends at an instant and not on a day
	Acts    func(act.ID) string // words an act on which a line rests; nil where none does
}

// Line words one line of a trace.
func (t Teller) Line(l legaltime.Line) Line {
	key, args := t.Wording(l)
	out := Line{Text: t.Text(key, args), Loud: slices.Contains(loud, l.Key)}
	if l.Basis != "" {
		out.Basis = t.Basis(l.Basis)
	}
	return out
}

// Text words a message. In a language written from left to right nothing needs the marks that isolate codes, and
// they would be copied along with a flag or a date.
func (t Teller) Text(key string, args lang.Args) string {
	s := t.Printer.Text(key, args)
	if t.Printer.Dir() == "ltr" {
		s = strings.NewReplacer("\u2068", "", "\u2069", "").Replace(s)
	}
	return s
}

// Clock sets the arguments that write an instant in legal time: weekday, day and clock.
func (t Teller) Clock(args lang.Args, at act.Instant) {
	local := at.Time().In(t.Law.Calendar.Location())
	args["weekday"], args["day"], args["clock"] = Weekday(local.Weekday()), lang.Day(local), lang.Clock(local)
}

// Wording returns the message that words a line. Where a sentence depends on an argument (how days are counted,
// whose right it is), its key is the line's own followed by that argument, so that each language has whole sentences.
func (t Teller) Wording(l legaltime.Line) (string, lang.Args) {
	args, codes := lang.Args{}, map[string]string{}
	count := 0
	for _, a := range l.Args {
		switch v := a.Value().(type) {
		case legaltime.Date:
			args[a.Name] = lang.Day(v.Time())
		case act.Instant:
			args[a.Name] = t.at(v)
		case int:
			count = v
			args[a.Name] = v
		case string:
			codes[a.Name] = v
			args[a.Name] = lang.Code(v)
		}
	}
	for name, prefix := range map[string]string{"mode": "legaltime.mode.", "scope": "legaltime.scope.", "name": "holiday."} {
		if key := prefix + codes[name]; codes[name] != "" && t.Printer.Has(key) {
			args[name] = lang.Key(key)
		}
	}
	switch l.Key {
	case "legaltime.calendar":
		if codes["scope"] == "" {
			return "legaltime.calendar.all", args
		}
	case "legaltime.start":
		if t.Hours {
			return "legaltime.start.hours", args
		}
	case "legaltime.count":
		args["length"] = t.length(count, codes["mode"])
		return l.Key + "." + codes["mode"], args
	case "legaltime.hours":
		args["length"] = t.length(count, string(legaltime.Hours))
	case "legaltime.extended":
		args["length"] = t.length(count, codes["mode"])
	case "legaltime.clocks":
		return t.clocks(args, value[act.Instant](l, "at"), count)
	case "legaltime.suspended":
		return t.suspended(args, value[act.Instant](l, "from"), value[act.Instant](l, "to"))
	case "legaltime.round":
		return l.Key + "." + codes["round"], args
	case "legaltime.holiday":
		return l.Key + "." + codes["status"], args
	case "legaltime.chosen":
		return l.Key + "." + cmp.Or(codes["side"], "rule"), args
	case "legaltime.alternative":
		reading := lang.List{args["mode"]}
		for _, code := range []string{codes["round"], codes["suspension"]} {
			if code != "" {
				reading = append(reading, lang.Key("legaltime.reading."+code))
			}
		}
		args["reading"] = reading
	case "legaltime.due":
		args["weekday"] = Weekday(value[legaltime.Date](l, "day").Weekday())
	case "legaltime.due-hours":
		t.Clock(args, value[act.Instant](l, "at"))
	}
	return l.Key, args
}

// value returns an argument of a line, or zero.
func value[T any](l legaltime.Line, name string) T {
	for _, a := range l.Args {
		if v, ok := a.Value().(T); ok && a.Name == name {
			return v
		}
	}
	var none T
	return none
}

// at writes an instant in the country's legal time; where days are counted, midnight is the day that begins with it.
func (t Teller) at(i act.Instant) any {
	cal := t.Law.Calendar
	if day := cal.DateOf(i); !t.Hours && cal.DayStart(day) == i {
		return lang.Day(day.Time())
	}
	return lang.Moment(i.Time().In(cal.Location()))
}

// clocks words a change of wall clocks; minutes are negative where they go back.
func (t Teller) clocks(args lang.Args, at act.Instant, minutes int) (string, lang.Args) {
	args["at"] = lang.Moment(at.Time().In(t.Law.Calendar.Location()))
	args["time"] = time.Duration(minutes) * time.Minute
	if minutes < 0 {
		return "legaltime.clocks.back", args
	}
	return "legaltime.clocks.forward", args
}

// suspended words a suspension by its days, both included, where it is one of whole days.
func (t Teller) suspended(args lang.Args, from, to act.Instant) (string, lang.Args) {
	if to == legaltime.Open {
		return "legaltime.suspended.open", args
	}
	cal := t.Law.Calendar
	first, last := cal.DateOf(from), cal.DateOf(to-1)
	if cal.DayStart(first) != from || cal.DayStart(last+1) != to {
		args["from"], args["to"] = lang.Moment(from.Time().In(cal.Location())), lang.Moment(to.Time().In(cal.Location()))
		return "legaltime.suspended", args
	}
	args["first"], args["last"] = lang.Day(first.Time()), lang.Day(last.Time())
	if first == last {
		return "legaltime.suspended.day", args
	}
	return "legaltime.suspended.days", args
}

func (t Teller) length(count int, mode string) lang.Worded {
	return lang.Worded(t.Text("legaltime.length."+mode, lang.Args{"count": count}))
}

// Weekday is the message that names a day of the week.
func Weekday(d time.Weekday) lang.Key { return lang.Key("form.weekday." + strconv.Itoa(int(d))) }

// Basis words the text a line rests on, and what that text is worth unless it is law in force: a deadline computed
// from a proposal binds nobody.
func (t Teller) Basis(code string) string {
	if id, err := act.ParseID(code); err == nil && t.Acts != nil {
		return t.Acts(id)
	}
	text, article := t.Law.Text(code), ""
	if i := strings.LastIndexByte(code, ':'); text == nil && i >= 0 {
		text, article = t.Law.Text(code[:i]), code[i+1:]
	}
	if text == nil {
		return t.Text("file.basis", lang.Args{"text": lang.Code(code)})
	}
	key, args := "file.basis", lang.Args{"text": lang.Code(code), "article": lang.Code(article)}
	if title := text.Title[string(t.Printer.Lang())]; title != "" {
		args["text"] = title
	}
	if article != "" {
		key = "file.basis.article"
	}
	said := t.Text(key, args)
	if s := t.standing(text); s != gate.InForce {
		said += " (" + t.Text("law.status."+string(s), nil) + ")"
	}
	return said
}

// standing returns what a text was worth when the clock started, by all that the pack knows.
func (t Teller) standing(text *pack.Text) gate.Standing {
	starts := func(d legaltime.Date) *act.Instant {
		if d.IsZero() {
			return nil
		}
		at := t.Law.Calendar.DayStart(d)
		return &at
	}
	law := protocol.Text{Status: text.Status, Verified: text.Verified, From: starts(text.From)}
	if !text.To.IsZero() {
		law.To = starts(text.To + 1)
	}
	return law.Standing(t.Start, legaltime.Open)
}
