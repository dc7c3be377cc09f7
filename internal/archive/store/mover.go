package store

import (
	"context"
	"database/sql"
	"sync"

	"modernc.org/sqlite"
)

// mover brings what commits wrote into SQLite's write-ahead log to its place in the database's file, beside the writer.
// Left to the writer, every hundredth commit would wait for it, and with it all who share that commit. It takes part in no
// promise: a commit is safe in the log before anyone hears of it.
type mover struct {
	enough int           // how many pages of the log are moved together
	pages  int           // written since the mover was last asked; under the writer's turn
	ask    chan struct{} // has something in it when there is enough to move
	stop   context.CancelFunc
	ended  chan struct{}
}

const (
	// movePages is how long the log gets, in pages of 4 KB: the longer, the less often the disk has to put two files in order, and
	// the longer a start after a crash reads.
	movePages = 8000
	// writerPages is from which length on the writer moves them itself, should the mover be late.
	writerPages = 4 * movePages
	// besides is how often the mover tries beside the writer, each time for the fewer pages that were written meanwhile.
	besides = 2
)

// startMover starts the mover of a database that is open.
func (db *DB) startMover() {
	ctx, stop := context.WithCancel(context.Background())
	db.mover = &mover{enough: movePages, ask: make(chan struct{}, 1), stop: stop, ended: make(chan struct{})}
	go db.mover.run(ctx, db.read, &db.lite.turn)
}

func (m *mover) run(ctx context.Context, pool *sql.DB, turn *sync.Mutex) {
	defer close(m.ended)
	for {
		select {
		case <-m.ask:
		case <-ctx.Done():
			return
		}
		m.pass(ctx, pool, turn)
	}
}

// pass moves what there is. A failure is not told: nothing is lost by it, the next pass moves more, and a disk that can't be
// written fails the next commit, too.
func (m *mover) pass(ctx context.Context, pool *sql.DB, turn *sync.Mutex) {
	conn, err := pool.Conn(ctx) // before the turn: nobody who holds a connection may wait for a writer that waits for one
	if err != nil {
		return
	}
	defer conn.Close() //nolint:errcheck // it goes back to its pool
	for range besides {
		_, _ = conn.ExecContext(ctx, moveAll)
	}
	turn.Lock() // the log starts anew only after a moment in which nothing of it is left to move
	defer turn.Unlock()
	_, _ = conn.ExecContext(ctx, moveAll)
}

// moveAll moves whatever no reader still needs where it is, and waits for nobody.
const moveAll = "PRAGMA wal_checkpoint(PASSIVE)"

// wrote counts the pages of a commit and asks the mover when there are enough. The caller holds the writer's turn.
func (m *mover) wrote(conn *sql.Conn) {
	_ = conn.Raw(func(c any) error {
		n, _, err := c.(sqlite.DBStatus).Status(sqlite.DBStatusCacheWrite, true) //nolint:forcetypeassert // the driver is ours to choose
		m.pages += n
		return err
	})
	if m.pages < m.enough {
		return
	}
	m.pages = 0
	select {
	case m.ask <- struct{}{}:
	default: // it is at it
	}
}

func (m *mover) close() {
	m.stop()
	<-m.ended
}
