package clerk

import (
	"context"
	"errors"
	"fmt"

	"sanad/internal/act"
	"sanad/internal/archive/ledger"
)

// since is the earliest instant as of which a command may open a procedure: when its file began, as far as who asks may read, or,
// of a file that it opens itself, when the act happened that it shows. A procedure is opened in a file, so that it can't be older;
// the paper that shows when may well be recorded later than what it shows, and bounds nothing where there is a file. It is zero
// where nothing is dated back, or where who asks may read nothing of what is shown: that is refused when it is cited.
func (w *work) since(ctx context.Context) (act.Instant, error) {
	p, cmd := w.p, w.cmd
	if cmd.Act.Effective == 0 || cmd.Act.Effective >= p.now || !cmd.Procedure.IsZero() {
		return 0, nil
	}
	if w.f.state.Acts == 0 {
		return w.shown(ctx)
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

// shown is when the act happened that a command shows as proof, where who asks may read it.
func (w *work) shown(ctx context.Context) (act.Instant, error) {
	p, id := w.p, w.cmd.Act.Shown
	where, err := p.audienceOf(ctx, w.f, id)
	if errors.Is(err, errNoAct) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	may, err := p.may(ctx, w.who.ID, where)
	if err != nil || !may {
		return 0, err
	}
	for i := range p.acts {
		if p.acts[i].ID == id {
			return p.acts[i].Effective, nil
		}
	}
	s, err := ledger.ByID(ctx, p.tx.take(), p.c.names, id)
	if err != nil {
		return 0, fmt.Errorf("read what is shown: %w", err)
	}
	env, err := act.Decode(s.Envelope)
	if err != nil {
		return 0, fmt.Errorf("act %d: %w", s.Seq, err)
	}
	return env.Effective, nil
}
