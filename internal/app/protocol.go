package app

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"sanad/internal/act"
	"sanad/internal/kit/lang"
	lawcheck "sanad/internal/law/check"
	"sanad/internal/law/pack"

	"sanad/packs"
)

// checkAnswer is what protocol check found, as --json prints it.
type checkAnswer struct {
	*lawcheck.Report
	Closed []lawcheck.Closed `json:"closed_today"`
}

func protocolCheckFlags(fs *flag.FlagSet) Run {
	name := fs.String("pack", "", "the country pack, a `NAME|FOLDER`, into which files are read; else the one they lie in, or "+packs.Default())
	language := fs.String("lang", "fr", "the language of the report: `fr|ar|en`")
	asJSON := fs.Bool("json", false, "print the report as JSON")
	return func(_ context.Context, env Env, args []string) int {
		found, err := protocolCheck(env, *name, *language, *asJSON, args)
		if err != nil {
			return say(env, "protocol check", err)
		}
		if found > 0 {
			return ExitNo
		}
		return ExitGood
	}
}

// protocolCheck checks a pack, or the protocols in files of one, and prints the report. It returns how many findings there are.
func protocolCheck(env Env, name, language string, asJSON bool, args []string) (int, error) {
	l, err := reportLanguage(language)
	if err != nil {
		return 0, err
	}
	kinds, err := catalogue()
	if err != nil {
		return 0, err
	}
	law, only, err := packOfFiles(name, args, kinds)
	if err != nil {
		return 0, err
	}
	report, err := lawcheck.Pack(law, kinds, only...)
	if err != nil {
		return 0, err
	}
	closed := slices.DeleteFunc(lawcheck.Standing(law, act.InstantOf(env.Now())), func(c lawcheck.Closed) bool {
		return len(only) > 0 && !slices.Contains(only, c.Protocol)
	})
	if asJSON {
		return len(report.Findings), json.NewEncoder(env.Stdout).Encode(checkAnswer{report, closed})
	}
	messages, err := (&house{pack: law}).messages()
	if err != nil {
		return 0, err
	}
	t := checkTeller{p: messages.For(l), law: law}
	_, err = io.WriteString(env.Stdout, t.report(report, closed))
	return len(report.Findings), err
}

func reportLanguage(word string) (lang.Lang, error) {
	l, ok := lang.Parse(word)
	if !ok || !slices.Contains([]lang.Lang{lang.French, lang.Arabic, lang.English}, l) {
		return l, fmt.Errorf("--lang: there is no %.20q: expected fr, ar or en", word)
	}
	return l, nil
}

// checkTeller words a report in one language.
type checkTeller struct {
	p   *lang.Printer
	law *pack.Pack
}

// text words a message. In a language written from left to right nothing needs the marks that isolate codes.
func (t checkTeller) text(key string, args lang.Args) string {
	s := t.p.Text(key, args)
	if t.p.Dir() == "ltr" {
		s = strings.NewReplacer("\u2068", "", "\u2069", "").Replace(s)
	}
	return s
}

func (t checkTeller) report(r *lawcheck.Report, closed []lawcheck.Closed) string {
	var b strings.Builder
	for i := range r.Findings {
		fmt.Fprintf(&b, "%d. %s\n", i+1, t.finding(&r.Findings[i]))
		b.WriteString(t.story(&r.Findings[i]))
	}
	states, protocols := 0.0, map[string]bool{}
	for _, e := range r.Explored {
		states += e.States
		protocols[fmt.Sprint(e.Protocol, e.Version)] = true
	}
	args := lang.Args{"pack": lang.Code(t.law.Version()), "protocols": len(protocols), "count": len(r.Findings), "states": int64(min(states, 1e18))}
	key := "check.found"
	if len(r.Findings) == 0 {
		key = "check.good"
	}
	fmt.Fprintf(&b, "%s\n%s\n", t.text(key, args), t.text("check.explored", args))
	if len(t.law.Variants) > 0 {
		var names lang.List
		for _, v := range t.law.Variants {
			names = append(names, lang.Key("variant."+v))
		}
		fmt.Fprintln(&b, t.text("check.variants", lang.Args{"variants": names}))
	}
	if len(closed) > 0 {
		fmt.Fprintf(&b, "\n%s\n", t.text("check.closed", lang.Args{"count": len(closed)}))
	}
	b.WriteString(t.closed(closed))
	return b.String()
}

// closed tells, text by text and protocol by protocol, which steps what the text is worth closes.
func (t checkTeller) closed(closed []lawcheck.Closed) string {
	var b strings.Builder
	for len(closed) > 0 {
		first := closed[0]
		var steps lang.List
		rest := closed[:0:0]
		for _, c := range closed {
			if c.Protocol == first.Protocol && c.Text == first.Text {
				steps = append(steps, t.named(c.Protocol, c.Step))
				continue
			}
			rest = append(rest, c)
		}
		closed = rest
		args := lang.Args{"protocol": lang.Key("protocol." + first.Protocol), "steps": steps, "text": lang.Code(first.Text), "standing": lang.Key("law.status." + string(first.Standing))}
		if text := t.law.Text(first.Text); text != nil && text.Title[string(t.p.Lang())] != "" {
			args["text"] = text.Title[string(t.p.Lang())]
		}
		fmt.Fprintf(&b, "- %s\n", t.text("check.closed.step", args))
	}
	return b.String()
}

func (t checkTeller) place(protocol, step string) lang.Args {
	return lang.Args{"protocol": lang.Key("protocol." + protocol), "step": t.named(protocol, step)}
}

// named names a step or a lapse as the pack does.
func (t checkTeller) named(protocol, step string) any {
	if key := "step." + protocol + "." + step; t.p.Has(key) {
		return lang.Key(key)
	}
	return lang.Code(step)
}

// finding words a finding with what is at fault, and under which variants where it is not all of them.
func (t checkTeller) finding(f *lawcheck.Finding) string {
	args := t.place(f.Protocol, f.Step)
	args["gate"], args["version"], args["because"] = t.worded("gate.", f.Because), f.Version, t.because(f)
	said := t.text("check.finding."+string(f.Kind), args)
	because, name, of := f.Because, f.Because, ""
	if gate, is := strings.CutPrefix(f.Because, "gate:"); is {
		because, name, of = "gate", gate, "gate."
	}
	switch f.Kind {
	case lawcheck.Vacant, lawcheck.Cell:
		because, of = "named", "role."
	case lawcheck.Unreadable:
		because, of = "named", "fact."
		if !t.p.Has("fact." + name) {
			of = "step." + f.Protocol + "."
		}
	case lawcheck.NoLift, lawcheck.LiftHarder, lawcheck.Silent, lawcheck.Left:
		because, of = "named", "step."+f.Protocol+"."
	case lawcheck.Wait:
		because, of = "named", "deadline."+f.Protocol+"."
	case lawcheck.Unreachable:
	default:
		because = ""
	}
	if because != "" && name != "" {
		said += " " + t.text("check.because."+because, lang.Args{"name": t.worded(of, name)})
	}
	if len(f.Variants) > 0 && len(f.Variants) < len(t.law.Variants) {
		var names lang.List
		for _, v := range f.Variants {
			names = append(names, lang.Key("variant."+v))
		}
		said += " " + t.text("check.under", lang.Args{"variants": names})
	}
	if len(f.Story) > 0 {
		said += " " + t.begins(f)
	}
	return said
}

// because names what is at fault: a step of the protocol, a gate or a fact.
func (t checkTeller) because(f *lawcheck.Finding) any {
	for _, prefix := range []string{"step." + f.Protocol + ".", "gate.", "fact."} {
		if t.p.Has(prefix + f.Because) {
			return lang.Key(prefix + f.Because)
		}
	}
	return lang.Code(f.Because)
}

func (t checkTeller) worded(prefix, name string) any {
	if t.p.Has(prefix + name) {
		return lang.Key(prefix + name)
	}
	return lang.Code(name)
}

// wordOf words a code of a list, which may be part of another one that words it.
func (t checkTeller) wordOf(list, word string) any { return t.worded("list."+list+".", word) }

// event words one line of a story.
func (t checkTeller) event(f *lawcheck.Finding, e *lawcheck.Event) string {
	args := lang.Args{"step": t.named(f.Protocol, e.Name)}
	switch e.What {
	case "lapse":
		return t.text("check.event.lapse", args)
	case "migration":
		return t.text("check.event.migration", lang.Args{"version": lang.Code(e.Name)})
	case "time":
		args["name"] = t.worded("rule.", e.Name)
		if t.law.Rule(e.Name) == nil {
			args["name"] = t.worded("fact.", e.Name)
		}
		return t.text("check.event.time", args)
	}
	var by lang.List
	for _, role := range e.By {
		by = append(by, t.worded("role.", role))
	}
	args["roles"] = by
	done := t.text("check.event.step", args)
	if len(e.Says) == 0 {
		return done
	}
	var says lang.List
	for _, s := range e.Says {
		says = append(says, lang.Worded(t.said(s)))
	}
	return t.text("check.event.says", lang.Args{"done": lang.Worded(done), "says": says})
}

func (t checkTeller) said(s lawcheck.Said) string {
	args := lang.Args{"fact": t.worded("fact.", s.Fact)}
	switch {
	case !s.Known:
		return t.text("check.unsaid", args)
	case s.Value == "":
		return t.text("check.known", args)
	}
	args["value"] = any(lang.Code(s.Value))
	switch x := t.fact(s.Fact); {
	case x == nil:
	case x.Type == act.Bool:
		args["value"] = lang.Key("check.bool." + s.Value)
	case x.Type == act.Code:
		args["value"] = t.wordOf(x.List, s.Value)
	case x.Type == act.Codes && len(s.Words) == 0:
		args["value"] = lang.Key("check.nothing")
	case x.Type == act.Codes:
		var words lang.List
		for _, w := range s.Words {
			words = append(words, t.wordOf(x.List, w))
		}
		args["value"] = words
	}
	return t.text("check.says", args)
}

// fact returns a fact of the pack, nil when it has none of that name.
func (t checkTeller) fact(id string) *pack.Fact {
	for i := range t.law.Facts {
		if t.law.Facts[i].ID == id {
			return &t.law.Facts[i]
		}
	}
	return nil
}
