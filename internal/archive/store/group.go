package store

import (
	"context"
	"errors"
	"runtime"
)

// ErrStopped is returned to whoever asks a stopped Group.
var ErrStopped = errors.New("shutting down: nothing was written, try again on another server")

// Group gathers calls that arrive while a commit is under way and runs them together: one transaction, one sync,
// many acknowledgements. Calls in a batch keep their order of arrival.
type Group[In, Out any] struct {
	calls chan call[In, Out]
	lists chan list[In, Out]
	most  int
	stop  chan struct{}
	ended chan struct{}
}

// list is calls of one caller that are run together, in their order.
type list[In, Out any] struct {
	ins  []In
	done chan []Result[Out]
}

type call[In, Out any] struct {
	in   In
	done chan outcome[Out]
}

type outcome[Out any] struct {
	out Out
	err error
}

// Result is what run answers for one call.
type Result[Out any] struct {
	Out Out
	Err error
}

// NewGroup starts a group. run gets between 1 and most calls and answers each, in order; it alone decides what a
// failure of the whole means for each call. Close it to end it.
func NewGroup[In, Out any](most int, run func([]In) []Result[Out]) *Group[In, Out] {
	g := &Group[In, Out]{
		calls: make(chan call[In, Out], 4*most), lists: make(chan list[In, Out]), most: most, stop: make(chan struct{}), ended: make(chan struct{}),
	}
	go g.loop(most, run)
	return g
}

// Do hands in one call and waits for its answer. If ctx ends first the call may still be carried out: whoever
// stops waiting does not know.
func (g *Group[In, Out]) Do(ctx context.Context, in In) (Out, error) {
	c := call[In, Out]{in, make(chan outcome[Out], 1)}
	var none Out
	select {
	case <-g.stop:
		return none, ErrStopped
	default:
	}
	select {
	case g.calls <- c:
	case <-ctx.Done():
		return none, ctx.Err()
	case <-g.stop:
		return none, ErrStopped
	}
	select {
	case o := <-c.done:
		return o.out, o.err
	case <-ctx.Done():
		return none, ctx.Err()
	case <-g.ended:
		select {
		case o := <-c.done:
			return o.out, o.err
		default:
			return none, ErrStopped
		}
	}
}

// DoAll hands in calls that are run in their order, as many together as a batch may hold and none of another caller among them,
// and returns an answer for each. Others get their turn between two batches. If ctx ends first, or the group is closed, the batch
// under way is finished and what is left is answered with that error.
func (g *Group[In, Out]) DoAll(ctx context.Context, ins []In) []Result[Out] {
	out := make([]Result[Out], 0, len(ins))
	for len(out) < len(ins) {
		left := ins[len(out):]
		some := list[In, Out]{left[:min(g.most, len(left))], make(chan []Result[Out], 1)}
		err := ctx.Err()
		select {
		case <-g.stop:
			err = ErrStopped
		default:
			if err != nil {
				break
			}
			select {
			case g.lists <- some:
			case <-ctx.Done():
				err = ctx.Err()
			case <-g.stop:
				err = ErrStopped
			}
		}
		if err != nil {
			for range left {
				out = append(out, Result[Out]{Err: err})
			}
			return out
		}
		out = append(out, <-some.done...) // the loop took it, so it answers
	}
	return out
}

// Close refuses further calls, answers those already handed in, and waits.
func (g *Group[In, Out]) Close() {
	close(g.stop)
	<-g.ended
}

func (g *Group[In, Out]) loop(most int, run func([]In) []Result[Out]) {
	defer close(g.ended)
	batch := make([]call[In, Out], 0, most)
	ins := make([]In, 0, most)
	for {
		batch, ins = batch[:0], ins[:0]
		select {
		case c := <-g.calls:
			batch = append(batch, c)
		case l := <-g.lists:
			l.done <- run(l.ins)
			continue
		case <-g.stop:
			select {
			case c := <-g.calls:
				batch = append(batch, c)
			default:
				return
			}
		}
		// Those who were just answered are about to ask again: let them run for as long as that brings calls. It costs a
		// lone caller nothing, and without it every second batch would have only those who were quick.
		for before := 0; before < len(batch) && len(batch) < most; {
			before = len(batch)
			runtime.Gosched()
			batch = g.waiting(batch, most)
		}
		for _, c := range batch {
			ins = append(ins, c.in)
		}
		for i, r := range run(ins) {
			batch[i].done <- outcome[Out]{r.Out, r.Err}
		}
	}
}

// waiting takes what is there without waiting for more.
func (g *Group[In, Out]) waiting(batch []call[In, Out], most int) []call[In, Out] {
	for len(batch) < most {
		select {
		case c := <-g.calls:
			batch = append(batch, c)
		default:
			return batch
		}
	}
	return batch
}
