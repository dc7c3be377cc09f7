package app

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"

	"sanad/internal/act"
	"sanad/internal/desk/console"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/lang"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

func protocolExplainFlags(fs *flag.FlagSet) Run {
	given := ConfigFlags(fs, "data", "db", "db_file", "pack", "variant")
	mandate := fs.String("mandate", "", "`ID` of the mandate for whom it is explained, or the seat it holds; sanad console mandates lists them")
	language := fs.String("lang", "fr", "the language of the answer: `fr|ar|en`")
	return func(ctx context.Context, env Env, args []string) int {
		err := look(ctx, env, given, func(h *house) error {
			said, err := h.explain(ctx, args[0], *mandate, *language)
			if err == nil {
				fmt.Fprint(env.Stdout, said)
			}
			return err
		})
		if err != nil {
			return say(env, "protocol explain", err)
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
			x.why(&shut, m.Protocol, &m.Blocks[j])
		}
	}
	var clocks strings.Builder
	for _, r := range slices.Concat(console.Unmet(x.law.Engine(), v), v.Running) {
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

// why tells one thing that keeps a step closed in the words of the console: the gate and how it stands, what is missing, and
// under that what it rests on.
func (x explainer) why(out *strings.Builder, id string, b *protocol.Block) {
	r := console.Why(x.p, x.law, id, b)
	line := r.Message
	if r.Gate != "" {
		line = r.Gate + "\n      " + line + " (" + r.Outcome + ")"
	}
	fmt.Fprintf(out, "    %s\n", line)
	for _, basis := range r.Basis {
		fmt.Fprintf(out, "      %s\n", basis)
	}
}
