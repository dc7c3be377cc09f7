package app

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"sanad/internal/app/story"
	"sanad/internal/archive/ledger"
	"sanad/internal/archive/store"
)

// inside runs a command of the operator's in the house of a folder where a log was begun. It may run beside a server:
// both write under the database's own lock.
func inside(ctx context.Context, env Env, given *Given, f func(*house) error) (err error) {
	p, err := begun(env, given)
	if err != nil {
		return err
	}
	return p.run(ctx, f)
}

// look is inside for a command that records nothing, which a demonstration's folder is open to as well: at the time its clock shows,
// and with a word that it is one.
func look(ctx context.Context, env Env, given *Given, f func(*house) error) error {
	p, err := begun(env, given)
	if err != nil {
		return err
	}
	err = p.visit(env)
	if err != nil {
		return err
	}
	return p.run(ctx, func(h *house) error {
		err := p.catchUp(ctx, h)
		if err != nil {
			return err
		}
		return f(h)
	})
}

// standing is a folder in which a log was begun.
type standing struct {
	plan
	began string       // the log's origin
	clock *story.Clock // of a demonstration that is visited; else nil
}

// begun plans the house of a folder in which a log was begun, under the pack it was begun under where none is named.
func begun(env Env, given *Given) (*standing, error) {
	c, err := given.Load(env.Getenv)
	if err != nil {
		return nil, err
	}
	p, err := planOf(c, env)
	if err != nil {
		return nil, err
	}
	key, err := logKeyOf(p.folder)
	if err != nil {
		return nil, err
	}
	if p.pack == "" {
		p.pack = packOf(key.origin)
	}
	return &standing{plan: p, began: key.origin}, nil
}

// visit lets a demonstration's folder be opened, and says that it is one.
func (p *standing) visit(env Env) error {
	if !strings.HasPrefix(p.began, demoOrigin) {
		return nil
	}
	left := demo{folder: p.folder}
	err := left.remember(nil)
	if err != nil {
		return err
	}
	p.clock = &story.Clock{}
	p.clock.Forward(left.saved.Clock)
	p.plan.origin, p.legal = demoOrigin, p.clock.Now
	fmt.Fprintln(env.Stderr, "this folder holds a demonstration: its law is fictional, its time is the story's, and it proves nothing")
	return nil
}

// run builds the house and hands it over.
func (p *standing) run(ctx context.Context, f func(*house) error) (err error) {
	h, err := build(ctx, p.plan)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.shut()) }()
	return f(h)
}

// catchUp moves a demonstration's time to the newest act of its log, where the story was stopped before its clock was written down.
func (p *standing) catchUp(ctx context.Context, h *house) error {
	if p.clock == nil {
		return nil
	}
	return h.db.Read(ctx, func(tx *store.Tx) error {
		head, err := ledger.ReadHead(ctx, tx)
		if err == nil {
			p.clock.Forward(head.Recorded.Time())
		}
		return err
	})
}
