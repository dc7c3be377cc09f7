package clerk

import (
	"context"
	"sync"

	"sanad/internal/archive/ledger"
	"sanad/internal/archive/store"
)

// turn is a transaction of which two goroutines make use, never at a time: whoever decides has it from when it first asks something
// of the database until the command is decided, with its savepoint and all it read; in between, acts of commands before are written.
type turn struct {
	tx   *store.Tx
	mu   sync.Mutex
	held bool // by whoever decides
}

// take is the transaction, for whoever decides, until they leave it.
func (t *turn) take() *store.Tx {
	if !t.held {
		t.mu.Lock()
		t.held = true
	}
	return t.tx
}

// leave lets the other goroutine have the transaction.
func (t *turn) leave() {
	if t.held {
		t.held = false
		t.mu.Unlock()
	}
}

// between runs f with the transaction, unless whoever decides has it: it never waits for them, who may be waiting for it.
func (t *turn) between(f func(*store.Tx) error) error {
	if !t.mu.TryLock() {
		return nil
	}
	defer t.mu.Unlock()
	return f(t.tx)
}

// early links acts and puts them into the log's batch while later ones are decided, on the goroutine that seals them. Into SQLite it
// writes them at once, in statements of as many rows as there would be at the end. PostgreSQL gets a portion in one statement, so most
// commits whole, and works on it while the rest is being made. The rows are the same, in the same order, as if all had been written at
// the end.
type early struct {
	p      *pass
	head   *ledger.Head // moved along; the pass's own stays as it was until the end
	batch  *ledger.Batch
	given  int // decided acts that were handed over; of whoever decides
	taken  int // jobs
	linked int // decided acts that are in the batch
}

const (
	// chunk is how many acts are handed over at a time, while others are decided. SQLite is written to as often.
	chunk = 8
	// portion is how many acts PostgreSQL is sent at a time. Fewer gain nothing: to begin earlier costs whoever decides the processor
	// that the server then needs.
	portion = 256
)

func newEarly(p *pass, acts int) *early {
	head := p.head.Clone()
	return &early{p: p, head: head, batch: ledger.NewBatchFor(head, acts)}
}

// handOver has what was decided sealed and written, if it is enough acts.
func (p *pass) handOver(enough int) {
	s, e := p.sealer, p.early
	if s == nil || len(p.decided)-e.given < enough {
		return
	}
	s.hand(p.decided[e.given:len(p.decided):len(p.decided)])
	e.given = len(p.decided)
}

// write puts decided acts into the batch and writes those in it, if the transaction is free; if not, the next call does, or whoever
// flushes.
// It does nothing once a job was taken by another: then what is handed over may not be sealed yet.
func (e *early) write(ctx context.Context, j job) error {
	if e == nil || j.number != e.taken {
		return nil
	}
	e.taken++
	for _, w := range j.decided {
		e.p.link(w)
		e.batch.Add(&w.entry)
	}
	e.linked += len(j.decided)
	enough := 1
	if e.p.c.DB.Engine() == store.Postgres {
		enough = portion
	}
	if e.batch.Unwritten() < enough {
		return nil
	}
	return e.p.tx.between(func(tx *store.Tx) error {
		err := e.p.stands() // or the rows would be refused for standing where another process has written
		if err != nil {
			return err
		}
		return e.batch.WriteActs(ctx, tx)
	})
}

// begun is the batch that was begun, and the decided acts which are not in it yet. Nothing is being sealed any more.
func (p *pass) begun() (*ledger.Batch, []*written) {
	if p.early == nil {
		return ledger.NewBatchFor(p.head, len(p.decided)), p.decided
	}
	p.head = p.early.head
	return p.early.batch, p.decided[p.early.linked:]
}
