package clerk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sanad/internal/act"
	"sanad/internal/archive/ledger"
	"sanad/internal/archive/seal"
	"sanad/internal/archive/store"
	"sanad/internal/law/protocol"
	"sanad/internal/office/access"
)

// A page asks about many acts and files at once: each of these answers all in one transaction.

// Reading is one of several acts that were asked for. Err says why its body can't be opened; its envelope stands all the same,
// so that one broken act hides no other.
type Reading struct {
	Opened
	Err error
}

// OpenAll opens those of some acts that a mandate may read, in one transaction. What it does not return is hidden from the
// mandate, or does not exist.
func (c *Clerk) OpenAll(ctx context.Context, mandate act.ID, ids []act.ID) (map[act.ID]*Reading, error) {
	out := make(map[act.ID]*Reading, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	err := c.DB.Read(ctx, func(tx *store.Tx) error {
		stored, err := c.readable(ctx, tx, mandate, ids)
		if err != nil {
			return err
		}
		for _, s := range stored {
			o := &Reading{}
			o.Seq = s.Seq
			o.Envelope, _, o.Body, err = c.open(ctx, tx, s)
			switch {
			case errors.Is(err, seal.ErrDestroyed):
				o.Erased = true
			case ctx.Err() != nil || err != nil && o.Envelope == nil:
				return errors.Join(err, ctx.Err())
			default:
				o.Err = err
			}
			out[s.ID] = o
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Find returns those of some acts that a mandate may read, without opening them, in one transaction.
func (c *Clerk) Find(ctx context.Context, mandate act.ID, ids []act.ID) (map[act.ID]Recorded, error) {
	out := make(map[act.ID]Recorded, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	err := c.DB.Read(ctx, func(tx *store.Tx) error {
		stored, err := c.readable(ctx, tx, mandate, ids)
		if err != nil {
			return err
		}
		for _, s := range stored {
			env, err := act.Decode(s.Envelope)
			if err != nil {
				return fmt.Errorf("act %d: %w", s.Seq, err)
			}
			out[s.ID] = Recorded{s.Seq, env}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// readable are those of some acts that a mandate may read, as they are stored.
func (c *Clerk) readable(ctx context.Context, tx *store.Tx, mandate act.ID, ids []act.ID) ([]*ledger.Stored, error) {
	stored, err := ledger.ByIDs(ctx, tx, c.names, ids)
	if err != nil {
		return nil, err
	}
	may := map[act.ID]bool{}
	for _, s := range stored {
		if _, asked := may[s.Audience]; asked {
			continue
		}
		may[s.Audience], err = c.Book.May(ctx, tx, mandate, s.Audience)
		if err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(stored, func(s *ledger.Stored) bool { return !may[s.Audience] }), nil
}

// Views reads several files for a mandate at one moment, in one transaction, in the order asked. A file none of whose acts the
// mandate may read is left out, like one that does not exist.
func (c *Clerk) Views(ctx context.Context, mandate act.ID, files []act.ID) ([]*View, error) {
	if len(files) == 0 {
		return nil, nil
	}
	var out []*View
	err := c.DB.Read(ctx, func(tx *store.Tx) error {
		at := act.InstantOf(c.Clock())
		who, err := c.inForce(ctx, tx, mandate, at)
		if err != nil {
			return err
		}
		for _, file := range files {
			v, err := c.viewIn(ctx, tx, who, file, at)
			if err != nil {
				return err
			}
			if v != nil {
				out = append(out, v)
			}
		}
		return nil
	})
	return out, err
}

// Starts is the view of a file that is not there yet: which first steps of a sort of file a mandate may do now, and what blocks
// the others. View.File is zero, and it has no acts.
func (c *Clerk) Starts(ctx context.Context, mandate act.ID, sort string) (*View, error) {
	v := &View{Sort: sort, At: act.InstantOf(c.Clock())}
	err := c.DB.Read(ctx, func(tx *store.Tx) error {
		who, err := c.inForce(ctx, tx, mandate, v.At)
		if err != nil {
			return err
		}
		q, lookup, err := c.question(ctx, tx, who, &protocol.State{}, v.At)
		if err != nil {
			return err
		}
		q.Sort = sort
		v.Moves = c.Engine.Possible(q)
		return lookup()
	})
	if err != nil {
		return nil, err
	}
	return v, nil
}

// Ask is the engine's whole answer to a command that does a step, as the mandate may know the file, and writes nothing: the grant
// with its deadlines, or the refusal. What it answers is not promised: Do asks again.
func (c *Clerk) Ask(ctx context.Context, cmd *Command) (*protocol.Grant, error) {
	var grant protocol.Grant
	err := c.DB.Read(ctx, func(tx *store.Tx) error {
		now := act.InstantOf(c.Clock())
		who, err := c.inForce(ctx, tx, cmd.Mandate, now)
		if err != nil {
			return err
		}
		seen, _, err := c.seenBy(ctx, tx, who, cmd.File)
		if err != nil {
			return err
		}
		if seen == nil {
			return notFound()
		}
		q, lookup, err := c.question(ctx, tx, who, seen, now)
		if err != nil {
			return err
		}
		q.Effective, q.Proposed = cmd.Act.Effective, cmd.Act.Facts
		grant, err = c.Engine.Allow(q, protocol.Place{Protocol: cmd.Protocol, Run: cmd.Procedure, Step: cmd.Step})
		if err != nil {
			return errors.Join(closedGate(err), lookup())
		}
		return lookup()
	})
	if err != nil {
		return nil, err
	}
	return &grant, nil
}

// inForce is a mandate that is in force at an instant; anybody else is refused.
func (c *Clerk) inForce(ctx context.Context, tx *store.Tx, mandate act.ID, at act.Instant) (access.Mandate, error) {
	who, err := c.Book.Mandate(ctx, tx, mandate)
	if errors.Is(err, access.ErrUnknownMandate) || err == nil && !who.InForce(at) {
		return who, forbidden()
	}
	return who, err
}

// viewIn is a file as a mandate sees it; nil where it sees nothing of it.
func (c *Clerk) viewIn(ctx context.Context, tx *store.Tx, who access.Mandate, file act.ID, at act.Instant) (*View, error) {
	v := &View{File: file, At: at}
	seen, acts, err := c.seenBy(ctx, tx, who, file)
	if err != nil || seen == nil {
		return nil, err
	}
	v.Acts = acts
	v.Seen, v.Sort = acts[len(acts)-1].Seq+1, seen.Sort
	q, lookup, err := c.question(ctx, tx, who, seen, at)
	if err != nil {
		return nil, err
	}
	v.Moves = c.Engine.Possible(q)
	v.Running = c.Engine.Running(seen)
	v.Migrations, v.Lost = c.Engine.Migrations(q), c.Engine.Lost(seen)
	return v, lookup()
}

// seenBy folds what a mandate may read of a file, and nothing else: what may be done must tell nothing of a hidden thread. The
// state is nil where it may read nothing.
func (c *Clerk) seenBy(ctx context.Context, tx *store.Tx, who access.Mandate, file act.ID) (*protocol.State, []Recorded, error) {
	stored, err := ledger.OfFile(ctx, tx, file, who.ID)
	if err != nil || len(stored) == 0 {
		return nil, nil, err
	}
	seen, acts := &protocol.State{Partly: true}, make([]Recorded, 0, len(stored))
	for _, s := range stored {
		env, err := act.Decode(s.Envelope)
		if err == nil {
			err = seen.Fold(env)
		}
		if err != nil {
			return nil, nil, fmt.Errorf("act %d: %w", s.Seq, err)
		}
		acts = append(acts, Recorded{s.Seq, env})
	}
	return seen, acts, nil
}

// question is what the engine is asked for a mandate about a state. lookup says afterwards what went wrong while it was answered.
func (c *Clerk) question(ctx context.Context, tx *store.Tx, who access.Mandate, seen *protocol.State, at act.Instant) (q protocol.Question, lookup func() error, err error) {
	for _, t := range seen.Threads { // or Reads would not know what the gates may use
		err = c.Book.Known(ctx, tx, t.Audience)
		if err != nil {
			return q, nil, err
		}
	}
	var failed error
	known := map[string]act.ID{} // most steps of a file ask for the same few audiences
	q = protocol.Question{
		State: seen, Now: at, Mandate: who.ID, Person: who.Person, Roles: []string{who.Role}, Reads: c.Book.Reads,
		Audience: func(codes []string) act.ID {
			key := strings.Join(codes, " ")
			id, asked := known[key]
			if asked {
				return id
			}
			id, err := c.Book.Lookup(ctx, tx, slices.Clone(codes))
			failed = errors.Join(failed, err)
			known[key] = id
			return id
		},
	}
	out, err := c.outsideOf(ctx, tx, seen, at)
	if err != nil {
		return q, nil, err
	}
	q.Outside = out
	return q, func() error { return failed }, nil
}
