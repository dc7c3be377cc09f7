package app

import (
	"fmt"
	"strings"
	"time"

	"sanad/internal/act"
	"sanad/internal/kit/lang"
	lawcheck "sanad/internal/law/check"
)

// How a finding comes to be is told day by day where it could be played, and else as the steps in their order, with what keeps it from
// being played.

// story words how a finding comes to be, a line for each thing that happens and, last, what is wrong then.
func (t checkTeller) story(f *lawcheck.Finding) string {
	var b strings.Builder
	line := f.Timeline
	if line == nil || line.Stopped != "" {
		for i := range f.Story {
			fmt.Fprintf(&b, "   %d) %s\n", i+1, t.event(f, &f.Story[i]))
		}
		return b.String()
	}
	for i := range line.Lines {
		l := &line.Lines[i]
		fmt.Fprintf(&b, "   %d) %s\n", i+1, t.text("check.line", lang.Args{"day": l.Day, "what": lang.Worded(t.line(f, l))}))
	}
	if len(line.Lacks) == 0 {
		return b.String()
	}
	key := "check.lack.one"
	switch {
	case len(line.Lacks) > 1 && line.Together:
		key = "check.lack.all"
	case len(line.Lacks) > 1:
		key = "check.lack.any"
	}
	fmt.Fprintf(&b, "   %s\n", t.text(key, nil))
	for i := range line.Lacks {
		fmt.Fprintf(&b, "   - %s\n", t.lack(f, &line.Lacks[i]))
	}
	return b.String()
}

// begins words what a story begins with: the day that is counted as day 0, or why none can be.
func (t checkTeller) begins(f *lawcheck.Finding) string {
	line := f.Timeline
	switch {
	case line == nil:
		return t.text("check.story", nil)
	case line.Stopped != "":
		return t.text("check.story.stopped", lang.Args{"why": lang.Worded(t.stopped(f))})
	}
	day, err := time.Parse(time.DateOnly, line.From)
	if err != nil {
		return t.text("check.story", nil)
	}
	return t.text("check.story.from", lang.Args{"from": t.p.Day(day)})
}

// stopped words what keeps a story from being played to its end.
func (t checkTeller) stopped(f *lawcheck.Finding) string {
	why, name, _ := strings.Cut(f.Timeline.Stopped, ":")
	switch why {
	case "known", "fact":
		return t.text("check.stopped."+why, lang.Args{"name": t.worded("fact.", name)})
	case "over", "rule":
		return t.text("check.stopped."+why, lang.Args{"name": t.worded("rule.", name)})
	case "gate":
		return t.text("check.stopped.gate", lang.Args{"name": t.worded("gate.", name)})
	case "met", "still":
		return t.text("check.stopped.clock", lang.Args{"name": t.named(f.Protocol, name)})
	default:
		return t.text("check.stopped.other", lang.Args{"name": lang.Code(f.Timeline.Stopped)})
	}
}

// line words one thing that happens.
func (t checkTeller) line(f *lawcheck.Finding, l *lawcheck.Line) string {
	args := lang.Args{"step": t.named(f.Protocol, l.Name), "says": t.saidOn(l)}
	since := l.Since
	if l.From != nil {
		args["from"], args["since"] = *l.From, t.named(f.Protocol, since)
		if t.fact(since) != nil {
			args["since"] = t.worded("fact.", since)
		}
	}
	switch l.What {
	case "fact":
		return t.text("check.line.known", args)
	case "elsewhere":
		args["protocol"], args["step"] = t.worded("protocol.", l.Protocol), t.named(l.Protocol, l.Name)
		return t.saying(t.text("check.line.elsewhere", args), l)
	case "migration":
		args["step"] = lang.Worded(t.text("check.event.migration", lang.Args{"version": lang.Code(l.Name)}))
	case "time":
		if l.From == nil {
			return t.text("check.line.past", lang.Args{"fact": t.worded("fact.", l.Name)})
		}
		args["rule"] = t.worded("rule.", l.Rule)
		return t.resting(t.text("check.line.time", args), t.rule(l.Rule))
	case "lapse":
		var nobody lang.List
		for _, step := range l.Nobody {
			nobody = append(nobody, t.named(f.Protocol, step))
		}
		args["rule"], args["steps"] = t.worded("rule.", l.Rule), nobody
		return t.resting(t.text("check.line.lapse", args), t.rule(l.Rule))
	}
	args["role"] = t.worded("role.", l.Actor)
	key := "check.line.step"
	if l.Another {
		key = "check.line.signs"
	}
	return t.saying(t.text(key, args), l)
}

// saying adds what an act says.
func (t checkTeller) saying(done string, l *lawcheck.Line) string {
	if len(l.Says) == 0 {
		return done
	}
	return t.text("check.event.says", lang.Args{"done": lang.Worded(done), "says": t.saidOn(l)})
}

func (t checkTeller) saidOn(l *lawcheck.Line) lang.List {
	var says lang.List
	for _, s := range l.Says {
		says = append(says, lang.Worded(t.dated(s, l.Day)))
	}
	return says
}

// dated words what is said of a fact; of one that tells a day, which one.
func (t checkTeller) dated(s lawcheck.Said, today int) string {
	if s.Day == nil {
		return t.said(s)
	}
	fact := t.worded("fact.", s.Fact)
	switch {
	case *s.Day == today:
		return t.text("check.on.this", lang.Args{"fact": fact})
	case s.Free && *s.Day > today:
		return t.text("check.on.free", lang.Args{"fact": fact})
	default:
		return t.text("check.on.day", lang.Args{"fact": fact, "day": *s.Day})
	}
}

// rule returns what a rule of time rests on.
func (t checkTeller) rule(id string) []lawcheck.Rest {
	r := t.law.Rule(id)
	if r == nil || r.Basis.Text == "" {
		return nil
	}
	return []lawcheck.Rest{{Text: r.Basis.Text, Article: r.Basis.Article}}
}

// resting adds what something rests on in the law.
func (t checkTeller) resting(said string, on []lawcheck.Rest) string {
	if len(on) == 0 {
		return said
	}
	var rests lang.List
	for _, r := range on {
		args := lang.Args{"text": any(lang.Code(r.Text)), "article": r.Article}
		if text := t.law.Text(r.Text); text != nil && text.Title[string(t.p.Lang())] != "" {
			args["text"] = text.Title[string(t.p.Lang())]
		}
		key := "check.rests.text"
		if r.Article != "" {
			key = "check.rests.article"
		}
		rests = append(rests, lang.Worded(t.text(key, args)))
	}
	return t.text("check.rests", lang.Args{"said": lang.Worded(said), "rests": rests})
}

// lack words one thing that is wrong when a story ends, who in the pack asks for it, and what that rests on.
func (t checkTeller) lack(f *lawcheck.Finding, l *lawcheck.Lack) string {
	args := lang.Args{"step": t.named(f.Protocol, l.Name)}
	said := ""
	switch l.What {
	case "fact":
		said = t.said(*l.Is)
		if would := t.would(l); would != nil {
			said = t.text("check.lack.would", lang.Args{"is": lang.Worded(said), "would": would})
		}
	case "time":
		args["rule"] = t.worded("rule.", l.Name)
		if t.law.Rule(l.Name) == nil {
			args["rule"] = t.worded("fact.", l.Name)
		}
		said = t.text("check.lack.time."+fmt.Sprint(l.Done), args)
	case "law":
		said = t.text("check.lack.law", nil)
	case "kind":
		said = t.text("check.lack.step.false", lang.Args{"step": t.worded("kind.", l.Name)})
	case "never":
		said = t.text("check.lack.never", args)
	case "nothing", "captive", "unasked":
		said = t.text("check.lack."+l.What, nil)
	default:
		said = t.text("check.lack.step."+fmt.Sprint(l.Done), args)
	}
	if len(l.Gates) > 0 {
		var gates lang.List
		for _, g := range l.Gates {
			gates = append(gates, t.worded("gate.", g))
		}
		said = t.text("check.lack.asked", lang.Args{"said": lang.Worded(said), "gates": gates})
	}
	return t.resting(said, l.Rests)
}

// would words the values with which nothing would be wrong, of facts that have few.
func (t checkTeller) would(l *lawcheck.Lack) lang.List {
	x := t.fact(l.Name)
	if x == nil || x.Type != act.Bool && x.Type != act.Code {
		return nil
	}
	var out lang.List
	for _, v := range l.Would {
		if x.Type == act.Bool {
			out = append(out, lang.Key("check.bool."+v))
			continue
		}
		out = append(out, t.wordOf(x.List, v))
	}
	return out
}
