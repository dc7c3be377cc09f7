package clerk

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"sanad/internal/act"
	"sanad/internal/archive/seal"
	"sanad/internal/law/protocol"
)

// recompute records, for every open clock of a file that is due at another instant than was recorded, when it is due now. It
// says nothing where nothing moved: whoever asks twice gets nothing twice.
func (p *pass) recompute(ctx context.Context, cmd *Command) (*Done, error) {
	f := p.files[cmd.File]
	if f == nil || f.state.Acts == 0 {
		return nil, notFound()
	}
	acts, err := p.moved(ctx, f, p.c.Engine.Recompute(&f.state))
	if err != nil {
		return nil, err
	}
	f.changed = true // its timer is set anew even where only the calendar has another name
	p.add(acts)
	return &Done{File: cmd.File, Acts: slices.Clone(p.acts[len(p.acts)-len(acts):])}, nil
}

// moved writes an act for each clock of a file that is due at another instant than was recorded, in the thread of the act that
// started it.
func (p *pass) moved(ctx context.Context, f *file, moved []protocol.Recomputed) ([]*written, error) {
	var acts []*written
	for i := range moved {
		r := &moved[i]
		aud, err := p.audience(ctx, r.Audience)
		if err != nil {
			return nil, err
		}
		s, ok := p.c.Catalogue.Latest(act.DeadlineRecomputed)
		if !ok {
			return nil, invalid("error.kind_unknown", "kind", act.DeadlineRecomputed)
		}
		law := p.c.Engine.Law()
		deadline, facts := r.Envelope(law.Time.Calendar())
		w, err := p.write(ctx, f, &act.Envelope{
			File: f.state.File, Of: f.state.Sort, Kind: act.DeadlineRecomputed, Version: s.Version, Cites: []act.ID{r.By},
			Deadlines: []act.Deadline{deadline}, Facts: facts, Law: law.Version,
		}, aud, nil)
		if err != nil {
			return nil, fmt.Errorf("record when a clock is due now: %v", err) //nolint:errorlint // it is never refused half way
		}
		acts = append(acts, w)
	}
	return acts, nil
}

// recomputeAll is recompute for many files. What was found of those that nothing was recorded in since needs no second look.
func (p *pass) recomputeAll(ctx context.Context, all *staleFiles) (*Done, error) {
	from := len(p.acts)
	for i := range all.list {
		s := &all.list[i]
		f := p.files[s.file]
		if f == nil || f.state.Acts == 0 {
			continue
		}
		moved := s.moved
		if f.last != s.seq {
			moved = p.c.Engine.Recompute(&f.state)
		}
		acts, err := p.moved(ctx, f, moved)
		if err != nil {
			return nil, err
		}
		f.changed, f.passing = true, true
		p.add(acts)
		p.tx.leave() // nothing of it can be refused any more, so it may be written while the next is decided
	}
	return &Done{Acts: slices.Clone(p.acts[from:])}, nil
}

// Recompute computes every open deadline again, and records each one that is due at another instant than was recorded last:
// a holiday was announced, a day off was decreed. It returns how many acts that were. It may be cut short at any place and
// begun again, by any number of processes: what is recorded is not recorded twice.
//
// While a batch of files is committed the next one is read and computed. Whoever else wants something recorded waits for one
// such commit at the most.
func (c *Clerk) Recompute(ctx context.Context) (int, error) {
	ctx, cancel := context.WithCancel(ctx)
	found, failed := make(chan *staleFiles), make(chan error, 1)
	go func() {
		defer close(found)
		failed <- finding(ctx, c.DB, c.Engine, func(some *staleFiles) error {
			err := c.Keeper.Ready(ctx, some.threads(), seal.ForThreads)
			if err != nil {
				return fmt.Errorf("read the keys of threads: %w", err)
			}
			select {
			case found <- some:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
	}()
	n := 0
	var err error
	for some := range found {
		if err != nil {
			continue // to the end, or who hands over would wait for ever
		}
		var done int
		done, err = c.recompute(ctx, some)
		n += done
		if err != nil {
			cancel()
		}
	}
	if err == nil {
		err = <-failed
	}
	cancel()
	return n, err
}

// recompute records what moved in a batch of files; where that fails, file by file, so that one which can't be written does not
// take the others with it.
func (c *Clerk) recompute(ctx context.Context, some *staleFiles) (int, error) {
	all := Command{Kind: act.DeadlineRecomputed, Input: some}
	r := c.DoAll(ctx, []Command{all})[0]
	if r.Err == nil {
		return len(r.Out.Acts), nil
	}
	if ctx.Err() != nil {
		return 0, r.Err
	}
	cmds := make([]Command, len(some.list))
	for i := range some.list {
		cmds[i] = Command{File: some.list[i].file, Kind: act.DeadlineRecomputed}
	}
	n := 0
	var errs error
	for _, r := range c.DoAll(ctx, cmds) {
		if r.Err != nil {
			errs = errors.Join(errs, r.Err)
			continue
		}
		n += len(r.Out.Acts)
	}
	return n, errs
}

// threads lists the threads in which something moved.
func (all *staleFiles) threads() []act.ID {
	out := make([]act.ID, 0, len(all.list))
	for i := range all.list {
		for j := range all.list[i].moved {
			out = append(out, all.list[i].moved[j].Thread)
		}
	}
	return out
}

// weight is about how many acts commands will write.
func weight(cmds []*Command) int {
	n := len(cmds)
	for _, cmd := range cmds {
		many, ok := cmd.Input.(*staleFiles)
		if ok {
			n += len(many.list)
		}
	}
	return n
}

// withoutClocks leaves out what only the engine may say of clocks, whoever said it.
func withoutClocks(facts act.Facts) act.Facts {
	ours := func(f act.Fact) bool { return slices.Contains(clockFacts, f.Name) }
	if !slices.ContainsFunc(facts, ours) {
		return facts
	}
	return slices.DeleteFunc(slices.Clone(facts), ours)
}

// withoutOwn leaves out what a person says of a court's stay, or of what was notified: a step says it of itself, or a desk by what the
// court ruled and by what stands.
func withoutOwn(step *protocol.Step, facts act.Facts) act.Facts {
	ours := func(f act.Fact) bool {
		return slices.Contains(ownFacts, f.Name) || (step.Move != "" || protocol.Notifies(step.Kind)) && (f.Name == protocol.FactNoticedOn || f.Name == protocol.FactObligedOn)
	}
	if !slices.ContainsFunc(facts, ours) {
		return facts
	}
	return slices.DeleteFunc(slices.Clone(facts), ours)
}

// withClocks adds what the engine says of clocks, and what the step says of itself.
func withClocks(facts, clocks act.Facts) act.Facts {
	if len(clocks) == 0 {
		return facts
	}
	all := map[string]act.Value{}
	for _, f := range slices.Concat(facts, clocks) {
		all[f.Name] = f.Value
	}
	return act.NewFacts(all)
}

var (
	clockFacts = protocol.ClockFacts()
	ownFacts   = slices.Concat(protocol.StayFacts(), protocol.NotifiedFacts())
)
