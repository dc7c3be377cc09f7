package app

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"sanad/internal/act"
	"sanad/internal/kit/lang"
	"sanad/internal/law/legaltime"
	"sanad/internal/law/pack"
	"sanad/internal/office/tell"

	"sanad/packs"
)

// timeQuestion is a question about a deadline, as the flags put it.
type timeQuestion struct {
	from, rule, mode, round, pack, lang string

	count   int
	suspend Strings
	given   map[string]bool // which flags stood on the command line
}

// timeAnswer is its answer, as --json prints it. Instants are in UTC, which no later change of clocks can move.
type timeAnswer struct {
	Due          string        `json:"due"`                // hours: the first instant that is too late; else the last day to act
	Earliest     string        `json:"earliest,omitempty"` // with Latest, what Due becomes at most once holidays are announced
	Latest       string        `json:"latest,omitempty"`
	Alternatives []timeReading `json:"alternatives,omitempty"`
	Trace        []timeLine    `json:"trace"`

	head string   // the answer in one sentence
	told []string // the trace as it is printed, each line with its basis in words
	warn []string // lines of the trace that nobody may miss
	ask  string   // the heading of the trace
}

// timeReading is what another reading of the rule gives.
type timeReading struct {
	Mode      string `json:"mode"`
	Round     string `json:"round,omitempty"`
	WholeDays bool   `json:"whole_days,omitempty"` // only days wholly suspended are left out
	Due       string `json:"due"`
	Earliest  string `json:"earliest,omitempty"`
	Latest    string `json:"latest,omitempty"`
}

// timeLine is one line of a trace; Basis is the code of the text it rests on, with the article behind a colon.
type timeLine struct {
	Text  string `json:"text"`
	Basis string `json:"basis"`
}

func deadlineFlags(fs *flag.FlagSet) Run {
	q := timeQuestion{given: map[string]bool{}}
	fs.StringVar(&q.from, "from", "", "when what starts the clock took effect, `T`: 2026-03-01, or 2026-03-01T09:30:00+01:00 for hours")
	fs.StringVar(&q.rule, "rule", "", "a rule of the pack, by its `ID`; or say --count and --mode")
	fs.IntVar(&q.count, "count", 0, "how many, `N`")
	fs.StringVar(&q.mode, "mode", "", "of what, `M`: "+modeWords())
	fs.StringVar(&q.round, "round", "", "where the month reached has no day of that number: `up|down`, to the next month's first day or to its own last one")
	fs.Var(&q.suspend, "suspend", "over which the clock stands still, `A..B`: days, both included, or instants; A.. where not lifted yet; may be repeated")
	fs.StringVar(&q.pack, "pack", packs.Default(), "the country pack, a `NAME|FOLDER`")
	fs.StringVar(&q.lang, "lang", "fr", "the language of the answer: `fr|ar|en`")
	asJSON := fs.Bool("json", false, "print the answer as JSON")
	return func(_ context.Context, env Env, _ []string) int {
		fs.Visit(func(f *flag.Flag) { q.given[f.Name] = true })
		answer, err := q.answer()
		if err == nil && *asJSON {
			err = json.NewEncoder(env.Stdout).Encode(answer)
		} else if err == nil {
			err = answer.print(env.Stdout)
		}
		if err != nil {
			say(env, "deadline", err)
			return ExitCant // whatever say makes of a pack that can't be read: nothing was answered
		}
		return ExitGood
	}
}

func modeWords() string {
	var out []string
	for _, m := range legaltime.Modes() {
		out = append(out, string(m))
	}
	return strings.Join(out, ", ")
}

func (a *timeAnswer) print(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintln(&b, a.head)
	for _, line := range a.warn {
		fmt.Fprintln(&b, line)
	}
	fmt.Fprintf(&b, "\n%s\n", a.ask)
	for i, line := range a.told {
		fmt.Fprintf(&b, "%d. %s\n", i+1, line)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// answer computes and words the answer. Its errors say what to ask instead.
func (q *timeQuestion) answer() (*timeAnswer, error) {
	l, ok := lang.Parse(q.lang)
	if !ok || !slices.Contains([]lang.Lang{lang.French, lang.Arabic, lang.English}, l) {
		return nil, fmt.Errorf("--lang: there is no %.20q: expected fr, ar or en", q.lang)
	}
	kinds, err := catalogue()
	if err != nil {
		return nil, err
	}
	law, err := loadPack(q.pack, kinds)
	if err != nil {
		return nil, err
	}
	messages, err := (&house{pack: law}).messages()
	if err != nil {
		return nil, err
	}
	rule, err := q.ruleOf(law)
	if err != nil {
		return nil, err
	}
	start, err := q.start(rule, law.Calendar)
	if err != nil {
		return nil, err
	}
	spans, err := q.spans(law.Calendar)
	if err != nil {
		return nil, err
	}
	t := tell.Teller{Printer: messages.For(l), Law: law, Start: start, Hours: rule.Mode == legaltime.Hours}
	result, err := legaltime.Compute(rule, start, spans, law.Calendar)
	if err != nil {
		return nil, q.refusal(err, t, rule, spans)
	}
	return timed(t, result), nil
}

// ruleOf returns the rule that is asked about.
func (q *timeQuestion) ruleOf(law *pack.Pack) (legaltime.Rule, error) {
	if !q.given["rule"] {
		if !q.given["count"] || !q.given["mode"] {
			return legaltime.Rule{}, fmt.Errorf("which deadline? Give --rule with a rule of pack %s, or --count with --mode", law.ID)
		}
		return legaltime.Rule{Count: q.count, Mode: legaltime.Mode(q.mode), Round: legaltime.Round(q.round)}, nil
	}
	for _, name := range []string{"count", "mode", "round"} {
		if q.given[name] {
			return legaltime.Rule{}, fmt.Errorf("--%s does not go with --rule, which says it already: leave one of them out", name)
		}
	}
	r := law.Rule(q.rule)
	if r == nil {
		var ids []string
		for i := range law.Rules {
			ids = append(ids, law.Rules[i].ID)
		}
		return legaltime.Rule{}, fmt.Errorf("--rule: pack %s has no rule %.60q: expected %s", law.ID, q.rule, nearest(q.rule, ids))
	}
	return r.Rule, nil
}

// start reads --from. A clock of hours needs the instant: a date leaves up to a day in doubt.
func (q *timeQuestion) start(rule legaltime.Rule, cal *legaltime.Calendar) (act.Instant, error) {
	if q.from == "" {
		return 0, errors.New("--from is missing: say when what starts the clock took effect, like 2026-03-01")
	}
	at, day, err := readWhen(q.from, cal)
	if err != nil {
		return 0, fmt.Errorf("--from: %w", err)
	}
	if rule.Mode == legaltime.Hours && !day.IsZero() {
		return 0, fmt.Errorf("--from: hours run from an instant, and %s is a whole day: give the time with its offset, like %sT09:30:00+01:00", q.from, q.from)
	}
	return at, nil
}

// readWhen reads a civil date of the calendar's zone, as its first instant, or an instant with its offset.
func readWhen(text string, cal *legaltime.Calendar) (act.Instant, legaltime.Date, error) {
	day, err := legaltime.ParseDate(text)
	if err == nil {
		return cal.DayStart(day), day, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return 0, 0, fmt.Errorf("%.40q is neither a date like 2026-03-01 nor an instant with its offset like 2026-03-01T09:30:00+01:00", text)
	}
	return act.InstantOf(at), 0, nil
}

// spans reads every --suspend.
func (q *timeQuestion) spans(cal *legaltime.Calendar) ([]legaltime.Span, error) {
	var out []legaltime.Span
	for _, text := range q.suspend {
		first, last, ok := strings.Cut(text, "..")
		if !ok {
			return nil, fmt.Errorf("--suspend: %.60q is no A..B: give its beginning and its end, like 2026-08-01..2026-08-31", text)
		}
		from, _, err := readWhen(first, cal)
		if err != nil {
			return nil, fmt.Errorf("--suspend: %w", err)
		}
		to := legaltime.Open
		if last != "" {
			at, day, err := readWhen(last, cal)
			if err != nil {
				return nil, fmt.Errorf("--suspend: %w", err)
			}
			if to = at; !day.IsZero() {
				to = cal.DayStart(day + 1)
			}
		}
		if from >= to {
			return nil, fmt.Errorf("--suspend: %s does not end after it begins", text)
		}
		out = append(out, legaltime.Span{From: from, To: to})
	}
	return out, nil
}

// refusal words why there is no answer, and what to ask instead.
func (q *timeQuestion) refusal(err error, t tell.Teller, rule legaltime.Rule, spans []legaltime.Span) error {
	var no *legaltime.Error
	switch {
	case !errors.As(err, &no):
		return err
	case no.Reason == legaltime.Suspended:
		return errors.New(t.Text("deadline.suspended", nil))
	case no.Reason == legaltime.Ambiguous:
		args := lang.Args{"ask_down": lang.Code("--round down"), "ask_up": lang.Code("--round up"), "rule": lang.Code(rule.ID)}
		for name, round := range map[string]legaltime.Round{"down": legaltime.RoundDown, "up": legaltime.RoundUp} {
			rule.Round = round
			r, err := legaltime.Compute(rule, t.Start, spans, t.Law.Calendar)
			if err != nil {
				return q.refusal(err, t, rule, spans)
			}
			args[name] = lang.Code(r.Last.String())
		}
		if rule.ID != "" {
			return errors.New(t.Text("deadline.ambiguous.rule", args))
		}
		return errors.New(t.Text("deadline.ambiguous", args))
	case no.Field == "start":
		return fmt.Errorf("--from: %s", no.Text)
	case rule.ID != "" && no.Field != "suspend":
		return fmt.Errorf("rule %s: %s: %s", rule.ID, no.Field, no.Text)
	default: // count, mode, round and suspend are also the names of their flags
		return fmt.Errorf("--%s: %s", no.Field, no.Text)
	}
}

// timed is the answer that a result gives.
func timed(t tell.Teller, r legaltime.Result) *timeAnswer {
	out := &timeAnswer{Due: dueOf(t, r.Last, r.Due), ask: t.Text("deadline.trace", nil)}
	out.Earliest, out.Latest = boundsOf(t, r.End)
	for _, a := range r.Alternatives {
		other := timeReading{Mode: string(a.Mode), Round: string(a.Round), WholeDays: a.WholeDays, Due: dueOf(t, a.Last, a.Due)}
		other.Earliest, other.Latest = boundsOf(t, a.End)
		out.Alternatives = append(out.Alternatives, other)
	}
	for _, line := range r.Trace {
		said := t.Line(line)
		out.Trace = append(out.Trace, timeLine{said.Text, line.Basis})
		if said.Loud {
			out.warn = append(out.warn, said.Text)
		}
		text := said.Text
		if said.Basis != "" {
			text += " [" + said.Basis + "]"
		}
		out.told = append(out.told, text)
	}
	args := lang.Args{"date": lang.Code(out.Due)}
	if t.Hours {
		t.Clock(args, r.Due)
		out.head = t.Text("deadline.answer.hours", args)
		return out
	}
	args["day"], args["weekday"] = lang.Day(r.Last.Time()), tell.Weekday(r.Last.Weekday())
	out.head = t.Text("deadline.answer.day", args)
	return out
}

// dueOf writes one end as JSON has it.
func dueOf(t tell.Teller, last legaltime.Date, due act.Instant) string {
	if t.Hours {
		return due.Time().Format(time.RFC3339Nano)
	}
	return last.String()
}

func boundsOf(t tell.Teller, e legaltime.End) (earliest, latest string) {
	if e.Settled() {
		return "", ""
	}
	return dueOf(t, e.Earliest.Last, e.Earliest.Due), dueOf(t, e.Latest.Last, e.Latest.Due)
}
