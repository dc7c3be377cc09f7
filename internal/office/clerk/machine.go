package clerk

import (
	"context"
	"fmt"
	"slices"

	"sanad/internal/act"
)

// machine does what only the house itself asks for: nobody asks for it in the name of a mandate.
func (p *pass) machine(ctx context.Context, cmd *Command) (*Done, error) {
	if cmd.Mandate.IsZero() {
		switch cmd.Kind {
		case act.DeadlineLapsed:
			return p.lapse(ctx, cmd)
		case act.DeadlineRecomputed:
			many, ok := cmd.Input.(*staleFiles)
			if ok {
				return p.recomputeAll(ctx, many)
			}
			return p.recompute(ctx, cmd)
		case act.KeyDestroyed:
			return p.expire(ctx, cmd)
		case act.RegisterDumped:
			return p.dump(ctx, cmd)
		}
	}
	return nil, invalid("error.kind_unknown", "kind", cmd.Kind)
}

// lapse records every clock of a file that ran out, each in the thread of the act that started it. It is the
// machine's only word here, and says nothing where nothing ran out: whoever asks twice gets nothing twice.
func (p *pass) lapse(ctx context.Context, cmd *Command) (*Done, error) {
	f := p.files[cmd.File]
	if f == nil || f.state.Acts == 0 {
		return nil, notFound()
	}
	var acts []*written
	lapses := p.c.Engine.Lapses(&f.state, p.now)
	for _, r := range lapses {
		aud, err := p.audience(ctx, r.Audience)
		if err != nil {
			return nil, err
		}
		run := f.state.Run(r.Place.Run)
		s, ok := p.c.Catalogue.Latest(act.DeadlineLapsed)
		if !ok {
			return nil, invalid("error.kind_unknown", "kind", act.DeadlineLapsed)
		}
		env := &act.Envelope{
			File: cmd.File, Of: f.state.Sort, Kind: act.DeadlineLapsed, Version: s.Version, Effective: r.Due, Cites: []act.ID{r.By},
			Procedure: &act.Procedure{ID: run.ID, Protocol: run.Protocol, Version: run.Version, Step: r.Lapses},
			Law:       p.c.Engine.Law().Version,
		}
		env.Deadlines, env.Facts = p.c.Engine.Lapse(&f.state, &r)
		w, err := p.write(ctx, f, env, aud, nil)
		if err != nil {
			return nil, fmt.Errorf("record a lapse: %v", err) //nolint:errorlint // a lapse is never refused half way
		}
		acts = append(acts, w)
	}
	moved, err := p.moved(ctx, f, p.c.Engine.Shifted(&f.state))
	if err != nil {
		return nil, err
	}
	acts = append(acts, moved...)
	// Even where nothing lapsed the timer is set anew, or a moved deadline would be asked for at every tick.
	f.changed = true
	p.add(acts)
	return &Done{File: cmd.File, Acts: slices.Clone(p.acts[len(p.acts)-len(acts):])}, nil
}

// dump records that the register was written out, in its public thread: once for what is in it, so that who asks again
// hears of a conflict.
func (p *pass) dump(ctx context.Context, cmd *Command) (*Done, error) {
	f := p.files[cmd.File]
	if f == nil || f.state.Acts == 0 {
		return nil, notFound()
	}
	public, err := p.public(ctx)
	if err != nil {
		return nil, err
	}
	if f.state.Thread(public) == nil {
		return nil, notFound() // of a file that shows nothing there is nothing to write out
	}
	newest, err := p.newest(ctx, f)
	if err != nil {
		return nil, err
	}
	if newest == act.RegisterDumped {
		return nil, conflict([]string{newest})
	}
	s, ok := p.c.Catalogue.Latest(act.RegisterDumped)
	if !ok {
		return nil, invalid("error.kind_unknown", "kind", act.RegisterDumped)
	}
	aud, err := p.audience(ctx, public)
	if err != nil {
		return nil, err
	}
	w, err := p.write(ctx, f, &act.Envelope{
		File: cmd.File, Of: f.state.Sort, Kind: act.RegisterDumped, Version: s.Version, Law: p.c.Engine.Law().Version,
		Facts: cmd.Act.Facts, Commits: cmd.Act.Commits,
	}, aud, nil)
	if err != nil {
		return nil, err
	}
	p.add([]*written{w})
	return &Done{File: cmd.File, Acts: slices.Clone(p.acts[len(p.acts)-1:])}, nil
}

// newest is the kind of a file's newest act.
func (p *pass) newest(ctx context.Context, f *file) (kind string, err error) {
	for i := len(p.acts) - 1; i >= 0; i-- {
		if p.acts[i].Seq == f.last {
			return p.acts[i].Kind, nil
		}
	}
	err = p.tx.take().QueryRow(ctx, "SELECT kind FROM act WHERE seq = ?", f.last).Scan(&kind)
	if err != nil {
		return "", fmt.Errorf("read a file's newest act: %w", err)
	}
	return kind, nil
}
