package clerk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"time"

	"golang.org/x/mod/sumdb/note"

	"sanad/internal/act"
	"sanad/internal/archive/ledger"
	"sanad/internal/archive/seal"
	"sanad/internal/archive/store"
	"sanad/internal/law/protocol"
	"sanad/internal/office/access"
)

// Config is what the clerk is made of. Every field is needed but Cites, Rests, Course, Cited, Projectors, Outside, Points, Standing, Whole, Keeps, Signer and Log.
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
	Cites      map[string]Cite   // by kind of the act that cites; those without one may cite whatever their readers may read
	Rests      map[string]Rest   // by kind of act that a step records: what it carries out
	Course     []string          // kinds of act that a step records whose desk is told what their procedure did so far
	Cited      map[string]string // by such a kind, the sort of the files whose acts it cites and its desk counts
	Projectors []Projector
	Outside    []string                                                          // facts that come from outside the file that asks for them
	Points     []string                                                          // facts of type Ident by which a file points to another, whose public thread may say facts of Outside
	Standing   func() act.ID                                                     // a file whose public thread says facts of Outside where no pointed-to one does; zero for none
	Keep       func(class string, from act.Instant) (until act.Instant, ok bool) // the pack's retention; not ok: for ever
	Whole      []string                                                          // retention classes that end a whole file: nothing else in it is kept longer
	Keeps      []string                                                          // kinds of act whose file keeps what they cite for as long as itself
	Signer     note.Signer                                                       // of the log, for receipts at once; nil: a receipt waits for the next published checkpoint
	Dice       io.Reader
	Clock      func() time.Time // legal time
	Log        *slog.Logger
}

// Cite says whether an act may cite another, which may be of any file: nil where it may. It is asked for every act that one of its
// kind cites, after the clerk has made sure that its author and its readers may read that act. now is what the cited act's file says
// of a fact by now, as far as the author may read it. It does no I/O.
type Cite func(citing, cited *act.Envelope, now func(fact string) act.Value) error

// Plain says who may record a kind of act outside any protocol, and for whose eyes.
type Plain struct {
	Roles        []string      // of the pack; empty means any mandate
	Compartments []string      // audience of the act
	Follows      bool          // never by itself: only as an act that follows from another file's, whoever does that
	Needs        access.Action // what policies must let whoever records it do with what the act's readers read; empty: nothing
}

// Clerk is the door. It is safe for concurrent use.
type Clerk struct {
	Config
	names *ledger.Namer
	group *store.Group[*Command, *Done]
	// receipts gathers those who ask for a receipt at once; hashes is what writing them has read.
	receipts *store.Group[act.ID, []byte]
	hashes   *ledger.Hashes
	clamped  atomic.Int64 // by how much the clock was behind the log at the last commit, in microseconds
	left     *ledger.Head // as the last commit left it; nil where that is not known
	memo     memo         // this, left, shelf, encoded and listed are used by the committing goroutine only
	shelf    shelf
	encoded  []byte // where the states of a commit are encoded
	// envelopes is where the acts of a commit are encoded: by the committing goroutine, and by the one that seals beside it.
	envelopes [2][]byte
	listed    []edition // versions of protocols that are in their table
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
func Open(cfg Config) (*Clerk, error) {
	c := &Clerk{Config: cfg}
	key, err := c.Keeper.Derive("clerk/names")
	if err != nil {
		return nil, fmt.Errorf("key of names: %w", err)
	}
	c.names, err = ledger.NewNamer(key)
	if err != nil {
		return nil, err
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	c.group = store.NewGroup(mostTogether, c.commit)
	c.receipts = store.NewGroup(mostTogether, c.receiptsNow)
	return c, nil
}

// Close finishes what was handed in and refuses the rest.
func (c *Clerk) Close() {
	c.group.Close()
	c.receipts.Close()
}

// Do carries out one command. When it returns without an error every act of Done is on stable storage. Errors carry
// a code of fault: invalid, not_found, forbidden, conflict, closed_gate or unavailable.
func (c *Clerk) Do(ctx context.Context, cmd Command) (*Done, error) {
	return c.group.Do(ctx, &cmd)
}

// DoAll carries out commands in their order, many to a commit, and returns what became of each. A refused one stops none of the
// others. On an otherwise idle log the same commands give the same acts. If ctx ends first, the rest are not done; those under
// way may be.
func (c *Clerk) DoAll(ctx context.Context, cmds []Command) []Result {
	list := make([]*Command, len(cmds))
	for i := range cmds {
		list[i] = &cmds[i]
	}
	return c.group.DoAll(ctx, list)
}

// Clamped returns by how much legal time was behind the newest act when something was last written; zero when all
// is well. Health raises an alarm on it.
func (c *Clerk) Clamped() time.Duration { return time.Duration(c.clamped.Load()) * time.Microsecond }

// commit runs a batch in one transaction, or in several where a command changes what later ones may do. If writing fails,
// commands are tried one by one, so that one which the database refuses does not take the others with it.
func (c *Clerk) commit(cmds []*Command) []store.Result[*Done] {
	results := make([]store.Result[*Done], 0, len(cmds))
	for len(results) < len(cmds) {
		left := cmds[len(results):]
		some, err := c.together(left)
		if err == nil {
			results = append(results, some...)
			continue
		}
		if len(left) == 1 || errors.Is(err, ledger.ErrNoLog) || errors.Is(err, ErrUnknown) {
			err = c.unavailable(err)
			for range left {
				results = append(results, store.Result[*Done]{Err: err})
			}
			return results
		}
		for i := range left {
			one, err := c.together(left[i : i+1])
			if err != nil {
				one = []store.Result[*Done]{{Err: c.unavailable(err)}}
			}
			results = append(results, one...)
		}
	}
	return results
}

// together tries a batch as a whole and answers its first commands, as many as share one transaction: a command that changes
// who may do what is its last. An error means that nothing of it was written, or is ErrUnknown.
//
// PostgreSQL takes a while to lock the head, and nearly always it is as this clerk left it, so the batch is decided meanwhile. Where
// another process has written since, the batch is decided again.
func (c *Clerk) together(cmds []*Command) ([]store.Result[*Done], error) {
	results, err := c.decide(cmds, true)
	if errors.Is(err, errMoved) {
		return c.decide(cmds, false)
	}
	return results, err
}

// decide is together. With trust it fails with errMoved where the log is not as this clerk left it.
func (c *Clerk) decide(cmds []*Command, trust bool) ([]store.Result[*Done], error) {
	ctx := context.Background() // what was handed in is finished, whoever stopped waiting
	results := make([]store.Result[*Done], 0, len(cmds))
	var p *pass
	decided := false
	err := c.DB.Write(ctx, func(tx *store.Tx) (err error) {
		defer caught(&err)
		p, err = c.begin(ctx, tx, cmds, trust)
		if err != nil {
			return err
		}
		p.startSealing(ctx, weight(cmds))
		defer func() { err = errors.Join(err, p.stopSealing(ctx)) }()
		for _, cmd := range cmds {
			done, err := p.do(ctx, cmd)
			if err != nil && !isRefusal(err) {
				return fmt.Errorf("%s: %w", cmd.name(), err)
			}
			results = append(results, store.Result[*Done]{Out: done, Err: err})
			if p.mandatesChanged {
				break
			}
		}
		err = p.flush(ctx)
		decided = err == nil
		return err
	})
	if err != nil && decided {
		err = c.recall(ctx, p, err)
	}
	c.settle(p, err)
	if err != nil {
		return nil, err
	}
	return results, nil
}

// caught turns a panic, in a desk's decision for instance, into an error that rolls the transaction back: one command never
// takes the server down. Of the panic's value only the type is told, for it may hold what somebody wrote.
func caught(err *error) {
	r := recover()
	if r == nil {
		return
	}
	cause, ok := r.(runtime.Error)
	if !ok {
		*err = fmt.Errorf("panic of type %T\n%s", r, debug.Stack())
		return
	}
	*err = fmt.Errorf("panic: %w\n%s", cause, debug.Stack())
}

// ErrUnknown means that the connection broke while the database was committing, and that nobody could be asked since: the
// acts may be recorded or not.
var ErrUnknown = errors.New("the database was lost while it was committing: look at the file before trying again")

// recall finds out what became of a commit that ended in an error: a connection that breaks on the way back leaves a commit
// that was made. Trying such commands again would record them twice.
func (c *Clerk) recall(ctx context.Context, p *pass, failed error) error {
	if len(p.acts) == 0 {
		return failed
	}
	const patience, pause = 10 * time.Second, 100 * time.Millisecond
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		kept := false
		err := c.DB.Write(ctx, func(tx *store.Tx) error {
			_, err := ledger.Lock(ctx, tx) // waits for a commit that is still under way
			if err != nil {
				return err
			}
			_, err = c.readAudience(ctx, tx, p.acts[0].ID)
			kept = err == nil
			if errors.Is(err, errNoAct) {
				return nil
			}
			return err
		})
		switch {
		case err == nil && kept:
			c.Log.WarnContext(ctx, "a commit was made though the database reported an error", slog.Any("err", failed))
			return nil
		case err == nil:
			return failed
		}
		select {
		case <-ctx.Done():
			return errors.Join(ErrUnknown, failed, err)
		case <-time.After(pause):
		}
	}
}

// settle keeps what the pass learned about access when it was committed, and forgets it when it was not.
func (c *Clerk) settle(p *pass, err error) {
	c.left = nil
	if p == nil {
		return
	}
	if err != nil || p.accessChanged {
		c.memo = memo{}
	}
	if err != nil {
		c.shelf = shelf{}
		c.Book.Forget()
		return
	}
	c.shelf.put(p.head.Edge.Size(), p.files)
	if !p.accessChanged && c.DB.Engine() == store.Postgres { // SQLite has told how the head stands before anybody can ask
		c.left = p.head
	}
	c.listed = append(c.listed, p.lists...)
	c.clamped.Store(p.behind)
}

func (cmd *Command) name() string {
	if cmd.Step != "" {
		return cmd.Protocol + "/" + cmd.Step
	}
	return cmd.Kind
}
