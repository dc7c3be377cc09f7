package store

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
)

// ErrStopped is returned to whoever asks a stopped Group.
var ErrStopped = errors.New("shutting down: nothing was written, try again on another server")

// Group gathers calls that arrive while a commit is under way and runs them together: one transaction, one sync,
// many acknowledgements. Calls in a batch keep their order of arrival.
type Group[In, Out any] struct {
	most  int
	run   func([]In) []Result[Out]
	lists chan list[In, Out]
	stop  chan struct{}
	ended chan struct{}
	wake  chan struct{} // tells the loop that calls came to wait where none did
	slots sync.Pool     // of chan Result[Out], each empty
	known int           // how many had called when the last batch was answered; the loop's

	turn    sync.Mutex // for what follows
	calls   []call[In, Out]
	stopped bool
	waits   atomic.Int64 // how many calls there are, for whoever looks without the turn
}

// list is calls of one caller that are run together, in their order.
type list[In, Out any] struct {
	ins  []In
	done chan []Result[Out]
}

type call[In, Out any] struct {
	in   In
	done chan Result[Out]
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
		most: most, run: run, lists: make(chan list[In, Out]), stop: make(chan struct{}), ended: make(chan struct{}), wake: make(chan struct{}, 1),
		slots: sync.Pool{New: func() any { return make(chan Result[Out], 1) }},
	}
	go g.loop()
	return g
}

// Do hands in one call and waits for its answer. If ctx ends first the call may still be carried out: whoever
// stops waiting does not know.
func (g *Group[In, Out]) Do(ctx context.Context, in In) (Out, error) {
	var none Out
	err := ctx.Err()
	if err != nil {
		return none, err
	}
	done := g.slots.Get().(chan Result[Out]) //nolint:forcetypeassert // nothing else is put there
	g.turn.Lock()
	if g.stopped {
		g.turn.Unlock()
		return none, ErrStopped
	}
	g.calls = append(g.calls, call[In, Out]{in, done})
	g.waits.Store(int64(len(g.calls)))
	first := len(g.calls) == 1
	g.turn.Unlock()
	if first {
		select {
		case g.wake <- struct{}{}:
		default: // it is to look already
		}
	}
	select {
	case r := <-done:
		g.slots.Put(done)
		return r.Out, r.Err
	case <-ctx.Done():
		return none, ctx.Err() // the answer may still come, so the slot is not used again
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
	g.turn.Lock()
	g.stopped = true
	g.turn.Unlock()
	close(g.stop)
	<-g.ended
}

func (g *Group[In, Out]) loop() {
	defer close(g.ended)
	var batch []call[In, Out]
	ins := make([]In, 0, g.most)
	for {
		batch = g.waiting(batch[:0])
		if len(batch) == 0 {
			select {
			case <-g.wake:
			case l := <-g.lists:
				l.done <- g.run(l.ins)
			case <-g.stop:
				if batch = g.waiting(batch); len(batch) == 0 {
					return
				}
				g.answer(batch, ins)
			}
			continue
		}
		batch = g.gather(batch)
		g.answer(batch, ins)
		select { // a list has its turn after a batch of others
		case l := <-g.lists:
			l.done <- g.run(l.ins)
		default:
		}
	}
}

const (
	// plenty is how many calls go at once: others are prepared by their callers while these are written, which gains more than
	// it costs not to share a sync with them.
	plenty = 96
	// fruitless is how often in a row nobody may come before a smaller batch goes. Where other work is waiting for processors, each
	// time is as long as that work takes, so it is not often.
	fruitless = 3
)

// gather adds to a small batch those who were just answered and are about to ask again: it lets them run for as long as that
// brings calls. Without it every second batch would have only those who were quick. It costs a lone caller nothing.
func (g *Group[In, Out]) gather(batch []call[In, Out]) []call[In, Out] {
	want := int64(min(g.known, plenty, g.most) - len(batch))
	came := int64(0)
	for idle := 0; idle < fruitless && came < want; idle++ {
		runtime.Gosched()
		if n := g.waits.Load(); n > came {
			came, idle = n, -1
		}
	}
	if came == 0 {
		return batch
	}
	return g.waiting(batch)
}

// waiting moves calls that wait into the batch, as many as still go in.
func (g *Group[In, Out]) waiting(batch []call[In, Out]) []call[In, Out] {
	g.turn.Lock()
	defer g.turn.Unlock()
	n := min(g.most-len(batch), len(g.calls))
	batch = append(batch, g.calls[:n]...)
	left := copy(g.calls, g.calls[n:])
	clear(g.calls[left:])
	g.calls = g.calls[:left]
	g.waits.Store(int64(left))
	return batch
}

// answer runs a batch and hands out what became of it.
func (g *Group[In, Out]) answer(batch []call[In, Out], ins []In) {
	for i := range batch {
		ins = append(ins, batch[i].in)
	}
	answers := g.run(ins)
	g.turn.Lock()
	g.known = len(batch) + len(g.calls)
	g.turn.Unlock()
	for i, r := range answers {
		batch[i].done <- r
	}
	clear(batch) // nothing of it is kept alive until the next
	clear(ins)
}
