package clerk

import (
	"context"
	"errors"
	"slices"

	"sanad/internal/act"
	"sanad/internal/archive/store"
	"sanad/internal/law/gate"
	"sanad/internal/law/protocol"
	"sanad/internal/office/access"
)

// outside answers facts that come from beyond a file, out of public threads alone: of the file it points to, then of the one
// that stands for all. It never says more than anybody can read; what tells where the file points to is asked of the file as
// the readers of the act to be done may see it.
type outside struct {
	c      *Clerk
	now    act.Instant
	public act.ID // the audience of public threads
	state  func(file act.ID) (*protocol.State, error)
	err    error // what went wrong while it was asked; its answers were unknown then
}

// Fact implements protocol.Outside. Where several facts point, the first of Config.Points whose file says something counts.
func (o *outside) Fact(name string, own gate.Source) gate.Held {
	if !slices.Contains(o.c.Outside, name) || slices.Contains(o.c.Points, name) {
		return gate.Held{}
	}
	for _, point := range o.c.Points {
		to := own.Fact(point)
		if to.Hidden {
			return gate.Held{Hidden: true}
		}
		file, is := to.Value.ID()
		if !to.Known || !is {
			continue
		}
		held, said := o.said(file, name)
		if said {
			return held
		}
	}
	if o.c.Standing == nil {
		return gate.Held{}
	}
	held, _ := o.said(o.c.Standing(), name)
	return held
}

// said is the newest value of a fact in a file's public thread, and whether it says one at all.
func (o *outside) said(file act.ID, name string) (held gate.Held, said bool) {
	if file.IsZero() {
		return gate.Held{}, false
	}
	s, err := o.state(file)
	if err != nil {
		o.err = errors.Join(o.err, err)
		return gate.Held{}, true
	}
	if s == nil {
		return gate.Held{}, false
	}
	var newest *protocol.Fact
	for i := range s.Facts {
		f := &s.Facts[i]
		if f.Name == name && s.Threads[f.Thread].Audience == o.public && (newest == nil || f.Seq > newest.Seq) {
			newest = f
		}
	}
	switch {
	case newest == nil:
		return gate.Held{}, false
	case newest.At > o.now:
		return gate.Held{}, true
	}
	return gate.Held{Value: newest.Value, From: newest.From, Known: true}, true
}

// pointed lists the files that a state points to, in any of its threads, after the standing one.
func (c *Clerk) pointed(s *protocol.State, to []act.ID) []act.ID {
	for i := range s.Facts {
		if slices.Contains(c.Points, s.Facts[i].Name) {
			id, is := s.Facts[i].Value.ID()
			if is && !slices.Contains(to, id) {
				to = append(to, id)
			}
		}
	}
	return to
}

// standing is a list of the standing file, empty where there is none.
func (c *Clerk) standing() []act.ID {
	if c.Standing == nil || c.Standing().IsZero() {
		return nil
	}
	return []act.ID{c.Standing()}
}

// outside answers within a pass; nil where no fact comes from outside.
func (p *pass) outside(ctx context.Context) (*outside, error) {
	if len(p.c.Outside) == 0 {
		return nil, nil //nolint:nilnil // nothing to ask
	}
	public, err := p.public(ctx)
	if err != nil {
		return nil, err
	}
	return &outside{c: p.c, now: p.now, public: public, state: func(id act.ID) (*protocol.State, error) {
		f, err := p.file(ctx, id)
		if err != nil {
			return nil, err
		}
		return &f.state, nil
	}}, nil
}

// loadPointed reads, for all steps of the batch at once, the files that theirs point to.
func (p *pass) loadPointed(ctx context.Context, cmds []*Command) error {
	if len(p.c.Outside) == 0 {
		return nil
	}
	var ids []act.ID
	for _, cmd := range cmds {
		if cmd.Step == "" {
			continue
		}
		if ids == nil {
			ids = p.c.standing()
		}
		f := p.files[cmd.File]
		if f != nil {
			ids = p.c.pointed(&f.state, ids)
		}
	}
	return p.gather(ctx, ids)
}

// outsideOf answers for who looks at a file of which they see a state; nil where no fact comes from outside.
func (c *Clerk) outsideOf(ctx context.Context, tx *store.Tx, seen *protocol.State, now act.Instant) (protocol.Outside, error) {
	if len(c.Outside) == 0 {
		return nil, nil //nolint:nilnil // nothing to ask
	}
	public, err := c.Book.Lookup(ctx, tx, []string{access.Public})
	if err != nil {
		return nil, err
	}
	states, err := States(ctx, tx, c.pointed(seen, c.standing()))
	if err != nil {
		return nil, err
	}
	return &outside{c: c, now: now, public: public, state: func(id act.ID) (*protocol.State, error) { return states[id], nil }}, nil
}
