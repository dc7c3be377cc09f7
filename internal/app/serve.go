package app

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"sanad/internal/act"
	"sanad/internal/archive/ledger"
	"sanad/internal/archive/store"
	"sanad/internal/kit/lang"
	"sanad/internal/office/clerk"
	"sanad/locales"
)

func serveFlags(fs *flag.FlagSet) Run {
	given := ConfigFlags(fs)
	return func(ctx context.Context, env Env, _ []string) int {
		err := runServer(ctx, env, given)
		if err != nil {
			return say(env, "serve", err)
		}
		return ExitGood
	}
}

// runServer builds the house, opens the doors and keeps the clocks until ctx ends.
func runServer(ctx context.Context, env Env, given *Given) (err error) {
	c, err := given.Load(env.Getenv)
	if err != nil {
		return err
	}
	found := c.Check()
	for _, p := range found {
		if p.Warning {
			fmt.Fprintln(env.Stderr, p)
		}
	}
	if wrong := found.Wrong(); len(wrong) > 0 {
		return wrong
	}
	p, err := planOf(c, env)
	if err != nil {
		return err
	}
	p.serve = true
	h, err := build(ctx, p)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.shut()) }()
	err = h.holdsLaw(ctx)
	if err != nil {
		return err
	}
	fronts, err := h.fronts(c)
	if err != nil {
		return err
	}
	health := h.health()
	sender, err := h.mailer(c)
	if err != nil {
		return err
	}
	if sender != nil {
		health.Check("mail", sender.Health)
	}
	doors, err := Listen(ctx, []Door{
		{Name: "public", Addr: c.Listen, Handler: fronts.public, People: true},
		{Name: "console", Addr: c.Console, Handler: fronts.console, People: true},
		{Name: "ops", Addr: c.Ops, Handler: health.Handler()},
	}, Listening{TLSCert: c.TLSCert, TLSKey: c.TLSKey, TrustedProxy: c.TrustedProxy, Fail: fronts.fail, Log: h.log, Now: h.process})
	if err != nil {
		return err
	}
	err = doors.Announce(env.Stdout)
	if err != nil {
		return err
	}
	stop, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var clocks sync.WaitGroup
	clocks.Go(func() { h.keepTime(stop, health) })
	clocks.Go(func() { h.moveDeadlines(stop) })
	clocks.Go(func() {
		err := mail(stop, sender)
		if err != nil && stop.Err() == nil {
			h.log.LogAttrs(stop, slog.LevelError, "mails stopped", slog.String("err", err.Error()))
		}
	})
	err = doors.Serve(ctx)
	cancel()
	clocks.Wait()
	return errors.Join(err, h.sign(context.WithoutCancel(ctx))) // the last acts leave with a signature
}

// messages are the program's words with the pack's over them.
func (h *house) messages() (*lang.Messages, error) {
	m, err := lang.Load(locales.Files)
	if err != nil {
		return nil, err
	}
	words := map[lang.Lang]map[string]string{}
	for _, code := range h.pack.Languages {
		l, ok := lang.Parse(code)
		if ok {
			words[l] = h.pack.Messages(code)
		}
	}
	return m.WithWords("pack "+h.pack.ID, words)
}

// health says how the house is to those who run it.
func (h *house) health() *Health {
	out := NewHealth(h.process)
	out.Check("database", func(ctx context.Context) error {
		return h.db.Read(ctx, func(tx *store.Tx) error {
			_, err := ledger.ReadHead(ctx, tx)
			return err
		})
	})
	out.Check("checkpoint", func(ctx context.Context) error {
		const late = time.Minute
		_, size, cp, err := h.clerk.Head(ctx)
		if err != nil || size == 0 {
			return err
		}
		if h.signed.since(h.process()) > late && (cp == nil || cp.Size < size) {
			return fmt.Errorf("acts wait for a signed checkpoint for more than %s: look at the log for why", late)
		}
		return nil
	})
	out.Check("law", func(context.Context) error { // as the last upkeep found it: another process may have another pack
		if err := h.lawless.Load(); err != nil {
			return *err
		}
		return nil
	})
	return out
}

// beat remembers when something last went well.
type beat struct {
	mu sync.Mutex
	at time.Time
}

func (b *beat) mark(at time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.at = at
}

func (b *beat) since(now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return now.Sub(b.at)
}

// sign makes a checkpoint where the log grew.
func (h *house) sign(ctx context.Context) error {
	grown := false
	err := h.db.Read(ctx, func(tx *store.Tx) error {
		head, err := ledger.ReadHead(ctx, tx)
		if err != nil {
			return err
		}
		cp, err := ledger.LastCheckpoint(ctx, tx)
		grown = err == nil && head.Edge.Size() > 0 && (cp == nil || cp.Size < head.Edge.Size())
		return err
	})
	if err == nil && grown {
		err = h.db.Write(ctx, func(tx *store.Tx) error {
			_, err := ledger.Sign(ctx, tx, h.key.signer, act.InstantOf(h.process()))
			return err
		})
	}
	if err == nil {
		h.signed.mark(h.process())
	}
	return err
}

// cadence is how far checkpoints are apart: fixed, so that they tell nobody when something was recorded.
const cadence = time.Second

// heldFor is how long evidence may wait for the act that names it: far longer than an upload is given, and a request to end.
const heldFor = 12 * time.Hour

// keepTime signs checkpoints, records lapses, and clears what has outlived its time.
func (h *house) keepTime(ctx context.Context, health *Health) {
	const often, hourly, daily = time.Minute, time.Hour, 24 * time.Hour
	// What is begun is finished, also when the server stops: an act that is on its way is signed before the last word.
	whole := context.WithoutCancel(ctx)
	tick := time.NewTicker(cadence)
	defer tick.Stop()
	var swept, expired, dumped, asked time.Time
	var visited act.ID // the file that retention has come to
	try := func(what string, err error) {
		if err != nil && ctx.Err() == nil {
			h.log.LogAttrs(ctx, slog.LevelError, "upkeep failed", slog.String("part", what), slog.String("err", err.Error()))
		}
	}
	for {
		try("checkpoint", h.sign(ctx))
		_, err := h.clerk.Tick(whole)
		try("lapses", err)
		if by := h.clerk.Clamped(); by > 0 {
			health.Clamped(by)
		}
		now := h.process()
		if now.Sub(swept) >= often {
			swept = now
			try("sessions", h.clerk.Door(ctx, func(tx clerk.Tx) error {
				_, err := h.book.Sweep(ctx, tx, act.InstantOf(now))
				return err
			}))
		}
		// Every file is looked at once a day, some at a time, so that nothing else waits for it.
		if at := now.Sub(expired); at >= daily || !visited.IsZero() && at >= often {
			expired = now
			_, visited, err = h.clerk.ExpireSome(whole, visited)
			try("retention", err)
		}
		if now.Sub(asked) >= hourly {
			asked = now
			err = h.holdsLaw(whole)
			try("law", err)
			h.lawless.Store(nil)
			if err != nil {
				h.lawless.Store(&err)
			}
		}
		if now.Sub(dumped) >= daily {
			dumped = now
			erased, err := h.clerk.Sweep(whole, now.Add(-heldFor))
			try("evidence that nothing names", err)
			if erased > 0 {
				h.log.LogAttrs(ctx, slog.LevelWarn, "evidence was erased that no act came to name: the server ended while it was sent", slog.Int("exhibits", erased))
			}
			_, err = h.register.Dump(whole)
			try("register", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
