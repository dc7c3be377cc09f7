package clerk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"sanad/internal/act"
	"sanad/internal/archive/ledger"
	"sanad/internal/archive/seal"
	"sanad/internal/archive/store"
	"sanad/internal/law/protocol"
	"sanad/internal/office/access"
)

// Config is what the clerk is made of. Every field is needed but Projectors, Outside and Log.
type Config struct {
	DB         *store.DB
	Keeper     *seal.Keeper
	Blobs      *seal.Blobs
	Book       *access.Book
	Engine     *protocol.Engine
	Catalogue  *act.Catalogue
	Lists      act.Lists
	Plain      map[string]Plain  // kinds that need no protocol, and who may do them
	Deciders   map[string]Decide // by kind of act; kinds without one are recorded as the command has them
	Projectors []Projector
	Keep       func(class string, from act.Instant) (until act.Instant, ok bool) // the pack's retention; not ok: for ever
	Dice       io.Reader
	Clock      func() time.Time // legal time
	Log        *slog.Logger
}

// Plain says who may record a kind of act outside any protocol, and for whose eyes.
type Plain struct {
	Roles        []string // of the pack; empty means any mandate
	Compartments []string // audience of the act
}

// Clerk is the door. It is safe for concurrent use.
type Clerk struct {
	Config
	group   *store.Group[*Command, *Done]
	clamped atomic.Int64 // by how much the clock was behind the log at the last commit, in microseconds
	memo    memo         // used by the committing goroutine only
}

// Done is what a command wrote.
type Done struct {
	File act.ID
	Acts []Recorded
}

// mostTogether is how many commands share a commit at the most: enough to spread a sync, few enough that the first
// does not wait long for the last.
const mostTogether = 256

// Open starts a clerk on a founded log.
func Open(cfg Config) *Clerk {
	c := &Clerk{Config: cfg}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	c.group = store.NewGroup(mostTogether, c.commit)
	return c
}

// Close finishes what was handed in and refuses the rest.
func (c *Clerk) Close() { c.group.Close() }

// Do carries out one command. When it returns without an error every act of Done is on stable storage. Errors carry
// a code of fault: invalid, not_found, forbidden, conflict, closed_gate or unavailable.
func (c *Clerk) Do(ctx context.Context, cmd Command) (*Done, error) {
	return c.group.Do(ctx, &cmd)
}

// Clamped returns by how much legal time was behind the newest act when something was last written; zero when all
// is well. Health raises an alarm on it.
func (c *Clerk) Clamped() time.Duration { return time.Duration(c.clamped.Load()) * time.Microsecond }

// commit runs a batch in one transaction. If writing fails, commands are tried one by one, so that one which the
// database refuses does not take the others with it.
func (c *Clerk) commit(cmds []*Command) []store.Result[*Done] {
	results, err := c.together(cmds)
	if err == nil {
		return results
	}
	if len(cmds) > 1 && !errors.Is(err, ledger.ErrNoLog) {
		results = results[:0]
		for _, cmd := range cmds {
			one, err := c.together([]*Command{cmd})
			if err != nil {
				one = []store.Result[*Done]{{Err: c.unavailable(err)}}
			}
			results = append(results, one[0])
		}
		return results
	}
	out := make([]store.Result[*Done], len(cmds))
	for i := range out {
		out[i].Err = c.unavailable(err)
	}
	return out
}

// together tries a batch as a whole. An error means that nothing of it was written.
func (c *Clerk) together(cmds []*Command) ([]store.Result[*Done], error) {
	ctx := context.Background() // what was handed in is finished, whoever stopped waiting
	results := make([]store.Result[*Done], len(cmds))
	var p *pass
	err := c.DB.Write(ctx, func(tx *store.Tx) error {
		var err error
		p, err = c.begin(ctx, tx, cmds)
		if err != nil {
			return err
		}
		for i, cmd := range cmds {
			done, err := p.do(ctx, cmd)
			if err != nil && !isRefusal(err) {
				return fmt.Errorf("%s: %w", cmd.name(), err)
			}
			results[i] = store.Result[*Done]{Out: done, Err: err}
		}
		return p.flush(ctx)
	})
	c.settle(p, err)
	if err != nil {
		return nil, err
	}
	return results, nil
}

// settle keeps what the pass learned about access when it was committed, and forgets it when it was not.
func (c *Clerk) settle(p *pass, err error) {
	if p == nil {
		return
	}
	if err != nil || p.accessChanged {
		c.memo = memo{}
	}
	if err != nil {
		c.Book.Forget()
		return
	}
	c.clamped.Store(p.behind)
}

func (cmd *Command) name() string {
	if cmd.Step != "" {
		return cmd.Protocol + "/" + cmd.Step
	}
	return cmd.Kind
}
