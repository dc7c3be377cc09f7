package app

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"sanad/internal/act"
	"sanad/internal/kit/fault"
	"sanad/internal/kit/lang"
	"sanad/internal/law/protocol"
	"sanad/internal/office/clerk"
)

// migrating is what protocol migrate was asked.
type migrating struct {
	mandate, protocol, reason, text, language string
	to                                        int
	dry                                       bool
	files                                     []string
}

func protocolMigrateFlags(fs *flag.FlagSet) Run {
	given := ConfigFlags(fs, "data", "db", "db_file", "pack", "variant")
	var m migrating
	fs.StringVar(&m.mandate, "mandate", "", "`ID` of the mandate in whose name it is done, or the seat it holds; sanad console mandates lists them")
	fs.StringVar(&m.protocol, "protocol", "", "`ID` of the protocol")
	fs.IntVar(&m.to, "to", 0, "the `VERSION` the procedures go on under")
	fs.StringVar(&m.reason, "reason", "", "why: `"+strings.Join(protocol.MigrationReasons(), "|")+"`")
	fs.StringVar(&m.text, "text", "", "the reasons, in `WORDS`; they are sealed with the act")
	fs.StringVar(&m.language, "lang", "fr", "the language of the answer: `fr|ar|en`")
	fs.BoolVar(&m.dry, "dry-run", false, "say which procedures can be migrated and what keeps the others, and do nothing")
	return func(ctx context.Context, env Env, args []string) int {
		m.files = args
		left := 0
		enter := inside
		if m.dry {
			enter = look
		}
		err := enter(ctx, env, given, func(h *house) (err error) {
			left, err = h.migrateRuns(ctx, env.Stdout, &m)
			return err
		})
		if err != nil {
			say(env, "protocol migrate", err)
			return ExitCant
		}
		if left > 0 {
			return ExitNo
		}
		return ExitGood
	}
}

// migrateRuns migrates the open procedures of a protocol in the files that a mandate may read, or in some of them, one act after
// another, and tells what became of each. It returns how many can't be.
func (h *house) migrateRuns(ctx context.Context, out io.Writer, m *migrating) (left int, err error) {
	l, err := reportLanguage(m.language)
	if err != nil {
		return 0, err
	}
	if h.pack.Engine().Protocol(m.protocol, m.to) == nil || m.to < 1 {
		return 0, h.noVersion(m)
	}
	if m.mandate == "" {
		return 0, errors.New("in whose name? Name a mandate with --mandate; sanad console mandates lists them")
	}
	if !m.dry && (!slices.Contains(protocol.MigrationReasons(), m.reason) || strings.TrimSpace(m.text) == "") {
		return 0, fmt.Errorf("why? Give --reason, one of %s, and --text with the reasons; or --dry-run", strings.Join(protocol.MigrationReasons(), ", "))
	}
	who, err := h.mandateOfSeat(ctx, m.mandate)
	if err != nil {
		return 0, err
	}
	runs, err := h.clerk.Migratables(ctx, who, m.protocol, m.to)
	if fault.CodeOf(err) == fault.Forbidden {
		return 0, fmt.Errorf("there is no mandate %s in force: sanad console mandates lists them", m.mandate)
	}
	if err != nil {
		return 0, err
	}
	messages, err := h.messages()
	if err != nil {
		return 0, err
	}
	x := explainer{checkTeller{p: messages.For(l), law: h.pack}, h}
	moved := 0
	for i := range runs {
		r := &runs[i]
		if len(m.files) > 0 && !slices.Contains(m.files, r.File.String()) {
			continue
		}
		line, done, err := h.migrateRun(ctx, x, who, m, r)
		if err != nil {
			return left, err
		}
		fmt.Fprint(out, line)
		if done {
			moved++
		} else {
			left++
		}
	}
	fmt.Fprintln(out, x.text("migrate.total", lang.Args{"moved": moved, "left": left}))
	return left, nil
}

// migrateRun migrates one procedure, unless it can't be or nothing is to be done.
func (h *house) migrateRun(ctx context.Context, x explainer, who act.ID, m *migrating, r *clerk.Migratable) (line string, done bool, err error) {
	args := lang.Args{"file": lang.Code(r.File.String()), "from": r.From, "to": r.To}
	blocks := r.Blocks
	if r.Open && !m.dry {
		_, err = h.clerk.Do(ctx, clerk.Migrate(who, r.File, r.Run, m.to, r.Seen, m.reason, m.text))
		var refused *protocol.Refusal
		switch {
		case errors.As(err, &refused):
			blocks = refused.Blocks
		case fault.CodeOf(err) == fault.Conflict:
			return x.text("migrate.changed", args) + "\n", false, nil
		case err != nil:
			return "", false, err
		default:
			return x.text("migrate.done", args) + "\n", true, nil
		}
	}
	if len(blocks) == 0 {
		return x.text("migrate.can", args) + "\n", true, nil
	}
	var b strings.Builder
	fmt.Fprintln(&b, x.text("migrate.cant", args))
	for i := range blocks {
		x.why(&b, r.Protocol, &blocks[i])
	}
	return b.String(), false, nil
}

// noVersion says which versions there are.
func (h *house) noVersion(m *migrating) error {
	_, err := protocolOf(h.pack, m.protocol)
	if err != nil {
		return err
	}
	var have []string
	for _, p := range h.pack.Engine().Versions(m.protocol) {
		have = append(have, fmt.Sprint(p.Version))
	}
	return fmt.Errorf("pack %s has no version %d of %s: give --to, one of %s", h.pack.ID, m.to, m.protocol, strings.Join(have, ", "))
}

// holdsLaw refuses a pack that lacks a version of a protocol under which procedures are open: nobody could take a step in them,
// and none of their clocks would be kept.
func (h *house) holdsLaw(ctx context.Context) error {
	lost, err := h.clerk.Lost(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, l := range lost {
		to := h.pack.Engine().Protocol(l.Protocol, 0)
		way := "the pack has no other version of it"
		if to != nil {
			way = fmt.Sprintf("or migrate them, which sanad protocol migrate --pack %s --protocol %s --to %d --mandate ID --dry-run tries", h.pack.ID, l.Protocol, to.Version)
		}
		errs = append(errs, fmt.Errorf("%d procedures are open under version %d of %s, which the pack %s does not hold: put that version back into the pack; %s",
			l.Runs, l.Version, l.Protocol, h.pack.Version(), way))
	}
	return errors.Join(errs...)
}
