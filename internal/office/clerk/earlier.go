package clerk

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"sanad/internal/act"
	"sanad/internal/archive/ledger"
	"sanad/internal/kit/fault"
	"sanad/internal/law/protocol"
)

// early reports whether a command dates its act back.
func (w *work) early() bool { return w.cmd.Act.Effective != 0 && w.cmd.Act.Effective < w.p.now }

// dated refuses what no rule of any procedure is needed for: a date to come, an earlier one that nothing shows, and one for an act that
// no protocol rules and that is done by being recorded. Of a step the engine says whether it may be told late.
func (w *work) dated() error {
	switch {
	case w.cmd.Act.Effective > w.p.now:
		return invalid("error.effective_future")
	case w.early() && w.cmd.Act.Shown.IsZero():
		return invalid("error.effective_proof")
	case w.early() && w.cmd.Step == "" && !w.p.c.Catalogue.Elsewhere()[w.cmd.Kind]:
		return invalid("error.effective_here")
	}
	return nil
}

// proven refuses an earlier date that what is shown for it can't show: it is an act of the same file, recorded no earlier than the date
// it shows, and it is not what the step answers, for no letter shows its own receipt. Who opens a file has none of its acts to show: what
// since says of the date is all. What who asks may not read is refused where it is cited.
func (w *work) proven(ctx context.Context, step *protocol.Step) error {
	if !w.early() || w.f.state.Acts == 0 {
		return nil
	}
	env, err := w.shown(ctx)
	if err != nil || env == nil {
		return err
	}
	answered := env.Procedure != nil && env.Procedure.ID == w.cmd.Procedure &&
		(slices.Contains(step.After.All, env.Procedure.Step) || slices.Contains(step.After.Any, env.Procedure.Step))
	switch {
	case env.File != w.cmd.File:
		return unshown("error.effective_file")
	case answered:
		return unshown("error.effective_answered")
	case env.Recorded < w.cmd.Act.Effective:
		return unshown("error.effective_before")
	}
	return nil
}

func unshown(key string) error { return fault.Invalid.New(key).At("shown", key, nil) }

// since is the earliest instant as of which a command may open a procedure: when its file began, as far as who asks may read, or,
// of a file that it opens itself, when the act happened that it shows. A procedure is opened in a file, so that it can't be older;
// the paper that shows when may well be recorded later than what it shows, and bounds nothing where there is a file. It is zero
// where nothing is dated back, or where who asks may read nothing of what is shown: that is refused when it is cited.
func (w *work) since(ctx context.Context) (act.Instant, error) {
	p, cmd := w.p, w.cmd
	if !w.early() || !cmd.Procedure.IsZero() {
		return 0, nil
	}
	if w.f.state.Acts == 0 {
		env, err := w.shown(ctx)
		if err != nil || env == nil {
			return 0, err
		}
		return env.Effective, nil
	}
	list, err := ledger.OfFile(ctx, p.tx.take(), cmd.File, cmd.Mandate)
	if err != nil {
		return 0, fmt.Errorf("read when a file began: %w", err)
	}
	began := p.now
	for _, s := range list {
		env, err := act.Decode(s.Envelope)
		if err != nil {
			return 0, fmt.Errorf("act %d: %w", s.Seq, err)
		}
		began = min(began, env.Effective)
	}
	for _, a := range p.acts { // of this batch, not in the table yet
		if a.File != cmd.File {
			continue
		}
		may, err := p.may(ctx, cmd.Mandate, a.Audience)
		if err != nil {
			return 0, err
		}
		if may {
			began = min(began, a.Effective)
		}
	}
	return began, nil
}

// shown is the act that a command shows as proof; nil where who asks may not read it.
func (w *work) shown(ctx context.Context) (*act.Envelope, error) {
	p, id := w.p, w.cmd.Act.Shown
	where, err := p.audienceOf(ctx, w.f, id)
	if errors.Is(err, errNoAct) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	may, err := p.may(ctx, w.who.ID, where)
	if err != nil || !may {
		return nil, err
	}
	for i := range p.acts {
		if p.acts[i].ID == id {
			return p.acts[i].Envelope, nil
		}
	}
	s, err := ledger.ByID(ctx, p.tx.take(), p.c.names, id)
	if err != nil {
		return nil, fmt.Errorf("read what is shown: %w", err)
	}
	env, err := act.Decode(s.Envelope)
	if err != nil {
		return nil, fmt.Errorf("act %d: %w", s.Seq, err)
	}
	return env, nil
}
