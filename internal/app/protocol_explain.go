package app

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/lang"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

func protocolExplainFlags(fs *flag.FlagSet) Run {
	given := ConfigFlags(fs, "data", "db", "db_file", "pack")
	mandate := fs.String("mandate", "", "`ID` of the mandate for whom it is explained, or the seat it holds; sanad console mandates lists them")
	language := fs.String("lang", "fr", "the language of the answer: `fr|ar|en`")
	return func(ctx context.Context, env Env, args []string) int {
		err := inside(ctx, env, given, func(h *house) error {
			said, err := h.explain(ctx, args[0], *mandate, *language)
			if err == nil {
				fmt.Fprint(env.Stdout, said)
			}
			return err
		})
		if err != nil {
			say(env, "protocol explain", err)
			return ExitCant
		}
		return ExitGood
	}
}

// explain says what a mandate may do now in a file, and what keeps the rest closed, as far as that mandate may know.
func (h *house) explain(ctx context.Context, file, mandate, language string) (string, error) {
	l, err := reportLanguage(language)
	if err != nil {
		return "", err
	}
	if mandate == "" {
		return "", errors.New("for whom? Name a mandate with --mandate; sanad console mandates lists them")
	}
	id, err := act.ParseID(file)
	if err != nil {
		return "", fmt.Errorf("%.60q is no file's id: the console shows it in the address of a file", file)
	}
	who, err := h.mandateOfSeat(ctx, mandate)
	if err != nil {
		return "", err
	}
	view, err := h.clerk.View(ctx, who, id)
	switch fault.CodeOf(err) {
	case fault.NotFound:
		return "", fmt.Errorf("there is no file %s that mandate %s may read", file, mandate)
	case fault.Forbidden:
		return "", fmt.Errorf("there is no mandate %s in force: sanad console mandates lists them", mandate)
	}
	if err != nil {
		return "", err
	}
	messages, err := h.messages()
	if err != nil {
		return "", err
	}
	return explainer{checkTeller{p: messages.For(l), law: h.pack}, h}.view(view), nil
}

// explainer words what the engine answers.
type explainer struct {
	checkTeller
	h *house
}

func (x explainer) view(v *clerk.View) string {
	var open, shut strings.Builder
	for i := range v.Moves {
		m := &v.Moves[i]
		var by lang.List
		for _, role := range m.Step.By {
			by = append(by, x.worded("role.", role))
		}
		step := x.text("check.explain.by", lang.Args{"step": x.named(m.Protocol, m.Place.Step), "roles": by})
		if m.Open {
			fmt.Fprintf(&open, "- %s\n", step)
			continue
		}
		if slices.ContainsFunc(m.Blocks, func(b protocol.Block) bool { return b.Why == protocol.WhyDone || b.Why == protocol.WhyClosed }) {
			continue // it is behind us
		}
		fmt.Fprintf(&shut, "- %s\n", step)
		for j := range m.Blocks {
			fmt.Fprintf(&shut, "    %s\n", x.block(m.Protocol, &m.Blocks[j]))
		}
	}
	var clocks strings.Builder
	for _, r := range v.Running {
		if r.Still != nil {
			fmt.Fprintf(&clocks, "- %s\n", x.text("check.explain.still", lang.Args{
				"name": x.worded("deadline."+r.Place.Protocol+".", r.Name), "since": lang.Moment(x.h.local(r.Still.From)), "step": x.named(r.Place.Protocol, r.Still.Step),
			}))
			continue
		}
		fmt.Fprintf(&clocks, "- %s\n", x.text("check.explain.due", lang.Args{
			"name": x.worded("deadline."+r.Place.Protocol+".", r.Name), "due": lang.Moment(x.h.local(r.Due)),
		}))
	}
	var out strings.Builder
	for _, l := range v.Lost {
		fmt.Fprintf(&out, "%s\n\n", x.text("file.version.lost", lang.Args{"protocol": x.worded("protocol.", l.Protocol), "version": l.Version}))
	}
	for _, part := range []struct{ key, lines string }{
		{"check.explain.now", open.String()}, {"check.explain.notyet", shut.String()}, {"check.explain.clocks", clocks.String()},
	} {
		if part.lines == "" {
			part.lines = x.text("check.explain.none", nil) + "\n"
		}
		fmt.Fprintf(&out, "%s\n%s\n", x.text(part.key, nil), part.lines)
	}
	return out.String()
}

// block words one thing that keeps a step closed, with the gate's own message where it is one.
func (x explainer) block(id string, b *protocol.Block) string {
	args := lang.Args{"have": lang.Key("file.fact.unknown")} // a message may ask for it where nothing is known
	fact := ""
	for _, a := range b.Args {
		if a.Name == "fact" {
			fact = a.Value.Code()
		}
	}
	for _, a := range b.Args {
		args[a.Name] = x.arg(id, fact, b, a)
	}
	return x.text(b.Key, args)
}

func (x explainer) arg(id, fact string, b *protocol.Block, a protocol.Arg) any {
	code := a.Value.Code()
	list := func(word func(string) any) any {
		var out lang.List
		for _, c := range a.Value.Codes() {
			out = append(out, word(c))
		}
		return out
	}
	switch a.Name {
	case "step":
		return x.named(id, code)
	case "steps":
		return list(func(c string) any { return x.named(id, c) })
	case "roles":
		return list(func(c string) any { return x.worded("role.", c) })
	case "rule":
		return x.worded("rule.", code)
	case "fact":
		return x.worded("fact.", code)
	case "standing":
		return lang.Key("law.status." + code)
	case "text":
		if t := x.law.Text(code); t != nil && t.Title[string(x.p.Lang())] != "" {
			return t.Title[string(x.p.Lang())]
		}
		return lang.Code(code)
	case "have":
		if fact == "" && a.Value.Type() == act.Code && b.Why == protocol.WhyGate {
			return lang.Key("law.status." + code) // what a condition on a text saw is the text's standing
		}
	}
	of := ""
	if f := x.fact(fact); f != nil {
		of = f.List
	}
	switch a.Value.Type() {
	case act.Bool:
		return lang.Key("check.bool." + a.Value.String())
	case act.Int:
		return a.Value.Int()
	case act.Code:
		return x.wordOf(of, code)
	case act.Codes:
		return list(func(c string) any { return x.wordOf(of, c) })
	case act.Date:
		if day, ok := a.Value.Date(); ok {
			return lang.Day(day)
		}
	case act.At:
		if at, ok := a.Value.Instant(); ok {
			return lang.Moment(x.h.local(at))
		}
	}
	return lang.Code(a.Value.String())
}
